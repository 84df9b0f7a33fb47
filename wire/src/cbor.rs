//! A strict reader of deterministic CBOR (RFC 8949, 4.2.1).
//!
//! `minicbor` writes our CBOR, but as a decoder it is liberal: it takes long integers, indefinite lengths and any key
//! order. One meaning must have one encoding here (the hash chain and the signatures cover bytes), so this reader
//! takes nothing but the shortest form and says which rule was broken.
//!
//! Invariants: never reads past the slice, never recurses (nested unknown values are skipped by counting), never
//! loops without consuming.

use crate::{UnixMillis, codec::DecodeError};

/// 9999-12-31T23:59:59.999Z: what lies beyond is not a time.
pub(crate) const TIME_MS_MAX: i64 = 253_402_300_799_999;

/// Major types of RFC 8949, 3.1.
const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;
const SIMPLE: u8 = 7;

/// Additional information of the simple values false and true.
const FALSE: u64 = 20;
const TRUE: u64 = 21;

/// A position in CBOR bytes.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What is not read yet.
    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(crate) fn byte(&mut self) -> Result<u8, DecodeError> {
        let (&first, rest) = self.rest.split_first().ok_or(DecodeError::Truncated)?;
        self.rest = rest;
        Ok(first)
    }

    fn take(&mut self, count: u64) -> Result<&'a [u8], DecodeError> {
        let count = usize::try_from(count).map_err(|_| DecodeError::Truncated)?;
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(DecodeError::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    fn big_endian<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or(DecodeError::Truncated)?;
        self.rest = rest;
        Ok(*taken)
    }

    /// Major type, additional information and argument of the next item, in its shortest form.
    fn head(&mut self) -> Result<(u8, u8, u64), DecodeError> {
        let first = self.byte()?;
        let (major, info) = (first >> 5, first & 0x1f);
        let (argument, shortest) = match info {
            0..=23 => (u64::from(info), true),
            24 => {
                let [value] = self.big_endian::<1>()?;
                (u64::from(value), value >= if major == SIMPLE { 32 } else { 24 })
            }
            25 => {
                let value = u16::from_be_bytes(self.big_endian()?);
                (u64::from(value), major == SIMPLE || value > u16::from(u8::MAX))
            }
            26 => {
                let value = u32::from_be_bytes(self.big_endian()?);
                (u64::from(value), major == SIMPLE || value > u32::from(u16::MAX))
            }
            27 => {
                let value = u64::from_be_bytes(self.big_endian()?);
                (value, major == SIMPLE || value > u64::from(u32::MAX))
            }
            31 => return Err(DecodeError::Indefinite),
            _ => return Err(DecodeError::NotCbor),
        };
        if shortest { Ok((major, info, argument)) } else { Err(DecodeError::NotShortest) }
    }

    fn expect(&mut self, wanted: u8) -> Result<u64, DecodeError> {
        match self.head()? {
            (major, _, argument) if major == wanted => Ok(argument),
            _ => Err(DecodeError::WrongType),
        }
    }

    pub(crate) fn unsigned(&mut self) -> Result<u64, DecodeError> {
        self.expect(UNSIGNED)
    }

    /// Any integer within `i64`.
    pub(crate) fn integer(&mut self) -> Result<i64, DecodeError> {
        let (major, _, argument) = self.head()?;
        let magnitude = i64::try_from(argument).map_err(|_| DecodeError::WrongType)?;
        match major {
            UNSIGNED => Ok(magnitude),
            NEGATIVE => Ok(-1 - magnitude),
            _ => Err(DecodeError::WrongType),
        }
    }

    pub(crate) fn boolean(&mut self) -> Result<bool, DecodeError> {
        match self.expect(SIMPLE)? {
            FALSE => Ok(false),
            TRUE => Ok(true),
            _ => Err(DecodeError::WrongType),
        }
    }

    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], DecodeError> {
        let length = self.expect(BYTES)?;
        self.take(length)
    }

    /// Number of items of the array that follows.
    pub(crate) fn array(&mut self) -> Result<u64, DecodeError> {
        self.expect(ARRAY)
    }

    /// Steps over one item, however nested. Counting replaces recursion, since every length is definite; a container
    /// cannot announce more items than bytes are left, so the count cannot overflow.
    fn skip(&mut self) -> Result<(), DecodeError> {
        let mut items = 1_u64;
        while items > 0 {
            items -= 1;
            let (major, _, argument) = self.head()?;
            let inside = match major {
                BYTES | TEXT => {
                    self.take(argument)?;
                    0
                }
                ARRAY => argument,
                MAP => argument.saturating_mul(2),
                TAG => 1,
                _ => 0,
            };
            if inside > self.rest.len() as u64 {
                return Err(DecodeError::Truncated);
            }
            items += inside;
        }
        Ok(())
    }
}

