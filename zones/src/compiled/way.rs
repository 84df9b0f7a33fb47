//! The cells that a straight way leads through.

use super::{
    edges::CellWay,
    squares::{CELL_BITS, Square, TILE_X_BITS, TILE_Y_BITS, TileId, units_of},
    tile::TileWay,
};
use crate::{
    boundary::Vertex,
    earth::{FULL_TURN_E7, wrapped_e7},
};
use lenke_wire::Position;

/// Cells are this wide and high, 1e-7 degrees, as bits.
const CELL_X_BITS: u32 = TILE_X_BITS - CELL_BITS;
const CELL_Y_BITS: u32 = TILE_Y_BITS - CELL_BITS;
/// Longer ways, in 1e-7 degrees either way, are not followed cell by cell: 0.4 degrees. Their coordinates would not be
/// exact as seen from a cell.
const WAY_E7_MAX: i64 = 1 << 22;

/// A way in units from the grid's corner.
pub(super) struct GridWay {
    from: (i64, i64),
    to: (i64, i64),
}

impl GridWay {
    /// A way that is not too long and does not lead over the antimeridian.
    pub(super) fn new(from: Position, to: Position) -> Option<Self> {
        let east = wrapped_e7(i64::from(to.lon_e7()) - i64::from(from.lon_e7()));
        let (from, to_y) = (units_of(from), units_of(to).1);
        let to = (from.0 + east, to_y);
        let is_short = east.abs() <= WAY_E7_MAX && (to.1 - from.1).abs() <= WAY_E7_MAX;
        (is_short && (0..FULL_TURN_E7).contains(&to.0)).then_some(Self { from, to })
    }

    /// All cells the way meets, and perhaps neighbours where it runs along an edge.
    pub(super) fn cells(&self) -> impl Iterator<Item = Square> + '_ {
        let (south, north) =
            if self.from.1 <= self.to.1 { (self.from, self.to) } else { (self.to, self.from) };
        let (dx, dy) = (north.0 - south.0, north.1 - south.1);
        ((south.1 - 1).max(0) >> CELL_Y_BITS..=(north.1 + 1) >> CELL_Y_BITS).flat_map(move |row| {
            // Longitude where the way enters and leaves the row; the products are below 2^46.
            let at = |y: i64| {
                if dy == 0 { south.0 } else { south.0 + dx * (y.clamp(south.1, north.1) - south.1) / dy }
            };
            let (low, high) = (at((row << CELL_Y_BITS) - 1), at(((row + 1) << CELL_Y_BITS) + 1));
            let (low, high) = if dy == 0 { (south.0, north.0) } else { (low, high) };
            let (west, east) = (low.min(high) - 2, low.max(high) + 2);
            let columns = west.max(0) >> CELL_X_BITS..=east.min(FULL_TURN_E7 - 1) >> CELL_X_BITS;
            columns.map(move |column| (row as u32, column as u32))
        })
    }

    /// The way as seen from a tile and from one of its cells.
    pub(super) fn seen_from(&self, tile: TileId, cell: usize) -> (TileWay, CellWay) {
        let (west, south) = (i64::from(tile.column) << TILE_X_BITS, i64::from(tile.row) << TILE_Y_BITS);
        let seen = |(x, y): (i64, i64)| (x - west, y - south);
        let (from, to) = (seen(self.from), seen(self.to));
        let (row, column) = (cell >> CELL_BITS, cell & ((1 << CELL_BITS) - 1));
        let corner = Vertex { x: (column << CELL_X_BITS) as i32, y: (row << CELL_Y_BITS) as i32 };
        (TileWay { from, to }, CellWay::new(from, to, corner))
    }
}
