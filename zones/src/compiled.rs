//! Zones compiled for reading: what evaluation asks for each fix, without a tree.
//!
//! | zones | form |
//! |---|---|
//! | shared | a grid: a trie of tiles of cells; a cell lists the zones that hold it whole, those whose boundary runs through it with just the edges that matter there, and those that come near |
//! | personal | one block a wearer, all its shapes one after the other |
//!
//! Invariant: [`Compiled::meet`] and [`Compiled::cross`] answer exactly as the [`ZoneIndex`] they are compiled from: both
//! measure with the same functions, and this form only finds sooner what to measure.
//! A copy costs a few counts and shares what an edit does not touch: that is how [`crate::live`] publishes edits.

mod draft;
mod edges;
mod grid;
mod handle;
mod own;
mod squares;
mod tile;
mod way;
mod wearers;

pub use handle::OwnZones;

use crate::{
    Assignment, Bounds, Crossing, GroupId, Meeting, WearerId, Zone, ZoneIndex,
    crossing::{Waypoint, crossing},
    earth::{Frame, distance_m},
    verdict::{SIGMAS_MAX, sigma_m, verdict_at, verdict_in},
    wide::{self, Kernel},
};
use draft::REACH_M;
use grid::{CrossedCell, Grid, GridWriter, Mask, open};
use lenke_wire::Position;
use own::{Nearness, OwnBlock, OwnBlocks};
use squares::Spot;
use std::{
    cell::RefCell,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tile::{CellList, touch};
use way::GridWay;
use wearers::Wearers;

/// Places whose cells are fetched together.
const BATCH: usize = 32;
/// Ways whose cells are fetched together.
const WAYS: usize = 16;
/// A way's length, and a little for what distances and straight ways may be wrong by; beyond, all own zones are asked.
const WAY_SHARE: f64 = 1.05;
const WAY_M: f64 = 10.0;
const WAY_M_MAX: f64 = 50_000.0;

/// All zones of an index, for reading.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// Tells this from every other but its copies.
    generation: u64,
    grid: Grid,
    own: Wearers,
}

/// A shared zone in one [`Compiled`]; the next edit may give the number to another zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SharedZone(u32);

/// Numbers of zones and distances on their way, kept so that a fix allocates nothing.
struct Scratch {
    distances: Vec<f64>,
    nearness: Nearness,
    numbers: Vec<usize>,
    words: Vec<u32>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = const {
        let nearness = Nearness { near: Vec::new(), clear_m: 0.0 };
        RefCell::new(Scratch { distances: Vec::new(), nearness, numbers: Vec::new(), words: Vec::new() })
    };
}

/// A number that no other call gives.
fn next_stamp() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed) + 1
}

impl Compiled {
    /// All zones of an index.
    pub fn of(index: &ZoneIndex) -> Self {
        Writer::new(index).1
    }

    /// As [`ZoneIndex::meet`].
    pub fn meet(
        &self,
        wearer: WearerId,
        groups: &[GroupId],
        position: Position,
        accuracy_m: f64,
        meetings: &mut Vec<Meeting>,
    ) {
        self.meet_with(self.own.get(wearer), groups, position, accuracy_m, meetings);
    }

