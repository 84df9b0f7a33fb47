//! Fixed-point numbers: a value `x` is kept as `x * 2^62`. Sine and cosine by their series, good to 1e-13.

/// One.
pub(crate) const ONE: i64 = 1 << 62;
/// Units of 1e-7 degrees in a right angle.
const RIGHT_ANGLE_E7: i32 = 900_000_000;
/// Radians in a unit of 1e-7 degrees, times 2^90.
const RADIANS_PER_E7_Q90: i64 = 2_160_612_962_779_783_726;
/// Radians in a unit of 1e-7 degrees.
pub(crate) const RADIANS_PER_E7: i64 = RADIANS_PER_E7_Q90 >> 28;

/// A product with a fixed-point number, rounded; the result keeps the other factor's scale.
pub(crate) const fn mul(a: i64, b: i64) -> i64 {
    ((a as i128 * b as i128 + (1 << 61)) >> 62) as i64
}

/// Sine and cosine of an angle within +-180 degrees.
pub(crate) fn sin_cos(angle_e7: i32) -> (i64, i64) {
    // To the nearest multiple of a right angle, so that the rest is at most 45 degrees: 2^34 of them fit.
    let quarter = (i64::from(angle_e7) + i64::from(RIGHT_ANGLE_E7) / 2).div_euclid(i64::from(RIGHT_ANGLE_E7));
    let rest = i64::from(angle_e7) - quarter * i64::from(RIGHT_ANGLE_E7);
    let radians = mul(rest << 34, RADIANS_PER_E7_Q90);
    let squared = mul(radians, radians);
    let series =
        |divisors: [i64; 6]| divisors.iter().fold(ONE, |sum, divisor| ONE - mul(squared / divisor, sum));
    // 12 * 13, 10 * 11, ... 2 * 3, and 11 * 12, 9 * 10, ... 1 * 2.
    let sin = mul(radians, series([156, 110, 72, 42, 20, 6]));
    let cos = series([132, 90, 56, 30, 12, 2]);
    match quarter.rem_euclid(4) {
        0 => (sin, cos),
        1 => (cos, -sin),
        2 => (-sin, -cos),
        _ => (-cos, sin),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sine_and_cosine_are_those_of_floating_point(angle in -1_800_000_000..=1_800_000_000_i32) {
            let (sin, cos) = sin_cos(angle);
            let (exact_sin, exact_cos) = (f64::from(angle) / 1e7).to_radians().sin_cos();
            prop_assert!((sin as f64 / ONE as f64 - exact_sin).abs() < 1e-12);
            prop_assert!((cos as f64 / ONE as f64 - exact_cos).abs() < 1e-12);
        }
    }

    #[test]
    fn right_angles_are_exact() {
        for (degrees, expected) in
            [(0, (0, ONE)), (90, (ONE, 0)), (180, (0, -ONE)), (-90, (-ONE, 0)), (-180, (0, -ONE))]
        {
            assert_eq!(sin_cos(degrees * 10_000_000), expected);
        }
    }
}
