//! A tile of the grid: what a place in each of its cells has to look at, in one run of words.
//!
//! ```text
//! tile  = east0:f64 east1:f64 north0:f64 north1:f64 list:u32 x CELLS lists...
//! list  = full:u32 near:u32 circles:u32 polygons:u32
//!         zone x (full + near)
//!         (zone x:i32 y:i32 radius:f64) x circles
//!         (zone edges | inside << 31 | ask << 30, (ax ay bx by):i32 x edges) x polygons
//! ```
//! A `list` of 0 is an empty cell. Places are offsets from the tile's south-west corner in 1e-7 degrees; `east0 + east1
//! y` is the scale at latitude y. `full` zones hold the whole cell; `near` ones reach it only with their buffer and
//! [`REACH_M`]. Of a polygon, a cell keeps the edges whose boxes meet it, and whether the point half a unit south-west
//! of the cell's corner is inside; the way from that point to a place, first north then east, tells the rest.

use super::squares::{CELL_BITS, CELLS, Spot, TILE_X_BITS, TILE_Y_BITS, TileId};
use crate::{
    Geometry, Zone,
    boundary::{Edge, Extent, Vertex},
    distance::signed_distance_m,
    earth::{Frame, Scale, wrapped_e7},
    geometry::Polygons,
};
use lenke_wire::Position;

/// Words before the cells' lists.
const SCALE_WORDS: usize = 8;
/// Cells list the zones within their buffer and this of them, metres.
pub(super) const REACH_M: f64 = 60.0;
/// Squared distances to a circle that differ less than this share from its radius are measured by the circle itself.
const CIRCLE_DOUBT: f64 = 1e-6;
/// Set if a polygon's reference point is inside; if the polygon itself must be asked.
const INSIDE: u32 = 1 << 31;
const ASK: u32 = 1 << 30;

/// What a cell lists, before it is written.
#[derive(Clone, Debug, Default)]
struct CellDraft {
    full: Vec<u32>,
    near: Vec<u32>,
    /// Words of the circles and the polygons.
    circles: Vec<u32>,
    polygons: Vec<u32>,
    polygon_count: u32,
}

/// Words of a circle in a list.
const CIRCLE_WORDS: usize = 5;
const EDGE_WORDS: usize = 4;

/// Writes a tile for these zones, each with the word that stands for it; nothing if none comes near.
pub(super) fn write_tile<'a>(
    tile: TileId,
    zones: impl Iterator<Item = (u32, &'a Zone)>,
) -> Option<Box<[u32]>> {
    let mut cells: Vec<CellDraft> = vec![CellDraft::default(); CELLS];
    zones.for_each(|(word, zone)| add(&mut cells, tile, word, zone));
    encode(tile, &cells)
}

/// Writes a tile anew without one zone, or with one more.
pub(super) fn rewrite_tile(
    tile: TileId,
    words: Option<&[u32]>,
    without: Option<u32>,
    with: Option<(u32, &Zone)>,
) -> Option<Box<[u32]>> {
    let list = |cell| words.and_then(|words| CellList::read(words, cell));
    let mut cells: Vec<CellDraft> =
        (0..CELLS).map(|cell| list(cell).map(|list| list.draft(without)).unwrap_or_default()).collect();
    if let Some((word, zone)) = with {
        add(&mut cells, tile, word, zone);
    }
    encode(tile, &cells)
}

fn encode(tile: TileId, cells: &[CellDraft]) -> Option<Box<[u32]>> {
    let scale = TileScale::of(tile).words();
    let mut words: Vec<u32> = scale.into_iter().chain([0; CELLS]).collect();
    let mut empty = true;
    for (index, cell) in cells.iter().enumerate() {
        let circles = (cell.circles.len() / CIRCLE_WORDS) as u32;
        let counts = [cell.full.len() as u32, cell.near.len() as u32, circles, cell.polygon_count];
        if counts != [0; 4] {
            empty = false;
            words[SCALE_WORDS + index] = words.len() as u32;
            words.extend(counts);
            for part in [&cell.full, &cell.near, &cell.circles, &cell.polygons] {
                words.extend(part);
            }
        }
    }
    (!empty).then(|| words.into())
}

/// Adds one zone to the cells of a tile.
fn add(cells: &mut [CellDraft], tile: TileId, word: u32, zone: &Zone) {
    let (west, south) = tile.corner();
    match &zone.geometry {
        Geometry::Circle(circle) => {
            let centre = circle.centre();
            let x = wrapped_e7(i64::from(centre.lon_e7()) - west) as i32;
            let y = (i64::from(centre.lat_e7()) - south) as i32;
            let radius = circle.radius().0.to_bits();
            let words = [word, x as u32, y as u32, radius as u32, (radius >> 32) as u32];
            draft(cells, tile, word, zone, |cell, _| cell.circles.extend(words));
        }
        Geometry::Polygons(polygons) => {
            draft(cells, tile, word, zone, |cell, extent| {
                cell.polygon_count += 1;
                write_polygon(&mut cell.polygons, word, polygons, tile, extent);
            });
        }
    }
}

