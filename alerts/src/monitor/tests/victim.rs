//! Protected persons.

use super::*;
use crate::Reason;

fn world() -> World {
    let rule = ConditionRule::VictimProtection { victim: VICTIM, alert_m: 500.0, pre_alert_m: 1000.0 };
    World::new("2026-03-02T12:00:00Z", Vec::new(), vec![rule])
}

impl World {
    fn victim(&mut self, position: (f64, f64)) {
        let fix = fix_at(self.now, position, 10.0);
        self.handle(|monitor, context, now| monitor.handle_counterpart(VICTIM, &fix, context, now));
    }

    /// Both report every minute; the wearer goes along the path.
    fn walk_towards(&mut self, victim: (f64, f64), path: impl IntoIterator<Item = f64>) {
        for x in path {
            self.wait(30);
            self.victim(victim);
            self.wait(30);
            self.fix((x, 0.0), 10.0);
        }
    }
}

#[test]
fn a_pair_closing_in_raises_approach_then_proximity_and_parting_ends_it() {
    let mut world = world();
    world.walk_towards((0.0, 0.0), [3000.0, 2400.0, 1800.0]);
    assert_eq!(world.raised(), []);
    world.walk_towards((0.0, 0.0), [1100.0, 900.0]);
    assert_eq!(world.active(), [AlertKind::VictimApproach]);
    let Reason::NearVictim { within_m, ring_m, contact_s } =
        world.alert(AlertKind::VictimApproach).explanation.reason
    else {
        panic!()
    };
    assert_eq!((within_m, ring_m), (1000.0, 1000.0));
    assert!(contact_s.is_some());
    world.walk_towards((0.0, 0.0), [450.0]);
    assert_eq!(world.active(), [AlertKind::VictimProximity]);
    world.walk_towards((0.0, 0.0), [700.0, 1500.0, 2500.0]);
    assert_eq!(world.active(), []);
    assert_eq!(world.raised(), [AlertKind::VictimApproach, AlertKind::VictimProximity]);
}

#[test]
fn two_victims_of_one_wearer_are_two_alerts_and_each_ends_by_itself() {
    let mut world = world();
    let other = WearerId(801);
    let rule = ConditionRule::VictimProtection { victim: other, alert_m: 500.0, pre_alert_m: 1000.0 };
    world.wearer.conditions.push(Condition { id: ConditionId(78), rule });
    let step = |world: &mut World, x: f64, victims: [(f64, f64); 2]| {
        world.wait(60);
        for (victim, at) in [VICTIM, other].into_iter().zip(victims) {
            let fix = fix_at(world.now, at, 10.0);
            world.handle(|monitor, context, now| monitor.handle_counterpart(victim, &fix, context, now));
        }
        world.fix((x, 0.0), 10.0);
    };
    // Both stand together; then one of them goes away.
    for x in [2000.0, 1200.0, 700.0, 300.0] {
        step(&mut world, x, [(0.0, 0.0), (50.0, 0.0)]);
    }
    let near = [AlertKind::VictimProximity; 2];
    assert_eq!(world.active(), near);
    for away in [900.0, 1800.0, 2700.0] {
        step(&mut world, 300.0, [(0.0, 0.0), (50.0 - away, 0.0)]);
    }
    let of = |victim: WearerId| {
        let mut alerts = world.desk.values().filter(|alert| {
            (alert.kind, alert.subject) == (AlertKind::VictimProximity, crate::Subject::Victim(victim))
        });
        (alerts.next().expect("raised").active, alerts.count())
    };
    assert_eq!((of(VICTIM), of(other)), ((true, 0), (false, 0)));
}

#[test]
fn the_victims_own_movement_closes_in_as_well() {
    let mut world = world();
    for distance in [2000.0, 1500.0, 1050.0, 800.0, 400.0] {
        world.wait(60);
        world.fix((0.0, 0.0), 10.0);
        world.victim((0.0, distance));
    }
    assert_eq!(world.active(), [AlertKind::VictimProximity]);
}

#[test]
fn living_within_the_outer_ring_without_closing_in_is_told_once_at_most() {
    let mut world = world();
    for step in 0..60 {
        let noise = f64::from(step % 3) * 6.0;
        world.walk_towards((0.0, 0.0), [820.0 + noise]);
    }
    assert!(world.raised().len() <= 1, "{:?}", world.raised());
    assert!(!world.raised().contains(&AlertKind::VictimProximity));
}

#[test]
fn protection_is_blind_while_the_victim_unit_or_the_tag_is_stale() {
    let mut world = world();
    world.walk_towards((0.0, 0.0), [9000.0]);
    for _ in 0..31 {
        world.walk(&[(9000.0, 0.0)]);
    }
    assert_eq!(world.active(), [AlertKind::ProtectionBlind]);
    let Reason::Blind { victim_age_s: Some(age), .. } =
        world.alert(AlertKind::ProtectionBlind).explanation.reason
    else {
        panic!()
    };
    assert!((1800..=1860).contains(&age));
    world.victim((0.0, 0.0));
    assert_eq!(world.active(), []);
    for _ in 0..11 {
        world.wait(60);
        world.victim((0.0, 0.0));
    }
    assert_eq!(world.active(), [AlertKind::ProtectionBlind, AlertKind::CommunicationFailure]);
}

#[test]
fn a_protected_person_never_heard_of_is_blind_too() {
    let mut world = world();
    for _ in 0..31 {
        world.walk(&[(0.0, 0.0)]);
    }
    assert_eq!(world.active(), [AlertKind::ProtectionBlind]);
}

#[test]
fn a_victim_who_comes_near_the_wearers_home_is_warned_of_a_tag_that_only_its_home_unit_hears() {
    let mut world = world();
    let schedule = nightly(22 * 60, 6 * 60);
    let (grace_s, not_returned_s, unknown_s) = (600, 3600, 3600);
    let rule = ConditionRule::Curfew { zone: HOME, schedule, grace_s, not_returned_s, unknown_s };
    world.wearer.conditions.push(Condition { id: ConditionId(77), rule });
    world.zones = ZoneIndex::build([circle(HOME, ZoneKind::Inclusion, (0.0, 0.0), 80.0, 0.0)]);
    world.walk(&[(0.0, 0.0)]);
    for step in 0..40 {
        world.wait(60);
        let sighting = Sighting { at: world.now, heard: HOME_UNIT, rssi_dbm: -60, authenticated: true };
        world.report(Lane::Live, Content::Sightings(&[sighting]));
        world.victim((4000.0 - 90.0 * f64::from(step), 0.0));
    }
    assert_eq!(world.active(), [AlertKind::VictimProximity]);
}

#[test]
fn a_restored_monitor_sees_again_with_the_victims_next_position() {
    let mut world = world();
    world.walk_towards((0.0, 0.0), [3000.0, 2000.0]);
    let snapshot = serde_json::to_string(&world.monitor).unwrap();
    world.monitor = serde_json::from_str(&snapshot).unwrap();
    world.walk_towards((0.0, 0.0), [400.0]);
    assert_eq!(world.active(), [AlertKind::VictimProximity]);
}
