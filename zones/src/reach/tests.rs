//! Beside many points of the zone, one by one.

use super::*;
use crate::{
    distance_m,
    testing::{personal, place, star, wrapped},
};
use proptest::prelude::*;

fn reach(from: Position, to: Position, minutes: i64, speed_m_s: f64) -> Reach {
    let (start, end) = (UnixMillis(0), UnixMillis(minutes * 60_000));
    Reach { from: (from, start), to: (to, end), error_m: 0.0, speed_m_s }
}

proptest! {
    #[test]
    fn the_least_way_is_that_of_the_best_of_many_points(
        lat in 55.0..79.0_f64, south in any::<bool>(), lon in -180.0..180.0_f64,
        radii in prop::collection::vec(0.2..1.0_f64, 3..9), size_log in -3.5..-0.7_f64, is_circle in any::<bool>(),
        ends in prop::array::uniform4(-0.3..0.3_f64),
    ) {
        let lat = if south { -lat } else { lat };
        let size = 10_f64.powf(size_log);
        let cos = lat.to_radians().cos();
        let geometry = if is_circle {
            Geometry::circle(place(lat, lon), Metres(size * 111_000.0)).unwrap()
        } else {
            star(lat, lon, &radii.iter().map(|radius| radius * size).collect::<Vec<_>>())
        };
        let at = |dy: f64, dx: f64| place(lat + dy, wrapped(lon + dx / cos));
        let (from, to) = (at(ends[0], ends[1]), at(ends[2], ends[3]));
        let least = reach(from, to, 60, 20.0).least_way_m(&geometry);
        // Points inside: a grid over the box.
        let mut brute = f64::INFINITY;
        let steps = 60;
        for y in -steps..=steps {
            for x in -steps..=steps {
                let [dy, dx] = [y, x].map(|step| f64::from(step) / f64::from(steps) * size * 1.01);
                let p = at(dy, dx);
                if geometry.contains(p) {
                    brute = brute.min(distance_m(from, p) + distance_m(p, to));
                }
            }
        }
        // The grid misses the best point by up to a cell there and back.
        let cell_m = size * 111_000.0 / f64::from(steps) * 3.0;
        if brute.is_finite() {
            prop_assert!(least <= brute * 1.01 + 0.1, "{least} {brute}");
            prop_assert!(radii.len() < 4 || least >= brute * 0.99 - cell_m * 2.0 - 0.1, "{least} {brute}");
        }
        prop_assert!(least >= distance_m(from, to) * 0.99 - 0.1);
    }
}

#[test]
fn a_zone_is_possible_only_where_the_time_allows_the_way() {
    // 3 km apart; the zone lies 4 km beside the middle: the least way is 2 * hypot(1500, 3900) = 8 357 m.
    let (from, to) = (place(60.0, 10.0), place(60.0, 10.053_75));
    let zone = personal(1, 1, Geometry::circle(place(60.035_9, 10.026_87), Metres(100.0)).unwrap());
    assert_eq!(reach(from, to, 9, 15.0).verdict(&zone), None);
    let possible = reach(from, to, 10, 15.0).verdict(&zone).unwrap();
    assert!((possible.least_way.0 - 8_357.0).abs() < 40.0, "{possible:?}");
    assert_eq!(possible.longest_way, Metres(9_000.0));
    assert!((35_000..50_000).contains(&possible.stay_ms_max()), "{}", possible.stay_ms_max());
}

#[test]
fn a_zone_on_the_way_is_possible_at_any_speed_that_makes_the_way() {
    let (from, to) = (place(-33.9, 151.0), place(-33.9, 151.1));
    let zone = personal(1, 1, Geometry::circle(place(-33.9, 151.05), Metres(50.0)).unwrap());
    let possible = reach(from, to, 60, 10.0).verdict(&zone).unwrap();
    assert!((possible.least_way.0 - distance_m(from, to)).abs() < 20.0);
    // Not even the straight way: somebody is wrong about the speed, and nothing follows from it.
    assert_eq!(reach(from, to, 10, 1.0).verdict(&zone), None);
}
