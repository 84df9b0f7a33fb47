//! How far each device's epochs are committed, and since when the device knows.

use crate::{
    downlink::{Delivery, Downlinks},
    registry::DeviceEntry,
};
use lenke_store::{Committed, SeqRanges};
use lenke_wire::{DeviceId, Epoch, FrameId, UnixMillis, downlink::Downlink};
use std::collections::{BTreeMap, HashMap};

/// A frame that comes again on the connection that its acknowledgement was put on so long ago is a replay, seconds. A
/// device that connects anew may not have had it.
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
    settled: Option<Told>,
    /// What it was told since, and when; renewed when it becomes `settled`.
    told: Option<Told>,
}

/// An acknowledgement on a device's connection.
#[derive(Clone, Copy, Debug)]
struct Told {
    through: FrameId,
    at: UnixMillis,
    connection: u64,
}

impl Told {
    fn is_long_ago(self, now: UnixMillis) -> bool {
        now.since_ms(self.at) >= REPLAY_AFTER_S * 1000
    }
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
        let Delivery::Connection(connection) = downlinks.send(device, &Downlink::Ack(through)) else {
            return;
        };
        let book = self.0.entry(device.id).or_default();
        let told = book.told.filter(|told| told.connection == connection);
        if told.is_none_or(|told| told.is_long_ago(now)) {
            book.settled = told;
            book.told = Some(Told { through, at: now, connection });
        }
    }

    /// Whether the device was told of `frame` so long ago, on the connection that it still has, that it has no reason to
    /// send it again.
    pub(super) fn settled_long_ago(
        &self,
        device: DeviceId,
        frame: FrameId,
        connection: Option<u64>,
        now: UnixMillis,
    ) -> bool {
        let long_ago = |told: Told| {
            Some(told.connection) == connection
                && frame.epoch == told.through.epoch
                && frame.seq <= told.through.seq
                && told.is_long_ago(now)
        };
        self.0.get(&device).is_some_and(|book| book.settled.into_iter().chain(book.told).any(long_ago))
    }
}
