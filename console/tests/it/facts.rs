//! Made-up facts: people, devices, zones, findings.

use lenke_alerts::{
    Activation, AlertId, AlertKind, Condition, ConditionId, ConditionRule, Device, DeviceKind, Explanation,
    Finding, FixEvidence, OrderId, Reason, Register, Subject, SupervisionPlan, Wearer,
};
use lenke_store::{Batch, DeviceLast, FixRow};
use lenke_wire::{BatteryState, DeviceId, Fix, FrameId, Position, TimeSource, UnixMillis};
use lenke_zones::{Assignment, ConfirmPolicy, Geometry, GroupId, Metres, WearerId, Zone, ZoneId, ZoneKind};

/// Monitored, in group 1.
pub(crate) const WEARER: WearerId = WearerId(42);
/// Monitored, in no group.
pub(crate) const OTHER: WearerId = WearerId(43);
/// Protected: carries a victim unit.
pub(crate) const VICTIM: WearerId = WearerId(800_001);
/// When it all begins.
pub(crate) const BEGIN: UnixMillis = UnixMillis(1_790_000_000_000);

/// Where the fixes are.
pub(crate) fn oslo(metres_north: f64) -> Position {
    Position::from_degrees(59.91 + metres_north / 111_320.0, 10.75).unwrap()
}

/// Three people with their devices, and two zones.
pub(crate) fn register() -> Register {
    let people = [(WEARER, DeviceKind::Tag), (OTHER, DeviceKind::Tag), (VICTIM, DeviceKind::VictimUnit)];
    let wearer = |id: WearerId| Wearer {
        id,
        order: OrderId(id.0),
        order_version: 1,
        // Who has neither a condition nor a group is protected.
        conditions: if id == OTHER {
            vec![Condition { id: ConditionId(1), rule: ConditionRule::TrailMonitoring }]
        } else {
            Vec::new()
        },
        groups: if id == WEARER { vec![GroupId(1)] } else { Vec::new() },
        plan: SupervisionPlan::default(),
        home_units: Vec::new(),
    };
    let device = |id: u64, kind| Device {
        id: DeviceId::new(id),
        kind,
        key: [7; 16],
        public_key: [8; 32],
        enrolled_at: BEGIN,
    };
    let activation =
        |id: WearerId| Activation { device: DeviceId::new(id.0), wearer: id, from: BEGIN, to: None };
    Register {
        version: 0,
        wearers: people.iter().map(|(id, _)| wearer(*id)).collect(),
        devices: people.iter().map(|(id, kind)| device(id.0, *kind)).collect(),
        activations: people.iter().map(|(id, _)| activation(*id)).collect(),
        zones: vec![
            zone(7, "Sentrum", Assignment::Shared(vec![GroupId(1)])),
            zone(8, "Hjem", Assignment::Personal(OTHER)),
        ],
    }
}

/// A circle in Oslo.
pub(crate) fn zone(id: u64, name: &str, assignment: Assignment) -> Zone {
    Zone {
        id: ZoneId(id),
        version: 1,
        name: name.to_owned(),
        kind: ZoneKind::Exclusion,
        geometry: Geometry::circle(oslo(0.0), Metres(300.0)).unwrap(),
        buffer: Metres(100.0),
        policy: ConfirmPolicy::default(),
        schedule: None,
        assignment,
    }
}

/// A fix `minute` minutes after the begin.
pub(crate) fn fix(minute: i64) -> Fix {
    Fix {
        at: BEGIN.plus_s(60 * minute),
        time_source: TimeSource::Gnss,
        position: oslo(10.0 * minute as f64),
        accuracy_dm: 55,
        speed_cm_s: 120,
        course_cdeg: 0,
        satellites: 9,
    }
}

/// `minutes` fixes of `wearer`, one a frame and a minute, and the last state of the device.
pub(crate) fn walk(wearer: WearerId, minutes: i64) -> Batch {
    let device = DeviceId::new(wearer.0);
    let frame = |minute: i64| FrameId::new(1, u32::try_from(minute).unwrap());
    let row = |minute: i64| FixRow {
        wearer,
        device,
        frame: frame(minute),
        index: 0,
        fix: fix(minute),
        received_at: fix(minute).at.plus_s(1),
        late: minute == 1,
    };
    let last = DeviceLast {
        device,
        wearer,
        frame: frame(minutes - 1),
        fix: Some(fix(minutes - 1)),
        battery: Some(BatteryState { percent: 66, millivolts: 3900, charging: false, empty_at: None }),
        heard_at: fix(minutes - 1).at.plus_s(1),
    };
    Batch {
        fixes: (0..minutes).map(row).collect(),
        committed: (0..minutes).map(|minute| (device, frame(minute))).collect(),
        last: vec![last],
        ..Batch::default()
    }
}

/// A finding about `wearer`, whose number also makes its id.
pub(crate) fn finding(kind: AlertKind, wearer: u64, evidence: usize) -> Finding {
    let mut id = [kind as u8; 16];
    id[8..].copy_from_slice(&wearer.to_be_bytes());
    let fix = |minute: i64| FixEvidence {
        device: DeviceId::new(wearer),
        frame: FrameId::new(1, u32::try_from(minute).unwrap()),
        at: fix(minute).at,
        position: fix(minute).position,
        accuracy_m: 5.5,
        signed_distance_m: Some(80.0),
        probability: Some(0.999),
    };
    Finding {
        id: AlertId(id),
        wearer: WearerId(wearer),
        order: OrderId(wearer),
        kind,
        subject: Subject::Wearer,
        occurred_at: BEGIN,
        known_at: BEGIN.plus_s(1),
        late: false,
        position: Some(oslo(0.0)),
        explanation: Explanation {
            rule: "exclusion.confirm/1".to_owned(),
            reason: Reason::InsideSurely { probability: 0.999, depth_m: 80.0 },
            zone: None,
            permission: None,
            fixes: (0..evidence as i64).map(fix).collect(),
        },
    }
}

/// The place where the walks begin, 35 m around.
pub(crate) fn area() -> serde_json::Value {
    let (lat, lon) = (oslo(0.0).lat(), oslo(0.0).lon());
    serde_json::json!({
        "type": "Feature",
        "geometry": { "type": "Point", "coordinates": [lon, lat] },
        "properties": { "radius_m": 35 },
    })
}
