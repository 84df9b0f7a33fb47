//! The windows of a week, joined, in minutes since Monday's midnight; no time zone yet.

use super::WeeklyWindow;

pub(super) const DAY_MIN: i64 = 1440;
pub(super) const WEEK_MIN: i64 = 7 * DAY_MIN;

/// Windows in order that neither overlap nor touch; each begins within the week and may end in the next.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Week(Vec<(i64, i64)>);

impl Week {
    pub(super) fn new(windows: &[WeeklyWindow]) -> Self {
        let mut all: Vec<(i64, i64)> = Vec::with_capacity(3 * windows.len());
        for window in windows {
            let midnight = (i64::from(window.weekday) - 1) * DAY_MIN;
            let from = midnight + i64::from(window.from_min);
            let overnight = if window.to_min <= window.from_min { DAY_MIN } else { 0 };
            let to = midnight + i64::from(window.to_min) + overnight;
            // The weeks before and after, to see what joins over the week's ends.
            all.extend([-WEEK_MIN, 0, WEEK_MIN].map(|week| (from + week, to + week)));
        }
        all.sort_unstable();
        let mut joined: Vec<(i64, i64)> = Vec::with_capacity(all.len());
        for (from, to) in all {
            match joined.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => joined.push((from, to)),
            }
        }
        if joined.iter().any(|(from, to)| to - from >= WEEK_MIN) {
            return Self(vec![(0, WEEK_MIN)]);
        }
        joined.retain(|(from, _)| (0..WEEK_MIN).contains(from));
        Self(joined)
    }

    /// Whether no minute of the week is left out.
    pub(super) fn is_always(&self) -> bool {
        self.0 == [(0, WEEK_MIN)]
    }

    /// Minutes of the longest window.
    pub(super) fn longest_min(&self) -> i64 {
        self.0.iter().map(|(from, to)| to - from).max().unwrap_or(0)
    }

    /// The windows of all weeks that touch [`first`, `last`], in order.
    pub(super) fn windows_touching(&self, first: i64, last: i64) -> impl Iterator<Item = (i64, i64)> + '_ {
        let weeks = first.div_euclid(WEEK_MIN) - 1..=last.div_euclid(WEEK_MIN);
        weeks
            .flat_map(move |week| {
                self.0.iter().map(move |(from, to)| (from + week * WEEK_MIN, to + week * WEEK_MIN))
            })
            .filter(move |(from, to)| *from <= last && first <= *to)
    }
}
