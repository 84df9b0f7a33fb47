//! Crossings against many points along the way.

use super::*;
use crate::testing::{personal, place, star};
use crate::{distance::signed_distance_m, earth::Frame};
use proptest::prelude::*;

const START: UnixMillis = UnixMillis(1_700_000_000_000);

fn cross(geometry: Geometry, from: Position, to: Position) -> Option<Crossing> {
    let zone = Arc::new(personal(1, 1, geometry));
    crossing(&zone, (from, START), (to, START.plus_s(60)))
}

#[test]
fn a_way_through_the_middle_of_a_circle_is_as_long_as_its_diameter() {
    let circle = Geometry::circle(place(60.0, 10.0), Metres(500.0)).unwrap();
    let way = cross(circle, place(60.0, 9.98), place(60.0, 10.02)).unwrap();
    assert!((way.chord.0 - 1_000.0).abs() < 1.0, "{:?}", way.chord);
    let inside_ms = way.left_at.since_ms(way.entered_at);
    assert!((inside_ms - 26_880).abs() < 30, "{inside_ms}");
    assert!((way.entered_at.since_ms(START) - (60_000 - inside_ms) / 2).abs() <= 1);
}

#[test]
fn a_way_that_ends_or_begins_inside_is_no_crossing() {
    let circle = || Geometry::circle(place(60.0, 10.0), Metres(500.0)).unwrap();
    assert_eq!(cross(circle(), place(60.0, 9.98), place(60.0, 10.0)), None);
    assert_eq!(cross(circle(), place(60.0, 10.0), place(60.0, 10.02)), None);
    assert_eq!(cross(circle(), place(60.0, 9.98), place(60.0, 9.985)), None);
    assert_eq!(cross(circle(), place(60.0, 9.98), place(60.0, 9.98)), None);
}

#[test]
fn a_way_over_the_antimeridian_crosses_what_lies_there() {
    let zone = star(-17.0, 180.0, &[0.01, 0.01, 0.01, 0.01]);
    let way = cross(zone, place(-17.0, 179.95), place(-17.0, -179.95)).unwrap();
    assert!((way.chord.0 - 2_226.0).abs() < 5.0, "{:?}", way.chord);
}

#[test]
fn a_way_through_a_ring_counts_only_what_is_inside() {
    let square = |half: f64| {
        vec![
            [10.0 - half, 60.0 - half],
            [10.0 + half, 60.0 - half],
            [10.0 + half, 60.0 + half],
            [10.0 - half, 60.0 + half],
            [10.0 - half, 60.0 - half],
        ]
    };
    let zone = Geometry::polygons(vec![vec![square(0.03), square(0.01)]]).unwrap();
    let way = cross(zone, place(60.0, 9.95), place(60.0, 10.05)).unwrap();
    assert!((way.chord.0 - 0.04 * 55_800.0).abs() < 2.0, "{:?}", way.chord);
    let inside_ms = way.left_at.since_ms(way.entered_at);
    assert!((inside_ms - 36_000).abs() <= 1, "{inside_ms}");
}

#[test]
fn a_way_that_touches_a_corner_is_no_crossing() {
    let ring = vec![[10.0, 60.0], [10.1, 60.0], [10.05, 60.1], [10.0, 60.0]];
    let zone = Geometry::polygons(vec![vec![ring]]).unwrap();
    assert_eq!(cross(zone, place(60.1, 9.9), place(60.1, 10.2)), None);
}

proptest! {
    #[test]
    fn crossings_agree_with_points_along_the_way(
        lat in -75.0..75.0_f64, lon in -180.0..180.0_f64,
        radii in prop::collection::vec(0.002..0.02_f64, 3..16), circle in prop::bool::ANY,
        ends in prop::array::uniform4(-0.03..0.03_f64),
    ) {
        let geometry = if circle {
            Geometry::circle(place(lat, lon), Metres(radii[0] * 111_000.0)).unwrap()
        } else {
            star(lat, lon, &radii)
        };
        let cos = lat.to_radians().cos();
        let [from_lat, from_lon, to_lat, to_lon] = ends;
        let (from, to) = (place(lat + from_lat, lon + from_lon / cos), place(lat + to_lat, lon + to_lon / cos));
        let points = 2_000;
        let (east, north) = offset_e7(from, to);
        let inside = (0..=points).filter(|&point| {
            let along = f64::from(point) / f64::from(points);
            let at = place(from.lat() + along * north / 1e7, from.lon() + along * east / 1e7);
            signed_distance_m(&geometry, &Frame::at(at.lat_e7()), at) > 0.0
        });
        let inside: Vec<i32> = inside.collect();
        let length = distance_m(from, to);
        let step = length / f64::from(points);
        match cross(geometry.clone(), from, to) {
            Some(way) => {
                prop_assert!((way.chord.0 - inside.len() as f64 * step).abs() <= 2.0 * step * radii.len() as f64 + length * 1e-3);
                if let Some(&first) = inside.first() {
                    let entered = way.entered_at.since_ms(START) as f64 / 60_000.0 * f64::from(points);
                    // Points along the way are rounded, and a circle's plane bends the way a little: the more it only
                    // grazes the circle, the more that matters.
                    let grazing = f64::from(points) / inside.len() as f64;
                    prop_assert!(entered <= f64::from(first) + 0.1 + (0.05 + 2e-4 * length) / step * grazing);
                }
            }
            None => prop_assert!(
                inside.len() < 8 || inside[0] == 0 || inside[inside.len() - 1] == points,
                "{} of {points} points inside", inside.len()
            ),
        }
    }
}
