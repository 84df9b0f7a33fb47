//! What a board tells the core.

use crate::GnssFix;
use lenke_wire::{BatteryState, DeviceId, FrameId};

/// Why the device started. The number is the value of the `PowerOn` event and never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ResetCause {
    /// Power came on.
    Power = 1,
    /// The supply sagged.
    BrownOut = 2,
    /// The watchdog bit.
    Watchdog = 3,
    /// The firmware asked for it.
    Software = 4,
    /// The reset pin.
    Pin = 5,
}

/// One thing that happened. Inputs come in the order in which they happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Input<'a> {
    /// The device started; comes first, once.
    Started {
        /// Why.
        cause: ResetCause,
    },
    /// The receiver has a position. Taken when one was asked for or the plan's interval has passed.
    Fix(GnssFix),
    /// The receiver gave up looking for the position that was asked for.
    NoFix,
    /// The strap's loop changed, or was sampled again.
    Strap {
        /// The loop is open.
        open: bool,
    },
    /// The case's light or pressure contact changed, or was sampled again.
    Case {
        /// The case is open.
        open: bool,
    },
    /// The battery was measured; `empty_at` is ignored, the core forecasts it.
    Battery(BatteryState),
    /// A radio heartbeat was heard.
    Beacon {
        /// Whose.
        heard: DeviceId,
        /// Received power, dBm.
        rssi_dbm: i8,
        /// It proved its identity by challenge and response.
        authenticated: bool,
    },
    /// Measured for the next health report.
    Environment {
        /// Network signal, dBm.
        signal_dbm: i16,
        /// Board temperature, degrees Celsius.
        temperature_c: i8,
    },
    /// The panic button was held.
    Panic,
    /// The connection to the centre stands; subscriptions are made.
    LinkUp,
    /// The connection is gone, or could not be made.
    LinkDown,
    /// A sealed frame from the centre.
    Downlink(&'a [u8]),
    /// The broker took this frame: flow control, not custody.
    PubAck(FrameId),
    /// The time of the last [`crate::Effect::WakeAt`] has come. Never wrong, at most useless.
    Timer,
}
