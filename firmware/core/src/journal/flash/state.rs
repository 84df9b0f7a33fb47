//! What the journal itself must remember: the epoch, and what the centre has.
//!
//! ```text
//! format 1 (1)  epoch of the last boot (4)  floor (8): every frame below is released
//! marks (8 each): frames of that epoch up to that number are released
//! ```
//! Frames as epoch and seq; numbers little-endian.

use lenke_wire::FrameId;

/// Epochs that can be released in part at one time. When more are, the newest wait until older ones are done.
pub const MARKS_MAX: usize = 32;

const FORMAT: u8 = 1;
const HEAD_BYTES: usize = 1 + 4 + MARK_BYTES;
const MARK_BYTES: usize = 8;

/// An encoded state is at most this long.
pub(super) const STATE_BYTES_MAX: usize = HEAD_BYTES + MARKS_MAX * MARK_BYTES;

#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct State {
    pub(super) epoch: u32,
    pub(super) floor: FrameId,
    /// Above the floor, one for an epoch.
    marks: [Option<FrameId>; MARKS_MAX],
}

impl State {
    pub(super) fn is_released(&self, id: FrameId) -> bool {
        id < self.floor || self.released_through(id).is_some()
    }

    /// The mark that releases a frame.
    pub(super) fn released_through(&self, id: FrameId) -> Option<FrameId> {
        self.marks.iter().flatten().copied().find(|mark| mark.epoch == id.epoch && id.seq <= mark.seq)
    }

    /// If there is no room for a mark of this epoch: the mark of the newest epoch, if that is newer.
    pub(super) fn in_the_way_of(&self, through: FrameId) -> Option<FrameId> {
        let has_room = |mark: &Option<FrameId>| mark.is_none_or(|mark| mark.epoch == through.epoch);
        if self.marks.iter().any(has_room) {
            return None;
        }
        self.marks.iter().copied().max().flatten().filter(|mark| mark.epoch > through.epoch)
    }

    /// Forgets a mark.
    pub(super) fn forget(&mut self, mark: FrameId) {
        if let Some(slot) = self.marks.iter_mut().find(|slot| **slot == Some(mark)) {
            *slot = None;
        }
    }

    /// Releases the frames of an epoch up to `through`; `false` if there is no room for another mark.
    pub(super) fn mark(&mut self, through: FrameId) -> bool {
        match self.slot(through) {
            Some(slot) => {
                *slot = (*slot).max(Some(through));
                true
            }
            None => false,
        }
    }

    fn slot(&mut self, through: FrameId) -> Option<&mut Option<FrameId>> {
        let of_epoch = |mark: &Option<FrameId>| mark.is_some_and(|mark| mark.epoch == through.epoch);
        let index =
            self.marks.iter().position(of_epoch).or_else(|| self.marks.iter().position(Option::is_none))?;
        self.marks.get_mut(index)
    }

    /// Moves the floor up.
    pub(super) fn raise(&mut self, floor: FrameId) {
        self.floor = self.floor.max(floor);
        for mark in &mut self.marks {
            mark.take_if(|mark| *mark < self.floor);
        }
    }

    /// Writes the state; returns the bytes in use.
    pub(super) fn encode<'o>(&self, out: &'o mut [u8; STATE_BYTES_MAX]) -> &'o [u8] {
        out[0] = FORMAT;
        out[1..5].copy_from_slice(&self.epoch.to_le_bytes());
        let mut length = 5;
        for frame in [&Some(self.floor)].into_iter().chain(&self.marks).flatten() {
            out[length..length + 4].copy_from_slice(&frame.epoch.0.to_le_bytes());
            out[length + 4..length + MARK_BYTES].copy_from_slice(&frame.seq.0.to_le_bytes());
            length += MARK_BYTES;
        }
        &out[..length]
    }

    /// Reads the state; `None` if the bytes are not one.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let (&[FORMAT, a, b, c, d], frames) = bytes.split_first_chunk()? else { return None };
        let (frames, rest) = frames.as_chunks::<MARK_BYTES>();
        let mut frames = frames.iter().map(|&[a, b, c, d, e, f, g, h]| {
            FrameId::new(u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]))
        });
        let mut state =
            Self { epoch: u32::from_le_bytes([a, b, c, d]), floor: frames.next()?, ..Self::default() };
        for mark in frames {
            *state.marks.iter_mut().find(|slot| slot.is_none())? = Some(mark);
        }
        rest.is_empty().then_some(state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_state_is_read_back_and_nothing_shorter_is() {
        let mut state = State { epoch: 70_000, floor: FrameId::new(3, 9), ..State::default() };
        for epoch in 4..4 + MARKS_MAX as u32 {
            assert!(state.mark(FrameId::new(epoch, 1_000 + epoch)));
        }
        let mut out = [0; STATE_BYTES_MAX];
        let bytes = state.encode(&mut out);
        assert_eq!(bytes.len(), STATE_BYTES_MAX);
        assert_eq!(State::decode(bytes), Some(state));
        assert_eq!(State::decode(&bytes[..HEAD_BYTES - 1]), None);
        assert_eq!(State::decode(&bytes[..HEAD_BYTES + 3]), None);
        assert_eq!(State::decode(b"\x02"), None);
    }
}
