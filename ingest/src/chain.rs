//! Follows the hash chain of a device's frames, in whatever order they come.
//!
//! A follower holds the head after the last frame before the first gap. A frame that closes the gap moves the head on, and
//! with it every frame that waited behind. At a checkpoint the device's own head must be the same; whether the
//! checkpoint's signature is the device's is verified elsewhere.
//!
//! | what comes | what becomes of it |
//! |---|---|
//! | the next frame | the head moves on |
//! | a frame beyond a gap | waits, up to [`WAITING_FRAMES_MAX`] frames and [`WAITING_BYTES_MAX`] bytes a device |
//! | more than may wait | the gap of the epoch with the most is passed over: the follower takes the first checkpoint that waits as its new beginning, and remembers how many frames are missing |
//! | a checkpoint with another head | [`Break::Mismatch`]; the checkpoint's head is followed from there |
//! | a gap, passed over or not, in any epoch that is followed, does not close within [`GAP_S_MAX`] | [`Break::Gap`], once; what waits behind it is passed over |
//!
//! Invariants: state is bounded; what is written and read back goes on as if nothing had happened. Evaluation never waits for this.
//! Left to others: frames that were passed over, and epochs no longer followed, are checked when evidence is exported and verified.

mod state;

use lenke_wire::{
    Checkpoint, DeviceId, Epoch, FrameId, UnixMillis,
    chain::Chain,
    codec::{Payload, decode},
};
use std::collections::BTreeMap;

/// Frames of one device that wait behind gaps.
pub const WAITING_FRAMES_MAX: usize = 64;
/// Bytes of the reports in them.
pub const WAITING_BYTES_MAX: usize = 16 << 10;
/// Epochs of one device that are followed: a backlog may reach back over resets. The oldest give way.
pub const EPOCHS_MAX: usize = 4;
/// A gap that stays open for so long while later frames are there is a break, seconds.
pub const GAP_S_MAX: i64 = 86_400;

/// Why a chain does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Break {
    /// What the device signed as the head up to this checkpoint is not the head of the frames that came.
    Mismatch(FrameId),
    /// This frame and perhaps more never came, though later ones did.
    Gap(FrameId),
}

/// One device's chains.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chains {
    epochs: BTreeMap<Epoch, Follower>,
    /// Frames that no checkpoint was compared with, because a gap was passed over.
    passed_over: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Follower {
    /// Number of the next frame.
    next: u64,
    /// Head before it; none after a gap was passed over, until a checkpoint gives one.
    head: Option<Chain>,
    /// Reports of frames beyond the gap.
    waiting: BTreeMap<u32, Vec<u8>>,
    /// Since when they wait.
    since: UnixMillis,
    /// What is missing of the gaps that were passed over.
    missing: Option<Missing>,
}

/// Frames before the next one that have not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Missing {
    /// The first of them, when it was passed over.
    first: u64,
    count: u64,
    since: UnixMillis,
}

impl Chains {
    /// Takes a frame that was never seen before, with its inner bytes.
    pub fn handle_frame(
        &mut self,
        device: DeviceId,
        frame: FrameId,
        inner: &[u8],
        now: UnixMillis,
    ) -> Vec<Break> {
        while !self.epochs.contains_key(&frame.epoch) && self.epochs.len() >= EPOCHS_MAX {
            let Some((&oldest, _)) = self.epochs.first_key_value() else { break };
            if oldest > frame.epoch {
                self.passed_over += 1;
                return Vec::new();
            }
            let given_up = self.epochs.pop_first().map_or(0, |(_, follower)| follower.waiting.len() as u64);
            self.passed_over += given_up;
        }
        let follower = self.epochs.entry(frame.epoch).or_insert_with(|| Follower {
            next: 0,
            head: Some(Chain::start(device, frame.epoch)),
            waiting: BTreeMap::new(),
            since: now,
            missing: None,
        });
        let mut breaks = Vec::new();
        follower.take(frame, inner, now, &mut breaks);
        for (epoch, follower) in &mut self.epochs {
            self.passed_over += follower.tell_overdue(*epoch, now, &mut breaks);
        }
        while self.is_over() {
            let fullest = self.epochs.iter_mut().max_by_key(|(_, follower)| follower.waiting.len());
            let Some((epoch, follower)) = fullest else { break };
            self.passed_over += follower.pass_over(*epoch, now, &mut breaks);
        }
        breaks
    }

    /// Frames that were never compared with a checkpoint.
    pub const fn passed_over(&self) -> u64 {
        self.passed_over
    }

