//! What the centre tells a device: one small CBOR map, sealed by [`crate::frame::seal`] with [`crate::frame::Direction::Down`].
//!
//! | kind | keys |
//! |---|---|
//! | 16 ack | 3 epoch, 4 seq: every frame of this epoch up to and including seq is committed |
//! | 17 plan | 3 version, 4 base version, 5 collect s, 6 transmit s, 7 no-fix s, 8 battery low %, 9 battery critical % |
//! | 18 notice | 3 code |
//! | 19 query | none: report the position now |
//!
//! A downlink's (epoch, seq) is the centre's counter: a device takes only a greater one than the last it took, so that an
//! old command cannot be played again. Values that no device could follow are refused here, before they reach one.

use crate::{
    FrameId,
    cbor::Fields,
    codec::{DecodeError, EncodeError, open, opened, required},
};
use minicbor::{Encoder, encode::write::Cursor};

const ACK: u64 = 16;
const PLAN: u64 = 17;
const NOTICE: u64 = 18;
const QUERY: u64 = 19;

/// Shortest collect and transmit interval.
pub const INTERVAL_S_MIN: u32 = 1;
/// Longest interval of any kind: a day.
pub const INTERVAL_S_MAX: u32 = 86_400;

/// A command to a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Downlink {
    /// Every frame of that epoch up to and including that seq is committed.
    Ack(FrameId),
    /// A supervision plan to follow from now on.
    Plan(Plan),
    /// Something to tell the wearer.
    Notice(NoticeCode),
    /// Report the position now.
    Query,
}

/// How a device supervises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Number of this plan, counted up by the centre; 0 is the built-in one.
    pub version: u32,
    /// The plan this one replaces; a device that follows another refuses it.
    pub base_version: u32,
    /// Seconds from fix to fix.
    pub collect_s: u32,
    /// Seconds from report to report of fixes.
    pub transmit_s: u32,
    /// Seconds without a fix until that is an event.
    pub no_fix_s: u32,
    /// Percent at which the battery counts as low.
    pub battery_low: u8,
    /// Percent at which the battery counts as critical; below `battery_low`.
    pub battery_critical: u8,
}

impl Plan {
    /// Every interval within its limits, at most [`crate::codec::FIXES_MAX`] fixes a report, and critical below low.
    pub fn is_valid(&self) -> bool {
        let intervals = INTERVAL_S_MIN..=INTERVAL_S_MAX;
        intervals.contains(&self.collect_s)
            && intervals.contains(&self.transmit_s)
            && intervals.contains(&self.no_fix_s)
            && self.collect_s <= self.transmit_s
            && self.battery_critical < self.battery_low
            && self.battery_low <= 100
    }
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
/// `out` is too small, or the plan is not valid.
pub fn encode_downlink(downlink: &Downlink, out: &mut [u8]) -> Result<usize, EncodeError> {
    let mut writer = Encoder::new(Cursor::new(out));
    match downlink {
        Downlink::Ack(frame) => {
            open(&mut writer, ACK, 2)?.u8(3)?.u32(frame.epoch.0)?.u8(4)?.u32(frame.seq.0)?;
        }
        Downlink::Plan(plan) => {
            if !plan.is_valid() {
                return Err(EncodeError::Value);
            }
            open(&mut writer, PLAN, 7)?
                .u8(3)?
                .u32(plan.version)?
                .u8(4)?
                .u32(plan.base_version)?
                .u8(5)?
                .u32(plan.collect_s)?
                .u8(6)?
                .u32(plan.transmit_s)?
                .u8(7)?
                .u32(plan.no_fix_s)?
                .u8(8)?
                .u8(plan.battery_low)?
                .u8(9)?
                .u8(plan.battery_critical)?;
        }
        Downlink::Notice(code) => {
            open(&mut writer, NOTICE, 1)?.u8(3)?.u8(*code as u8)?;
        }
        Downlink::Query => {
            open(&mut writer, QUERY, 0)?;
        }
    }
    Ok(writer.writer().position())
}

/// Reads and validates the inner bytes of a downlink.
///
/// # Errors
/// The first rule that the bytes break.
pub fn decode_downlink(inner: &[u8]) -> Result<Downlink, DecodeError> {
    let (mut fields, kind) = opened(inner)?;
    match kind {
        ACK => decode_ack(fields).map(Downlink::Ack),
        PLAN => decode_plan(fields).map(Downlink::Plan),
        NOTICE => decode_notice(fields).map(Downlink::Notice),
        QUERY => {
            while fields.next_key()?.is_some() {
                fields.skip()?;
            }
            Ok(Downlink::Query)
        }
        kind => Err(DecodeError::Kind(kind)),
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

fn decode_plan(mut fields: Fields<'_>) -> Result<Plan, DecodeError> {
    let (mut version, mut base_version) = (None, None);
    let (mut collect_s, mut transmit_s, mut no_fix_s) = (None, None, None);
    let (mut battery_low, mut battery_critical) = (None, None);
    while let Some(key) = fields.next_key()? {
        match key {
            3 => version = Some(fields.number()?),
            4 => base_version = Some(fields.number()?),
            5 => collect_s = Some(fields.number()?),
            6 => transmit_s = Some(fields.number()?),
            7 => no_fix_s = Some(fields.number()?),
            8 => battery_low = Some(fields.at_most(100)?),
            9 => battery_critical = Some(fields.at_most(100)?),
            _ => fields.skip()?,
        }
    }
    let plan = Plan {
        version: required(version, 3)?,
        base_version: required(base_version, 4)?,
        collect_s: required(collect_s, 5)?,
        transmit_s: required(transmit_s, 6)?,
        no_fix_s: required(no_fix_s, 7)?,
        battery_low: required(battery_low, 8)?,
        battery_critical: required(battery_critical, 9)?,
    };
    if plan.is_valid() { Ok(plan) } else { Err(DecodeError::Plan) }
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

#[cfg(test)]
mod tests;