    /// The same of a block at hand; says how far all zones of the block and their buffers are, metres: not above 0 if one
    /// holds the place.
    fn meet_with(
        &self,
        own: Option<&OwnBlock>,
        groups: &[GroupId],
        position: Position,
        accuracy_m: f64,
        meetings: &mut Vec<Meeting>,
    ) -> Option<f64> {
        meetings.clear();
        let (frame, sigma) = (Frame::at(position.lat_e7()), sigma_m(accuracy_m));
        let reach_m = SIGMAS_MAX * sigma;
        let limit = |zone: &Zone| -(zone.buffer.0 + reach_m);
        SCRATCH.with_borrow_mut(|scratch| {
            let Scratch { distances, nearness, words, .. } = scratch;
            if let Some(own) = own {
                let frame = &frame;
                wide::widest(LookAround { own, frame, position, reach_m, distances, nearness });
                for &(number, distance) in &nearness.near {
                    let zone = &own.zones()[number];
                    if distance >= limit(zone) {
                        let verdict = verdict_at(&zone.geometry, frame, position, distance, sigma);
                        meetings.push(Meeting { zone: Arc::clone(zone), verdict });
                    }
                }
            }
            self.visit_shared(groups, position, reach_m, words, |zone| {
                let verdict = verdict_in(&zone.geometry, &frame, position, sigma);
                if verdict.signed_distance.0 >= limit(zone) {
                    meetings.push(Meeting { zone: Arc::clone(zone), verdict });
                }
            });
            meetings.sort_unstable_by_key(|meeting| meeting.zone.id);
            own.map(|_| nearness.clear_m)
        })
    }

    /// As [`ZoneIndex::cross`].
    pub fn cross(
        &self,
        wearer: WearerId,
        groups: &[GroupId],
        from: Waypoint,
        to: Waypoint,
        crossings: &mut Vec<Crossing>,
    ) {
        self.cross_with(self.own.get(wearer), groups, from, to, crossings);
    }

    /// The same of a block at hand.
    fn cross_with(
        &self,
        own: Option<&OwnBlock>,
        groups: &[GroupId],
        from: Waypoint,
        to: Waypoint,
        crossings: &mut Vec<Crossing>,
    ) {
        crossings.clear();
        SCRATCH.with_borrow_mut(|Scratch { numbers, words, .. }| {
            if let Some(own) = own {
                let way_m = distance_m(from.0, to.0);
                let reach_m = if way_m > WAY_M_MAX { f64::INFINITY } else { WAY_SHARE * way_m + WAY_M };
                own.within(&Frame::at(from.0.lat_e7()), from.0, reach_m, numbers);
                let zones = numbers.iter().map(|&number| &own.zones()[number]);
                crossings.extend(zones.filter_map(|zone| crossing(zone, from, to)));
            }
            if !groups.is_empty() {
                let mask = self.grid.mask(groups);
                self.grid.words_crossed(from.0, to.0, words);
                let zones = words.iter().filter(|word| self.grid.allows(&mask, **word));
                crossings.extend(zones.filter_map(|&word| crossing(self.grid.zone(word)?, from, to)));
            }
        });
        crossings.sort_unstable_by_key(|crossing| crossing.zone.id);
    }

    /// The shared zones of these groups that many ways cross, with the way's index: as [`Self::cross`], each way's by the
    /// zones' ids, but faster, since the cells and zones are fetched together.
    pub fn cross_shared_each(
        &self,
        groups: &[GroupId],
        ways: &[(Waypoint, Waypoint)],
        mut f: impl FnMut(usize, Crossing),
    ) {
        let mask = self.grid.mask(groups);
        let (mut batch, mut next) = (WayBatch::default(), WayBatch::default());
        let mut batches = ways.chunks(WAYS);
        batch.find(&self.grid, batches.next().unwrap_or_default());
        open(&mut batch.cells);
        let (mut words, mut candidates): (Vec<u32>, Vec<(usize, &Arc<Zone>)>) = (Vec::new(), Vec::new());
        for (number, ways) in ways.chunks(WAYS).enumerate() {
            // While these are looked at, what the next ones need is on its way.
            next.find(&self.grid, batches.next().unwrap_or_default());
            candidates.clear();
            let mut cells = &batch.cells[..];
            for (index, (from, to)) in ways.iter().enumerate() {
                let count = cells.iter().take_while(|cell| cell.way == index).count();
                let (own, rest) = cells.split_at(count);
                cells = rest;
                self.grid.words_in_cells(batch.ways[index].as_ref(), own, (from.0, to.0), &mut words);
                let allowed = words.iter().filter(|word| self.grid.allows(&mask, **word));
                candidates.extend(allowed.filter_map(|&word| Some((index, self.grid.zone(word)?))));
            }
            open(&mut next.cells);
            candidates.iter().for_each(|(_, zone)| wide::fetch(&zone.geometry));
            candidates.sort_unstable_by_key(|(index, zone)| (*index, zone.id));
            candidates.iter().for_each(|(_, zone)| zone.geometry.fetch());
            for (index, zone) in &candidates {
                let (from, to) = ways[*index];
                if let Some(crossing) = crossing(zone, from, to) {
                    f(number * WAYS + index, crossing);
                }
            }
            std::mem::swap(&mut batch, &mut next);
        }
    }

