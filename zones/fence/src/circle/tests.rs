//! Circles are those of the geodesic, everywhere on earth.

use super::*;
use geo::{Destination, Distance, Geodesic, Point};
use proptest::prelude::*;

fn geodesic_m(a: Position, b: Position) -> f64 {
    Geodesic.distance(Point::new(a.lon(), a.lat()), Point::new(b.lon(), b.lat()))
}

/// A place so many metres away.
fn place_at(from: Position, bearing: f64, metres: f64) -> Position {
    let there = Geodesic.destination(Point::new(from.lon(), from.lat()), bearing, metres);
    Position::from_degrees(there.y(), (there.x() + 180.0).rem_euclid(360.0) - 180.0).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_place_is_inside_when_its_geodesic_is_shorter_than_the_radius(
        lat in -850_000_000..=850_000_000_i32, lon in -1_800_000_000..=1_800_000_000_i32,
        radius_log in 3.0..8.69_f64, bearing in 0.0..360.0_f64, share in 0.0..2.0_f64, near in any::<bool>(),
    ) {
        let centre = Position::from_e7(lat, lon).unwrap();
        let circle = Circle::new(centre, 10_f64.powf(radius_log) as u32);
        let radius_m = f64::from(circle.radius_mm()) / 1e3;
        let share = if near { 1.0 + (share - 1.0) * 1e-5 } else { share };
        let place = place_at(centre, bearing, radius_m * share);
        let distance_m = geodesic_m(centre, place);
        let tolerance_m = 0.003 + radius_m * 3e-6;
        if (distance_m - radius_m).abs() > tolerance_m {
            prop_assert_eq!(circle.contains(place), distance_m < radius_m, "{} {}", distance_m, radius_m);
        }
        let signed = circle.signed_distance(place);
        prop_assert_eq!(signed.0 >= 0, circle.contains(place));
        let expected = (radius_m - distance_m).clamp(-100_000.0, 100_000.0);
        prop_assert!((f64::from(signed.0) / 10.0 - expected).abs() < 0.15 + distance_m * 1e-5, "{signed:?} {expected}");
    }

    #[test]
    fn a_circle_holds_its_centre_and_nothing_on_the_other_side_of_the_earth(
        lat in -850_000_000..=850_000_000_i32, lon in -1_800_000_000..=1_800_000_000_i32, radius_mm in 0..=u32::MAX,
    ) {
        let centre = Position::from_e7(lat, lon).unwrap();
        let other = crate::earth::wrapped_e7(i64::from(lon) + 1_800_000_000);
        let circle = Circle::new(centre, radius_mm);
        prop_assert!(circle.contains(centre));
        prop_assert!(!circle.contains(Position::from_e7(-lat, other).unwrap()));
    }
}

#[test]
fn the_names_of_the_antimeridian_are_one_place() {
    let circle = Circle::new(Position::from_e7(-170_000_000, 1_799_999_000).unwrap(), 50_000);
    for lon in [1_800_000_000, -1_800_000_000, -1_799_999_900] {
        assert!(circle.contains(Position::from_e7(-170_000_000, lon).unwrap()));
    }
    assert!(!circle.contains(Position::from_e7(-170_000_000, -1_799_990_000).unwrap()));
}
