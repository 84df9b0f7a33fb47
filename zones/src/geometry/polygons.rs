//! Polygons with holes, as integers around an origin.
//!
//! Vertices are offsets of 1e-7 degrees from the middle longitude of the zone, so that no longitude jumps and every
//! product of two offsets fits 64 bits (the width limit sees to that). The boundary is the rings' edges without the
//! seams of polygons that were cut at the antimeridian; "inside" is the even-odd rule over the boundary.

use super::{
    GeometryError,
    rings::{Corner, RawRing},
    validation,
};
use crate::boundary::{Boundary, Edge, Extent, Line, Vertex, lines_of};
use crate::earth::{Bounds, FULL_TURN_E7, HALF_TURN_E7, wrapped_e7};
use lenke_wire::Position;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// One polygon or more, with holes; valid by construction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Vec<Vec<[f64; 2]>>>", into = "Vec<Vec<Vec<[f64; 2]>>>")]
pub struct Polygons {
    /// Longitude that vertices are offset from, within [-180, 180) degrees.
    origin_e7: i64,
    /// `[polygon][ring]`, open, outlines counter-clockwise, holes clockwise.
    rings: Vec<Vec<Vec<Vertex>>>,
    /// The boundary: its head, and its runs.
    head: Box<[Line]>,
    runs: Box<[Line]>,
}

impl TryFrom<Vec<Vec<Vec<[f64; 2]>>>> for Polygons {
    type Error = GeometryError;

    fn try_from(coordinates: Vec<Vec<Vec<[f64; 2]>>>) -> Result<Self, GeometryError> {
        Self::new(&coordinates)
    }
}

impl From<Polygons> for Vec<Vec<Vec<[f64; 2]>>> {
    fn from(polygons: Polygons) -> Self {
        polygons.coordinates()
    }
}

impl Polygons {
    /// See [`super::Geometry::polygons`].
    ///
    /// # Errors
    /// What is wrong and at which polygon, ring and vertex.
    pub fn new(coordinates: &[Vec<Vec<[f64; 2]>>]) -> Result<Self, GeometryError> {
        let mut raw = validation::read_rings(coordinates)?;
        for ring in &mut raw {
            if (ring.area_doubled() > 0) != (ring.ring == 0) {
                ring.corners[1..].reverse();
            }
        }
        let (west, east) = validation::span(&raw).unwrap_or((0, 0));
        let middle = west + (east - west) / 2;
        let mut rings: Vec<Vec<Vec<Vertex>>> = Vec::new();
        for ring in &raw {
            let vertices = ring.corners.iter().map(|&corner| vertex(corner, middle)).collect();
            if ring.ring == 0 {
                rings.push(Vec::new());
            }
            if let Some(polygon) = rings.last_mut() {
                polygon.push(vertices);
            }
        }
        let ys = || raw.iter().flat_map(|ring| ring.corners.iter().map(|corner| corner.y));
        let (south, north) = (ys().min().unwrap_or(0), ys().max().unwrap_or(0));
        let extent = Extent {
            low: vertex(Corner { x: west, y: south }, middle),
            high: vertex(Corner { x: east, y: north }, middle),
        };
        let origin_e7 = wrapped_e7(middle);
        let (head, runs) = lines_of(&boundary(&raw, middle), origin_e7, extent);
        Ok(Self { origin_e7, rings, head: head.into(), runs: runs.into() })
    }

    const fn extent(&self) -> Extent {
        self.boundary().extent()
    }

    /// GeoJSON's coordinates with closed rings, longitudes within +-180 degrees.
    pub fn coordinates(&self) -> Vec<Vec<Vec<[f64; 2]>>> {
        self.coordinates_by(|vertex| {
            let lon = self.origin_e7 + i64::from(vertex.x);
            if lon.abs() <= HALF_TURN_E7 { lon } else { lon - lon.signum() * FULL_TURN_E7 }
        })
    }

    /// The same with longitudes that do not jump but may pass 180 degrees.
    pub(super) fn coordinates_unwrapped(&self) -> Vec<Vec<Vec<[f64; 2]>>> {
        let west = self.west_e7();
        self.coordinates_by(|vertex| west + i64::from(vertex.x) - i64::from(self.extent().low.x))
    }

    /// Westernmost longitude within [-180, 180) degrees.
    fn west_e7(&self) -> i64 {
        wrapped_e7(self.origin_e7 + i64::from(self.extent().low.x))
    }

