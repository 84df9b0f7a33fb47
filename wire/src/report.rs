//! What a device reports, as values; [`crate::codec`] is their CBOR form.

use crate::{FrameId, Position, UnixMillis, downlink::CommandKind};

/// Where a record's time comes from, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(rename_all = "snake_case"))]
#[repr(u8)]
pub enum TimeSource {
    /// From a satellite fix, good to a second.
    Gnss = 0,
    /// From the network or the centre.
    Network = 1,
    /// Counted on since the last good time.
    Held = 2,
    /// The device has had no good time since it lost power.
    Unset = 3,
}

/// One GNSS position.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Fix {
    /// When, by the device's clock.
    pub at: UnixMillis,
    /// Source of `at`.
    pub time_source: TimeSource,
    /// Where.
    pub position: Position,
    /// 68 % horizontal radius, decimetres.
    pub accuracy_dm: u16,
    /// Speed over ground, cm/s.
    pub speed_cm_s: u16,
    /// Course over ground, 1/100 degree clockwise from north.
    pub course_cdeg: u16,
    /// Satellites used.
    pub satellites: u8,
}

impl Fix {
    /// 68 % horizontal radius, metres.
    pub fn accuracy_m(&self) -> f64 {
        f64::from(self.accuracy_dm) / 10.0
    }

    /// Speed over ground, m/s.
    pub fn speed_m_s(&self) -> f64 {
        f64::from(self.speed_cm_s) / 100.0
    }
}

/// What happened on the device. The numbers are the wire's and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(rename_all = "snake_case"))]
#[repr(u8)]
pub enum EventKind {
    /// The device started; `value` is the reset cause.
    PowerOn = 1,
    /// The strap's loop is open: confirmed after debouncing, latched.
    StrapOpen = 2,
    /// The strap's loop is closed again (the latch stays).
    StrapClosed = 3,
    /// The case was opened: latched.
    CaseOpen = 4,
    /// Battery below the plan's low mark; `value` is percent.
    BatteryLow = 5,
    /// Battery below the plan's critical mark; `value` is percent.
    BatteryCritical = 6,
    /// Charger connected; `value` is percent.
    ChargeStarted = 7,
    /// Charger removed; `value` is percent.
    ChargeEnded = 8,
    /// No fix for longer than the plan allows; `value` is the seconds since the last one.
    GnssLost = 9,
    /// Fixes are back; `value` is the seconds without.
    GnssRegained = 10,
    /// The panic button of a victim unit was held.
    Panic = 11,
    /// A supervision plan took effect; `value` is its version.
    PlanApplied = 12,
    /// The device enters a zone it knows; `value` is the zone's number.
    ZoneEntered = 13,
    /// The device leaves a zone it knows; `value` is the zone's number.
    ZoneLeft = 14,
    /// Strap and case latches were cleared by a signed officer command.
    LatchCleared = 15,
    /// The flash was full: `value` fixes were given up to keep alarms.
    JournalOverflow = 16,
    /// Satellite signals look jammed; `value` is the indicator, percent.
    JammingSuspected = 17,
    /// Satellite signals look forged; `value` is the indicator, percent.
    SpoofingSuspected = 18,
    /// Movement without satellites or network: shielding is likely.
    ShieldingSuspected = 19,
    /// The device comes near a zone it knows; `value` is the zone's number.
    ZoneNear = 20,
    /// A beacon did not prove its identity; `value` is the last 31 bits of its number.
    BeaconFailed = 21,
    /// A firmware that was taken runs; `value` is its version.
    UpdateApplied = 22,
    /// A firmware that was taken does not run, the one before does; `value` is the version that failed.
    UpdateFailed = 23,
    /// Pursuit began.
    PursuitStarted = 24,
    /// Pursuit ended; `value` is the seconds it lasted.
    PursuitEnded = 25,
    /// The battery is below the plan's reserve, from here on only alarms are sent; `value` is percent.
    ReserveEntered = 26,
    /// The device is in another state; `value` is the [`TagState`]'s number.
    StateChanged = 27,
    /// The device switches itself off; `value` is percent.
    Shutdown = 28,
    /// The strap's loop opened and is not yet confirmed open.
    StrapSuspected = 29,
    /// The journal's flash failed; `value` is the number of failures since the start.
    JournalFault = 30,
    /// The clock was set; `value` is the seconds it jumped.
    ClockSet = 31,
    /// No network for longer than a report may wait; sent when it is back, `value` is the seconds without.
    NetworkRegained = 32,
    /// A part of the firmware hung and the watchdog restarted the device; `value` is the part's number.
    TaskStalled = 33,
}

