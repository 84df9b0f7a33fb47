//! The same inputs give the same effects: after a restore, in a replay, with anything doubled. The state stays small.

use super::*;
use proptest::prelude::*;

/// One input of a random life.
#[derive(Clone, Debug)]
enum Input {
    Wait(u16),
    Go { place: u8, accuracy_m: u8, fixes: u8 },
    Old { place: u8, minutes: u8, fixes: u8 },
    Event(u8),
    Health { percent: u8, charging: bool },
    Sighting,
    Refusal,
    Restart,
}

const PLACES: [(f64, f64); 6] =
    [(0.0, 0.0), (700.0, 0.0), (805.0, 0.0), (1000.0, 0.0), (1800.0, 0.0), (30.0, 700.0)];
const EVENTS: [EventKind; 9] = [
    EventKind::StrapOpen,
    EventKind::StrapClosed,
    EventKind::CaseOpen,
    EventKind::LatchCleared,
    EventKind::Panic,
    EventKind::BatteryLow,
    EventKind::BatteryCritical,
    EventKind::ChargeStarted,
    EventKind::JammingSuspected,
];

fn input() -> impl Strategy<Value = Input> {
    prop_oneof![
        2 => (1_u16..2000).prop_map(Input::Wait),
        8 => (0_u8..6, 3_u8..130, 1_u8..5)
            .prop_map(|(place, accuracy_m, fixes)| Input::Go { place, accuracy_m, fixes }),
        3 => (0_u8..6, 1_u8..200, 1_u8..10)
            .prop_map(|(place, minutes, fixes)| Input::Old { place, minutes, fixes }),
        2 => (0_u8..9).prop_map(Input::Event),
        1 => (0_u8..100, any::<bool>()).prop_map(|(percent, charging)| Input::Health { percent, charging }),
        1 => Just(Input::Sighting),
        1 => Just(Input::Refusal),
        1 => Just(Input::Restart),
    ]
}

fn world() -> World {
    let school = circle(SCHOOL, ZoneKind::Exclusion, (1000.0, 0.0), 200.0, 150.0);
    let home = circle(HOME, ZoneKind::Inclusion, (0.0, 0.0), 80.0, 0.0);
    let curfew = ConditionRule::Curfew {
        zone: HOME,
        schedule: nightly(13 * 60, 16 * 60),
        grace_s: 300,
        not_returned_s: 1800,
        unknown_s: 900,
    };
    World::new("2026-03-02T12:00:00Z", vec![school, home], vec![curfew])
}

impl World {
    fn feed(&mut self, input: &Input) {
        match *input {
            Input::Wait(seconds) => self.wait(i64::from(seconds)),
            Input::Go { place, accuracy_m, fixes } => {
                for _ in 0..fixes {
                    self.wait(60);
                    self.fix(PLACES[usize::from(place)], f64::from(accuracy_m));
                }
            }
            Input::Old { place, minutes, fixes } => {
                let from = self.now.plus_s(-60 * i64::from(minutes));
                let fixes: Vec<_> = (0..i64::from(fixes))
                    .map(|minute| fix_at(from.plus_s(60 * minute), PLACES[usize::from(place)], 10.0))
                    .collect();
                self.report_as(TAG, FrameId::new(0, 1), Lane::Backlog, Content::Fixes(&fixes));
            }
            Input::Event(kind) => self.event(EVENTS[usize::from(kind)], 5),
            Input::Health { percent, charging } => {
                let battery =
                    lenke_wire::BatteryState { percent, millivolts: 3700, charging, empty_at: None };
                let health = Health {
                    at: self.now,
                    battery,
                    strap_latched: percent < 3,
                    case_latched: false,
                    plan_version: 1,
                    unacknowledged: 0,
                    signal_dbm: -80,
                    temperature_c: 20,
                    firmware: 1,
                    zones_version: 0,
                    state: None,
                };
                self.report(Lane::Live, Content::Health(&health));
            }
            Input::Sighting => {
                let sighting =
                    Sighting { at: self.now, heard: HOME_UNIT, rssi_dbm: -60, authenticated: true };
                self.report(Lane::Live, Content::Sightings(&[sighting]));
            }
            Input::Refusal => self.handle(|monitor, context, now| {
                monitor.handle_refusal("conflicting_bytes", Some(FrameId::new(1, 1)), context, now);
            }),
            Input::Restart => self.handle(|monitor, _, now| monitor.handle_restart(now)),
        }
    }
}

/// Bytes that any snapshot takes at most, whatever happened.
const SNAPSHOT_BYTES_MAX: usize = 8 * 1024;

