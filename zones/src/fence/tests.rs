//! Server and tag agree about every place: on random shapes, on edges and vertices, in both hemispheres, at 78 N, over
//! the antimeridian.

use super::*;
use crate::{
    Compiled, Metres, WearerId, ZoneIndex,
    testing::{personal, place, shared, star, star_ring, wrapped},
    verdict,
};
use lenke_fence::{Shape, ZoneSet};
use lenke_wire::Position;
use proptest::prelude::*;

/// One zone, as the tag has it.
fn on_tag<T>(zone: &Zone, ask: impl FnOnce(lenke_fence::Zone<'_>) -> T) -> T {
    let set = fence_set([zone], room(32_768)).unwrap();
    assert!(set.left_out.is_empty());
    ask(ZoneSet::parse(&set.bytes).unwrap().zones().next().unwrap())
}

/// Every way of asking here, and the tag.
fn agreed(geometry: &Geometry, places: &[Position]) -> Vec<bool> {
    let zone = personal(1, 1, geometry.clone());
    let index = ZoneIndex::build([zone.clone(), shared(2, &[1], geometry.clone())]);
    let compiled = Compiled::of(&index);
    let tag = on_tag(&zone, |tag| {
        let ask = |place: &Position| (tag.contains(*place), tag.signed_distance(*place));
        places.iter().map(ask).collect::<Vec<_>>()
    });
    let (mut meetings, mut others) = (Vec::new(), Vec::new());
    for (&place, &(inside, signed)) in places.iter().zip(&tag) {
        assert_eq!(geometry.contains(place), inside, "{place:?} {geometry:?}");
        assert_eq!(signed.0 >= 0, inside, "{place:?} {geometry:?}");
        let said = verdict(&zone, place, 0.0);
        assert_eq!(said.probability, f64::from(u8::from(inside)), "{place:?} {geometry:?}");
        assert_eq!(said.signed_distance.0 > 0.0, inside, "{place:?} {geometry:?}");
        index.meet(WearerId(1), &[crate::GroupId(1)], place, 0.0, &mut meetings);
        compiled.meet(WearerId(1), &[crate::GroupId(1)], place, 0.0, &mut others);
        assert_eq!(meetings, others, "{place:?} {geometry:?}");
        assert!(!inside || meetings.len() == 2, "{place:?} {geometry:?}");
        assert!(meetings.iter().all(|meeting| (meeting.verdict.probability > 0.5) == inside));
    }
    tag.into_iter().map(|(inside, _)| inside).collect()
}

/// Vertices, middles of edges, and their neighbours by one unit.
fn awkward(geometry: &Geometry) -> Vec<Position> {
    let Geometry::Polygons(polygons) = geometry else { return Vec::new() };
    let mut places = Vec::new();
    for ring in polygons.boundary_rings() {
        for (index, a) in ring.iter().enumerate() {
            let b = ring[(index + 1) % ring.len()];
            let east = (i64::from(b.lon_e7()) - i64::from(a.lon_e7()) + 1_800_000_000)
                .rem_euclid(3_600_000_000)
                - 1_800_000_000;
            for share in [0, 1, 2, 3] {
                let lat = i64::from(a.lat_e7()) + (i64::from(b.lat_e7()) - i64::from(a.lat_e7())) * share / 4;
                let lon = i64::from(a.lon_e7()) + east * share / 4;
                for (x, y) in [(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)] {
                    let lon = (lon + x + 1_800_000_000).rem_euclid(3_600_000_000) - 1_800_000_000;
                    places.push(Position::from_e7((lat + y) as i32, lon as i32).unwrap());
                }
            }
        }
    }
    places
}

/// Exactly the same by `geo` wherever the place is not on the boundary: coordinates are integers that floats hold.
fn check_with_geo(geometry: &Geometry, places: &[Position], inside: &[bool]) {
    use geo::{Contains, Coord, Intersects, LineString, MultiPolygon, Polygon};
    let Geometry::Polygons(polygons) = geometry else { return };
    let origin = polygons.origin_e7();
    let at = |place: &Position| {
        let v = polygons.locate(*place);
        Coord { x: f64::from(v.x), y: f64::from(v.y) }
    };
    let ring = |ring: &Vec<[f64; 2]>| {
        let corner = |[lon, lat]: &[f64; 2]| at(&Position::from_degrees(*lat, *lon).unwrap());
        LineString::from(ring.iter().map(corner).collect::<Vec<_>>())
    };
    let polygon = |rings: &Vec<Vec<[f64; 2]>>| {
        let mut rings = rings.iter().map(ring);
        Polygon::new(rings.next().unwrap(), rings.collect())
    };
    let whole = MultiPolygon::from_iter(polygons.coordinates().iter().map(polygon));
    for (place, inside) in places.iter().zip(inside) {
        let point = geo::Point(at(place));
        if whole.contains(&point) == whole.intersects(&point) {
            assert_eq!(whole.contains(&point), *inside, "{place:?} around {origin} {geometry:?}");
        }
    }
}

fn agree(geometry: &Geometry, mut places: Vec<Position>) {
    places.extend(awkward(geometry));
    let inside = agreed(geometry, &places);
    check_with_geo(geometry, &places, &inside);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn server_and_tag_agree_on_stars_everywhere(
        lat in -84.0..84.0_f64, lon in -180.0..180.0_f64, size_log in -6.5..-0.3_f64,
        radii in prop::collection::vec(0.2..1.0_f64, 3..24),
        away in prop::collection::vec((-1.5..1.5_f64, -1.5..1.5_f64), 1..12),
    ) {
        let size = 10_f64.powf(size_log);
        let radii: Vec<f64> = radii.iter().map(|radius| radius * size).collect();
        let coordinates = vec![vec![star_ring(lat, lon, &radii)]];
        // Tiny stars may collapse to nothing: refused, not wrong.
        if let Ok(geometry) = Geometry::polygons(coordinates) {
            let east = size / lat.to_radians().cos();
            let at = |(x, y): &(f64, f64)| place((lat + y * size).clamp(-90.0, 90.0), wrapped(lon + x * east));
            agree(&geometry, away.iter().map(at).collect());
        }
    }

    #[test]
    fn server_and_tag_agree_on_circles_to_the_last_unit(
        lat in -84.0..84.0_f64, lon in -180.0..180.0_f64, radius_log in -2.5..5.69_f64,
        bearing in 0.0..360.0_f64, off in prop::collection::vec(-1.5..1.5_f64, 1..12),
    ) {
        use geo::{Destination, Geodesic, Point};
        let (centre, radius) = (place(lat, lon), 10_f64.powf(radius_log));
        if let Ok(geometry) = Geometry::circle(centre, Metres(radius)) {
            let at = |off: &f64| {
                // Most of them within 3 cm of the edge.
                let metres = radius + if off.abs() < 1.2 { off * 0.03 } else { off * radius };
                let there = Geodesic.destination(Point::new(lon, lat), bearing, metres.abs());
                place(there.y(), wrapped(there.x()))
            };
            agreed(&geometry, &off.iter().map(at).collect::<Vec<_>>());
        }
    }

    #[test]
    fn server_and_tag_agree_on_small_integers_where_everything_is_collinear(
        corners in prop::collection::vec((0..7_i32, 0..7_i32), 3..8), hole in prop::collection::vec((0..7_i32, 0..7_i32), 3..4),
        lat in prop::sample::select(vec![599_000_000, 780_000_000, -334_000_000, 0, -3, 849_999_990]),
        lon in prop::sample::select(vec![107_000_000, 1_799_999_997, -1_800_000_000, 0, -3]),
    ) {
        let at = |(x, y): &(i32, i32)| [wrapped((f64::from(lon) + f64::from(*x)) / 1e7), f64::from(lat + y) / 1e7];
        let ring = |corners: &[(i32, i32)]| corners.iter().chain(corners.first()).map(at).collect::<Vec<_>>();
        let rings = [vec![ring(&corners), ring(&hole)], vec![ring(&corners)]];
        if let Some(geometry) = rings.into_iter().find_map(|rings| Geometry::polygons(vec![rings]).ok()) {
            let grid = (-1..8).flat_map(|x| (-1..8).map(move |y| (x, y)));
            let places = grid.map(|corner| { let [lon, lat] = at(&corner); place(lat, lon) }).collect();
            agree(&geometry, places);
        }
    }
}

fn closed(corners: &[[f64; 2]]) -> Vec<[f64; 2]> {
    corners.iter().chain(corners.first()).copied().collect()
}

#[test]
fn server_and_tag_agree_on_zones_that_were_cut_at_the_antimeridian() {
    // Parts of unlike height, a hole that is cut, too, and a part of its own that touches in a vertex.
    let west = closed(&[
        [179.0, -18.0],
        [180.0, -18.0],
        [180.0, -17.7],
        [179.8, -17.7],
        [179.8, -17.3],
        [180.0, -17.3],
        [180.0, -17.0],
        [179.0, -17.0],
    ]);
    let east = closed(&[
        [-180.0, -18.5],
        [-179.0, -18.5],
        [-179.0, -17.2],
        [-180.0, -17.2],
        [-180.0, -17.3],
        [-179.9, -17.3],
        [-179.9, -17.7],
        [-180.0, -17.7],
    ]);
    let island = closed(&[[-179.0, -17.2], [-178.5, -17.2], [-178.5, -17.0]]);
    let geometry = Geometry::polygons(vec![vec![west], vec![east], vec![island]]).unwrap();
    let grid = (-200..220).flat_map(|x| (-20..180).map(move |y| (x, y)));
    let places = grid
        .map(|(x, y)| place(-18.6 + f64::from(y) / 100.0, wrapped(180.0 + f64::from(x) / 100.0)))
        .collect();
    agree(&geometry, places);
    let zone = personal(1, 1, geometry);
    on_tag(&zone, |tag| {
        // The seam is no boundary: its nearest one is 11 km north.
        let deep = tag.signed_distance(place(-17.85, 180.0)).0;
        assert!((160_000..180_000).contains(&deep), "{deep}");
    });
}

#[test]
fn server_and_tag_agree_on_needles_and_on_zones_of_a_continent() {
    let needle = closed(&[[10.0, 60.0], [10.3, 60.000_000_1], [10.0, 60.000_000_2]]);
    agree(&Geometry::polygons(vec![vec![needle]]).unwrap(), vec![place(60.0, 10.15)]);
    let comb: Vec<[f64; 2]> = (0..60)
        .map(|tooth| [10.0 + f64::from(tooth) * 1e-6, if tooth % 2 == 0 { 60.0 } else { 60.01 }])
        .chain([[10.1, 59.99]])
        .collect();
    agree(&Geometry::polygons(vec![vec![closed(&comb)]]).unwrap(), vec![place(60.005, 10.000_03)]);
    for west in [-45.0, 100.0, 150.0] {
        let huge = closed(&[
            [west, -85.0],
            [wrapped(west + 90.0), -84.0],
            [wrapped(west + 89.0), 85.0],
            [wrapped(west + 1.0), 84.0],
        ]);
        let grid = (-17..=17).flat_map(|x| (-18..=18).map(move |y| (x, y)));
        let places = grid.map(|(x, y)| place(f64::from(y) * 5.0, f64::from(x) * 10.0)).collect();
        agree(&Geometry::polygons(vec![vec![huge]]).unwrap(), places);
    }
}

#[test]
fn a_tag_knows_what_a_zone_is() {
    let schedule = serde_json::from_str(r#"{"zone":"Europe/Oslo","windows":[]}"#).ok();
    let mut zone = personal(70_001, 1, star(59.9, 10.7, &[0.01; 6]));
    (zone.kind, zone.version, zone.buffer) = (ZoneKind::Inclusion, 9, Metres(99.2));
    on_tag(&zone, |tag| {
        assert_eq!((tag.id(), tag.version(), tag.kind(), tag.buffer_m()), (70_001, 9, Kind::Inclusion, 100));
        assert!(!tag.is_scheduled());
        assert!(matches!(tag.shape, Shape::Polygons(_)));
    });
    if schedule.is_some() {
        zone.schedule = schedule;
        on_tag(&zone, |tag| assert!(tag.is_scheduled()));
    }
}

const fn room(bytes: usize) -> FenceRoom {
    FenceRoom { bytes, zones: 64 }
}

#[test]
fn no_more_zones_than_the_tag_counts_are_put_in_and_a_timed_one_judges_nothing() {
    let circle = |lat: f64| Geometry::circle(place(lat, 10.0), Metres(500.0)).unwrap();
    let zones = [shared(9, &[1], circle(59.0)), shared(4, &[1], circle(60.0)), personal(7, 1, circle(61.0))];
    let timed = zones.iter().map(|zone| FenceZone { zone, is_timed: zone.id == ZoneId(9) });
    let set = fence_set(timed, FenceRoom { bytes: 1_000, zones: 2 }).unwrap();
    assert_eq!((set.zones, set.left_out.as_slice()), (2, [ZoneId(4)].as_slice()), "in the order given");
    let parsed = ZoneSet::parse(&set.bytes).unwrap();
    let on_tag: Vec<_> = parsed.zones().map(|zone| (zone.id(), zone.is_scheduled())).collect();
    assert_eq!(on_tag, [(7, false), (9, true)]);
}

#[test]
fn own_zones_come_first_where_room_is_short() {
    let circle = |lat: f64| Geometry::circle(place(lat, 10.0), Metres(500.0)).unwrap();
    let zones = [shared(1, &[1], circle(59.0)), personal(2, 1, circle(60.0)), shared(3, &[1], circle(61.0))];
    let all = fence_set(&zones, room(1_000)).unwrap();
    assert_eq!((all.bytes.len(), all.left_out.len()), (5 + 3 * 15, 0));
    let short = fence_set(&zones, room(5 + 15)).unwrap();
    assert_eq!(short.left_out, [ZoneId(1), ZoneId(3)]);
    let set = ZoneSet::parse(&short.bytes).unwrap();
    assert_eq!(set.zones().map(|zone| zone.id()).collect::<Vec<_>>(), [2]);
    assert_eq!(fence_set(&zones, room(4)).unwrap_err(), FenceError::NoRoom);
}

/// What a zone takes: for a town's quarter of 24 corners about 100 m apart, and for a circle.
#[test]
fn a_vertex_takes_at_most_six_bytes_and_a_circle_sixteen() {
    let quarter = personal(70_001, 1, star(59.9, 10.7, &[0.004; 24]));
    let bytes = fence_set([&quarter], room(1_000)).unwrap().bytes.len();
    assert!(bytes <= 5 + 24 + 24 * 6, "{bytes}");
    let circle = personal(700, 1, Geometry::circle(place(59.9, 10.7), Metres(500.0)).unwrap());
    let bytes = fence_set([&circle], room(1_000)).unwrap().bytes.len();
    assert!(bytes <= 5 + 16, "{bytes}");
}
