//! NOR flash for tests: programming clears bits of erased words, once; power can fail in the middle of any operation.

use embedded_storage::nor_flash::{
    ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash, check_erase, check_write,
};
use std::{vec, vec::Vec};

/// Bytes of an erase page.
pub(super) const PAGE: usize = 2_048;

/// Something that changes the flash.
#[derive(Clone, Debug)]
pub(super) enum Operation {
    Write { at: usize, data: Vec<u8> },
    Erase { at: usize, length: usize },
}

impl Operation {
    pub(super) fn apply(&self, bytes: &mut [u8]) {
        match self {
            Self::Write { at, data } => {
                for (byte, new) in bytes[*at..].iter_mut().zip(data) {
                    *byte &= new;
                }
            }
            Self::Erase { at, length } => bytes[*at..at + length].fill(0xff),
        }
    }

    /// Leaves it half done: a prefix and some bits of the rest are written; of an erasure, bytes are old, erased or anything.
    pub(super) fn tear(&self, bytes: &mut [u8], chance: &mut Chance) {
        match self {
            Self::Write { at, data } => {
                let done = chance.below(data.len() as u64 + 1) as usize;
                let (prefix, rest) = data.split_at(done);
                let sparse = chance.below(2) == 0;
                for (byte, new) in bytes[*at..].iter_mut().zip(prefix) {
                    *byte &= new;
                }
                for (byte, new) in
                    bytes[at + done..].iter_mut().zip(rest).take(if sparse { 8 } else { 4_096 })
                {
                    *byte &= new | chance.next() as u8;
                }
            }
            Self::Erase { at, length } => {
                let style = chance.below(3);
                for byte in &mut bytes[*at..at + length] {
                    match (style, chance.below(4)) {
                        (0, _) | (1, 0) => {}
                        (1, 1..) => *byte = 0xff,
                        (_, 0) => *byte = chance.next() as u8,
                        (_, _) => *byte |= chance.next() as u8,
                    }
                }
            }
        }
    }
}

/// Repeatable numbers (SplitMix64).
#[derive(Clone)]
pub(super) struct Chance(pub(super) u64);

impl Chance {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

/// Flash with words of `WORD` bytes.
#[derive(Clone)]
pub(super) struct Nor<const WORD: usize> {
    pub(super) bytes: Vec<u8>,
    /// Every operation since the last [`Self::power_on`], if they are wanted.
    pub(super) operations: Option<Vec<Operation>>,
    pub(super) erasures: Vec<u32>,
    pub(super) reads: u64,
    pub(super) bytes_read: u64,
    /// Operations until the power fails, and the chance that says how.
    pub(super) cut: Option<(u32, Chance)>,
    off: bool,
    /// Of so many operations one is done, and yet fails; and so many reads after it fail too.
    pub(super) lies: Option<(u64, u32, Chance)>,
    blind: u32,
}

impl<const WORD: usize> Nor<WORD> {
    pub(super) fn new(pages: usize) -> Self {
        Self::from(vec![0xff; pages * PAGE])
    }

    pub(super) fn power_on(mut self) -> Self {
        self.off = false;
        (self.cut, self.lies, self.blind) = (None, None, 0);
        self
    }

    pub(super) fn is_off(&self) -> bool {
        self.off
    }

    fn change(&mut self, operation: Operation) -> Result<(), NorFlashErrorKind> {
        if self.off {
            return Err(NorFlashErrorKind::Other);
        }
        if let Some((left, chance)) = &mut self.cut {
            if *left == 0 {
                operation.tear(&mut self.bytes, chance);
                self.off = true;
                return Err(NorFlashErrorKind::Other);
            }
            *left -= 1;
        }
        operation.apply(&mut self.bytes);
        if let Some(operations) = &mut self.operations {
            operations.push(operation);
        }
        if let Some((one_in, blind, chance)) = &mut self.lies
            && chance.below(*one_in) == 0
        {
            self.blind = *blind;
            return Err(NorFlashErrorKind::Other);
        }
        Ok(())
    }
}

impl<const WORD: usize> From<Vec<u8>> for Nor<WORD> {
    fn from(bytes: Vec<u8>) -> Self {
        let erasures = vec![0; bytes.len() / PAGE];
        Self {
            bytes,
            operations: None,
            erasures,
            reads: 0,
            bytes_read: 0,
            cut: None,
            off: false,
            lies: None,
            blind: 0,
        }
    }
}

impl<const WORD: usize> ErrorType for Nor<WORD> {
    type Error = NorFlashErrorKind;
}

impl<const WORD: usize> ReadNorFlash for Nor<WORD> {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, out: &mut [u8]) -> Result<(), Self::Error> {
        if self.off {
            return Err(NorFlashErrorKind::Other);
        }
        if self.blind > 0 {
            self.blind -= 1;
            return Err(NorFlashErrorKind::Other);
        }
        self.reads += 1;
        self.bytes_read += out.len() as u64;
        let at = offset as usize;
        out.copy_from_slice(self.bytes.get(at..at + out.len()).ok_or(NorFlashErrorKind::OutOfBounds)?);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.bytes.len()
    }
}

impl<const WORD: usize> NorFlash for Nor<WORD> {
    const WRITE_SIZE: usize = WORD;
    const ERASE_SIZE: usize = PAGE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Self::Error> {
        check_erase(self, from, to).map_err(|error| error.kind())?;
        for page in from as usize / PAGE..to as usize / PAGE {
            self.erasures[page] += 1;
        }
        self.change(Operation::Erase { at: from as usize, length: (to - from) as usize })
    }

    fn write(&mut self, offset: u32, data: &[u8]) -> Result<(), Self::Error> {
        check_write(self, offset, data.len()).map_err(|error| error.kind())?;
        let at = offset as usize;
        if !self.off {
            assert!(
                self.bytes[at..at + data.len()].iter().all(|&byte| byte == 0xff),
                "a word is written twice"
            );
        }
        self.change(Operation::Write { at, data: data.to_vec() })
    }
}