proptest! {

    #[test]
    fn a_restored_monitor_goes_on_as_the_original(inputs in prop::collection::vec(input(), 1..60), every in 1_usize..6) {
        let (mut whole, mut restored) = (world(), world());
        for (index, input) in inputs.iter().enumerate() {
            whole.feed(input);
            if index % every == 0 {
                let snapshot = serde_json::to_string(&restored.monitor).unwrap();
                prop_assert!(snapshot.len() <= SNAPSHOT_BYTES_MAX, "{} bytes: {snapshot}", snapshot.len());
                restored.monitor = serde_json::from_str(&snapshot).unwrap();
            }
            restored.feed(input);
            prop_assert_eq!(&whole.effects, &restored.effects);
            prop_assert_eq!(whole.monitor.deadline(), restored.monitor.deadline());
        }
    }

    #[test]
    fn only_what_is_open_ends_and_no_open_alert_is_raised_again(inputs in prop::collection::vec(input(), 1..80)) {
        let mut world = world();
        for input in &inputs {
            world.feed(input);
        }
        let (mut open, mut late) = (BTreeMap::new(), Vec::new());
        for effect in &world.effects {
            match effect {
                Effect::Raise(finding) => {
                    if finding.late {
                        late.push(finding.id);
                    }
                    let again = open.insert(finding.id, finding.kind);
                    prop_assert!(again.is_none() || finding.kind.latched(), "{finding:?}");
                }
                // The end of something late may move on.
                Effect::End { id, .. } => prop_assert!(open.remove(id).is_some() || late.contains(id)),
                Effect::Record(_) => {}
            }
        }
    }

    #[test]
    fn replaying_everything_to_the_desk_changes_nothing(inputs in prop::collection::vec(input(), 1..60)) {
        let mut world = world();
        for input in &inputs {
            world.feed(input);
        }
        let before = world.desk.clone();
        for effect in world.effects.clone() {
            match effect {
                Effect::Raise(finding) => {
                    let alert = world.desk.get_mut(&finding.id).unwrap();
                    prop_assert!(!alert.handle_recurrence(&finding, world.now));
                }
                Effect::End { id, at, .. } => {
                    world.desk.get_mut(&id).unwrap().handle_end(at, world.now);
                }
                Effect::Record(_) => {}
            }
        }
        let kept = |desk: &BTreeMap<AlertId, Alert>| {
            desk.values().map(|alert| (alert.id, alert.occurrences, alert.state)).collect::<Vec<_>>()
        };
        prop_assert_eq!(kept(&before), kept(&world.desk));
    }
}

#[test]
fn an_ordinary_wearers_snapshot_is_small() {
    let mut zones: Vec<_> = (10..16)
        .map(|id| circle(ZoneId(id), ZoneKind::Exclusion, (5000.0 + 1000.0 * id as f64, 0.0), 200.0, 100.0))
        .collect();
    zones.push(circle(HOME, ZoneKind::Inclusion, (0.0, 0.0), 80.0, 0.0));
    let schedule = nightly(22 * 60, 6 * 60);
    let (grace_s, not_returned_s, unknown_s) = (600, 3600, 3600);
    let curfew = ConditionRule::Curfew { zone: HOME, schedule, grace_s, not_returned_s, unknown_s };
    let victim = ConditionRule::VictimProtection { victim: VICTIM, alert_m: 500.0, pre_alert_m: 1000.0 };
    let mut world = World::new("2026-03-02T19:00:00Z", zones, vec![curfew, victim]);
    while world.now < moment("2026-03-03T08:00:00Z") {
        let fix = fix_at(world.now, (9000.0, 9000.0), 10.0);
        world.handle(|monitor, context, now| monitor.handle_counterpart(VICTIM, &fix, context, now));
        world.walk(&[(0.0, 0.0)]);
    }
    assert_eq!(world.raised(), []);
    let snapshot = serde_json::to_string(&world.monitor).unwrap();
    assert!(snapshot.len() < 1024, "{} bytes: {snapshot}", snapshot.len());
}

#[test]
fn a_snapshot_without_later_fields_is_read_and_unknown_ones_are_skipped() {
    let world = World::with_school();
    let mut snapshot = serde_json::to_value(&world.monitor).unwrap();
    snapshot["invented_later"] = serde_json::json!({ "a": 1 });
    let object = snapshot.as_object_mut().unwrap();
    object.remove("track");
    assert!(serde_json::from_value::<Monitor>(snapshot).is_ok());
}
