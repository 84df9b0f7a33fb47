//! When to look for a position, and what it means not to find one.
//!
//! Away from home GNSS is sampled each collect interval; at home, while the authenticated beacon is heard, only for an hourly
//! spot check: a beacon alone must not silence GNSS for ever.

use crate::GnssFix;
use lenke_wire::{Position, UnixMillis, downlink::Plan};

/// At home as long as the beacon was heard within this time.
const HOME_MS: i64 = 180_000;
/// The spot check at home.
const SPOT_CHECK_MS: i64 = 3_600_000;
/// Fixes that come up to this much early still keep the plan's interval.
const EARLY_MS: i64 = 500;
/// A position is fresh for two intervals, at least this long.
const FRESH_MS_MIN: i64 = 120_000;

pub(crate) struct Location {
    last: Option<(UnixMillis, GnssFix)>,
    recorded_at: Option<UnixMillis>,
    /// Since when GNSS has been on without a fix.
    searching_since: UnixMillis,
    lost: bool,
    asked: bool,
    next_sample: UnixMillis,
    home_until: Option<UnixMillis>,
}

/// What the time brought about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    Sample,
    /// Seconds without a fix.
    Lost(i32),
}

/// What a fix brought about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    /// It belongs into the trail.
    pub(crate) record: bool,
    /// Seconds without one, if that had been reported.
    pub(crate) regained: Option<i32>,
}

impl Location {
    pub(crate) const fn new() -> Self {
        Self {
            last: None,
            recorded_at: None,
            searching_since: UnixMillis(0),
            lost: false,
            asked: false,
            next_sample: UnixMillis(0),
            home_until: None,
        }
    }

    pub(crate) const fn start(&mut self, now: UnixMillis) {
        self.searching_since = now;
        self.next_sample = now;
    }

    pub(crate) fn is_home(&self) -> bool {
        self.home_until.is_some()
    }

    /// There has been a fix since the start.
    pub(crate) const fn has_time(&self) -> bool {
        self.last.is_some()
    }

    /// The last position, while it is fresh.
    pub(crate) fn position(&self, plan: &Plan, now: UnixMillis) -> Option<Position> {
        let (at, fix) = self.last?;
        let fresh_ms = (i64::from(plan.collect_s) * 2_000).max(FRESH_MS_MIN);
        (now.since_ms(at) <= fresh_ms).then_some(fix.position)
    }

    pub(crate) fn deadline(&self, plan: &Plan) -> UnixMillis {
        let mut first = self.next_sample;
        if let Some(until) = self.home_until {
            first = first.min(until);
        } else if !self.lost {
            first = first.min(self.searching_since.plus_s(i64::from(plan.no_fix_s)));
        }
        first
    }

    /// Ask for a position now, whatever the plan says.
    pub(crate) const fn ask(&mut self, now: UnixMillis) {
        self.next_sample = now;
    }

    /// The home beacon proved itself.
    pub(crate) fn handle_home(&mut self, now: UnixMillis) {
        if self.home_until.is_none() {
            self.next_sample = now.plus_ms(SPOT_CHECK_MS);
        }
        self.home_until = Some(now.plus_ms(HOME_MS));
    }

    pub(crate) fn handle_timer(&mut self, plan: &Plan, now: UnixMillis) -> Option<Due> {
        if self.home_until.is_some_and(|until| now >= until) {
            self.home_until = None;
            self.searching_since = now;
            self.next_sample = now;
        }
        if now >= self.next_sample {
            let interval_ms = if self.is_home() { SPOT_CHECK_MS } else { i64::from(plan.collect_s) * 1000 };
            // Keeps its phase, unless it is more than an interval late.
            let next = self.next_sample.plus_ms(interval_ms);
            self.next_sample = if next > now { next } else { now.plus_ms(interval_ms) };
            self.asked = true;
            return Some(Due::Sample);
        }
        let silent_ms = now.since_ms(self.searching_since);
        if !self.is_home() && !self.lost && silent_ms >= i64::from(plan.no_fix_s) * 1000 {
            self.lost = true;
            return Some(Due::Lost(seconds(silent_ms)));
        }
        None
    }

    pub(crate) fn handle_fix(&mut self, fix: &GnssFix, plan: &Plan, now: UnixMillis) -> Taken {
        let interval_ms = i64::from(plan.collect_s) * 1000 - EARLY_MS;
        let record = self.asked || self.recorded_at.is_none_or(|last| now.since_ms(last) >= interval_ms);
        let regained = self.lost.then(|| seconds(now.since_ms(self.searching_since)));
        if record {
            self.recorded_at = Some(now);
        }
        self.last = Some((now, *fix));
        self.asked = false;
        self.lost = false;
        self.searching_since = now;
        Taken { record, regained }
    }

    pub(crate) const fn handle_no_fix(&mut self) {
        self.asked = false;
    }

    /// A plan took effect: sample by its interval from now on.
    pub(crate) fn handle_plan(&mut self, plan: &Plan, now: UnixMillis) {
        if !self.is_home() {
            self.next_sample = self.next_sample.min(now.plus_s(i64::from(plan.collect_s)));
        }
    }
}

fn seconds(millis: i64) -> i32 {
    i32::try_from(millis / 1000).unwrap_or(i32::MAX)
}
