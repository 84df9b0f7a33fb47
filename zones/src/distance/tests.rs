//! Against `geo`: containment exactly, distances against geodesics to points along the boundary.

use super::*;
use crate::earth::geodesic_m;
use crate::{
    Metres, Polygons,
    testing::{place, star, wrapped},
};
use geo::{
    Contains,
    coordinate_position::{CoordPos, CoordinatePosition},
};
use proptest::prelude::*;

fn degrees(polygons: &Polygons, x: f64, y: f64) -> (f64, f64) {
    ((x + polygons.origin_e7() as f64) / 1e7, y / 1e7)
}

/// The nearest point of each edge by comparing geodesics: coarse, then between neighbours.
fn geodesic_brute_force_m(polygons: &Polygons, position: Position) -> f64 {
    let here = (position.lon(), position.lat());
    let measure = |edge: &Edge, along: f64| {
        let between = |a: i32, b: i32| f64::from(a) + along * (f64::from(b) - f64::from(a));
        let (lon, lat) = degrees(polygons, between(edge.a.x, edge.b.x), between(edge.a.y, edge.b.y));
        geodesic_m(here, (wrapped(lon), lat))
    };
    let nearest = |edge: &Edge| {
        let steps = 12;
        let along = |step: u32| f64::from(step) / f64::from(steps);
        let best = (0..=steps).min_by(|&a, &b| measure(edge, along(a)).total_cmp(&measure(edge, along(b))));
        let best = along(best.unwrap());
        let (mut low, mut high) = ((best - along(1)).max(0.0), (best + along(1)).min(1.0));
        for _ in 0..40 {
            let third = (high - low) / 3.0;
            if measure(edge, low + third) < measure(edge, high - third) {
                high -= third
            } else {
                low += third
            }
        }
        measure(edge, f64::midpoint(low, high))
    };
    polygons.boundary().edges().map(|edge| nearest(&edge)).fold(f64::INFINITY, f64::min)
}

/// The same polygon in `geo`, in whole units of 1e-7 degrees, so that `geo` is exact as well.
fn in_geo(polygons: &Polygons) -> geo::MultiPolygon {
    let ring = |ring: &Vec<[f64; 2]>| {
        ring.iter().map(|[lon, lat]| ((lon * 1e7).round(), (lat * 1e7).round())).collect::<geo::LineString>()
    };
    polygons
        .coordinates()
        .iter()
        .map(|rings| geo::Polygon::new(ring(&rings[0]), rings[1..].iter().map(ring).collect()))
        .collect()
}

fn ours_m(geometry: &Geometry, position: Position) -> f64 {
    signed_distance_m(geometry, &Frame::at(position.lat_e7()), position)
}

fn polygons(geometry: &Geometry) -> &Polygons {
    match geometry {
        Geometry::Polygons(polygons) => polygons,
        Geometry::Circle(_) => panic!("a circle"),
    }
}

