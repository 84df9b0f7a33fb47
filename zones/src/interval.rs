//! Stretches of time and their algebra: union, intersection, difference, complement.

use lenke_wire::UnixMillis;
use serde::{Deserialize, Serialize};

/// From the first moment inside to the first moment after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Interval {
    /// First moment inside.
    pub from: UnixMillis,
    /// First moment after.
    pub to: UnixMillis,
}

impl Interval {
    /// All time there is.
    pub const ALWAYS: Self = Self { from: UnixMillis(i64::MIN), to: UnixMillis(i64::MAX) };

    /// From `from` to before `to`; empty if `to` does not lie after `from`.
    pub const fn new(from: UnixMillis, to: UnixMillis) -> Self {
        Self { from, to }
    }

    /// Whether it holds no moment.
    pub const fn is_empty(self) -> bool {
        self.from.0 >= self.to.0
    }

    /// Whether a moment lies inside.
    pub const fn contains(self, at: UnixMillis) -> bool {
        self.from.0 <= at.0 && at.0 < self.to.0
    }

    /// Milliseconds from begin to end; 0 if empty.
    pub const fn length_ms(self) -> i64 {
        if self.is_empty() { 0 } else { self.to.since_ms(self.from) }
    }

    /// What both hold; may be empty.
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        Self { from: self.from.max(other.from), to: self.to.min(other.to) }
    }
}

/// Any moments, as intervals in order of time that neither overlap nor touch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Vec<Interval>", into = "Vec<Interval>")]
pub struct Intervals(Vec<Interval>);

impl From<Vec<Interval>> for Intervals {
    fn from(intervals: Vec<Interval>) -> Self {
        intervals.into_iter().collect()
    }
}

impl From<Intervals> for Vec<Interval> {
    fn from(intervals: Intervals) -> Self {
        intervals.0
    }
}

impl FromIterator<Interval> for Intervals {
    /// In any order; what overlaps or touches is joined, what is empty is dropped.
    fn from_iter<I: IntoIterator<Item = Interval>>(intervals: I) -> Self {
        let mut all: Vec<Interval> = intervals.into_iter().filter(|interval| !interval.is_empty()).collect();
        all.sort_unstable();
        let mut joined: Vec<Interval> = Vec::with_capacity(all.len());
        for interval in all {
            match joined.last_mut() {
                Some(last) if interval.from <= last.to => last.to = last.to.max(interval.to),
                _ => joined.push(interval),
            }
        }
        Self(joined)
    }
}

impl IntoIterator for Intervals {
    type Item = Interval;
    type IntoIter = std::vec::IntoIter<Interval>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Intervals {
    type Item = &'a Interval;
    type IntoIter = std::slice::Iter<'a, Interval>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl Intervals {
    /// In order of time.
    pub fn as_slice(&self) -> &[Interval] {
        &self.0
    }

    /// In order of time.
    pub fn iter(&self) -> std::slice::Iter<'_, Interval> {
        self.0.iter()
    }

    /// How many intervals.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether they hold no moment.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The interval that holds a moment.
    pub fn at(&self, at: UnixMillis) -> Option<Interval> {
        let after = self.0.partition_point(|interval| interval.from <= at);
        self.0[..after].last().copied().filter(|interval| interval.contains(at))
    }

    /// Whether a moment lies inside.
    pub fn contains(&self, at: UnixMillis) -> bool {
        self.at(at).is_some()
    }

    /// Milliseconds altogether.
    pub fn length_ms(&self) -> i64 {
        self.0.iter().map(|interval| interval.length_ms()).fold(0, i64::saturating_add)
    }

    /// What either holds.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.0.iter().chain(&other.0).copied().collect()
    }

    /// What both hold.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let (mut mine, mut theirs) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut both = Vec::new();
        while let (Some(a), Some(b)) = (mine.peek(), theirs.peek()) {
            let common = a.intersection(**b);
            if !common.is_empty() {
                both.push(common);
            }
            if a.to <= b.to {
                mine.next();
            } else {
                theirs.next();
            }
        }
        Self(both)
    }

    /// What this holds and the other does not.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        self.intersection(&other.complement(Interval::ALWAYS))
    }

    /// What `within` holds and this does not.
    #[must_use]
    pub fn complement(&self, within: Interval) -> Self {
        let mut gaps = Vec::with_capacity(self.0.len() + 1);
        let mut from = within.from;
        for interval in &self.0 {
            gaps.push(Interval { from, to: interval.from.min(within.to) });
            from = from.max(interval.to);
        }
        gaps.push(Interval { from, to: within.to });
        gaps.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Intervals over 64 moments, as the reference model's bits.
    fn bits(intervals: &Intervals) -> u64 {
        (0..64).filter(|&t| intervals.contains(UnixMillis(t))).fold(0, |bits, t| bits | 1 << t)
    }

    fn any() -> impl Strategy<Value = Intervals> {
        let pair = (0..64_i64, 0..64_i64).prop_map(|(a, b)| Interval::new(UnixMillis(a), UnixMillis(b)));
        prop::collection::vec(pair, 0..8).prop_map(Intervals::from)
    }

    fn is_normal(intervals: &Intervals) -> bool {
        intervals.iter().all(|interval| !interval.is_empty())
            && intervals.as_slice().windows(2).all(|pair| pair[0].to < pair[1].from)
    }

    proptest! {
        #[test]
        fn the_algebra_is_that_of_sets_of_moments(a in any(), b in any()) {
            let within = Interval::new(UnixMillis(0), UnixMillis(64));
            for (result, expected) in [
                (a.union(&b), bits(&a) | bits(&b)),
                (a.intersection(&b), bits(&a) & bits(&b)),
                (a.difference(&b), bits(&a) & !bits(&b)),
                (a.complement(within), !bits(&a)),
            ] {
                prop_assert!(is_normal(&result), "{:?}", result);
                prop_assert_eq!(bits(&result), expected);
                prop_assert_eq!(result.length_ms(), i64::from(expected.count_ones()));
            }
        }

        #[test]
        fn a_set_and_its_complement_are_all_time(a in any()) {
            let rest = a.complement(Interval::ALWAYS);
            let all = a.union(&rest);
            prop_assert_eq!(all.as_slice(), &[Interval::ALWAYS]);
            prop_assert!(a.intersection(&rest).is_empty());
            prop_assert_eq!(rest.complement(Interval::ALWAYS), a);
        }
    }

    #[test]
    fn touching_intervals_are_joined_and_empty_ones_dropped() {
        let at = |from, to| Interval::new(UnixMillis(from), UnixMillis(to));
        let joined = Intervals::from(vec![at(5, 9), at(1, 5), at(20, 10), at(12, 13)]);
        assert_eq!(joined.as_slice(), [at(1, 9), at(12, 13)]);
    }
}