impl EventKind {
    /// All kinds, by number.
    pub const ALL: [Self; 33] = [
        Self::PowerOn,
        Self::StrapOpen,
        Self::StrapClosed,
        Self::CaseOpen,
        Self::BatteryLow,
        Self::BatteryCritical,
        Self::ChargeStarted,
        Self::ChargeEnded,
        Self::GnssLost,
        Self::GnssRegained,
        Self::Panic,
        Self::PlanApplied,
        Self::ZoneEntered,
        Self::ZoneLeft,
        Self::LatchCleared,
        Self::JournalOverflow,
        Self::JammingSuspected,
        Self::SpoofingSuspected,
        Self::ShieldingSuspected,
        Self::ZoneNear,
        Self::BeaconFailed,
        Self::UpdateApplied,
        Self::UpdateFailed,
        Self::PursuitStarted,
        Self::PursuitEnded,
        Self::ReserveEntered,
        Self::StateChanged,
        Self::Shutdown,
        Self::StrapSuspected,
        Self::JournalFault,
        Self::ClockSet,
        Self::NetworkRegained,
        Self::TaskStalled,
    ];
}

/// An alarm or a change of state: self-describing, sent singly and at once.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Event {
    /// When, by the device's clock.
    pub at: UnixMillis,
    /// Source of `at`.
    pub time_source: TimeSource,
    /// What.
    pub kind: EventKind,
    /// A number whose meaning `kind` gives; 0 where it gives none.
    pub value: i32,
    /// Last known position, when one is fresh.
    pub position: Option<Position>,
}

/// One radio heartbeat: a beacon, home unit or tag heard by the reporting device.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Sighting {
    /// When, by the device's clock.
    pub at: UnixMillis,
    /// Who was heard.
    pub heard: crate::DeviceId,
    /// Received power, dBm.
    pub rssi_dbm: i8,
    /// The heard device proved its identity by challenge and response.
    pub authenticated: bool,
}

/// How the battery is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct BatteryState {
    /// Charge, percent.
    pub percent: u8,
    /// Voltage, mV.
    pub millivolts: u16,
    /// A charger is connected.
    pub charging: bool,
    /// When the battery will be empty at today's drain, if that can be told.
    pub empty_at: Option<UnixMillis>,
}

/// The device's own state.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Health {
    /// When, by the device's clock.
    pub at: UnixMillis,
    /// Battery.
    pub battery: BatteryState,
    /// The strap latch is set.
    pub strap_latched: bool,
    /// The case latch is set.
    pub case_latched: bool,
    /// Version of the supervision plan in force, 0 for the built-in one.
    pub plan_version: u32,
    /// Frames in flash that the centre has not acknowledged.
    pub unacknowledged: u32,
    /// Network signal, dBm.
    pub signal_dbm: i16,
    /// Board temperature, degrees Celsius.
    pub temperature_c: i8,
    /// Firmware version, major << 16 | minor << 8 | patch.
    pub firmware: u32,
    /// Version of the zone set in force, 0 for none.
    pub zones_version: u32,
    /// What the device is doing, if it says so in a way that this build knows.
    pub state: Option<TagState>,
}

/// What a device is doing. The numbers are the wire's and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(rename_all = "snake_case"))]
#[repr(u8)]
pub enum TagState {
    /// Stored or sent: radio and receiver are off.
    Ship = 1,
    /// Being fitted.
    Fitting = 2,
    /// The home beacon is heard: the receiver is off but for spot checks.
    Home = 3,
    /// Nothing moves it.
    Still = 4,
    /// Under way.
    Roam = 5,
    /// Near a zone's boundary.
    Near = 6,
    /// An alarm lasts.
    Alarm = 7,
    /// On the charger.
    Charging = 8,
    /// The battery is low.
    LowBattery = 9,
    /// The battery is below the reserve: only alarms are sent.
    Reserve = 10,
    /// Taking a firmware.
    Update = 11,
    /// In pursuit.
    Pursuit = 12,
}

