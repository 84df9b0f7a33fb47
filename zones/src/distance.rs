//! Signed distance from a place to a zone's boundary: positive inside, negative outside.
//!
//! Edges are straight in longitude and latitude. The nearest point of each is found with the scale at the place's own
//! latitude and measured with the scale half-way to it. Where that no longer serves (far away, or near a pole), the
//! nearest of the vertices or of points along the boundary is found on the sphere and measured as a long line.

use crate::{
    Geometry,
    boundary::{Boundary, Edge, Extent, Ranking, Vertex},
    earth::{Frame, LATITUDE_MAX, Scale, long_line_m, wrapped_e7},
    space::{Outlook, SpacePoint},
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
        Geometry::Circle(circle) => circle.signed_distance_in_m(frame, position),
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
    Search::begin(boundary, frame, at).signed_distance_m(boundary, frame, at, origin_e7, &mut None)
}

/// A search for the nearest edge that has begun; what it needs next may be on its way from memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Search {
    /// Nothing if the plane does not serve.
    ranking: Option<Ranking>,
}

impl Search {
    #[inline(always)]
    pub(crate) fn begin(boundary: Boundary<'_>, frame: &Frame, at: Vertex) -> Self {
        // The box of all tells most far zones from near ones without a look at the pieces.
        let is_near =
            !is_near_pole(at) && serves(frame, distance_to_box_m(&boundary.extent(), at, frame.own));
        Self { ranking: is_near.then(|| boundary.rank(frame, at)) }
    }

    /// Fetches what the search will look at first.
    #[inline(always)]
    pub(crate) fn fetch(&self, boundary: Boundary<'_>) {
        if let Some(ranking) = &self.ranking {
            boundary.fetch(ranking);
        }
    }

    /// Ends the search. `here` keeps the place's point in space, once it was needed.
    #[inline(always)]
    pub(crate) fn signed_distance_m(
        &self,
        boundary: Boundary<'_>,
        frame: &Frame,
        at: Vertex,
        origin_e7: i64,
        here: &mut Option<SpacePoint>,
    ) -> f64 {
        let in_plane = self.ranking.as_ref().map(|ranking| boundary.distance_m(frame, at, ranking));
        let distance = in_plane
            .filter(|distance| serves(frame, *distance))
            .unwrap_or_else(|| far_distance_m(boundary, at, origin_e7, here));
        with_side(distance, boundary.contains(at))
    }
}

/// Whether the plane around a place serves for so far away.
#[inline(always)]
fn serves(frame: &Frame, distance: f64) -> bool {
    distance <= PLANE_M_MAX && frame.scale_change(distance) <= SCALE_CHANGE_MAX
}

/// A distance with the sign of the side that was decided exactly: never zero, so that the side is never lost.
#[inline(always)]
pub(crate) const fn with_side(distance_m: f64, inside: bool) -> f64 {
    let distance_m = distance_m.max(SIDE_M_MIN);
    if inside { distance_m } else { -distance_m }
}

#[inline(always)]
fn is_near_pole(at: Vertex) -> bool {
    f64::from(at.y.unsigned_abs()) > (LATITUDE_MAX + 1.0) * 1e7
}

/// A distance that a boundary is surely not nearer than, metres: quick, and good for what is not far away.
#[inline(always)]
pub(crate) fn distance_least_m(boundary: Boundary<'_>, frame: &Frame, at: Vertex) -> f64 {
    if is_near_pole(at) { 0.0 } else { boundary.distance_least_m(frame, at) }
}

/// Distance to the nearest place of a box by one scale, metres; 0 inside.
#[inline(always)]
fn distance_to_box_m(extent: &Extent, at: Vertex, scale: Scale) -> f64 {
    let gap = |low: i32, high: i32, at: i32| {
        let at = f64::from(at);
        (f64::from(low) - at).max(at - f64::from(high)).max(0.0)
    };
    scale.length_m(gap(extent.low.x, extent.high.x, at.x), gap(extent.low.y, extent.high.y, at.y))
}

/// The far way. A zone that is small from there shows its nearest vertex in the direction of the place.
#[inline(always)]
fn far_distance_m(
    boundary: Boundary<'_>,
    at: Vertex,
    origin_e7: i64,
    here_point: &mut Option<SpacePoint>,
) -> f64 {
    let degrees = |x: f64, y: f64| ((x + origin_e7 as f64) / 1e7, y / 1e7);
    let lon_e7 = wrapped_e7(i64::from(at.x) + origin_e7);
    let here = (lon_e7 as f64 / 1e7, f64::from(at.y) / 1e7);
    let here_point = here_point.get_or_insert_with(|| SpacePoint::of(here));
    let (low, high) = (boundary.extent().low, boundary.extent().high);
    let middle = (
        f64::midpoint(f64::from(low.x), f64::from(high.x)),
        f64::midpoint(f64::from(low.y), f64::from(high.y)),
    );
    let outlook = Outlook::at(degrees(middle.0, middle.1));
    let (scale, middle_point) = (outlook.scale(), outlook.point());
    let half_m = scale.length_m(f64::from(high.x) - middle.0, f64::from(high.y) - middle.1);
    // A chord is shorter than its arc, so this errs towards the thorough way.
    if half_m > SMALL_SHARE_MAX * here_point.chord_squared(&middle_point).sqrt() {
        return distance_along_edges_m(boundary, here, degrees);
    }
    let (east, north) = outlook.towards(&middle_point, here_point);
    let (x, y) = boundary.farthest_towards(east * scale.east, north * scale.north);
    here_point.long_line_m(here, degrees(x, y))
}

/// The nearest of points along each edge, by the sphere; then between its neighbours.
#[inline(never)]
fn distance_along_edges_m(
    boundary: Boundary<'_>,
    here: (f64, f64),
    degrees: impl Fn(f64, f64) -> (f64, f64),
) -> f64 {
    let point = |edge: &Edge, along: f64| {
        let between = |a: i32, b: i32| f64::from(a) + along * (f64::from(b) - f64::from(a));
        degrees(between(edge.a.x, edge.b.x), between(edge.a.y, edge.b.y))
    };
    let measure = |edge: &Edge, along: f64| chord_squared(here, point(edge, along));
    let mut best: Option<(f64, Edge, f64)> = None;
    for edge in boundary.edges() {
        for step in 0..=FAR_POINTS {
            let along = f64::from(step) / f64::from(FAR_POINTS);
            let length = measure(&edge, along);
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
        if measure(&edge, low + third) < measure(&edge, high - third) {
            high -= third;
        } else {
            low += third;
        }
    }
    long_line_m(here, point(&edge, f64::midpoint(low, high)))
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
