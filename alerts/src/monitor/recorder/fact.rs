//! What rules state of their evidence.

use crate::{AlertId, AlertKind, ConditionId, IntervalKind, Subject, ZoneVersion};
use lenke_wire::UnixMillis;

/// What a rule found, in the time of its evidence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::monitor) enum Fact {
    /// Inside or outside an exclusion zone.
    Zone { zone: ZoneVersion, inside: bool, first: UnixMillis, last: UnixMillis },
    /// Outside an exclusion zone at `next`, by the nearest fix still at hand after the last one inside.
    Left { zone: ZoneVersion, last: UnixMillis, next: UnixMillis },
    /// Through an exclusion zone between two fixes.
    Crossed { zone: ZoneVersion, from: UnixMillis, to: UnixMillis },
    /// Home or away, as a curfew asks.
    Presence { condition: ConditionId, home: bool, first: UnixMillis, last: UnixMillis },
    /// Away by one late fix, which nothing at hand confirms: it counts only beside what is known to be away.
    Suspected { condition: ConditionId, at: UnixMillis },
    /// An alert that is an interval.
    Raised { id: AlertId, kind: IntervalKind, subject: Subject, from: UnixMillis },
    /// Any alert ended.
    Ended { id: AlertId, at: UnixMillis },
}

/// The interval that an alert of this kind is, if it is one.
pub(in crate::monitor) const fn followed(kind: AlertKind) -> Option<IntervalKind> {
    match kind {
        AlertKind::VictimProximity => Some(IntervalKind::Near),
        AlertKind::ProtectionBlind => Some(IntervalKind::Blind),
        AlertKind::StrapTamper => Some(IntervalKind::StrapOpen),
        AlertKind::ExclusionBreach
        | AlertKind::ExclusionApproach
        | AlertKind::ExclusionTransit
        | AlertKind::CurfewAbsent
        | AlertKind::CurfewLeftEarly
        | AlertKind::CurfewLateReturn
        | AlertKind::CurfewNotReturned
        | AlertKind::CurfewUnknown
        | AlertKind::VictimApproach
        | AlertKind::CaseTamper
        | AlertKind::Panic
        | AlertKind::BatteryLow
        | AlertKind::BatteryCritical
        | AlertKind::CommunicationFailure
        | AlertKind::LocationFailure
        | AlertKind::SignalTamper
        | AlertKind::SecurityEvent => None,
    }
}