/// Puts one zone into the cells it concerns; `partial` writes it where its boundary may run.
fn draft(
    cells: &mut [CellDraft],
    tile: TileId,
    word: u32,
    zone: &Zone,
    mut partial: impl FnMut(&mut CellDraft, Extent),
) {
    let corner = tile.corner();
    let vertex = |(x, y): (i64, i64)| Vertex { x: (x - corner.0) as i32, y: (y - corner.1) as i32 };
    let mut blocks = vec![Block { row: 0, column: 0, size: 1 << CELL_BITS }];
    while let Some(block) = blocks.pop() {
        let (low, high) = block.ends(corner);
        let Some((distance, half_m)) = distance_of_box(&zone.geometry, low, high) else { continue };
        let outside = distance < -half_m;
        let near = distance - half_m >= -(zone.buffer.0 + REACH_M);
        if distance + half_m < -(zone.buffer.0 + REACH_M) {
            continue;
        }
        if distance > half_m {
            block.cells().for_each(|cell| cells[cell].full.push(word));
        } else if outside && (near || block.size == 1) {
            block.cells().for_each(|cell| cells[cell].near.push(word));
        } else if block.size == 1 {
            block
                .cells()
                .for_each(|cell| partial(&mut cells[cell], Extent { low: vertex(low), high: vertex(high) }));
        } else {
            blocks.extend(block.quarters());
        }
    }
}

/// A square of cells.
struct Block {
    row: usize,
    column: usize,
    size: usize,
}

impl Block {
    fn cells(&self) -> impl Iterator<Item = usize> + use<> {
        let (row, column, size) = (self.row, self.column, self.size);
        (row..row + size)
            .flat_map(move |row| (column..column + size).map(move |column| row << CELL_BITS | column))
    }

    fn quarters(&self) -> [Self; 4] {
        let size = self.size / 2;
        [(0, 0), (0, size), (size, 0), (size, size)].map(|(row, column)| Self {
            row: self.row + row,
            column: self.column + column,
            size,
        })
    }

    /// South-west and north-east corner, 1e-7 degrees.
    fn ends(&self, (west, south): (i64, i64)) -> ((i64, i64), (i64, i64)) {
        let at = |row: usize, column: usize| {
            let x = west + ((column as i64) << (TILE_X_BITS - CELL_BITS));
            (x, south + ((row as i64) << (TILE_Y_BITS - CELL_BITS)))
        };
        (at(self.row, self.column), at(self.row + self.size, self.column + self.size))
    }
}

/// The signed distance of a box's middle, and how far it may be from there to any place in the box, metres.
fn distance_of_box(geometry: &Geometry, low: (i64, i64), high: (i64, i64)) -> Option<(f64, f64)> {
    let y = i64::midpoint(low.1, high.1);
    let x = wrapped_e7(i64::midpoint(low.0, high.0));
    let middle = Position::from_e7(i32::try_from(y).ok()?, i32::try_from(x).ok()?).ok()?;
    let widest = Scale::at_lat_e7(low.1.abs().min(high.1.abs()) as f64);
    // Half the diagonal, and a little for the tolerance of distances.
    let half_m = widest.length_m((high.0 - low.0) as f64 / 2.0, (high.1 - low.1) as f64 / 2.0) * 1.02 + 0.1;
    Some((signed_distance_m(geometry, &Frame::at(middle.lat_e7()), middle), half_m))
}

fn write_polygon(words: &mut Vec<u32>, word: u32, polygons: &Polygons, tile: TileId, cell: Extent) {
    let (west, south) = tile.corner();
    let shift = wrapped_e7(polygons.origin_e7() - west) as i32;
    let place = |v: Vertex| Vertex { x: v.x.wrapping_add(shift), y: v.y - south as i32 };
    let start = words.len();
    words.extend([word, 0]);
    let reference = reference(cell.low);
    let (mut inside, mut ask, mut edges) = (false, false, 0_u32);
    for edge in polygons.boundary().edges {
        let (a, b) = (place(edge.a), place(edge.b));
        let doubled = Doubled::of(a, b);
        // A ray to the east from the reference point: it lies between the units, so it hits no vertex.
        if (doubled.ay > reference.1) != (doubled.by > reference.1) {
            let turn = doubled.turn(reference);
            ask |= turn == 0;
            inside ^= (turn > 0) == (doubled.by > doubled.ay);
        }
        let meets = a.x.max(b.x) >= cell.low.x - 1
            && a.x.min(b.x) <= cell.high.x
            && a.y.max(b.y) >= cell.low.y - 1
            && a.y.min(b.y) <= cell.high.y;
        if meets {
            edges += 1;
            words.extend([a.x as u32, a.y as u32, b.x as u32, b.y as u32]);
        }
    }
    words[start + 1] = edges | if inside { INSIDE } else { 0 } | if ask { ASK } else { 0 };
}

