//! Reports as deterministic CBOR: one map with ascending integer keys, one kind a frame.
//!
//! Every map starts with key 0, the schema version, and key 1, the kind. The rest, by kind:
//!
//! | kind | keys |
//! |---|---|
//! | 1 fixes | 2 base time, 3 interval ms (absent: 0), 4 delta rows |
//! | 2 event | 2 time, 3 time source, 4 event, 5 value (absent: 0), 6 `[lat, lon]` in 1e-7 degrees (absent: none) |
//! | 3 sightings | 2 base time, 3 rows |
//! | 4 health | 2 time, 3 percent, 4 mV, 5 charging, 6 empty at (absent: unknown), 7 latches, 8 plan version, 9 unacknowledged, 10 signal dBm, 11 temperature, 12 firmware, 13 zones version (absent: 0), 14 state (absent: not said) |
//! | 5 checkpoint | 3 epoch, 4 seq, 5 chain, 6 signature |
//! | 6 receipt | 2 time, 3 time source, 4 command, 5 outcome, 6 epoch and 7 seq of the command, 8 version and 9 hash in force |
//!
//! Later versions may add keys, kinds, events, states, commands and outcomes: what is not known here is skipped, or read as
//! [`Payload::Later`]. A change that must not be skipped has another schema version, which is refused.
//!
//! Invariants: what [`encode`] writes, [`decode`] reads back equal; what [`decode`] takes has one encoding, but for what later
//! versions added and the choice of the interval. A [`Payload`] that exists is valid: its iterators cannot fail.

mod error;
mod fixes;
mod receipt;
mod sightings;

pub use error::{DecodeError, EncodeError};
pub use fixes::{COURSE_CDEG_END, FIXES_MAX, FixIter, Fixes};
pub use sightings::{SIGHTINGS_MAX, SightingIter, Sightings};

use crate::{
    BatteryState, Checkpoint, Event, EventKind, Fix, FrameId, Health, Later, Position, Receipt, Sighting,
    TagState, TimeSource, UnixMillis,
    cbor::{Fields, TIME_MS_MAX},
};
use minicbor::{Encoder, encode::write::Cursor};

/// Schema version that this build writes and reads.
pub const VERSION: u64 = 1;

/// Most bytes of a report.
pub const INNER_BYTES_MAX: usize = 1360;

/// Most bytes of a sealed frame; fits one MQTT packet in one usual network packet.
pub const FRAME_BYTES_MAX: usize = 1400;

const FIXES: u64 = 1;
const EVENT: u64 = 2;
const SIGHTINGS: u64 = 3;
const HEALTH: u64 = 4;
const CHECKPOINT: u64 = 5;
const RECEIPT: u64 = 6;
/// Kinds that are downlinks', now and later: never a report's.
const DOWNLINKS: core::ops::Range<u64> = 16..32;

const STRAP_LATCHED: u8 = 1;
const CASE_LATCHED: u8 = 2;

pub(crate) type Writer<'a> = Encoder<Cursor<&'a mut [u8]>>;

