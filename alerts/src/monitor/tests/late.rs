//! Backlogs: late, newest first, doubled.

use super::*;

const AT_HOME: (f64, f64) = (0.0, 0.0);
const AT_SCHOOL: (f64, f64) = (1000.0, 0.0);

/// One fix a minute from the start, as the tag recorded them while nobody heard it.
fn recorded(start: UnixMillis, path: &[(f64, f64)]) -> Vec<Fix> {
    (1..).zip(path).map(|(minute, position)| fix_at(start.plus_s(60 * minute), *position, 10.0)).collect()
}

/// An outage of 40 minutes: home, ten minutes in the school, home again.
fn outing() -> Vec<(f64, f64)> {
    let mut path = vec![AT_HOME; 15];
    path.extend([(500.0, 0.0), (850.0, 0.0)]);
    path.extend([AT_SCHOOL; 10]);
    path.extend([(500.0, 0.0)]);
    path.extend([AT_HOME; 12]);
    path
}

/// Fixes until the outage, then silence for as long as `path` takes. Returns what the tag recorded.
fn outage(world: &mut World, path: &[(f64, f64)]) -> Vec<Fix> {
    world.walk(&[AT_HOME, AT_HOME, AT_HOME]);
    let fixes = recorded(world.now, path);
    world.seq += 100;
    world.wait(60 * path.len() as i64);
    fixes
}

impl World {
    /// Frames out of the outage: they were numbered before the newest.
    fn backlog(&mut self, first_seq: u32, frames: impl IntoIterator<Item = Vec<Fix>>) {
        for (seq, fixes) in (first_seq..).zip(frames) {
            self.wait(1);
            self.report_as(TAG, FrameId::new(1, seq), Lane::Backlog, Content::Fixes(&fixes));
        }
    }

    fn breaches(&self) -> Vec<&Alert> {
        self.desk.values().filter(|alert| alert.kind == AlertKind::ExclusionBreach).collect()
    }
}

fn chunks(fixes: &[Fix], size: usize) -> Vec<Vec<Fix>> {
    fixes.chunks(size).map(<[Fix]>::to_vec).collect()
}

#[test]
fn a_backlog_after_the_newest_fix_raises_one_late_breach_and_doubling_it_changes_nothing() {
    let mut world = World::with_school();
    let fixes = outage(&mut world, &outing());
    world.walk(&[AT_HOME]);
    world.backlog(10, chunks(&fixes, 10));
    let [breach] = world.breaches()[..] else { panic!("{:?}", world.raised()) };
    assert!(breach.late && !breach.active);
    assert!(breach.occurred_at >= fixes[16].at && breach.occurred_at <= fixes[17].at);
    assert_eq!(breach.ended_at, Some(fixes[26].at));
    assert!(breach.explanation.fixes.iter().all(|fix| fix.signed_distance_m.is_some()));
    let count = world.effects.len();
    world.backlog(10, chunks(&fixes, 10));
    world.backlog(50, chunks(&fixes, 7));
    assert_eq!(world.effects.len(), count);
}

#[test]
fn a_backlog_may_be_numbered_after_the_newest_frame() {
    let mut world = World::with_school();
    let fixes = outage(&mut world, &outing());
    world.walk(&[AT_HOME]);
    world.backlog(500, chunks(&fixes, 10));
    assert_eq!(world.breaches().len(), 1);
}

#[test]
fn the_order_in_which_a_backlog_comes_does_not_matter() {
    for size in [1, 3, 10, 40] {
        for turn in 0..3 {
            let mut world = World::with_school();
            let fixes = outage(&mut world, &outing());
            world.walk(&[AT_HOME]);
            let mut frames = chunks(&fixes, size);
            match turn {
                0 => {}
                1 => frames.reverse(),
                _ => {
                    let half = frames.len() / 2;
                    frames.rotate_left(half);
                }
            }
            world.backlog(10, frames);
            let [breach] = world.breaches()[..] else { panic!("{size} {turn} {:?}", world.raised()) };
            assert!(breach.late && !breach.active, "{size} {turn}");
            assert!(!world.raised().contains(&AlertKind::ExclusionTransit), "{size} {turn}");
        }
    }
}

#[test]
fn a_backlog_that_comes_oldest_first_before_anything_newer_is_late_as_well() {
    let mut world = World::with_school();
    let fixes = outage(&mut world, &outing());
    world.backlog(100, chunks(&fixes, 10));
    let [breach] = world.breaches()[..] else { panic!("{:?}", world.raised()) };
    assert!(breach.late && !breach.active);
}

