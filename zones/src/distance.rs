//! Signed distance from a place to a zone's boundary: positive inside, negative outside.
//!
//! Edges are straight in longitude and latitude. The nearest point of each is found with the scale at the place's own
//! latitude; edges that may be the nearest are then measured again with the scale half-way to that point. Where that
//! no longer serves (far away, or near a pole), points along the boundary are compared on the sphere and the nearest is
//! measured as a geodesic.

use crate::{
    Geometry,
    boundary::{Boundary, Edge, Vertex},
    earth::{FULL_TURN_E7, Frame, HALF_TURN_E7, LATITUDE_MAX, geodesic_m},
};
use lenke_wire::Position;

/// Beyond this the plane no longer serves, metres.
const PLANE_M_MAX: f64 = 200_000.0;
/// Nor where the scale changes by more than this share on the way.
const SCALE_CHANGE_MAX: f64 = 0.4;
/// Points compared along each edge on the far way, and steps of the search between two of them.
const FAR_POINTS: u32 = 8;
const FAR_STEPS: u32 = 30;

/// Distance from a place to a zone's boundary, metres: positive inside. `frame` is the place's.
pub(crate) fn signed_distance_m(geometry: &Geometry, frame: &Frame, position: Position) -> f64 {
    match geometry {
        Geometry::Circle(circle) => circle.signed_distance_m(position),
        Geometry::Polygons(polygons) => {
            let at = polygons.locate(position);
            signed_distance_to_boundary_m(polygons.boundary(), frame, at, polygons.origin_e7())
        }
    }
}

/// Distance from a place to a boundary around an origin's longitude, metres: positive inside.
pub(crate) fn signed_distance_to_boundary_m(
    boundary: Boundary<'_>,
    frame: &Frame,
    at: Vertex,
    origin_e7: i64,
) -> f64 {
    let mut distance = boundary.distance_m(frame, at);
    let near_pole = f64::from(at.y.unsigned_abs()) > (LATITUDE_MAX + 1.0) * 1e7;
    if distance > PLANE_M_MAX || frame.scale_change(distance) > SCALE_CHANGE_MAX || near_pole {
        distance = far_distance_m(boundary.edges, at, origin_e7);
    }
    if boundary.contains(at) { distance } else { -distance }
}

/// The far way: the nearest of points along each edge, by the sphere; then between its neighbours; then the geodesic.
fn far_distance_m(edges: &[Edge], at: Vertex, origin_e7: i64) -> f64 {
    let degrees = |x: f64, y: f64| ((x + origin_e7 as f64) / 1e7, y / 1e7);
    let here = degrees(f64::from(at.x), f64::from(at.y));
    let point = |edge: &Edge, along: f64| {
        let between = |a: i32, b: i32| f64::from(a) + along * (f64::from(b) - f64::from(a));
        degrees(between(edge.a.x, edge.b.x), between(edge.a.y, edge.b.y))
    };
    let measure = |edge: &Edge, along: f64| chord_squared(here, point(edge, along));
    let mut best: Option<(f64, &Edge, f64)> = None;
    for edge in edges {
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
