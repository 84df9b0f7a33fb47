//! What a fleet counts. Frames of devices whose mischief dooms them (wrong key, clock far off, unknown) count as hostile only.

use serde::Serialize;
use std::sync::atomic::{AtomicU64, Ordering};

/// The figures of a fleet at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FleetStats {
    /// Devices.
    pub tags: u64,
    /// Devices with a connection.
    pub connected: u64,
    /// Frames handed to the network, each counted once.
    pub published: u64,
    /// Frames handed to the network again.
    pub resent: u64,
    /// Frames that the centre acknowledged.
    pub acknowledged: u64,
    /// Frames kept because the centre has not acknowledged them.
    pub unacknowledged: u64,
    /// Fixes taken.
    pub fixes: u64,
    /// Connections refused by the centre or broker.
    pub refused: u64,
    /// Connections that broke or could not be made.
    pub broken: u64,
    /// Hostile publishes.
    pub hostile: u64,
}

/// The counters behind the figures, shared by all tags.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) tags: Count,
    pub(crate) connected: Count,
    pub(crate) published: Count,
    pub(crate) resent: Count,
    pub(crate) acknowledged: Count,
    pub(crate) unacknowledged: Count,
    pub(crate) fixes: Count,
    pub(crate) refused: Count,
    pub(crate) broken: Count,
    pub(crate) hostile: Count,
}

/// A counter that many tasks change.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    pub(crate) fn subtract(&self, less: u64) {
        self.0.fetch_sub(less, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Tally {
    pub(crate) fn stats(&self) -> FleetStats {
        FleetStats {
            tags: self.tags.get(),
            connected: self.connected.get(),
            published: self.published.get(),
            resent: self.resent.get(),
            acknowledged: self.acknowledged.get(),
            unacknowledged: self.unacknowledged.get(),
            fixes: self.fixes.get(),
            refused: self.refused.get(),
            broken: self.broken.get(),
            hostile: self.hostile.get(),
        }
    }
}
