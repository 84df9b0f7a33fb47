//! Polygons: rings of edges that are straight in longitude and latitude, with the even-odd rule.
//!
//! A place on an edge counts as if it lay a hair further east, one level with a vertex as if it lay a hair further
//! north. So a place is in exactly one of two polygons that share an edge, and an edge that occurs twice (a seam)
//! changes nothing, whichever way its ends are named.

use crate::{
    Decimetres,
    bytes::Reader,
    distance::{FAR_MM, to_edge_mm},
    earth::{LATITUDE_E7_MAX, SCALE_BITS, Scale, east_of},
};
use lenke_wire::Position;

/// A corner or a place: offsets from an origin, 1e-7 degrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Vertex {
    /// To the east.
    pub x: i32,
    /// To the north.
    pub y: i32,
}

/// Beyond the latitudes of zones and one more degree, everything is far.
const NEAR_LATITUDE_E7_MAX: u32 = LATITUDE_E7_MAX as u32 + 10_000_000;

/// Whether a line from a place to the east meets an edge: the one step of the even-odd rule. Exact.
///
/// The edge's ends lie within 90 degrees of longitude and 180 of latitude of each other, and the place's longitude
/// within 180 degrees of both: the products are below 2^63.
pub const fn is_edge_east_of(a: Vertex, b: Vertex, at: Vertex) -> bool {
    if (a.y > at.y) == (b.y > at.y) {
        return false;
    }
    let (ax, ay) = (a.x as i64, a.y as i64);
    let (left, right) = ((b.x as i64 - ax) * (at.y as i64 - ay), (at.x as i64 - ax) * (b.y as i64 - ay));
    if b.y > a.y { left > right } else { left < right }
}

/// One polygon or more with holes, read in place.
#[derive(Clone, Copy, Debug)]
pub struct Polygons<'a> {
    /// South-western corner of the box around it.
    pub(crate) corner: (i32, i32),
    /// Extent of the box.
    pub(crate) width: i32,
    pub(crate) height: i32,
    /// Rings: validated.
    pub(crate) rings: &'a [u8],
}

impl<'a> Polygons<'a> {
    /// Whether a place is inside.
    pub fn contains(&self, place: Position) -> bool {
        let at = self.locate(place);
        self.holds(at) && self.edges().fold(false, |inside, (a, b)| inside ^ is_edge_east_of(a, b, at))
    }

    /// Distance to the boundary, not told apart beyond [`crate::FAR`].
    pub fn signed_distance(&self, place: Position) -> Decimetres {
        if place.lat_e7().unsigned_abs() > NEAR_LATITUDE_E7_MAX {
            return Decimetres::signed(FAR_MM, false);
        }
        let at = self.locate(place);
        let scale = Scale::at(place.lat_e7());
        let gap = |at: i32, extent: i32| (-i64::from(at)).max(i64::from(at) - i64::from(extent)).max(0);
        let (east, north) = (gap(at.x, self.width), gap(at.y, self.height));
        if (east * scale.east_min()).max(north * scale.north) >> SCALE_BITS >= FAR_MM {
            return Decimetres::signed(FAR_MM, false);
        }
        let (mut inside, mut nearest_mm) = (false, FAR_MM);
        for (a, b) in self.edges() {
            inside ^= is_edge_east_of(a, b, at);
            let offset = |v: Vertex| (i64::from(v.x) - i64::from(at.x), i64::from(v.y) - i64::from(at.y));
            let (a, b) = (offset(a), offset(b));
            // Edges wholly north or south of what is already found need no more looking at.
            let north = a.1.min(b.1).max(-a.1.max(b.1));
            if (north * scale.north) >> SCALE_BITS < nearest_mm {
                nearest_mm = nearest_mm.min(to_edge_mm(a, b, scale));
            }
        }
        Decimetres::signed(nearest_mm, inside && self.holds(at))
    }

    /// All edges, as offsets from the south-western corner.
    pub fn edges(&self) -> impl Iterator<Item = (Vertex, Vertex)> + use<'a> {
        Edges::new(self.rings)
    }

    /// A place as an offset from the corner, by the shorter way round.
    fn locate(&self, place: Position) -> Vertex {
        // Latitudes of zones lie within 85 degrees, so differences fit.
        Vertex { x: east_of(self.corner.1, place.lon_e7()), y: place.lat_e7() - self.corner.0 }
    }

    /// Whether the box holds it.
    const fn holds(&self, at: Vertex) -> bool {
        0 <= at.x && at.x <= self.width && 0 <= at.y && at.y <= self.height
    }
}

/// Reads edges; ends early on bytes that are not rings, which validation has excluded.
pub(crate) struct Edges<'a> {
    reader: Reader<'a>,
    rings_left: u32,
    vertices_left: u32,
    first: Vertex,
    last: Vertex,
}

impl<'a> Edges<'a> {
    fn new(rings: &'a [u8]) -> Self {
        let mut reader = Reader::new(rings);
        let rings_left = reader.number().unwrap_or(0);
        let zero = Vertex { x: 0, y: 0 };
        Self { reader, rings_left, vertices_left: 0, first: zero, last: zero }
    }

    fn vertex(&mut self) -> Option<Vertex> {
        let (dx, dy) = (self.reader.signed().ok()?, self.reader.signed().ok()?);
        Some(Vertex { x: self.last.x.checked_add(dx)?, y: self.last.y.checked_add(dy)? })
    }
}

impl Iterator for Edges<'_> {
    type Item = (Vertex, Vertex);

    fn next(&mut self) -> Option<Self::Item> {
        if self.vertices_left == 0 {
            self.rings_left = self.rings_left.checked_sub(1)?;
            self.vertices_left = self.reader.number().ok()?;
            self.first = self.vertex()?;
            self.last = self.first;
        }
        let from = self.last;
        self.vertices_left = self.vertices_left.checked_sub(1)?;
        // The edge that closes a ring goes back to its first vertex; the next ring is told from the last one.
        let to = if self.vertices_left == 0 { self.first } else { self.vertex()? };
        if self.vertices_left > 0 {
            self.last = to;
        }
        Some((from, to))
    }
}

#[cfg(test)]
mod tests;
