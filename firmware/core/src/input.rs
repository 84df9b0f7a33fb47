//! What a board tells the core.

use crate::GnssFix;
use crate::beacon::Answer;
use crate::gnss::Signal;
use lenke_wire::{BatteryState, DeviceId, FrameId, UnixMillis};

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

/// The two sensors that tell an opened case, each enough on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum CaseSensor {
    /// Light falls into the case.
    Light = 0,
    /// The pressure in the sealed case is the outside's.
    Pressure = 1,
}

/// How the fetching of an image that the core asked for is going.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpdateProgress {
    /// The image is in the other slot; this is the SHA-256 of what is there.
    Fetched([u8; 32]),
    /// It could not be fetched or written.
    Failed,
}

/// One thing that happened. Inputs come in the order in which they happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Input<'a> {
    /// The device started; comes first, once.
    Started {
        /// Why.
        cause: ResetCause,
        /// What a clock says that ran on through the reset, where there is one.
        rtc: Option<UnixMillis>,
    },
    /// The network told the time of day.
    NetworkTime {
        /// It is now.
        at: UnixMillis,
        /// Give or take so much.
        uncertainty_ms: u32,
    },
    /// The receiver has a position. Taken when one was asked for or the state's interval has passed.
    Fix(GnssFix),
    /// The receiver gave up looking for the position that was asked for.
    NoFix,
    /// How the receiver sees the signals; comes beside fixes, and where there is none.
    Signal(Signal),
    /// The strap's loop was sampled, [`crate::Effect::SampleStrap`] times a second. A board that only tells changes is as
    /// good: between two words of it, the loop counts as sampled with the same result.
    Strap {
        /// The loop is open.
        open: bool,
    },
    /// A sensor of the case was sampled, or changed.
    Case {
        /// Which.
        sensor: CaseSensor,
        /// It says that the case is open.
        open: bool,
    },
    /// The accelerometer's own detection changed its mind.
    Motion {
        /// The tag moves.
        moving: bool,
    },
    /// The battery was measured; `empty_at` is ignored, the core forecasts it.
    Battery(BatteryState),
    /// A radio heartbeat was heard.
    Beacon {
        /// Whose.
        heard: DeviceId,
        /// Received power, dBm.
        rssi_dbm: i8,
    },
    /// A beacon answered the last [`crate::Effect::ChallengeBeacon`].
    BeaconAnswer {
        /// Which.
        heard: DeviceId,
        /// Received power, dBm.
        rssi_dbm: i8,
        /// Its proof.
        answer: Answer,
    },
    /// Measured for the next health report.
    Environment {
        /// Network signal, dBm; [`NO_SIGNAL_DBM`] where there is no network.
        signal_dbm: i16,
        /// Board temperature, degrees Celsius.
        temperature_c: i8,
    },
    /// A task missed its check-in: the watchdog will not be fed.
    CheckInMissed {
        /// The board's number of it.
        task: u8,
    },
    /// The panic button was held.
    Panic,
    /// The connection to the centre stands; subscriptions are made.
    LinkUp,
    /// The connection is gone, or could not be made, or was ended as the core wished.
    LinkDown,
    /// A sealed frame from the centre.
    Downlink(&'a [u8]),
    /// The broker took this frame: flow control, not custody.
    PubAck(FrameId),
    /// News of the update that the core asked for.
    Update(UpdateProgress),
    /// The time of the last [`crate::Effect::WakeAt`] has come. Never wrong, at most useless.
    Timer,
}

/// What `signal_dbm` says where no cell is heard.
pub const NO_SIGNAL_DBM: i16 = -140;
