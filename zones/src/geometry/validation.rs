//! Whether rings make up proper polygons: exact, on integers.
//!
//! Rings are simple; rings of one geometry meet at most in common vertices; holes lie inside their outline; holes, and
//! polygons, do not lie within each other. The seam of a polygon that was cut at the antimeridian is the one place
//! where two polygons may share an edge.

use super::{
    GeometryError, GeometryFault,
    rings::{Corner, RawRing, side},
};
use crate::earth::{FULL_TURN_E7, HALF_TURN_E7};
use std::collections::HashSet;

/// No zone may have more vertices.
pub const VERTICES_MAX: usize = 10_000;
/// No zone may be wider, degrees of longitude.
pub const WIDTH_DEGREES_MAX: i64 = 90;

/// Reads and validates all rings; their longitudes lie within [`WIDTH_DEGREES_MAX`] of each other.
pub(super) fn read_rings(coordinates: &[Vec<Vec<[f64; 2]>>]) -> Result<Vec<RawRing>, GeometryError> {
    if coordinates.iter().flatten().map(Vec::len).sum::<usize>() > VERTICES_MAX {
        return Err(GeometryFault::TooManyVertices.of_all());
    }
    let mut rings: Vec<RawRing> = Vec::new();
    for (polygon, polygon_rings) in coordinates.iter().enumerate() {
        if polygon_rings.is_empty() {
            return Err(GeometryFault::Empty.of_ring(polygon, 0));
        }
        for (ring, ring_coordinates) in polygon_rings.iter().enumerate() {
            let mut read = RawRing::read(polygon, ring, ring_coordinates)?;
            if let Some(first) = rings.first().and_then(|ring| ring.corners.first()) {
                read.turn_towards(first.x);
            }
            rings.push(read);
        }
    }
    let (west, east) = span(&rings).ok_or(GeometryFault::Empty.of_all())?;
    if east - west > WIDTH_DEGREES_MAX * 10_000_000 {
        return Err(GeometryFault::TooWide.of_all());
    }
    let touching = check_edges(&rings)?;
    check_nesting(&rings, &touching)?;
    Ok(rings)
}

/// Westernmost and easternmost longitude.
pub(super) fn span(rings: &[RawRing]) -> Option<(i64, i64)> {
    let xs = || rings.iter().flat_map(|ring| ring.corners.iter().map(|corner| corner.x));
    Some((xs().min()?, xs().max()?))
}

/// One edge in the sweep.
struct SweepEdge {
    a: Corner,
    b: Corner,
    ring: usize,
    index: usize,
}

impl SweepEdge {
    fn west(&self) -> i64 {
        self.a.x.min(self.b.x)
    }

    fn east(&self) -> i64 {
        self.a.x.max(self.b.x)
    }

    /// Lies along the antimeridian.
    fn on_seam(&self) -> bool {
        self.a.x == self.b.x && is_seam(self.a.x)
    }
}

/// Whether a longitude is the antimeridian's.
pub(super) const fn is_seam(x: i64) -> bool {
    x.rem_euclid(FULL_TURN_E7) == HALF_TURN_E7
}

/// Looks at each pair of edges whose boxes meet, from west to east; gives the pairs of rings with common vertices.
fn check_edges(rings: &[RawRing]) -> Result<HashSet<(usize, usize)>, GeometryError> {
    let mut edges: Vec<SweepEdge> = rings
        .iter()
        .enumerate()
        .flat_map(|(ring, raw)| raw.edges().map(move |(index, a, b)| SweepEdge { a, b, ring, index }))
        .collect();
    edges.sort_unstable_by_key(SweepEdge::west);
    let mut touching = HashSet::new();
    for (position, e) in edges.iter().enumerate() {
        for f in edges[position + 1..].iter().take_while(|f| f.west() <= e.east()) {
            if e.a.y.max(e.b.y) < f.a.y.min(f.b.y) || f.a.y.max(f.b.y) < e.a.y.min(e.b.y) {
                continue;
            }
            if check_pair(rings, e, f)? {
                touching.insert((e.ring.min(f.ring), e.ring.max(f.ring)));
            }
        }
    }
    Ok(touching)
}

/// Whether two edges of different rings share a vertex; an error if they meet in any other way.
fn check_pair(rings: &[RawRing], e: &SweepEdge, f: &SweepEdge) -> Result<bool, GeometryError> {
    let Some(meeting) = Meeting::of(e, f) else { return Ok(false) };
    let (ring, other) = (&rings[e.ring], &rings[f.ring]);
    if e.ring == f.ring {
        let n = ring.corners.len();
        let adjacent = (e.index + 1) % n == f.index || (f.index + 1) % n == e.index;
        if adjacent && meeting == Meeting::Vertex {
            return Ok(false);
        }
        let (first, second) = (e.index.min(f.index), e.index.max(f.index));
        let fault = GeometryFault::SelfIntersection { other: ring.given[second] };
        return Err(fault.at(ring.polygon, ring.ring, ring.given[first]));
    }
    let cut = ring.polygon != other.polygon && (e.on_seam() || f.on_seam()) && meeting != Meeting::Cross;
    if meeting == Meeting::Vertex || cut {
        return Ok(true);
    }
    let fault = GeometryFault::RingsMeet { polygon: other.polygon, ring: other.ring };
    Err(fault.at(ring.polygon, ring.ring, ring.given[e.index]))
}

/// How two edges meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meeting {
    /// In one vertex of both and nowhere else.
    Vertex,
    /// An end of one lies on the other, or they share a stretch.
    Touch,
    /// They cross.
    Cross,
}

