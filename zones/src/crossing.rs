//! Zones that the way between two fixes leads through, although both fixes lie outside.

use crate::{
    Circle, Geometry, Metres, Zone,
    boundary::Vertex,
    earth::{distance_m, offset_e7, wrapped_e7},
    geometry::Polygons,
};
use lenke_wire::{Position, UnixMillis};
use std::sync::Arc;

/// A way through a zone.
#[derive(Clone, Debug, PartialEq)]
pub struct Crossing {
    /// The zone.
    pub zone: Arc<Zone>,
    /// Length of the straight way inside.
    pub chord: Metres,
    /// First moment inside, interpolated between the fixes.
    pub entered_at: UnixMillis,
    /// Last moment inside, interpolated between the fixes.
    pub left_at: UnixMillis,
}

/// A place and when it was taken.
pub type Waypoint = (Position, UnixMillis);

/// How the straight way between two fixes outside crosses a zone; nothing if it does not or one of them is inside.
pub(crate) fn crossing(zone: &Arc<Zone>, from: Waypoint, to: Waypoint) -> Option<Crossing> {
    let inside = match &zone.geometry {
        Geometry::Circle(circle) => inside_circle(circle, from.0, to.0),
        // The usual case first: the wearer is inside and moves about there.
        Geometry::Polygons(polygons) if polygons.contains(from.0) || polygons.contains(to.0) => return None,
        Geometry::Polygons(polygons) => inside_polygons(polygons, from.0, to.0),
    };
    let (first, last) = (*inside.first()?, *inside.last()?);
    // Of a polygon it is known by now.
    if let Geometry::Circle(circle) = &zone.geometry
        && (circle.contains(from.0) || circle.contains(to.0))
    {
        return None;
    }
    let share: f64 = inside.iter().map(|(enter, leave)| leave - enter).sum();
    let duration_ms = to.1.since_ms(from.1) as f64;
    let moment = |along: f64| from.1.plus_ms((duration_ms * along).round() as i64);
    Some(Crossing {
        zone: Arc::clone(zone),
        chord: Metres(share * distance_m(from.0, to.0)),
        entered_at: moment(first.0),
        left_at: moment(last.1),
    })
}

/// Whether the straight way between two places outside leads through a zone.
pub(crate) fn leads_through(geometry: &Geometry, from: Position, to: Position) -> bool {
    let inside = match geometry {
        Geometry::Circle(circle) => inside_circle(circle, from, to),
        Geometry::Polygons(polygons) => inside_polygons(polygons, from, to),
    };
    !inside.is_empty()
}

/// Parts of the way inside, as shares of it, in order.
type Parts = Vec<(f64, f64)>;

/// In the plane around the centre, with the scale half-way to the place of the way that is nearest to it: the way stays
/// straight there.
fn inside_circle(circle: &Circle, from: Position, to: Position) -> Parts {
    let (x, y) = offset_e7(circle.centre(), from);
    let (dx, dy) = offset_e7(from, to);
    let own = circle.frame().own;
    let (east, north) = (own.east * own.east, own.north * own.north);
    let length_squared = dx * dx * east + dy * dy * north;
    let nearest = if length_squared > 0.0 { -(x * dx * east + y * dy * north) / length_squared } else { 0.0 };
    let scale = circle.frame().half_way(y + nearest.clamp(0.0, 1.0) * dy);
    let (x, y, dx, dy) = (x * scale.east, y * scale.north, dx * scale.east, dy * scale.north);
    let (a, b, c) =
        (dx * dx + dy * dy, x * dx + y * dy, x * x + y * y - circle.radius().0 * circle.radius().0);
    let discriminant = b * b - a * c;
    if a <= 0.0 || discriminant <= 0.0 {
        return Parts::new();
    }
    let root = discriminant.sqrt();
    let (enter, leave) = ((-b - root) / a, (-b + root) / a);
    if enter <= 0.0 || leave >= 1.0 { Parts::new() } else { vec![(enter, leave)] }
}

/// In longitude and latitude: the edges' ends on either side of the way tell exactly which edges it crosses. A way
/// exactly along an edge may count as inside or outside of it.
fn inside_polygons(polygons: &Polygons, from: Position, to: Position) -> Parts {
    let at = polygons.locate(from);
    let (dx, dy) = (
        wrapped_e7(i64::from(to.lon_e7()) - i64::from(from.lon_e7())),
        i64::from(to.lat_e7()) - i64::from(from.lat_e7()),
    );
    let offset = |v: Vertex| (i64::from(v.x) - i64::from(at.x), i64::from(v.y) - i64::from(at.y));
    // On which side of the way a vertex lies. Offsets are below 2^32, so short ways need 64 bits only.
    let short = dx.abs().max(dy.abs()) < 1 << 29;
    let is_left = |(x, y): (i64, i64)| {
        if short { dx * y > dy * x } else { i128::from(dx) * i128::from(y) > i128::from(dy) * i128::from(x) }
    };
    let beside = |low: i64, high: i64, way: i64| high < way.min(0) || low > way.max(0);
    let boundary = polygons.boundary();
    let (low, high) = (offset(boundary.extent().low), offset(boundary.extent().high));
    if beside(low.0, high.0, dx) || beside(low.1, high.1, dy) {
        return Parts::new();
    }
    let near = boundary.runs().filter(|(extent, _)| {
        let (low, high) = (offset(extent.low), offset(extent.high));
        !beside(low.0, high.0, dx) && !beside(low.1, high.1, dy)
    });
    let mut crossed: Vec<f64> = Vec::new();
    for edge in near.flat_map(|(_, run)| run.edges()) {
        let (a, b) = (offset(edge.a), offset(edge.b));
        if is_left(a) == is_left(b) {
            continue;
        }
        let (ex, ey) = ((b.0 - a.0) as f64, (b.1 - a.1) as f64);
        let slant = dx as f64 * ey - dy as f64 * ex;
        let along = (a.0 as f64 * ey - a.1 as f64 * ex) / slant;
        if (0.0..=1.0).contains(&along) {
            crossed.push(along);
        }
    }
    crossed.sort_unstable_by(f64::total_cmp);
    crossed.chunks_exact(2).map(|pair| (pair[0], pair[1])).filter(|(enter, leave)| leave > enter).collect()
}

#[cfg(test)]
mod tests;
