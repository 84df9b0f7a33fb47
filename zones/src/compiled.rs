//! Zones compiled for reading: what evaluation asks for each fix, without a tree.
//!
//! | zones | form |
//! |---|---|
//! | shared | a grid: pages of tiles of cells; a cell lists the zones that hold it whole, those whose boundary runs through it with just the edges that matter there, and those that come near |
//! | personal | one block a wearer, all its shapes one after the other |
//!
//! Invariant: [`Compiled::meet`] and [`Compiled::cross`] answer exactly as the [`ZoneIndex`] they are compiled from.
//! A copy is cheap and shares what an edit does not touch: that is how [`crate::live`] publishes edits.

mod grid;
mod own;
mod squares;
mod tile;

use crate::{
    Assignment, Bounds, Crossing, GroupId, Meeting, WearerId, Zone, ZoneIndex,
    crossing::{Waypoint, crossing},
    earth::{Frame, distance_in_m},
    geometry::Geometry,
    verdict::{SIGMAS_MAX, sigma_m, verdict_at, verdict_in},
};
use grid::{Grid, GridWriter, Mask};
use lenke_wire::Position;
use own::OwnBlock;
use squares::Spot;
use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
    sync::Arc,
};
use tile::{CellList, REACH_M, touch};

/// Wearers are spread over so many maps; an edit copies one of them.
const SHARDS: usize = 1 << 10;

/// Places whose cells are fetched together.
const BATCH: usize = 32;

type Shard = HashMap<WearerId, Arc<OwnBlock>, BuildHasherDefault<Spread>>;

/// All zones of an index, for reading.
#[derive(Clone, Debug)]
pub struct Compiled {
    grid: Grid,
    own: Vec<Arc<Shard>>,
}

/// A shared zone in one [`Compiled`]; the next edit may give the number to another zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SharedZone(u32);

/// What a fix says of a wearer, as long as the wearer does not move far: see [`Compiled::calm`].
#[derive(Clone, Copy, Debug)]
pub struct Calm {
    centre: Position,
    frame: Frame,
    radius_m: f64,
    accuracy_m: f64,
}

impl Calm {
    /// Whether a later fix cannot have changed on which side of any boundary or buffer the wearer surely is.
    pub fn covers(&self, position: Position, accuracy_m: f64) -> bool {
        accuracy_m <= self.accuracy_m && distance_in_m(&self.frame, self.centre, position) < self.radius_m
    }

    /// How far the wearer may move, metres; 0 if not at all.
    pub const fn radius_m(&self) -> f64 {
        self.radius_m
    }
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
        if let Some(own) = self.own(wearer) {
            for (zone, distance) in own.zones().iter().zip(own.distances(&frame, position)) {
                if distance >= limit(zone) {
                    let verdict = verdict_at(&zone.geometry, &frame, position, distance, sigma);
                    meetings.push(Meeting { zone: Arc::clone(zone), verdict });
                }
            }
        }
        let mut visit = |zone: &Arc<Zone>| {
            let verdict = verdict_in(&zone.geometry, &frame, position, sigma);
            if verdict.signed_distance.0 >= limit(zone) {
                meetings.push(Meeting { zone: Arc::clone(zone), verdict });
            }
        };
        if !groups.is_empty() {
            self.visit_shared(groups, position, reach_m, &mut visit);
        }
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
        let own = self.own(wearer).map(OwnBlock::zones).unwrap_or_default();
        crossings.extend(own.iter().filter_map(|zone| crossing(zone, from, to)));
        if !groups.is_empty() {
            let (mask, mut words) = (self.grid.mask(groups), Vec::new());
            // A way with both ends outside crosses the zone's boundary.
            self.grid.words_bounding(&Bounds::of_way(from.0, to.0), &mut words);
            let zones = words.iter().filter(|word| self.grid.allows(&mask, **word));
            crossings.extend(zones.filter_map(|&word| crossing(self.grid.zone(word)?, from, to)));
        }
        crossings.sort_unstable_by_key(|crossing| crossing.zone.id);
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
            for (index, (&position, (spot, tile, _))) in positions.iter().zip(&fetched).enumerate() {
                let list = tile.and_then(|tile| CellList::read(tile, spot.cell()));
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
        let ask = |word: u32| self.grid.zone(word).is_some_and(|zone| contains(&zone.geometry, position));
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

    /// The signed distance to each of a wearer's own zones, metres, by the zones' ids; `distances` is cleared first.
    pub fn own_distances(&self, wearer: WearerId, position: Position, distances: &mut Vec<f64>) {
        distances.clear();
        if let Some(own) = self.own(wearer) {
            distances.extend(own.distances(&Frame::at(position.lat_e7()), position));
        }
    }

    /// How far the wearer may move, with fixes at least as accurate, without any zone's boundary or buffer coming into
    /// doubt: where [`Calm::covers`] a later fix, each zone is as surely left, in its buffer or inside as at this one.
    pub fn calm(&self, wearer: WearerId, groups: &[GroupId], position: Position, accuracy_m: f64) -> Calm {
        let frame = Frame::at(position.lat_e7());
        let reach_m = SIGMAS_MAX * sigma_m(accuracy_m);
        let mut radius_m = CALM_M_MAX;
        if let Some(own) = self.own(wearer) {
            for (zone, distance) in own.zones().iter().zip(own.distances(&frame, position)) {
                radius_m = radius_m.min(clearance_m(distance, zone.buffer.0, reach_m));
            }
        }
        if !groups.is_empty() {
            self.visit_shared(groups, position, reach_m + CALM_SHARED_M, &mut |zone| {
                let distance = verdict_in(&zone.geometry, &frame, position, 0.0).signed_distance.0;
                radius_m = radius_m.min(clearance_m(distance, zone.buffer.0, reach_m));
            });
            radius_m = radius_m.min(CALM_SHARED_M);
        }
        // Distances hold to 0.2 %.
        Calm { centre: position, frame, radius_m: (0.99 * radius_m - 0.1).max(0.0), accuracy_m }
    }

    /// Bytes of the shared zones' grid, their geometry not counted.
    pub fn grid_bytes(&self) -> usize {
        self.grid.bytes()
    }

    fn own(&self, wearer: WearerId) -> Option<&OwnBlock> {
        self.own[shard_of(wearer)].get(&wearer).map(Arc::as_ref)
    }

    /// Calls `f` once for each shared zone of these groups that may come within its buffer and `reach_m` of a place.
    fn visit_shared(
        &self,
        groups: &[GroupId],
        position: Position,
        reach_m: f64,
        f: &mut impl FnMut(&Arc<Zone>),
    ) {
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
            let mut words = Vec::new();
            self.grid.words_near(&Bounds::of(position).grown(reach_m - REACH_M), &mut words);
            words.into_iter().for_each(visit);
        }
    }
}

