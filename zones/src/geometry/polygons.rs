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
use crate::earth::{Bounds, FULL_TURN_E7, HALF_TURN_E7, wrapped_e7};
use lenke_wire::Position;
use serde::{Deserialize, Serialize};

/// A vertex or a place: offset from the origin's longitude, and latitude, in 1e-7 degrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Vertex {
    pub(crate) x: i32,
    pub(crate) y: i32,
}

/// One piece of the boundary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Edge {
    pub(crate) a: Vertex,
    pub(crate) b: Vertex,
}

/// One polygon or more, with holes; valid by construction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Vec<Vec<[f64; 2]>>>", into = "Vec<Vec<Vec<[f64; 2]>>>")]
pub struct Polygons {
    /// Longitude that vertices are offset from, within [-180, 180) degrees.
    origin_e7: i64,
    /// `[polygon][ring]`, open, outlines counter-clockwise, holes clockwise.
    rings: Vec<Vec<Vec<Vertex>>>,
    boundary: Vec<Edge>,
    south_west: Vertex,
    north_east: Vertex,
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
        let boundary: Vec<Edge> = boundary(&raw, middle);
        let ys = || raw.iter().flat_map(|ring| ring.corners.iter().map(|corner| corner.y));
        let (south, north) = (ys().min().unwrap_or(0), ys().max().unwrap_or(0));
        Ok(Self {
            origin_e7: wrapped_e7(middle),
            rings,
            boundary,
            south_west: vertex(Corner { x: west, y: south }, middle),
            north_east: vertex(Corner { x: east, y: north }, middle),
        })
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
        self.coordinates_by(|vertex| west + i64::from(vertex.x) - i64::from(self.south_west.x))
    }

    /// Westernmost longitude within [-180, 180) degrees.
    fn west_e7(&self) -> i64 {
        wrapped_e7(self.origin_e7 + i64::from(self.south_west.x))
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

    /// A place in degrees: (longitude, which may pass 180, and latitude).
    pub(crate) fn degrees(&self, x: f64, y: f64) -> (f64, f64) {
        ((x + self.origin_e7 as f64) / 1e7, y / 1e7)
    }

    /// The pieces of the boundary, in no order.
    pub(crate) fn boundary(&self) -> &[Edge] {
        &self.boundary
    }

    /// Whether a place is inside: exact; a place on the boundary may be either.
    pub(crate) fn contains(&self, at: Vertex) -> bool {
        if at.x < self.south_west.x
            || at.x > self.north_east.x
            || at.y < self.south_west.y
            || at.y > self.north_east.y
        {
            return false;
        }
        self.boundary.iter().fold(false, |inside, edge| inside ^ edge.is_right_of(at))
    }

    pub(super) fn bounds(&self) -> Bounds {
        let west = self.west_e7() as f64 / 1e7;
        Bounds {
            west,
            south: f64::from(self.south_west.y) / 1e7,
            east: west + (f64::from(self.north_east.x) - f64::from(self.south_west.x)) / 1e7,
            north: f64::from(self.north_east.y) / 1e7,
        }
    }
}

impl Edge {
    /// Whether the ray from `at` to the east crosses the edge; an end counts for the edge that goes north from it.
    pub(crate) fn is_right_of(&self, at: Vertex) -> bool {
        let (a, b) = (self.a, self.b);
        if (a.y > at.y) == (b.y > at.y) {
            return false;
        }
        let wide = |value: i32| i64::from(value);
        let turn = (wide(b.x) - wide(a.x)) * (wide(at.y) - wide(a.y))
            - (wide(at.x) - wide(a.x)) * (wide(b.y) - wide(a.y));
        (turn > 0) == (b.y > a.y)
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
