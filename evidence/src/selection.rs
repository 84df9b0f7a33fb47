//! Which frames of a device belong into a bundle: the wearer's that speak of the interval, and around them what closes the chain
//! from one signed head to the next. Of what is not the wearer's, only the chain's head after it.

use crate::{
    owner::{is_checkpoint, owned, times},
    records::{WithheldRecord, hex},
};
use lenke_alerts::Carriers;
use lenke_wire::{
    DeviceId, Epoch, FrameId, UnixMillis,
    chain::Chain,
    codec::{Payload, decode},
};
use lenke_zones::WearerId;
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
};

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

/// Whose frames of which device are wanted.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The device.
    pub device: DeviceId,
    /// Who carried it when.
    pub carriers: &'a Carriers,
    /// The wearer whom the bundle is about.
    pub wearer: WearerId,
    /// First moment of interest.
    pub from: UnixMillis,
    /// First moment after.
    pub to: UnixMillis,
}

/// What of the candidates belongs into the bundle.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Numbers of the frames to disclose.
    pub disclosed: BTreeSet<FrameId>,
    /// What lies between them and is not the wearer's.
    pub withheld: Vec<WithheldRecord>,
}

/// The wearer's frames that speak of the interval, and from the last checkpoint before them (or the epoch's first frame) to the
/// first checkpoint after them.
pub fn select(candidates: &[Candidate], wanted: Wanted<'_>) -> Selection {
    let mut epochs: BTreeMap<u32, BTreeMap<u32, &Candidate>> = BTreeMap::new();
    for candidate in candidates {
        let FrameId { epoch, seq } = candidate.frame;
        epochs.entry(epoch.0).or_default().insert(seq.0, candidate);
    }
    let mut selection = Selection::default();
    for (epoch, frames) in epochs {
        let frames: Vec<_> = frames.into_values().collect();
        let owned = owned(&frames, wanted.carriers, wanted.wearer);
        if let Some(range) = range(&frames, &owned, wanted) {
            disclose(Epoch(epoch), &frames[range.clone()], &owned[range], wanted.device, &mut selection);
        }
    }
    selection
}

/// Which frames of an epoch.
fn range(frames: &[&Candidate], owned: &[bool], wanted: Wanted<'_>) -> Option<RangeInclusive<usize>> {
    let within = |at: &UnixMillis| wanted.from <= *at && *at < wanted.to;
    let speaks = |index: &usize| owned[*index] && times(&frames[*index].inner).iter().any(within);
    let first = (0..frames.len()).find(speaks)?;
    let last = (0..frames.len()).rfind(speaks)?;
    let closes = |index: &usize| is_checkpoint(&frames[*index].inner);
    let begin = (0..first).rfind(closes).unwrap_or(0);
    let end = (last + 1..frames.len()).find(closes).unwrap_or(last);
    // What follows the wearer's last frame, and is not the wearer's, proves nothing that is.
    let end = (last..=end).take_while(|index| owned[*index]).last().unwrap_or(last);
    Some(begin..=end)
}

/// Discloses what is the wearer's and tells, of each run that is not, the chain's head after it.
fn disclose(
    epoch: Epoch,
    frames: &[&Candidate],
    owned: &[bool],
    device: DeviceId,
    selection: &mut Selection,
) {
    let mut head: Option<Chain> = None;
    let mut expected = None;
    let mut run: Option<WithheldRecord> = None;
    for (frame, owned) in frames.iter().zip(owned) {
        let seq = frame.frame.seq.0;
        if seq == 0 {
            head = Some(Chain::start(device, epoch));
        } else if expected != Some(seq) {
            selection.withheld.extend(run.take());
            head = None;
        }
        if let (None, Ok(Payload::Checkpoint(checkpoint))) = (head, decode(&frame.inner)) {
            head = Some(Chain::from_bytes(checkpoint.chain));
        }
        head = head.map(|head| head.advance(&frame.inner));
        expected = seq.checked_add(1);
        if *owned {
            selection.withheld.extend(run.take());
            selection.disclosed.insert(frame.frame);
        } else if let Some(head) = head {
            let first = run.as_ref().map_or(seq, |run| run.first);
            let (device, after) = (device.number(), hex(head.bytes()));
            run = Some(WithheldRecord { device, epoch: epoch.0, first, last: seq, after });
        }
    }
    selection.withheld.extend(run);
}