/// A report that was read: lists borrow the bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Payload<'a> {
    /// Positions.
    Fixes(Fixes<'a>),
    /// An alarm or a change of state.
    Event(Event),
    /// Radio heartbeats.
    Sightings(Sightings<'a>),
    /// The device's own state.
    Health(Health),
    /// The signed head of the hash chain.
    Checkpoint(Checkpoint),
    /// What became of a command.
    Receipt(Receipt),
    /// Something that a later version added.
    Later(Later),
}

/// A report to write.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Content<'a> {
    /// 1 to [`FIXES_MAX`] positions.
    Fixes(&'a [Fix]),
    /// An alarm or a change of state.
    Event(&'a Event),
    /// 1 to [`SIGHTINGS_MAX`] radio heartbeats.
    Sightings(&'a [Sighting]),
    /// The device's own state.
    Health(&'a Health),
    /// The signed head of the hash chain.
    Checkpoint(&'a Checkpoint),
    /// What became of a command.
    Receipt(&'a Receipt),
}

/// Reads and validates a report.
///
/// # Errors
/// The first rule that the bytes break.
pub fn decode(inner: &[u8]) -> Result<Payload<'_>, DecodeError> {
    let (fields, kind) = opened(inner)?;
    match kind {
        FIXES => decode_fixes(fields).map(Payload::Fixes),
        EVENT => decode_event(fields),
        SIGHTINGS => decode_sightings(fields).map(Payload::Sightings),
        HEALTH => decode_health(fields).map(Payload::Health),
        CHECKPOINT => decode_checkpoint(fields).map(Payload::Checkpoint),
        RECEIPT => receipt::decode(fields),
        kind if kind == 0 || DOWNLINKS.contains(&kind) => Err(DecodeError::Kind(kind)),
        kind => decode_later(fields, kind),
    }
}

/// A kind that a later version added: its keys are walked, so that it is known to be well formed.
fn decode_later(mut fields: Fields<'_>, kind: u64) -> Result<Payload<'_>, DecodeError> {
    while fields.next_key()?.is_some() {
        fields.skip()?;
    }
    Ok(Payload::Later(Later { kind, event: None }))
}

/// The fields behind length, version and kind, which reports and downlinks share; and the kind.
pub(crate) fn opened(inner: &[u8]) -> Result<(Fields<'_>, u64), DecodeError> {
    if inner.len() > INNER_BYTES_MAX {
        return Err(DecodeError::TooLong);
    }
    let mut fields = Fields::open(inner)?;
    let version = fields.leading(0)?;
    if version != VERSION {
        return Err(DecodeError::Version(version));
    }
    let kind = fields.leading(1)?;
    Ok((fields, kind))
}

/// Writes a report into `out`; returns its length.
///
/// # Errors
/// The report has too many rows, a value out of range, or more bytes than `out` or [`INNER_BYTES_MAX`] holds.
pub fn encode(content: &Content<'_>, out: &mut [u8]) -> Result<usize, EncodeError> {
    let space = out.len().min(INNER_BYTES_MAX);
    let (out, _) = out.split_at_mut(space);
    let mut writer = Encoder::new(Cursor::new(out));
    match *content {
        Content::Fixes(fixes) => encode_fixes(fixes, &mut writer)?,
        Content::Event(event) => encode_event(event, &mut writer)?,
        Content::Sightings(sightings) => encode_sightings(sightings, &mut writer)?,
        Content::Health(health) => encode_health(health, &mut writer)?,
        Content::Checkpoint(checkpoint) => encode_checkpoint(checkpoint, &mut writer)?,
        Content::Receipt(receipt) => receipt::encode(receipt, &mut writer)?,
    }
    Ok(writer.writer().position())
}

fn decode_fixes(mut fields: Fields<'_>) -> Result<Fixes<'_>, DecodeError> {
    let (mut base, mut interval_ms, mut rows) = (None, 0, None);
    while let Some(key) = fields.next_key()? {
        match key {
            2 => base = Some(fields.time()?),
            3 => interval_ms = fields.not_zero()?,
            4 => rows = Some(fields.reader().bytes()?),
            _ => fields.skip()?,
        }
    }
    Fixes::validate(required(base, 2)?, interval_ms, required(rows, 4)?)
}

fn encode_fixes(fixes: &[Fix], writer: &mut Writer<'_>) -> Result<(), EncodeError> {
    let first = fixes.first().ok_or(EncodeError::Count)?;
    if fixes.len() > FIXES_MAX {
        return Err(EncodeError::Count);
    }
    let interval_ms = fixes::interval_ms(fixes);
    let mut rows = [0; INNER_BYTES_MAX];
    let length = fixes::encode_rows(fixes, interval_ms, &mut rows)?;
    open(writer, FIXES, 2 + u64::from(interval_ms != 0))?.u8(2)?.i64(writable(first.at)?)?;
    if interval_ms != 0 {
        writer.u8(3)?.u32(interval_ms)?;
    }
    writer.u8(4)?.bytes(&rows[..length])?;
    Ok(())
}

/// An event; or, if its number is one of a later version, that it is one.
fn decode_event(mut fields: Fields<'_>) -> Result<Payload<'_>, DecodeError> {
    let (mut at, mut source, mut kind, mut value, mut position) = (None, None, None, 0, None);
    while let Some(key) = fields.next_key()? {
        match key {
            2 => at = Some(fields.time()?),
            3 => {
                let number = fields.number()?;
                source = Some(fields.valid(time_source(number))?);
            }
            4 => {
                let number = fields.number()?;
                kind = Some(fields.valid((number > 0).then_some(number))?);
            }
            5 => value = fields.not_zero()?,
            6 => position = Some(decode_position(&mut fields)?),
            _ => fields.skip()?,
        }
    }
    let (at, time_source, number) = (required(at, 2)?, required(source, 3)?, required(kind, 4)?);
    Ok(match event_kind(number) {
        Some(kind) => Payload::Event(Event { at, time_source, kind, value, position }),
        None => Payload::Later(Later { kind: EVENT, event: Some(number) }),
    })
}

fn decode_position(fields: &mut Fields<'_>) -> Result<Position, DecodeError> {
    if fields.reader().array()? != 2 {
        return Err(DecodeError::WrongType);
    }
    let (lat_e7, lon_e7) = (fields.number()?, fields.number()?);
    fields.valid(Position::from_e7(lat_e7, lon_e7).ok())
}

fn encode_event(event: &Event, writer: &mut Writer<'_>) -> Result<(), EncodeError> {
    let fields = 3 + u64::from(event.value != 0) + u64::from(event.position.is_some());
    open(writer, EVENT, fields)?
        .u8(2)?
        .i64(writable(event.at)?)?
        .u8(3)?
        .u8(event.time_source as u8)?
        .u8(4)?
        .u8(event.kind as u8)?;
    if event.value != 0 {
        writer.u8(5)?.i32(event.value)?;
    }
    if let Some(position) = event.position {
        writer.u8(6)?.array(2)?.i32(position.lat_e7())?.i32(position.lon_e7())?;
    }
    Ok(())
}

fn decode_sightings(mut fields: Fields<'_>) -> Result<Sightings<'_>, DecodeError> {
    let (mut base, mut sightings) = (None, None);
    while let Some(key) = fields.next_key()? {
        match key {
            2 => base = Some(fields.time()?),
            3 => sightings = Some(Sightings::validate(required(base, 2)?, fields.reader())?),
            _ => fields.skip()?,
        }
    }
    required(sightings, 3)
}

fn encode_sightings(sightings: &[Sighting], writer: &mut Writer<'_>) -> Result<(), EncodeError> {
    let first = sightings.first().ok_or(EncodeError::Count)?;
    if sightings.len() > SIGHTINGS_MAX {
        return Err(EncodeError::Count);
    }
    open(writer, SIGHTINGS, 2)?.u8(2)?.i64(writable(first.at)?)?.u8(3)?;
    sightings::encode_rows(sightings, writer)
}

fn decode_health(mut fields: Fields<'_>) -> Result<Health, DecodeError> {
    let (mut at, mut percent, mut millivolts, mut charging, mut empty_at) = (None, None, None, None, None);
    let (mut latches, mut plan_version, mut unacknowledged) = (None, None, None);
    let (mut signal_dbm, mut temperature_c, mut firmware) = (None, None, None);
    let (mut zones_version, mut state) = (0, None);
    while let Some(key) = fields.next_key()? {
        match key {
            2 => at = Some(fields.time()?),
            3 => percent = Some(fields.at_most(100)?),
            4 => millivolts = Some(fields.number()?),
            5 => charging = Some(fields.reader().boolean()?),
            6 => empty_at = Some(fields.time()?),
            7 => latches = Some(fields.at_most(STRAP_LATCHED | CASE_LATCHED)?),
            8 => plan_version = Some(fields.number()?),
            9 => unacknowledged = Some(fields.number()?),
            10 => signal_dbm = Some(fields.number()?),
            11 => temperature_c = Some(fields.number()?),
            12 => firmware = Some(fields.number()?),
            13 => zones_version = fields.not_zero()?,
            14 => state = tag_state(fields.number()?),
            _ => fields.skip()?,
        }
    }
    let latches: u8 = required(latches, 7)?;
    Ok(Health {
        at: required(at, 2)?,
        battery: BatteryState {
            percent: required(percent, 3)?,
            millivolts: required(millivolts, 4)?,
            charging: required(charging, 5)?,
            empty_at,
        },
        strap_latched: latches & STRAP_LATCHED != 0,
        case_latched: latches & CASE_LATCHED != 0,
        plan_version: required(plan_version, 8)?,
        unacknowledged: required(unacknowledged, 9)?,
        signal_dbm: required(signal_dbm, 10)?,
        temperature_c: required(temperature_c, 11)?,
        firmware: required(firmware, 12)?,
        zones_version,
        state,
    })
}

fn encode_health(health: &Health, writer: &mut Writer<'_>) -> Result<(), EncodeError> {
    let battery = &health.battery;
    if battery.percent > 100 {
        return Err(EncodeError::Value);
    }
    let latches = if health.strap_latched { STRAP_LATCHED } else { 0 }
        | if health.case_latched { CASE_LATCHED } else { 0 };
    let optional = [battery.empty_at.is_some(), health.zones_version != 0, health.state.is_some()];
    open(writer, HEALTH, 10 + optional.map(u64::from).iter().sum::<u64>())?
        .u8(2)?
        .i64(writable(health.at)?)?
        .u8(3)?
        .u8(battery.percent)?
        .u8(4)?
        .u16(battery.millivolts)?
        .u8(5)?
        .bool(battery.charging)?;
    if let Some(empty_at) = battery.empty_at {
        writer.u8(6)?.i64(writable(empty_at)?)?;
    }
    writer
        .u8(7)?
        .u8(latches)?
        .u8(8)?
        .u32(health.plan_version)?
        .u8(9)?
        .u32(health.unacknowledged)?
        .u8(10)?
        .i16(health.signal_dbm)?
        .u8(11)?
        .i8(health.temperature_c)?
        .u8(12)?
        .u32(health.firmware)?;
    if health.zones_version != 0 {
        writer.u8(13)?.u32(health.zones_version)?;
    }
    if let Some(state) = health.state {
        writer.u8(14)?.u8(state as u8)?;
    }
    Ok(())
}

fn decode_checkpoint(mut fields: Fields<'_>) -> Result<Checkpoint, DecodeError> {
    let (mut epoch, mut seq, mut chain, mut signature) = (None, None, None, None);
    while let Some(key) = fields.next_key()? {
        match key {
            3 => epoch = Some(fields.number()?),
            4 => seq = Some(fields.number()?),
            5 => chain = Some(fields.array_of()?),
            6 => signature = Some(fields.array_of()?),
            _ => fields.skip()?,
        }
    }
    Ok(Checkpoint {
        covers: FrameId::new(required(epoch, 3)?, required(seq, 4)?),
        chain: required(chain, 5)?,
        signature: required(signature, 6)?,
    })
}

fn encode_checkpoint(checkpoint: &Checkpoint, writer: &mut Writer<'_>) -> Result<(), EncodeError> {
    open(writer, CHECKPOINT, 4)?
        .u8(3)?
        .u32(checkpoint.covers.epoch.0)?
        .u8(4)?
        .u32(checkpoint.covers.seq.0)?
        .u8(5)?
        .bytes(&checkpoint.chain)?
        .u8(6)?
        .bytes(&checkpoint.signature)?;
    Ok(())
}

/// Writes the map head, the version and the kind.
pub(crate) fn open<'w, 'a>(
    writer: &'w mut Writer<'a>,
    kind: u64,
    fields: u64,
) -> Result<&'w mut Writer<'a>, EncodeError> {
    Ok(writer.map(2 + fields)?.u8(0)?.u64(VERSION)?.u8(1)?.u64(kind)?)
}

pub(crate) fn required<T>(value: Option<T>, key: u8) -> Result<T, DecodeError> {
    value.ok_or(DecodeError::Missing(key))
}

pub(crate) fn writable(at: UnixMillis) -> Result<i64, EncodeError> {
    if (0..=TIME_MS_MAX).contains(&at.0) { Ok(at.0) } else { Err(EncodeError::Value) }
}

fn time_source(number: u8) -> Option<TimeSource> {
    [TimeSource::Gnss, TimeSource::Network, TimeSource::Held, TimeSource::Unset]
        .into_iter()
        .find(|&source| source as u8 == number)
}

fn event_kind(number: u8) -> Option<EventKind> {
    EventKind::ALL.into_iter().find(|&kind| kind as u8 == number)
}

fn tag_state(number: u8) -> Option<TagState> {
    TagState::ALL.into_iter().find(|&state| state as u8 == number)
}

#[cfg(test)]
mod tests;
