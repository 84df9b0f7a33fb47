//! Any report there can be, and what is read back of it.

use super::super::*;
use crate::{DeviceId, Outcome, downlink::CommandKind};
use proptest::{collection::vec, option, prelude::*};
use std::vec::Vec;

pub(super) fn any_time() -> impl Strategy<Value = UnixMillis> {
    prop_oneof![0..=TIME_MS_MAX, 1_700_000_000_000_i64..1_900_000_000_000].prop_map(UnixMillis)
}

pub(super) fn any_time_source() -> impl Strategy<Value = TimeSource> {
    (0_u8..4).prop_map(|number| time_source(number).unwrap())
}

pub(super) fn any_position() -> impl Strategy<Value = Position> {
    (-900_000_000..=900_000_000, -1_800_000_000..=1_800_000_000)
        .prop_map(|(lat, lon)| Position::from_e7(lat, lon).unwrap())
}

prop_compose! {
    pub(super) fn any_fix()(
        at in any_time(),
        time_source in any_time_source(),
        position in any_position(),
        accuracy_dm: u16,
        motion in prop_oneof![Just((0, 0)), (any::<u16>(), 0..COURSE_CDEG_END)],
        satellites: u8,
    ) -> Fix {
        let (speed_cm_s, course_cdeg) = motion;
        Fix { at, time_source, position, accuracy_dm, speed_cm_s, course_cdeg, satellites }
    }
}

prop_compose! {
    pub(super) fn any_event()(
        at in any_time(),
        time_source in any_time_source(),
        kind in 0..EventKind::ALL.len(),
        value in prop_oneof![Just(0), any::<i32>()],
        position in option::of(any_position()),
    ) -> Event {
        Event { at, time_source, kind: EventKind::ALL[kind], value, position }
    }
}

prop_compose! {
    pub(super) fn any_sighting()(at in any_time(), number: u64, rssi_dbm: i8, authenticated: bool) -> Sighting {
        Sighting { at, heard: DeviceId::new(number), rssi_dbm, authenticated }
    }
}

prop_compose! {
    pub(super) fn any_health()(
        at in any_time(),
        battery in (0..=100_u8, any::<u16>(), any::<bool>(), option::of(any_time())),
        latches: (bool, bool),
        counts: (u32, u32, u32),
        signal_dbm: i16,
        temperature_c: i8,
        zones_version in prop_oneof![Just(0), any::<u32>()],
        state in option::of(1..=12_u8),
    ) -> Health {
        let (percent, millivolts, charging, empty_at) = battery;
        Health {
            at,
            battery: BatteryState { percent, millivolts, charging, empty_at },
            strap_latched: latches.0,
            case_latched: latches.1,
            plan_version: counts.0,
            unacknowledged: counts.1,
            signal_dbm,
            temperature_c,
            firmware: counts.2,
            zones_version,
            state: state.and_then(tag_state),
        }
    }
}

prop_compose! {
    pub(super) fn any_receipt()(
        at in any_time(),
        time_source in any_time_source(),
        counter: (u32, u32),
        command in 0..CommandKind::ALL.len(),
        outcome in 0..Outcome::ALL.len(),
        version: u32,
        digest: [u8; 32],
        parts: u16,
    ) -> Receipt {
        let counter = FrameId::new(counter.0, counter.1);
        let (command, outcome) = (CommandKind::ALL[command], Outcome::ALL[outcome]);
        Receipt { at, time_source, counter, command, outcome, version, digest, parts }
    }
}

prop_compose! {
    pub(super) fn any_checkpoint()(epoch: u32, seq: u32, chain: [u8; 32], signature: [[u8; 32]; 2]) -> Checkpoint {
        let mut joined = [0; 64];
        joined[..32].copy_from_slice(&signature[0]);
        joined[32..].copy_from_slice(&signature[1]);
        Checkpoint { covers: FrameId::new(epoch, seq), chain, signature: joined }
    }
}

#[derive(Clone, Debug)]
pub(super) enum Owned {
    Fixes(Vec<Fix>),
    Event(Event),
    Sightings(Vec<Sighting>),
    Health(Health),
    Checkpoint(Checkpoint),
    Receipt(Receipt),
}

impl Owned {
    pub(super) fn content(&self) -> Content<'_> {
        match self {
            Self::Fixes(fixes) => Content::Fixes(fixes),
            Self::Event(event) => Content::Event(event),
            Self::Sightings(sightings) => Content::Sightings(sightings),
            Self::Health(health) => Content::Health(health),
            Self::Checkpoint(checkpoint) => Content::Checkpoint(checkpoint),
            Self::Receipt(receipt) => Content::Receipt(receipt),
        }
    }
}

/// Any report; lists are short enough to fit with the widest rows.
pub(super) fn any_report() -> impl Strategy<Value = Owned> {
    prop_oneof![
        vec(any_fix(), 1..40).prop_map(Owned::Fixes),
        any_event().prop_map(Owned::Event),
        vec(any_sighting(), 1..=SIGHTINGS_MAX).prop_map(Owned::Sightings),
        any_health().prop_map(Owned::Health),
        any_checkpoint().prop_map(Owned::Checkpoint),
        any_receipt().prop_map(Owned::Receipt),
    ]
}

pub(super) fn encoded(content: &Content<'_>) -> Vec<u8> {
    let mut out = [0; INNER_BYTES_MAX];
    let length = encode(content, &mut out).unwrap();
    out[..length].to_vec()
}

pub(super) fn assert_reads_back(report: &Owned, inner: &[u8]) {
    match (report, decode(inner).unwrap()) {
        (Owned::Fixes(fixes), Payload::Fixes(read)) => {
            assert_eq!(read.count(), fixes.len());
            assert!(read.iter().eq(fixes.iter().copied()));
        }
        (Owned::Sightings(sightings), Payload::Sightings(read)) => {
            assert_eq!(read.count(), sightings.len());
            assert!(read.iter().eq(sightings.iter().copied()));
        }
        (Owned::Event(event), Payload::Event(read)) => assert_eq!(*event, read),
        (Owned::Health(health), Payload::Health(read)) => assert_eq!(*health, read),
        (Owned::Checkpoint(checkpoint), Payload::Checkpoint(read)) => assert_eq!(*checkpoint, read),
        (Owned::Receipt(receipt), Payload::Receipt(read)) => assert_eq!(*receipt, read),
        (report, read) => panic!("{report:?} came back as {read:?}"),
    }
}
