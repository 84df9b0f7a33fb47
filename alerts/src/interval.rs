//! Intervals: stretches of a wearer's time that a monitor vouches for, as rows that are told anew whenever they change.
//!
//! | kind | about | says |
//! |---|---|---|
//! | watched | wearer | the centre keeps this account; before the first of these nothing is known |
//! | silent, unplaced | wearer | the tag said nothing, or not where it was, for longer than the plan allows |
//! | inside, crossed | zone | in an exclusion zone that bound the wearer; through it between two fixes |
//! | home, away | condition | where the wearer was seen to be, as a curfew asks |
//! | near | protected person | within the alert ring |
//! | blind | protected person | nearness could not be told |
//! | strap open | device | the tag need not have been on the wearer |
//!
//! Times are those of the evidence, not of its arrival. An interval's id follows from what it is about and from where it
//! was first told to begin: whoever stores it replaces what is known under that id, so a replay doubles nothing and a
//! backlog amends what was told. One that turned out not to be is told once more without length.
//!
//! Invariant: an interval holds no position, of nobody.

use crate::{AlertId, OrderId, Subject, identity::subject_number};
use lenke_wire::UnixMillis;
use lenke_zones::{Interval, WearerId, ZoneId};
use serde::{Deserialize, Serialize, Serializer};
use sha2::{Digest, Sha256};
use std::{fmt, str::FromStr};

/// Separates these hashes from all others; a change of the layout below changes it.
const DOMAIN: &[u8] = b"lenke interval id 1";

/// Deterministic: the same facts give the same id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IntervalId(pub [u8; 16]);

impl IntervalId {
    /// The first 16 bytes of SHA-256 over what the interval is about and where it was first told to begin.
    pub fn new(wearer: WearerId, kind: IntervalKind, subject: Subject, anchor: UnixMillis) -> Self {
        let mut hash = Sha256::new();
        hash.update(DOMAIN);
        let code = kind.code();
        hash.update((code.len() as u64).to_be_bytes());
        hash.update(code);
        hash.update(wearer.0.to_be_bytes());
        let (tag, number) = subject_number(subject);
        hash.update([tag]);
        hash.update(number.to_be_bytes());
        hash.update(anchor.0.to_be_bytes());
        let digest: [u8; 32] = hash.finalize().into();
        let mut id = [0; 16];
        for (byte, of_digest) in id.iter_mut().zip(digest) {
            *byte = of_digest;
        }
        Self(id)
    }
}

impl fmt::Display for IntervalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for IntervalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for IntervalId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What an interval says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntervalKind {
    /// The centre keeps this account.
    Watched,
    /// The tag said nothing.
    Silent,
    /// The tag did not say where it was.
    Unplaced,
    /// Nearness to a protected person could not be told.
    Blind,
    /// The strap was open, or nobody has checked since.
    StrapOpen,
    /// In an exclusion zone.
    Inside,
    /// Through an exclusion zone between two fixes.
    Crossed,
    /// At home.
    Home,
    /// Away from home.
    Away,
    /// Within the alert ring of a protected person.
    Near,
}

/// There is no such kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a kind of interval")]
pub struct IntervalKindError;

impl FromStr for IntervalKind {
    type Err = IntervalKindError;

    fn from_str(text: &str) -> Result<Self, IntervalKindError> {
        Self::ALL.into_iter().find(|kind| kind.code() == text).ok_or(IntervalKindError)
    }
}

impl IntervalKind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::Watched,
        Self::Silent,
        Self::Unplaced,
        Self::Blind,
        Self::StrapOpen,
        Self::Inside,
        Self::Crossed,
        Self::Home,
        Self::Away,
        Self::Near,
    ];

    /// The name in its serialized form.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Watched => "watched",
            Self::Silent => "silent",
            Self::Unplaced => "unplaced",
            Self::Blind => "blind",
            Self::StrapOpen => "strap_open",
            Self::Inside => "inside",
            Self::Crossed => "crossed",
            Self::Home => "home",
            Self::Away => "away",
            Self::Near => "near",
        }
    }
}

/// The zone that an interval is about, as it was evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneVersion {
    /// Which zone.
    pub id: ZoneId,
    /// In which version.
    pub version: u32,
}

/// One interval as it is known now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IntervalRecord {
    /// Identity: the same while it is amended.
    pub id: IntervalId,
    /// Whose time.
    pub wearer: WearerId,
    /// Under which order.
    pub order: OrderId,
    /// In which version.
    pub order_version: u32,
    /// What it says.
    pub kind: IntervalKind,
    /// What it is about.
    pub subject: Subject,
    /// The zone, where one is concerned.
    pub zone: Option<ZoneVersion>,
    /// Rule and its version, such as `presence.away/1`.
    pub rule: String,
    /// First moment.
    pub from: UnixMillis,
    /// First moment after; nothing while it lasts.
    pub to: Option<UnixMillis>,
    /// Part of it was not seen: it was interpolated, or evidence lies further apart than fixes confirm each other.
    pub uncertain: bool,
    /// A backlog brought or amended it.
    pub late: bool,
    /// The alert that tells of it, where there is one of the same moments.
    pub alert: Option<AlertId>,
    /// When the centre came to know of it as it is now.
    pub known_at: UnixMillis,
}

impl IntervalRecord {
    /// It turned out not to be.
    pub fn is_withdrawn(&self) -> bool {
        self.to == Some(self.from)
    }

    /// Its moments, as far as `now` if it lasts.
    pub fn interval(&self, now: UnixMillis) -> Interval {
        Interval::new(self.from, self.to.unwrap_or(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ConditionId;
    use std::collections::HashSet;

    #[test]
    fn every_kind_is_listed_once_and_its_code_is_its_serialized_name() {
        assert_eq!(IntervalKind::ALL.iter().collect::<HashSet<_>>().len(), IntervalKind::ALL.len());
        for kind in IntervalKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.code());
            assert_eq!(kind.code().parse(), Ok(kind));
        }
        assert_eq!("elsewhere".parse::<IntervalKind>(), Err(IntervalKindError));
    }

    #[test]
    fn an_id_never_changes_between_versions_of_the_program_and_any_other_fact_gives_another() {
        let id = |wearer, kind, subject, anchor| {
            IntervalId::new(WearerId(wearer), kind, subject, UnixMillis(anchor)).to_string()
        };
        let condition = Subject::Condition(ConditionId(3));
        let away = id(42, IntervalKind::Away, condition, 5);
        assert_eq!(away, "65b2e005342a86287c65f8404a8fb728");
        let others = [
            id(43, IntervalKind::Away, condition, 5),
            id(42, IntervalKind::Home, condition, 5),
            id(42, IntervalKind::Away, Subject::Zone(ZoneId(3)), 5),
            id(42, IntervalKind::Away, condition, 6),
        ];
        assert!(others.iter().all(|other| *other != away));
    }
}
