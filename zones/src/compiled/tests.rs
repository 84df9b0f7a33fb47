//! The compiled form against the index it is compiled from.

use super::*;
use crate::{
    Geometry, LiveZones, Metres, OwnZones, ZoneId,
    testing::{personal, place, shared, star_ring},
    verdict,
};
use lenke_wire::UnixMillis;
use proptest::prelude::*;

/// Zones of many sizes and shapes around a place, of three wearers and five groups; some with holes, some huge.
fn zones(lat: f64, lon: f64) -> impl Strategy<Value = Vec<Zone>> {
    let one = (-0.06..0.06_f64, -0.1..0.1_f64, -4.0..-1.3_f64, 0..8_u64, 0..24_usize, 0.0..400.0_f64);
    prop::collection::vec(one, 20..50).prop_map(move |all| {
        let zone =
            |(id, (dy, dx, size, owner, corners, buffer)): (usize, (f64, f64, f64, u64, usize, f64))| {
                let (lat, lon, size) = (lat + dy, lon + dx / lat.to_radians().cos(), 10_f64.powf(size));
                let geometry = if corners < 3 {
                    Geometry::circle(place(lat, lon), Metres(size * 111_000.0)).unwrap()
                } else {
                    let radii: Vec<f64> =
                        (0..corners).map(|corner| size * [1.0, 0.6, 0.8][corner % 3]).collect();
                    let hole: Vec<f64> = radii.iter().map(|radius| radius * 0.2).collect();
                    Geometry::polygons(vec![vec![star_ring(lat, lon, &radii), star_ring(lat, lon, &hole)]])
                        .or_else(|_| Geometry::polygons(vec![vec![star_ring(lat, lon, &radii)]]))
                        .unwrap_or_else(|_| Geometry::circle(place(lat, lon), Metres(30.0)).unwrap())
                };
                let id = id as u64 + 1;
                let zone = if owner < 3 {
                    personal(id, owner, geometry)
                } else {
                    shared(id, &[owner, owner + 1], geometry)
                };
                Zone { buffer: Metres(buffer), ..zone }
            };
        all.into_iter().enumerate().map(zone).collect()
    })
}

fn places() -> impl Strategy<Value = (f64, f64)> {
    prop::sample::select(vec![
        (59.9, 10.7),
        (-17.0, 179.98),
        (78.2, 15.6),
        (-78.0, -179.99),
        (0.0, 0.0),
        (55.7, 12.5),
    ])
}

fn scene() -> impl Strategy<Value = (f64, f64, Vec<Zone>)> {
    places().prop_flat_map(|(lat, lon)| (Just(lat), Just(lon), zones(lat, lon)))
}

