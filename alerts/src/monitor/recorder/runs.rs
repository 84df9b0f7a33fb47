//! Two states that evidence tells apart, in the evidence's own time: inside and outside, home and away.
//!
//! A run is evidence of one state, dense enough that nothing is expected to be missing in it. A state lasts from the first evidence of
//! it until the first evidence of the other one, through whatever lies between: what was found to be broken counts as
//! broken until something says otherwise. Late evidence finds its place among the runs; inside a run of the other state
//! it is an error of its own.

use super::Told;
use lenke_wire::UnixMillis;
use serde::{Deserialize, Serialize};

/// Runs kept at most, newest: what older ones said is final.
const RUNS_MAX: usize = 10;

/// How evidence hangs together, milliseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach {
    /// Evidence further apart than this leaves room for what a backlog may bring.
    pub(super) dense_ms: i64,
    /// Evidence further apart than this leaves it uncertain what was between.
    pub(super) sure_ms: i64,
}

/// Evidence of one state: which, first and last moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Run(bool, UnixMillis, UnixMillis);

/// One state's stretch, as it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stretch {
    #[serde(rename = "s")]
    pub(super) state: bool,
    #[serde(rename = "t")]
    pub(super) told: Told,
    #[serde(rename = "u", default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) uncertain: bool,
}

/// Runs in order of time, no two of which share a moment, and the stretches that were told of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Runs {
    #[serde(rename = "r")]
    runs: Vec<Run>,
    #[serde(rename = "t", default, skip_serializing_if = "Vec::is_empty")]
    told: Vec<Stretch>,
    /// What lies before is final.
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    floor: Option<UnixMillis>,
    /// The oldest run is several that were joined to save room, and it is uncertain what was between.
    #[serde(rename = "h", default, skip_serializing_if = "std::ops::Not::not")]
    hollow: bool,
}

impl Runs {
    /// Newest evidence.
    pub(super) fn last(&self) -> Option<UnixMillis> {
        self.runs.last().map(|run| run.2)
    }

    /// Whether the newest evidence is of this state.
    pub(super) fn is(&self, state: bool) -> bool {
        self.runs.last().is_some_and(|run| run.0 == state)
    }

    /// Evidence of `state` from one moment to another; `reach` says how it hangs together.
    pub(super) fn handle_evidence(
        &mut self,
        state: bool,
        (first, last): (UnixMillis, UnixMillis),
        reach: Reach,
        mut change: impl FnMut(Stretch),
    ) {
        // Two fixes that confirm each other across a hole say nothing of what may still come to fill it.
        let spans = if last.since_ms(first) > reach.dense_ms {
            [Some((first, first)), Some((last, last))]
        } else {
            [Some((first, last)), None]
        };
        for span in spans.into_iter().flatten() {
            self.handle_dense(state, span, reach, &mut change);
        }
    }

    fn handle_dense(
        &mut self,
        state: bool,
        (first, last): (UnixMillis, UnixMillis),
        reach: Reach,
        change: &mut impl FnMut(Stretch),
    ) {
        if let Some(newest) = self.runs.last_mut()
            && newest.0 == state
            && newest.1 <= first
            && (state || newest.1 < newest.2)
            && first.since_ms(newest.2) <= reach.dense_ms
        {
            // Nearly always: more of the same, which changes nothing that was told.
            newest.2 = newest.2.max(last);
            return;
        }
        if self.insert(state, (first, last), reach.dense_ms) {
            self.tell(reach.sure_ms, change);
            self.forget_oldest(reach.sure_ms);
        }
    }

    /// Whether the evidence right before or right after a moment is of this state, and near.
    pub(super) fn is_beside(&self, state: bool, at: UnixMillis, dense_ms: i64) -> bool {
        let after = self.runs.partition_point(|run| run.1 <= at);
        let before = after.checked_sub(1).and_then(|index| self.runs.get(index));
        let is_near =
            |run: &Run| run.0 == state && at.since_ms(run.2) <= dense_ms && run.1.since_ms(at) <= dense_ms;
        before.is_some_and(is_near) || self.runs.get(after).is_some_and(is_near)
    }

