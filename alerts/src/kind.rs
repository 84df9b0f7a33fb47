//! What an alert is about, how urgent that is and how long a person has.

use serde::{Deserialize, Serialize};

/// Consequence x time to respond; P1 is the most urgent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Priority {
    /// A life may be at risk: 60 s.
    P1,
    /// A condition is broken: minutes.
    P2,
    /// It will become a problem: hours.
    P3,
    /// For the log.
    P4,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// Inside an exclusion zone.
    ExclusionBreach,
    /// In the warning strip around an exclusion zone.
    ExclusionApproach,
    /// The path between two fixes crossed an exclusion zone.
    ExclusionTransit,
    /// Not home when the curfew began.
    CurfewAbsent,
    /// Left home during the curfew.
    CurfewLeftEarly,
    /// Came home after the curfew had begun.
    CurfewLateReturn,
    /// Not home for longer than the order tolerates.
    CurfewNotReturned,
    /// No evidence of presence or absence for longer than the order tolerates.
    CurfewUnknown,
    /// Within the alert ring of a protected person.
    VictimProximity,
    /// Within the pre-alert ring of a protected person, closing in.
    VictimApproach,
    /// A victim's protection is not working: no fresh position of the victim unit or of the tag.
    ProtectionBlind,
    /// The strap was opened.
    StrapTamper,
    /// The case was opened.
    CaseTamper,
    /// A panic button was held.
    Panic,
    /// Battery low.
    BatteryLow,
    /// Battery critical.
    BatteryCritical,
    /// Nothing heard of the device for longer than its plan allows.
    CommunicationFailure,
    /// Heard, but without a usable position for longer than its plan allows.
    LocationFailure,
    /// Signals jammed, forged or shielded.
    SignalTamper,
    /// Other bytes under a known frame number, a broken chain, a wrong key.
    SecurityEvent,
}
