//! Circles: all places whose straight line through the earth to the centre is not longer than a limit.
//!
//! The limit is the chord of the radius. Lines through space have no antimeridian, no pole and no projection: the
//! decision is right to 3 mm and 3e-6 of the radius everywhere.

use crate::{Decimetres, distance::FAR_MM, earth::in_space};
use lenke_wire::Position;

/// No circle is larger, millimetres (500 km).
pub const RADIUS_MM_MAX: u32 = 500_000_000;
/// The earth's mean radius, millimetres.
const EARTH_RADIUS_MM: i64 = 6_371_008_800;
/// 1e-7 degrees of latitude are longer than this, millimetres.
const NORTH_MM_MIN: i64 = 11;

/// A circle, ready to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Circle {
    centre: Position,
    radius_mm: u32,
    in_space: [i64; 3],
    chord_mm: i64,
}

impl Circle {
    /// All places within a radius, which is taken to lie between 1 mm and [`RADIUS_MM_MAX`].
    pub fn new(centre: Position, radius_mm: u32) -> Self {
        let radius_mm = radius_mm.clamp(1, RADIUS_MM_MAX);
        let radius = i64::from(radius_mm);
        let chord_mm = radius - bulge_mm(radius);
        Self { centre, radius_mm, in_space: in_space(centre), chord_mm }
    }

    /// Middle.
    pub const fn centre(&self) -> Position {
        self.centre
    }

    /// Radius.
    pub const fn radius_mm(&self) -> u32 {
        self.radius_mm
    }

    /// Whether a place is inside.
    pub fn contains(&self, place: Position) -> bool {
        self.chord_squared(place, self.chord_mm)
            .is_some_and(|squared| squared <= self.chord_mm * self.chord_mm)
    }

    /// Distance to the circle, not told apart beyond [`crate::FAR`].
    pub fn signed_distance(&self, place: Position) -> Decimetres {
        let Some(squared) = self.chord_squared(place, self.chord_mm + FAR_MM) else {
            return Decimetres::signed(FAR_MM, false);
        };
        let chord = squared.unsigned_abs().isqrt() as i64;
        let to_centre = chord + bulge_mm(chord);
        let distance = (i64::from(self.radius_mm) - to_centre).abs();
        Decimetres::signed(distance, squared <= self.chord_mm * self.chord_mm)
    }

    /// Squared length of the straight line to the centre, or nothing if it is surely longer than `limit_mm`, which is
    /// below 2^30.
    fn chord_squared(&self, place: Position, limit_mm: i64) -> Option<i64> {
        let north_e7 = (i64::from(place.lat_e7()) - i64::from(self.centre.lat_e7())).abs();
        // A chord is shorter than its arc by less than 1/500 here.
        if north_e7 * NORTH_MM_MIN > limit_mm + limit_mm / 256 {
            return None;
        }
        let [x, y, z] = in_space(place);
        let (x, y, z) = (x - self.in_space[0], y - self.in_space[1], z - self.in_space[2]);
        if x.abs().max(y.abs()).max(z.abs()) > limit_mm {
            return None;
        }
        Some(x * x + y * y + z * z)
    }
}

/// How much longer an arc is than its chord: l^3 / (24 r^2), for an arc or a chord `l` below 2^30 millimetres.
const fn bulge_mm(length_mm: i64) -> i64 {
    let angle = (length_mm << 32) / EARTH_RADIUS_MM;
    let squared = (angle * angle) >> 32;
    (length_mm * squared / 24) >> 32
}

#[cfg(test)]
mod tests;
