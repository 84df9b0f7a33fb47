//! Curfews.

use super::*;
use crate::Reason;

const AT_HOME: (f64, f64) = (0.0, 0.0);
const TOWN: (f64, f64) = (900.0, 0.0);

/// Home is a circle of 80 m; nights from 22:00 to 06:00 in Oslo, ten minutes of grace.
fn curfew() -> ConditionRule {
    ConditionRule::Curfew {
        zone: HOME,
        schedule: nightly(22 * 60, 6 * 60),
        grace_s: 600,
        not_returned_s: 3600,
        unknown_s: 3600,
    }
}

fn world(start: &str) -> World {
    World::new(start, vec![circle(HOME, ZoneKind::Inclusion, AT_HOME, 80.0, 0.0)], vec![curfew()])
}

impl World {
    /// A fix from there every minute until then.
    fn stay(&mut self, position: (f64, f64), until: &str) {
        while self.now < moment(until) {
            self.walk(&[position]);
        }
    }
}

#[test]
fn home_all_night_raises_nothing() {
    let mut world = world("2026-03-02T18:00:00Z");
    world.stay(TOWN, "2026-03-02T20:00:00Z");
    world.stay(AT_HOME, "2026-03-03T05:30:00Z");
    world.stay(TOWN, "2026-03-03T06:30:00Z");
    assert_eq!(world.raised(), []);
}

#[test]
fn not_home_at_the_start_is_absent_after_the_grace_and_coming_home_is_a_late_return() {
    let mut world = world("2026-03-02T20:30:00Z");
    world.stay(TOWN, "2026-03-02T21:09:00Z");
    assert_eq!(world.raised(), []);
    world.stay(TOWN, "2026-03-02T21:11:00Z");
    assert_eq!(world.active(), [AlertKind::CurfewAbsent]);
    world.stay(AT_HOME, "2026-03-02T21:32:00Z");
    assert_eq!(world.raised(), [AlertKind::CurfewAbsent, AlertKind::CurfewLateReturn]);
    assert_eq!(world.active(), []);
    let late = world.alert(AlertKind::CurfewLateReturn);
    let curfew_from = moment("2026-03-02T21:00:00Z");
    let Reason::CameLate { late_s, curfew_from: from } = late.explanation.reason else { panic!("{late:?}") };
    assert!(from == curfew_from && (600..1000).contains(&late_s), "{late_s}");
    world.stay(AT_HOME, "2026-03-03T05:30:00Z");
    assert_eq!(world.raised().len(), 2);
}

#[test]
fn coming_home_within_the_grace_raises_nothing() {
    let mut world = world("2026-03-02T20:30:00Z");
    world.stay(TOWN, "2026-03-02T21:05:00Z");
    world.stay(AT_HOME, "2026-03-02T23:00:00Z");
    assert_eq!(world.raised(), []);
}

#[test]
fn leaving_in_the_night_is_left_early_and_coming_back_ends_it() {
    let mut world = world("2026-03-02T20:30:00Z");
    world.stay(AT_HOME, "2026-03-03T01:00:00Z");
    world.stay(TOWN, "2026-03-03T01:02:00Z");
    assert_eq!(world.active(), [AlertKind::CurfewLeftEarly]);
    let left = world.alert(AlertKind::CurfewLeftEarly);
    assert_eq!(left.occurred_at, moment("2026-03-03T01:01:00Z"));
    assert_eq!(
        left.explanation.reason,
        Reason::LeftHome { distance_m: 820.0, curfew_to: moment("2026-03-03T05:00:00Z") }
    );
    world.stay(AT_HOME, "2026-03-03T02:00:00Z");
    assert_eq!((world.active(), world.raised().len()), (vec![], 1));
}

#[test]
fn one_stray_fix_indoors_is_no_absence_and_a_fresh_sighting_overrules_several() {
    let mut world = world("2026-03-02T20:30:00Z");
    world.stay(AT_HOME, "2026-03-03T01:00:00Z");
    world.walk(&[(300.0, 0.0), AT_HOME, AT_HOME, AT_HOME]);
    for _ in 0..5 {
        world.wait(60);
        let sighting = Sighting { at: world.now, heard: HOME_UNIT, rssi_dbm: -60, authenticated: true };
        world.report(Lane::Live, Content::Sightings(&[sighting]));
        world.fix((300.0, 0.0), 10.0);
    }
    assert_eq!(world.raised(), []);
}

#[test]
fn only_an_authenticated_sighting_of_the_own_home_unit_is_evidence_of_home() {
    let mut world = world("2026-03-02T20:30:00Z");
    world.stay(TOWN, "2026-03-02T21:15:00Z");
    let strangers = [(HOME_UNIT, false), (DeviceId::new(9), true)];
    for (heard, authenticated) in strangers {
        let sighting = Sighting { at: world.now, heard, rssi_dbm: -60, authenticated };
        world.report(Lane::Live, Content::Sightings(&[sighting]));
    }
    assert_eq!(world.active(), [AlertKind::CurfewAbsent]);
    // The home unit hears the tag.
    let sighting = Sighting { at: world.now, heard: TAG, rssi_dbm: -60, authenticated: true };
    world.report_as(HOME_UNIT, FrameId::new(1, 0), Lane::Live, Content::Sightings(&[sighting]));
    assert_eq!(world.active(), []);
    assert_eq!(world.raised().last(), Some(&AlertKind::CurfewLateReturn));
}