impl TagState {
    /// All states, by number.
    pub const ALL: [Self; 12] = [
        Self::Ship,
        Self::Fitting,
        Self::Home,
        Self::Still,
        Self::Roam,
        Self::Near,
        Self::Alarm,
        Self::Charging,
        Self::LowBattery,
        Self::Reserve,
        Self::Update,
        Self::Pursuit,
    ];
}

/// What became of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Receipt {
    /// When, by the device's clock.
    pub at: UnixMillis,
    /// Source of `at`.
    pub time_source: TimeSource,
    /// The command's counter.
    pub counter: FrameId,
    /// What was commanded.
    pub command: CommandKind,
    /// What became of it.
    pub outcome: Outcome,
    /// Version now in force of what was commanded (plan, zone set, firmware); 0 where there is none.
    pub version: u32,
    /// SHA-256 of what is now in force: a plan's body, a whole zone set, a firmware image; zeros where there is none.
    pub digest: [u8; 32],
    /// Parts of the zone set on its way that are there: bit n for part n; 0 where none is on its way.
    pub parts: u16,
}

/// What a device did with a command. The numbers are the wire's and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(rename_all = "snake_case"))]
#[repr(u8)]
pub enum Outcome {
    /// Done, or in force already.
    Applied = 0,
    /// Refused: a signature or certificate does not hold.
    Signature = 1,
    /// Refused: it replaces a version that is not in force.
    Base = 2,
    /// Refused: not above the version in force, or below the lowest one allowed.
    Rollback = 3,
    /// Refused: its content is not what its hash or its form says.
    Content = 4,
    /// Refused: there is no room for it.
    Size = 5,
    /// Refused: the latch is not set, or was set by another event.
    Latch = 6,
    /// Refused: an alarm lasts.
    Alarm = 7,
    /// Refused: the battery does not allow it.
    Battery = 8,
    /// Refused: made for another board.
    Board = 9,
    /// Refused: its time is over.
    Expired = 10,
    /// Refused: the device cannot do this.
    Unsupported = 11,
    /// Not yet: a part that the device has already came again, and others are missing; [`Receipt::parts`] says which are there.
    Incomplete = 12,
}

impl Outcome {
    /// All outcomes, by number.
    pub const ALL: [Self; 13] = [
        Self::Applied,
        Self::Signature,
        Self::Base,
        Self::Rollback,
        Self::Content,
        Self::Size,
        Self::Latch,
        Self::Alarm,
        Self::Battery,
        Self::Board,
        Self::Expired,
        Self::Unsupported,
        Self::Incomplete,
    ];
}

/// A report of a later version of the protocol that adds to this one: authentic and well formed, but what it says is not known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Later {
    /// Kind of the report.
    pub kind: u64,
    /// The event, if it is a kind of event that is not known.
    pub event: Option<u8>,
}

/// The head of the hash chain, signed with the device's Ed25519 key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The last frame that `chain` covers.
    pub covers: FrameId,
    /// h of that frame.
    pub chain: [u8; 32],
    /// Ed25519 over [`crate::chain::checkpoint_message`].
    pub signature: [u8; 64],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_events_are_pinned() {
        for (index, kind) in EventKind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, index + 1, "{kind:?}");
        }
        let some = [EventKind::StrapOpen, EventKind::GnssLost, EventKind::Panic, EventKind::JournalOverflow];
        assert_eq!(some.map(|kind| kind as u8), [2, 9, 11, 16]);
        assert_eq!(EventKind::ShieldingSuspected as u8, 19);
        assert_eq!(EventKind::TaskStalled as u8, 33);
    }

    #[test]
    fn the_numbers_of_states_and_outcomes_are_pinned() {
        for (index, state) in TagState::ALL.into_iter().enumerate() {
            assert_eq!(state as usize, index + 1, "{state:?}");
        }
        for (index, outcome) in Outcome::ALL.into_iter().enumerate() {
            assert_eq!(outcome as usize, index, "{outcome:?}");
        }
        for (index, kind) in CommandKind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, index + 16, "{kind:?}");
        }
        assert_eq!((TagState::Alarm as u8, Outcome::Board as u8, CommandKind::Ota as u8), (7, 9, 23));
    }
}
