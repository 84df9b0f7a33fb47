//! A wearer's own zones in one block of lines, so that all distances are one walk through it.
//!
//! ```text
//! block   = header, circles..., heads..., boxes..., buffers..., runs...
//! header  = x: circles, polygons, south, north, west, width (1e-7 degrees; width -1: round the earth), stamp: 2
//! circles = x: lat of 4, lon of 4; y: radius of 4, f64 as low words, high words; fewer repeat the last
//! heads   = two polygons, one in x, one in y: origin, low x, low y, high x, high y, runs, 0, buffer f32
//! boxes, runs: of all polygons, see `boundary`
//! buffers = 16 x f32, metres, of the circles
//! ```
//! Circles come first, then polygons, each by the zones' ids. The header's box holds everything within [`AWAY_M`] of a
//! zone or its buffer. What every question looks at comes first and together, what few do last.

use super::calm::{Clearance, Surroundings};
use crate::{
    Bounds, Geometry, WearerId, Zone,
    boundary::{Boundary, Extent, Line, Vertex, box_lines},
    distance::{Search, distance_least_m},
    earth::{Frame, LATITUDE_MAX, MIDDLE_LATITUDE_M_MAX, wrapped_e7},
    geometry::{is_in_doubt, sided},
    space::SpacePoint,
};
use lenke_wire::Position;
use std::{ops::Range, sync::Arc};

/// Places farther than this from all zones and buffers are outside the block's box.
pub(super) const AWAY_M: f64 = 300.0;
/// Circles in a line.
const CIRCLES: usize = 4;
/// Numbers in a line.
const NUMBERS: usize = 16;
const FULL_TURN: f64 = 3.6e9;
const HALF_TURN: f64 = 1.8e9;

/// The own zones of one wearer.
#[derive(Clone, Debug)]
pub(super) struct OwnBlock {
    /// Blocks that are built together stand together: one after the other is then quickly read. One that is edited
    /// stands alone, and its old place is let go when all are built anew.
    lines: Arc<[Line]>,
    first: usize,
    count: usize,
    zones: Arc<[Arc<Zone>]>,
}

/// Blocks on their way into one piece of memory.
#[derive(Default)]
pub(super) struct OwnBlocks {
    lines: Vec<Line>,
    drafts: Vec<OwnDraft>,
}

/// Where a wearer's block will stand, and its zones.
type OwnDraft = (WearerId, Range<usize>, Arc<[Arc<Zone>]>);

impl OwnBlocks {
    /// Adds a wearer's zones; `stamp` tells their block from every other.
    pub(super) fn add<'a>(
        &mut self,
        wearer: WearerId,
        zones: impl IntoIterator<Item = &'a Arc<Zone>>,
        stamp: u64,
    ) {
        let first = self.lines.len();
        let zones = write(&mut self.lines, zones, stamp);
        self.drafts.push((wearer, first..self.lines.len(), zones));
    }

    pub(super) fn finish(self) -> impl Iterator<Item = (WearerId, OwnBlock)> {
        let lines: Arc<[Line]> = self.lines.into();
        self.drafts.into_iter().map(move |(wearer, range, zones)| {
            (wearer, OwnBlock { lines: Arc::clone(&lines), first: range.start, count: range.len(), zones })
        })
    }
}

/// One polygon zone's head.
struct Head<'a> {
    origin_e7: i32,
    buffer_m: f64,
    boundary: Boundary<'a>,
}

/// All polygons' heads, one after the other.
struct Heads<'a> {
    heads: &'a [Line],
    number: usize,
    polygons: usize,
    boxes: &'a [Line],
    runs: &'a [Line],
}

/// Where a head has its number of runs.
const RUNS: usize = 5;

impl<'a> Iterator for Heads<'a> {
    type Item = Head<'a>;

    #[inline]
    fn next(&mut self) -> Option<Head<'a>> {
        if self.number == self.polygons {
            return None;
        }
        let line = &self.heads[self.number / 2];
        let head = if self.number.is_multiple_of(2) { &line.x } else { &line.y };
        self.number += 1;
        let &[origin_e7, west, south, east, north, runs, _, buffer] = head;
        let extent = Extent { low: Vertex { x: west, y: south }, high: Vertex { x: east, y: north } };
        let (boxes, boxes_left) = self.boxes.split_at(box_lines(runs as usize));
        let (runs, runs_left) = self.runs.split_at(runs as usize);
        (self.boxes, self.runs) = (boxes_left, runs_left);
        Some(Head { origin_e7, buffer_m: real(buffer), boundary: Boundary::new(boxes, runs, extent) })
    }
}

