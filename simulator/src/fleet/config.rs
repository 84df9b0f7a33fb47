//! How a fleet runs.

use super::mischief::Mischief;
use crate::clock::SimClock;
use lenke_wire::{DeviceId, FrameId};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Called at the moment a frame is first handed to the network.
pub type Probe = Arc<dyn Fn(DeviceId, FrameId, Instant) + Send + Sync>;

/// Configuration of a fleet.
#[derive(Clone)]
pub struct FleetConfig {
    /// `host:port` of the front door or broker.
    pub target: String,
    /// The scenario's time.
    pub clock: SimClock,
    /// Boot counter of all tags: greater than in any earlier run with the same keys.
    pub epoch: u32,
    /// The centre's public key: the tags follow what it signs, and nothing without it.
    pub authority: Option<[u8; 32]>,
    /// Called at the first publish of each frame.
    pub probe: Option<Probe>,
    /// Seconds between fixes and between reports, in the place of the plan's.
    pub interval_s: Option<u32>,
    /// Hostile behaviour: each kind is played by one device, from the last tag downwards.
    pub mischief: Vec<Mischief>,
    /// What goes wrong on honest tags.
    pub faults: Faults,
    /// Keepalive of the MQTT connections.
    pub keep_alive: Duration,
}

/// What goes wrong on honest tags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// Each tag's connection breaks so often, real time.
    pub drop_connection_every: Option<Duration>,
    /// Every so manieth publish is sent twice.
    pub duplicate_every: Option<u32>,
}

impl Default for FleetConfig {
    fn default() -> Self {
        Self {
            target: "127.0.0.1:1883".to_owned(),
            clock: SimClock::default(),
            epoch: 1,
            authority: None,
            probe: None,
            interval_s: None,
            mischief: Vec::new(),
            faults: Faults::default(),
            keep_alive: Duration::from_secs(120),
        }
    }
}

impl fmt::Debug for FleetConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FleetConfig")
            .field("target", &self.target)
            .field("clock", &self.clock)
            .field("epoch", &self.epoch)
            .field("authority", &self.authority.is_some())
            .field("interval_s", &self.interval_s)
            .field("mischief", &self.mischief)
            .field("faults", &self.faults)
            .finish_non_exhaustive()
    }
}