fn agree(index: &ZoneIndex, compiled: &Compiled, at: Position, accuracy: f64) -> Result<(), TestCaseError> {
    let groups = [GroupId(4), GroupId(7)];
    let (mut expected, mut met) = (Vec::new(), Vec::new());
    index.meet(WearerId(1), &groups, at, accuracy, &mut expected);
    compiled.meet(WearerId(1), &groups, at, accuracy, &mut met);
    prop_assert_eq!(&met, &expected);
    let own = compiled.own(WearerId(1));
    let mut distances = Vec::new();
    own.distances(at, &mut distances);
    prop_assert_eq!(distances.len(), own.zones().len());
    for (zone, distance) in own.zones().iter().zip(distances) {
        prop_assert_eq!(distance, verdict(zone, at, 0.0).signed_distance.0);
    }
    let mut holding = Vec::new();
    compiled.containing(&groups, at, &mut holding);
    let mut holding: Vec<ZoneId> =
        holding.iter().map(|&zone| compiled.shared_zone(zone).unwrap().id).collect();
    holding.sort_unstable();
    let inside = expected.iter().filter(|meeting| meeting.verdict.signed_distance.0 > 0.0);
    let inside = inside.filter(|meeting| matches!(meeting.zone.assignment, Assignment::Shared(_)));
    prop_assert_eq!(holding, inside.map(|meeting| meeting.zone.id).collect::<Vec<_>>());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn meetings_are_those_of_the_index(
        (lat, lon, zones) in scene(),
        fixes in prop::collection::vec((-0.1..0.1_f64, -0.15..0.15_f64, 0.0..80.0_f64), 60),
    ) {
        let index = ZoneIndex::build(zones.clone());
        let compiled = Compiled::of(&index);
        for (dy, dx, accuracy) in fixes {
            agree(&index, &compiled, place(lat + dy, lon + dx / lat.to_radians().cos()), accuracy)?;
        }
        // Near boundaries, too.
        for zone in &zones {
            if let Geometry::Polygons(polygons) = &zone.geometry {
                for [lon, lat] in polygons.coordinates().remove(0).remove(0) {
                    agree(&index, &compiled, place(lat + 3e-7, lon + 2e-7), 8.0)?;
                }
            }
        }
    }

    #[test]
    fn crossings_are_those_of_the_index(
        (lat, lon, zones) in scene(),
        ways in prop::collection::vec(prop::array::uniform4(-0.1..0.1_f64), 30),
        long in prop::array::uniform2(-8.0..8.0_f64),
    ) {
        let index = ZoneIndex::build(zones);
        let compiled = Compiled::of(&index);
        let groups = [GroupId(4), GroupId(7)];
        let ways = ways.into_iter().chain([[0.05, 0.05, long[0], long[1]]]);
        for [a, b, c, d] in ways {
            let from = (place(lat + a, lon + b), UnixMillis(0));
            let to = (place((lat + c).clamp(-84.0, 84.0), lon + d), UnixMillis(60_000));
            let (mut expected, mut crossed) = (Vec::new(), Vec::new());
            index.cross(WearerId(1), &groups, from, to, &mut expected);
            compiled.cross(WearerId(1), &groups, from, to, &mut crossed);
            prop_assert_eq!(&crossed, &expected);
            let mut shared = Vec::new();
            compiled.cross_shared_each(&groups, &[(from, to)], |_, crossing| shared.push(crossing));
            let is_shared = |crossing: &Crossing| matches!(crossing.zone.assignment, Assignment::Shared(_));
            prop_assert_eq!(shared, expected.into_iter().filter(is_shared).collect::<Vec<_>>());
        }
    }

    #[test]
    fn many_at_once_are_the_same_as_one_by_one(
        (lat, lon, zones) in scene(),
        fixes in prop::collection::vec((-0.1..0.1_f64, -0.15..0.15_f64, 0..4_u64), 1..90),
    ) {
        let compiled = Compiled::of(&ZoneIndex::build(zones));
        let groups = [GroupId(4), GroupId(7)];
        let fixes: Vec<(OwnZones, Position)> = fixes
            .into_iter()
            .map(|(dy, dx, wearer)| (compiled.own(WearerId(wearer)), place(lat + dy, lon + dx / lat.to_radians().cos())))
            .collect();
        let mut together: Vec<Vec<f64>> = Vec::new();
        OwnZones::distances_each(fixes.iter().map(|(own, at)| (own, *at)), |index, distances| {
            assert_eq!(index, together.len());
            together.push(distances.to_vec());
        });
        let positions: Vec<Position> = fixes.iter().map(|(_, at)| *at).collect();
        let mut holding: Vec<Vec<SharedZone>> = vec![Vec::new(); fixes.len()];
        compiled.containing_each(&groups, &positions, |index, zone| holding[index].push(zone));
        prop_assert_eq!(together.len(), fixes.len());
        for (index, (own, at)) in fixes.iter().enumerate() {
            let (mut distances, mut held) = (Vec::new(), Vec::new());
            own.distances(*at, &mut distances);
            prop_assert_eq!(&together[index], &distances);
            compiled.containing(&groups, *at, &mut held);
            prop_assert_eq!(&holding[index], &held);
        }
    }

    #[test]
    fn edits_keep_both_forms_in_step(
        (lat, lon, before) in scene(), after in zones(59.9, 10.7),
        removed in prop::collection::vec(1..50_u64, 0..12),
        fixes in prop::collection::vec((-0.1..0.1_f64, -0.15..0.15_f64), 30),
    ) {
        let live = LiveZones::new(ZoneIndex::build(before));
        let earlier = live.load();
        let untouched: Vec<ZoneId> = live.with_index(|index| index.zones().map(|zone| zone.id).collect());
        for id in removed {
            live.remove(ZoneId(id));
        }
        // Some move here from elsewhere, with another owner.
        after.into_iter().skip(10).step_by(2).for_each(|zone| live.insert(zone));
        for (dy, dx) in fixes {
            for (lat, lon) in [(lat, lon), (59.9, 10.7)] {
                let at = place(lat + dy, lon + dx / lat.to_radians().cos());
                live.with_index(|index| agree(index, &live.load(), at, 10.0))?;
            }
        }
        // What was loaded before the edits still knows all its zones.
        let mut holding = Vec::new();
        let groups: Vec<GroupId> = (3..10).map(GroupId).collect();
        earlier.containing(&groups, place(lat, lon), &mut holding);
        prop_assert!(holding.iter().all(|&zone| untouched.contains(&earlier.shared_zone(zone).unwrap().id)));
    }

    #[test]
    fn what_is_passed_over_would_have_met_and_crossed_the_same(
        (lat, lon, zones) in scene(), edited in zones_of_one(), accuracy in 0.0..40.0_f64,
        moves in prop::collection::vec((-1.0..1.0_f64, -1.0..1.0_f64, -5.0..-1.0_f64, 0.0..2.0_f64), 80),
    ) {
        let live = LiveZones::new(ZoneIndex::build(zones));
        let wearer = WearerId(1);
        let mut own = OwnZones::new(wearer);
        let (mut dy, mut dx) = (0.0, 0.0);
        let mut last = (place(lat, lon), UnixMillis(0));
        for (step, (north, east, size, worse)) in moves.into_iter().enumerate() {
            if step == 60 {
                live.insert(Zone { id: ZoneId(1), ..edited.clone() });
            }
            // Steps of a metre to some kilometres, now and then back to the middle.
            (dy, dx) = if step % 17 == 16 { (0.0, 0.0) } else { (dy + north * 10_f64.powf(size), dx + east * 10_f64.powf(size)) };
            let at = (place((lat + dy).clamp(-84.0, 84.0), lon + dx), UnixMillis(step as i64 * 60_000));
            let compiled = live.load();
            for groups in [&[][..], &[GroupId(4), GroupId(7)]] {
                let (mut expected, mut met) = (Vec::new(), Vec::new());
                live.with_index(|index| index.meet(wearer, groups, at.0, accuracy * worse, &mut expected));
                own.meet(&compiled, groups, at.0, accuracy * worse, &mut met);
                prop_assert_eq!(&met, &expected);
                let (mut expected, mut crossed) = (Vec::new(), Vec::new());
                live.with_index(|index| index.cross(wearer, groups, last, at, &mut expected));
                own.cross(&compiled, groups, last, at, &mut crossed);
                prop_assert_eq!(&crossed, &expected);
            }
            last = at;
        }
    }
}