proptest! {
    #[test]
    fn distances_up_to_50_km_are_within_two_in_a_thousand_of_the_geodesic(
        lat in 55.0..79.5_f64, south in prop::bool::ANY, lon in -180.0..180.0_f64,
        radii in prop::collection::vec(0.2..1.0_f64, 3..16), size in -4.0..-0.4_f64,
        away_lat in -0.5..0.5_f64, away_lon in -0.5..0.5_f64,
    ) {
        let lat = if south { -lat } else { lat };
        let radii: Vec<f64> = radii.iter().map(|radius| radius * 10_f64.powf(size)).collect();
        let zone = star(lat, lon, &radii);
        let position = place(lat + away_lat, lon + away_lon / lat.to_radians().cos());
        let exact = geodesic_brute_force_m(polygons(&zone), position);
        let ours = ours_m(&zone, position).abs();
        prop_assume!(exact < 50_000.0);
        prop_assert!((ours - exact).abs() <= 0.002 * exact + 0.02, "{ours} {exact}");
    }

    #[test]
    fn far_distances_are_near_the_geodesic_anywhere(
        lat in -80.0..80.0_f64, lon in -180.0..180.0_f64,
        radii in prop::collection::vec(0.1..2.0_f64, 3..9),
        to_lat in -90.0..90.0_f64, to_lon in -180.0..180.0_f64,
    ) {
        let zone = star(lat, lon, &radii);
        let position = place(to_lat, to_lon);
        let exact = geodesic_brute_force_m(polygons(&zone), position);
        let ours = ours_m(&zone, position).abs();
        prop_assert!((ours - exact).abs() <= 0.005 * exact + 0.05, "{ours} {exact}");
    }

    #[test]
    fn circles_follow_the_geodesic(
        lat in -84.0..84.0_f64, lon in -180.0..180.0_f64, radius in 1.0..50_000.0_f64,
        to_lat in -0.5..0.5_f64, to_lon in -0.5..0.5_f64,
    ) {
        let centre = place(lat, lon);
        let Ok(zone) = Geometry::circle(centre, Metres(radius)) else { return Ok(()) };
        let position = place(lat + to_lat, lon + to_lon / lat.to_radians().cos());
        let exact = radius - geodesic_m((centre.lon(), centre.lat()), (position.lon(), position.lat()));
        prop_assert!((ours_m(&zone, position) - exact).abs() <= 50_000.0 * 4e-4 + 0.02);
    }

    #[test]
    fn inside_is_what_geo_says_exactly(
        lat in -80.0..80.0_f64, lon in -170.0..170.0_f64,
        radii in prop::collection::vec(1..40_i32, 3..24),
        points in prop::collection::vec((-45..45_i32, -45..45_i32), 40),
        unit in prop::sample::select(vec![1e-7, 1e-6, 1e-4, 1e-2]),
    ) {
        let radii: Vec<f64> = radii.iter().map(|&radius| f64::from(radius) * unit).collect();
        let ring = crate::testing::star_ring(lat, lon, &radii);
        let Ok(zone) = Geometry::polygons(vec![vec![ring.clone()]]) else { return Ok(()) };
        let polygons = polygons(&zone);
        let theirs = in_geo(polygons);
        let vertices = ring.iter().map(|[lon, lat]| place(*lat, *lon));
        let scattered = points.iter().map(|(x, y)| place(lat + f64::from(*y) * unit, lon + f64::from(*x) * unit));
        for position in vertices.chain(scattered) {
            let point = geo::coord! { x: f64::from(position.lon_e7()), y: f64::from(position.lat_e7()) };
            match theirs.coordinate_position(&point) {
                CoordPos::OnBoundary => {
                    prop_assert!(ours_m(&zone, position).abs() <= SIDE_M_MIN);
                }
                CoordPos::Inside | CoordPos::Outside => {
                    let inside = polygons.boundary().contains(polygons.locate(position));
                    prop_assert_eq!(inside, theirs.contains(&geo::Point::from(point)));
                }
            }
        }
    }
}

#[test]
fn the_distance_of_a_long_edge_is_to_the_straight_line_in_degrees() {
    let zone =
        Geometry::polygons(vec![vec![vec![[10.0, 69.0], [14.0, 70.0], [14.0, 69.0], [10.0, 69.0]]]]).unwrap();
    for step in 1..40 {
        let along = f64::from(step) / 40.0;
        let on_edge = place(69.0 + along, 10.0 + 4.0 * along);
        assert!(ours_m(&zone, on_edge).abs() < 0.02);
    }
}

#[test]
fn a_fix_beyond_85_degrees_is_far_from_every_zone() {
    let zone = star(84.0, 20.0, &[0.5, 0.5, 0.5, 0.5]);
    let distance = ours_m(&zone, place(89.9, -160.0));
    assert!((-700_000.0..-550_000.0).contains(&distance), "{distance}");
}
