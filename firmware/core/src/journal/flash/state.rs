//! What the journal itself must remember: the epoch, and what the centre has; one CBOR map.
//!
//! | key | value |
//! |---|---|
//! | 0 | epoch of the last boot |
//! | 1 | floor: \[epoch, seq]: every frame below is released |
//! | 2 | marks: \[epoch, seq, epoch, seq, ...]: frames of that epoch up to seq are released |
//!
//! Unknown keys are skipped: an older firmware reads what a newer one wrote.

use lenke_wire::FrameId;
use minicbor::{
    Decoder, Encoder, decode,
    encode::{
        self,
        write::{Cursor, EndOfSlice},
    },
};

/// Epochs that can be released in part at one time. When more are, the newest wait until older ones are done.
pub const MARKS_MAX: usize = 32;

/// An encoded state is at most this long.
pub(super) const STATE_BYTES_MAX: usize = 384;

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

    /// If there is no room for a mark of this epoch, forgets the one of the newest epoch, if that is newer, and returns it.
    pub(super) fn make_room(&mut self, through: FrameId) -> Option<FrameId> {
        if self.slot(through).is_some() {
            return None;
        }
        let newest = self.marks.iter_mut().max()?;
        newest.take_if(|mark| mark.epoch > through.epoch)
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

    pub(super) fn encode(&self, out: &mut [u8]) -> Option<usize> {
        let mut writer = Encoder::new(Cursor::new(out));
        self.write(&mut writer).ok()?;
        Some(writer.writer().position())
    }

    fn write(&self, writer: &mut Encoder<Cursor<&mut [u8]>>) -> Result<(), encode::Error<EndOfSlice>> {
        writer.map(3)?.u8(0)?.u32(self.epoch)?;
        writer.u8(1)?.array(2)?.u32(self.floor.epoch.0)?.u32(self.floor.seq.0)?;
        let marks = self.marks.iter().flatten();
        writer.u8(2)?.array(2 * marks.clone().count() as u64)?;
        for mark in marks {
            writer.u32(mark.epoch.0)?.u32(mark.seq.0)?;
        }
        Ok(())
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        Self::parse(&mut Decoder::new(bytes)).ok()
    }

    fn parse(reader: &mut Decoder<'_>) -> Result<Self, decode::Error> {
        let mut state = Self::default();
        for _ in 0..count(reader.map()?)? {
            match reader.u8()? {
                0 => state.epoch = reader.u32()?,
                1 => state.floor = pair(reader)?,
                2 => {
                    let marks = count(reader.array()?)? / 2;
                    for index in 0..marks {
                        let mark = FrameId::new(reader.u32()?, reader.u32()?);
                        *state.marks.get_mut(index as usize).ok_or_else(invalid)? = Some(mark);
                    }
                }
                _ => reader.skip()?,
            }
        }
        Ok(state)
    }
}

fn pair(reader: &mut Decoder<'_>) -> Result<FrameId, decode::Error> {
    if count(reader.array()?)? != 2 {
        return Err(invalid());
    }
    Ok(FrameId::new(reader.u32()?, reader.u32()?))
}

/// Only what was written here is read: nothing of indefinite length.
fn count(length: Option<u64>) -> Result<u64, decode::Error> {
    length.ok_or_else(invalid)
}

fn invalid() -> decode::Error {
    decode::Error::message("not a state")
}
