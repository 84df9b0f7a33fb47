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

/// One minute, in seconds.
const MINUTE_S: u32 = 60;

impl AlertKind {
    /// Every kind, most urgent family first.
    pub const ALL: [Self; 20] = [
        Self::VictimProximity,
        Self::Panic,
        Self::StrapTamper,
        Self::VictimApproach,
        Self::ProtectionBlind,
        Self::ExclusionBreach,
        Self::ExclusionTransit,
        Self::CurfewNotReturned,
        Self::CurfewLeftEarly,
        Self::CurfewAbsent,
        Self::CurfewUnknown,
        Self::CaseTamper,
        Self::SignalTamper,
        Self::SecurityEvent,
        Self::CommunicationFailure,
        Self::ExclusionApproach,
        Self::CurfewLateReturn,
        Self::BatteryCritical,
        Self::LocationFailure,
        Self::BatteryLow,
    ];

    /// How urgent it is.
    pub const fn priority(self) -> Priority {
        match self {
            Self::VictimProximity | Self::Panic | Self::StrapTamper => Priority::P1,
            Self::VictimApproach
            | Self::ProtectionBlind
            | Self::ExclusionBreach
            | Self::ExclusionTransit
            | Self::CurfewNotReturned
            | Self::CurfewLeftEarly
            | Self::CurfewAbsent
            | Self::CurfewUnknown
            | Self::CaseTamper
            | Self::SignalTamper
            | Self::SecurityEvent
            | Self::CommunicationFailure => Priority::P2,
            Self::ExclusionApproach
            | Self::CurfewLateReturn
            | Self::BatteryCritical
            | Self::LocationFailure
            | Self::BatteryLow => Priority::P3,
        }
    }

    /// Seconds within which somebody should take it: P1 one minute, P2 five to fifteen, P3 one to four hours.
    pub const fn respond_s(self) -> u32 {
        match self {
            Self::VictimProximity | Self::Panic | Self::StrapTamper => MINUTE_S,
            Self::VictimApproach | Self::ProtectionBlind | Self::ExclusionBreach | Self::CaseTamper => {
                5 * MINUTE_S
            }
            Self::CurfewNotReturned | Self::CurfewLeftEarly | Self::SignalTamper => 10 * MINUTE_S,
            Self::ExclusionTransit
            | Self::CurfewAbsent
            | Self::CurfewUnknown
            | Self::SecurityEvent
            | Self::CommunicationFailure => 15 * MINUTE_S,
            Self::ExclusionApproach | Self::BatteryCritical | Self::LocationFailure => 60 * MINUTE_S,
            Self::CurfewLateReturn | Self::BatteryLow => 240 * MINUTE_S,
        }
    }

    /// The name in its serialized form, such as `exclusion_breach`: for metrics, tables and logs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::ExclusionBreach => "exclusion_breach",
            Self::ExclusionApproach => "exclusion_approach",
            Self::ExclusionTransit => "exclusion_transit",
            Self::CurfewAbsent => "curfew_absent",
            Self::CurfewLeftEarly => "curfew_left_early",
            Self::CurfewLateReturn => "curfew_late_return",
            Self::CurfewNotReturned => "curfew_not_returned",
            Self::CurfewUnknown => "curfew_unknown",
            Self::VictimProximity => "victim_proximity",
            Self::VictimApproach => "victim_approach",
            Self::ProtectionBlind => "protection_blind",
            Self::StrapTamper => "strap_tamper",
            Self::CaseTamper => "case_tamper",
            Self::Panic => "panic",
            Self::BatteryLow => "battery_low",
            Self::BatteryCritical => "battery_critical",
            Self::CommunicationFailure => "communication_failure",
            Self::LocationFailure => "location_failure",
            Self::SignalTamper => "signal_tamper",
            Self::SecurityEvent => "security_event",
        }
    }

    /// Whether the condition stays until a person ends it: nothing that a device says later makes it untrue.
    pub const fn latched(self) -> bool {
        match self {
            Self::StrapTamper | Self::CaseTamper | Self::Panic | Self::SignalTamper | Self::SecurityEvent => {
                true
            }
            Self::ExclusionBreach
            | Self::ExclusionApproach
            | Self::ExclusionTransit
            | Self::CurfewAbsent
            | Self::CurfewLeftEarly
            | Self::CurfewLateReturn
            | Self::CurfewNotReturned
            | Self::CurfewUnknown
            | Self::VictimProximity
            | Self::VictimApproach
            | Self::ProtectionBlind
            | Self::BatteryLow
            | Self::BatteryCritical
            | Self::CommunicationFailure
            | Self::LocationFailure => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_kind_is_listed_once_and_its_code_is_its_serialized_name() {
        assert_eq!(AlertKind::ALL.iter().collect::<HashSet<_>>().len(), AlertKind::ALL.len());
        for kind in AlertKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.code());
        }
    }

    #[test]
    fn time_to_respond_lies_within_the_range_of_the_priority() {
        for kind in AlertKind::ALL {
            let (least, most) = match kind.priority() {
                Priority::P1 => (60, 60),
                Priority::P2 => (300, 900),
                Priority::P3 => (3600, 14_400),
                Priority::P4 => (14_400, 86_400),
            };
            assert!((least..=most).contains(&kind.respond_s()), "{kind:?}");
        }
    }

    #[test]
    fn victim_proximity_panic_and_strap_cut_are_the_most_urgent() {
        let urgent: Vec<_> =
            AlertKind::ALL.into_iter().filter(|kind| kind.priority() == Priority::P1).collect();
        assert_eq!(urgent, [AlertKind::VictimProximity, AlertKind::Panic, AlertKind::StrapTamper]);
    }
}
