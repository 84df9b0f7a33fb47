//! A polygon's edges in one cell, in pairs; two pairs are looked at side by side.
//!
//! ```text
//! block = ax: 2, ay: 2, bx: 2, by: 2    f32, half units of 1e-7 degrees from the cell's reference point
//! ```
//! The reference point lies half a unit south-west of the cell's corner, so that no vertex has its longitude or latitude,
//! and all comparisons of one coordinate are exact. Where rounding might matter to a side, the answer is doubt. Absent
//! edges are zeros: they are crossed by nothing.

use super::squares::{CELL_BITS, Spot, TILE_X_BITS, TILE_Y_BITS};
use crate::boundary::{Edge, Vertex};

/// Edges in a block, and words.
pub(super) const BLOCK_EDGES: usize = 2;
pub(super) const BLOCK_WORDS: usize = 4 * BLOCK_EDGES;
/// Edges side by side.
const LANES: usize = 2 * BLOCK_EDGES;
/// A share of the terms of a cross product that its rounding and that of its coordinates stays below: 2^-20.
const ROUNDING: f32 = 9.6e-7;

pub(super) type Block = [u32; BLOCK_WORDS];

/// Coordinates of two blocks.
#[inline]
fn coordinates(first: &Block, second: &Block) -> [[f32; LANES]; 4] {
    std::array::from_fn(|part| {
        let at = part * BLOCK_EDGES;
        [first[at], first[at + 1], second[at], second[at + 1]].map(f32::from_bits)
    })
}

/// Blocks two by two; nothing beside an odd one.
#[inline]
fn pairs(blocks: &[Block]) -> impl Iterator<Item = [[f32; LANES]; 4]> + '_ {
    const NOTHING: Block = [0; BLOCK_WORDS];
    blocks.chunks(2).map(|pair| coordinates(&pair[0], pair.get(1).unwrap_or(&NOTHING)))
}

/// Writes up to two edges, given from a tile's corner, for the cell with this corner.
pub(super) fn block_of(edges: &[Edge], corner: Vertex) -> Block {
    let half_units = |value: i32, corner: i32| (2 * (i64::from(value) - i64::from(corner)) + 1) as f32;
    let mut block = [0; BLOCK_WORDS];
    for (lane, edge) in edges.iter().take(BLOCK_EDGES).enumerate() {
        let ends = [
            half_units(edge.a.x, corner.x),
            half_units(edge.a.y, corner.y),
            half_units(edge.b.x, corner.x),
            half_units(edge.b.y, corner.y),
        ];
        for (part, end) in ends.into_iter().enumerate() {
            block[part * BLOCK_EDGES + lane] = end.to_bits();
        }
    }
    block
}

/// The way from a cell's reference point north, then east to a place, in half units.
#[derive(Clone, Copy)]
pub(super) struct Bend {
    x: f32,
    y: f32,
}

impl Bend {
    pub(super) fn to(spot: &Spot) -> Self {
        let rest = |value: i32, bits: u32| (2 * (value & ((1 << (bits - CELL_BITS)) - 1)) + 1) as f32;
        Self { x: rest(spot.at.x, TILE_X_BITS), y: rest(spot.at.y, TILE_Y_BITS) }
    }

    /// Whether the way crosses an odd number of the blocks' edges; nothing if rounding might matter.
    #[inline]
    pub(super) fn crosses_odd(self, blocks: &[Block]) -> Option<bool> {
        let (mut odd, mut doubt) = ([0_u32; LANES], [0_u32; LANES]);
        for [ax, ay, bx, by] in pairs(blocks) {
            for lane in 0..LANES {
                let (ax, ay, bx, by) = (ax[lane], ay[lane], bx[lane], by[lane]);
                // On which side of the edge the start, the bend and the end lie.
                let (left, right) = (ax * by, ay * bx);
                let (north, east) = (self.y * (bx - ax), self.x * (ay - by));
                let start = left - right;
                let bend = start + north;
                let end = bend + east;
                let rounding = ROUNDING * (left.abs() + right.abs() + north.abs() + east.abs());
                let north_leg = (ax > 0.0) != (bx > 0.0);
                let east_leg = (ay > self.y) != (by > self.y);
                let least = lesser(lesser(start.abs(), bend.abs()), end.abs());
                let crosses_north = north_leg & ((start > 0.0) != (bend > 0.0));
                let crosses_east = east_leg & ((bend > 0.0) != (end > 0.0));
                odd[lane] ^= u32::from(crosses_north ^ crosses_east);
                doubt[lane] |= u32::from((north_leg | east_leg) & (least <= rounding));
            }
        }
        let all = |lanes: [u32; LANES], f: fn(u32, u32) -> u32| lanes.into_iter().fold(0, f);
        (all(doubt, |all, lane| all | lane) == 0).then_some(all(odd, |all, lane| all ^ lane) != 0)
    }
}

/// A straight way as seen from a cell's reference point, in half units.
#[derive(Clone, Copy)]
pub(super) struct CellWay {
    from: [f32; 2],
    to: [f32; 2],
}

impl CellWay {
    /// From and to places given from a tile's corner, for the cell with this corner.
    pub(super) fn new(from: (i64, i64), to: (i64, i64), corner: Vertex) -> Self {
        let seen = |(x, y): (i64, i64)| {
            [2 * (x - i64::from(corner.x)) + 1, 2 * (y - i64::from(corner.y)) + 1].map(|value| value as f32)
        };
        Self { from: seen(from), to: seen(to) }
    }

    /// Whether it may cross one of the edges: never no if it does.
    pub(super) fn may_cross(&self, blocks: &[Block]) -> bool {
        let ([fx, fy], [tx, ty]) = (self.from, self.to);
        let (wx, wy) = (tx - fx, ty - fy);
        let mut crossed = [0_u32; LANES];
        for [ax, ay, bx, by] in pairs(blocks) {
            for lane in 0..LANES {
                let (ax, ay, bx, by) = (ax[lane] - fx, ay[lane] - fy, bx[lane] - fx, by[lane] - fy);
                let (ex, ey) = (bx - ax, by - ay);
                // Sides of the way on which the edge's ends lie; sides of the edge on which the way's ends lie.
                let cross = |ux: f32, uy: f32, vx: f32, vy: f32| {
                    let (left, right) = (ux * vy, uy * vx);
                    (left - right, 4.0 * ROUNDING * (left.abs() + right.abs()))
                };
                let (a, a_rounding) = cross(wx, wy, ax, ay);
                let (b, b_rounding) = cross(wx, wy, bx, by);
                let (from, from_rounding) = cross(ax, ay, ex, ey);
                let (along, along_rounding) = cross(wx, wy, ex, ey);
                let to = from - along;
                let doubt = (a.abs() <= a_rounding) | (b.abs() <= b_rounding);
                let way_doubt = (from.abs() <= from_rounding) | (to.abs() <= from_rounding + along_rounding);
                let beside = ((a > 0.0) == (b > 0.0)) & !doubt;
                let short = ((from > 0.0) == (to > 0.0)) & !way_doubt;
                let exists = (ex != 0.0) | (ey != 0.0);
                crossed[lane] |= u32::from(!beside & !short & exists);
            }
        }
        crossed.iter().fold(0, |all, lane| all | lane) != 0
    }
}

const fn lesser(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}
