//! What is signed besides plans: heads of zone sets, orders to clear a latch, officers' certificates, firmware manifests.

use super::{COMMAND_DOMAIN, sealed};
use crate::{
    FrameId, UnixMillis,
    cbor::Fields,
    codec::{DecodeError, EncodeError, Writer, required, writable},
    downlink::CommandKind,
};

/// Most bytes of an encoded zone set.
pub const ZONE_SET_BYTES_MAX: usize = 16 * ZONE_PART_BYTES_MAX;
/// Bytes of every part of a zone set but the last, which may be shorter.
pub const ZONE_PART_BYTES_MAX: usize = 1024;

/// Which zone set the parts make up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZoneSetHead {
    /// Number of this set, counted up by the centre; 0 is the empty set that a device starts with.
    pub version: u32,
    /// The set this one replaces; a device that has another refuses it.
    pub base_version: u32,
    /// Bytes of the whole set, up to [`ZONE_SET_BYTES_MAX`].
    pub size: u32,
    /// SHA-256 of the whole set.
    pub hash: [u8; 32],
}

impl ZoneSetHead {
    /// Number of parts: the last one has what is left. A set of no bytes has one part without bytes.
    pub const fn parts(&self) -> u8 {
        // At most 16, since the size is bounded.
        (if self.size == 0 { 1 } else { self.size.div_ceil(ZONE_PART_BYTES_MAX as u32) }) as u8
    }

    /// Where the bytes of a part lie in the set, if there is such a part.
    pub fn part_range(&self, part: u8) -> Option<core::ops::Range<usize>> {
        let begin = usize::from(part) * ZONE_PART_BYTES_MAX;
        let end = (begin + ZONE_PART_BYTES_MAX).min(self.size as usize);
        (part < self.parts()).then_some(begin..end)
    }
}

impl sealed::Body for ZoneSetHead {
    const DOMAIN: &'static [u8] = COMMAND_DOMAIN;
    const KIND: Option<u8> = Some(CommandKind::Zones as u8);

    fn encode(&self, writer: &mut Writer<'_>) -> Result<(), EncodeError> {
        if self.size as usize > ZONE_SET_BYTES_MAX {
            return Err(EncodeError::Value);
        }
        writer
            .map(4)?
            .u8(3)?
            .u32(self.version)?
            .u8(4)?
            .u32(self.base_version)?
            .u8(5)?
            .u32(self.size)?
            .u8(6)?
            .bytes(&self.hash)?;
        Ok(())
    }

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        let mut fields = Fields::open(body)?;
        let (mut version, mut base_version, mut size, mut hash) = (None, None, None, None);
        while let Some(key) = fields.next_key()? {
            match key {
                3 => version = Some(fields.number()?),
                4 => base_version = Some(fields.number()?),
                5 => size = Some(fields.at_most(ZONE_SET_BYTES_MAX as u32)?),
                6 => hash = Some(fields.array_of()?),
                _ => fields.skip()?,
            }
        }
        Ok(Self {
            version: required(version, 3)?,
            base_version: required(base_version, 4)?,
            size: required(size, 5)?,
            hash: required(hash, 6)?,
        })
    }
}

/// What latches until an officer clears it. The numbers are the wire's and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(rename_all = "snake_case"))]
#[repr(u8)]
pub enum Latch {
    /// The strap was found open.
    Strap = 1,
    /// The case was found open.
    Case = 2,
}

impl Latch {
    /// Both, by number.
    pub const ALL: [Self; 2] = [Self::Strap, Self::Case];
}

/// An order to clear one latch because of one event: one that opened again later stays latched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClearLatch {
    /// Which.
    pub latch: Latch,
    /// The frame of the event that an officer has dealt with.
    pub event: FrameId,
}

impl sealed::Body for ClearLatch {
    const DOMAIN: &'static [u8] = COMMAND_DOMAIN;
    const KIND: Option<u8> = Some(CommandKind::ClearLatch as u8);