#[test]
fn a_stay_that_is_still_going_on_when_the_tag_comes_back_is_told_once() {
    for reverse in [false, true] {
        let mut world = World::with_school();
        let mut path = vec![AT_HOME; 10];
        path.extend([AT_SCHOOL; 30]);
        let fixes = outage(&mut world, &path);
        world.walk(&[AT_SCHOOL]);
        let mut frames = chunks(&fixes, 10);
        if reverse {
            frames.reverse();
        }
        world.backlog(10, frames);
        let [breach] = world.breaches()[..] else { panic!("{reverse} {:?}", world.raised()) };
        assert!(breach.active && !breach.late && breach.occurrences == 1);
    }
}

#[test]
fn an_earlier_stay_in_the_gap_before_a_live_one_is_an_alert_of_its_own() {
    for reverse in [false, true] {
        let mut world = World::with_school();
        let mut path = vec![AT_SCHOOL; 8];
        path.extend([AT_HOME; 60]);
        path.extend([AT_SCHOOL; 5]);
        let fixes = outage(&mut world, &path);
        world.walk(&[AT_SCHOOL]);
        let mut frames = chunks(&fixes, 10);
        if reverse {
            frames.reverse();
        }
        world.backlog(10, frames);
        let breaches = world.breaches();
        assert_eq!(breaches.len(), 2, "{reverse} {:?}", world.raised());
        assert!(breaches.iter().any(|breach| breach.late && !breach.active));
        assert!(breaches.iter().any(|breach| !breach.late && breach.active));
    }
}

#[test]
fn a_backlog_never_disturbs_the_live_state() {
    let mut world = World::with_school();
    let fixes = outage(&mut world, &vec![AT_HOME; 40]);
    world.walk(&[AT_SCHOOL]);
    assert_eq!(world.active(), [AlertKind::ExclusionBreach]);
    world.backlog(10, chunks(&fixes, 10));
    assert_eq!(world.active(), [AlertKind::ExclusionBreach]);
    world.walk(&[AT_SCHOOL, (500.0, 0.0)]);
    assert_eq!((world.active(), world.breaches().len()), (vec![], 1));
}

#[test]
fn driving_through_during_an_outage_is_a_late_transit() {
    let mut world = World::with_school();
    let mut path = vec![AT_HOME; 10];
    path.extend([(1700.0, 0.0); 20]);
    let fixes = outage(&mut world, &path);
    world.walk(&[(1700.0, 0.0)]);
    world.backlog(10, chunks(&fixes, 10));
    let transit = world.alert(AlertKind::ExclusionTransit);
    assert!(transit.late && !transit.active);
}

#[test]
fn one_bad_fix_in_a_backlog_raises_nothing() {
    let mut world = World::with_school();
    let far = circle(ZoneId(5), ZoneKind::Exclusion, (20_000.0, 0.0), 500.0, 0.0);
    world.zones = ZoneIndex::build([far]);
    let mut path = vec![AT_HOME; 40];
    path[20] = (20_000.0, 0.0);
    let fixes = outage(&mut world, &path);
    world.walk(&[AT_HOME]);
    for size in [1, 10] {
        world.backlog(10, chunks(&fixes, size));
        assert!(world.breaches().is_empty());
    }
}

#[test]
fn an_absence_during_an_outage_is_one_late_alert_for_that_night() {
    let curfew = ConditionRule::Curfew {
        zone: HOME,
        schedule: nightly(22 * 60, 6 * 60),
        grace_s: 600,
        not_returned_s: 36_000,
        unknown_s: 36_000,
    };
    let home = circle(HOME, ZoneKind::Inclusion, AT_HOME, 80.0, 0.0);
    let mut world = World::new("2026-03-02T20:40:00Z", vec![home], vec![curfew]);
    let mut path = vec![AT_HOME; 60];
    path.extend([(900.0, 0.0); 60]);
    path.extend([AT_HOME; 60]);
    let fixes = outage(&mut world, &path);
    world.walk(&[AT_HOME, AT_HOME]);
    assert_eq!(world.raised(), [AlertKind::CommunicationFailure]);
    world.backlog(10, chunks(&fixes, 10));
    let left = world.alert(AlertKind::CurfewLeftEarly);
    assert!(left.late && !left.active && left.occurred_at == fixes[60].at);
    assert_eq!(world.raised().len(), 2);
}

#[test]
fn a_strap_cut_that_a_backlog_brings_is_late_but_still_holds() {
    let mut world = World::with_school();
    world.walk(&[AT_HOME]);
    world.wait(3600);
    world.walk(&[AT_HOME]);
    let (at, time_source) = (world.now.plus_s(-1800), TimeSource::Gnss);
    let event = Event { at, time_source, kind: EventKind::StrapOpen, value: 0, position: None };
    world.report_as(TAG, FrameId::new(1, 1), Lane::Backlog, Content::Event(&event));
    let cut = world.alert(AlertKind::StrapTamper);
    assert!(cut.late && cut.active && cut.occurred_at == at);
}
