//! Sine and cosine of an angle in degrees: from a table and a short series, right to 2e-16.
//!
//! The same bits on every platform, which the mathematical library of a system does not promise: a court that measures
//! again gets the same distance.

use std::f64::consts::PI;

/// Degrees between two angles of the table.
const STEP: i32 = 2;
/// Angles of the table: -180 to 180 degrees.
const ANGLES: usize = 181;
const RADIANS: f64 = PI / 180.0;

static TABLE: [(f64, f64); ANGLES] = {
    let mut table = [(0.0, 0.0); ANGLES];
    let mut index = 0;
    while index < ANGLES {
        let degrees = index as i32 * STEP - 180;
        table[index] = (sin_of_whole(degrees), sin_of_whole(degrees + 90));
        index += 1;
    }
    table
};

/// Of an angle within +-360 degrees.
#[inline(always)]
pub(crate) fn sin_cos(degrees: f64) -> (f64, f64) {
    let degrees = if degrees > 180.0 { degrees - 360.0 } else { degrees };
    let degrees = if degrees < -180.0 { degrees + 360.0 } else { degrees };
    let index = ((degrees / f64::from(STEP) + 90.5) as i32).clamp(0, ANGLES as i32 - 1);
    let (sin, cos) = TABLE[index as usize];
    let x = (degrees - f64::from(index * STEP - 180)) * RADIANS;
    let square = x * x;
    // At most one degree: the next terms are below 1e-18.
    let sin_x = x * (1.0 - square / 6.0 * (1.0 - square / 20.0 * (1.0 - square / 42.0)));
    let versed_x = square / 2.0 * (1.0 - square / 12.0 * (1.0 - square / 30.0));
    (sin + (cos * sin_x - sin * versed_x), cos - (sin * sin_x + cos * versed_x))
}

/// Sine of a whole number of degrees, by its series at an angle up to 90 degrees.
const fn sin_of_whole(degrees: i32) -> f64 {
    let turned = degrees.rem_euclid(360);
    let (half, sign) = if turned > 180 { (turned - 180, -1.0) } else { (turned, 1.0) };
    let acute = if half > 90 { 180 - half } else { half };
    let x = acute as f64 * RADIANS;
    let (mut term, mut sum, mut power) = (x, 0.0, 1.0);
    while power < 30.0 {
        sum += term;
        term *= -x * x / ((power + 1.0) * (power + 2.0));
        power += 2.0;
    }
    sign * sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sines_are_those_of_the_library(degrees in -359.0..359.0_f64) {
            let (sin, cos) = sin_cos(degrees);
            prop_assert!((sin - degrees.to_radians().sin()).abs() < 4e-15, "{degrees} {sin}");
            prop_assert!((cos - degrees.to_radians().cos()).abs() < 4e-15, "{degrees} {cos}");
        }
    }

    #[test]
    fn quarter_turns_are_quarter_turns() {
        for (degrees, sin, cos) in [(0.0, 0.0, 1.0), (90.0, 1.0, 0.0), (-90.0, -1.0, 0.0), (180.0, 0.0, -1.0)]
        {
            let (s, c) = sin_cos(degrees);
            assert!((s - sin).abs() < 1e-15 && (c - cos).abs() < 1e-15, "{degrees}: {s} {c}");
        }
    }
}
