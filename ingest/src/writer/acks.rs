//! How far each device's epochs are committed, and since when the device knows.

use crate::{downlink::Downlinks, registry::DeviceEntry};
use lenke_store::{Committed, SeqRanges};
use lenke_wire::{DeviceId, Epoch, FrameId, UnixMillis, downlink::Downlink};
use std::collections::{BTreeMap, HashMap};

/// A frame that comes again so long after its acknowledgement was put on the device's connection is a replay, seconds.
pub(crate) const REPLAY_AFTER_S: i64 = 3600;
/// Epochs whose acknowledgement a device is told when it connects.
const EPOCHS_TOLD: usize = 2;

/// What is committed, device by device.
#[derive(Debug, Default)]
pub(crate) struct Acks(HashMap<DeviceId, Book>);

#[derive(Debug, Default)]
struct Book {
    epochs: BTreeMap<Epoch, SeqRanges>,
    /// What the device was told more than [`REPLAY_AFTER_S`] ago, and when.
    settled: Option<(FrameId, UnixMillis)>,
    /// What it was told since, and when; renewed when it becomes `settled`.
    told: Option<(FrameId, UnixMillis)>,
}

impl Acks {
    pub(crate) fn restore(committed: &[Committed]) -> Self {
        let mut acks = Self::default();
        for Committed { device, epoch, ranges } in committed {
            acks.0.entry(*device).or_default().epochs.insert(*epoch, ranges.clone());
        }
        acks
    }

    pub(super) fn commit(&mut self, device: DeviceId, frame: FrameId) {
        self.0.entry(device).or_default().epochs.entry(frame.epoch).or_default().insert(frame.seq);
    }

    /// The last frame of `epoch` up to which none is missing.
    pub(super) fn through(&self, device: DeviceId, epoch: Epoch) -> Option<FrameId> {
        let seq = self.0.get(&device)?.epochs.get(&epoch)?.complete_through()?;
        Some(FrameId { epoch, seq })
    }

    /// What a device that connects has to know, older epochs first.
    pub(super) fn newest(&self, device: DeviceId) -> Vec<FrameId> {
        let Some(book) = self.0.get(&device) else { return Vec::new() };
        let newest = book.epochs.keys().rev().take(EPOCHS_TOLD);
        let mut through: Vec<_> = newest.filter_map(|epoch| self.through(device, *epoch)).collect();
        through.reverse();
        through
    }

    pub(super) fn send(
        &mut self,
        downlinks: &Downlinks,
        device: &DeviceEntry,
        through: FrameId,
        now: UnixMillis,
    ) {
        if !downlinks.send(device, &Downlink::Ack(through)) {
            return;
        }
        let book = self.0.entry(device.id).or_default();
        let settled = book.told.filter(|(_, at)| now.since_ms(*at) >= REPLAY_AFTER_S * 1000);
        if settled.is_some() {
            book.settled = settled;
        }
        if settled.is_some() || book.told.is_none() {
            book.told = Some((through, now));
        }
    }

    /// Whether the device was told of `frame` so long ago that it has no reason to send it again.
    pub(super) fn settled_long_ago(&self, device: DeviceId, frame: FrameId, now: UnixMillis) -> bool {
        let long_ago = |(through, at): (FrameId, UnixMillis)| {
            frame.epoch == through.epoch
                && frame.seq <= through.seq
                && now.since_ms(at) >= REPLAY_AFTER_S * 1000
        };
        self.0.get(&device).is_some_and(|book| book.settled.into_iter().chain(book.told).any(long_ago))
    }
}
