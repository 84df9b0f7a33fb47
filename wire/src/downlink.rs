//! What the centre tells a device: one small CBOR map, sealed by [`crate::frame::seal`] with [`crate::frame::Direction::Down`].
//!
//! | kind | keys |
//! |---|---|
//! | 16 ack | 3 epoch, 4 seq: every frame of this epoch up to and including seq is committed |
//! | 17 plan | 3 signed body, 4 signature of the authority |
//! | 18 notice | 3 code |
//! | 19 query | none: report the position now |
//! | 20 zones | 3 signed head of the set, 4 signature of the authority, 5 part, from 0, 6 bytes of the part |
//! | 21 pursuit | 3 on, 4 until |
//! | 22 clear-latch | 3 signed body, 4 signature of the officer, 5 certificate, 6 signature of the authority |
//! | 23 ota | 3 signed manifest, 4 signature of the authority |
//!
//! A downlink's (epoch, seq) is the centre's counter: a device takes only a greater one than the last it took, so that an
//! old command cannot be played again. Values that no device could follow are refused here, before they reach one.
//! Signatures are not checked here: see [`crate::command`].

use crate::{
    FrameId, UnixMillis,
    cbor::Fields,
    codec::{DecodeError, EncodeError, INNER_BYTES_MAX, Writer, open, opened, required, writable},
    command::{Body, Manifest, OfficerOrder, Signed, ZoneSetHead},
};
use minicbor::{Encoder, encode::write::Cursor};

pub use crate::command::{INTERVAL_S_MAX, INTERVAL_S_MIN, Plan};

/// Kinds of downlinks. The numbers are the wire's and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(rename_all = "snake_case"))]
#[repr(u8)]
pub enum CommandKind {
    /// [`Downlink::Ack`].
    Ack = 16,
    /// [`Downlink::Plan`].
    Plan = 17,
    /// [`Downlink::Notice`].
    Notice = 18,
    /// [`Downlink::Query`].
    Query = 19,
    /// [`Downlink::Zones`].
    Zones = 20,
    /// [`Downlink::Pursuit`].
    Pursuit = 21,
    /// [`Downlink::ClearLatch`].
    ClearLatch = 22,
    /// [`Downlink::Ota`].
    Ota = 23,
}

impl CommandKind {
    /// All kinds, by number.
    pub const ALL: [Self; 8] = [
        Self::Ack,
        Self::Plan,
        Self::Notice,
        Self::Query,
        Self::Zones,
        Self::Pursuit,
        Self::ClearLatch,
        Self::Ota,
    ];

    /// The kind of this number.
    pub fn from_number(number: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|&kind| kind as u64 == number)
    }
}

/// A command to a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Downlink<'a> {
    /// Every frame of that epoch up to and including that seq is committed.
    Ack(FrameId),
    /// A supervision plan to follow from now on; signed by the authority.
    Plan(Signed<'a, Plan>),
    /// Something to tell the wearer.
    Notice(NoticeCode),
    /// Report the position now.
    Query,
    /// A part of a zone set, which holds once all parts are there.
    Zones(ZonesPart<'a>),
    /// Follow closely, or do so no longer.
    Pursuit(Pursuit),
    /// Clear a latch; signed by an officer.
    ClearLatch(OfficerOrder<'a>),
    /// Take a firmware; signed by the authority, the same for every device of a board.
    Ota(Signed<'a, Manifest>),
}

impl Downlink<'_> {
    /// Which kind it is.
    pub const fn kind(&self) -> CommandKind {
        match self {
            Self::Ack(_) => CommandKind::Ack,
            Self::Plan(_) => CommandKind::Plan,
            Self::Notice(_) => CommandKind::Notice,
            Self::Query => CommandKind::Query,
            Self::Zones(_) => CommandKind::Zones,
            Self::Pursuit(_) => CommandKind::Pursuit,
            Self::ClearLatch(_) => CommandKind::ClearLatch,
            Self::Ota(_) => CommandKind::Ota,
        }
    }
}

/// One part of a zone set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZonesPart<'a> {
    /// The set that it belongs to; signed by the authority.
    pub head: Signed<'a, ZoneSetHead>,
    /// Which part, from 0; there are [`ZoneSetHead::parts`].
    pub part: u8,
    /// Its bytes: exactly as many as [`ZoneSetHead::part_range`] has.
    pub bytes: &'a [u8],
}

impl ZonesPart<'_> {
    fn is_whole(&self) -> bool {
        self.head.unverified().part_range(self.part).is_some_and(|range| range.len() == self.bytes.len())
    }
}