/// Half a unit south-west of a cell's corner, in half units.
fn reference(corner: Vertex) -> (i64, i64) {
    (2 * i64::from(corner.x) - 1, 2 * i64::from(corner.y) - 1)
}

/// An edge in half units.
struct Doubled {
    ax: i64,
    ay: i64,
    bx: i64,
    by: i64,
}

impl Doubled {
    fn of(a: Vertex, b: Vertex) -> Self {
        let half = |value: i32| 2 * i64::from(value);
        Self { ax: half(a.x), ay: half(a.y), bx: half(b.x), by: half(b.y) }
    }

    /// On which side of the edge a point lies. Zones on the grid span a few tiles, so the products are small.
    fn turn(&self, (x, y): (i64, i64)) -> i64 {
        (self.bx - self.ax) * (y - self.ay) - (x - self.ax) * (self.by - self.ay)
    }
}

/// The scale along a tile's latitudes.
struct TileScale {
    east: [f64; 2],
    north: [f64; 2],
}

impl TileScale {
    fn of(tile: TileId) -> Self {
        let (_, south) = tile.corner();
        let height = f64::from(1_u32 << TILE_Y_BITS);
        let [low, high] = [0.0, height].map(|y| Scale::at_lat_e7(south as f64 + y));
        Self {
            east: [low.east, (high.east - low.east) / height],
            north: [low.north, (high.north - low.north) / height],
        }
    }

    fn words(&self) -> [u32; SCALE_WORDS] {
        let mut words = [0; SCALE_WORDS];
        for (pair, value) in words.chunks_exact_mut(2).zip(self.east.iter().chain(&self.north)) {
            let bits = value.to_bits();
            pair.copy_from_slice(&[bits as u32, (bits >> 32) as u32]);
        }
        words
    }

    fn read(words: &[u32]) -> Self {
        Self { east: [real(words, 0), real(words, 2)], north: [real(words, 4), real(words, 6)] }
    }
}

fn real(words: &[u32], at: usize) -> f64 {
    f64::from_bits(u64::from(words[at]) | u64::from(words[at + 1]) << 32)
}

/// One cell's list.
#[derive(Clone, Copy)]
pub(super) struct CellList<'a> {
    tile: &'a [u32],
    full: usize,
    near: usize,
    circles: usize,
    polygons: usize,
    rest: &'a [u32],
}

/// Loads what [`CellList::containing`] will look at first, so that several cells' loads overlap.
pub(super) fn touch(tile: &[u32], start: usize) -> u32 {
    const LINE_WORDS: usize = 16;
    [0, LINE_WORDS, 2 * LINE_WORDS]
        .iter()
        .filter_map(|ahead| tile.get(start + ahead))
        .fold(0, |all, word| all ^ word)
}

impl<'a> CellList<'a> {
    /// Where a cell's list begins; 0 if it is empty.
    pub(super) fn start(tile: &[u32], cell: usize) -> usize {
        tile[SCALE_WORDS + cell] as usize
    }

    pub(super) fn read(tile: &'a [u32], cell: usize) -> Option<Self> {
        let start = Self::start(tile, cell);
        if start == 0 {
            return None;
        }
        let count = |index: usize| tile[start + index] as usize;
        let (full, near, circles, polygons) = (count(0), count(1), count(2), count(3));
        Some(Self { tile, full, near, circles, polygons, rest: &tile[start + 4..] })
    }

    /// All zones the cell lists.
    pub(super) fn zones(&self, mut f: impl FnMut(u32)) {
        self.rest[..self.full + self.near].iter().for_each(|&word| f(word));
        self.bounding(f);
    }

    /// The zones whose boundary may run through the cell.
    pub(super) fn bounding(&self, mut f: impl FnMut(u32)) {
        let (_, rest) = self.rest.split_at(self.full + self.near);
        let (circles, mut rest) = rest.split_at(self.circles * CIRCLE_WORDS);
        circles.chunks_exact(CIRCLE_WORDS).for_each(|circle| f(circle[0]));
        for _ in 0..self.polygons {
            f(rest[0]);
            rest = &rest[2 + EDGE_WORDS * (rest[1] & !(INSIDE | ASK)) as usize..];
        }
    }

