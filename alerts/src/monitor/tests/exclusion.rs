//! Exclusion zones on the live track.

use super::*;
use crate::Reason;

#[test]
fn walking_in_through_the_buffer_raises_approach_then_breach_and_leaving_ends_it() {
    let mut world = World::with_school();
    world.walk(&[(400.0, 0.0), (600.0, 0.0), (680.0, 0.0), (740.0, 0.0)]);
    assert_eq!(world.active(), [AlertKind::ExclusionApproach]);
    world.walk(&[(850.0, 0.0), (1000.0, 0.0)]);
    assert_eq!(world.raised(), [AlertKind::ExclusionApproach, AlertKind::ExclusionBreach]);
    assert_eq!(world.active(), [AlertKind::ExclusionBreach]);
    world.walk(&[(1100.0, 100.0), (1000.0, 290.0), (1000.0, 500.0)]);
    assert_eq!(world.active(), []);
    let breach = world.alert(AlertKind::ExclusionBreach);
    assert_eq!(breach.ended_at, Some(world.now.plus_s(-60)));
    assert_eq!(breach.explanation.rule, "exclusion.confirm/1");
    let zone = breach.explanation.zone.as_ref().unwrap();
    assert_eq!((zone.id, zone.version), (SCHOOL, 1));
    assert!(breach.explanation.fixes.len() >= 2);
    let last = breach.explanation.fixes.last().unwrap();
    assert!(last.signed_distance_m.unwrap() > 40.0 && last.probability.unwrap() > 0.95);
}

#[test]
fn a_fix_surely_inside_raises_at_once_and_tells_how_deep() {
    let mut world = World::with_school();
    world.walk(&[(400.0, 0.0), (900.0, 0.0)]);
    let breach = world.alert(AlertKind::ExclusionBreach);
    let Reason::InsideSurely { probability, depth_m } = breach.explanation.reason else {
        panic!("{breach:?}")
    };
    assert!(probability > 0.99 && (depth_m - 100.0).abs() < 1.0);
    assert_eq!(breach.position, Some(place((900.0, 0.0))));
}

#[test]
fn two_of_three_fixes_probably_inside_raise_with_the_time_of_the_first() {
    let mut world = World::with_school();
    world.walk(&[(760.0, 0.0)]);
    for x in [804.0, 796.0, 805.0] {
        world.wait(60);
        world.fix((x, 0.0), 40.0);
    }
    let breach = world.alert(AlertKind::ExclusionBreach);
    assert!(matches!(breach.explanation.reason, Reason::InsideRepeatedly { hits: 2, window: 3, .. }));
    assert_eq!(breach.occurred_at, world.now.plus_s(-120));
}

#[test]
fn a_single_outlier_fix_raises_nothing_and_does_not_poison_the_following() {
    let mut world = World::with_school();
    // 12 km away, in a minute: more than 90 m/s. It lands inside a second zone.
    let far = circle(ZoneId(5), ZoneKind::Exclusion, (12_000.0, 0.0), 500.0, 0.0);
    world.zones = ZoneIndex::build([far, circle(SCHOOL, ZoneKind::Exclusion, (1000.0, 0.0), 200.0, 150.0)]);
    world.walk(&[(0.0, 0.0), (60.0, 0.0), (12_000.0, 0.0), (120.0, 0.0), (180.0, 0.0)]);
    assert_eq!(world.raised(), []);
    // A jump that the next fix agrees with is believed: the wearer may have been asleep in an aeroplane.
    world.walk(&[(12_000.0, 0.0), (12_010.0, 0.0)]);
    assert_eq!(world.raised(), [AlertKind::ExclusionBreach]);
}

#[test]
fn one_weak_hit_among_misses_raises_nothing() {
    let mut world = World::with_school();
    for x in [700.0, 805.0, 700.0, 690.0, 805.0, 690.0, 690.0] {
        world.wait(60);
        world.fix((x, 0.0), 60.0);
    }
    assert!(!world.raised().contains(&AlertKind::ExclusionBreach));
}

#[test]
fn drift_with_poor_accuracy_near_the_border_raises_no_breach() {
    let mut world = World::with_school();
    world.zones = ZoneIndex::build([circle(SCHOOL, ZoneKind::Exclusion, (1000.0, 0.0), 200.0, 0.0)]);
    for step in 0..25 {
        world.wait(60);
        let drift = [0.0, 70.0, 150.0, 30.0, 110.0][step % 5];
        world.fix((730.0 + drift, 0.0), 140.0);
    }
    assert_eq!(world.raised(), []);
}