/// Whether to follow closely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pursuit {
    /// Begin, or end.
    pub on: bool,
    /// Ends by itself at this time; the battery may end it before.
    pub until: UnixMillis,
}

/// What a device tells its wearer, by vibration, light or text. The numbers are the wire's and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(rename_all = "snake_case"))]
#[repr(u8)]
pub enum NoticeCode {
    /// Charge the device soon.
    Charge = 1,
    /// Call the monitoring centre.
    CallCentre = 2,
    /// Leave the area you are in.
    LeaveArea = 3,
    /// Go home.
    GoHome = 4,
    /// Check the strap.
    CheckStrap = 5,
    /// Your call for help has reached the centre.
    HelpNotified = 6,
}

impl NoticeCode {
    /// All codes, by number.
    pub const ALL: [Self; 6] =
        [Self::Charge, Self::CallCentre, Self::LeaveArea, Self::GoHome, Self::CheckStrap, Self::HelpNotified];
}

/// Writes the inner bytes of a downlink into `out`; returns their length.
///
/// # Errors
/// `out` is too small, or a value is out of its range.
pub fn encode_downlink(downlink: &Downlink<'_>, out: &mut [u8]) -> Result<usize, EncodeError> {
    let space = out.len().min(INNER_BYTES_MAX);
    let mut writer = Encoder::new(Cursor::new(&mut out[..space]));
    let kind = downlink.kind() as u64;
    match downlink {
        Downlink::Ack(frame) => {
            open(&mut writer, kind, 2)?.u8(3)?.u32(frame.epoch.0)?.u8(4)?.u32(frame.seq.0)?;
        }
        Downlink::Plan(plan) => write_signed(open(&mut writer, kind, 2)?, 3, plan)?,
        Downlink::Notice(code) => {
            open(&mut writer, kind, 1)?.u8(3)?.u8(*code as u8)?;
        }
        Downlink::Query => {
            open(&mut writer, kind, 0)?;
        }
        Downlink::Zones(part) => {
            if !part.is_whole() {
                return Err(EncodeError::Value);
            }
            write_signed(open(&mut writer, kind, 4)?, 3, &part.head)?;
            writer.u8(5)?.u8(part.part)?.u8(6)?.bytes(part.bytes)?;
        }
        Downlink::Pursuit(Pursuit { on, until }) => {
            open(&mut writer, kind, 2)?.u8(3)?.bool(*on)?.u8(4)?.i64(writable(*until)?)?;
        }
        Downlink::ClearLatch(OfficerOrder { order, certificate }) => {
            write_signed(open(&mut writer, kind, 4)?, 3, order)?;
            write_signed(&mut writer, 5, certificate)?;
        }
        Downlink::Ota(manifest) => write_signed(open(&mut writer, kind, 2)?, 3, manifest)?,
    }
    Ok(writer.writer().position())
}

/// A body under `key` and its signature under the next.
fn write_signed<T: Body>(
    writer: &mut Writer<'_>,
    key: u8,
    signed: &Signed<'_, T>,
) -> Result<(), EncodeError> {
    writer.u8(key)?.bytes(signed.body())?.u8(key + 1)?.bytes(signed.signature())?;
    Ok(())
}

