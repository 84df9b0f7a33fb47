//! The even-odd rule at places that lie exactly on edges and vertices, and distances beside the geodesic.

use super::*;
use crate::{Encoder, Head, Kind, Shape, ZoneSet};
use geo::{Distance, Geodesic, Point};
use proptest::prelude::*;
use std::vec::Vec;

fn place(lat_e7: i32, lon_e7: i32) -> Position {
    Position::from_e7(lat_e7, lon_e7).unwrap()
}

fn with_polygons<T>(rings: &[Vec<Position>], ask: impl FnOnce(Polygons<'_>) -> T) -> T {
    let mut buffer = std::vec![0; 4096];
    let mut encoder = Encoder::new(&mut buffer).unwrap();
    let head = Head { id: 1, version: 1, kind: Kind::Exclusion, is_scheduled: false, buffer_m: 0 };
    encoder.put_polygons(head, rings).unwrap();
    let set = ZoneSet::parse(encoder.finish().unwrap()).unwrap();
    let Shape::Polygons(polygons) = set.zones().next().unwrap().shape else { panic!("polygons") };
    ask(polygons)
}

#[test]
fn a_place_on_a_shared_edge_is_in_exactly_one_of_its_sides() {
    // A pinwheel of four triangles around a place, in a square.
    let corners = [(0, 0), (0, 60), (60, 60), (60, 0)].map(|(y, x)| place(600_000_000 + y, 100_000_000 + x));
    let hub = place(600_000_024, 100_000_031);
    for y in -1..=61 {
        for x in -1..=61 {
            let at = place(600_000_000 + y, 100_000_000 + x);
            let holders: usize = (0..4)
                .map(|i| {
                    let ring = std::vec![corners[i], corners[(i + 1) % 4], hub];
                    let turned: Vec<Position> = ring.iter().rev().copied().collect();
                    let [ahead, back] = [ring, turned].map(|r| with_polygons(&[r], |p| p.contains(at)));
                    assert_eq!(ahead, back);
                    usize::from(ahead)
                })
                .sum();
            let inside = (0..60).contains(&y) && (0..60).contains(&x);
            assert_eq!(holders, usize::from(inside), "{x} {y}");
        }
    }
}

#[test]
fn an_edge_that_occurs_twice_changes_nothing() {
    let ring = |from: i32, to: i32| {
        [(0, from), (0, to), (40, to), (40, from)]
            .map(|(y, x)| place(-170_000_000 + y, 1_799_999_990 + x))
            .to_vec()
    };
    for y in -1..=41 {
        for x in -1..=11 {
            let at = place(-170_000_000 + y, 1_799_999_990 + x.min(10));
            let two = with_polygons(&[ring(0, 6), ring(6, 10)], |p| p.contains(at));
            assert_eq!(two, with_polygons(&[ring(0, 10)], |p| p.contains(at)));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn distances_are_those_of_the_geodesic_to_points_along_the_edges(
        lat in 55.0..80.0_f64, south in any::<bool>(), lon in -180.0..180.0_f64, size_log in -4.0..-0.4_f64,
        corners in prop::collection::vec((-1.0..1.0_f64, -1.0..1.0_f64), 3..7),
        away in (-2.0..2.0_f64, -2.0..2.0_f64),
    ) {
        let lat = if south { -lat } else { lat };
        let size = 10_f64.powf(size_log);
        let east = size / lat.to_radians().cos();
        let wrapped = |lon: f64| (lon + 180.0).rem_euclid(360.0) - 180.0;
        let at = |(x, y): (f64, f64)| Position::from_degrees(lat + y * size, wrapped(lon + x * east)).unwrap();
        let ring: Vec<Position> = corners.iter().map(|corner| at(*corner)).collect();
        let here = at(away);
        let distance = with_polygons(std::slice::from_ref(&ring), |polygons| polygons.signed_distance(here));
        // The nearest of many points along the edges.
        let point = |p: Position| Point::new(p.lon(), p.lat());
        let mut exact = f64::INFINITY;
        for (index, a) in ring.iter().enumerate() {
            let b = ring[(index + 1) % ring.len()];
            let (dx, dy) = (f64::from(east_of(a.lon_e7(), b.lon_e7())) / 1e7, b.lat() - a.lat());
            let measure = |along: f64| {
                Geodesic.distance(point(here), Point::new(a.lon() + along * dx, a.lat() + along * dy))
            };
            let (mut low, mut high) = (0.0, 1.0);
            let coarse = (0..=64).map(|step| f64::from(step) / 64.0);
            let best = coarse.min_by(|a, b| measure(*a).total_cmp(&measure(*b))).unwrap();
            (low, high) = (f64::max(low, best - 1.0 / 64.0), f64::min(high, best + 1.0 / 64.0));
            for _ in 0..40 {
                let third = (high - low) / 3.0;
                if measure(low + third) < measure(high - third) { high -= third } else { low += third }
            }
            exact = exact.min(measure(low));
        }
        let mine = f64::from(distance.0.abs()) / 10.0;
        if exact < 50_000.0 {
            prop_assert!((mine - exact).abs() <= exact * 0.002 + 0.2, "{mine} {exact}");
        } else {
            prop_assert!((mine - exact).abs() <= exact * 0.005 + 0.2 || mine >= 99_500.0, "{mine} {exact}");
        }
    }
}