    /// The list as a draft again, without one zone.
    fn draft(&self, without: Option<u32>) -> CellDraft {
        let kept = |word: u32| Some(word) != without;
        let (ids, rest) = self.rest.split_at(self.full + self.near);
        let (full, near) = ids.split_at(self.full);
        let (circles, mut rest) = rest.split_at(self.circles * CIRCLE_WORDS);
        let mut draft = CellDraft {
            full: full.iter().copied().filter(|&word| kept(word)).collect(),
            near: near.iter().copied().filter(|&word| kept(word)).collect(),
            circles: circles
                .chunks_exact(CIRCLE_WORDS)
                .filter(|circle| kept(circle[0]))
                .flatten()
                .copied()
                .collect(),
            ..CellDraft::default()
        };
        for _ in 0..self.polygons {
            let (polygon, after) = rest.split_at(2 + EDGE_WORDS * (rest[1] & !(INSIDE | ASK)) as usize);
            if kept(polygon[0]) {
                draft.polygon_count += 1;
                draft.polygons.extend(polygon);
            }
            rest = after;
        }
        draft
    }

    /// The zones that hold a place of this cell. `ask` answers for a zone where the list alone cannot tell.
    pub(super) fn containing(&self, spot: &Spot, ask: impl Fn(u32) -> bool, mut f: impl FnMut(u32)) {
        let (ids, rest) = self.rest.split_at(self.full + self.near);
        ids[..self.full].iter().for_each(|&word| f(word));
        let (circles, mut rest) = rest.split_at(self.circles * CIRCLE_WORDS);
        if self.circles > 0 {
            let scale = TileScale::read(self.tile);
            let (x, y) = (f64::from(spot.at.x), f64::from(spot.at.y));
            for circle in circles.chunks_exact(CIRCLE_WORDS) {
                let (centre_x, centre_y) = (f64::from(circle[1] as i32), f64::from(circle[2] as i32));
                let middle = f64::midpoint(y, centre_y);
                let east = (centre_x - x) * (scale.east[0] + middle * scale.east[1]);
                let north = (centre_y - y) * (scale.north[0] + middle * scale.north[1]);
                let radius = real(circle, 3);
                let depth = radius * radius - (east * east + north * north);
                let sure = depth.abs() > CIRCLE_DOUBT * radius * radius;
                if if sure { depth > 0.0 } else { ask(circle[0]) } {
                    f(circle[0]);
                }
            }
        }
        if self.polygons == 0 {
            return;
        }
        let way = Way::to(spot);
        for _ in 0..self.polygons {
            let (word, flags) = (rest[0], rest[1]);
            let (edges, after) = rest[2..].split_at(EDGE_WORDS * (flags & !(INSIDE | ASK)) as usize);
            rest = after;
            let inside = if flags & ASK == 0 { way.ends_inside(edges, flags & INSIDE != 0) } else { None };
            if inside.unwrap_or_else(|| ask(word)) {
                f(word);
            }
        }
    }
}

/// The way from a cell's reference point north, then east to a place; in half units.
struct Way {
    start: (i64, i64),
    bend: (i64, i64),
    end: (i64, i64),
}

impl Way {
    fn to(spot: &Spot) -> Self {
        let corner = |value: i32, bits: u32| value >> (bits - CELL_BITS) << (bits - CELL_BITS);
        let corner = Vertex { x: corner(spot.at.x, TILE_X_BITS), y: corner(spot.at.y, TILE_Y_BITS) };
        let start = reference(corner);
        let end = (2 * i64::from(spot.at.x), 2 * i64::from(spot.at.y));
        Self { start, bend: (start.0, end.1), end }
    }

    /// Whether the end is inside, from the start and the edges crossed; nothing if the bend lies on an edge.
    fn ends_inside(&self, edges: &[u32], mut inside: bool) -> Option<bool> {
        for edge in edges.chunks_exact(EDGE_WORDS) {
            let edge = Edge {
                a: Vertex { x: edge[0] as i32, y: edge[1] as i32 },
                b: Vertex { x: edge[2] as i32, y: edge[3] as i32 },
            };
            let doubled = Doubled::of(edge.a, edge.b);
            let at_bend = doubled.turn(self.bend);
            if (doubled.ax > self.bend.0) != (doubled.bx > self.bend.0) {
                if at_bend == 0 {
                    return None;
                }
                inside ^= (doubled.turn(self.start) > 0) != (at_bend > 0);
            }
            if (doubled.ay > self.bend.1) != (doubled.by > self.bend.1) {
                if at_bend == 0 {
                    return None;
                }
                inside ^= (doubled.turn(self.end) > 0) != (at_bend > 0);
            }
        }
        Some(inside)
    }
}
