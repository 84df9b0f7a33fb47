//! What a monitor tells of intervals: in the evidence's time, under ids that stay, amended by a backlog.

use super::*;
use crate::{IntervalKind, Subject};
use proptest::prelude::*;

const AT_HOME: (f64, f64) = (0.0, 0.0);
const AT_SCHOOL: (f64, f64) = (1000.0, 0.0);
const TOWN: (f64, f64) = (0.0, 3000.0);
const HOUR_S: i64 = 3600;

fn with_curfew(start: &str) -> World {
    let school = circle(SCHOOL, ZoneKind::Exclusion, AT_SCHOOL, 200.0, 150.0);
    let home = circle(HOME, ZoneKind::Inclusion, AT_HOME, 80.0, 0.0);
    let curfew = ConditionRule::Curfew {
        zone: HOME,
        schedule: nightly(22 * 60, 6 * 60),
        grace_s: 600,
        not_returned_s: 3600,
        unknown_s: 3600,
    };
    World::new(start, vec![school, home], vec![curfew])
}

/// Begin and end in seconds since `start`.
type Span = (i64, Option<i64>);

impl World {
    fn of(&self, kind: IntervalKind) -> Vec<&IntervalRecord> {
        let mut records: Vec<_> = self.records.iter().filter(|record| record.kind == kind).collect();
        records.sort_by_key(|record| record.from);
        records
    }

    fn spans(&self, kind: IntervalKind, start: UnixMillis) -> Vec<Span> {
        let s = |at: UnixMillis| at.since_ms(start) / 1000;
        self.of(kind).iter().map(|record| (s(record.from), record.to.map(s))).collect()
    }

    /// A fix from there every minute, for so many minutes.
    fn remain(&mut self, position: (f64, f64), minutes: usize) {
        self.walk(&vec![position; minutes]);
    }

    /// What the tag recorded from one minute to another since `start`, one frame an hour.
    fn recorded_since(
        &self,
        start: UnixMillis,
        minutes: std::ops::Range<i64>,
        position: (f64, f64),
    ) -> Vec<Fix> {
        minutes.map(|minute| fix_at(start.plus_s(60 * minute), position, 10.0)).collect()
    }

    fn late(&mut self, fixes: &[Fix], frame_size: usize) {
        for fixes in fixes.chunks(frame_size) {
            self.wait(1);
            self.report(Lane::Backlog, Content::Fixes(fixes));
        }
    }
}

#[test]
fn a_stay_in_a_zone_is_one_interval_from_the_first_fix_inside_to_the_first_outside() {
    let mut world = World::with_school();
    let start = world.now;
    world.remain(TOWN, 3);
    world.remain(AT_SCHOOL, 5);
    assert_eq!(world.spans(IntervalKind::Inside, start), [(4 * 60, None)]);
    world.remain(TOWN, 3);
    let [inside] = world.of(IntervalKind::Inside)[..] else { panic!("{:?}", world.records) };
    assert_eq!((inside.from, inside.to), (start.plus_s(4 * 60), Some(start.plus_s(9 * 60))));
    assert_eq!(inside.subject, Subject::Zone(SCHOOL));
    assert_eq!(inside.zone.map(|zone| (zone.id, zone.version)), Some((SCHOOL, 1)));
    assert!(!inside.uncertain && !inside.late);
    // Back within the time in which an alert is one more occurrence: an interval of its own all the same.
    world.remain(AT_SCHOOL, 2);
    world.remain(TOWN, 2);
    assert_eq!(world.of(IntervalKind::Inside).len(), 2);
}

#[test]
fn home_and_away_follow_each_other_and_watching_begins_with_the_first_input() {
    let mut world = with_curfew("2026-03-02T18:00:00Z");
    let start = world.now;
    world.remain(AT_HOME, 60);
    world.remain(TOWN, 60);
    world.remain(AT_HOME, 10);
    assert_eq!(world.spans(IntervalKind::Watched, start), [(0, None)]);
    assert_eq!(world.spans(IntervalKind::Home, start), [(60, Some(61 * 60)), (121 * 60, None)]);
    assert_eq!(world.spans(IntervalKind::Away, start), [(61 * 60, Some(121 * 60))]);
    assert!(
        world
            .of(IntervalKind::Away)
            .iter()
            .all(|record| record.subject == Subject::Condition(ConditionId(1)))
    );
}

