//! Permissions: they exempt for their time, and not a moment longer.

use super::*;
use crate::{Change, Permission, PermissionReason, Standing};

const PERMIT: ConditionId = ConditionId(900);

impl World {
    /// Gives a permission for a zone.
    fn permit(&mut self, zone: ZoneId, from: &str, to: &str) {
        let (from, to) = (moment(from), moment(to));
        let rule =
            ConditionRule::Permission(Permission::new(zone, from, to, PermissionReason::Work).unwrap());
        self.wearer.conditions.push(Condition { id: PERMIT, rule });
        self.wearer.order_version += 1;
    }

    fn with_curfew(start: &str) -> Self {
        let schedule = nightly(22 * 60, 6 * 60);
        let (grace_s, not_returned_s, unknown_s) = (600, 7200, 3600);
        let rule = ConditionRule::Curfew { zone: HOME, schedule, grace_s, not_returned_s, unknown_s };
        Self::new(start, vec![circle(HOME, ZoneKind::Inclusion, (0.0, 0.0), 80.0, 0.0)], vec![rule])
    }

    /// The permission that the timeline says ended an alert.
    fn ended_by(&self, kind: AlertKind) -> Option<ConditionId> {
        let timeline = &self.alert(kind).timeline;
        let ended = timeline.iter().rev().find_map(|entry| {
            let Change::Ended { permission } = &entry.what else { return None };
            Some(permission.map(|permission| permission.id))
        });
        assert!(ended.is_some(), "it ended");
        ended.flatten()
    }

    fn linger(&mut self, at: (f64, f64), minutes: usize) {
        self.walk(&vec![at; minutes]);
    }
}

const AWAY: (f64, f64) = (3000.0, 0.0);

#[test]
fn a_permitted_stay_in_an_exclusion_zone_is_no_breach_and_outstaying_it_is() {
    let mut world = World::with_school();
    world.permit(SCHOOL, "2026-03-02T12:00:00Z", "2026-03-02T13:00:00Z");
    world.linger((1000.0, 0.0), 59);
    assert_eq!(world.raised(), []);
    let zone = world.zones.zone(SCHOOL).unwrap();
    assert_eq!(world.wearer.standing(zone, world.now), Standing::Exempt(PERMIT));
    assert_eq!(world.wearer.standing(zone, moment("2026-03-02T13:00:00Z")), Standing::Binds);
    world.linger((1000.0, 0.0), 3);
    assert_eq!(world.active(), [AlertKind::ExclusionBreach]);
    let told = world.alert(AlertKind::ExclusionBreach).explanation.permission.unwrap();
    assert_eq!(
        (told.id, told.reason, told.to),
        (PERMIT, PermissionReason::Work, moment("2026-03-02T13:00:00Z"))
    );
}

#[test]
fn a_permission_that_begins_ends_the_breach_that_it_allows() {
    let mut world = World::with_school();
    world.linger((1000.0, 0.0), 5);
    assert_eq!(world.active(), [AlertKind::ExclusionBreach]);
    world.permit(SCHOOL, "2026-03-02T12:00:00Z", "2026-03-02T15:00:00Z");
    world.linger((1000.0, 0.0), 2);
    assert_eq!(world.active(), []);
    assert_eq!(world.ended_by(AlertKind::ExclusionBreach), Some(PERMIT));
}

#[test]
fn who_leaves_ends_the_breach_whatever_permission_begins_later() {
    let mut world = World::with_school();
    world.permit(SCHOOL, "2026-03-02T13:00:00Z", "2026-03-02T15:00:00Z");
    world.linger((1000.0, 0.0), 5);
    world.linger((0.0, 0.0), 5);
    assert_eq!((world.active(), world.ended_by(AlertKind::ExclusionBreach)), (vec![], None));
}

#[test]
fn a_permission_for_one_zone_says_nothing_of_another() {
    let mut world = World::with_school();
    world.permit(HOME, "2026-03-02T12:00:00Z", "2026-03-02T15:00:00Z");
    world.linger((1000.0, 0.0), 3);
    assert_eq!(world.active(), [AlertKind::ExclusionBreach]);
}

#[test]
fn a_way_through_a_zone_is_permitted_like_a_stay() {
    for permitted in [true, false] {
        let mut world = World::with_school();
        if permitted {
            world.permit(SCHOOL, "2026-03-02T12:00:00Z", "2026-03-02T13:00:00Z");
        }
        world.walk(&[(500.0, 0.0), (1500.0, 0.0)]);
        assert_eq!(world.raised().contains(&AlertKind::ExclusionTransit), !permitted);
    }
}

