//! The index against looking at every zone.

use super::*;
use crate::{
    Geometry, Metres, distance_m,
    testing::{personal, place, shared, star},
    verdict,
};
use lenke_wire::UnixMillis;
use proptest::prelude::*;

fn zone_in(id: u64, lat: f64, lon: f64, size: f64, owner: u64, corners: usize) -> Zone {
    let geometry = if corners < 3 {
        Geometry::circle(place(lat, lon), Metres(size * 111_000.0)).unwrap()
    } else {
        star(lat, lon, &vec![size; corners])
    };
    let buffer = Metres(size * 30_000.0);
    let zone =
        if owner < 3 { personal(id, owner, geometry) } else { shared(id, &[owner, owner + 1], geometry) };
    Zone { buffer, ..zone }
}

/// Twenty to sixty zones around a place, of three wearers and five groups.
fn zones(lat: f64, lon: f64) -> impl Strategy<Value = Vec<Zone>> {
    let one = (-0.2..0.2_f64, -0.2..0.2_f64, 0.000_5..0.05_f64, 0..8_u64, 0..9_usize);
    prop::collection::vec(one, 20..60).prop_map(move |all| {
        let zone = |(id, (dy, dx, size, owner, corners)): (usize, (f64, f64, f64, u64, usize))| {
            zone_in(id as u64 + 1, lat + dy, lon + dx, size, owner, corners)
        };
        all.into_iter().enumerate().map(zone).collect()
    })
}

fn is_for(zone: &Zone, wearer: WearerId, groups: &[GroupId]) -> bool {
    match &zone.assignment {
        Assignment::Personal(owner) => *owner == wearer,
        Assignment::Shared(shared) => shared.iter().any(|group| groups.contains(group)),
    }
}

fn met(
    index: &ZoneIndex,
    wearer: WearerId,
    groups: &[GroupId],
    at: Position,
    accuracy: f64,
) -> Vec<(ZoneId, Verdict)> {
    let mut meetings = Vec::new();
    index.meet(wearer, groups, at, accuracy, &mut meetings);
    meetings.iter().map(|meeting| (meeting.zone.id, meeting.verdict)).collect()
}

