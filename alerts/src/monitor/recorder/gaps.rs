//! Time without evidence, in the evidence's own time: every stretch between two neighbouring moments of evidence that
//! is longer than allowed, in whatever order they became known.
//!
//! ```text
//! evidence   |  |        . . . . . . . .        |  |   .  .  .  .   (nothing more)
//! gaps          [-------------------------------)      [-----------------> open
//! late             |                                    found later inside a gap: it is cut, split or withdrawn
//! ```

use super::Told;
use lenke_wire::UnixMillis;
use serde::{Deserialize, Serialize};

/// Ended gaps kept at most, newest: an older one is final, whatever a backlog brings.
pub(super) const GAPS_MAX: usize = 8;

/// Gaps of one kind of evidence.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Gaps {
    /// Oldest evidence, or where watching began.
    #[serde(rename = "f")]
    first: UnixMillis,
    /// Newest evidence, or where watching began.
    #[serde(rename = "l")]
    last: UnixMillis,
    /// In order of time; only the last may be open, and then it begins at `last`.
    #[serde(rename = "g", default, skip_serializing_if = "Vec::is_empty")]
    told: Vec<Told>,
}

impl Gaps {
    pub(super) const fn new(since: UnixMillis) -> Self {
        Self { first: since, last: since, told: Vec::new() }
    }

    /// Newest evidence.
    pub(super) const fn last(&self) -> UnixMillis {
        self.last
    }

    /// Whether a known gap begins within so long after a moment.
    pub(super) fn begins_after(&self, at: UnixMillis, within_ms: i64) -> bool {
        self.told.iter().any(|told| told.from >= at && told.from.since_ms(at) <= within_ms)
    }

    /// Until when the next evidence after a moment of evidence has come: `within_ms`, unless a gap begins there.
    pub(super) fn next_after(&self, at: UnixMillis, within_ms: i64) -> UnixMillis {
        let begins = |told: &&Told| told.from >= at && told.from.since_ms(at) <= within_ms;
        let gap = self.told.iter().find(begins);
        gap.map_or(at.plus_ms(within_ms), |gap| gap.to.unwrap_or(UnixMillis(i64::MAX)))
    }

    /// Evidence at a moment. Tells `change` of every gap that it begins, ends, cuts or withdraws.
    pub(super) fn handle_evidence(&mut self, at: UnixMillis, allowed_ms: i64, mut change: impl FnMut(Told)) {
        if at < self.last {
            return self.handle_late(at, allowed_ms, change);
        }
        let from = std::mem::replace(&mut self.last, at);
        let is_gap = at.since_ms(from) > allowed_ms;
        let open = self.told.pop_if(|told| told.to.is_none());
        match open {
            Some(open) if is_gap => self.push(Told { to: Some(at), ..open }, &mut change),
            Some(open) => change(Told { to: Some(open.from), ..open }),
            None if is_gap => self.push(Told { to: Some(at), ..Told::new(from) }, &mut change),
            None => {}
        }
    }

    /// Evidence from before all: nothing came between.
    pub(super) fn handle_earlier(&mut self, at: UnixMillis, allowed_ms: i64, mut change: impl FnMut(Told)) {
        let to = std::mem::replace(&mut self.first, at);
        if to.since_ms(at) > allowed_ms {
            let gap = Told { to: Some(to), ..Told::new(at) };
            change(gap);
            if self.told.len() <= GAPS_MAX {
                self.told.insert(0, gap);
            }
        }
    }

    /// Nothing more came for longer than allowed.
    pub(super) fn handle_overdue(&mut self, mut change: impl FnMut(Told)) {
        if self.told.last().is_none_or(|told| told.to.is_some()) {
            self.push(Told::new(self.last), &mut change);
        }
    }

    fn push(&mut self, told: Told, change: &mut impl FnMut(Told)) {
        change(told);
        if self.told.len() > GAPS_MAX {
            self.told.remove(0);
        }
        self.told.push(told);
    }

    fn handle_late(&mut self, at: UnixMillis, allowed_ms: i64, mut change: impl FnMut(Told)) {
        let holds = |told: &Told| told.from < at && told.to.is_some_and(|to| at < to);
        let Some(index) = self.told.iter().position(holds) else { return };
        let gap = self.told.remove(index);
        let to = gap.to.unwrap_or(at);
        let (before, after) = (at.since_ms(gap.from) > allowed_ms, to.since_ms(at) > allowed_ms);
        let cut = match (before, after) {
            (false, false) => Told { to: Some(gap.from), ..gap },
            (false, true) => Told { from: at, ..gap },
            (true, _) => Told { to: Some(at), ..gap },
        };
        change(cut);
        if before || after {
            self.told.insert(index, cut);
        }
        if before && after {
            let rest = Told { to: Some(to), ..Told::new(at) };
            change(rest);
            self.told.insert(index + 1, rest);
            if self.told.len() > GAPS_MAX + 1 {
                self.told.remove(0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lenke_zones::{Interval, Intervals};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    const ALLOWED_MS: i64 = 10;

    /// What a store holds after everything it was told.
    fn stored(evidence: &[i64], overdue: bool) -> Intervals {
        let mut gaps = Gaps::new(UnixMillis(0));
        let mut rows: BTreeMap<i64, Told> = BTreeMap::new();
        let mut take = |told: Told| {
            rows.insert(told.anchor.0, told);
        };
        for at in evidence {
            if UnixMillis(*at) < gaps.first {
                gaps.handle_earlier(UnixMillis(*at), ALLOWED_MS, &mut take);
            }
            gaps.handle_evidence(UnixMillis(*at), ALLOWED_MS, &mut take);
        }
        if overdue {
            gaps.handle_overdue(&mut take);
        }
        rows.values().map(|told| Interval::new(told.from, told.to.unwrap_or(UnixMillis(1000)))).collect()
    }

    fn expected(evidence: &[i64], overdue: bool) -> Intervals {
        let mut all: Vec<i64> = evidence.iter().copied().chain([0]).collect();
        all.sort_unstable();
        let between = all.windows(2).map(|pair| Interval::new(UnixMillis(pair[0]), UnixMillis(pair[1])));
        let long = between.filter(|gap| gap.length_ms() > ALLOWED_MS);
        let last = all.last().filter(|_| overdue);
        long.chain(last.map(|last| Interval::new(UnixMillis(*last), UnixMillis(1000)))).collect()
    }

    proptest! {
        #[test]
        fn gaps_are_those_of_the_evidence_in_whatever_order_it_comes(
            // Few enough that no gap becomes final.
            evidence in prop::collection::vec(-40..59_i64, 0..40),
            overdue: bool,
        ) {
            let (stored, expected) = (stored(&evidence, overdue), expected(&evidence, overdue));
            prop_assert_eq!(stored.as_slice(), expected.as_slice());
        }
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut gaps = Gaps::new(UnixMillis(0));
        for at in 1..200 {
            gaps.handle_evidence(UnixMillis(at * 100), ALLOWED_MS, |_| {});
        }
        for at in 1..200 {
            gaps.handle_evidence(UnixMillis(at * 100 - 50), ALLOWED_MS, |_| {});
        }
        gaps.handle_overdue(|_| {});
        assert!(gaps.told.len() <= GAPS_MAX + 1, "{}", gaps.told.len());
    }
}
