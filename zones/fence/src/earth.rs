//! The WGS 84 ellipsoid in integers: places in space, and lengths around a latitude.
//!
//! With the sine `s` of the latitude and w = e^2 s^2, the prime vertical's radius is N = a (1 - w)^(-1/2) and the
//! meridian's M = a (1 - e^2) (1 - w)^(-3/2) (e.g. Snyder, "Map Projections: A Working Manual", 1987, p. 24). w is
//! below 0.007, so that four terms of the series give N to less than a tenth of a millimetre.

use crate::fixed::{ONE, RADIANS_PER_E7, mul, sin_cos};
use lenke_wire::Position;

/// Equatorial radius, millimetres.
const EQUATORIAL_RADIUS_MM: i64 = 6_378_137_000;
/// First eccentricity squared, and one less it.
const ECCENTRICITY_SQUARED: i64 = 30_872_378_602_574_786;
const REST_SQUARED: i64 = ONE - ECCENTRICITY_SQUARED;
const HALF_TURN_E7: i64 = 1_800_000_000;
const FULL_TURN_E7: i64 = 3_600_000_000;

/// Places and edges within zones lie within +-85 degrees, as on the server.
pub(crate) const LATITUDE_E7_MAX: i32 = 850_000_000;
/// Bits after the point of a [`Scale`].
pub(crate) const SCALE_BITS: u32 = 24;

/// The same longitude within [-180, 180) degrees.
pub(crate) const fn wrapped_e7(lon_e7: i64) -> i32 {
    ((lon_e7 + HALF_TURN_E7).rem_euclid(FULL_TURN_E7) - HALF_TURN_E7) as i32
}

/// From one longitude to another by the shorter way round, 1e-7 degrees.
pub(crate) const fn east_of(from_lon_e7: i32, to_lon_e7: i32) -> i32 {
    wrapped_e7(to_lon_e7 as i64 - from_lon_e7 as i64)
}

/// (1 - w)^(-1/2).
fn inverse_root(w: i64) -> i64 {
    // 1 + w/2 (1 + 3w/4 (1 + 5w/6 (1 + 7w/8)))
    [(7, 8), (5, 6), (3, 4), (1, 2)].iter().fold(ONE, |sum, (over, under)| ONE + mul(w * over / under, sum))
}

/// A place in space, millimetres from the earth's centre; rounded to the millimetre.
pub(crate) fn in_space(place: Position) -> [i64; 3] {
    let (sin, cos) = sin_cos(place.lat_e7());
    let (lon_sin, lon_cos) = sin_cos(place.lon_e7());
    let radius = mul(EQUATORIAL_RADIUS_MM << 8, inverse_root(mul(mul(sin, sin), ECCENTRICITY_SQUARED)));
    let from_axis = mul(radius, cos);
    [mul(from_axis, lon_cos), mul(from_axis, lon_sin), mul(mul(radius, REST_SQUARED), sin)]
        .map(|value| (value + (1 << 7)) >> 8)
}

/// Millimetres in 1e-7 degrees at a latitude, times 2^[`SCALE_BITS`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    pub(crate) east: i64,
    pub(crate) north: i64,
    /// How much `east` falls with 1e-7 degrees to the north, times 2^32.
    fall: i64,
}

impl Scale {
    pub(crate) fn at(lat_e7: i32) -> Self {
        let (sin, cos) = sin_cos(lat_e7);
        let root = inverse_root(mul(mul(sin, sin), ECCENTRICITY_SQUARED));
        let prime_vertical = mul(EQUATORIAL_RADIUS_MM << SCALE_BITS, RADIANS_PER_E7);
        // The root is at most 1.0034, so its products stay below 2.
        let cubed = mul(mul(root, root), root);
        let north = mul(mul(prime_vertical, REST_SQUARED), cubed);
        Self {
            east: mul(mul(prime_vertical, root), cos),
            north,
            fall: mul(north << 32, mul(sin, RADIANS_PER_E7)),
        }
    }

    /// Half-way to a place so far to the north. Up to a degree the fall is even enough.
    pub(crate) fn half_way(self, north_e7: i64) -> Self {
        let way = (north_e7 / 2).clamp(-10_000_000, 10_000_000);
        Self { east: self.east - ((self.fall * way) >> 32), ..self }
    }

    /// The least `east` within a degree of the latitude.
    pub(crate) const fn east_min(self) -> i64 {
        let fallen = self.east - ((self.fall.abs() * 10_000_000) >> 32);
        fallen - fallen / 64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const A: f64 = 6_378_137.0;
    const E2: f64 = 0.006_694_379_990_141_317;

    proptest! {
        #[test]
        fn places_in_space_are_right_to_the_millimetre(lat in -900_000_000..=900_000_000_i32, lon in -1_800_000_000..=1_800_000_000_i32) {
            let ((sin, cos), (lon_sin, lon_cos)) =
                ((f64::from(lat) / 1e7).to_radians().sin_cos(), (f64::from(lon) / 1e7).to_radians().sin_cos());
            let n = A / (1.0 - E2 * sin * sin).sqrt();
            let exact = [n * cos * lon_cos, n * cos * lon_sin, n * (1.0 - E2) * sin];
            let here = in_space(Position::from_e7(lat, lon).unwrap());
            for (mm, metres) in here.iter().zip(exact) {
                prop_assert!((*mm as f64 - metres * 1e3).abs() < 0.6, "{mm} {metres}");
            }
        }

        #[test]
        fn scales_are_those_of_the_radii_of_curvature(lat in -860_000_000..=860_000_000_i32, way in -10_000_000..10_000_000_i64) {
            let scale = |lat_e7: f64| {
                let (sin, cos) = (lat_e7 / 1e7).to_radians().sin_cos();
                let w = 1.0 - E2 * sin * sin;
                let per = 1e-7_f64.to_radians() * 1e3 * f64::from(1_u32 << SCALE_BITS);
                (A / w.sqrt() * cos * per, A * (1.0 - E2) / w.powf(1.5) * per)
            };
            let (east, north) = scale(f64::from(lat));
            let own = Scale::at(lat);
            prop_assert!((own.east as f64 / east - 1.0).abs() < 1e-7);
            prop_assert!((own.north as f64 / north - 1.0).abs() < 1e-7);
            let (half_east, _) = scale(f64::from(lat) + way as f64 / 2.0);
            prop_assert!((own.half_way(way).east as f64 / half_east - 1.0).abs() < 1e-4);
            let (far_east, _) = scale(f64::from(lat.abs()) + way.abs() as f64);
            prop_assert!(own.east_min() as f64 <= far_east);
        }
    }
}