    /// The shared zones of these groups that hold a place, in no order; `holding` is cleared first. A place exactly on
    /// a boundary may be in or out.
    pub fn containing(&self, groups: &[GroupId], position: Position, holding: &mut Vec<SharedZone>) {
        holding.clear();
        let mask = self.grid.mask(groups);
        let spot = Spot::of(position);
        self.contain(&mask, position, &spot, self.grid.list(&spot), &mut |zone| holding.push(zone));
    }

    /// The same for many places of wearers of the same groups, with the place's index: faster, since the places' cells
    /// are fetched together.
    pub fn containing_each(
        &self,
        groups: &[GroupId],
        positions: &[Position],
        mut f: impl FnMut(usize, SharedZone),
    ) {
        let mask = self.grid.mask(groups);
        let mut fetched: Vec<(Spot, Option<&[u32]>, usize)> = Vec::with_capacity(BATCH);
        for (batch, positions) in positions.chunks(BATCH).enumerate() {
            fetched.clear();
            fetched.extend(positions.iter().map(|&position| {
                let spot = Spot::of(position);
                (spot, self.grid.tile(spot.tile), 0)
            }));
            for (spot, tile, start) in &mut fetched {
                *start = tile.map_or(0, |tile| CellList::start(tile, spot.cell()));
            }
            let touched = fetched.iter().map(|(_, tile, start)| tile.map_or(0, |tile| touch(tile, *start)));
            std::hint::black_box(touched.fold(0, |all, word| all ^ word));
            for (index, (&position, (spot, tile, start))) in positions.iter().zip(&fetched).enumerate() {
                let list = tile.and_then(|tile| CellList::at(tile, *start));
                self.contain(&mask, position, spot, list, &mut |zone| f(batch * BATCH + index, zone));
            }
        }
    }

    /// Calls `f` for each zone that holds a place, of its cell's list and of the large ones.
    fn contain(
        &self,
        mask: &Mask<'_>,
        position: Position,
        spot: &Spot,
        list: Option<CellList<'_>>,
        f: &mut impl FnMut(SharedZone),
    ) {
        let ask = |word: u32| self.grid.zone(word).is_some_and(|zone| zone.geometry.contains(position));
        if let Some(list) = list {
            list.containing(spot, ask, |word| {
                if self.grid.allows(mask, word) {
                    f(SharedZone(word));
                }
            });
        }
        let large = self.grid.large().iter().filter(|word| self.grid.allows(mask, **word) && ask(**word));
        large.for_each(|word| f(SharedZone(*word)));
    }

    /// The zone behind a number of this [`Compiled`].
    pub fn shared_zone(&self, zone: SharedZone) -> Option<&Arc<Zone>> {
        self.grid.zone(zone.0)
    }

    /// Bytes of the shared zones' grid, their geometry not counted.
    pub fn grid_bytes(&self) -> usize {
        self.grid.bytes()
    }

    /// Bytes of the wearers' blocks, which hold their zones' shapes.
    pub fn own_bytes(&self) -> usize {
        self.own.bytes()
    }

