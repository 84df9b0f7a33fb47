//! What consoles are told the moment it happens.

use lenke_alerts::Alert;
use lenke_wire::{DeviceId, FrameId, Position, UnixMillis};
use lenke_zones::WearerId;
use std::sync::Arc;

/// Events that a slow receiver may lie behind before it loses the oldest and has to read the state anew.
pub const LIVE_EVENTS_MAX: usize = 4096;

/// One event on the bus.
#[derive(Clone, Debug)]
pub enum LiveEvent {
    /// An alert came to be or changed.
    Alert(Arc<Alert>),
    /// Wearers moved.
    Positions(Arc<[PositionUpdate]>),
}

/// Where a wearer is now. There is none of a protected person.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PositionUpdate {
    /// Who.
    pub wearer: WearerId,
    /// Reported by.
    pub device: DeviceId,
    /// Frame it came in.
    pub frame: FrameId,
    /// When the fix was taken.
    pub at: UnixMillis,
    /// Where.
    pub position: Position,
    /// 68 % radius, metres.
    pub accuracy_m: f64,
    /// Speed over ground, m/s.
    pub speed_m_s: f64,
    /// When the centre took the frame.
    pub received_at: UnixMillis,
}
