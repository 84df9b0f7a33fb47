//! Which frames of a device belong into a bundle: those that speak of the interval, and around them what closes the chain
//! from one signed head to the next.

use lenke_wire::{
    FrameId, UnixMillis,
    codec::{Payload, decode},
};
use std::collections::BTreeMap;

/// A frame that may belong into the bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its number.
    pub frame: FrameId,
    /// When the centre took it.
    pub received_at: UnixMillis,
    /// The report.
    pub inner: Vec<u8>,
}

/// Numbers of the frames that speak of [`from`, `to`), and from the last checkpoint before them (or the epoch's first frame) to the
/// first checkpoint after them; by epoch, the first and the last.
pub fn select(candidates: &[Candidate], from: UnixMillis, to: UnixMillis) -> BTreeMap<u32, (u32, u32)> {
    let mut ranges = BTreeMap::new();
    let mut epochs: BTreeMap<u32, Vec<&Candidate>> = BTreeMap::new();
    for candidate in candidates {
        epochs.entry(candidate.frame.epoch.0).or_default().push(candidate);
    }
    for (epoch, frames) in epochs {
        let seqs = |wanted: &dyn Fn(&Candidate) -> bool| -> Vec<u32> {
            frames.iter().filter(|frame| wanted(frame)).map(|frame| frame.frame.seq.0).collect()
        };
        let wanted = seqs(&|frame| speaks_of(&frame.inner, from, to));
        let (Some(&first), Some(&last)) = (wanted.iter().min(), wanted.iter().max()) else { continue };
        let checkpoints = seqs(&|frame| matches!(decode(&frame.inner), Ok(Payload::Checkpoint(_))));
        let begin = checkpoints.iter().filter(|seq| **seq < first).max().copied().unwrap_or(0);
        let end = checkpoints.iter().filter(|seq| **seq > last).min().copied().unwrap_or(last);
        ranges.insert(epoch, (begin, end));
    }
    ranges
}

/// A report with a time in [`from`, `to`).
fn speaks_of(inner: &[u8], from: UnixMillis, to: UnixMillis) -> bool {
    let within = |at: UnixMillis| from <= at && at < to;
    match decode(inner) {
        Ok(Payload::Fixes(fixes)) => fixes.iter().any(|fix| within(fix.at)),
        Ok(Payload::Sightings(sightings)) => sightings.iter().any(|sighting| within(sighting.at)),
        Ok(Payload::Event(event)) => within(event.at),
        Ok(Payload::Health(health)) => within(health.at),
        Ok(Payload::Receipt(receipt)) => within(receipt.at),
        Ok(Payload::Checkpoint(_) | Payload::Later(_)) | Err(_) => false,
    }
}
