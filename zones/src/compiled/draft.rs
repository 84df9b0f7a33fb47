//! What one zone adds to the cells of a tile.
//!
//! A cell that the zone holds whole, or does not reach, needs no boundary: the signed distance of a square's middle tells
//! for the whole square, quarter by quarter, so that only cells along the boundary are looked at one by one.

use super::{
    edges::{BLOCK_EDGES, Block, block_of},
    squares::{CELL_BITS, CELLS, TILE_X_BITS, TILE_Y_BITS, TileId},
};
use crate::{
    Circle, Geometry, Zone,
    boundary::{Edge, Extent, Vertex},
    distance::signed_distance_m,
    earth::{Frame, Scale, wrapped_e7},
    geometry::Polygons,
};
use lenke_wire::Position;

/// Cells list the zones within their buffer and this of them, metres.
pub(super) const REACH_M: f64 = 40.0;
/// Larger circles are asked themselves: the scale along a tile does not serve for them, metres.
const CIRCLE_M_MAX: f64 = 3_000.0;
/// And so are smaller ones.
pub(super) const CIRCLE_M_MIN: f64 = 20.0;

/// What is added to one cell.
#[derive(Clone, Debug, Default)]
pub(super) struct CellDraft {
    pub(super) full: Vec<u32>,
    pub(super) near: Vec<u32>,
    pub(super) circles: Vec<CircleEntry>,
    pub(super) polygons: Vec<PolygonEntry>,
}

/// A circle: zone, x and y from the tile's corner in 1e-7 degrees, squared radius in 1e-7 degrees of latitude.
pub(super) type CircleEntry = [u32; 4];

/// A polygon in a cell.
#[derive(Clone, Debug)]
pub(super) struct PolygonEntry {
    pub(super) word: u32,
    /// Whether the cell's reference point is inside; nothing if the zone itself must be asked.
    pub(super) inside: Option<bool>,
    pub(super) blocks: Vec<Block>,
}

/// What is added to a tile.
#[derive(Debug)]
pub(super) struct TileDraft {
    tile: TileId,
    pub(super) cells: Vec<CellDraft>,
}

impl TileDraft {
    pub(super) fn new(tile: TileId) -> Self {
        Self { tile, cells: vec![CellDraft::default(); CELLS] }
    }

    /// Empty again, for another tile.
    pub(super) fn clear(&mut self, tile: TileId) {
        self.tile = tile;
        for cell in &mut self.cells {
            cell.full.clear();
            cell.near.clear();
            cell.circles.clear();
            cell.polygons.clear();
        }
    }

    /// Adds a zone with the word that stands for it.
    pub(super) fn add(&mut self, word: u32, zone: &Zone) {
        let tile = self.tile;
        match &zone.geometry {
            Geometry::Circle(circle) if (CIRCLE_M_MIN..=CIRCLE_M_MAX).contains(&circle.radius().0) => {
                let entry = circle_entry(circle, word, tile);
                self.spread(word, zone, |cell, _| cell.circles.push(entry));
            }
            Geometry::Circle(_) => {
                self.spread(word, zone, |cell, _| {
                    cell.polygons.push(PolygonEntry { word, inside: None, blocks: Vec::new() });
                });
            }
            Geometry::Polygons(polygons) => {
                self.spread(word, zone, |cell, extent| {
                    cell.polygons.push(polygon_entry(word, polygons, tile, extent));
                });
            }
        }
    }

    /// Puts a zone into the cells it concerns; `partial` writes it where its boundary may run.
    fn spread(&mut self, word: u32, zone: &Zone, mut partial: impl FnMut(&mut CellDraft, Extent)) {
        let corner = self.tile.corner();
        let vertex = |(x, y): (i64, i64)| Vertex { x: (x - corner.0) as i32, y: (y - corner.1) as i32 };
        let margin_m = zone.buffer.0 + REACH_M;
        let mut blocks = vec![Square { row: 0, column: 0, size: 1 << CELL_BITS }];
        while let Some(block) = blocks.pop() {
            let (low, high) = block.ends(corner);
            let Some((distance, half_m)) = distance_of_box(&zone.geometry, low, high) else { continue };
            if distance + half_m < -margin_m {
                continue;
            }
            let is_outside = distance < -half_m;
            let is_near = distance - half_m >= -margin_m;
            if distance > half_m {
                block.cells().for_each(|cell| self.cells[cell].full.push(word));
            } else if is_outside && (is_near || block.size == 1) {
                block.cells().for_each(|cell| self.cells[cell].near.push(word));
            } else if block.size == 1 {
                let extent = Extent { low: vertex(low), high: vertex(high) };
                block.cells().for_each(|cell| partial(&mut self.cells[cell], extent));
            } else {
                blocks.extend(block.quarters());
            }
        }
    }
}