fn all_places() -> impl Strategy<Value = (f64, f64)> {
    prop::sample::select(vec![(59.9, 10.7), (-17.0, 179.95), (78.2, 15.6), (-78.0, -179.99), (0.0, 0.0)])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn meetings_are_those_of_looking_at_every_zone(
        (lat, lon, zones) in all_places().prop_flat_map(|(lat, lon)| (Just(lat), Just(lon), zones(lat, lon))),
        fixes in prop::collection::vec((-0.3..0.3_f64, -0.3..0.3_f64, 0.0..300.0_f64), 20),
        groups in prop::collection::vec(3..9_u64, 0..3),
    ) {
        let index = ZoneIndex::build(zones.clone());
        let groups: Vec<GroupId> = groups.into_iter().map(GroupId).collect();
        let wearer = WearerId(1);
        for (dy, dx, accuracy) in fixes {
            let at = place(lat + dy, lon + dx);
            let mut expected: Vec<(ZoneId, Verdict)> = Vec::new();
            for zone in zones.iter().filter(|zone| is_for(zone, wearer, &groups)) {
                let verdict = verdict(zone, at, accuracy);
                if verdict.signed_distance.0 >= -(zone.buffer.0 + SIGMAS_MAX * sigma_m(accuracy)) {
                    expected.push((zone.id, verdict));
                }
            }
            prop_assert_eq!(met(&index, wearer, &groups, at, accuracy), expected);
        }
    }

    #[test]
    fn crossings_are_those_of_looking_at_every_zone(
        (lat, lon, zones) in all_places().prop_flat_map(|(lat, lon)| (Just(lat), Just(lon), zones(lat, lon))),
        ways in prop::collection::vec(prop::array::uniform4(-0.3..0.3_f64), 20),
    ) {
        let index = ZoneIndex::build(zones.clone());
        let groups = [GroupId(4), GroupId(7)];
        for [a, b, c, d] in ways {
            let from = (place(lat + a, lon + b), UnixMillis(0));
            let to = (place(lat + c, lon + d), UnixMillis(60_000));
            let mut crossings = Vec::new();
            index.cross(WearerId(1), &groups, from, to, &mut crossings);
            let expected: Vec<Crossing> = zones.iter()
                .filter(|zone| is_for(zone, WearerId(1), &groups))
                .filter_map(|zone| crossing(&Arc::new(zone.clone()), from, to))
                .collect();
            prop_assert_eq!(crossings, expected);
        }
    }

    #[test]
    fn an_edited_index_is_the_one_built_anew(
        before in zones(59.9, 179.9), after in zones(59.9, 179.9),
        removed in prop::collection::vec(1..60_u64, 0..20),
    ) {
        let mut edited = ZoneIndex::build(before.clone());
        let mut kept: BTreeMap<ZoneId, Zone> = before.into_iter().map(|zone| (zone.id, zone)).collect();
        for id in removed {
            prop_assert_eq!(edited.remove(ZoneId(id)).map(|zone| zone.id), kept.remove(&ZoneId(id)).map(|zone| zone.id));
        }
        for zone in after.into_iter().take(15) {
            kept.insert(zone.id, zone.clone());
            edited.insert(zone);
        }
        let anew = ZoneIndex::build(kept.into_values());
        prop_assert!(edited.zones().eq(anew.zones()));
        let bounds = Bounds { west: 179.85, south: 59.8, east: 180.05, north: 60.0 };
        prop_assert_eq!(edited.zones_within(bounds), anew.zones_within(bounds));
        for step in 0..40 {
            let at = place(59.7 + f64::from(step) * 0.01, 179.7 + f64::from(step) * 0.01);
            let groups = [GroupId(3), GroupId(6)];
            prop_assert_eq!(met(&edited, WearerId(2), &groups, at, 20.0), met(&anew, WearerId(2), &groups, at, 20.0));
        }
    }
}

#[test]
fn a_wearer_meets_no_other_wearers_zone_and_no_other_groups() {
    let at = place(60.0, 10.0);
    let circle = || Geometry::circle(at, Metres(200.0)).unwrap();
    let index = ZoneIndex::build([personal(1, 7, circle()), shared(2, &[5], circle())]);
    let ids = |wearer, groups: &[GroupId]| -> Vec<u64> {
        met(&index, WearerId(wearer), groups, at, 5.0).iter().map(|(id, _)| id.0).collect()
    };
    assert_eq!(ids(7, &[]), [1]);
    assert_eq!(ids(8, &[GroupId(5)]), [2]);
    assert_eq!(ids(7, &[GroupId(5), GroupId(6)]), [1, 2]);
    assert_eq!(ids(8, &[GroupId(6)]), [] as [u64; 0]);
}

#[test]
fn a_fix_meets_a_zone_as_far_as_its_buffer_and_four_sigmas_reach() {
    let centre = place(60.0, 10.0);
    let index = ZoneIndex::build([personal(1, 7, Geometry::circle(centre, Metres(200.0)).unwrap())]);
    for step in 0..200 {
        let at = place(60.0 + f64::from(step) * 0.000_1, 10.0);
        let reach = 200.0 + 100.0 + 4.0 * 30.0 / 1.515;
        assert_eq!(!met(&index, WearerId(7), &[], at, 30.0).is_empty(), distance_m(centre, at) <= reach);
    }
}

#[test]
fn of_two_zones_with_one_id_the_last_counts() {
    let circle = |lat| Geometry::circle(place(lat, 10.0), Metres(200.0)).unwrap();
    let index = ZoneIndex::build([shared(1, &[1], circle(60.0)), personal(1, 7, circle(61.0))]);
    assert_eq!(index.zones().len(), 1);
    assert!(met(&index, WearerId(7), &[GroupId(1)], place(60.0, 10.0), 5.0).is_empty());
    assert_eq!(met(&index, WearerId(7), &[], place(61.0, 10.0), 5.0).len(), 1);
}