/// Nobody is told to be calm over a longer way: distances up to there are exact enough.
const CALM_M_MAX: f64 = 20_000.0;
/// The same where shared zones matter: as far as they are looked for.
const CALM_SHARED_M: f64 = 500.0;

/// How far a place at this signed distance is from any doubt about a zone's boundary or buffer, metres.
fn clearance_m(distance: f64, buffer_m: f64, reach_m: f64) -> f64 {
    if distance > reach_m {
        distance - reach_m
    } else if distance < -(buffer_m + reach_m) {
        -(buffer_m + reach_m) - distance
    } else if -buffer_m < distance && distance < -reach_m {
        (distance + buffer_m).min(-reach_m - distance)
    } else {
        0.0
    }
}

fn contains(geometry: &Geometry, position: Position) -> bool {
    match geometry {
        Geometry::Circle(circle) => circle.signed_distance_m(position) > 0.0,
        Geometry::Polygons(polygons) => polygons.contains(position),
    }
}

fn shard_of(wearer: WearerId) -> usize {
    (spread(wearer.0) >> 54) as usize % SHARDS
}

/// Fibonacci hashing (Knuth, TAOCP 6.4): ids are given by the register, not by an adversary.
const fn spread(value: u64) -> u64 {
    value.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Hashes one id.
#[derive(Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.0 = spread(self.0 ^ u64::from(byte)));
    }

    fn write_u64(&mut self, value: u64) {
        // The shard has used the upper bits; the map uses the lowest and the highest.
        self.0 = spread(value).rotate_left(20);
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
        let mut shards: Vec<Shard> = vec![Shard::default(); SHARDS];
        for (wearer, zones) in index.personal_zones() {
            shards[shard_of(wearer)].insert(wearer, Arc::new(OwnBlock::new(zones)));
        }
        let own = shards.into_iter().map(Arc::new).collect();
        (Self { grid: writer }, Compiled { grid, own })
    }

    /// Follows an insertion into the index.
    pub(crate) fn insert(&mut self, compiled: &mut Compiled, index: &ZoneIndex, zone: &Arc<Zone>) {
        match zone.assignment {
            Assignment::Personal(wearer) => rewrite_own(compiled, index, wearer),
            Assignment::Shared(_) => self.grid.insert(&mut compiled.grid, zone),
        }
    }

    /// Follows a removal from the index.
    pub(crate) fn remove(&mut self, compiled: &mut Compiled, index: &ZoneIndex, zone: &Arc<Zone>) {
        match zone.assignment {
            Assignment::Personal(wearer) => rewrite_own(compiled, index, wearer),
            Assignment::Shared(_) => self.grid.remove(&mut compiled.grid, zone),
        }
    }
}

fn rewrite_own(compiled: &mut Compiled, index: &ZoneIndex, wearer: WearerId) {
    let shard = Arc::make_mut(&mut compiled.own[shard_of(wearer)]);
    let block = OwnBlock::new(index.zones_of(wearer));
    if block.zones().is_empty() {
        shard.remove(&wearer);
    } else {
        shard.insert(wearer, Arc::new(block));
    }
}

#[cfg(test)]
mod tests;
