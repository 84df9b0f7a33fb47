//! What a tag is delivered with.

use crate::{beacon::HomeBeacon, state::Stage};
use lenke_wire::{
    DeviceId, Epoch,
    command::{Plan, Rates},
    frame::DeviceKey,
};

/// Who the tag is.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The device.
    pub device: DeviceId,
    /// The key it shares with the centre.
    pub key: DeviceKey,
    /// Boot counter: the board persists it, counted up, before it makes the [`crate::Tag`].
    pub epoch: Epoch,
}

/// How the tag behaves until a plan says otherwise, and what a plan does not say.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The built-in plan; a saved one replaces it at start.
    pub plan: Plan,
    /// Where in its life the tag is, until it has saved it.
    pub stage: Stage,
    /// The public key that plans, zones, officers and firmware are signed under; `None`: nothing signed is taken.
    pub authority: Option<[u8; 32]>,
    /// The beacon at home, which silences GNSS while it is heard and proves itself.
    pub home_beacon: Option<HomeBeacon>,
    /// Seconds from health report to health report.
    pub health_s: u32,
    /// Seconds without progress of the centre's acknowledgement until frames are sent again; doubles with each attempt.
    pub ack_timeout_s: u32,
    /// Firmware version, major << 16 | minor << 8 | patch.
    pub firmware: u32,
    /// The board, as manifests name it.
    pub board: u32,
    /// Bytes that an update's image may have; 0: the board takes none.
    pub update_bytes_max: u32,
}

/// One fix a minute, a report every ten.
pub const BUILT_IN_PLAN: Plan = Plan {
    version: 0,
    base_version: 0,
    collect_s: 60,
    transmit_s: 600,
    no_fix_s: 900,
    battery_low: 25,
    battery_critical: 10,
    rates: Rates::DEFAULT,
};

impl Default for Settings {
    fn default() -> Self {
        Self {
            plan: BUILT_IN_PLAN,
            stage: Stage::Worn,
            authority: None,
            home_beacon: None,
            health_s: 3_600,
            ack_timeout_s: 120,
            firmware: 0x0000_0100,
            board: 0,
            update_bytes_max: 0,
        }
    }
}
