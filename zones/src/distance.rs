//! Signed distance from a place to a zone's boundary: positive inside, negative outside.
//!
//! Edges are straight in longitude and latitude. The nearest point of each is found with the scale at the place's own
//! latitude; edges that may be the nearest are then measured again with the scale half-way to that point. Where that
//! no longer serves (far away, or near a pole), the nearest of the vertices or of points along the boundary is found on
//! the sphere and measured as a long line.

use crate::{
    Geometry,
    boundary::{Boundary, Edge, Vertex},
    earth::{Frame, LATITUDE_MAX, Scale, long_line_m},
};
use lenke_wire::Position;

/// Beyond this the plane no longer serves, metres.
const PLANE_M_MAX: f64 = 200_000.0;
/// Nor where the scale changes by more than this share on the way.
const SCALE_CHANGE_MAX: f64 = 0.4;
/// A zone of which no half is larger than this share of its distance is small from there.
const SMALL_SHARE_MAX: f64 = 0.05;
/// A place on the boundary itself counts as this far from it, metres.
const SIDE_M_MIN: f64 = 1e-6;
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
    let serves = |distance: f64| distance <= PLANE_M_MAX && frame.scale_change(distance) <= SCALE_CHANGE_MAX;
    let near_pole = f64::from(at.y.unsigned_abs()) > (LATITUDE_MAX + 1.0) * 1e7;
    // The box of all tells most far zones from near ones without a look at the pieces.
    let in_plane = (!near_pole && serves(boundary.extent.distance_squared(at, frame.own).sqrt()))
        .then(|| boundary.distance_m(frame, at))
        .filter(|distance| serves(*distance));
    let distance = in_plane.unwrap_or_else(|| far_distance_m(boundary, at, origin_e7));
    with_side(distance, boundary.contains(at))
}

/// A distance with the sign of the side that was decided exactly: never zero, so that the side is never lost.
pub(crate) const fn with_side(distance_m: f64, inside: bool) -> f64 {
    let distance_m = distance_m.max(SIDE_M_MIN);
    if inside { distance_m } else { -distance_m }
}

/// The far way. A zone that is small from there shows its nearest vertex in the direction of the place.
fn far_distance_m(boundary: Boundary<'_>, at: Vertex, origin_e7: i64) -> f64 {
    let degrees = |x: f64, y: f64| ((x + origin_e7 as f64) / 1e7, y / 1e7);
    let here = degrees(f64::from(at.x), f64::from(at.y));
    let (low, high) = (boundary.extent.low, boundary.extent.high);
    let middle = (
        f64::midpoint(f64::from(low.x), f64::from(high.x)),
        f64::midpoint(f64::from(low.y), f64::from(high.y)),
    );
    let centre = degrees(middle.0, middle.1);
    let scale = Scale::at_lat_e7(middle.1);
    let half_m = scale.length_m(f64::from(high.x) - middle.0, f64::from(high.y) - middle.1);
    if half_m > SMALL_SHARE_MAX * long_line_m(here, centre) {
        return distance_along_edges_m(boundary.edges, here, degrees);
    }
    let (lon_sin, lon_cos) = (here.0 - centre.0).to_radians().sin_cos();
    let ((sin, cos), (here_sin, here_cos)) = (centre.1.to_radians().sin_cos(), here.1.to_radians().sin_cos());
    let (east, north) = (here_cos * lon_sin, cos * here_sin - sin * here_cos * lon_cos);
    let (east, north) = (east * scale.east, north * scale.north);
    let towards = |vertex: &Vertex| f64::from(vertex.x) * east + f64::from(vertex.y) * north;
    let vertices = boundary.edges.iter().flat_map(|edge| [edge.a, edge.b]);
    let nearest = vertices.max_by(|a, b| towards(a).total_cmp(&towards(b)));
    nearest
        .map_or(f64::INFINITY, |vertex| long_line_m(here, degrees(f64::from(vertex.x), f64::from(vertex.y))))
}

/// The nearest of points along each edge, by the sphere; then between its neighbours.
fn distance_along_edges_m(edges: &[Edge], here: (f64, f64), degrees: impl Fn(f64, f64) -> (f64, f64)) -> f64 {
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
    long_line_m(here, point(edge, f64::midpoint(low, high)))
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
