//! Places as points in space, so that far distances need no more than a chord: metres from the earth's centre.
//!
//! The length along the ellipsoid follows from the chord as on a sphere of the mean radius: the radius matters only for
//! how much longer the arc is, so that 2 000 km are right to 5e-5 and 200 km to 6e-7.

use crate::earth::{EARTH_RADIUS_M, ECCENTRICITY_SQUARED, EQUATORIAL_RADIUS_M, Scale, lambert_m};
use crate::sine::sin_cos;

/// Longer chords are not turned into arcs, metres.
const CHORD_M_MAX: f64 = 2_000_000.0;

/// A point of the ellipsoid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct SpacePoint {
    x: f64,
    y: f64,
    z: f64,
}

impl SpacePoint {
    /// At a longitude and latitude in degrees.
    #[inline(always)]
    pub(crate) fn of(place: (f64, f64)) -> Self {
        Outlook::at(place).point()
    }

    /// Squared length of the straight line to another point, square metres.
    #[inline(always)]
    pub(crate) fn chord_squared(&self, other: &Self) -> f64 {
        let (x, y, z) = (self.x - other.x, self.y - other.y, self.z - other.z);
        x * x + y * y + z * z
    }

    /// Length along the ellipsoid, metres, if it is not too long.
    #[inline(always)]
    pub(crate) fn arc_m(&self, other: &Self) -> Option<f64> {
        let chord_squared = self.chord_squared(other);
        if chord_squared > CHORD_M_MAX * CHORD_M_MAX {
            return None;
        }
        // 2 asin(s) / 2 s with s = chord / 2 R, as a series in s^2 <= 0.025.
        let s = chord_squared / (4.0 * EARTH_RADIUS_M * EARTH_RADIUS_M);
        Some(
            chord_squared.sqrt()
                * (1.0 + s * (1.0 / 6.0 + s * (3.0 / 40.0 + s * (15.0 / 336.0 + s * (105.0 / 3456.0))))),
        )
    }

    /// Length along the ellipsoid from this point, which is at `here`, to another place, metres.
    pub(crate) fn long_line_m(&self, here: (f64, f64), there: (f64, f64)) -> f64 {
        self.arc_m(&Self::of(there)).unwrap_or_else(|| lambert_m(here, there))
    }
}

/// A place with the directions east and north.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outlook {
    lon: (f64, f64),
    lat: (f64, f64),
}

impl Outlook {
    /// At a longitude and latitude in degrees.
    #[inline(always)]
    pub(crate) fn at((lon, lat): (f64, f64)) -> Self {
        Self { lon: sin_cos(lon), lat: sin_cos(lat) }
    }

    #[inline(always)]
    pub(crate) fn point(&self) -> SpacePoint {
        let ((lon_sin, lon_cos), (sin, cos)) = (self.lon, self.lat);
        let prime_vertical = EQUATORIAL_RADIUS_M / (1.0 - ECCENTRICITY_SQUARED * sin * sin).sqrt();
        SpacePoint {
            x: prime_vertical * cos * lon_cos,
            y: prime_vertical * cos * lon_sin,
            z: prime_vertical * (1.0 - ECCENTRICITY_SQUARED) * sin,
        }
    }

    /// Lengths of 1e-7 degrees.
    #[inline(always)]
    pub(crate) fn scale(&self) -> Scale {
        Scale::of(self.lat.0, self.lat.1)
    }

    /// How far another point lies to the east and to the north of this one's.
    #[inline(always)]
    pub(crate) fn towards(&self, here: &SpacePoint, there: &SpacePoint) -> (f64, f64) {
        let ((lon_sin, lon_cos), (sin, cos)) = (self.lon, self.lat);
        let (x, y, z) = (there.x - here.x, there.y - here.y, there.z - here.z);
        (y * lon_cos - x * lon_sin, z * cos - (x * lon_cos + y * lon_sin) * sin)
    }
}
