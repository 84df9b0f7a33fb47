//! A wearer's own zones at hand, for who judges the wearer's fixes one after the other: fixes that meet none of them are
//! passed over with a look at one line of memory.
//!
//! Invariant: [`OwnZones::meet`] and [`OwnZones::cross`] answer exactly as [`Compiled::meet`] and [`Compiled::cross`]. What
//! is passed over is known to meet nothing: it lies within a circle that no own zone or buffer reaches into, or outside a
//! box that holds them all. An edit of the wearer's zones ends both.

mod clear;

use super::{Compiled, own::OwnBlock};
use crate::{
    Crossing, GroupId, Meeting, WearerId, Zone,
    crossing::Waypoint,
    distance::Search,
    earth::Frame,
    wide::{self, Kernel},
};
use clear::Clear;
use lenke_wire::Position;
use std::{cell::RefCell, sync::Arc};

/// Wearers whose blocks are fetched together.
const BATCH: usize = 16;

/// A wearer's own zones as they were in one [`Compiled`], and how far from all of them the wearer was last. Asking it
/// spares the search for the wearer, and most fixes the look at the zones.
#[derive(Clone, Debug)]
#[repr(C, align(64))]
pub struct OwnZones {
    // What most fixes need comes first, in one line.
    clear: Clear,
    generation: u64,
    wearer: WearerId,
    block: Option<OwnBlock>,
}

impl Compiled {
    /// A wearer's own zones, to be kept at hand.
    pub fn own(&self, wearer: WearerId) -> OwnZones {
        let mut own = OwnZones::new(wearer);
        own.renew(self);
        own
    }
}

impl OwnZones {
    /// Of a wearer whose zones have not been looked up yet.
    pub fn new(wearer: WearerId) -> Self {
        Self { clear: Clear::NOTHING, generation: 0, wearer, block: None }
    }

    /// Whose they are.
    pub const fn wearer(&self) -> WearerId {
        self.wearer
    }

    /// Looks the zones up again if they may have been edited since.
    #[inline(always)]
    pub fn renew(&mut self, compiled: &Compiled) {
        if self.generation != compiled.generation {
            self.look_up(compiled);
        }
    }

    #[inline(never)]
    fn look_up(&mut self, compiled: &Compiled) {
        let block = compiled.own.get(self.wearer);
        if self.generation == 0 || block.map(OwnBlock::stamp) != self.block.as_ref().map(OwnBlock::stamp) {
            self.block = block.cloned();
            self.clear = Clear::away_from(self.block.as_ref());
        }
        self.generation = compiled.generation;
    }

    /// Circles, then polygons, each by id.
    pub fn zones(&self) -> &[Arc<Zone>] {
        self.block.as_ref().map(OwnBlock::zones).unwrap_or_default()
    }

    /// As [`Compiled::meet`]; remembers how far the wearer may go before any own zone matters.
    #[inline]
    pub fn meet(
        &mut self,
        compiled: &Compiled,
        groups: &[GroupId],
        position: Position,
        accuracy_m: f64,
        meetings: &mut Vec<Meeting>,
    ) {
        self.renew(compiled);
        if groups.is_empty() && self.clear.holds(position, accuracy_m) {
            meetings.clear();
        } else {
            self.judge(compiled, groups, position, accuracy_m, meetings);
        }
    }

    #[inline(never)]
    fn judge(
        &mut self,
        compiled: &Compiled,
        groups: &[GroupId],
        position: Position,
        accuracy_m: f64,
        meetings: &mut Vec<Meeting>,
    ) {
        let own = self.block.as_ref().filter(|_| !self.clear.holds(position, accuracy_m));
        let clear_m = compiled.meet_with(own, groups, position, accuracy_m, meetings);
        if let Some(clear_m) = clear_m {
            self.clear.move_to(position, clear_m);
        }
    }

