//! What must outlive a reset besides frames: a few small items, each kept whole or not at all.
//!
//! | item | bytes at most | written |
//! |---|---|---|
//! | [`Item::Saved`] | [`SAVED_BYTES_MAX`] | at every downlink, latch and change of stage |
//! | [`Item::ZonePart`] | [`ZONE_PART_BYTES_MAX`] each | when the centre sends a zone set |
//!
//! Zone sets have two slots. A new one is written part by part into the slot that is not in force; then [`Saved`] names the
//! new slot. A power cut before that leaves the old set in force, after it the new one.

mod saved;

pub use saved::{Awaited, Latched, PlanBody, SAVED_BYTES_MAX, Saved, SavedError, ZonesInForce};

/// Slots for zone sets.
pub const ZONE_SLOTS: u8 = 2;
/// Parts of a zone set at most.
pub const ZONE_PARTS_MAX: u8 = 4;
/// Bytes of one part at most.
pub const ZONE_PART_BYTES_MAX: usize = 1_024;

/// What is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    /// [`Saved`], encoded.
    Saved,
    /// A part of a zone set.
    ZonePart {
        /// Below [`ZONE_SLOTS`].
        slot: u8,
        /// Below [`ZONE_PARTS_MAX`].
        part: u8,
    },
}

impl Item {
    /// A number for each item, for storage that has keys.
    pub const fn key(self) -> u8 {
        match self {
            Self::Saved => 0,
            Self::ZonePart { slot, part } => 1 + slot * ZONE_PARTS_MAX + part,
        }
    }

    /// Keys are below this.
    pub const KEYS: u8 = 1 + ZONE_SLOTS * ZONE_PARTS_MAX;
    /// Bytes of the longest item.
    pub const BYTES_MAX: usize = ZONE_PART_BYTES_MAX;
}

/// The item could not be kept; what was kept before still is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotKept;

impl core::fmt::Display for NotKept {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("the item could not be kept")
    }
}

impl core::error::Error for NotKept {}

/// Storage for items: flash on a board, RAM in a simulator.
pub trait Config {
    /// Keeps `bytes` in the place of what the item had. From the return on they survive a power cut; a power cut
    /// before leaves either what was or what is to be, never a mixture and never nothing.
    ///
    /// # Errors
    /// [`NotKept`]: nothing was changed.
    fn keep(&mut self, item: Item, bytes: &[u8]) -> Result<(), NotKept>;

    /// Copies what was kept into `out`, of which [`Item::BYTES_MAX`] bytes always suffice; returns its length. `None` if
    /// nothing was.
    fn kept(&mut self, item: Item, out: &mut [u8]) -> Option<usize>;

    /// What was kept last cannot be read any more: what [`Self::kept`] finds is older, or nothing.
    fn is_damaged(&self, item: Item) -> bool;
}
