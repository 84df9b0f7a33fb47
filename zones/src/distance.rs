//! Signed distance from a place to a zone's boundary: positive inside, negative outside.
//!
//! Edges are straight in longitude and latitude. The nearest point of each is found with the scale at the place's own
//! latitude; edges that may be the nearest are then measured again with the scale half-way to that point. Where that
//! no longer holds (far away, or near a pole), points along the boundary are compared on the sphere and the nearest is
//! measured as a geodesic.

use crate::{
    Circle, Geometry,
    earth::{FULL_TURN_E7, HALF_TURN_E7, LATITUDE_MAX, Scale, distance_m, geodesic_m},
    geometry::{Edge, Polygons, Vertex},
};
use lenke_wire::Position;

/// Beyond this the plane no longer serves, metres.
const PLANE_M_MAX: f64 = 200_000.0;
/// distance / (2 earth radii) x tan(latitude): how much the scale may change on the way half-way to the boundary.
const SCALE_CHANGE_MAX: f64 = 0.2;
/// Squared distances by the place's own scale that are this much longer than the best cannot win; follows from
/// [`SCALE_CHANGE_MAX`]: (1.2 / 0.8)^2 < 4.
const RIVAL_FACTOR: f64 = 4.0;
/// Mean radius of the earth, metres.
const EARTH_RADIUS_M: f64 = 6_371_008.8;
/// Points compared along each edge on the far way, and steps of the search between two of them.
const FAR_POINTS: u32 = 8;
const FAR_STEPS: u32 = 30;

/// Distance from a place to a zone's boundary, metres: positive inside.
pub(crate) fn signed_distance_m(geometry: &Geometry, position: Position) -> f64 {
    match geometry {
        Geometry::Circle(circle) => signed_distance_to_circle_m(circle, position),
        Geometry::Polygons(polygons) => {
            let at = polygons.locate(position);
            let distance = boundary_distance_m(polygons, at);
            if polygons.contains(at) { distance } else { -distance }
        }
    }
}

fn signed_distance_to_circle_m(circle: &Circle, position: Position) -> f64 {
    circle.radius().0 - distance_m(circle.centre(), position)
}

/// Distance from a place to the nearest piece of the boundary, metres.
fn boundary_distance_m(polygons: &Polygons, at: Vertex) -> f64 {
    let own = Scale::at_lat_e7(f64::from(at.y));
    let (mut rough, mut best) = (f64::INFINITY, f64::INFINITY);
    for edge in polygons.boundary() {
        let offset = EdgeOffset::from(edge, at);
        let (first, north) = offset.nearest_squared(own);
        if first <= rough * RIVAL_FACTOR {
            rough = rough.min(first);
            let half_way = Scale::at_lat_e7(f64::from(at.y) + north / 2.0);
            best = best.min(offset.nearest_squared(half_way).0);
        }
    }
    let distance = best.sqrt();
    let lat = (f64::from(at.y) / 1e7).abs();
    let change = distance / (2.0 * EARTH_RADIUS_M) * lat.min(89.9).to_radians().tan();
    if distance <= PLANE_M_MAX && change <= SCALE_CHANGE_MAX && lat <= LATITUDE_MAX + 1.0 {
        distance
    } else {
        far_distance_m(polygons, at)
    }
}

/// An edge as seen from a place, in 1e-7 degrees.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EdgeOffset {
    pub(crate) ax: f64,
    pub(crate) ay: f64,
    pub(crate) bx: f64,
    pub(crate) by: f64,
}

impl EdgeOffset {
    pub(crate) fn from(edge: &Edge, at: Vertex) -> Self {
        let (x, y) = (f64::from(at.x), f64::from(at.y));
        Self {
            ax: f64::from(edge.a.x) - x,
            ay: f64::from(edge.a.y) - y,
            bx: f64::from(edge.b.x) - x,
            by: f64::from(edge.b.y) - y,
        }
    }

    /// Squared distance to the nearest point of the edge, square metres, and how far north that point lies, 1e-7
    /// degrees.
    pub(crate) fn nearest_squared(&self, scale: Scale) -> (f64, f64) {
        let (ax, ay) = (self.ax * scale.east, self.ay * scale.north);
        let (dx, dy) = ((self.bx - self.ax) * scale.east, (self.by - self.ay) * scale.north);
        let along = -(ax * dx + ay * dy) / (dx * dx + dy * dy);
        let along = along.clamp(0.0, 1.0);
        let (x, y) = (ax + along * dx, ay + along * dy);
        (x * x + y * y, y / scale.north)
    }
}

/// The far way: the nearest of points along each edge, by the sphere; then between its neighbours; then the geodesic.
fn far_distance_m(polygons: &Polygons, at: Vertex) -> f64 {
    let here = polygons.degrees(f64::from(at.x), f64::from(at.y));
    let point = |edge: &Edge, along: f64| {
        let between = |a: i32, b: i32| f64::from(a) + along * (f64::from(b) - f64::from(a));
        polygons.degrees(between(edge.a.x, edge.b.x), between(edge.a.y, edge.b.y))
    };
    let measure = |edge: &Edge, along: f64| chord_squared(here, point(edge, along));
    let mut best: Option<(f64, &Edge, f64)> = None;
    for edge in polygons.boundary() {
        for step in 0..=FAR_POINTS {
            let along = f64::from(step) / f64::from(FAR_POINTS);
            let length = measure(edge, along);
            if best.is_none_or(|(shortest, ..)| length < shortest) {
                best = Some((length, edge, along));
            }
        }
    }
    let Some((_, edge, along)) = best else { return f64::INFINITY };
    let reach = 1.0 / f64::from(FAR_POINTS);
    let (mut low, mut high) = ((along - reach).max(0.0), (along + reach).min(1.0));
    for _ in 0..FAR_STEPS {
        let third = (high - low) / 3.0;
        if measure(edge, low + third) < measure(edge, high - third) {
            high -= third;
        } else {
            low += third;
        }
    }
    let (lon, lat) = point(edge, f64::midpoint(low, high));
    let turn = (HALF_TURN_E7 as f64) / 1e7;
    let lon = (lon + turn).rem_euclid(FULL_TURN_E7 as f64 / 1e7) - turn;
    geodesic_m(here, (lon, lat))
}

/// Squared straight line through the unit sphere between two (longitude, latitude) pairs in degrees.
fn chord_squared(a: (f64, f64), b: (f64, f64)) -> f64 {
    let unit = |(lon, lat): (f64, f64)| {
        let ((lon_sin, lon_cos), (lat_sin, lat_cos)) =
            (lon.to_radians().sin_cos(), lat.to_radians().sin_cos());
        [lat_cos * lon_cos, lat_cos * lon_sin, lat_sin]
    };
    unit(a).iter().zip(unit(b)).map(|(a, b)| (a - b) * (a - b)).sum()
}

#[cfg(test)]
mod tests;
