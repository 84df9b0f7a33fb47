//! Circles: all points within a radius of a place.

use super::{GeometryError, GeometryFault};
use crate::{
    Metres,
    distance::with_side,
    earth::{Bounds, Frame, LATITUDE_MAX, distance_in_m},
};
use lenke_wire::Position;
use serde::{Deserialize, Serialize};
use std::f64::consts::TAU;

/// No circle may be larger, metres.
pub const CIRCLE_RADIUS_M_MAX: f64 = 500_000.0;
/// A distance to a centre is right to a share of the radius, and a little: nearer to the edge, integers decide.
const DOUBT_SHARE: f64 = 1e-3;
const DOUBT_M: f64 = 0.05;
/// Vertices of the polygon that stands for a circle on a map.
const OUTLINE_VERTICES: u32 = 64;

/// All points within a radius of a centre.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Circle {
    centre: Position,
    radius: Metres,
    /// The centre's.
    #[serde(skip)]
    frame: Frame,
}

#[derive(Deserialize)]
struct Unchecked {
    centre: Position,
    radius: Metres,
}

impl TryFrom<Unchecked> for Circle {
    type Error = GeometryError;

    fn try_from(circle: Unchecked) -> Result<Self, GeometryError> {
        Self::new(circle.centre, circle.radius)
    }
}

impl Circle {
    /// All points within `radius` of `centre`.
    ///
    /// # Errors
    /// The radius is not a positive number below [`CIRCLE_RADIUS_M_MAX`], or the circle reaches too near to a pole.
    pub fn new(centre: Position, radius: Metres) -> Result<Self, GeometryError> {
        if !(radius.0 > 0.0 && radius.0 <= CIRCLE_RADIUS_M_MAX) {
            return Err(GeometryFault::Radius(radius.0).of_all());
        }
        let bounds = Bounds::of(centre).grown(radius.0);
        if bounds.north > LATITUDE_MAX || bounds.south < -LATITUDE_MAX {
            return Err(GeometryFault::NearPole.of_all());
        }
        Ok(Self { centre, radius, frame: Frame::at(centre.lat_e7()) })
    }

    /// Middle.
    pub const fn centre(&self) -> Position {
        self.centre
    }

    /// Radius.
    pub const fn radius(&self) -> Metres {
        self.radius
    }

    pub(crate) const fn frame(&self) -> &Frame {
        &self.frame
    }

    /// Distance from a place to the circle, metres: positive inside, never zero.
    pub fn signed_distance_m(&self, position: Position) -> f64 {
        let to_centre_m = distance_in_m(&self.frame, self.centre, position);
        sided(self.centre, self.radius.0, to_centre_m, position)
    }

    /// The same from a place whose frame is at hand; the two differ by less than 1e-8 of the distance.
    pub(crate) fn signed_distance_in_m(&self, frame: &Frame, position: Position) -> f64 {
        let to_centre_m = distance_in_m(frame, position, self.centre);
        sided(self.centre, self.radius.0, to_centre_m, position)
    }

    /// Whether a place is inside: exact, and as tags decide.
    pub(crate) fn contains(&self, position: Position) -> bool {
        self.signed_distance_m(position) > 0.0
    }

    /// The circle in integers: what decides at its edge, here and on tags.
    pub(crate) fn fence(&self) -> lenke_fence::Circle {
        fence(self.centre, self.radius.0)
    }

    pub(super) fn bounds(&self) -> Bounds {
        Bounds::of(self.centre).grown(self.radius.0)
    }

    /// A closed ring of `[lon, lat]` in degrees, counter-clockwise.
    pub(super) fn outline(&self) -> Vec<[f64; 2]> {
        let (lat_e7, lon) = (f64::from(self.centre.lat_e7()), self.centre.lon());
        let vertex = |step: u32| {
            let (sin, cos) =
                (TAU * f64::from(step % OUTLINE_VERTICES) / f64::from(OUTLINE_VERTICES)).sin_cos();
            let (east_m, north_m) = (self.radius.0 * cos, self.radius.0 * sin);
            let north_e7 = north_m / self.frame.own.north;
            let north_e7 = north_m / self.frame.half_way(north_e7).north;
            let east_e7 = east_m / self.frame.half_way(north_e7).east;
            [lon + east_e7 / 1e7, (lat_e7 + north_e7) / 1e7]
        };
        (0..=OUTLINE_VERTICES).map(vertex).collect()
    }
}

/// The signed distance to a circle's edge, metres, from that to its centre: near the edge integers decide on the side.
pub(crate) fn sided(centre: Position, radius_m: f64, to_centre_m: f64, position: Position) -> f64 {
    let distance_m = radius_m - to_centre_m;
    if !is_in_doubt(radius_m, distance_m) {
        return distance_m;
    }
    let inside = fence(centre, radius_m).contains(position);
    with_side(if inside { distance_m } else { -distance_m }, inside)
}

/// Whether a place so far from a circle's edge, metres, may be on either side of it.
#[inline]
pub(crate) const fn is_in_doubt(radius_m: f64, distance_m: f64) -> bool {
    distance_m.abs() <= DOUBT_SHARE * radius_m + DOUBT_M
}

fn fence(centre: Position, radius_m: f64) -> lenke_fence::Circle {
    // At most 5e8, so it fits.
    lenke_fence::Circle::new(centre, (radius_m * 1e3).round() as u32)
}
