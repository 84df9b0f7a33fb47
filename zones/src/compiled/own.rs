//! A wearer's own zones in one block of lines, so that a fix reads as few of them as can be.
//!
//! ```text
//! block   = header, circles..., buffers..., heads...         runs of all polygons stand elsewhere
//! header  = x: circles, polygons, stamp: 2, south, north, west, width (1e-7 degrees; width -1: round the earth)
//!           y: buffers of the first eight circles, f32
//! circles = x: lat of 4, lon of 4; y: radius of 4, f64 as low words, high words; fewer repeat the last
//! buffers = of sixteen more circles each
//! heads   = of all polygons, see `boundary`, with the buffer, f32, in the spare place
//! ```
//! Circles come first, then polygons, each by the zones' ids. The header's box holds everything within [`AWAY_M`] of a
//! zone or its buffer. Blocks of wearers who were written together stand together, and so do their runs: what every fix
//! reads is a sixth of all, and of the runs a fix reads those that can hold the nearest edge. Buffers are rounded up.

mod circles;
mod write;

pub(super) use write::OwnBlocks;

use crate::{
    Zone,
    boundary::{Boundary, HEAD_RUNS, HEAD_SPARE, Line, Vertex, head_lines},
    distance::{Search, distance_least_m},
    earth::{Frame, wrapped_e7},
    wide,
};
use circles::distances_to_circles;
use lenke_wire::Position;
use std::sync::Arc;

/// Places farther than this from all zones and buffers are outside the block's box.
pub(super) const AWAY_M: f64 = 300.0;
/// Circles in a line.
const CIRCLES: usize = 4;
/// Numbers in half a line.
const NUMBERS: usize = 8;

/// The own zones of one wearer.
#[derive(Clone, Debug)]
pub(super) struct OwnBlock {
    /// Blocks that are built together stand together; one that is edited stands alone, and its old place is let go when
    /// all are built anew.
    lines: Arc<[Line]>,
    first: u32,
    count: u32,
    first_run: u32,
    run_count: u32,
    zones: Arc<[Arc<Zone>]>,
}

/// Which zones a fix may have to do with, and how far the others are.
#[derive(Debug)]
pub(super) struct Nearness {
    /// Number of a zone and signed distance, metres: all within their buffer and the fix's reach, and no others.
    pub(super) near: Vec<(usize, f64)>,
    /// No zone or buffer is nearer, metres.
    pub(super) clear_m: f64,
}

/// One polygon zone.
struct Head<'a> {
    head: &'a [i32; 8],
    boundary: Boundary<'a>,
}

/// All polygons, one after the other.
struct Heads<'a> {
    left: usize,
    heads: &'a [Line],
    runs: &'a [Line],
}

impl<'a> Iterator for Heads<'a> {
    type Item = Head<'a>;

    #[inline(always)]
    fn next(&mut self) -> Option<Head<'a>> {
        if self.left == 0 {
            return None;
        }
        self.left -= 1;
        let head = &self.heads[0].x;
        let count = head[HEAD_RUNS] as usize;
        let (lines, heads) = self.heads.split_at(head_lines(count));
        let (runs, rest) = self.runs.split_at(count);
        (self.heads, self.runs) = (heads, rest);
        Some(Head { head, boundary: Boundary::new(lines, runs) })
    }
}

impl OwnBlock {
    #[inline(always)]
    fn lines(&self) -> &[Line] {
        &self.lines[self.first as usize..][..self.count as usize]
    }

    #[inline(always)]
    fn runs(&self) -> &[Line] {
        &self.lines[self.first_run as usize..][..self.run_count as usize]
    }

    /// Circles, then polygons, each by id.
    pub(super) fn zones(&self) -> &[Arc<Zone>] {
        &self.zones
    }

    /// Tells this block from every other.
    pub(super) fn stamp(&self) -> u64 {
        let header = &self.lines()[0].x;
        u64::from(header[2] as u32) | u64::from(header[3] as u32) << 32
    }

    /// South, north, west and width of the box outside which all zones and buffers are farther than [`AWAY_M`].
    pub(super) fn surroundings(&self) -> [i32; 4] {
        let &[.., south, north, west, width] = &self.lines()[0].x;
        [south, north, west, width]
    }

    /// Fetches what [`Self::begin`] will read.
    #[inline(always)]
    pub(super) fn fetch(&self) {
        self.lines().iter().for_each(wide::fetch);
    }

    /// Bytes of the block.
    pub(super) fn bytes(&self) -> usize {
        size_of_val::<[Line]>(self.lines())
            + size_of_val::<[Line]>(self.runs())
            + size_of_val::<[Arc<Zone>]>(&self.zones)
    }

    #[inline(always)]
    pub(super) fn circle_count(&self) -> usize {
        self.lines()[0].x[0] as usize
    }

    #[inline(always)]
    fn circles(&self) -> &[Line] {
        &self.lines()[1..][..self.circle_count().div_ceil(CIRCLES)]
    }

    /// Lines before the polygons' heads.
    #[inline(always)]
    fn lead(circles: usize) -> usize {
        1 + circles.div_ceil(CIRCLES) + circles.saturating_sub(NUMBERS).div_ceil(2 * NUMBERS)
    }

