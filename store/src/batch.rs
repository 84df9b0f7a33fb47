//! What every store does with a batch before it writes: which frames are new, and the order of the rows.

use crate::{Batch, DeviceLast, SeqRanges, Stored};
use lenke_wire::{DeviceId, Epoch, FrameId, UnixMillis};
use std::collections::{BTreeMap, btree_map::Entry};

/// Committed sets by device and epoch.
pub(crate) type Ranges = BTreeMap<(DeviceId, Epoch), SeqRanges>;

/// Where a row comes from, which is also what it is sorted by, after what the table's key begins with.
pub(crate) type Key = (i64, DeviceId, i64, FrameId, u16);

/// Every device and epoch that the batch names, with empty sets.
pub(crate) fn named(batch: &Batch) -> Ranges {
    let rows = batch.fixes.iter().map(|row| (row.device, row.frame));
    rows.chain(batch.committed.iter().copied())
        .chain(batch.sightings.iter().map(|row| (row.device, row.frame)))
        .chain(batch.events.iter().map(|row| (row.device, row.frame)))
        .chain(batch.health.iter().map(|row| (row.device, row.frame)))
        .chain(batch.frames.iter().map(|row| (row.device, row.frame)))
        .map(|(device, frame)| ((device, frame.epoch), SeqRanges::default()))
        .collect()
}

/// Whether the frame was not committed before.
pub(crate) fn is_fresh(before: &Ranges, device: DeviceId, frame: FrameId) -> bool {
    before.get(&(device, frame.epoch)).is_none_or(|ranges| !ranges.contains(frame.seq))
}

/// The sets that `frames` change, and how many of them are new.
pub(crate) fn merged(before: &Ranges, frames: &[(DeviceId, FrameId)]) -> (Ranges, Stored) {
    let mut after = Ranges::new();
    let mut stored = Stored::default();
    for &(device, frame) in frames {
        let key = (device, frame.epoch);
        let ranges = after.entry(key).or_insert_with(|| before.get(&key).cloned().unwrap_or_default());
        if ranges.insert(frame.seq) {
            stored.frames += 1;
        } else {
            stored.duplicate_frames += 1;
        }
    }
    (after, stored)
}

/// The key of a row at `at`, in a table whose key begins with `leading`.
pub(crate) fn key(leading: i64, at: UnixMillis, device: DeviceId, frame: FrameId, index: u16) -> Key {
    (leading, device, at.0, frame, index)
}

/// The fresh rows in the order of their keys, each key once.
pub(crate) fn sorted<'a, T>(rows: &'a [T], key: impl Fn(&T) -> Key, before: &Ranges) -> Vec<&'a T> {
    let mut kept: Vec<(Key, &T)> = rows
        .iter()
        .map(|row| (key(row), row))
        .filter(|((_, device, _, frame, _), _)| is_fresh(before, *device, *frame))
        .collect();
    kept.sort_by_key(|(key, _)| *key);
    kept.dedup_by_key(|(key, _)| *key);
    kept.into_iter().map(|(_, row)| row).collect()
}

/// The devices of `news`, each once, in order.
pub(crate) fn devices(news: &[DeviceLast]) -> Vec<DeviceId> {
    let mut devices: Vec<_> = news.iter().map(|last| last.device).collect();
    devices.sort_unstable();
    devices.dedup();
    devices
}

/// `news` merged into what is `known`.
pub(crate) fn merge_last(mut known: BTreeMap<DeviceId, DeviceLast>, news: &[DeviceLast]) -> Vec<DeviceLast> {
    for last in news {
        match known.entry(last.device) {
            Entry::Occupied(mut known) => known.get_mut().merge(last.clone()),
            Entry::Vacant(place) => {
                place.insert(last.clone());
            }
        }
    }
    known.into_values().collect()
}