    /// Returns whether anything changed.
    fn insert(&mut self, state: bool, (first, last): (UnixMillis, UnixMillis), dense_ms: i64) -> bool {
        if self.floor.is_some_and(|floor| first < floor) {
            return false;
        }
        self.take_back_end((first, last), dense_ms);
        let after = self.runs.partition_point(|run| run.1 <= first);
        // What the next run of the other state contradicts goes no further than to it.
        let other = self.runs.iter().skip(after).find(|run| run.0 != state).map(|run| run.1);
        let mut new = Run(state, first, other.map_or(last, |other| last.min(UnixMillis(other.0 - 1))));
        let mut begin = after;
        if let Some(before) = after.checked_sub(1).and_then(|index| self.runs.get(index)) {
            let near = first.since_ms(before.2) <= dense_ms;
            if before.0 == state && near {
                new = Run(state, before.1, new.2.max(before.2));
                begin -= 1;
            } else if before.0 != state && first <= before.2 {
                return false;
            }
        }
        let mut end = after;
        while let Some(next) = self.runs.get(end).filter(|next| next.0 == state) {
            if next.1.since_ms(new.2) > dense_ms {
                break;
            }
            new.2 = new.2.max(next.2);
            end += 1;
        }
        if self.runs.get(begin..end) == Some(&[new]) {
            return false;
        }
        self.runs.splice(begin..end, [new]);
        true
    }

    /// Where a run of evidence of true that holds a moment ends, and where the next one of true begins, if no other
    /// evidence is known between.
    pub(super) fn loose_end(&self, at: UnixMillis) -> Option<(UnixMillis, Option<UnixMillis>)> {
        let index = self.runs.iter().position(|run| run.0 && run.1 <= at && at <= run.2)?;
        match self.runs.get(index + 1) {
            Some(next) if !next.0 => None,
            next => Some((self.runs[index].2, next.map(|next| next.1))),
        }
    }

    /// An end that was put right behind evidence of true, for want of a better one, goes when that goes on, or when its
    /// end is found.
    fn take_back_end(&mut self, (first, last): (UnixMillis, UnixMillis), dense_ms: i64) {
        let made_up = self.runs.windows(2).position(|pair| {
            let [before, end] = pair else { return false };
            before.0
                && *end == Run(false, before.2.plus_ms(1), before.2.plus_ms(1))
                && first.since_ms(before.2) <= dense_ms
                && last > before.2
        });
        if let Some(index) = made_up {
            self.runs.remove(index + 1);
        }
    }

    /// The stretches that the runs make: those of one state in a row are one.
    fn stretches(&self, sure_ms: i64) -> Vec<Stretch> {
        let groups: Vec<&[Run]> = self.runs.chunk_by(|a, b| a.0 == b.0).collect();
        let begins = groups.iter().skip(1).map(|group| Some(group[0].1)).chain([None]);
        let stretch = |(index, (group, to)): (usize, (&&[Run], Option<UnixMillis>))| {
            let holes = group.windows(2).any(|pair| pair[1].1.since_ms(pair[0].2) > sure_ms)
                || (index == 0 && self.hollow);
            let unseen_end = to.is_some_and(|to| to.since_ms(group[group.len() - 1].2) > sure_ms);
            let told = Told { to, ..Told::new(group[0].1) };
            Stretch { state: group[0].0, told, uncertain: holes || unseen_end }
        };
        groups.iter().zip(begins).enumerate().map(stretch).collect()
    }

    /// Tells of every stretch that is not as it was told.
    fn tell(&mut self, sure_ms: i64, mut change: impl FnMut(Stretch)) {
        let mut known = std::mem::take(&mut self.told);
        let used: Vec<_> = known.iter().map(|known| (known.state, known.told.anchor)).collect();
        for mut stretch in self.stretches(sure_ms) {
            let same = known.iter().position(|known| {
                let until = |to: Option<UnixMillis>| to.unwrap_or(UnixMillis(i64::MAX));
                known.state == stretch.state
                    && known.told.from < until(stretch.told.to)
                    && stretch.told.from < until(known.told.to)
            });
            let before = same.map(|index| known.remove(index));
            match before {
                Some(before) => stretch.told.anchor = before.told.anchor,
                // Another stretch may still go by the name of this moment.
                None => {
                    while used.contains(&(stretch.state, stretch.told.anchor)) {
                        stretch.told.anchor.0 += 1;
                    }
                }
            }
            if before != Some(stretch) {
                change(stretch);
            }
            self.told.push(stretch);
        }
        for gone in known {
            change(Stretch { told: Told { to: Some(gone.told.from), ..gone.told }, ..gone });
        }
    }

