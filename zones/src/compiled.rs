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

mod calm;
mod draft;
mod edges;
mod grid;
mod handle;
mod own;
mod squares;
mod tile;
mod way;
mod wearers;

pub use calm::{Calm, Standing};
pub use handle::OwnZones;

use crate::{
    Assignment, Bounds, Crossing, GroupId, Meeting, WearerId, Zone, ZoneIndex,
    crossing::{Waypoint, crossing},
    distance::Search,
    earth::Frame,
    verdict::{SIGMAS_MAX, sigma_m, verdict_at, verdict_in},
};
use calm::{Surroundings, clearance_m};
use draft::REACH_M;
use grid::{Grid, GridWriter, Mask};
use handle::own_distances;
use lenke_wire::Position;
use own::{OwnBlock, OwnBlocks};
use squares::Spot;
use std::{
    cell::RefCell,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tile::{CellList, touch};
use wearers::Wearers;

/// Places whose cells are fetched together.
const BATCH: usize = 32;
/// Calm that shared zones may disturb ends here, metres: as far as they are looked for.
const CALM_SHARED_M: f64 = 500.0;

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

thread_local! {
    /// Distances and numbers of zones on their way, so that a fix allocates nothing.
    static SCRATCH: RefCell<(Vec<f64>, Vec<u32>)> = const { RefCell::new((Vec::new(), Vec::new())) };
    static SEARCHES: RefCell<Vec<Search>> = const { RefCell::new(Vec::new()) };
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
        meetings.clear();
        let (frame, sigma) = (Frame::at(position.lat_e7()), sigma_m(accuracy_m));
        let reach_m = SIGMAS_MAX * sigma;
        let limit = |zone: &Zone| -(zone.buffer.0 + reach_m);
        SCRATCH.with_borrow_mut(|(distances, words)| {
            if let Some(own) = self.own.get(wearer) {
                distances.clear();
                own_distances(own, &frame, position, distances);
                for (zone, &distance) in own.zones().iter().zip(&*distances) {
                    if distance >= limit(zone) {
                        let verdict = verdict_at(&zone.geometry, &frame, position, distance, sigma);
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
        });
        meetings.sort_unstable_by_key(|meeting| meeting.zone.id);
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
        crossings.clear();
        let own = self.own.get(wearer).map(OwnBlock::zones).unwrap_or_default();
        crossings.extend(own.iter().filter_map(|zone| crossing(zone, from, to)));
        if !groups.is_empty() {
            let mask = self.grid.mask(groups);
            SCRATCH.with_borrow_mut(|(_, words)| {
                self.grid.words_crossed(from.0, to.0, words);
                let zones = words.iter().filter(|word| self.grid.allows(&mask, **word));
                crossings.extend(zones.filter_map(|&word| crossing(self.grid.zone(word)?, from, to)));
            });
        }
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
        let (mut fetched, mut words) = (Vec::with_capacity(2 * BATCH), Vec::new());
        let mut candidates: Vec<(usize, &Arc<Zone>)> = Vec::new();
        for (batch, ways) in ways.chunks(BATCH).enumerate() {
            fetched.clear();
            candidates.clear();
            let ends = ways.iter().flat_map(|(from, to)| [from.0, to.0]);
            fetched.extend(ends.map(|end| {
                let spot = Spot::of(end);
                (self.grid.tile(spot.tile), spot.cell())
            }));
            let start = |&(tile, cell): &(Option<&'_ [u32]>, usize)| {
                tile.map_or(0, |tile| touch(tile, CellList::start(tile, cell)))
            };
            std::hint::black_box(fetched.iter().map(start).fold(0, |all, word| all ^ word));
            for (index, (from, to)) in ways.iter().enumerate() {
                self.grid.words_crossed(from.0, to.0, &mut words);
                let allowed = words.iter().filter(|word| self.grid.allows(&mask, **word));
                let first = candidates.len();
                candidates.extend(allowed.filter_map(|&word| Some((index, self.grid.zone(word)?))));
                std::hint::black_box(candidates[first..].iter().fold(0, |all, (_, zone)| all ^ zone.version));
            }
            candidates.sort_unstable_by_key(|(index, zone)| (*index, zone.id));
            for (index, zone) in &candidates {
                let (from, to) = ways[*index];
                if let Some(crossing) = crossing(zone, from, to) {
                    f(batch * BATCH + index, crossing);
                }
            }
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

    /// A wearer's own zones: circles, then polygons, each by id.
    pub fn own_zones(&self, wearer: WearerId) -> &[Arc<Zone>] {
        self.own.get(wearer).map(OwnBlock::zones).unwrap_or_default()
    }

    /// The signed distance to each of [`Self::own_zones`], metres; `distances` is cleared first.
    pub fn own_distances(&self, wearer: WearerId, position: Position, distances: &mut Vec<f64>) {
        distances.clear();
        if let Some(own) = self.own.get(wearer) {
            own_distances(own, &Frame::at(position.lat_e7()), position, distances);
        }
    }

    /// How far the wearer may move, with fixes at least as accurate, without any zone's boundary or buffer coming into
    /// doubt. [`Self::standing`] tells what later fixes say. A wearer whose groups change needs a new one.
    pub fn calm(&self, wearer: WearerId, groups: &[GroupId], position: Position, accuracy_m: f64) -> Calm {
        let frame = Frame::at(position.lat_e7());
        let reach_m = SIGMAS_MAX * sigma_m(accuracy_m);
        let own = self.own.get(wearer);
        let surroundings = own.map_or(Surroundings::NONE, |own| own.surroundings(&frame, position, reach_m));
        let shared_m = (!groups.is_empty()).then(|| self.calm_shared_m(groups, &frame, position, reach_m));
        let mut calm = Calm::around(position, &frame, accuracy_m, &surroundings, shared_m);
        calm.generation = self.generation;
        calm.own_stamp = own.map_or(0, OwnBlock::stamp);
        calm.grid_stamp = shared_m.is_some().then_some(self.grid.stamp());
        calm
    }

    fn calm_shared_m(&self, groups: &[GroupId], frame: &Frame, position: Position, reach_m: f64) -> f64 {
        let mut radius_m = CALM_SHARED_M;
        SCRATCH.with_borrow_mut(|(_, words)| {
            self.visit_shared(groups, position, reach_m + CALM_SHARED_M, words, |zone| {
                let distance = verdict_in(&zone.geometry, frame, position, 0.0).signed_distance.0;
                radius_m = radius_m.min(clearance_m(distance, zone.buffer.0, reach_m));
            });
        });
        radius_m
    }

    /// What a later fix of a wearer says, as far as that is sure without a look at any boundary. An edit of the wearer's
    /// own zones, or of any shared zone if those were looked at, makes it [`Standing::Unknown`].
    #[inline]
    pub fn standing(
        &self,
        wearer: WearerId,
        calm: &mut Calm,
        position: Position,
        accuracy_m: f64,
    ) -> Standing {
        if calm.generation != self.generation {
            let own_stamp = self.own.get(wearer).map_or(0, OwnBlock::stamp);
            if own_stamp != calm.own_stamp || calm.grid_stamp.is_some_and(|stamp| stamp != self.grid.stamp())
            {
                return Standing::Unknown;
            }
            calm.generation = self.generation;
        }
        calm.standing(position, accuracy_m)
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
            let block = zones.peek().is_some().then(|| OwnBlock::new(zones, next_stamp()));
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