    fn coordinates_by(&self, lon_e7: impl Fn(Vertex) -> i64) -> Vec<Vec<Vec<[f64; 2]>>> {
        let degrees = |vertex: &Vertex| [lon_e7(*vertex) as f64 / 1e7, f64::from(vertex.y) / 1e7];
        let ring = |ring: &Vec<Vertex>| ring.iter().chain(ring.first()).map(degrees).collect();
        self.rings.iter().map(|rings| rings.iter().map(ring).collect()).collect()
    }

    /// A place as an offset from the origin, by the shorter way round.
    pub(crate) fn locate(&self, position: Position) -> Vertex {
        let x = wrapped_e7(i64::from(position.lon_e7()) - self.origin_e7);
        Vertex { x: x as i32, y: position.lat_e7() }
    }

    /// Whether a place is inside: exact.
    pub(crate) fn contains(&self, position: Position) -> bool {
        self.boundary().contains(self.locate(position))
    }

    /// Longitude that vertices are offset from.
    pub(crate) const fn origin_e7(&self) -> i64 {
        self.origin_e7
    }

    /// The boundary, without seams.
    pub(crate) const fn boundary(&self) -> Boundary<'_> {
        Boundary::new(&self.head, &self.runs)
    }

    /// The boundary's head and runs, to be kept elsewhere as well.
    pub(crate) const fn lines(&self) -> (&[Line], &[Line]) {
        (&self.head, &self.runs)
    }

    /// The boundary as rings, not closed: those of the zone but for seams, which belong to no ring here.
    ///
    /// An even number of edges meets in each vertex, so that a walk along edges not yet used comes back to its start.
    pub(crate) fn boundary_rings(&self) -> Vec<Vec<Position>> {
        let edges: Vec<Edge> = self.boundary().edges().collect();
        let mut at_vertex: HashMap<Vertex, Vec<usize>> = HashMap::new();
        for (index, edge) in edges.iter().enumerate() {
            at_vertex.entry(edge.a).or_default().push(index);
            at_vertex.entry(edge.b).or_default().push(index);
        }
        let mut used = vec![false; edges.len()];
        let mut rings = Vec::new();
        for (start, edge) in edges.iter().enumerate() {
            if used[start] {
                continue;
            }
            used[start] = true;
            let (mut ring, mut at) = (vec![self.position(edge.a)], edge.b);
            while at != edge.a {
                ring.push(self.position(at));
                let ways = at_vertex.get(&at).map(Vec::as_slice).unwrap_or_default();
                let Some(&next) = ways.iter().find(|way| !used[**way]) else { break };
                used[next] = true;
                let Edge { a, b } = edges[next];
                at = if a == at { b } else { a };
            }
            rings.push(ring);
        }
        rings
    }

    fn position(&self, vertex: Vertex) -> Position {
        let lon_e7 = wrapped_e7(self.origin_e7 + i64::from(vertex.x));
        Position::from_e7(vertex.y, lon_e7 as i32).expect("vertices of a zone were checked")
    }

    pub(super) fn bounds(&self) -> Bounds {
        let west = self.west_e7() as f64 / 1e7;
        Bounds {
            west,
            south: f64::from(self.extent().low.y) / 1e7,
            east: west + (f64::from(self.extent().high.x) - f64::from(self.extent().low.x)) / 1e7,
            north: f64::from(self.extent().high.y) / 1e7,
        }
    }
}

/// The width limit keeps offsets within 45 degrees, so they fit.
fn vertex(corner: Corner, middle: i64) -> Vertex {
    Vertex { x: (corner.x - middle) as i32, y: corner.y as i32 }
}

/// All edges but the parts of seams that two polygons share.
fn boundary(rings: &[RawRing], middle: i64) -> Vec<Edge> {
    let mut edges = Vec::new();
    let mut seams = Vec::new();
    for ring in rings {
        for (_, a, b) in ring.edges() {
            if a.x == b.x && validation::is_seam(a.x) {
                seams.push((a, b));
            } else {
                edges.push(Edge { a: vertex(a, middle), b: vertex(b, middle) });
            }
        }
    }
    // Between two neighbouring ends of seams, the boundary is where an odd number of seams runs.
    let mut ends: Vec<i64> = seams.iter().flat_map(|(a, b)| [a.y, b.y]).collect();
    ends.sort_unstable();
    ends.dedup();
    for pair in ends.windows(2) {
        let covers = |(a, b): &&(Corner, Corner)| a.y.min(b.y) <= pair[0] && pair[1] <= a.y.max(b.y);
        if seams.iter().filter(covers).count() % 2 == 1
            && let Some((a, _)) = seams.iter().find(|seam| covers(seam))
        {
            let [from, to] = [pair[0], pair[1]].map(|y| vertex(Corner { x: a.x, y }, middle));
            edges.push(Edge { a: from, b: to });
        }
    }
    edges
}