/// Reads and validates the inner bytes of a downlink.
///
/// # Errors
/// The first rule that the bytes break.
pub fn decode_downlink(inner: &[u8]) -> Result<Downlink<'_>, DecodeError> {
    let (fields, number) = opened(inner)?;
    match CommandKind::from_number(number).ok_or(DecodeError::Kind(number))? {
        CommandKind::Ack => decode_ack(fields).map(Downlink::Ack),
        CommandKind::Plan => decode_signed(fields).map(Downlink::Plan),
        CommandKind::Notice => decode_notice(fields).map(Downlink::Notice),
        CommandKind::Query => decode_query(fields),
        CommandKind::Zones => decode_zones(fields).map(Downlink::Zones),
        CommandKind::Pursuit => decode_pursuit(fields).map(Downlink::Pursuit),
        CommandKind::ClearLatch => decode_clear_latch(fields).map(Downlink::ClearLatch),
        CommandKind::Ota => decode_signed(fields).map(Downlink::Ota),
    }
}

fn decode_ack(mut fields: Fields<'_>) -> Result<FrameId, DecodeError> {
    let (mut epoch, mut seq) = (None, None);
    while let Some(key) = fields.next_key()? {
        match key {
            3 => epoch = Some(fields.number()?),
            4 => seq = Some(fields.number()?),
            _ => fields.skip()?,
        }
    }
    Ok(FrameId::new(required(epoch, 3)?, required(seq, 4)?))
}

fn decode_notice(mut fields: Fields<'_>) -> Result<NoticeCode, DecodeError> {
    let mut code = None;
    while let Some(key) = fields.next_key()? {
        match key {
            3 => {
                let number: u8 = fields.number()?;
                let known = NoticeCode::ALL.into_iter().find(|&code| code as u8 == number);
                code = Some(fields.valid(known)?);
            }
            _ => fields.skip()?,
        }
    }
    required(code, 3)
}

fn decode_query(mut fields: Fields<'_>) -> Result<Downlink<'_>, DecodeError> {
    while fields.next_key()?.is_some() {
        fields.skip()?;
    }
    Ok(Downlink::Query)
}

fn decode_pursuit(mut fields: Fields<'_>) -> Result<Pursuit, DecodeError> {
    let (mut on, mut until) = (None, None);
    while let Some(key) = fields.next_key()? {
        match key {
            3 => on = Some(fields.reader().boolean()?),
            4 => until = Some(fields.time()?),
            _ => fields.skip()?,
        }
    }
    Ok(Pursuit { on: required(on, 3)?, until: required(until, 4)? })
}

fn decode_signed<T: Body>(mut fields: Fields<'_>) -> Result<Signed<'_, T>, DecodeError> {
    let (mut body, mut signature) = (None, None);
    while let Some(key) = fields.next_key()? {
        match key {
            3 => body = Some(fields.reader().bytes()?),
            4 => signature = Some(fields.array_of()?),
            _ => fields.skip()?,
        }
    }
    Signed::read(required(body, 3)?, required(signature, 4)?)
}

fn decode_zones(mut fields: Fields<'_>) -> Result<ZonesPart<'_>, DecodeError> {
    let (mut body, mut signature, mut part, mut bytes) = (None, None, None, None);
    while let Some(key) = fields.next_key()? {
        match key {
            3 => body = Some(fields.reader().bytes()?),
            4 => signature = Some(fields.array_of()?),
            5 => part = Some(fields.number()?),
            6 => bytes = Some(fields.reader().bytes()?),
            _ => fields.skip()?,
        }
    }
    let head = Signed::read(required(body, 3)?, required(signature, 4)?)?;
    let part = ZonesPart { head, part: required(part, 5)?, bytes: required(bytes, 6)? };
    if part.is_whole() { Ok(part) } else { Err(DecodeError::Part) }
}

fn decode_clear_latch(mut fields: Fields<'_>) -> Result<OfficerOrder<'_>, DecodeError> {
    let (mut order, mut signature, mut certificate, mut vouch) = (None, None, None, None);
    while let Some(key) = fields.next_key()? {
        match key {
            3 => order = Some(fields.reader().bytes()?),
            4 => signature = Some(fields.array_of()?),
            5 => certificate = Some(fields.reader().bytes()?),
            6 => vouch = Some(fields.array_of()?),
            _ => fields.skip()?,
        }
    }
    Ok(OfficerOrder {
        order: Signed::read(required(order, 3)?, required(signature, 4)?)?,
        certificate: Signed::read(required(certificate, 5)?, required(vouch, 6)?)?,
    })
}

#[cfg(test)]
mod tests;
