//! The boundary of polygons: pieces of it in groups with boxes, so that containment and the nearest piece look at few.
//!
//! Everything is exact or agrees bit for bit wherever a boundary is kept: in a zone's geometry or in a compiled block.

use crate::earth::{Frame, Scale};
pub(crate) use lenke_fence::Vertex;
use lenke_fence::is_edge_east_of;

/// Pieces in a group. They follow each other along the ring, so the group's box is small.
const GROUP: usize = 8;

/// One piece of the boundary. Its ends are offsets from the origin's longitude, and latitudes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Edge {
    pub(crate) a: Vertex,
    pub(crate) b: Vertex,
}

/// A box of places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    pub(crate) low: Vertex,
    pub(crate) high: Vertex,
}

impl Extent {
    fn of(edges: &[Edge]) -> Self {
        let mut extent =
            Self { low: Vertex { x: i32::MAX, y: i32::MAX }, high: Vertex { x: i32::MIN, y: i32::MIN } };
        for vertex in edges.iter().flat_map(|edge| [edge.a, edge.b]) {
            extent.low.x = extent.low.x.min(vertex.x);
            extent.low.y = extent.low.y.min(vertex.y);
            extent.high.x = extent.high.x.max(vertex.x);
            extent.high.y = extent.high.y.max(vertex.y);
        }
        extent
    }

    /// Squared distance from a place, square metres; 0 inside.
    pub(crate) fn distance_squared(&self, at: Vertex, scale: Scale) -> f64 {
        let gap = |low: i32, high: i32, at: i32| {
            let at = f64::from(at);
            (f64::from(low) - at).max(at - f64::from(high)).max(0.0)
        };
        let x = gap(self.low.x, self.high.x, at.x) * scale.east;
        let y = gap(self.low.y, self.high.y, at.y) * scale.north;
        x * x + y * y
    }
}

/// The box of each group of pieces.
pub(crate) fn groups_of(edges: &[Edge]) -> impl Iterator<Item = Extent> + '_ {
    edges.chunks(GROUP).map(Extent::of)
}

/// A boundary somewhere in memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Boundary<'a> {
    /// All pieces.
    pub(crate) edges: &'a [Edge],
    /// Their groups' boxes.
    pub(crate) groups: &'a [Extent],
    /// The box of all.
    pub(crate) extent: Extent,
}

impl<'a> Boundary<'a> {
    /// Each group's box with its pieces.
    pub(crate) fn grouped(&self) -> impl Iterator<Item = (&'a Extent, &'a [Edge])> + use<'a> {
        self.groups.iter().zip(self.edges.chunks(GROUP))
    }

    /// Whether a place is inside: the even-odd rule, exact and that of tags; a place on the boundary is in exactly one
    /// of two zones that share it.
    pub(crate) fn contains(&self, at: Vertex) -> bool {
        let Extent { low, high } = self.extent;
        if at.x < low.x || at.x > high.x || at.y < low.y || at.y > high.y {
            return false;
        }
        self.grouped()
            .filter(|(extent, _)| extent.low.y <= at.y && at.y <= extent.high.y && at.x <= extent.high.x)
            .flat_map(|(_, edges)| edges)
            .fold(false, |inside, edge| inside ^ edge.is_right_of(at))
    }

    /// Distance to the nearest piece in the plane around a place, metres.
    ///
    /// Nearest points are found with the place's own scale; pieces that may be the nearest are measured again with the
    /// scale half-way to that point.
    pub(crate) fn distance_m(&self, frame: &Frame, at: Vertex) -> f64 {
        // The nearest group first: it sets the bar for the others.
        let nearest = self
            .groups
            .iter()
            .enumerate()
            .map(|(index, extent)| (extent.distance_squared(at, frame.own), index));
        let Some((_, first)) = nearest.min_by(|a, b| a.0.total_cmp(&b.0)) else { return f64::INFINITY };
        let mut search = Search { frame, at, limit: f64::INFINITY, best: f64::INFINITY };
        if let Some(edges) = self.edges.chunks(GROUP).nth(first) {
            search.visit(edges);
        }
        for (index, (extent, edges)) in self.grouped().enumerate() {
            if index != first && extent.distance_squared(at, frame.own) <= search.limit {
                search.visit(edges);
            }
        }
        search.best.sqrt()
    }
}

/// The nearest piece so far.
struct Search<'f> {
    frame: &'f Frame,
    at: Vertex,
    /// Pieces whose squared distance by the own scale is above cannot be the nearest.
    limit: f64,
    /// Squared distance, square metres.
    best: f64,
}

impl Search<'_> {
    fn visit(&mut self, edges: &[Edge]) {
        for edge in edges {
            let offset = EdgeOffset::from(edge, self.at);
            let (rough, north) = offset.nearest_squared(self.frame.own);
            if rough <= self.limit {
                let (exact, _) = offset.nearest_squared(self.frame.half_way(north));
                self.best = self.best.min(exact);
                self.limit = self.limit.min(rough * self.frame.rival_factor(rough));
            }
        }
    }
}

impl Edge {
    /// Whether the ray from `at` to the east crosses the edge. The width limit of zones keeps the products within 64
    /// bits.
    pub(crate) const fn is_right_of(&self, at: Vertex) -> bool {
        is_edge_east_of(self.a, self.b, at)
    }
}

/// An edge as seen from a place, in 1e-7 degrees.
#[derive(Clone, Copy, Debug)]
struct EdgeOffset {
    ax: f64,
    ay: f64,
    bx: f64,
    by: f64,
}

impl EdgeOffset {
    fn from(edge: &Edge, at: Vertex) -> Self {
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
    fn nearest_squared(&self, scale: Scale) -> (f64, f64) {
        let (ax, ay) = (self.ax * scale.east, self.ay * scale.north);
        let (dx, dy) = ((self.bx - self.ax) * scale.east, (self.by - self.ay) * scale.north);
        let along = (-(ax * dx + ay * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
        let (x, y) = (ax + along * dx, ay + along * dy);
        (x * x + y * y, y / scale.north)
    }
}
