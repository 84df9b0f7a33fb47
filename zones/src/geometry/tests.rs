//! Which geometries are refused and where; which are taken although they are awkward.

use super::*;
use proptest::prelude::*;

/// A closed ring from open corners.
fn ring(corners: &[[f64; 2]]) -> Vec<[f64; 2]> {
    corners.iter().chain(corners.first()).copied().collect()
}

fn square(lon: f64, lat: f64, side: f64) -> Vec<[f64; 2]> {
    ring(&[[lon, lat], [lon + side, lat], [lon + side, lat + side], [lon, lat + side]])
}

fn refusal(coordinates: Vec<Vec<Vec<[f64; 2]>>>) -> GeometryError {
    Geometry::polygons(coordinates).unwrap_err()
}

fn at(polygon: usize, ring: usize, vertex: usize) -> Place {
    Place { polygon, ring: Some(ring), vertex: Some(vertex) }
}

fn place(lat: f64, lon: f64) -> Position {
    Position::from_degrees(lat, lon).unwrap()
}

fn distance(geometry: &Geometry, position: Position) -> f64 {
    crate::distance::signed_distance_m(geometry, &crate::earth::Frame::at(position.lat_e7()), position)
}

fn contains(geometry: &Geometry, lat: f64, lon: f64) -> bool {
    distance(geometry, place(lat, lon)) > 0.0
}

#[test]
fn a_ring_that_crosses_itself_is_refused_at_both_edges() {
    let bow_tie = ring(&[[10.0, 60.0], [10.1, 60.1], [10.1, 60.0], [10.0, 60.1]]);
    let error = refusal(vec![vec![bow_tie]]);
    assert_eq!(error.fault, GeometryFault::SelfIntersection { other: 2 });
    assert_eq!(error.at, Some(at(0, 0, 0)));
    assert_eq!(
        error.to_string(),
        "polygon 1, ring 1, vertex 1: the ring meets itself again at its edge from vertex 3"
    );
}

#[test]
fn a_spike_and_a_touching_vertex_are_self_intersections() {
    let spike = ring(&[[10.0, 60.0], [10.1, 60.0], [10.2, 60.0], [10.1, 60.0], [10.1, 60.1]]);
    assert!(matches!(refusal(vec![vec![spike]]).fault, GeometryFault::SelfIntersection { .. }));
    let pinched = ring(&[[10.0, 60.0], [10.2, 60.0], [10.2, 60.2], [10.1, 60.0], [10.0, 60.2]]);
    assert!(matches!(refusal(vec![vec![pinched]]).fault, GeometryFault::SelfIntersection { .. }));
}

#[test]
fn bad_coordinates_are_named() {
    for (lon, lat, fault) in [
        (f64::NAN, 60.0, GeometryFault::NotANumber),
        (10.0, f64::INFINITY, GeometryFault::NotANumber),
        (10.0, 90.1, GeometryFault::LatitudeOutOfRange),
        (180.5, 60.0, GeometryFault::LongitudeOutOfRange),
        (10.0, -85.5, GeometryFault::NearPole),
    ] {
        let mut coordinates = square(10.0, 60.0, 0.1);
        coordinates[2] = [lon, lat];
        let error = refusal(vec![vec![square(0.0, 50.0, 1.0)], vec![coordinates]]);
        assert_eq!((error.at.unwrap(), error.fault), (at(1, 0, 2), fault));
    }
}

#[test]
fn rings_that_enclose_nothing_are_refused() {
    let line = ring(&[[10.0, 60.0], [10.1, 60.1], [10.2, 60.2]]);
    assert_eq!(refusal(vec![vec![line]]).fault, GeometryFault::ZeroArea);
    let two = ring(&[[10.0, 60.0], [10.1, 60.1], [10.0, 60.0]]);
    assert_eq!(refusal(vec![vec![two]]).fault, GeometryFault::TooFewVertices);
    let tiny = ring(&[[10.0, 60.0], [10.0 + 2e-8, 60.0], [10.0, 60.0 + 2e-8]]);
    assert_eq!(refusal(vec![vec![tiny]]).fault, GeometryFault::TooFewVertices);
    assert_eq!(refusal(vec![]).fault, GeometryFault::Empty);
    assert_eq!(refusal(vec![vec![]]).fault, GeometryFault::Empty);
    assert_eq!(refusal(vec![vec![vec![]]]).fault, GeometryFault::TooFewVertices);
}