/// Walks a map with ascending unsigned keys.
pub(crate) struct Fields<'a> {
    reader: Reader<'a>,
    left: u64,
    key: Option<u64>,
}

impl<'a> Fields<'a> {
    /// Opens the map that `bytes` hold and nothing else.
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let left = reader.expect(MAP)?;
        Ok(Self { reader, left, key: None })
    }

    /// The next key; its value must be read or skipped before the next call. After the last one, nothing may follow.
    pub(crate) fn next_key(&mut self) -> Result<Option<u64>, DecodeError> {
        if self.left == 0 {
            return if self.reader.rest.is_empty() { Ok(None) } else { Err(DecodeError::Trailing) };
        }
        self.left -= 1;
        let key = self.reader.unsigned()?;
        if self.key.is_some_and(|last| last >= key) {
            return Err(DecodeError::KeyOrder);
        }
        self.key = Some(key);
        Ok(Some(key))
    }

    /// The next key must be `key`; its value is an unsigned integer.
    pub(crate) fn leading(&mut self, key: u8) -> Result<u64, DecodeError> {
        if self.next_key()? == Some(u64::from(key)) {
            self.reader.unsigned()
        } else {
            Err(DecodeError::Missing(key))
        }
    }

    pub(crate) fn reader(&mut self) -> &mut Reader<'a> {
        &mut self.reader
    }

    /// Steps over the value of a key that this version does not know.
    pub(crate) fn skip(&mut self) -> Result<(), DecodeError> {
        self.reader.skip()
    }

    /// The value refused below carries the key it stands under.
    fn refused(&self) -> DecodeError {
        DecodeError::Value(self.key.unwrap_or_default().try_into().unwrap_or(u8::MAX))
    }

    /// An integer within the range of `T`.
    pub(crate) fn number<T: TryFrom<i64>>(&mut self) -> Result<T, DecodeError> {
        let value = self.reader.integer()?;
        T::try_from(value).map_err(|_| self.refused())
    }

    /// An integer of at most `max`.
    pub(crate) fn at_most<T: TryFrom<i64> + PartialOrd>(&mut self, max: T) -> Result<T, DecodeError> {
        let value = self.number::<T>()?;
        if value <= max { Ok(value) } else { Err(self.refused()) }
    }

    /// An integer within the range of `T` whose absence means 0.
    pub(crate) fn not_zero<T: TryFrom<i64> + PartialEq + Default>(&mut self) -> Result<T, DecodeError> {
        let value = self.number::<T>()?;
        if value == T::default() { Err(DecodeError::NotShortest) } else { Ok(value) }
    }

    pub(crate) fn time(&mut self) -> Result<UnixMillis, DecodeError> {
        let value = self.reader.integer()?;
        if (0..=TIME_MS_MAX).contains(&value) { Ok(UnixMillis(value)) } else { Err(self.refused()) }
    }

    /// A byte string of exactly `N` bytes.
    pub(crate) fn array_of<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let bytes = self.reader.bytes()?;
        bytes.try_into().map_err(|_| self.refused())
    }

    /// `value` or the refusal of the present key.
    pub(crate) fn valid<T>(&self, value: Option<T>) -> Result<T, DecodeError> {
        value.ok_or_else(|| self.refused())
    }
}
