//! Frames until the centre has them.
//!
//! Two queues: events have their own, which nothing else can fill. A frame that was appended stays until [`Journal::release`]
//! names it: a full queue refuses what is new, it never overwrites.

pub mod flash;
mod ring;

pub use flash::FlashJournal;
pub use ring::Ring;

use lenke_wire::FrameId;

/// Which queue a frame waits in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Events, and the checkpoints that go with them.
    Alarms,
    /// Everything else.
    Records,
}

/// There is no room for the frame in this queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

impl core::fmt::Display for Full {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("the queue has no room for the frame")
    }
}

impl core::error::Error for Full {}

/// Storage of frames: flash on a board, RAM in a simulator.
///
/// Frames are appended with ascending ids. What `append` took must survive a power cut from its return on; a cut before leaves
/// the frame whole or not at all. What else must outlive a reset is kept by [`crate::storage::Config`].
pub trait Journal {
    /// Keeps a sealed frame.
    ///
    /// # Errors
    /// [`Full`]: nothing was changed.
    fn append(&mut self, class: Class, id: FrameId, frame: &[u8]) -> Result<(), Full>;

    /// Copies a frame into `out`, of which [`lenke_wire::codec::FRAME_BYTES_MAX`] bytes always suffice; returns its length.
    /// `None` if the frame was released, or never was.
    fn read(&self, id: FrameId, out: &mut [u8]) -> Option<usize>;

    /// The oldest frame of a queue whose id is at least `from`.
    fn first_from(&self, class: Class, from: FrameId) -> Option<FrameId>;

    /// The newest frame of a queue.
    fn newest(&self, class: Class) -> Option<FrameId>;

    /// Gives up every frame of `through`'s epoch up to and including it, in both queues; returns how many those were.
    fn release(&mut self, through: FrameId) -> u32;

    /// Frames kept, in both queues.
    fn count(&self) -> u32;

    /// How full a queue is, percent.
    fn fill_percent(&self, class: Class) -> u8;

    /// Times since the start that the storage failed, or held what was never written.
    fn faults(&self) -> u32;
}