impl OwnBlock {
    /// A block that stands alone; `stamp` tells it from every other.
    pub(super) fn new<'a>(zones: impl IntoIterator<Item = &'a Arc<Zone>>, stamp: u64) -> Self {
        let mut lines = Vec::new();
        let zones = write(&mut lines, zones, stamp);
        Self { first: 0, count: lines.len(), lines: lines.into(), zones }
    }

    fn lines(&self) -> &[Line] {
        &self.lines[self.first..][..self.count]
    }

    /// Circles, then polygons, each by id.
    pub(super) fn zones(&self) -> &[Arc<Zone>] {
        &self.zones
    }

    /// Tells this block from every other.
    pub(super) fn stamp(&self) -> u64 {
        let header = &self.lines()[0].x;
        u64::from(header[6] as u32) | u64::from(header[7] as u32) << 32
    }

    /// Loads what [`Self::begin`] will look at first, so that several blocks' loads overlap.
    pub(super) fn touch(&self) -> i32 {
        const LINES_TOUCHED: usize = 9;
        self.lines().iter().take(LINES_TOUCHED).fold(0, |all, line| all ^ line.x[0])
    }

    /// Bytes of the block.
    pub(super) fn bytes(&self) -> usize {
        size_of_val::<[Line]>(self.lines()) + size_of_val::<[Arc<Zone>]>(&self.zones)
    }

    pub(super) fn circle_count(&self) -> usize {
        self.lines()[0].x[0] as usize
    }

    fn circles(&self) -> &[Line] {
        &self.lines()[1..][..self.circle_count().div_ceil(CIRCLES)]
    }

    /// Polygons' heads, what follows all boxes, and the first run.
    fn heads(&self) -> (Heads<'_>, &[Line]) {
        let (circles, polygons) = (self.circle_count(), self.lines()[0].x[1] as usize);
        let (heads, rest) = self.lines()[1 + circles.div_ceil(CIRCLES)..].split_at(polygons.div_ceil(2));
        let heads = || heads.iter().flat_map(|line| [&line.x, &line.y]).take(polygons);
        let boxes: usize = heads().map(|head| box_lines(head[RUNS] as usize)).sum();
        let (boxes, rest) = rest.split_at(boxes);
        let (buffers, runs) = rest.split_at(circles.div_ceil(NUMBERS));
        (
            Heads { heads: &self.lines()[1 + circles.div_ceil(CIRCLES)..], number: 0, polygons, boxes, runs },
            buffers,
        )
    }

    /// Measures the circles and begins with the polygons, one search each.
    pub(super) fn begin(
        &self,
        frame: &Frame,
        position: Position,
        searches: &mut Vec<Search>,
        distances: &mut Vec<f64>,
    ) -> i32 {
        self.circle_distances(frame, position, |distance| distances.push(distance));
        let mut touched = 0;
        for head in self.heads().0 {
            let search = Search::begin(head.boundary, frame, head.locate(position));
            touched ^= search.touch(head.boundary);
            searches.push(search);
        }
        touched
    }

    /// Ends the searches that were begun for the same place.
    pub(super) fn end<'s>(
        &self,
        frame: &Frame,
        position: Position,
        searches: &mut impl Iterator<Item = &'s Search>,
        distances: &mut Vec<f64>,
    ) {
        let mut here = None;
        for (head, search) in self.heads().0.zip(searches) {
            let (at, origin_e7) = (head.locate(position), i64::from(head.origin_e7));
            distances.push(search.signed_distance_m(head.boundary, frame, at, origin_e7, &mut here));
        }
    }

    fn circle_distances(&self, frame: &Frame, position: Position, mut f: impl FnMut(f64)) {
        let mut left = self.circle_count();
        for line in self.circles() {
            let distances = distances_to_circles(line, frame, position);
            distances.iter().take(left).for_each(|&distance| f(distance));
            left = left.saturating_sub(CIRCLES);
        }
    }

    /// How far the wearer may move before any zone comes into doubt, and which zones hold the place.
    pub(super) fn surroundings(&self, frame: &Frame, position: Position, reach_m: f64) -> Surroundings {
        let mut clearance = Clearance::new(reach_m);
        let (heads, buffers) = self.heads();
        let mut number = 0;
        self.circle_distances(frame, position, |distance| {
            let line = &buffers[number / NUMBERS];
            let half = if number % NUMBERS < NUMBERS / 2 { &line.x } else { &line.y };
            clearance.take(distance, real(half[number % (NUMBERS / 2)]));
            number += 1;
        });
        for head in heads {
            // Most are farther away than the nearest; how far, does not matter.
            let outside = clearance.is_surely_beyond(head.distance_least_m(frame, position), head.buffer_m);
            if outside {
                clearance.pass();
            } else {
                clearance.take(head.signed_distance_m(frame, position), head.buffer_m);
            }
        }
        let [_, _, south, north, west, width, _, _] = self.lines()[0].x;
        clearance.surroundings([south, north, west, width])
    }
}