#[test]
fn an_open_ring_is_refused_and_a_rounding_gap_is_closed() {
    let mut open = square(10.0, 60.0, 0.1);
    open.pop();
    let error = refusal(vec![vec![open]]);
    assert_eq!((error.at.unwrap(), error.fault), (at(0, 0, 3), GeometryFault::NotClosed));
    let mut nearly = square(10.0, 60.0, 0.1);
    nearly[4] = [10.000_000_1, 60.000_000_1];
    assert!(Geometry::polygons(vec![vec![nearly]]).is_ok());
}

#[test]
fn too_many_vertices_and_too_wide_zones_are_refused() {
    let many = vec![[10.0, 60.0]; VERTICES_MAX + 1];
    assert_eq!(refusal(vec![vec![many]]).fault, GeometryFault::TooManyVertices);
    let wide = ring(&[[-50.0, 10.0], [50.0, 10.0], [50.0, 20.0], [-50.0, 20.0]]);
    assert_eq!(refusal(vec![vec![wide]]).fault, GeometryFault::TooWide);
    let around = ring(&[[-150.0, 70.0], [-30.0, 70.0], [90.0, 70.0]]);
    assert_eq!(refusal(vec![vec![around]]).fault, GeometryFault::AroundPole);
}

#[test]
fn holes_lie_inside_their_outline_and_beside_each_other() {
    let outline = || square(10.0, 60.0, 1.0);
    let ok = vec![vec![outline(), square(10.1, 60.1, 0.2), square(10.5, 60.5, 0.2)]];
    let geometry = Geometry::polygons(ok).unwrap();
    assert!(!contains(&geometry, 60.2, 10.2));
    assert!(contains(&geometry, 60.4, 10.4));
    let outside = refusal(vec![vec![outline(), square(12.0, 60.1, 0.2)]]);
    assert_eq!(outside.fault, GeometryFault::HoleOutside);
    let nested = refusal(vec![vec![outline(), square(10.1, 60.1, 0.5), square(10.2, 60.2, 0.1)]]);
    assert_eq!(nested.fault, GeometryFault::RingsOverlap { polygon: 0, ring: 1 });
    let crossing = refusal(vec![vec![outline(), square(10.9, 60.1, 0.2)]]);
    assert!(matches!(crossing.fault, GeometryFault::RingsMeet { .. }));
    let within = refusal(vec![vec![outline()], vec![square(10.1, 60.1, 0.2)]]);
    assert_eq!(within.fault, GeometryFault::RingsOverlap { polygon: 0, ring: 0 });
    let island = vec![vec![outline(), square(10.1, 60.1, 0.5)], vec![square(10.2, 60.2, 0.1)]];
    assert!(contains(&Geometry::polygons(island).unwrap(), 60.25, 10.25));
}

#[test]
fn a_hole_may_touch_its_outline_in_a_vertex_only_from_inside() {
    let outline = || square(10.0, 60.0, 1.0);
    let inside = ring(&[[10.0, 60.0], [10.5, 60.2], [10.2, 60.5]]);
    assert!(Geometry::polygons(vec![vec![outline(), inside]]).is_ok());
    let outside = ring(&[[10.0, 60.0], [9.5, 59.8], [9.8, 59.5]]);
    assert_eq!(refusal(vec![vec![outline(), outside]]).fault, GeometryFault::HoleOutside);
}

