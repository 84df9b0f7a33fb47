//! A wearer's own zones at hand, for who judges the wearer's fixes one after the other.

use super::{Calm, Compiled, SEARCHES, calm::Surroundings, own::OwnBlock};
use crate::{
    WearerId, Zone,
    earth::Frame,
    verdict::{SIGMAS_MAX, sigma_m},
};
use lenke_wire::Position;
use std::sync::Arc;

/// Wearers whose blocks are fetched together.
const BATCH: usize = 16;

/// A wearer's own zones as they were in one [`Compiled`]: [`Self::renew`] follows edits. Asking it spares the search for
/// the wearer.
#[derive(Clone, Debug)]
pub struct OwnZones {
    wearer: WearerId,
    generation: u64,
    block: Option<OwnBlock>,
}

impl Compiled {
    /// A wearer's own zones, to be kept at hand.
    pub fn own(&self, wearer: WearerId) -> OwnZones {
        OwnZones { wearer, generation: self.generation, block: self.own.get(wearer).cloned() }
    }
}

impl OwnZones {
    /// Looks the zones up again if they may have been edited since.
    #[inline]
    pub fn renew(&mut self, compiled: &Compiled) {
        if self.generation != compiled.generation {
            *self = compiled.own(self.wearer);
        }
    }

    /// Circles, then polygons, each by id.
    pub fn zones(&self) -> &[Arc<Zone>] {
        self.block.as_ref().map(OwnBlock::zones).unwrap_or_default()
    }

    /// The signed distance to each of [`Self::zones`], metres; `distances` is cleared first.
    pub fn distances(&self, position: Position, distances: &mut Vec<f64>) {
        distances.clear();
        if let Some(own) = &self.block {
            own_distances(own, &Frame::at(position.lat_e7()), position, distances);
        }
    }

    /// The same for a fix each of several wearers, with the fix's index: faster, since what they need is fetched together.
    pub fn distances_each<'a>(
        fixes: impl IntoIterator<Item = (&'a Self, Position)>,
        mut f: impl FnMut(usize, &[f64]),
    ) {
        let mut fixes = fixes.into_iter().enumerate().peekable();
        let mut batch: Vec<(usize, &Self, Frame, Position)> = Vec::with_capacity(BATCH);
        let (mut searches, mut circles, mut distances) = (Vec::new(), Vec::new(), Vec::new());
        while fixes.peek().is_some() {
            batch.clear();
            searches.clear();
            circles.clear();
            let framed = |(index, (own, position)): (usize, (&'a Self, Position))| {
                (index, own, Frame::at(position.lat_e7()), position)
            };
            batch.extend(fixes.by_ref().take(BATCH).map(framed));
            let blocks =
                || batch.iter().filter_map(|(_, own, frame, at)| Some((own.block.as_ref()?, frame, *at)));
            let mut touched = blocks().fold(0, |all, (own, ..)| all ^ own.touch());
            for (own, frame, position) in blocks() {
                touched ^= own.begin(frame, position, &mut searches, &mut circles);
            }
            std::hint::black_box(touched);
            let (mut circles, mut searches) = (circles.iter(), searches.iter());
            for (index, own, frame, position) in &batch {
                distances.clear();
                if let Some(own) = &own.block {
                    distances.extend(circles.by_ref().take(own.circle_count()));
                    own.end(frame, *position, &mut searches, &mut distances);
                }
                f(*index, &distances);
            }
        }
    }

    /// As [`Compiled::calm`], for a wearer whom no shared zone concerns.
    pub fn calm(&self, position: Position, accuracy_m: f64) -> Calm {
        let frame = Frame::at(position.lat_e7());
        let reach_m = SIGMAS_MAX * sigma_m(accuracy_m);
        let surroundings =
            self.block.as_ref().map_or(Surroundings::NONE, |own| own.surroundings(&frame, position, reach_m));
        let mut calm = Calm::around(position, &frame, accuracy_m, &surroundings, None);
        calm.generation = self.generation;
        calm.own_stamp = self.block.as_ref().map_or(0, OwnBlock::stamp);
        calm
    }
}

pub(super) fn own_distances(own: &OwnBlock, frame: &Frame, position: Position, distances: &mut Vec<f64>) {
    SEARCHES.with_borrow_mut(|searches| {
        searches.clear();
        std::hint::black_box(own.begin(frame, position, searches, distances));
        own.end(frame, position, &mut searches.iter(), distances);
    });
}