    /// Calls `f` once for each shared zone of these groups that may come within its buffer and `reach_m` of a place.
    fn visit_shared(
        &self,
        groups: &[GroupId],
        position: Position,
        reach_m: f64,
        words: &mut Vec<u32>,
        mut f: impl FnMut(&Arc<Zone>),
    ) {
        if groups.is_empty() {
            return;
        }
        let mask = self.grid.mask(groups);
        let mut visit = |word: u32| {
            if self.grid.allows(&mask, word)
                && let Some(zone) = self.grid.zone(word)
            {
                f(zone);
            }
        };
        if reach_m <= REACH_M {
            self.grid.large().iter().for_each(|&word| visit(word));
            if let Some(list) = self.grid.list(&Spot::of(position)) {
                list.zones(visit);
            }
        } else {
            self.grid.words_near(&Bounds::of(position).grown(reach_m - REACH_M), words);
            words.iter().for_each(|&word| visit(word));
        }
    }
}

/// Ways whose cells are fetched together.
#[derive(Default)]
struct WayBatch<'a> {
    ways: Vec<Option<GridWay>>,
    cells: Vec<CrossedCell<'a>>,
}

impl<'a> WayBatch<'a> {
    fn find(&mut self, grid: &'a Grid, ways: &[(Waypoint, Waypoint)]) {
        let Self { ways: found, cells } = self;
        found.clear();
        cells.clear();
        let all = ways.iter().enumerate();
        found.extend(all.map(|(number, (from, to))| grid.cells_crossed(number, from.0, to.0, cells)));
    }
}

/// Looks around in a wearer's block.
struct LookAround<'a> {
    own: &'a OwnBlock,
    frame: &'a Frame,
    position: Position,
    reach_m: f64,
    distances: &'a mut Vec<f64>,
    nearness: &'a mut Nearness,
}

impl Kernel for LookAround<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.own.look_around(self.frame, self.position, self.reach_m, self.distances, self.nearness);
    }
}

/// Keeps a [`Compiled`] in step with the [`ZoneIndex`] it is compiled from.
#[derive(Clone, Debug)]
pub(crate) struct Writer {
    grid: GridWriter,
}

impl Writer {
    pub(crate) fn new(index: &ZoneIndex) -> (Self, Compiled) {
        let (writer, grid) = GridWriter::write(index);
        // In memory, too, wearers stand in order: who reports together was often enrolled together.
        let mut own: Vec<_> = index.personal_zones().collect();
        own.sort_unstable_by_key(|(wearer, _)| *wearer);
        let mut blocks = OwnBlocks::default();
        own.into_iter().for_each(|(wearer, zones)| blocks.add(wearer, zones, next_stamp()));
        let compiled = Compiled { generation: next_stamp(), grid, own: Wearers::new(blocks.finish()) };
        (Self { grid: writer }, compiled)
    }

    /// Follows an edit of the index, which has given up `old` and taken in `new`.
    pub(crate) fn replace(
        &mut self,
        compiled: &mut Compiled,
        index: &ZoneIndex,
        old: Option<&Arc<Zone>>,
        new: Option<&Arc<Zone>>,
    ) {
        compiled.generation = next_stamp();
        let owner = |zone: Option<&Arc<Zone>>| match zone?.assignment {
            Assignment::Personal(wearer) => Some(wearer),
            Assignment::Shared(_) => None,
        };
        let is_shared = |zone: &&Arc<Zone>| matches!(zone.assignment, Assignment::Shared(_));
        let (old_owner, new_owner) = (owner(old), owner(new));
        for wearer in old_owner.into_iter().chain(new_owner.filter(|_| new_owner != old_owner)) {
            let mut zones = index.zones_of(wearer).peekable();
            let block = zones.peek().is_some().then(|| OwnBlock::new(wearer, zones, next_stamp())).flatten();
            compiled.own.put(wearer, block);
        }
        let (old, new) = (old.filter(is_shared), new.filter(is_shared));
        if old.is_some() || new.is_some() {
            self.grid.replace(&mut compiled.grid, old, new);
        }
    }
}

#[cfg(test)]
mod tests;
