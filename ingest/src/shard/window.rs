//! Which frames of a device have been taken in: a repeat changes nothing, and other bytes under a known number are
//! told apart from it.

use lenke_store::SeqRanges;
use lenke_wire::{Epoch, FrameId};
use std::collections::{BTreeMap, VecDeque};

/// Bytes at the end of a frame that stand for all of it: its authentication tag.
const DIGEST_BYTES: usize = 16;
/// Frames of a device whose digests are kept.
pub(super) const DIGESTS_MAX: usize = 64;
/// Epochs of a device that are kept; of more, the store still drops the repeats.
const EPOCHS_MAX: usize = 1024;

/// One device's frames.
#[derive(Debug, Default)]
pub(super) struct Window {
    taken: BTreeMap<Epoch, SeqRanges>,
    recent: VecDeque<(FrameId, [u8; DIGEST_BYTES])>,
}

/// What a frame is to the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// Never seen; it is now.
    New,
    /// Taken in before.
    Repeat,
    /// Its number was taken in with other bytes.
    Conflict,
}

impl Window {
    /// Frames that are in the store.
    pub(super) fn restore(&mut self, epoch: Epoch, ranges: SeqRanges) {
        self.taken.insert(epoch, ranges);
    }

    pub(super) fn take(&mut self, frame: FrameId, bytes: &[u8]) -> Seen {
        let digest = digest(bytes);
        let new = self.taken.entry(frame.epoch).or_default().insert(frame.seq);
        if !new {
            let known = self.recent.iter().rev().find(|(known, _)| *known == frame);
            return match known {
                Some((_, known)) if *known != digest => Seen::Conflict,
                Some(_) | None => Seen::Repeat,
            };
        }
        while self.taken.len() > EPOCHS_MAX {
            self.taken.pop_first();
        }
        if self.recent.len() >= DIGESTS_MAX {
            self.recent.pop_front();
        }
        self.recent.push_back((frame, digest));
        Seen::New
    }
}

/// The frame is authentic, so its tag vouches for every byte of it.
fn digest(bytes: &[u8]) -> [u8; DIGEST_BYTES] {
    bytes.last_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeat_is_told_from_other_bytes_under_the_same_number() {
        let mut window = Window::default();
        let frame = FrameId::new(1, 0);
        assert_eq!(window.take(frame, &[1; 40]), Seen::New);
        assert_eq!(window.take(frame, &[1; 40]), Seen::Repeat);
        assert_eq!(window.take(frame, &[2; 40]), Seen::Conflict);
        assert_eq!(window.take(frame, &[1; 40]), Seen::Repeat, "a conflict never overwrites");
        assert_eq!(window.take(FrameId::new(2, 0), &[3; 40]), Seen::New, "a new epoch counts anew");
    }

    #[test]
    fn what_the_store_holds_is_a_repeat() {
        let mut window = Window::default();
        let mut ranges = SeqRanges::default();
        ranges.insert(lenke_wire::Seq(7));
        window.restore(Epoch(3), ranges);
        assert_eq!(window.take(FrameId::new(3, 7), &[1; 40]), Seen::Repeat);
        assert_eq!(window.take(FrameId::new(3, 6), &[1; 40]), Seen::New);
    }

    #[test]
    fn digests_are_bounded() {
        let mut window = Window::default();
        for seq in 0..1000 {
            window.take(FrameId::new(1, seq), &[1; 40]);
        }
        assert_eq!(window.recent.len(), DIGESTS_MAX);
        assert_eq!(window.take(FrameId::new(1, 0), &[1; 40]), Seen::Repeat);
    }
}
