//! Values for tests.

use lenke_alerts::{
    Activation, Alert, AlertId, AlertKind, Condition, ConditionId, ConditionRule, Device, DeviceKind,
    Explanation, Finding, IntervalId, IntervalKind, IntervalRecord, OrderId, Reason, Register, Subject,
    SupervisionPlan, Wearer, ZoneRef, ZoneVersion,
};
use lenke_store::{Batch, DeviceLast, EventRow, FixRow, FrameRow, HealthRow, Quarantined, SightingRow};
use lenke_wire::{
    BatteryState, DeviceId, Event, EventKind, Fix, FrameId, Health, Position, Sighting, TagState, TimeSource,
    UnixMillis, topic::Lane,
};
use lenke_zones::{
    Assignment, ConfirmPolicy, Geometry, GroupId, Metres, Schedule, WearerId, WeeklyWindow, Zone, ZoneId,
    ZoneKind,
};

/// A moment on a bucket's border, 2026-01-01.
pub(crate) const START: UnixMillis = UnixMillis(1_767_225_600_000);

pub(crate) fn position(step: i32) -> Position {
    Position::from_e7(599_138_689 + step, 107_522_454 - step).unwrap()
}

pub(crate) fn fix(at: UnixMillis) -> Fix {
    Fix {
        at,
        time_source: TimeSource::Held,
        position: position(i32::try_from(at.since_ms(START) / 1000).unwrap()),
        accuracy_dm: 65_535,
        speed_cm_s: 140,
        course_cdeg: 35_999,
        satellites: 11,
    }
}

pub(crate) fn fix_row(device: u64, frame: FrameId, index: u16, at: UnixMillis) -> FixRow {
    FixRow {
        wearer: WearerId(device),
        device: DeviceId::new(device),
        frame,
        index,
        fix: fix(at),
        received_at: at.plus_s(1),
        late: false,
    }
}

/// A frame of one row of everything, at `at`.
pub(crate) fn add_frame(batch: &mut Batch, device: u64, frame: FrameId, at: UnixMillis) {
    let id = DeviceId::new(device);
    let received_at = at.plus_s(1);
    batch.fixes.push(fix_row(device, frame, 0, at));
    let sighting = Sighting { at, heard: DeviceId::new(7), rssi_dbm: -91, authenticated: true };
    batch.sightings.push(SightingRow { device: id, frame, index: 0, sighting, received_at });
    let event = Event {
        at,
        time_source: TimeSource::Gnss,
        kind: EventKind::BatteryLow,
        value: -3,
        position: Some(position(0)),
    };
    batch.events.push(EventRow { device: id, frame, event, received_at });
    batch.health.push(HealthRow { device: id, frame, health: health(at), received_at });
    batch.frames.push(FrameRow { device: id, frame, lane: Lane::Backlog, received_at, bytes: vec![1, 2, 3] });
    batch.committed.push((id, frame));
    batch.last.push(DeviceLast {
        device: id,
        wearer: WearerId(device),
        frame,
        fix: Some(fix(at)),
        battery: Some(health(at).battery),
        heard_at: received_at,
    });
    batch.intervals.push(interval(device, at));
    batch.snapshots.push((WearerId(device), frame.seq.0.to_be_bytes().to_vec()));
    batch.chains.push((id, frame.seq.0.to_be_bytes().to_vec()));
}

/// An hour away from home, from a moment on.
pub(crate) fn interval(wearer: u64, from: UnixMillis) -> IntervalRecord {
    let (kind, subject) = (IntervalKind::Away, Subject::Condition(ConditionId(u64::MAX)));
    IntervalRecord {
        id: IntervalId::new(WearerId(wearer), kind, subject, from),
        wearer: WearerId(wearer),
        order: OrderId(u64::MAX),
        order_version: 4,
        kind,
        subject,
        zone: Some(ZoneVersion { id: ZoneId(u64::MAX), version: 3 }),
        rule: "presence.away/1".to_owned(),
        from,
        to: Some(from.plus_s(3600)),
        uncertain: true,
        late: false,
        alert: Some(AlertId([7; 16])),
        known_at: from.plus_s(61),
    }
}

fn health(at: UnixMillis) -> Health {
    Health {
        at,
        battery: BatteryState {
            percent: 71,
            millivolts: 3_890,
            charging: true,
            empty_at: Some(at.plus_s(90_000)),
        },
        strap_latched: false,
        case_latched: true,
        plan_version: 4,
        unacknowledged: 3_000_000_000,
        signal_dbm: -104,
        temperature_c: -18,
        firmware: 0x0001_0203,
        zones_version: 7,
        state: Some(TagState::Home),
    }
}