impl Meeting {
    fn of(e: &SweepEdge, f: &SweepEdge) -> Option<Self> {
        let (fa, fb) = (side(e.a, e.b, f.a).signum(), side(e.a, e.b, f.b).signum());
        let (ea, eb) = (side(f.a, f.b, e.a).signum(), side(f.a, f.b, e.b).signum());
        if fa * fb > 0 || ea * eb > 0 {
            return None;
        }
        if fa * fb < 0 && ea * eb < 0 {
            return Some(Self::Cross);
        }
        if (fa, fb) == (0, 0) {
            return Self::of_collinear(e, f);
        }
        let common = [e.a, e.b].iter().any(|&corner| corner == f.a || corner == f.b);
        Some(if common { Self::Vertex } else { Self::Touch })
    }

    /// Both on one line: compare along it.
    fn of_collinear(e: &SweepEdge, f: &SweepEdge) -> Option<Self> {
        let ends = |edge: &SweepEdge| (edge.a.min(edge.b), edge.a.max(edge.b));
        let ((e_first, e_last), (f_first, f_last)) = (ends(e), ends(f));
        let (begin, end) = (e_first.max(f_first), e_last.min(f_last));
        match begin.cmp(&end) {
            std::cmp::Ordering::Less => Some(Self::Touch),
            std::cmp::Ordering::Equal => Some(Self::Vertex),
            std::cmp::Ordering::Greater => None,
        }
    }
}

/// Holes inside their outlines, nothing else within each other. No two rings cross, so one corner tells of the whole
/// ring; of rings with common vertices, all corners and the middles of all edges are looked at.
fn check_nesting(rings: &[RawRing], touching: &HashSet<(usize, usize)>) -> Result<(), GeometryError> {
    let boxes: Vec<_> = rings.iter().map(extent).collect();
    let mut outline = 0;
    for (index, ring) in rings.iter().enumerate() {
        if ring.ring == 0 {
            outline = index;
        } else {
            let thorough = touching.contains(&(outline, index));
            if corners_doubled(ring, thorough).any(|c| locate(&rings[outline], c) == Where::Outside) {
                return Err(GeometryFault::HoleOutside.of_ring(ring.polygon, ring.ring));
            }
        }
        for (other_index, other) in rings.iter().enumerate() {
            // Two holes of one polygon, or the outlines of two polygons.
            let comparable = (ring.ring == 0 && other.ring == 0) || (ring.ring != 0 && other.ring != 0);
            let siblings = (ring.polygon == other.polygon) == (ring.ring != 0);
            if index == other_index || !comparable || !siblings || !within(boxes[index], boxes[other_index]) {
                continue;
            }
            let thorough = touching.contains(&(index.min(other_index), index.max(other_index)));
            if corners_doubled(ring, thorough).any(|c| inside_polygon(rings, other_index, c)) {
                let fault = GeometryFault::RingsOverlap { polygon: other.polygon, ring: other.ring };
                return Err(fault.of_ring(ring.polygon, ring.ring));
            }
        }
    }
    Ok(())
}

/// South-west and north-east corner of a ring's box.
fn extent(ring: &RawRing) -> (Corner, Corner) {
    let xs = || ring.corners.iter().map(|corner| corner.x);
    let ys = || ring.corners.iter().map(|corner| corner.y);
    let or_0 = |value: Option<i64>| value.unwrap_or(0);
    (Corner { x: or_0(xs().min()), y: or_0(ys().min()) }, Corner { x: or_0(xs().max()), y: or_0(ys().max()) })
}

/// Whether two boxes share a point.
const fn within(a: (Corner, Corner), b: (Corner, Corner)) -> bool {
    a.0.x <= b.1.x && b.0.x <= a.1.x && a.0.y <= b.1.y && b.0.y <= a.1.y
}

/// Whether a point lies inside a hole, or inside an outline and in none of its holes.
fn inside_polygon(rings: &[RawRing], index: usize, doubled: Corner) -> bool {
    let ring = &rings[index];
    if locate(ring, doubled) != Where::Inside {
        return false;
    }
    let mut holes = rings[index + 1..].iter().take_while(|hole| hole.polygon == ring.polygon);
    ring.ring != 0 || holes.all(|hole| locate(hole, doubled) == Where::Outside)
}

/// A ring's corners in half units, with the middles of its edges when `thorough`, else the first one only.
fn corners_doubled(ring: &RawRing, thorough: bool) -> impl Iterator<Item = Corner> + '_ {
    let corner = |(_, a, _): (usize, Corner, Corner)| Corner { x: 2 * a.x, y: 2 * a.y };
    let middle = |(_, a, b): (usize, Corner, Corner)| Corner { x: a.x + b.x, y: a.y + b.y };
    let take = if thorough { usize::MAX } else { 1 };
    ring.edges().map(corner).take(take).chain(ring.edges().map(middle).take(if thorough { take } else { 0 }))
}

/// Where a point lies as to one ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Where {
    Inside,
    Outside,
    On,
}

/// Even-odd rule, exact; `point` in half units.
fn locate(ring: &RawRing, point: Corner) -> Where {
    let mut inside = false;
    for (_, a, b) in ring.edges() {
        let (a, b) = (Corner { x: 2 * a.x, y: 2 * a.y }, Corner { x: 2 * b.x, y: 2 * b.y });
        let turn = side(a, b, point);
        let beside = a.x.min(b.x) <= point.x
            && point.x <= a.x.max(b.x)
            && a.y.min(b.y) <= point.y
            && point.y <= a.y.max(b.y);
        if turn == 0 && beside {
            return Where::On;
        }
        if (a.y > point.y) != (b.y > point.y) && (turn > 0) == (b.y > a.y) {
            inside = !inside;
        }
    }
    if inside { Where::Inside } else { Where::Outside }
}
