//! Where somebody may have been between two fixes that lie long apart: the reachable set.
//!
//! With a top speed, the places that can be visited on the way are an ellipse whose foci are the two fixes: the sum of
//! the distances to both is at most the longest way that the time allows. A zone that meets it is [`Possible`], with
//! the conditions that make it so. That is for correlation and accounting, and never an alarm by itself: it says what
//! cannot be excluded, not what happened.
//!
//! The least way by a zone is found in the plane around the middle of the two fixes: for an edge by reflection (Heron),
//! for a circle along its rim. Up to 200 km it is right to 1 %, by which the verdict errs towards the possible.

use crate::{
    Circle, Geometry, Metres, Zone,
    boundary::Edge,
    crossing::{Waypoint, leads_through},
    earth::{Scale, offset_e7},
    geometry::Polygons,
};
use lenke_wire::{Position, UnixMillis};
use std::f64::consts::{PI, TAU};

/// The verdict errs by this share towards the possible.
const DOUBT_SHARE: f64 = 0.01;
/// Points compared along a circle's rim, and steps of the search between two of them.
const RIM_POINTS: u32 = 32;
const RIM_STEPS: u32 = 40;

/// Two fixes, and how fast the wearer may have moved between them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reach {
    /// The earlier fix.
    pub from: Waypoint,
    /// The later fix.
    pub to: Waypoint,
    /// What both may be wrong by together, metres.
    pub error_m: f64,
    /// Top speed, metres a second.
    pub speed_m_s: f64,
}

/// A zone may have been visited, under these conditions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Possible {
    /// Between these fixes ...
    pub from: UnixMillis,
    /// ... nothing is known.
    pub to: UnixMillis,
    /// The top speed that was assumed, metres a second.
    pub speed_m_s: f64,
    /// The least way from one fix to the other by the zone.
    pub least_way: Metres,
    /// The longest way that the time allows at that speed, with what both fixes may be wrong by.
    pub longest_way: Metres,
}

impl Possible {
    /// The longest stay that the time allows, milliseconds.
    pub fn stay_ms_max(&self) -> i64 {
        let spare_m = (self.longest_way.0 - self.least_way.0).max(0.0);
        ((spare_m / self.speed_m_s * 1000.0) as i64).min(self.to.since_ms(self.from))
    }
}

impl Reach {
    /// The longest way that the time allows, metres.
    pub fn longest_way_m(&self) -> f64 {
        self.to.1.since_s(self.from.1).max(0.0) * self.speed_m_s + self.error_m
    }

    /// Whether a zone may have been visited on the way; nothing if it is surely out of reach.
    pub fn verdict(&self, zone: &Zone) -> Option<Possible> {
        let (least_m, longest_m) = (self.least_way_m(&zone.geometry), self.longest_way_m());
        (least_m * (1.0 - DOUBT_SHARE) <= longest_m).then_some(Possible {
            from: self.from.1,
            to: self.to.1,
            speed_m_s: self.speed_m_s,
            least_way: Metres(least_m),
            longest_way: Metres(longest_m),
        })
    }

    /// The least way from one fix to the other that touches a zone, metres.
    fn least_way_m(&self, geometry: &Geometry) -> f64 {
        let (from, to) = (self.from.0, self.to.0);
        let plane = Plane::around(from, to);
        let ends = [plane.point(from), plane.point(to)];
        if geometry.contains(from) || geometry.contains(to) || leads_through(geometry, from, to) {
            return distance(ends[0], ends[1]);
        }
        match geometry {
            Geometry::Circle(circle) => least_by_circle_m(circle, &plane, ends),
            Geometry::Polygons(polygons) => least_by_polygons_m(polygons, &plane, ends),
        }
    }
}

/// East and north, metres.
type Point = (f64, f64);

/// The plane around a place.
struct Plane {
    middle: Position,
    scale: Scale,
}

impl Plane {
    fn around(from: Position, to: Position) -> Self {
        let scale = Scale::at_lat_e7((f64::from(from.lat_e7()) + f64::from(to.lat_e7())) / 2.0);
        Self { middle: from, scale }
    }

    fn point(&self, place: Position) -> Point {
        let (east, north) = offset_e7(self.middle, place);
        self.of_offset(east, north)
    }

    fn of_offset(&self, east_e7: f64, north_e7: f64) -> Point {
        (east_e7 * self.scale.east, north_e7 * self.scale.north)
    }
}

fn distance(a: Point, b: Point) -> f64 {
    (a.0 - b.0).hypot(a.1 - b.1)
}

fn least_by_polygons_m(polygons: &Polygons, plane: &Plane, ends: [Point; 2]) -> f64 {
    // The zone's own integers, as offsets from the plane's middle.
    let origin = polygons.locate(plane.middle);
    let offset = |v: crate::boundary::Vertex| {
        plane.of_offset(f64::from(v.x) - f64::from(origin.x), f64::from(v.y) - f64::from(origin.y))
    };
    let edges = polygons.boundary().edges();
    let way = |edge: Edge| least_by_edge_m(offset(edge.a), offset(edge.b), ends);
    edges.map(way).fold(f64::INFINITY, f64::min)
}

/// By reflection: the point of an edge where the way over it is the least.
fn least_by_edge_m(a: Point, b: Point, [from, to]: [Point; 2]) -> f64 {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let squared = dx * dx + dy * dy;
    let along = |p: Point| (dx * (p.0 - a.0) + dy * (p.1 - a.1)) / squared;
    let beside = |p: Point| (dx * (p.1 - a.1) - dy * (p.0 - a.0)).abs();
    let (h, k) = (beside(from), beside(to));
    let best = if h + k > 0.0 { (along(from) * k + along(to) * h) / (h + k) } else { along(from) };
    let best = if best.is_finite() { best.clamp(0.0, 1.0) } else { 0.0 };
    let at = (a.0 + best * dx, a.1 + best * dy);
    distance(from, at) + distance(at, to)
}

fn least_by_circle_m(circle: &Circle, plane: &Plane, [from, to]: [Point; 2]) -> f64 {
    let (centre, radius) = (plane.point(circle.centre()), circle.radius().0);
    let way = |angle: f64| {
        let at = (centre.0 + radius * angle.cos(), centre.1 + radius * angle.sin());
        distance(from, at) + distance(at, to)
    };
    let turn = TAU / f64::from(RIM_POINTS);
    let rim = (0..RIM_POINTS).map(|step| f64::from(step) * turn - PI);
    let best = rim.min_by(|a, b| way(*a).total_cmp(&way(*b))).unwrap_or(0.0);
    let (mut low, mut high) = (best - turn, best + turn);
    for _ in 0..RIM_STEPS {
        let third = (high - low) / 3.0;
        if way(low + third) < way(high - third) {
            high -= third;
        } else {
            low += third;
        }
    }
    way(f64::midpoint(low, high))
}

#[cfg(test)]
mod tests;