pub(crate) fn quarantined(number: i64) -> Quarantined {
    Quarantined {
        device: (number % 2 == 0).then_some(DeviceId::new(42)),
        source: format!("lenke/v1/lk{number:06}/up/live"),
        reason: "garbage".to_owned(),
        received_at: START.plus_ms(number),
        bytes: vec![0xff; 12],
        detail: "not CBOR".to_owned(),
    }
}

pub(crate) fn finding(id: u8, wearer: u64, occurred_at: UnixMillis) -> Finding {
    Finding {
        id: AlertId([id; 16]),
        wearer: WearerId(wearer),
        order: OrderId(wearer),
        kind: AlertKind::ExclusionBreach,
        subject: Subject::Zone(ZoneId(1)),
        occurred_at,
        known_at: occurred_at.plus_s(1),
        late: false,
        position: Some(position(3)),
        explanation: Explanation {
            rule: "exclusion.confirm/1".to_owned(),
            reason: Reason::InsideSurely { probability: 0.99, depth_m: 31.25 },
            zone: Some(ZoneRef { id: ZoneId(1), version: 1, name: "Torget".to_owned() }),
            permission: None,
            fixes: Vec::new(),
        },
    }
}

pub(crate) fn alert(id: u8, wearer: u64, raised_at: UnixMillis) -> Alert {
    Alert::raise(finding(id, wearer, raised_at), raised_at)
}

pub(crate) fn zone(id: u64, version: u32, radius_m: f64) -> Zone {
    Zone {
        id: ZoneId(id),
        version,
        name: format!("Sone {id}"),
        kind: ZoneKind::Exclusion,
        geometry: Geometry::circle(position(0), Metres(radius_m)).unwrap(),
        buffer: Metres(150.0),
        policy: ConfirmPolicy::default(),
        schedule: None,
        assignment: Assignment::Shared(vec![GroupId(3)]),
    }
}

fn schedule() -> Schedule {
    let window = WeeklyWindow { weekday: 5, from_min: 1_320, to_min: 360 };
    Schedule::new("Europe/Oslo", vec![window]).unwrap()
}

pub(crate) fn device(number: u64) -> Device {
    Device {
        id: DeviceId::new(number),
        kind: DeviceKind::Tag,
        key: [number.to_le_bytes()[0]; 16],
        public_key: [9; 32],
        enrolled_at: START,
    }
}

pub(crate) fn wearer(number: u64) -> Wearer {
    let rules = [
        ConditionRule::Exclusion { zone: ZoneId(1) },
        ConditionRule::Curfew {
            zone: ZoneId(2),
            schedule: schedule(),
            grace_s: 300,
            not_returned_s: 3_600,
            unknown_s: 1_800,
        },
        ConditionRule::VictimProtection { victim: WearerId(800_001), alert_m: 500.0, pre_alert_m: 1_000.0 },
        ConditionRule::TrailMonitoring,
    ];
    let conditions = (1..).zip(rules).map(|(id, rule)| Condition { id: ConditionId(id), rule }).collect();
    Wearer {
        id: WearerId(number),
        order: OrderId(number + 100),
        order_version: 2,
        conditions,
        groups: vec![GroupId(3), GroupId(5)],
        plan: SupervisionPlan { collect_s: 15, ..SupervisionPlan::default() },
        home_units: vec![DeviceId::new(500_000 + number)],
    }
}

pub(crate) fn activation(device: u64, wearer: u64, from: UnixMillis, to: Option<UnixMillis>) -> Activation {
    Activation { device: DeviceId::new(device), wearer: WearerId(wearer), from, to }
}

/// Wearers 1..=`wearers`, each with the tag of the same number since [`START`], and two zones.
pub(crate) fn register(wearers: u64) -> Register {
    let ring = vec![[10.70, 59.90], [10.72, 59.90], [10.72, 59.92], [10.70, 59.90]];
    let home = Zone {
        kind: ZoneKind::Inclusion,
        geometry: Geometry::polygons(vec![vec![ring]]).unwrap(),
        schedule: Some(schedule()),
        assignment: Assignment::Personal(WearerId(1)),
        ..zone(2, 1, 1.0)
    };
    Register {
        version: 0,
        wearers: (1..=wearers).map(wearer).collect(),
        devices: (1..=wearers).map(device).collect(),
        activations: (1..=wearers).map(|number| activation(number, number, START, None)).collect(),
        zones: vec![zone(1, 1, 200.0), home],
    }
}
