//! Writes wearers' blocks.

use super::{AWAY_M, CIRCLES, NUMBERS, OwnBlock};
use crate::{
    Bounds, Circle, Geometry, Polygons, WearerId, Zone,
    boundary::{HEAD_SPARE, Line},
    earth::{HALF_TURN_E7, wrapped_e7},
};
use std::{ops::Range, sync::Arc};

/// Blocks on their way into one piece of memory.
#[derive(Default)]
pub(in crate::compiled) struct OwnBlocks {
    lines: Vec<Line>,
    runs: Vec<Line>,
    drafts: Vec<OwnDraft>,
}

/// Where a wearer's block and its runs will stand, and its zones.
struct OwnDraft {
    wearer: WearerId,
    lines: Range<usize>,
    runs: Range<usize>,
    zones: Arc<[Arc<Zone>]>,
}

impl OwnBlocks {
    /// Adds a wearer's zones; `stamp` tells their block from every other.
    pub(in crate::compiled) fn add<'a>(
        &mut self,
        wearer: WearerId,
        zones: impl IntoIterator<Item = &'a Arc<Zone>>,
        stamp: u64,
    ) {
        let (first, first_run) = (self.lines.len(), self.runs.len());
        let zones = self.write(zones, stamp);
        let (lines, runs) = (first..self.lines.len(), first_run..self.runs.len());
        self.drafts.push(OwnDraft { wearer, lines, runs, zones });
    }

    /// All blocks, which share one piece of memory.
    pub(in crate::compiled) fn finish(mut self) -> impl Iterator<Item = (WearerId, OwnBlock)> {
        let all_runs = self.lines.len();
        self.lines.append(&mut self.runs);
        let lines: Arc<[Line]> = self.lines.into();
        let short = |number: usize| u32::try_from(number).expect("fewer than 2^32 lines");
        self.drafts.into_iter().map(move |draft| {
            let block = OwnBlock {
                lines: Arc::clone(&lines),
                first: short(draft.lines.start),
                count: short(draft.lines.len()),
                first_run: short(all_runs + draft.runs.start),
                run_count: short(draft.runs.len()),
                zones: draft.zones,
            };
            (draft.wearer, block)
        })
    }

    /// Writes a block; gives the zones in its order.
    fn write<'a>(&mut self, zones: impl IntoIterator<Item = &'a Arc<Zone>>, stamp: u64) -> Arc<[Arc<Zone>]> {
        let mut zones: Vec<Arc<Zone>> = zones.into_iter().map(Arc::clone).collect();
        zones.sort_unstable_by_key(|zone| (matches!(zone.geometry, Geometry::Polygons(_)), zone.id));
        let mut circles: Vec<(&Circle, i32)> = Vec::new();
        let mut polygons: Vec<(&Polygons, i32)> = Vec::new();
        for zone in &zones {
            match &zone.geometry {
                Geometry::Circle(circle) => circles.push((circle, word(zone.buffer.0))),
                Geometry::Polygons(shape) => polygons.push((shape, word(zone.buffer.0))),
            }
        }
        let eight = |first: usize| {
            std::array::from_fn(|index| circles.get(first + index).map_or(0, |(_, buffer)| *buffer))
        };
        let [south, north, west, width] = box_around(&zones);
        let (low, high) = (stamp as u32 as i32, (stamp >> 32) as i32);
        let header = [circles.len() as i32, polygons.len() as i32, low, high, south, north, west, width];
        self.lines.push(Line { x: header, y: eight(0) });
        self.lines.extend(circles.chunks(CIRCLES).map(circle_line));
        let more = (NUMBERS..circles.len()).step_by(2 * NUMBERS);
        self.lines.extend(more.map(|first| Line { x: eight(first), y: eight(first + NUMBERS) }));
        for (shape, buffer) in polygons {
            let (head, runs) = shape.lines();
            let first = self.lines.len();
            self.lines.extend_from_slice(head);
            self.lines[first].x[HEAD_SPARE] = buffer;
            self.runs.extend_from_slice(runs);
        }
        zones.into()
    }
}

impl OwnBlock {
    /// A block that stands alone; `stamp` tells it from every other.
    pub(in crate::compiled) fn new<'a>(
        wearer: WearerId,
        zones: impl IntoIterator<Item = &'a Arc<Zone>>,
        stamp: u64,
    ) -> Option<Self> {
        let mut blocks = OwnBlocks::default();
        blocks.add(wearer, zones, stamp);
        blocks.finish().next().map(|(_, block)| block)
    }
}

/// Up to four circles.
fn circle_line(four: &[(&Circle, i32)]) -> Line {
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
    let width = i32::try_from(width).ok().filter(|&width| i64::from(width) < HALF_TURN_E7).unwrap_or(-1);
    [south as i32, north as i32, wrapped_e7(origin + least) as i32, width]
}

/// A number of metres as a word, rounded up.
fn word(metres: f64) -> i32 {
    let short = metres as f32;
    let short = if f64::from(short) < metres { short.next_up() } else { short };
    short.to_bits() as i32
}
