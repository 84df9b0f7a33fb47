//! Silence.

use super::*;

#[test]
fn a_silent_tag_fails_to_communicate_after_its_plans_time_and_ends_when_back() {
    let mut world = World::with_school();
    world.walk(&[(0.0, 0.0)]);
    let heard = world.now;
    world.wait(599);
    assert_eq!(world.raised(), []);
    world.wait(2);
    assert_eq!(world.active(), [AlertKind::CommunicationFailure]);
    assert_eq!(world.alert(AlertKind::CommunicationFailure).occurred_at, heard.plus_s(600));
    world.wait(3600);
    world.fix((0.0, 0.0), 10.0);
    assert_eq!((world.active(), world.raised().len()), (vec![], 1));
}

#[test]
fn a_tag_that_is_heard_without_a_usable_fix_fails_to_locate() {
    let mut world = World::with_school();
    world.walk(&[(0.0, 0.0)]);
    for _ in 0..31 {
        world.wait(60);
        world.fix((0.0, 0.0), 500.0);
    }
    assert_eq!(world.active(), [AlertKind::LocationFailure]);
    world.walk(&[(0.0, 0.0)]);
    assert_eq!(world.active(), []);
}

#[test]
fn a_tag_at_its_home_unit_needs_no_satellites() {
    let mut world = World::with_school();
    for _ in 0..120 {
        world.wait(60);
        let sighting = Sighting { at: world.now, heard: HOME_UNIT, rssi_dbm: -60, authenticated: true };
        world.report(Lane::Live, Content::Sightings(&[sighting]));
    }
    assert_eq!(world.raised(), []);
}

#[test]
fn the_home_units_own_words_do_not_make_a_silent_tag_heard() {
    let mut world = World::with_school();
    world.walk(&[(0.0, 0.0)]);
    for seq in 0..11 {
        world.wait(60);
        world.report_as(HOME_UNIT, FrameId::new(1, seq), Lane::Live, Content::Checkpoint);
    }
    assert_eq!(world.active(), [AlertKind::CommunicationFailure]);
}

#[test]
fn after_the_centres_own_downtime_no_flood_of_failures() {
    let mut world = World::with_school();
    world.walk(&[(0.0, 0.0)]);
    world.now = world.now.plus_s(7200);
    world.handle(|monitor, _, now| monitor.handle_restart(now));
    world.wait(599);
    assert_eq!(world.raised(), []);
    world.wait(2);
    assert_eq!(world.raised(), [AlertKind::CommunicationFailure]);
}

#[test]
fn a_failure_has_the_same_id_whether_the_centre_restarted_or_not() {
    let id = |restart: bool| {
        let mut world = World::with_school();
        world.walk(&[(0.0, 0.0)]);
        world.wait(100);
        if restart {
            world.handle(|monitor, _, now| monitor.handle_restart(now));
        }
        world.wait(7200);
        world.alert(AlertKind::CommunicationFailure).id
    };
    assert_eq!(id(false), id(true));
}
