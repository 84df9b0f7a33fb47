//! [`Saved`]: latches, plan, zone set, counters; in a fixed form of few bytes.
//!
//! ```text
//! format 1 (1)  stage (1)  flags (2)  time (8)  last downlink (8)  strap event (8)  case event (8)
//! lowest firmware (4)  awaited firmware (4) and its lowest (4)  zones: version (4)  size (4)  slot (1)  hash (32)  plan: length (1)  body
//! ```
//!
//! Integers are big-endian. Flags say which optional values there are; the others are zeros.

use crate::state::Stage;
use lenke_wire::{
    FrameId, UnixMillis,
    command::{BODY_BYTES_MAX, Plan, Signed},
};

/// Bytes of [`Saved`], encoded, at most.
pub const SAVED_BYTES_MAX: usize = HEAD_BYTES + BODY_BYTES_MAX;

const HEAD_BYTES: usize = 90;
const FORMAT: u8 = 1;

const STRAP_SET: u16 = 1;
const STRAP_OWED: u16 = 1 << 1;
const STRAP_EVENT: u16 = 1 << 2;
const CASE_SET: u16 = 1 << 3;
const CASE_OWED: u16 = 1 << 4;
const CASE_EVENT: u16 = 1 << 5;
const LAST_DOWNLINK: u16 = 1 << 6;
const AWAITED: u16 = 1 << 7;
const ZONES: u16 = 1 << 8;

/// A latch: what was found open and only an officer clears.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Latched {
    /// It was found open.
    pub set: bool,
    /// Its event is still to be committed: power failed in between, or the journal was full.
    pub owed: bool,
    /// The event of the last time.
    pub event: Option<FrameId>,
}

/// The zone set in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZonesInForce {
    /// Its version.
    pub version: u32,
    /// Its bytes.
    pub size: u32,
    /// Where its parts are.
    pub slot: u8,
    /// SHA-256 of all its bytes.
    pub hash: [u8; 32],
}

/// A firmware on trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Awaited {
    /// Its version.
    pub version: u32,
    /// Once it runs, nothing below this is taken.
    pub min_version: u32,
}

/// The signed body of a plan, as the authority wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanBody {
    bytes: [u8; BODY_BYTES_MAX],
    length: u8,
}

impl PlanBody {
    /// Of a plan whose signature was verified.
    pub fn new(plan: &Signed<'_, Plan>) -> Option<Self> {
        Self::from_bytes(plan.body())
    }

    fn from_bytes(body: &[u8]) -> Option<Self> {
        let mut bytes = [0; BODY_BYTES_MAX];
        bytes.get_mut(..body.len())?.copy_from_slice(body);
        Some(Self { bytes, length: u8::try_from(body.len()).ok()? })
    }

    /// The body's bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }

    /// What it says; `None` if the bytes were not kept well.
    pub fn plan(&self) -> Option<Plan> {
        Signed::read(self.as_bytes(), [0; 64]).ok().map(|signed| *signed.unverified())
    }
}

/// What must outlive a reset besides frames and zones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Saved {
    /// Where in its life the tag is.
    pub stage: Stage,
    /// The strap.
    pub strap: Latched,
    /// The case.
    pub case: Latched,
    /// Counter of the last downlink that was taken.
    pub last_downlink: Option<FrameId>,
    /// The plan in force, if not the built-in one.
    pub plan: Option<PlanBody>,
    /// The zone set in force, if there is one.
    pub zones: Option<ZonesInForce>,
    /// Firmware below this is never taken.
    pub firmware_min: u32,
    /// A firmware that was started for a trial.
    pub firmware_awaited: Option<Awaited>,
    /// The time of day when this was written, or earlier.
    pub time: UnixMillis,
}

/// What was kept is not a [`Saved`] of this format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SavedError;

impl core::fmt::Display for SavedError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("the saved state has another format")
    }
}

impl core::error::Error for SavedError {}