#[test]
fn away_for_longer_than_the_order_tolerates_is_not_returned_until_home() {
    let mut world = world("2026-03-02T20:30:00Z");
    world.stay(TOWN, "2026-03-02T21:59:00Z");
    assert_eq!(world.active(), [AlertKind::CurfewAbsent]);
    world.stay(TOWN, "2026-03-02T22:01:00Z");
    assert_eq!(world.active(), [AlertKind::CurfewAbsent, AlertKind::CurfewNotReturned]);
    world.stay(AT_HOME, "2026-03-02T22:10:00Z");
    assert_eq!(world.active(), []);
}

#[test]
fn a_tag_that_falls_silent_while_away_has_not_returned_either() {
    let mut world = world("2026-03-02T20:30:00Z");
    world.stay(AT_HOME, "2026-03-02T22:00:00Z");
    world.stay(TOWN, "2026-03-02T22:05:00Z");
    world.wait(2 * 3600);
    assert!(world.active().contains(&AlertKind::CurfewNotReturned));
    assert!(world.active().contains(&AlertKind::CommunicationFailure));
}

#[test]
fn the_end_of_the_window_ends_what_is_open_at_that_moment() {
    let mut world = world("2026-03-02T20:30:00Z");
    world.stay(TOWN, "2026-03-03T05:30:00Z");
    assert_eq!(world.active(), []);
    assert_eq!(world.alert(AlertKind::CurfewAbsent).ended_at, Some(moment("2026-03-03T05:00:00Z")));
    assert_eq!(world.raised(), [AlertKind::CurfewAbsent, AlertKind::CurfewNotReturned]);
}

#[test]
fn no_evidence_at_all_is_unknown_until_there_is_some() {
    let mut world = world("2026-03-02T20:30:00Z");
    world.stay(AT_HOME, "2026-03-02T21:30:00Z");
    world.wait(5400);
    assert!(world.active().contains(&AlertKind::CurfewUnknown));
    world.walk(&[AT_HOME, AT_HOME]);
    assert_eq!(world.active(), []);
}

#[test]
fn a_batch_from_before_the_grace_was_over_does_not_make_an_absence() {
    let mut world = world("2026-03-02T20:30:00Z");
    world.wearer.plan = SupervisionPlan { transmit_s: 1200, silence_s: 3600, ..world.wearer.plan };
    world.stay(TOWN, "2026-03-02T20:58:00Z");
    world.wait(20 * 60);
    let fixes: Vec<_> = (0..20)
        .map(|minute| {
            let at = moment("2026-03-02T20:58:00Z").plus_s(minute * 60);
            fix_at(at, if minute < 6 { TOWN } else { AT_HOME }, 10.0)
        })
        .collect();
    world.report(Lane::Live, Content::Fixes(&fixes));
    assert_eq!(world.raised(), []);
}

#[test]
fn the_night_in_which_the_clocks_go_forward_ends_at_six_by_the_new_time() {
    // 29 March 2026, 02:00 -> 03:00 in Oslo: 22:00 is 21:00 UTC, 06:00 is 04:00 UTC.
    let mut world = world("2026-03-28T20:30:00Z");
    world.stay(AT_HOME, "2026-03-29T03:50:00Z");
    world.stay(TOWN, "2026-03-29T03:55:00Z");
    assert_eq!(world.active(), [AlertKind::CurfewLeftEarly]);
    world.stay(TOWN, "2026-03-29T04:05:00Z");
    assert_eq!(world.active(), []);
    assert_eq!(world.alert(AlertKind::CurfewLeftEarly).ended_at, Some(moment("2026-03-29T04:00:00Z")));
}

#[test]
fn the_night_in_which_the_clocks_go_back_lasts_an_hour_longer() {
    let mut world = world("2026-10-24T19:30:00Z");
    world.stay(AT_HOME, "2026-10-25T04:30:00Z");
    world.stay(TOWN, "2026-10-25T04:40:00Z");
    assert_eq!(world.active(), [AlertKind::CurfewLeftEarly]);
}

#[test]
fn a_curfew_that_is_taken_out_of_the_order_ends_its_alerts() {
    let mut world = world("2026-03-02T20:30:00Z");
    world.stay(TOWN, "2026-03-02T21:20:00Z");
    world.wearer.conditions.retain(|condition| condition.rule == ConditionRule::TrailMonitoring);
    world.wearer.order_version += 1;
    world.handle(|monitor, context, now| monitor.handle_deadline(context, now));
    assert_eq!(world.active(), []);
}
