//! Whose a report is: by its own times where these can be true, else by its neighbours in the device's journal.
//!
//! A device may have been another's before or after. What it reported then is that person's, and no bundle about somebody else
//! may show it.

use crate::selection::Candidate;
use lenke_alerts::Carriers;
use lenke_wire::{
    UnixMillis,
    codec::{Payload, decode},
};
use lenke_zones::WearerId;

/// The times that a report speaks of; none if it has none or cannot be read.
pub(crate) fn times(inner: &[u8]) -> Vec<UnixMillis> {
    match decode(inner) {
        Ok(Payload::Fixes(fixes)) => fixes.iter().map(|fix| fix.at).collect(),
        Ok(Payload::Sightings(sightings)) => sightings.iter().map(|sighting| sighting.at).collect(),
        Ok(Payload::Event(event)) => vec![event.at],
        Ok(Payload::Health(health)) => vec![health.at],
        Ok(Payload::Receipt(receipt)) => vec![receipt.at],
        Ok(Payload::Checkpoint(_) | Payload::Later(_)) | Err(_) => Vec::new(),
    }
}

/// The first and the last of the times, if there are any and they can be true.
pub(crate) fn span(
    times: &[UnixMillis],
    carriers: &Carriers,
    received_at: UnixMillis,
) -> Option<(UnixMillis, UnixMillis)> {
    let (first, last) = (*times.iter().min()?, *times.iter().max()?);
    carriers.wrong_time(first, last, received_at).is_none().then_some((first, last))
}

/// Of each frame of one epoch, in order of its number, whether it is this wearer's to disclose.
///
/// A frame with one time that is another's, or nobody's, is not. A frame without a time that can be true is, if its
/// neighbours are: a checkpoint if one of them is, for it says nothing of anybody, the others if both are.
pub(crate) fn owned(frames: &[&Candidate], carriers: &Carriers, wearer: WearerId) -> Vec<bool> {
    let by_time = |frame: &&Candidate| {
        let times = times(&frame.inner);
        span(&times, carriers, frame.received_at)?;
        Some(times.iter().all(|at| carriers.wearer_at(*at) == Some(wearer)))
    };
    let told: Vec<Option<bool>> = frames.iter().map(by_time).collect();
    let mut before: Vec<Option<bool>> = Vec::with_capacity(told.len());
    let mut last = None;
    for owned in &told {
        before.push(last);
        last = owned.or(last);
    }
    let mut next = None;
    let mut all: Vec<bool> = Vec::with_capacity(told.len());
    for ((frame, owned), before) in frames.iter().zip(&told).zip(before).rev() {
        let beside = [before, next];
        all.push(owned.unwrap_or_else(|| {
            let any = beside.contains(&Some(true));
            any && (is_checkpoint(&frame.inner) || !beside.contains(&Some(false)))
        }));
        next = owned.or(next);
    }
    all.reverse();
    all
}

pub(crate) fn is_checkpoint(inner: &[u8]) -> bool {
    matches!(decode(inner), Ok(Payload::Checkpoint(_)))
}