/// A zone of the wearer who is asked for.
fn zones_of_one() -> impl Strategy<Value = Zone> {
    zones(59.9, 10.7)
        .prop_map(|mut zones| Zone { assignment: Assignment::Personal(WearerId(1)), ..zones.remove(0) })
}

#[test]
fn a_zone_of_a_hundred_kilometres_costs_no_tiles() {
    let large = shared(1, &[1], Geometry::circle(place(60.0, 10.0), Metres(100_000.0)).unwrap());
    let index = ZoneIndex::build([large]);
    let compiled = Compiled::of(&index);
    assert!(compiled.grid_bytes() < 20_000, "{}", compiled.grid_bytes());
    let mut holding = Vec::new();
    compiled.containing(&[GroupId(1)], place(60.5, 10.5), &mut holding);
    assert_eq!(holding.len(), 1);
    compiled.containing(&[GroupId(2)], place(60.5, 10.5), &mut holding);
    assert!(holding.is_empty());
}

#[test]
fn more_sets_of_groups_than_have_numbers_are_told_apart() {
    let at = place(60.0, 10.0);
    let zones = (1..=400).map(|id| shared(id, &[id], Geometry::circle(at, Metres(300.0)).unwrap()));
    let compiled = Compiled::of(&ZoneIndex::build(zones));
    for group in [1, 255, 256, 400] {
        let mut holding = Vec::new();
        compiled.containing(&[GroupId(group)], at, &mut holding);
        let ids: Vec<u64> = holding.iter().map(|&zone| compiled.shared_zone(zone).unwrap().id.0).collect();
        assert_eq!(ids, [group]);
    }
}