impl Saved {
    /// Writes the value; returns the bytes in use.
    pub fn encode<'o>(&self, out: &'o mut [u8; SAVED_BYTES_MAX]) -> &'o [u8] {
        let flag = |set: bool, bit: u16| if set { bit } else { 0 };
        let flags = flag(self.strap.set, STRAP_SET)
            | flag(self.strap.owed, STRAP_OWED)
            | flag(self.strap.event.is_some(), STRAP_EVENT)
            | flag(self.case.set, CASE_SET)
            | flag(self.case.owed, CASE_OWED)
            | flag(self.case.event.is_some(), CASE_EVENT)
            | flag(self.last_downlink.is_some(), LAST_DOWNLINK)
            | flag(self.firmware_awaited.is_some(), AWAITED)
            | flag(self.zones.is_some(), ZONES);
        let zones = self.zones.unwrap_or(ZonesInForce { version: 0, size: 0, slot: 0, hash: [0; 32] });
        let mut writer = Writer { out: &mut out[..], at: 0 };
        writer.put(&[FORMAT, stage_number(self.stage)]);
        writer.put(&flags.to_be_bytes());
        writer.put(&self.time.0.to_be_bytes());
        for frame in [self.last_downlink, self.strap.event, self.case.event] {
            let frame = frame.unwrap_or_default();
            writer.put(&frame.epoch.0.to_be_bytes());
            writer.put(&frame.seq.0.to_be_bytes());
        }
        writer.put(&self.firmware_min.to_be_bytes());
        let awaited = self.firmware_awaited.unwrap_or_default();
        writer.put(&awaited.version.to_be_bytes());
        writer.put(&awaited.min_version.to_be_bytes());
        writer.put(&zones.version.to_be_bytes());
        writer.put(&zones.size.to_be_bytes());
        writer.put(&[zones.slot]);
        writer.put(&zones.hash);
        let body = self.plan.as_ref().map_or(&[][..], PlanBody::as_bytes);
        writer.put(&[body.len() as u8]);
        writer.put(body);
        let length = writer.at;
        &out[..length]
    }

    /// Reads the value.
    ///
    /// # Errors
    /// The bytes are not what [`Self::encode`] writes.
    pub fn decode(bytes: &[u8]) -> Result<Self, SavedError> {
        let mut reader = Reader(bytes);
        let [FORMAT, stage] = reader.take()? else { return Err(SavedError) };
        let flags = u16::from_be_bytes(reader.take()?);
        let time = UnixMillis(i64::from_be_bytes(reader.take()?));
        let frames = [reader.frame()?, reader.frame()?, reader.frame()?];
        let optional = |bit: u16, frame: FrameId| (flags & bit != 0).then_some(frame);
        let latched = |set: u16, owed: u16, event: Option<FrameId>| Latched {
            set: flags & set != 0,
            owed: flags & owed != 0,
            event,
        };
        let firmware_min = reader.number()?;
        let awaited = Awaited { version: reader.number()?, min_version: reader.number()? };
        let zones = ZonesInForce {
            version: reader.number()?,
            size: reader.number()?,
            slot: reader.take::<1>()?[0],
            hash: reader.take()?,
        };
        let [length] = reader.take()?;
        let body = reader.0;
        if body.len() != usize::from(length) {
            return Err(SavedError);
        }
        let plan = if body.is_empty() { None } else { Some(PlanBody::from_bytes(body).ok_or(SavedError)?) };
        Ok(Self {
            stage: stage_of(stage)?,
            strap: latched(STRAP_SET, STRAP_OWED, optional(STRAP_EVENT, frames[1])),
            case: latched(CASE_SET, CASE_OWED, optional(CASE_EVENT, frames[2])),
            last_downlink: optional(LAST_DOWNLINK, frames[0]),
            plan,
            zones: (flags & ZONES != 0).then_some(zones),
            firmware_min,
            firmware_awaited: (flags & AWAITED != 0).then_some(awaited),
            time,
        })
    }
}

const fn stage_number(stage: Stage) -> u8 {
    match stage {
        Stage::Ship => 1,
        Stage::Fitting => 2,
        Stage::Worn => 3,
    }
}

const fn stage_of(number: u8) -> Result<Stage, SavedError> {
    match number {
        1 => Ok(Stage::Ship),
        2 => Ok(Stage::Fitting),
        3 => Ok(Stage::Worn),
        _ => Err(SavedError),
    }
}

struct Writer<'o> {
    out: &'o mut [u8],
    at: usize,
}

impl Writer<'_> {
    /// The lengths of all fields together are [`SAVED_BYTES_MAX`] at most.
    fn put(&mut self, bytes: &[u8]) {
        self.out[self.at..self.at + bytes.len()].copy_from_slice(bytes);
        self.at += bytes.len();
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], SavedError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(SavedError)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn number(&mut self) -> Result<u32, SavedError> {
        self.take().map(u32::from_be_bytes)
    }

    fn frame(&mut self) -> Result<FrameId, SavedError> {
        Ok(FrameId::new(self.number()?, self.number()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_latched() -> impl Strategy<Value = Latched> {
        (any::<bool>(), any::<bool>(), prop::option::of((any::<u32>(), any::<u32>()))).prop_map(
            |(set, owed, event)| Latched { set, owed, event: event.map(|(e, s)| FrameId::new(e, s)) },
        )
    }

    fn any_saved() -> impl Strategy<Value = Saved> {
        let zones = (any::<u32>(), any::<u32>(), any::<u8>(), any::<[u8; 32]>())
            .prop_map(|(version, size, slot, hash)| ZonesInForce { version, size, slot, hash });
        let plan = prop::collection::vec(any::<u8>(), 1..=BODY_BYTES_MAX)
            .prop_map(|body| PlanBody::from_bytes(&body).unwrap());
        let stage = prop_oneof![Just(Stage::Ship), Just(Stage::Fitting), Just(Stage::Worn)];
        (
            (stage, any_latched(), any_latched(), prop::option::of((any::<u32>(), any::<u32>()))),
            (
                prop::option::of(plan),
                prop::option::of(zones),
                any::<u32>(),
                prop::option::of((any::<u32>(), any::<u32>())),
            ),
            any::<i64>(),
        )
            .prop_map(|((stage, strap, case, last), (plan, zones, firmware_min, awaited), time)| {
                Saved {
                    stage,
                    strap,
                    case,
                    last_downlink: last.map(|(e, s)| FrameId::new(e, s)),
                    plan,
                    zones,
                    firmware_min,
                    firmware_awaited: awaited.map(|(version, min_version)| Awaited { version, min_version }),
                    time: UnixMillis(time),
                }
            })
    }

    proptest! {
        #[test]
        fn what_is_saved_is_read_back_and_nothing_shorter_is(saved in any_saved()) {
            let mut out = [0; SAVED_BYTES_MAX];
            let bytes = saved.encode(&mut out);
            prop_assert_eq!(Saved::decode(bytes), Ok(saved));
            for length in 0..bytes.len() {
                prop_assert_eq!(Saved::decode(&bytes[..length]), Err(SavedError));
            }
        }
    }

    #[test]
    fn another_format_is_refused() {
        let mut out = [0; SAVED_BYTES_MAX];
        let length = Saved::default().encode(&mut out).len();
        assert_eq!(length, HEAD_BYTES);
        out[0] = 2;
        assert_eq!(Saved::decode(&out[..length]), Err(SavedError));
    }
}