    /// As [`Compiled::cross`].
    #[inline]
    pub fn cross(
        &mut self,
        compiled: &Compiled,
        groups: &[GroupId],
        from: Waypoint,
        to: Waypoint,
        crossings: &mut Vec<Crossing>,
    ) {
        self.renew(compiled);
        let own = self.block.as_ref().filter(|_| !self.clear.holds_way(from.0, to.0));
        if own.is_none() && groups.is_empty() {
            crossings.clear();
        } else {
            compiled.cross_with(own, groups, from, to, crossings);
        }
    }

    /// The signed distance to each of [`Self::zones`], metres; `distances` is cleared first.
    pub fn distances(&self, position: Position, distances: &mut Vec<f64>) {
        distances.clear();
        let measure = |room: &mut Room| {
            let batch = [(self.block.as_ref(), position)];
            wide::widest(Measure { batch: &batch, next: &[], room });
            distances.extend_from_slice(&room.distances);
        };
        ROOM.with_borrow_mut(measure);
    }

    /// The same for a fix each of several wearers, with the fix's index: faster, since what they need is fetched together.
    pub fn distances_each<'a>(
        fixes: impl IntoIterator<Item = (&'a Self, Position)>,
        mut f: impl FnMut(usize, &[f64]),
    ) {
        let mut fixes = fixes.into_iter().map(|(own, position)| (own.block.as_ref(), position));
        let mut room = Room::default();
        let (mut batch, mut next) = (Vec::with_capacity(BATCH), Vec::with_capacity(BATCH));
        batch.extend(fixes.by_ref().take(BATCH));
        batch.iter().filter_map(|(own, _)| *own).for_each(OwnBlock::fetch);
        let mut first = 0;
        while !batch.is_empty() {
            next.clear();
            next.extend(fixes.by_ref().take(BATCH));
            wide::widest(Measure { batch: &batch, next: &next, room: &mut room });
            let mut distances = &room.distances[..];
            for (index, (own, _)) in batch.iter().enumerate() {
                let (own, rest) = distances.split_at(own.map_or(0, |own| own.zones().len()));
                f(first + index, own);
                distances = rest;
            }
            first += batch.len();
            std::mem::swap(&mut batch, &mut next);
        }
    }
}

/// A wearer's zones and where the wearer is.
type Asked<'a> = (Option<&'a OwnBlock>, Position);

/// What measuring needs and leaves, kept so that nothing is allocated for a fix.
#[derive(Debug, Default)]
struct Room {
    frames: Vec<Frame>,
    searches: Vec<Search>,
    circles: Vec<f64>,
    /// All of the first asked, then all of the second, and so on.
    distances: Vec<f64>,
}

thread_local! {
    static ROOM: RefCell<Room> = RefCell::new(Room::default());
}

/// Measures all distances of a batch, while what the next one needs is on its way.
struct Measure<'a, 'b> {
    batch: &'b [Asked<'a>],
    next: &'b [Asked<'a>],
    room: &'b mut Room,
}

impl Kernel for Measure<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Room { frames, searches, circles, distances } = self.room;
        frames.clear();
        searches.clear();
        circles.clear();
        distances.clear();
        for (own, position) in self.batch {
            let frame = Frame::at(position.lat_e7());
            if let Some(own) = own {
                own.begin(&frame, *position, searches, circles);
            }
            frames.push(frame);
        }
        let (mut searches, mut circles) = (searches.iter(), &circles[..]);
        for (index, ((own, position), frame)) in self.batch.iter().zip(&*frames).enumerate() {
            // One at a time: the processor drops what it is asked to fetch in a burst.
            if let Some((Some(next), _)) = self.next.get(index) {
                next.fetch();
            }
            if let Some(own) = own {
                let (first, rest) = circles.split_at(own.circle_count());
                circles = rest;
                distances.extend_from_slice(first);
                own.end(frame, *position, &mut searches, distances);
            }
        }
    }
}