#[test]
fn a_zone_over_the_antimeridian_is_the_same_whole_or_cut() {
    let whole = Geometry::polygons(vec![vec![ring(&[
        [179.0, -18.0],
        [-179.0, -18.0],
        [-179.0, -17.0],
        [179.0, -17.0],
    ])]])
    .unwrap();
    let west = ring(&[[179.0, -18.0], [180.0, -18.0], [180.0, -17.0], [179.0, -17.0]]);
    let east = ring(&[[-180.0, -18.0], [-179.0, -18.0], [-179.0, -17.0], [-180.0, -17.0]]);
    let cut = Geometry::polygons(vec![vec![west], vec![east]]).unwrap();
    for (lat, lon) in [(-17.5, 180.0), (-17.5, -180.0), (-17.4, 179.9), (-17.6, -179.5), (-17.5, 178.0)] {
        let [a, b] = [&whole, &cut].map(|zone| distance(zone, place(lat, lon)));
        assert!((a - b).abs() < 1e-6, "{lat} {lon}: {a} {b}");
        assert_eq!(a > 0.0, lon.abs() > 179.0);
    }
    assert_eq!(whole.bounds(), cut.bounds());
    let json = serde_json::to_string(&cut).unwrap();
    assert_eq!(serde_json::from_str::<Geometry>(&json).unwrap(), cut);
    assert_eq!(whole.to_geojson()["coordinates"][0][1][0], 181.0);
}

#[test]
fn circles_are_positive_and_away_from_the_poles() {
    let oslo = place(59.9, 10.7);
    for radius in [0.0, -5.0, f64::NAN, f64::INFINITY, 1e6] {
        let error = Geometry::circle(oslo, Metres(radius)).unwrap_err();
        assert!(matches!(error.fault, GeometryFault::Radius(_)));
    }
    let error = Geometry::circle(place(84.9, 0.0), Metres(50_000.0)).unwrap_err();
    assert_eq!(error.fault, GeometryFault::NearPole);
    let circle = Geometry::circle(place(78.2, 15.6), Metres(500.0)).unwrap();
    let json = serde_json::to_string(&circle).unwrap();
    assert_eq!(serde_json::from_str::<Geometry>(&json).unwrap(), circle);
    assert!(serde_json::from_str::<Geometry>(&json.replace("500.0", "-1.0")).is_err());
}

#[test]
fn a_circle_is_drawn_as_64_corners_at_its_radius() {
    for lat in [-70.0, 0.0, 59.9, 80.0] {
        let circle = Circle::new(place(lat, 179.99), Metres(5_000.0)).unwrap();
        let outline = circle.outline();
        assert_eq!((outline.len(), outline[0]), (65, outline[64]));
        for [lon, lat] in outline {
            let corner = place(lat, if lon > 180.0 { lon - 360.0 } else { lon });
            assert!((crate::distance_m(circle.centre(), corner) - 5_000.0).abs() < 1.0);
        }
    }
}

proptest! {
    #[test]
    fn what_deserializes_serializes_the_same(
        lat in -80.0..80.0_f64, lon in -180.0..180.0_f64,
        radii in prop::collection::vec(0.001..0.1_f64, 3..20),
    ) {
        let geometry = crate::testing::star(lat, lon, &radii);
        let json = serde_json::to_string(&geometry).unwrap();
        let again: Geometry = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(&again, &geometry);
        prop_assert_eq!(serde_json::to_string(&again).unwrap(), json);
    }

    #[test]
    fn any_coordinates_end_in_a_geometry_or_a_refusal(
        polygons in prop::collection::vec(
            prop::collection::vec(
                prop::collection::vec(prop::array::uniform2(0..6_i8), 0..7), 0..3), 0..3),
        close in prop::bool::ANY,
    ) {
        let ring = |ring: Vec<[i8; 2]>| {
            let open: Vec<[f64; 2]> = ring.iter().map(|corner| corner.map(f64::from)).collect();
            if close { open.iter().chain(open.first()).copied().collect() } else { open }
        };
        let coordinates: Vec<Vec<Vec<[f64; 2]>>> = polygons
            .into_iter()
            .map(|rings| rings.into_iter().map(ring).collect())
            .collect();
        if let Ok(geometry) = Geometry::polygons(coordinates.clone()) {
            // `geo` must call it valid, too.
            use geo::Validation;
            let polygons = coordinates.into_iter().map(|rings| {
                let mut rings = rings.into_iter().map(|ring| {
                    geo::LineString::from(ring.into_iter().map(|[x, y]| (x, y)).collect::<Vec<_>>())
                });
                geo::Polygon::new(rings.next().unwrap(), rings.collect())
            });
            let polygons = geo::MultiPolygon::from_iter(polygons);
            prop_assert!(polygons.is_valid(), "{:?} {:?}", polygons.validation_errors(), geometry);
        }
    }
}
