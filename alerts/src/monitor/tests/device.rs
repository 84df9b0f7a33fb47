//! What devices say of themselves, and refused frames.

use super::*;
use crate::{Action, Outcome, Reason, Refusal};
use lenke_wire::BatteryState;

fn health(at: UnixMillis, percent: u8, charging: bool) -> Health {
    Health {
        at,
        battery: BatteryState { percent, millivolts: 3700, charging, empty_at: None },
        strap_latched: false,
        case_latched: false,
        plan_version: 1,
        unacknowledged: 0,
        signal_dbm: -80,
        temperature_c: 20,
        firmware: 1,
        zones_version: 0,
        state: None,
    }
}

#[test]
fn a_strap_cut_latches_until_an_officer_clears_it_and_a_person_closes_it() {
    let mut world = World::with_school();
    world.walk(&[(0.0, 0.0)]);
    world.event(EventKind::StrapOpen, 0);
    let now = world.now;
    let cut = world.alert(AlertKind::StrapTamper);
    assert_eq!((cut.priority, cut.position), (crate::Priority::P1, Some(place((0.0, 0.0)))));
    world.event(EventKind::StrapClosed, 0);
    world.event(EventKind::StrapOpen, 0);
    world.wait(1);
    world.event(EventKind::StrapClosed, 0);
    world.event(EventKind::StrapOpen, 0);
    let mut cut = world.alert(AlertKind::StrapTamper).clone();
    assert!(cut.active && cut.occurrences == 2, "{cut:?}");
    let resolve = |text: &str| Action::Resolve { outcome: Outcome::Handled, text: text.to_owned() };
    assert_eq!(cut.clone().handle_action(resolve(" "), "kari", now), Err(Refusal::TextNeeded));
    assert_eq!(cut.handle_action(resolve("new strap fitted"), "kari", now), Ok(()));
    world.event(EventKind::LatchCleared, 0);
    assert_eq!(world.active(), []);
    world.wait(60);
    world.event(EventKind::StrapOpen, 0);
    assert_eq!(world.desk.len(), 2);
}

#[test]
fn a_latch_whose_event_was_lost_is_raised_from_health() {
    let mut world = World::with_school();
    let latched = Health { case_latched: true, ..health(world.now, 90, false) };
    world.report(Lane::Live, Content::Health(&latched));
    world.report(Lane::Live, Content::Health(&latched));
    assert_eq!(world.raised(), [AlertKind::CaseTamper]);
}

#[test]
fn a_panic_button_held_again_is_one_more_occurrence() {
    let mut world = World::with_school();
    world.event(EventKind::Panic, 0);
    world.wait(30);
    world.event(EventKind::Panic, 0);
    assert_eq!(world.alert(AlertKind::Panic).occurrences, 2);
}

#[test]
fn signs_of_jamming_are_one_alert_as_long_as_they_last() {
    let mut world = World::with_school();
    for _ in 0..30 {
        world.wait(60);
        world.fix((0.0, 0.0), 10.0);
        world.event(EventKind::JammingSuspected, 80);
    }
    assert_eq!(world.raised(), [AlertKind::SignalTamper]);
}

#[test]
fn a_low_battery_is_told_once_and_ends_on_the_charger() {
    let mut world = World::with_school();
    for percent in [60, 21, 19, 18, 12] {
        world.wait(60);
        let health = health(world.now, percent, false);
        world.report(Lane::Live, Content::Health(&health));
    }
    world.event(EventKind::BatteryLow, 12);
    assert_eq!(world.active(), [AlertKind::BatteryLow]);
    assert_eq!(
        world.alert(AlertKind::BatteryLow).explanation.reason,
        Reason::Battery { percent: 19, empty_at: None }
    );
    world.wait(60);
    world.event(EventKind::BatteryCritical, 7);
    assert_eq!(world.active(), [AlertKind::BatteryLow, AlertKind::BatteryCritical]);
    world.wait(60);
    world.event(EventKind::ChargeStarted, 7);
    assert_eq!((world.active(), world.raised().len()), (vec![], 2));
}

#[test]
fn an_old_word_about_the_battery_does_not_undo_a_newer_one() {
    let mut world = World::with_school();
    let charging = health(world.now, 50, true);
    let old = health(world.now.plus_s(-600), 5, false);
    world.report(Lane::Live, Content::Health(&charging));
    world.report(Lane::Backlog, Content::Health(&old));
    assert_eq!(world.raised(), []);
}

#[test]
fn refused_frames_raise_one_alert_a_rule_until_it_is_quiet() {
    let mut world = World::with_school();
    for rule in ["conflicting_bytes", "conflicting_bytes", "wrong_key", "conflicting_bytes"] {
        world.wait(60);
        world.handle(|monitor, context, now| {
            monitor.handle_refusal(rule, Some(FrameId::new(1, 7)), context, now);
        });
    }
    let refused = |alert: &Alert| matches!(alert.explanation.reason, Reason::Refused { .. });
    assert_eq!(world.desk.values().filter(|alert| refused(alert)).count(), 2);
    world.wait(700);
    world.handle(|monitor, context, now| monitor.handle_refusal("wrong_key", None, context, now));
    assert_eq!(world.desk.values().filter(|alert| refused(alert)).count(), 3);
}
