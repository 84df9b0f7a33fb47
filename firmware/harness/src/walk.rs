//! Where the wearer is: at home, then out for a round through the streets, again and again.
//!
//! Round the clock, in cycles of [`CYCLE_S`]: at home for [`HOME_S`], then a closed path of straight streets at walking pace.

use lenke_wire::{Position, UnixMillis};

const CYCLE_S: i64 = 7_200;
const HOME_S: i64 = 360;
/// A corner every so many seconds.
const STREET_S: i64 = 180;
const SPEED_CM_S: i64 = 140;
/// 1e-7 degrees for a centimetre north.
const LAT_E7_PER_CM: f64 = 0.898_3;
const HOME_LAT_E7: i32 = 599_138_690;
const HOME_LON_E7: i32 = 107_522_450;
/// Cosine of the home's latitude.
const LON_SCALE: f64 = 0.501_1;

/// One moment of the walk.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Moment {
    pub(crate) position: Position,
    pub(crate) speed_cm_s: u16,
    pub(crate) course_cdeg: u16,
    pub(crate) at_home: bool,
}

/// The moment at `at`, with an error of the receiver that depends on nothing else.
pub(crate) fn moment(at: UnixMillis) -> Moment {
    let second = (at.0 / 1_000).rem_euclid(CYCLE_S);
    let (at_home, out_s) = (second < HOME_S, (second - HOME_S).max(0));
    let half_s = (CYCLE_S - HOME_S) / 2;
    let back = out_s > half_s;
    let (north_cm, east_cm, course) = path(if back { 2 * half_s - out_s } else { out_s });
    let (north_error, east_error) = error_cm(at.0 / 1_000);
    let lat = f64::from(HOME_LAT_E7) + (north_cm + north_error) as f64 * LAT_E7_PER_CM;
    let lon = f64::from(HOME_LON_E7) + (east_cm + east_error) as f64 * LAT_E7_PER_CM / LON_SCALE;
    let course = if back { (course + 18_000) % 36_000 } else { course };
    let position =
        Position::from_e7(lat as i32, lon as i32).expect("a walk of some kilometres around the home");
    let (speed_cm_s, course_cdeg) = if at_home { (0, 0) } else { (SPEED_CM_S as u16, course) };
    Moment { position, speed_cm_s, course_cdeg, at_home }
}

/// Centimetres north and east after `out_s` seconds, and the course.
fn path(out_s: i64) -> (i64, i64, u16) {
    let (mut north, mut east) = (0, 0);
    let mut left = out_s;
    let mut street = 0;
    loop {
        let course = [4_500_u16, 13_500, 4_500, 0][street % 4];
        let step = left.min(STREET_S) * SPEED_CM_S;
        let angle = f64::from(course) / 18_000.0 * std::f64::consts::PI;
        north += (step as f64 * angle.cos()) as i64;
        east += (step as f64 * angle.sin()) as i64;
        left -= STREET_S;
        street += 1;
        if left <= 0 {
            return (north, east, course);
        }
    }
}

/// Some metres, other ones each second.
fn error_cm(second: i64) -> (i64, i64) {
    let mixed = second.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let part = |shift: u32| ((mixed >> shift) % 601) as i64 - 300;
    (part(20), part(40))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_walk_is_steady_and_comes_home() {
        for second in 0..2 * CYCLE_S {
            let [here, next] = [second, second + 1].map(|second| moment(UnixMillis(second * 1_000)));
            let north = (here.position.lat_e7() - next.position.lat_e7()).abs();
            assert!(north < 1_000, "{second}: {here:?} {next:?}");
        }
        assert!(moment(UnixMillis(CYCLE_S * 1_000)).at_home);
        assert!(!moment(UnixMillis((CYCLE_S / 2) * 1_000)).at_home);
    }
}
