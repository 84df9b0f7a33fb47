//! Which zones are refused.

use super::*;
use crate::{
    GroupId, WeeklyWindow,
    testing::{personal, place, shared},
};
use serde_json::json;

fn zone() -> Zone {
    personal(1, 7, Geometry::circle(place(60.0, 10.0), Metres(200.0)).unwrap())
}

#[test]
fn what_makes_no_sense_is_refused() {
    let policy = ConfirmPolicy::default();
    let refused = |zone: Zone| zone.validated().unwrap_err();
    assert_eq!(refused(Zone { version: 0, ..zone() }), ZoneError::Version);
    assert_eq!(refused(Zone { name: " ".to_owned(), ..zone() }), ZoneError::Name);
    assert_eq!(refused(Zone { name: "x".repeat(201), ..zone() }), ZoneError::Name);
    assert_eq!(refused(Zone { buffer: Metres(-1.0), ..zone() }), ZoneError::Buffer(-1.0));
    assert!(matches!(refused(Zone { buffer: Metres(f64::NAN), ..zone() }), ZoneError::Buffer(_)));
    let with = |policy| Zone { policy, ..zone() };
    let none = ConfirmPolicy { suspect_at: 0.0, ..policy };
    assert_eq!(refused(with(none)), ZoneError::Probability(0.0));
    let above = ConfirmPolicy { confirm_at: 1.1, ..policy };
    assert_eq!(refused(with(above)), ZoneError::Probability(1.1));
    let turned = ConfirmPolicy { suspect_at: 0.9, confirm_at: 0.8, ..policy };
    assert_eq!(refused(with(turned)), ZoneError::SuspectAboveConfirm { suspect_at: 0.9, confirm_at: 0.8 });
    let hits = ConfirmPolicy { hits: 4, window: 3, ..policy };
    assert_eq!(refused(with(hits)), ZoneError::Hits { hits: 4, window: 3 });
    assert_eq!(refused(shared(1, &[], zone().geometry)), ZoneError::NoGroup);
    assert!(zone().validated().is_ok());
}

#[test]
fn deserialization_refuses_the_same() {
    let mut value = serde_json::to_value(zone()).unwrap();
    assert_eq!(serde_json::from_value::<Zone>(value.clone()).unwrap(), zone());
    value["buffer"] = json!(-5.0);
    let error = serde_json::from_value::<Zone>(value).unwrap_err();
    assert!(error.to_string().contains("-5 m"), "{error}");
    assert!(
        serde_json::from_value::<Assignment>(json!({ "shared": [3] })).unwrap()
            == Assignment::Shared(vec![GroupId(3)])
    );
}

#[test]
fn a_zone_without_a_schedule_always_holds() {
    assert!(zone().holds_at(UnixMillis(i64::MIN)) && zone().holds_at(UnixMillis(0)));
    let monday = WeeklyWindow { weekday: 1, from_min: 480, to_min: 540 };
    let scheduled = Zone { schedule: Some(Schedule::new("Europe/Oslo", [monday]).unwrap()), ..zone() };
    // 2026-11-16 is a Monday; 07:30 UTC is 08:30 in Oslo.
    assert!(scheduled.holds_at(UnixMillis(1_794_814_200_000)));
    assert!(!scheduled.holds_at(UnixMillis(1_794_814_200_000).plus_s(1800)));
}