#[test]
fn readers_see_each_zone_as_it_is_while_others_are_edited() {
    const EDITS: u64 = 300;
    let at = place(60.0, 10.0);
    let circle = |metres: f64| Geometry::circle(at, Metres(metres)).unwrap();
    let live = LiveZones::new(ZoneIndex::build([
        shared(1, &[1], circle(400.0)),
        personal(2, 7, circle(300.0)),
        shared(3, &[1], circle(200.0)),
    ]));
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let (mut meetings, mut last) = (Vec::new(), 0);
                let mut own = live.load().own(WearerId(7));
                while last < EDITS {
                    let compiled = live.load();
                    own.renew(&compiled);
                    assert_eq!(own.zones().len(), 1);
                    compiled.meet(WearerId(7), &[GroupId(1)], at, 5.0, &mut meetings);
                    // The zones that stay are always there; the one that is edited is there once or not at all.
                    let ids: Vec<u64> = meetings.iter().map(|meeting| meeting.zone.id.0).collect();
                    assert!(ids == [1, 2, 3] || ids == [1, 2], "{ids:?}");
                    if let Some(meeting) = meetings.get(2) {
                        let version = u64::from(meeting.zone.version);
                        assert!(version >= last, "no edit is undone");
                        last = version;
                    }
                }
            });
        }
        for version in 2..=EDITS {
            if version % 3 == 0 {
                live.remove(ZoneId(3));
            }
            let zone = shared(3, &[1], circle(150.0 + version as f64));
            live.insert(Zone { version: version as u32, ..zone });
        }
    });
}

#[test]
fn an_edit_of_the_wearers_own_zones_is_seen_where_nothing_was_near() {
    let at = place(60.0, 10.0);
    let near = |lat: f64, metres: f64| Geometry::circle(place(lat, 10.0), Metres(metres)).unwrap();
    let live = LiveZones::new(ZoneIndex::build([personal(1, 7, near(60.1, 500.0))]));
    let mut own = OwnZones::new(WearerId(7));
    let mut met = |live: &LiveZones| {
        let mut meetings = Vec::new();
        own.meet(&live.load(), &[], at, 10.0, &mut meetings);
        meetings.iter().map(|meeting| meeting.zone.id.0).collect::<Vec<_>>()
    };
    assert!(met(&live).is_empty() && met(&live).is_empty());
    live.insert(personal(3, 8, near(60.0, 100.0)));
    assert_eq!(met(&live), Vec::<u64>::new());
    live.insert(personal(1, 7, near(60.0, 500.0)));
    assert_eq!(met(&live), [1]);
    live.remove(ZoneId(1));
    assert_eq!(met(&live), Vec::<u64>::new());
}