#[test]
fn a_backlog_from_a_permitted_time_is_judged_by_the_permission_of_that_time() {
    for permitted in [true, false] {
        let mut world = World::with_school();
        if permitted {
            world.permit(SCHOOL, "2026-03-02T12:00:00Z", "2026-03-02T13:00:00Z");
        }
        world.linger((0.0, 0.0), 1);
        let start = world.now;
        world.wait(7200);
        world.fix((0.0, 0.0), 10.0);
        let fixes: Vec<Fix> =
            (10..15).map(|minute| fix_at(start.plus_s(minute * 60), (1000.0, 0.0), 10.0)).collect();
        world.report(Lane::Backlog, Content::Fixes(&fixes));
        assert_eq!(world.raised().contains(&AlertKind::ExclusionBreach), !permitted);
    }
}

#[test]
fn a_permission_cuts_its_time_out_of_the_curfew() {
    // 22 to 06 in Oslo; away with leave until 23.
    let mut world = World::with_curfew("2026-03-02T20:30:00Z");
    world.permit(HOME, "2026-03-02T20:00:00Z", "2026-03-02T22:00:00Z");
    world.linger(AWAY, 80);
    assert_eq!(world.raised(), []);
    world.linger(AWAY, 30);
    assert_eq!(world.active(), [AlertKind::CurfewAbsent]);
    let alert = world.alert(AlertKind::CurfewAbsent);
    assert_eq!(alert.occurred_at, moment("2026-03-02T22:10:00Z"));
    assert_eq!(alert.explanation.permission.unwrap().id, PERMIT);
    world.linger((0.0, 0.0), 3);
    assert_eq!((world.active(), world.ended_by(AlertKind::CurfewAbsent)), (vec![], None));
}

#[test]
fn leave_in_the_middle_of_a_night_is_neither_leaving_early_nor_unknown() {
    let mut world = World::with_curfew("2026-03-02T20:30:00Z");
    world.linger((0.0, 0.0), 60);
    world.permit(HOME, "2026-03-02T22:00:00Z", "2026-03-03T01:00:00Z");
    world.linger((0.0, 0.0), 40);
    world.linger(AWAY, 120);
    assert_eq!(world.raised(), []);
    world.linger((0.0, 0.0), 60);
    assert_eq!(world.raised(), []);
    // Home again within the leave; leaving after it is early.
    world.linger(AWAY, 5);
    assert_eq!(world.active(), [AlertKind::CurfewLeftEarly]);
}

#[test]
fn leave_that_is_granted_later_that_night_keeps_the_absence_that_is_already_told() {
    let mut world = World::with_curfew("2026-03-02T20:30:00Z");
    world.linger(AWAY, 60);
    assert_eq!(world.active(), [AlertKind::CurfewAbsent]);
    world.permit(HOME, "2026-03-03T00:00:00Z", "2026-03-03T01:00:00Z");
    world.linger(AWAY, 30);
    assert_eq!(world.active(), [AlertKind::CurfewAbsent]);
    // Leave from now on ends it.
    world.permit(HOME, "2026-03-02T22:00:00Z", "2026-03-03T06:00:00Z");
    world.linger(AWAY, 10);
    assert_eq!((world.active(), world.ended_by(AlertKind::CurfewAbsent)), (vec![], Some(PERMIT)));
}

#[test]
fn the_end_of_the_night_ends_an_absence_whatever_is_permitted_after_it() {
    let mut world = World::with_curfew("2026-03-03T04:00:00Z");
    world.permit(HOME, "2026-03-03T05:00:00Z", "2026-03-03T12:00:00Z");
    world.linger(AWAY, 70);
    assert_eq!((world.active(), world.ended_by(AlertKind::CurfewAbsent)), (vec![], None));
}

#[test]
fn nobody_has_leave_to_come_near_a_protected_person() {
    let rule = ConditionRule::VictimProtection { victim: VICTIM, alert_m: 500.0, pre_alert_m: 1000.0 };
    let school = circle(SCHOOL, ZoneKind::Exclusion, (0.0, 0.0), 2000.0, 0.0);
    let mut world = World::new("2026-03-02T12:00:00Z", vec![school], vec![rule]);
    world.permit(SCHOOL, "2026-03-02T12:00:00Z", "2026-03-02T15:00:00Z");
    for x in [1500.0, 1000.0, 600.0, 300.0] {
        world.wait(60);
        let fix = fix_at(world.now, (0.0, 0.0), 10.0);
        world.handle(|monitor, context, now| monitor.handle_counterpart(VICTIM, &fix, context, now));
        world.fix((x, 0.0), 10.0);
    }
    assert_eq!(world.active(), [AlertKind::VictimProximity]);
}
