//! Who did what, when and why: append-only, each record bound to the one before by a hash.
//!
//! ```text
//! hash(n) = SHA-256( hash(n - 1) | seq | at | actor | action | object | detail )
//! ```
//! with `hash(0)` all zero, numbers as 8 bytes big-endian and each text preceded by its length: no two entries have
//! the same canonical bytes.
//!
//! | module | what it is |
//! |---|---|
//! | [`head`] | the chain's head, signed: what shows that records are missing at the end |
//! | [`verify`] | checks the whole chain and names what does not fit first |

pub mod head;
pub mod verify;

use crate::convert::storable;
use lenke_wire::UnixMillis;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// One thing that somebody did or looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// When.
    pub at: UnixMillis,
    /// Who: a user's name, or `system`.
    pub actor: String,
    /// What, as a stable code such as `alert.acknowledge` or `trail.read`.
    pub action: String,
    /// On what: a wearer (`W-00042`), something of one (`W-00042/<alert>`), or `all`.
    pub object: String,
    /// Why, or with which arguments.
    pub detail: String,
}

impl AuditEntry {
    /// The entry as every database keeps it, letter by letter: what is hashed must be what is read back.
    pub(crate) fn storable(self) -> Self {
        Self {
            at: self.at,
            actor: storable(&self.actor),
            action: storable(&self.action),
            object: storable(&self.object),
            detail: storable(&self.detail),
        }
    }
}

/// An entry in its place in the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRecord {
    /// Counted from 1 without gaps.
    pub seq: u64,
    /// What happened.
    pub entry: AuditEntry,
    /// Hash of the record before; zero for the first.
    pub prev_hash: [u8; 32],
    /// Hash of this record.
    pub hash: [u8; 32],
}

impl AuditRecord {
    /// `entry` as the record after `last`, or as the first.
    pub(crate) fn after(last: Option<&Self>, entry: AuditEntry) -> Self {
        match last {
            Some(last) => Self::chained(last.seq + 1, last.hash, entry),
            None => Self::chained(1, [0; 32], entry),
        }
    }

    /// `entry` as record `seq` after the record whose hash is `prev_hash`.
    pub fn chained(seq: u64, prev_hash: [u8; 32], entry: AuditEntry) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(prev_hash);
        hasher.update(seq.to_be_bytes());
        hasher.update(entry.at.0.to_be_bytes());
        for text in [&entry.actor, &entry.action, &entry.object, &entry.detail] {
            hasher.update((text.len() as u64).to_be_bytes());
            hasher.update(text.as_bytes());
        }
        Self { seq, prev_hash, hash: hasher.finalize().into(), entry }
    }
}

/// Which audit records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// On this object, or on something of it (`W-00042` finds `W-00042/<alert>` too).
    pub object: Option<String>,
    /// By this actor.
    pub actor: Option<String>,
    /// This was done, or what begins with it: `trail` finds `trail.read` and `trail.export`.
    pub action: Option<String>,
    /// From this moment on.
    pub from: Option<UnixMillis>,
    /// Before this moment.
    pub to: Option<UnixMillis>,
    /// Before this record.
    pub before: Option<u64>,
    /// At most so many, up to [`PAGE_ROWS_MAX`](crate::store::PAGE_ROWS_MAX).
    pub limit: u32,
}

impl AuditQuery {
    /// What is asked beside the object, for the log: who searches it is written down too.
    pub fn in_words(&self) -> String {
        let texts = [("actor", &self.actor), ("action", &self.action)];
        let texts = texts.into_iter().filter_map(|(name, text)| Some(format!("{name} {}", text.as_ref()?)));
        let moments = [("from", self.from), ("to", self.to)];
        let moments = moments.into_iter().filter_map(|(name, at)| Some(format!("{name} {}", at?.0)));
        texts.chain(moments).collect::<Vec<_>>().join(", ")
    }

    /// What the texts of things of the object lie between, the second not included.
    pub(crate) fn parts_of_object(&self) -> Option<(String, String)> {
        // `0` is the character after `/`.
        self.object.as_ref().map(|object| (format!("{object}/"), format!("{object}0")))
    }

    /// What the codes of kinds of the action lie between, the second not included; a code with a point has none.
    pub(crate) fn kinds_of_action(&self) -> Option<(String, String)> {
        let kind = self.action.as_ref().filter(|action| !action.contains('.'));
        // `/` is the character after `.`.
        kind.map(|action| (format!("{action}."), format!("{action}/")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moving_a_letter_between_fields_changes_the_hash() {
        let entry = |action: &str, object: &str| AuditEntry {
            at: UnixMillis(5),
            actor: "kari".to_owned(),
            action: action.to_owned(),
            object: object.to_owned(),
            detail: String::new(),
        };
        let one = AuditRecord::chained(1, [0; 32], entry("trail.read", "W-00001"));
        let other = AuditRecord::chained(1, [0; 32], entry("trail.readW", "-00001"));
        let later = AuditRecord::chained(2, [0; 32], entry("trail.read", "W-00001"));
        assert!(one.hash != other.hash && one.hash != later.hash);
    }
}