    fn forget_oldest(&mut self, sure_ms: i64) {
        while self.runs.len() > RUNS_MAX {
            let oldest = self.runs.remove(0);
            let next = self.runs[0];
            if next.0 == oldest.0 {
                // One stretch: it still begins where it began.
                self.runs[0].1 = oldest.1;
                self.hollow |= next.1.since_ms(oldest.2) > sure_ms;
            } else {
                self.floor = Some(next.1);
                self.hollow = false;
                self.told.retain(|stretch| stretch.told.from != oldest.1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    const REACH: Reach = Reach { dense_ms: 5, sure_ms: 9 };

    fn feed(evidence: &[(i64, bool)]) -> (Runs, Vec<(bool, i64, Option<i64>)>) {
        let mut runs = Runs::default();
        let mut rows = BTreeMap::new();
        for (at, state) in evidence {
            let at = UnixMillis(*at);
            runs.handle_evidence(*state, (at, at), REACH, |stretch| {
                rows.insert((stretch.told.anchor, stretch.state), stretch);
            });
        }
        let is_there = |stretch: &&Stretch| stretch.told.to != Some(stretch.told.from);
        let mut rows: Vec<_> = rows
            .values()
            .filter(is_there)
            .map(|stretch| (stretch.state, stretch.told.from.0, stretch.told.to.map(|to| to.0)))
            .collect();
        rows.sort_by_key(|row| row.1);
        (runs, rows)
    }

    proptest! {
        #[test]
        fn evidence_in_its_own_order_gives_the_changes_of_state(states in prop::collection::vec((2..9_i64, any::<bool>()), 1..60)) {
            let mut at = 0;
            let evidence: Vec<_> = states.iter().map(|(step, state)| { at += step; (at, *state) }).collect();
            let changes = evidence.chunk_by(|a, b| a.1 == b.1).map(|group| group[0]);
            let changes: Vec<_> = changes.collect();
            let ends = changes.iter().skip(1).map(|next| Some(next.0)).chain([None]);
            let expected: Vec<_> = changes.iter().zip(ends).map(|(change, to)| (change.1, change.0, to)).collect();
            let (runs, rows) = feed(&evidence);
            prop_assert_eq!(rows, expected);
            prop_assert!(runs.runs.len() <= RUNS_MAX && runs.told.len() <= RUNS_MAX);
        }

        #[test]
        fn stretches_never_overlap_whatever_comes_in_whatever_order(evidence in prop::collection::vec((0..200_i64, any::<bool>()), 1..60)) {
            let (runs, rows) = feed(&evidence);
            for pair in rows.windows(2) {
                prop_assert!(pair[0].2.is_some_and(|to| to <= pair[1].1), "{:?}", rows);
            }
            prop_assert!(runs.runs.windows(2).all(|pair| pair[0].2 < pair[1].1), "{:?}", runs);
        }

        #[test]
        fn doubling_evidence_changes_nothing(evidence in prop::collection::vec((0..60_i64, any::<bool>()), 1..8)) {
            let (_, once) = feed(&evidence);
            let twice: Vec<_> = evidence.iter().chain(evidence.last()).copied().collect();
            prop_assert_eq!(feed(&twice).1, once);
        }
    }

    #[test]
    fn late_evidence_within_a_gap_ends_a_stretch_earlier_and_keeps_its_name() {
        let mut runs = Runs::default();
        let mut told = Vec::new();
        for (at, state) in [(10, true), (100, false), (40, false), (60, true), (62, true)] {
            let at = UnixMillis(at);
            runs.handle_evidence(state, (at, at), REACH, |stretch| told.push(stretch));
        }
        let of = |anchor: i64| {
            told.iter().rev().find(|stretch| stretch.told.anchor.0 == anchor).map(|stretch| stretch.told.to)
        };
        assert_eq!(of(10), Some(Some(UnixMillis(40))));
        assert_eq!(of(60), Some(Some(UnixMillis(100))));
    }
}
