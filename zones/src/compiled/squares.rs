//! Squares of the grid over the earth: tiles, and the cells they consist of; rows from the south pole, columns from the
//! antimeridian.

use crate::{
    Bounds,
    boundary::Vertex,
    earth::{FULL_TURN_E7, HALF_TURN_E7, wrapped_e7},
};
use lenke_wire::Position;

/// Height and width of a tile: 2^17 and 2^18 units of 1e-7 degrees, at 60 degrees about 1.46 km each.
pub(super) const TILE_Y_BITS: u32 = 17;
pub(super) const TILE_X_BITS: u32 = 18;
/// Cells of a tile along each side: 2^3.
pub(super) const CELL_BITS: u32 = 3;
pub(super) const CELLS: usize = 1 << (2 * CELL_BITS);
/// Which tile: row from the south pole, column from the antimeridian.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct TileId {
    pub(super) row: u32,
    pub(super) column: u32,
}

/// A place on the grid: its tile, and the offset from the tile's south-west corner.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    pub(super) tile: TileId,
    pub(super) at: Vertex,
}

/// 90 degrees in 1e-7 degrees.
const QUARTER_TURN_E7: i64 = HALF_TURN_E7 / 2;

/// Units of 1e-7 degrees from the antimeridian and the south pole.
pub(super) fn units_of(position: Position) -> (i64, i64) {
    let x = wrapped_e7(i64::from(position.lon_e7())) + HALF_TURN_E7;
    (x, i64::from(position.lat_e7()) + QUARTER_TURN_E7)
}

impl Spot {
    pub(super) fn of(position: Position) -> Self {
        let (x, y) = units_of(position);
        let tile = TileId { row: (y >> TILE_Y_BITS) as u32, column: (x >> TILE_X_BITS) as u32 };
        let rest = |value: i64, bits: u32| (value & ((1 << bits) - 1)) as i32;
        Self { tile, at: Vertex { x: rest(x, TILE_X_BITS), y: rest(y, TILE_Y_BITS) } }
    }

    /// Number of the cell within the tile.
    pub(super) fn cell(&self) -> usize {
        let column = self.at.x as usize >> (TILE_X_BITS - CELL_BITS);
        let row = self.at.y as usize >> (TILE_Y_BITS - CELL_BITS);
        row << CELL_BITS | column
    }
}

impl TileId {
    /// Longitude and latitude of the south-west corner, 1e-7 degrees.
    pub(super) fn corner(self) -> (i64, i64) {
        let x = (i64::from(self.column) << TILE_X_BITS) - HALF_TURN_E7;
        let y = (i64::from(self.row) << TILE_Y_BITS) - QUARTER_TURN_E7;
        (x, y)
    }
}

/// A square of the grid, of tiles or of cells: row from the south pole, column from the antimeridian.
pub(super) type Square = (u32, u32);

/// The squares of a grid that a box of longitudes (the eastern one may pass 180 degrees) and latitudes meets.
fn squares_of(bounds: &Bounds, x_bits: u32, y_bits: u32) -> Squares {
    let e7 = |degrees: f64| degrees * 1e7;
    let row = |lat: f64| {
        (((e7(lat).round() as i64).clamp(-QUARTER_TURN_E7, QUARTER_TURN_E7) + QUARTER_TURN_E7) >> y_bits)
            as u32
    };
    let column = |x: i64| ((x.clamp(-HALF_TURN_E7, HALF_TURN_E7 - 1) + HALF_TURN_E7) >> x_bits) as u32;
    let (west, east) = (e7(bounds.west).floor() as i64, e7(bounds.east).ceil() as i64);
    let columns = if east < HALF_TURN_E7 {
        [Some((column(west), column(east))), None]
    } else {
        [
            Some((column(west), column(HALF_TURN_E7 - 1))),
            Some((column(-HALF_TURN_E7), column(east - FULL_TURN_E7))),
        ]
    };
    Squares { rows: (row(bounds.south), row(bounds.north)), columns }
}

/// Rows, and one or two ranges of columns; ends included.
pub(super) struct Squares {
    rows: (u32, u32),
    columns: [Option<(u32, u32)>; 2],
}

impl Squares {
    /// Tiles that a box meets.
    pub(super) fn tiles(bounds: &Bounds) -> Self {
        squares_of(bounds, TILE_X_BITS, TILE_Y_BITS)
    }

    /// Cells that a box meets.
    pub(super) fn cells(bounds: &Bounds) -> Self {
        squares_of(bounds, TILE_X_BITS - CELL_BITS, TILE_Y_BITS - CELL_BITS)
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        let length = |(first, last): &(u32, u32)| (last - first) as usize + 1;
        length(&self.rows) * self.columns.iter().flatten().map(length).sum::<usize>()
    }

    /// Each once; none twice, since no box is wider than the earth.
    pub(super) fn iter(&self) -> impl Iterator<Item = Square> + '_ {
        let columns = self.columns.iter().flatten().flat_map(|&(first, last)| first..=last);
        columns.flat_map(|column| (self.rows.0..=self.rows.1).map(move |row| (row, column)))
    }
}

impl TileId {
    pub(super) const fn of((row, column): Square) -> Self {
        Self { row, column }
    }

    /// The tile of a cell, and the cell's number in it.
    pub(super) fn of_cell((row, column): Square) -> (Self, usize) {
        let rest = |value: u32| (value & ((1 << CELL_BITS) - 1)) as usize;
        (Self { row: row >> CELL_BITS, column: column >> CELL_BITS }, rest(row) << CELL_BITS | rest(column))
    }
}