impl Head<'_> {
    fn locate(&self, position: Position) -> Vertex {
        let x = wrapped_e7(i64::from(position.lon_e7()) - i64::from(self.origin_e7)) as i32;
        Vertex { x, y: position.lat_e7() }
    }

    fn signed_distance_m(&self, frame: &Frame, position: Position) -> f64 {
        let (at, origin_e7) = (self.locate(position), i64::from(self.origin_e7));
        let search = Search::begin(self.boundary, frame, at);
        search.signed_distance_m(self.boundary, frame, at, origin_e7, &mut None)
    }

    fn distance_least_m(&self, frame: &Frame, position: Position) -> f64 {
        distance_least_m(self.boundary, frame, self.locate(position))
    }
}

/// Signed distances to the four circles of a line: the same as [`crate::Circle`]'s, bit for bit.
fn distances_to_circles(line: &Line, frame: &Frame, position: Position) -> [f64; CIRCLES] {
    let (lat, lon) = (f64::from(position.lat_e7()), f64::from(position.lon_e7()));
    let mut lengths = [0.0; CIRCLES];
    for (lane, length) in lengths.iter_mut().enumerate() {
        let north = f64::from(line.x[lane]) - lat;
        let east = f64::from(line.x[lane + CIRCLES]) - lon;
        let east = if east >= HALF_TURN { east - FULL_TURN } else { east };
        let east = if east < -HALF_TURN { east + FULL_TURN } else { east };
        *length = frame.half_way_near(north / 2.0).length_m(east, north);
    }
    let near_pole = position.lat().abs() > LATITUDE_MAX;
    if near_pole || lengths.iter().any(|&length| length > MIDDLE_LATITUDE_M_MAX) {
        let mut here = None;
        for (lane, length) in lengths.iter_mut().enumerate() {
            if near_pole || *length > MIDDLE_LATITUDE_M_MAX {
                let here = here.get_or_insert_with(|| SpacePoint::of((position.lon(), position.lat())));
                *length = long_line_to_m(here, position, line.x[lane], line.x[lane + CIRCLES]);
            }
        }
    }
    let mut distances = lengths;
    let (mut doubt, mut radii) = ([0_u64; CIRCLES], [0.0; CIRCLES]);
    for lane in 0..CIRCLES {
        let bits = u64::from(line.y[lane] as u32) | u64::from(line.y[lane + CIRCLES] as u32) << 32;
        radii[lane] = f64::from_bits(bits);
        distances[lane] = radii[lane] - lengths[lane];
        doubt[lane] = u64::from(is_in_doubt(radii[lane], distances[lane]));
    }
    if doubt.iter().fold(0, |all, lane| all | lane) != 0 {
        for (lane, distance) in distances.iter_mut().enumerate() {
            let centre = Position::from_e7(line.x[lane], line.x[lane + CIRCLES]);
            *distance =
                centre.map_or(*distance, |centre| sided(centre, radii[lane], lengths[lane], position));
        }
    }
    distances
}

fn long_line_to_m(here: &SpacePoint, position: Position, lat_e7: i32, lon_e7: i32) -> f64 {
    let there = (f64::from(lon_e7) / 1e7, f64::from(lat_e7) / 1e7);
    here.long_line_m((position.lon(), position.lat()), there)
}

