//! Intervals of violation, newest kept: what a backlog brings is merged into them, so nothing is told twice.

use crate::{AlertId, AlertKind};
use lenke_wire::UnixMillis;
use lenke_zones::ZoneId;
use serde::{Deserialize, Serialize};

/// Intervals kept at most; the oldest ended one gives way.
const STAYS_MAX: usize = 12;
/// What begins within this after the last end is one more occurrence of the same alert, seconds.
const RECUR_WITHIN_S: i64 = 600;

/// One interval in which a zone's condition did not hold; `to` is open while it lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stay {
    #[serde(rename = "k")]
    pub(super) kind: AlertKind,
    #[serde(rename = "z")]
    pub(super) zone: ZoneId,
    #[serde(rename = "a")]
    pub(super) from: UnixMillis,
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    pub(super) to: Option<UnixMillis>,
    /// The last good fix before `from`, if long before: the stay may have begun at any time since.
    #[serde(rename = "g", default, skip_serializing_if = "Option::is_none")]
    pub(super) gap_from: Option<UnixMillis>,
    /// A backlog brought it, so its end may move on.
    #[serde(rename = "l", default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) late: bool,
    #[serde(rename = "i")]
    pub(super) id: AlertId,
}

/// What [`History::absorb`] found known already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) id: AlertId,
    /// The end of something late, if it moved on.
    pub(super) moved_to: Option<UnixMillis>,
}

impl Stay {
    /// Shares a moment with `from..=to`, give or take `slack_ms`.
    fn touches(&self, from: UnixMillis, to: UnixMillis, slack_ms: i64) -> bool {
        from.plus_ms(-slack_ms) <= self.to.unwrap_or(UnixMillis(i64::MAX))
            && self.from <= to.plus_ms(slack_ms)
    }
}

/// Intervals, in the order they became known.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct History(Vec<Stay>);

impl History {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Begins an interval again that ended a moment before `at`, if there is one. Returns its alert.
    pub(super) fn reopen(&mut self, kind: AlertKind, zone: ZoneId, at: UnixMillis) -> Option<AlertId> {
        let stay = self.0.iter_mut().rev().find(|stay| stay.kind == kind && stay.zone == zone)?;
        let soon = stay.to.is_some_and(|to| to <= at && at <= to.plus_s(RECUR_WITHIN_S));
        if !soon {
            return None;
        }
        stay.to = None;
        Some(stay.id)
    }

    /// A new interval.
    pub(super) fn push(&mut self, stay: Stay) {
        if self.0.len() >= STAYS_MAX {
            let oldest = self
                .0
                .iter()
                .enumerate()
                .filter(|(_, stay)| stay.to.is_some())
                .min_by_key(|(_, stay)| stay.from)
                .map_or(0, |(index, _)| index);
            self.0.remove(oldest);
        }
        self.0.push(stay);
    }

    /// Ends the open interval of this kind and zone.
    pub(super) fn close(&mut self, kind: AlertKind, zone: ZoneId, at: UnixMillis) {
        for stay in &mut self.0 {
            if stay.kind == kind && stay.zone == zone && stay.to.is_none() {
                stay.to = Some(at.max(stay.from));
            }
        }
    }

    /// Merges `from..=to` into the intervals it touches. Returns the last of them: it is known already.
    pub(super) fn absorb(
        &mut self,
        kind: AlertKind,
        zone: ZoneId,
        (from, to): (UnixMillis, UnixMillis),
        slack_ms: i64,
    ) -> Option<Known> {
        let mut known = None;
        for stay in &mut self.0 {
            if stay.kind == kind && stay.zone == zone && stay.touches(from, to, slack_ms) {
                stay.from = stay.from.min(from);
                let moved = stay.late && stay.to.is_some_and(|end| end < to);
                stay.to = stay.to.map(|end| end.max(to));
                known = Some(Known { id: stay.id, moved_to: moved.then_some(to) });
            }
        }
        known
    }

    /// Whether an interval shares a moment with `from..=to`.
    pub(super) fn knows(&self, kind: AlertKind, zone: ZoneId, (from, to): (UnixMillis, UnixMillis)) -> bool {
        self.0.iter().any(|stay| stay.kind == kind && stay.zone == zone && stay.touches(from, to, 0))
    }

    /// The interval that came out of a gap which `at` lies in: they may be one stay.
    pub(super) fn out_of_gap(&self, kind: AlertKind, zone: ZoneId, at: UnixMillis) -> Option<&Stay> {
        self.0.iter().find(|stay| {
            stay.kind == kind
                && stay.zone == zone
                && at < stay.from
                && stay.gap_from.is_some_and(|gap| gap < at)
        })
    }
}