#[test]
fn driving_through_between_two_fixes_raises_a_transit_that_is_over() {
    let mut world = World::with_school();
    world.walk(&[(0.0, 0.0), (1700.0, 20.0)]);
    assert_eq!(world.raised(), [AlertKind::ExclusionTransit]);
    let transit = world.alert(AlertKind::ExclusionTransit);
    assert!(!transit.active && transit.explanation.fixes.len() == 2);
    let Reason::PathCrossed { chord_m, entered_at, left_at } = transit.explanation.reason else { panic!() };
    assert!((chord_m - 400.0).abs() < 5.0);
    assert!(entered_at < left_at && left_at < world.now && entered_at > world.now.plus_s(-60));
}

#[test]
fn a_way_across_a_long_gap_or_along_a_corner_is_no_transit() {
    let mut world = World::with_school();
    world.walk(&[(0.0, 0.0)]);
    world.wait(400);
    world.fix((1700.0, 0.0), 10.0);
    world.walk(&[(1400.0, 199.9), (600.0, 199.9)]);
    assert_eq!(world.raised(), []);
}

#[test]
fn a_zone_whose_schedule_does_not_hold_raises_nothing_until_it_does() {
    let mut world = World::with_school();
    let mut school = circle(SCHOOL, ZoneKind::Exclusion, (1000.0, 0.0), 200.0, 150.0);
    school.schedule = Some(nightly(20 * 60, 22 * 60));
    world.zones = ZoneIndex::build([school]);
    world.walk(&[(0.0, 0.0), (1700.0, 0.0), (1000.0, 0.0), (1000.0, 10.0), (700.0, 0.0), (1000.0, 0.0)]);
    assert_eq!(world.raised(), []);
    // 20:00 in Oslo is 19:00 UTC.
    while world.now < moment("2026-03-02T19:02:00Z") {
        world.walk(&[(1000.0, 0.0)]);
    }
    assert_eq!(world.active(), [AlertKind::ExclusionBreach]);
    while world.now < moment("2026-03-02T21:02:00Z") {
        world.walk(&[(1000.0, 0.0)]);
    }
    assert_eq!((world.active(), world.raised().len()), (vec![], 1));
}

#[test]
fn coming_back_within_ten_minutes_is_one_more_occurrence_of_the_same_alert() {
    let mut world = World::with_school();
    world.walk(&[(900.0, 0.0), (300.0, 0.0), (280.0, 0.0), (900.0, 0.0)]);
    let breach = world.alert(AlertKind::ExclusionBreach);
    assert_eq!((breach.occurrences, breach.active), (2, true));
    for _ in 0..20 {
        world.walk(&[(300.0, 0.0)]);
    }
    world.walk(&[(900.0, 0.0)]);
    assert_eq!(world.desk.len(), 2);
}

#[test]
fn a_removed_zone_ends_its_breach() {
    let mut world = World::with_school();
    world.walk(&[(900.0, 0.0)]);
    world.zones = ZoneIndex::default();
    world.walk(&[(900.0, 0.0)]);
    assert_eq!(world.active(), []);
}

#[test]
fn a_clock_that_runs_backwards_or_ahead_confirms_nothing() {
    let mut world = World::with_school();
    world.walk(&[(0.0, 0.0)]);
    let back = fix_at(world.now.plus_s(-3600), (1000.0, 0.0), 5.0);
    let ahead = fix_at(world.now.plus_s(3600), (1000.0, 0.0), 5.0);
    let unset = Fix { time_source: TimeSource::Unset, ..fix_at(world.now.plus_s(1), (1000.0, 0.0), 5.0) };
    for fix in [back, ahead, unset] {
        assert_eq!(world.report(Lane::Live, Content::Fixes(&[fix])).implausible, 1);
    }
    world.walk(&[(60.0, 0.0)]);
    assert_eq!(world.raised(), []);
}

#[test]
fn a_shared_zone_holds_for_the_groups_wearers_only() {
    let mut world = World::with_school();
    let group = lenke_zones::GroupId(3);
    let mut school = circle(SCHOOL, ZoneKind::Exclusion, (1000.0, 0.0), 200.0, 150.0);
    school.assignment = Assignment::Shared(vec![group]);
    world.zones = ZoneIndex::build([school]);
    world.walk(&[(1000.0, 0.0), (1000.0, 0.0)]);
    assert_eq!(world.raised(), []);
    world.wearer.groups.push(group);
    world.walk(&[(1000.0, 0.0)]);
    assert_eq!(world.raised(), [AlertKind::ExclusionBreach]);
}

#[test]
fn one_fix_well_within_the_strip_is_an_approach_and_one_at_its_edge_is_not() {
    let mut world = World::with_school();
    world.walk(&[(0.0, 0.0), (655.0, 0.0), (500.0, 0.0), (500.0, 0.0)]);
    assert_eq!(world.raised(), []);
    world.walk(&[(720.0, 0.0)]);
    assert_eq!(world.active(), [AlertKind::ExclusionApproach]);
    world.walk(&[(500.0, 0.0)]);
    assert_eq!(world.active(), []);
}