/// Writes a block; gives the zones in its order.
fn write<'a>(
    lines: &mut Vec<Line>,
    zones: impl IntoIterator<Item = &'a Arc<Zone>>,
    stamp: u64,
) -> Arc<[Arc<Zone>]> {
    let mut zones: Vec<Arc<Zone>> = zones.into_iter().map(Arc::clone).collect();
    zones.sort_unstable_by_key(|zone| (matches!(zone.geometry, Geometry::Polygons(_)), zone.id));
    let mut circles = Vec::new();
    let mut polygons = Vec::new();
    for zone in &zones {
        match &zone.geometry {
            Geometry::Circle(circle) => circles.push((circle, zone.buffer.0)),
            Geometry::Polygons(shape) => polygons.push((shape, zone.buffer.0)),
        }
    }
    lines.push(header(&zones, circles.len(), polygons.len(), stamp));
    lines.extend(circles.chunks(CIRCLES).map(|four| {
        let circle = |lane: usize| four[(lane % CIRCLES).min(four.len() - 1)].0;
        let radius = |lane: usize| circle(lane).radius().0.to_bits();
        Line {
            x: std::array::from_fn(|lane| {
                let centre = circle(lane).centre();
                if lane < CIRCLES { centre.lat_e7() } else { centre.lon_e7() }
            }),
            y: std::array::from_fn(|lane| {
                if lane < CIRCLES { radius(lane) as u32 as i32 } else { (radius(lane) >> 32) as i32 }
            }),
        }
    }));
    let heads: Vec<[i32; 8]> = polygons
        .iter()
        .map(|(shape, buffer)| {
            let Extent { low, high } = shape.boundary().extent;
            let runs = shape.lines().1.len() as i32;
            [shape.origin_e7() as i32, low.x, low.y, high.x, high.y, runs, 0, word(*buffer)]
        })
        .collect();
    lines.extend(heads.chunks(2).map(|two| Line { x: two[0], y: two.get(1).copied().unwrap_or_default() }));
    polygons.iter().for_each(|(shape, _)| lines.extend_from_slice(shape.lines().0));
    lines.extend(circles.chunks(NUMBERS).map(|circles| {
        let buffer = |index: usize| circles.get(index).map_or(0, |(_, buffer)| word(*buffer));
        Line { x: std::array::from_fn(buffer), y: std::array::from_fn(|index| buffer(index + NUMBERS / 2)) }
    }));
    polygons.iter().for_each(|(shape, _)| lines.extend_from_slice(shape.lines().1));
    zones.into()
}

fn header(zones: &[Arc<Zone>], circles: usize, polygons: usize, stamp: u64) -> Line {
    let [south, north, west, width] = box_around(zones);
    let x = [
        circles as i32,
        polygons as i32,
        south,
        north,
        west,
        width,
        stamp as u32 as i32,
        (stamp >> 32) as i32,
    ];
    Line { x, y: [0; 8] }
}

/// South, north, west and width of a box that holds everything within [`AWAY_M`] of the zones and their buffers.
fn box_around(zones: &[Arc<Zone>]) -> [i32; 4] {
    let e7 = |degrees: f64| (degrees * 1e7) as i64;
    let all: Vec<Bounds> =
        zones.iter().map(|zone| zone.geometry.bounds().grown(zone.buffer.0 + AWAY_M)).collect();
    let south = all.iter().map(|bounds| e7(bounds.south) - 1).min().unwrap_or(0);
    let north = all.iter().map(|bounds| e7(bounds.north) + 1).max().unwrap_or(0);
    let origin = all.first().map_or(0, |bounds| e7(bounds.west));
    let west = |bounds: &Bounds| wrapped_e7(e7(bounds.west) - origin);
    let east = |bounds: &Bounds| west(bounds) + e7(bounds.east - bounds.west);
    let least = all.iter().map(west).min().unwrap_or(0) - 1;
    let width = all.iter().map(east).max().unwrap_or(0) + 2 - least;
    let width = i32::try_from(width).ok().filter(|&width| width < HALF_TURN as i32).unwrap_or(-1);
    [south as i32, north as i32, wrapped_e7(origin + least) as i32, width]
}

/// A number of metres as a word.
fn word(metres: f64) -> i32 {
    (metres as f32).to_bits() as i32
}

fn real(word: i32) -> f64 {
    f64::from(f32::from_bits(word as u32))
}
