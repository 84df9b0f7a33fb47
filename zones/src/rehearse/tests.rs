//! A walk past, into and out of zones.

use super::*;
use crate::{
    Geometry, Metres, Schedule, WeeklyWindow,
    testing::{personal, place},
};
use lenke_wire::TimeSource;

/// 2026-11-16, a Monday, 08:00 in Oslo.
const START: UnixMillis = UnixMillis(1_794_812_400_000);

/// One fix a minute along 60 N, 50 m apart, good to 5 m; from 500 m west of 10 E to 500 m east of it.
fn walk() -> Vec<Fix> {
    (-10..=10)
        .map(|step| Fix {
            at: START.plus_s((i64::from(step) + 10) * 60),
            time_source: TimeSource::Gnss,
            position: place(60.0, 10.0 + f64::from(step) * 50.0 / 55_800.0),
            accuracy_dm: 50,
            speed_cm_s: 80,
            course_cdeg: 9_000,
            satellites: 9,
        })
        .collect()
}

fn circle(radius: f64) -> Zone {
    personal(1, 7, Geometry::circle(place(60.0, 10.0), Metres(radius)).unwrap())
}

fn compare(today: Vec<Zone>, proposed: Vec<Zone>, trail: Vec<Fix>) -> Rehearsal {
    rehearse(&ZoneIndex::build(today), &ZoneIndex::build(proposed), WearerId(7), &[], trail)
}

#[test]
fn a_larger_zone_means_a_longer_stay() {
    let rehearsal = compare(vec![circle(120.0)], vec![circle(320.0)], walk());
    let zone = rehearsal.zones[&ZoneId(1)];
    assert_eq!(zone.today, Stays { entries: 1, exits: 1, inside_ms: 5 * 60_000, possible: 0 });
    assert_eq!(zone.proposed, Stays { entries: 1, exits: 1, inside_ms: 13 * 60_000, possible: 0 });
    assert_eq!((rehearsal.total(), rehearsal.fixes), (zone, 21));
}

#[test]
fn a_zone_that_is_only_proposed_or_never_entered_shows_so() {
    let elsewhere =
        Zone { id: ZoneId(2), ..personal(2, 7, Geometry::circle(place(61.0, 10.0), Metres(50.0)).unwrap()) };
    let rehearsal = compare(vec![], vec![circle(120.0), elsewhere], walk());
    assert_eq!(rehearsal.zones.len(), 1);
    let zone = rehearsal.zones[&ZoneId(1)];
    assert_eq!((zone.today, zone.proposed.entries), (Stays::default(), 1));
}

#[test]
fn a_stay_ends_with_the_schedule() {
    // 08:00 to 08:10: the tenth minute is the middle of the walk.
    let windows = [WeeklyWindow { weekday: 1, from_min: 480, to_min: 490 }];
    let scheduled = Zone { schedule: Some(Schedule::new("Europe/Oslo", windows).unwrap()), ..circle(120.0) };
    let stays = compare(vec![scheduled], vec![], walk()).zones[&ZoneId(1)].today;
    assert_eq!(stays, Stays { entries: 1, exits: 1, inside_ms: 2 * 60_000, possible: 0 });
}

#[test]
fn the_policy_decides_and_gaps_count_for_nobody() {
    let never = ConfirmPolicy { confirm_at: 1.0, suspect_at: 1.0, hits: 9, window: 9, version: 2 };
    let doubtful: Vec<Fix> = walk().into_iter().map(|fix| Fix { accuracy_dm: 2_000, ..fix }).collect();
    let strict = Zone { policy: never, ..circle(120.0) };
    let rehearsal = compare(vec![circle(120.0)], vec![strict], doubtful);
    assert!(rehearsal.zones.get(&ZoneId(1)).is_none_or(|zone| zone.proposed.entries == 0));
    let sparse: Vec<Fix> = walk()
        .into_iter()
        .enumerate()
        .map(|(n, fix)| Fix { at: START.plus_s(n as i64 * 1_000), ..fix })
        .collect();
    let stays = compare(vec![circle(120.0)], vec![], sparse).zones[&ZoneId(1)].today;
    assert_eq!((stays.entries, stays.exits, stays.inside_ms), (1, 1, 0));
}

#[test]
fn fixes_out_of_order_are_counted_and_left_out() {
    let mut trail = walk();
    trail.swap(3, 4);
    let rehearsal = compare(vec![circle(120.0)], vec![circle(120.0)], trail);
    assert_eq!((rehearsal.fixes, rehearsal.out_of_order), (20, 1));
    let total = rehearsal.total();
    assert_eq!(total.today, total.proposed);
}

#[test]
fn several_trails_add_up() {
    let one = || compare(vec![circle(120.0)], vec![circle(320.0)], walk());
    let mut both = one();
    both += one();
    assert_eq!(both.zones[&ZoneId(1)].proposed.inside_ms, 2 * one().zones[&ZoneId(1)].proposed.inside_ms);
    assert_eq!((both.fixes, both.total().today.entries), (42, 2));
}

#[test]
fn a_gap_in_which_a_zone_was_in_reach_is_a_doubt_and_no_stay() {
    // A minute each, but for half an hour before the last fix: 45 km at 90 km/h.
    let mut trail: Vec<Fix> = walk().into_iter().take(3).collect();
    let last = trail[2];
    trail.push(Fix { at: last.at.plus_s(1800), ..last });
    let at = |lat: f64| Geometry::circle(place(lat, 10.0), Metres(200.0)).unwrap();
    let zones = vec![personal(1, 7, at(60.15)), personal(2, 7, at(60.25)), personal(3, 8, at(60.1))];
    let rehearsal = compare(vec![], zones, trail);
    let proposed: Vec<_> = rehearsal.zones.iter().map(|(id, zone)| (*id, zone.proposed)).collect();
    assert_eq!(proposed, [(ZoneId(1), Stays { possible: 1, ..Stays::default() })]);
}
