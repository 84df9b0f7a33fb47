//! What a fix and a zone have to do with each other: signed distance and probability of having been inside.
//!
//! The fix's `accuracy_m` is its 68 % horizontal radius; with errors that are normal and alike in both directions the
//! radius is Rayleigh distributed, so sigma = accuracy / 1.515. Beyond 4 sigma from the boundary the answer is 0 or 1.
//! Nearer, it is the share of a fixed set of points, spread as that normal distribution, which lies inside: right for
//! any shape, also for a zone smaller than the uncertainty.

use crate::{
    Geometry, Metres, Zone,
    boundary::Edge,
    distance::signed_distance_m,
    earth::{Frame, offset_e7},
    geometry::Polygons,
};
use lenke_wire::Position;
use std::{f64::consts::TAU, sync::LazyLock};

/// The 68 % radius of a two-dimensional normal distribution, in sigmas: sqrt(-2 ln(1 - 0.6827)) = 1.515.
const ACCURACY_SIGMAS: f64 = 1.515;
/// Beyond this many sigmas a fix is surely in or out.
pub(crate) const SIGMAS_MAX: f64 = 4.0;
/// An accuracy that is not a number, or a worse one, counts as this, metres.
const ACCURACY_M_MAX: f64 = 20_000.0;
/// Pairs of opposite points in the cubature.
const POINT_PAIRS: u16 = 256;
/// pi (3 - sqrt 5): turning by it spreads points evenly around a centre.
const GOLDEN_ANGLE: f64 = 2.399_963_229_728_653;

/// What a fix says of a zone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    /// To the boundary; positive inside, negative outside.
    pub signed_distance: Metres,
    /// Probability of having been inside, 0 to 1.
    pub probability: f64,
}

/// The verdict on any zone at any distance, without regard to its schedule.
///
/// `accuracy_m` is the fix's 68 % radius; 0 means exact, and what is not a number means the worst.
pub fn verdict(zone: &Zone, position: Position, accuracy_m: f64) -> Verdict {
    verdict_in(&zone.geometry, &Frame::at(position.lat_e7()), position, sigma_m(accuracy_m))
}

/// The verdict on a fix whose frame and standard deviation are at hand.
pub(crate) fn verdict_in(geometry: &Geometry, frame: &Frame, position: Position, sigma: f64) -> Verdict {
    verdict_at(geometry, frame, position, signed_distance_m(geometry, frame, position), sigma)
}

/// The same where the signed distance is at hand, too.
pub(crate) fn verdict_at(
    geometry: &Geometry,
    frame: &Frame,
    position: Position,
    distance: f64,
    sigma: f64,
) -> Verdict {
    let probability = probability_inside(geometry, frame, position, distance, sigma);
    Verdict { signed_distance: Metres(distance), probability }
}

/// Standard deviation in each direction, metres.
pub(crate) fn sigma_m(accuracy_m: f64) -> f64 {
    let accuracy_m = if accuracy_m.is_nan() { ACCURACY_M_MAX } else { accuracy_m.clamp(0.0, ACCURACY_M_MAX) };
    accuracy_m / ACCURACY_SIGMAS
}

fn probability_inside(
    geometry: &Geometry,
    frame: &Frame,
    position: Position,
    distance: f64,
    sigma: f64,
) -> f64 {
    if distance.abs() > SIGMAS_MAX * sigma || sigma <= 0.0 {
        return if distance > 0.0 { 1.0 } else { 0.0 };
    }
    match geometry {
        Geometry::Circle(circle) => {
            let (east, north) = offset_e7(position, circle.centre());
            let scale = circle.frame().half_way(-north);
            let (x, y) = (east * scale.east, north * scale.north);
            let radius_squared = circle.radius().0 * circle.radius().0;
            share(sigma, |east_m, north_m| {
                let (dx, dy) = (x - east_m, y - north_m);
                dx * dx + dy * dy <= radius_squared
            })
        }
        Geometry::Polygons(polygons) => probability_inside_polygons(polygons, frame, position, sigma),
    }
}

fn probability_inside_polygons(polygons: &Polygons, frame: &Frame, position: Position, sigma: f64) -> f64 {
    let at = polygons.locate(position);
    let scale = frame.own;
    let reach_m = SIGMAS_MAX * sigma;
    let (wide, tall) = (reach_m / scale.east, reach_m / scale.north);
    let (x, y) = (f64::from(at.x), f64::from(at.y));
    // Only edges that a ray to the east from within reach can cross.
    let matters = |edge: &Edge| {
        f64::from(edge.a.x.max(edge.b.x)) >= x - wide
            && f64::from(edge.a.y.max(edge.b.y)) >= y - tall
            && f64::from(edge.a.y.min(edge.b.y)) <= y + tall
    };
    let near: Vec<Slope> = polygons.boundary().edges().filter(matters).map(|edge| Slope::of(&edge)).collect();
    share(sigma, |east_m, north_m| {
        let (x, y) = (x + east_m / scale.east, y + north_m / scale.north);
        near.iter().fold(false, |inside, slope| inside ^ slope.is_right_of(x, y))
    })
}

/// An edge from south to north, ready for many rays.
struct Slope {
    south: f64,
    north: f64,
    /// Longitude at `south`.
    x: f64,
    /// Longitude per latitude.
    lean: f64,
}

impl Slope {
    fn of(edge: &Edge) -> Self {
        let (a, b) = if edge.a.y < edge.b.y { (edge.a, edge.b) } else { (edge.b, edge.a) };
        let (dx, dy) = (f64::from(b.x) - f64::from(a.x), f64::from(b.y) - f64::from(a.y));
        let lean = if dy > 0.0 { dx / dy } else { 0.0 };
        Self { south: f64::from(a.y), north: f64::from(b.y), x: f64::from(a.x), lean }
    }

    fn is_right_of(&self, x: f64, y: f64) -> bool {
        self.south <= y && y < self.north && self.x + (y - self.south) * self.lean > x
    }
}

/// Share of the cubature's points, spread with `sigma` metres, that lie inside.
fn share(sigma: f64, inside: impl Fn(f64, f64) -> bool) -> f64 {
    let count = POINTS
        .iter()
        .map(|[x, y]| {
            let (x, y) = (x * sigma, y * sigma);
            u32::from(inside(x, y)) + u32::from(inside(-x, -y))
        })
        .sum::<u32>();
    f64::from(count) / f64::from(2 * POINT_PAIRS)
}

/// Points of the standard normal distribution in the plane: on a spiral, with equal weight, so that the share within
/// any radius and any angle is right; each stands for itself and its opposite.
static POINTS: LazyLock<Vec<[f64; 2]>> = LazyLock::new(|| {
    (0..POINT_PAIRS)
        .map(|index| {
            let outside = 1.0 - (f64::from(index) + 0.5) / f64::from(POINT_PAIRS);
            let radius = (-2.0 * outside.ln()).sqrt();
            let (sin, cos) = (f64::from(index) * GOLDEN_ANGLE).rem_euclid(TAU).sin_cos();
            [radius * cos, radius * sin]
        })
        .collect()
});

#[cfg(test)]
mod tests;