    fn circle_buffer_m(&self, circle: usize) -> f64 {
        let lines = self.lines();
        let eight = |number: usize| match number {
            0 => &lines[0].y,
            _ => {
                let line = &lines[1 + self.circle_count().div_ceil(CIRCLES) + (number - 1) / 2];
                if number.is_multiple_of(2) { &line.y } else { &line.x }
            }
        };
        real(eight(circle / NUMBERS)[circle % NUMBERS])
    }

    #[inline(always)]
    fn heads(&self) -> Heads<'_> {
        let (circles, polygons) = (self.circle_count(), self.lines()[0].x[1] as usize);
        Heads { left: polygons, heads: &self.lines()[Self::lead(circles)..], runs: self.runs() }
    }

    /// Measures the circles and begins with the polygons, one search each.
    #[inline(always)]
    pub(super) fn begin(
        &self,
        frame: &Frame,
        position: Position,
        searches: &mut Vec<Search>,
        distances: &mut Vec<f64>,
    ) {
        self.circle_distances(frame, position, distances);
        for head in self.heads() {
            let search = Search::begin(head.boundary, frame, head.locate(position));
            search.fetch(head.boundary);
            searches.push(search);
        }
    }

    /// Ends the searches that were begun for the same place.
    #[inline(always)]
    pub(super) fn end<'s>(
        &self,
        frame: &Frame,
        position: Position,
        searches: &mut impl Iterator<Item = &'s Search>,
        distances: &mut Vec<f64>,
    ) {
        let mut here = None;
        for (head, search) in self.heads().zip(searches) {
            let (at, origin_e7) = (head.locate(position), head.origin_e7());
            distances.push(search.signed_distance_m(head.boundary, frame, at, origin_e7, &mut here));
        }
    }

    #[inline(always)]
    fn circle_distances(&self, frame: &Frame, position: Position, distances: &mut Vec<f64>) {
        let mut left = self.circle_count();
        for line in self.circles() {
            let four = distances_to_circles(line, frame, position);
            distances.extend_from_slice(&four[..left.min(CIRCLES)]);
            left = left.saturating_sub(CIRCLES);
        }
    }

    /// Finds the zones within their buffer and `reach_m` of a place. Most polygons are told to be farther by their boxes.
    #[inline(always)]
    pub(super) fn look_around(
        &self,
        frame: &Frame,
        position: Position,
        reach_m: f64,
        distances: &mut Vec<f64>,
        nearness: &mut Nearness,
    ) {
        nearness.near.clear();
        nearness.clear_m = f64::INFINITY;
        distances.clear();
        self.circle_distances(frame, position, distances);
        for (number, &distance) in distances.iter().enumerate() {
            nearness.take(number, distance, self.circle_buffer_m(number), reach_m);
        }
        for (number, head) in self.heads().enumerate() {
            let (at, buffer_m) = (head.locate(position), head.buffer_m());
            let least_m = distance_least_m(head.boundary, frame, at);
            // Its boxes stand along the boundary: a place inside may be far from all of them.
            if least_m > buffer_m + reach_m && !head.boundary.extent().contains(at) {
                nearness.clear_m = nearness.clear_m.min(least_m - buffer_m);
            } else {
                let search = Search::begin(head.boundary, frame, at);
                let distance =
                    search.signed_distance_m(head.boundary, frame, at, head.origin_e7(), &mut None);
                nearness.take(distances.len() + number, distance, buffer_m, reach_m);
            }
        }
    }

    /// Numbers of the zones that may come as near to a place as this, metres.
    #[inline(always)]
    pub(super) fn within(&self, frame: &Frame, position: Position, reach_m: f64, near: &mut Vec<usize>) {
        near.clear();
        for (number, line) in self.circles().iter().enumerate() {
            let four = distances_to_circles(line, frame, position);
            let circles = (number * CIRCLES..self.circle_count()).zip(four);
            near.extend(circles.filter(|(_, distance)| *distance >= -reach_m).map(|(circle, _)| circle));
        }
        for (number, head) in self.heads().enumerate() {
            if distance_least_m(head.boundary, frame, head.locate(position)) <= reach_m {
                near.push(self.circle_count() + number);
            }
        }
    }
}

impl Nearness {
    fn take(&mut self, number: usize, distance: f64, buffer_m: f64, reach_m: f64) {
        if distance >= -(buffer_m + reach_m) {
            self.near.push((number, distance));
        }
        self.clear_m = self.clear_m.min(-distance - buffer_m);
    }
}

impl Head<'_> {
    #[inline(always)]
    const fn origin_e7(&self) -> i64 {
        self.head[0] as i64
    }

    #[inline(always)]
    const fn buffer_m(&self) -> f64 {
        real(self.head[HEAD_SPARE])
    }

    #[inline(always)]
    fn locate(&self, position: Position) -> Vertex {
        let x = wrapped_e7(i64::from(position.lon_e7()) - self.origin_e7()) as i32;
        Vertex { x, y: position.lat_e7() }
    }
}

#[inline(always)]
const fn real(word: i32) -> f64 {
    f32::from_bits(word as u32) as f64
}
