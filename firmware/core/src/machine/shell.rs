//! What one call works with besides the tag's own parts, and what it counts.

use crate::{Effects, Uptime, clock::Stamp, journal::Journal, settings::Identity, storage::Config};
use lenke_wire::sign::{Sign, Verify};

/// What happened since the start, in numbers. They saturate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Counters {
    /// Frames that the journal took.
    pub committed: u32,
    /// Fixes in those frames.
    pub fixes: u32,
    /// Transmissions asked for, repetitions included.
    pub transmitted: u32,
    /// Times that the centre's acknowledgement made no progress in time.
    pub timeouts: u32,
    /// Frames that the centre acknowledged.
    pub acknowledged: u32,
    /// Acknowledgements that the journal had no room to note: more epochs were acknowledged in part than it can tell apart. What
    /// they name is sent again, until older epochs are done.
    pub acks_deferred: u32,
    /// Fixes given up because the journal was full or filling.
    pub fixes_given_up: u32,
    /// Health reports, receipts and sightings given up because the journal was full.
    pub records_given_up: u32,
    /// Events given up because both queues were full. An event of a latch is not: it is tried again.
    pub events_given_up: u32,
    /// Downlinks that did not open or did not decode.
    pub downlinks_invalid: u32,
    /// Downlinks whose counter was not above the last one's.
    pub downlinks_replayed: u32,
    /// Commands refused, each with a receipt that says why.
    pub commands_refused: u32,
    /// Items that could not be kept, or were not what they should be.
    pub faults: u32,
}

impl Counters {
    pub(crate) const fn count(counter: &mut u32, more: u32) {
        *counter = counter.saturating_add(more);
    }
}

/// Frames and items.
pub(crate) trait Storage: Journal + Config {}

impl<T: Journal + Config> Storage for T {}

/// The tag's own signature, and other people's.
pub(crate) trait Keys: Sign + Verify {}

impl<T: Sign + Verify> Keys for T {}

/// What one call works with.
pub(crate) struct Shell<'a, J, K> {
    pub(crate) now: Uptime,
    /// The time of day.
    pub(crate) stamp: Stamp,
    pub(crate) identity: &'a Identity,
    pub(crate) storage: &'a mut J,
    pub(crate) keys: &'a K,
    pub(crate) effects: &'a mut Effects,
    pub(crate) counters: &'a mut Counters,
}