#[test]
fn silence_is_told_while_it_lasts_and_taken_back_when_the_backlog_fills_it() {
    for (size, backwards) in [(10, false), (1, true), (60, false), (7, true)] {
        let mut world = with_curfew("2026-03-02T12:00:00Z");
        let start = world.now;
        world.remain(AT_HOME, 10);
        world.wait(3 * HOUR_S);
        assert_eq!(world.spans(IntervalKind::Silent, start), [(600, None)]);
        world.remain(AT_HOME, 5);
        let back = 600 + 3 * HOUR_S + 60;
        assert_eq!(world.spans(IntervalKind::Silent, start), [(600, Some(back))]);
        let id = world.of(IntervalKind::Silent)[0].id;
        // Of the hours of silence the tag had recorded all but the last.
        let mut fixes = world.recorded_since(start, 11..130, AT_HOME);
        if backwards {
            fixes.reverse();
        }
        world.late(&fixes, size);
        assert_eq!(world.spans(IntervalKind::Silent, start), [(129 * 60, Some(back))], "{size} {backwards}");
        assert_eq!(
            world.spans(IntervalKind::Unplaced, start),
            [(129 * 60, Some(back))],
            "{size} {backwards}"
        );
        // The oldest part of a gap keeps its name.
        assert!(backwards || world.of(IntervalKind::Silent)[0].id == id, "{size} {backwards}");
        assert!(world.of(IntervalKind::Silent)[0].late);
        let told = world.effects.len();
        world.late(&fixes, size);
        assert_eq!(world.effects.len(), told, "the same once more changes nothing");
    }
}

#[test]
fn what_a_backlog_brings_of_before_the_first_input_is_watched_from_there() {
    let mut world = with_curfew("2026-03-02T12:00:00Z");
    let start = world.now.plus_s(-3 * HOUR_S);
    world.remain(AT_HOME, 2);
    let fixes = world.recorded_since(start, 0..90, AT_HOME);
    world.late(&fixes, 10);
    assert_eq!(world.spans(IntervalKind::Watched, start), [(0, None)]);
    assert_eq!(world.spans(IntervalKind::Silent, start), [(89 * 60, Some(3 * HOUR_S))]);
}

#[test]
fn a_gap_that_no_clock_saw_is_told_with_the_first_fix_after_it() {
    let mut world = with_curfew("2026-03-02T12:00:00Z");
    let start = world.now;
    world.remain(AT_HOME, 10);
    // The centre is down, and up again with the tag's first word.
    world.now = world.now.plus_s(2 * HOUR_S);
    world.handle(|monitor, _, now| monitor.handle_restart(now));
    world.fix(AT_HOME, 10.0);
    assert_eq!(world.spans(IntervalKind::Silent, start), [(600, Some(600 + 2 * HOUR_S))]);
}

#[test]
fn a_backlog_tells_of_a_violation_in_the_past_and_ends_one_earlier() {
    let mut world = with_curfew("2026-03-02T12:00:00Z");
    let start = world.now;
    world.remain(TOWN, 10);
    world.remain(AT_SCHOOL, 10);
    world.wait(4 * HOUR_S);
    world.remain(TOWN, 3);
    let [inside] = world.of(IntervalKind::Inside)[..] else { panic!("{:?}", world.records) };
    let (id, long) = (inside.id, inside.to.expect("it ended").since_ms(inside.from));
    assert!(long > 4 * HOUR_S * 1000 && inside.uncertain, "{long}");
    // In truth it was left after five more minutes, and entered again an hour later for ten.
    let mut fixes = world.recorded_since(start, 21..26, AT_SCHOOL);
    fixes.extend(world.recorded_since(start, 26..90, TOWN));
    fixes.extend(world.recorded_since(start, 90..100, AT_SCHOOL));
    fixes.extend(world.recorded_since(start, 100..260, TOWN));
    world.late(&fixes, 8);
    let spans = world.spans(IntervalKind::Inside, start);
    assert_eq!(spans, [(11 * 60, Some(26 * 60)), (90 * 60, Some(100 * 60))]);
    let inside = world.of(IntervalKind::Inside);
    assert_eq!(inside[0].id, id);
    assert!(!inside[0].uncertain && inside[1].late);
    assert_eq!(world.spans(IntervalKind::Silent, start), []);
}

#[test]
fn an_absence_that_a_backlog_brings_is_told_as_long_as_it_was() {
    let mut world = with_curfew("2026-03-02T20:00:00Z");
    let start = world.now;
    world.remain(AT_HOME, 70);
    world.wait(6 * HOUR_S);
    world.remain(AT_HOME, 3);
    let mut fixes = world.recorded_since(start, 71..120, AT_HOME);
    fixes.extend(world.recorded_since(start, 120..300, TOWN));
    fixes.extend(world.recorded_since(start, 300..430, AT_HOME));
    world.late(&fixes, 8);
    assert_eq!(world.spans(IntervalKind::Away, start), [(120 * 60, Some(300 * 60))]);
    assert_eq!(world.spans(IntervalKind::Silent, start), []);
}