    /// The head after all frames of `epoch` before the first gap, and the number of the frame that is missing there.
    pub fn head(&self, epoch: Epoch) -> Option<(u64, Chain)> {
        self.epochs.get(&epoch).and_then(|follower| Some((follower.next, follower.head?)))
    }

    fn is_over(&self) -> bool {
        let waiting = || self.epochs.values().flat_map(|follower| follower.waiting.values());
        waiting().count() > WAITING_FRAMES_MAX || waiting().map(Vec::len).sum::<usize>() > WAITING_BYTES_MAX
    }
}

impl Follower {
    /// Takes a frame of this epoch: moves on, or lets it wait.
    fn take(&mut self, frame: FrameId, inner: &[u8], now: UnixMillis, breaks: &mut Vec<Break>) {
        let seq = u64::from(frame.seq.0);
        if seq < self.next {
            self.missing = self.missing.and_then(|missing| {
                Some(Missing { count: missing.count.checked_sub(1).filter(|left| *left > 0)?, ..missing })
            });
            return;
        }
        if self.waiting.is_empty() {
            self.since = now;
            if seq == self.next {
                self.step(frame.epoch, inner, breaks);
                return;
            }
        }
        self.waiting.insert(frame.seq.0, inner.to_vec());
        self.drain(frame.epoch, now, breaks);
    }

    /// Tells of gaps that stayed open for too long, and gives them up. Answers how many frames were passed over.
    fn tell_overdue(&mut self, epoch: Epoch, now: UnixMillis, breaks: &mut Vec<Break>) -> u64 {
        let is_overdue = |since| now.since_ms(since) > GAP_S_MAX * 1000;
        if let Some(missing) = self.missing
            && is_overdue(missing.since)
        {
            breaks.push(Break::Gap(FrameId::new(epoch.0, missing.first as u32)));
            self.missing = None;
        }
        if self.waiting.is_empty() || !is_overdue(self.since) {
            return 0;
        }
        breaks.push(Break::Gap(FrameId::new(epoch.0, self.next as u32)));
        let before = self.missing;
        let passed_over = self.pass_over(epoch, now, breaks);
        // It has been told.
        self.missing = before;
        passed_over
    }

    /// Gives the gap up: goes on from the first checkpoint that waits, or waits for one. Answers how many frames were passed over.
    fn pass_over(&mut self, epoch: Epoch, now: UnixMillis, breaks: &mut Vec<Break>) -> u64 {
        let first = self.next;
        let mut passed_over = 0;
        self.head = None;
        while let Some((&seq, inner)) = self.waiting.first_key_value() {
            if checkpoint(inner).is_some() {
                self.next = u64::from(seq);
                break;
            }
            self.next = u64::from(seq) + 1;
            self.waiting.pop_first();
            passed_over += 1;
        }
        let more = self.next - first - passed_over;
        let missing = self.missing.unwrap_or(Missing { first, count: 0, since: self.since });
        self.missing =
            Some(Missing { count: missing.count + more, ..missing }).filter(|missing| missing.count > 0);
        self.drain(epoch, now, breaks);
        passed_over
    }

    /// Moves the head over every frame that is next.
    fn drain(&mut self, epoch: Epoch, now: UnixMillis, breaks: &mut Vec<Break>) {
        while let Some((&seq, _)) = self.waiting.first_key_value()
            && u64::from(seq) == self.next
            && let Some((_, inner)) = self.waiting.pop_first()
        {
            self.step(epoch, &inner, breaks);
            self.since = now;
        }
    }

    /// Moves the head over the next frame.
    fn step(&mut self, epoch: Epoch, inner: &[u8], breaks: &mut Vec<Break>) {
        if let Some(Checkpoint { covers, chain, .. }) = checkpoint(inner) {
            let covers_last = covers.epoch == epoch && u64::from(covers.seq.0) + 1 == self.next;
            let same = self.head.is_none_or(|head| *head.bytes() == chain);
            if !(covers_last && same) {
                breaks.push(Break::Mismatch(FrameId::new(epoch.0, self.next as u32)));
            }
            self.head = Some(Chain::from_bytes(chain));
        }
        self.head = self.head.map(|head| head.advance(inner));
        self.next += 1;
    }
}

/// The checkpoint that the report is, if it is one; nearly all others are told by their first bytes.
fn checkpoint(inner: &[u8]) -> Option<Checkpoint> {
    const VERSION_AND_KIND: &[u8] = &[0, 1, 1, 5];
    if inner.get(1..5) != Some(VERSION_AND_KIND) {
        return None;
    }
    match decode(inner) {
        Ok(Payload::Checkpoint(checkpoint)) => Some(checkpoint),
        Ok(_) | Err(_) => None,
    }
}

#[cfg(test)]
mod tests;