    fn encode(&self, writer: &mut Writer<'_>) -> Result<(), EncodeError> {
        writer
            .map(3)?
            .u8(3)?
            .u8(self.latch as u8)?
            .u8(4)?
            .u32(self.event.epoch.0)?
            .u8(5)?
            .u32(self.event.seq.0)?;
        Ok(())
    }

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        let mut fields = Fields::open(body)?;
        let (mut latch, mut epoch, mut seq) = (None, None, None);
        while let Some(key) = fields.next_key()? {
            match key {
                3 => {
                    let number: u8 = fields.number()?;
                    let known = Latch::ALL.into_iter().find(|&latch| latch as u8 == number);
                    latch = Some(fields.valid(known)?);
                }
                4 => epoch = Some(fields.number()?),
                5 => seq = Some(fields.number()?),
                _ => fields.skip()?,
            }
        }
        Ok(Self { latch: required(latch, 3)?, event: FrameId::new(required(epoch, 4)?, required(seq, 5)?) })
    }
}

/// The authority's word that a key is an officer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Officer {
    /// The officer's number with the centre.
    pub number: u32,
    /// The officer's Ed25519 key.
    pub public_key: [u8; 32],
    /// Holds from.
    pub from: UnixMillis,
    /// Holds until before.
    pub until: UnixMillis,
}

impl sealed::Body for Officer {
    const DOMAIN: &'static [u8] = b"lenke officer v1";
    const KIND: Option<u8> = None;

    fn encode(&self, writer: &mut Writer<'_>) -> Result<(), EncodeError> {
        writer
            .map(4)?
            .u8(3)?
            .u32(self.number)?
            .u8(4)?
            .bytes(&self.public_key)?
            .u8(5)?
            .i64(writable(self.from)?)?
            .u8(6)?
            .i64(writable(self.until)?)?;
        Ok(())
    }

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        let mut fields = Fields::open(body)?;
        let (mut number, mut public_key, mut from, mut until) = (None, None, None, None);
        while let Some(key) = fields.next_key()? {
            match key {
                3 => number = Some(fields.number()?),
                4 => public_key = Some(fields.array_of()?),
                5 => from = Some(fields.time()?),
                6 => until = Some(fields.time()?),
                _ => fields.skip()?,
            }
        }
        Ok(Self {
            number: required(number, 3)?,
            public_key: required(public_key, 4)?,
            from: required(from, 5)?,
            until: required(until, 6)?,
        })
    }
}

/// What a device checks of a firmware before it takes and each time it starts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The board that it runs on; a device of another refuses it.
    pub board: u32,
    /// Its version, major << 16 | minor << 8 | patch; not above the one that runs: refused.
    pub version: u32,
    /// Bytes of the image.
    pub size: u32,
    /// SHA-256 of the image.
    pub hash: [u8; 32],
    /// From now on nothing below this version may run; at most `version`.
    pub min_version: u32,
}

impl sealed::Body for Manifest {
    const DOMAIN: &'static [u8] = b"lenke release v1";
    const KIND: Option<u8> = None;

    fn encode(&self, writer: &mut Writer<'_>) -> Result<(), EncodeError> {
        if self.size == 0 || self.min_version > self.version {
            return Err(EncodeError::Value);
        }
        writer
            .map(5)?
            .u8(3)?
            .u32(self.board)?
            .u8(4)?
            .u32(self.version)?
            .u8(5)?
            .u32(self.size)?
            .u8(6)?
            .bytes(&self.hash)?
            .u8(7)?
            .u32(self.min_version)?;
        Ok(())
    }

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {
        let mut fields = Fields::open(body)?;
        let (mut board, mut version, mut size, mut hash, mut min_version) = (None, None, None, None, None);
        while let Some(key) = fields.next_key()? {
            match key {
                3 => board = Some(fields.number()?),
                4 => version = Some(fields.number()?),
                5 => {
                    let bytes: u32 = fields.number()?;
                    size = Some(fields.valid((bytes > 0).then_some(bytes))?);
                }
                6 => hash = Some(fields.array_of()?),
                7 => min_version = Some(fields.at_most(required(version, 4)?)?),
                _ => fields.skip()?,
            }
        }
        Ok(Self {
            board: required(board, 3)?,
            version: required(version, 4)?,
            size: required(size, 5)?,
            hash: required(hash, 6)?,
            min_version: required(min_version, 7)?,
        })
    }
}