/// A square of cells.
struct Square {
    row: usize,
    column: usize,
    size: usize,
}

impl Square {
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
    let frame = Frame::at(middle.lat_e7());
    let half = ((high.0 - low.0) as f64 / 2.0, (high.1 - low.1) as f64 / 2.0);
    // Half the diagonal, by the scale at the edge nearer to the equator, and a little for the tolerance of distances.
    let widest = frame.own.east + frame.shrinking() * half.1;
    let half_m = Scale { east: widest, ..frame.own }.length_m(half.0, half.1) * 1.02 + 0.1;
    Some((signed_distance_m(geometry, &frame, middle), half_m))
}

fn circle_entry(circle: &Circle, word: u32, tile: TileId) -> CircleEntry {
    let (west, south) = tile.corner();
    let centre = circle.centre();
    let x = wrapped_e7(i64::from(centre.lon_e7()) - west);
    let y = i64::from(centre.lat_e7()) - south;
    let middle = south as f64 + f64::from(1_u32 << TILE_Y_BITS) / 2.0;
    let north = Scale::at_lat_e7(f64::midpoint(middle, f64::from(centre.lat_e7()))).north;
    let radius = circle.radius().0 / north;
    [word, (x as f32).to_bits(), (y as f32).to_bits(), ((radius * radius) as f32).to_bits()]
}

fn polygon_entry(word: u32, polygons: &Polygons, tile: TileId, cell: Extent) -> PolygonEntry {
    let (west, south) = tile.corner();
    let shift = wrapped_e7(polygons.origin_e7() - west) as i32;
    let place = |v: Vertex| Vertex { x: v.x.wrapping_add(shift), y: v.y - south as i32 };
    let (corner_x, corner_y) = (i64::from(cell.low.x), i64::from(cell.low.y));
    // Half units from the reference point, which lies half a unit south-west of the corner.
    let seen = |v: Vertex| (2 * (i64::from(v.x) - corner_x) + 1, 2 * (i64::from(v.y) - corner_y) + 1);
    let (width, height) = seen(cell.high);
    let (mut inside, mut doubt, mut edges) = (false, false, Vec::new());
    for (extent, run) in polygons.boundary().runs() {
        let (low, high) = (seen(place(extent.low)), seen(place(extent.high)));
        let is_on_ray = low.1 <= 0 && high.1 >= 0 && high.0 >= 0;
        let is_near = high.0 >= 0 && low.0 <= width && high.1 >= 0 && low.1 <= height;
        if !is_on_ray && !is_near {
            continue;
        }
        for edge in run.edges() {
            let edge = Edge { a: place(edge.a), b: place(edge.b) };
            let ((ax, ay), (bx, by)) = (seen(edge.a), seen(edge.b));
            // A ray to the east from the reference point: it lies between the units, so it hits no vertex.
            if (ay > 0) != (by > 0) {
                let turn = ax * by - ay * bx;
                doubt |= turn == 0;
                inside ^= (turn > 0) == (by > ay);
            }
            if is_near && meets((ax, ay), (bx, by), (width, height)) {
                edges.push(edge);
            }
        }
    }
    let blocks = edges.chunks(BLOCK_EDGES).map(|edges| block_of(edges, cell.low)).collect();
    PolygonEntry { word, inside: (!doubt).then_some(inside), blocks }
}

/// Whether an edge meets the box from the origin to a corner, the box's edge included.
fn meets(a: (i64, i64), b: (i64, i64), corner: (i64, i64)) -> bool {
    let apart = |a: i64, b: i64, high: i64| a.max(b) < 0 || a.min(b) > high;
    if apart(a.0, b.0, corner.0) || apart(a.1, b.1, corner.1) {
        return false;
    }
    let turn = |x: i64, y: i64| (b.0 - a.0) * (y - a.1) - (x - a.0) * (b.1 - a.1);
    let turns = [turn(0, 0), turn(corner.0, 0), turn(0, corner.1), turn(corner.0, corner.1)];
    !(turns.iter().all(|&turn| turn > 0) || turns.iter().all(|&turn| turn < 0))
}
