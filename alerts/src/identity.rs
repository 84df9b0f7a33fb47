//! Deterministic alert ids: a hash over what an alert is about and what first showed it.
//!
//! A replay of the journal, a restart or a failover derives the same id from the same facts, so nothing is raised twice.

use crate::{AlertId, AlertKind, OrderId};
use lenke_wire::{DeviceId, FrameId, UnixMillis};
use lenke_zones::{WearerId, ZoneId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Separates these hashes from all others; a change of the layout below changes it.
const DOMAIN: &[u8] = b"lenke alert id 1";

/// What an alert is about, besides the wearer: two alerts about different things have lives of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// The wearer as such; also what was saved before alerts named their subject.
    #[default]
    Wearer,
    /// A zone.
    Zone(ZoneId),
    /// A condition of the order.
    Condition(crate::ConditionId),
    /// A protected person.
    Victim(WearerId),
    /// A device.
    Device(DeviceId),
}

/// What first showed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A record of a device. A frame holds many records, so its time belongs to it.
    Record {
        /// The device.
        device: DeviceId,
        /// The frame.
        frame: FrameId,
        /// The record's time.
        at: UnixMillis,
    },
    /// A deadline that passed: nothing was reported.
    Moment(UnixMillis),
}

/// A subject as numbers: what it is, and which.
pub const fn subject_number(subject: Subject) -> (u8, u64) {
    match subject {
        Subject::Wearer => (0, 0),
        Subject::Zone(zone) => (1, zone.0),
        Subject::Condition(condition) => (2, condition.0),
        Subject::Victim(victim) => (3, victim.0),
        Subject::Device(device) => (4, device.number()),
    }
}

/// The subject of these numbers, if there is one.
pub const fn numbered_subject(tag: u8, number: u64) -> Option<Subject> {
    match tag {
        0 => Some(Subject::Wearer),
        1 => Some(Subject::Zone(ZoneId(number))),
        2 => Some(Subject::Condition(crate::ConditionId(number))),
        3 => Some(Subject::Victim(WearerId(number))),
        4 => Some(Subject::Device(DeviceId::new(number))),
        _ => None,
    }
}

/// The id of an alert: the first 16 bytes of SHA-256 over all that makes it this alert and no other.
pub fn alert_id(
    rule: &str,
    order: OrderId,
    wearer: WearerId,
    kind: AlertKind,
    subject: Subject,
    origin: Origin,
) -> AlertId {
    let mut hash = Sha256::new();
    hash.update(DOMAIN);
    for text in [rule, kind.code()] {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    hash.update(order.0.to_be_bytes());
    hash.update(wearer.0.to_be_bytes());
    let (tag, number) = subject_number(subject);
    hash.update([tag]);
    hash.update(number.to_be_bytes());
    match origin {
        Origin::Record { device, frame, at } => {
            hash.update([0]);
            hash.update(device.number().to_be_bytes());
            hash.update(frame.epoch.0.to_be_bytes());
            hash.update(frame.seq.0.to_be_bytes());
            hash.update(at.0.to_be_bytes());
        }
        Origin::Moment(at) => {
            hash.update([1]);
            hash.update(at.0.to_be_bytes());
        }
    }
    let digest: [u8; 32] = hash.finalize().into();
    let mut id = [0; 16];
    for (byte, of_digest) in id.iter_mut().zip(digest) {
        *byte = of_digest;
    }
    AlertId(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ConditionId;
    use std::collections::HashSet;

    #[test]
    fn the_same_facts_give_the_same_id_and_any_other_fact_another() {
        let record = |device, epoch, seq, at| Origin::Record {
            device: DeviceId::new(device),
            frame: FrameId::new(epoch, seq),
            at: UnixMillis(at),
        };
        let id = |rule, order, wearer, kind, subject, origin| {
            alert_id(rule, OrderId(order), WearerId(wearer), kind, subject, origin)
        };
        let zone = Subject::Zone(ZoneId(3));
        let all = [
            id("a/1", 1, 2, AlertKind::ExclusionBreach, zone, record(1, 2, 3, 4)),
            id("a/2", 1, 2, AlertKind::ExclusionBreach, zone, record(1, 2, 3, 4)),
            id("a/1", 2, 2, AlertKind::ExclusionBreach, zone, record(1, 2, 3, 4)),
            id("a/1", 1, 3, AlertKind::ExclusionBreach, zone, record(1, 2, 3, 4)),
            id("a/1", 1, 2, AlertKind::ExclusionApproach, zone, record(1, 2, 3, 4)),
            id(
                "a/1",
                1,
                2,
                AlertKind::ExclusionBreach,
                Subject::Condition(ConditionId(3)),
                record(1, 2, 3, 4),
            ),
            id("a/1", 1, 2, AlertKind::ExclusionBreach, zone, record(9, 2, 3, 4)),
            id("a/1", 1, 2, AlertKind::ExclusionBreach, zone, record(1, 9, 3, 4)),
            id("a/1", 1, 2, AlertKind::ExclusionBreach, zone, record(1, 2, 9, 4)),
            id("a/1", 1, 2, AlertKind::ExclusionBreach, zone, record(1, 2, 3, 9)),
            id("a/1", 1, 2, AlertKind::ExclusionBreach, zone, Origin::Moment(UnixMillis(4))),
        ];
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
        assert_eq!(all[0], id("a/1", 1, 2, AlertKind::ExclusionBreach, zone, record(1, 2, 3, 4)));
    }

    #[test]
    fn an_id_never_changes_between_versions_of_the_program() {
        let id = alert_id(
            "strap.open/1",
            OrderId(7),
            WearerId(42),
            AlertKind::StrapTamper,
            Subject::Device(DeviceId::new(42)),
            Origin::Record { device: DeviceId::new(42), frame: FrameId::new(1, 2), at: UnixMillis(3) },
        );
        assert_eq!(id.to_string(), "c96180b42a52982fd33cdc1f15a94515");
    }
}