#[test]
fn nearness_to_a_protected_person_is_an_interval_and_holds_no_position() {
    let victim = ConditionRule::VictimProtection { victim: VICTIM, alert_m: 500.0, pre_alert_m: 1000.0 };
    let mut world = World::new("2026-03-02T12:00:00Z", Vec::new(), vec![victim]);
    for position in [(3000.0, 0.0), (300.0, 0.0), (300.0, 0.0), (3000.0, 0.0), (3000.0, 0.0)] {
        world.wait(60);
        let fix = fix_at(world.now, AT_HOME, 10.0);
        world.handle(|monitor, context, now| monitor.handle_counterpart(VICTIM, &fix, context, now));
        world.fix(position, 10.0);
    }
    let [near] = world.of(IntervalKind::Near)[..] else { panic!("{:?}", world.records) };
    assert_eq!(near.subject, Subject::Victim(VICTIM));
    assert!(near.to.is_some() && near.alert.is_some());
    let told = serde_json::to_string(&world.records).unwrap();
    let [lat, lon] = [place(AT_HOME).lat_e7(), place(AT_HOME).lon_e7()];
    assert!(!told.contains(&lat.to_string()) && !told.contains(&lon.to_string()), "{told}");
    // The unit falls silent.
    world.remain((3000.0, 0.0), 40);
    let blind = world.of(IntervalKind::Blind);
    assert_eq!(blind.len(), 1, "{:?}", world.records);
    assert!(blind[0].to.is_none());
}

#[test]
fn an_open_strap_is_an_interval_until_an_officer_clears_it() {
    let mut world = World::with_school();
    world.remain(TOWN, 2);
    world.event(EventKind::StrapOpen, 0);
    let from = world.now;
    world.remain(TOWN, 2);
    world.event(EventKind::StrapClosed, 0);
    assert_eq!(world.of(IntervalKind::StrapOpen)[0].to, None);
    world.remain(TOWN, 2);
    world.event(EventKind::LatchCleared, 0);
    let [open] = world.of(IntervalKind::StrapOpen)[..] else { panic!("{:?}", world.records) };
    assert_eq!((open.from, open.to), (from, Some(world.now)));
}

#[test]
fn a_protected_person_has_no_intervals() {
    let mut world = World::with_school();
    world.wearer.conditions.clear();
    world.records.clear();
    world.effects.clear();
    world.monitor = Monitor::new(WEARER, world.now);
    world.wait(0);
    world.remain(AT_SCHOOL, 5);
    world.wait(HOUR_S);
    assert!(world.records.is_empty(), "{:?}", world.records);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whether it came as it happened or as a backlog, and in which order, makes no difference to what is known.
    #[test]
    fn what_is_known_in_the_end_does_not_depend_on_the_order_of_arrival(
        path in prop::collection::vec((0..3_usize, 5..50_usize), 1..5),
        turn in 0..3_u8,
        size in 1..10_usize,
    ) {
        const PLACES: [(f64, f64); 3] = [AT_HOME, TOWN, AT_SCHOOL];
        let path: Vec<_> = path.iter().flat_map(|(place, minutes)| vec![PLACES[*place]; *minutes]).collect();
        let known = |world: &World| {
            let mut known: Vec<_> = world.records.iter().map(|record| (record.kind, record.from, record.to)).collect();
            known.retain(|(kind, ..)| !matches!(kind, IntervalKind::Home));
            for (_, _, to) in known.iter_mut().filter(|(kind, ..)| *kind == IntervalKind::Inside) {
                // Until the last fix inside, or until the first outside.
                *to = to.map(|to| UnixMillis((to.0 - 1).div_euclid(60_000)));
            }
            known.sort_unstable();
            known
        };
        // Live: all of it as it happens, at night.
        let mut live = with_curfew("2026-03-02T21:30:00Z");
        let start = live.now;
        live.remain(AT_HOME, 5);
        live.walk(&path);
        live.remain(AT_HOME, 5);
        // Late: the path comes after its end, in some order.
        let mut late = with_curfew("2026-03-02T21:30:00Z");
        late.remain(AT_HOME, 5);
        late.wait(60 * path.len() as i64);
        late.remain(AT_HOME, 5);
        let fixes: Vec<_> = (6..).zip(&path).map(|(minute, place)| fix_at(start.plus_s(60 * minute), *place, 10.0)).collect();
        let mut frames: Vec<_> = fixes.chunks(size).collect();
        let half = frames.len() / 2;
        match turn {
            0 => {}
            1 => frames.reverse(),
            _ => frames.rotate_left(half),
        }
        for frame in frames {
            late.late(frame, size);
        }
        prop_assert_eq!(known(&late), known(&live));
    }
}
