//! When to look for a position, and what it means not to find one.
//!
//! GNSS is sampled in the interval of the present state. At home, while the beacon proves itself, that is a spot check on coming home
//! and an hour after the last; and a spot check that finds the tag more than [`HOME_M`] from where home was takes the trust away for [`DISTRUST_MS`]: a beacon that
//! travels with its wearer silences nothing.

use crate::{GnssFix, Uptime, integrity::metres};
use lenke_wire::{Position, command::Plan};

/// At home as long as the beacon proved itself within this time.
const HOME_MS: i64 = 180_000;
/// Home is where it was, give or take this and the fix's accuracy, metres.
const HOME_M: i64 = 300;
const DISTRUST_MS: i64 = 6 * 3_600_000;
/// Only fixes this good say where home is, decimetres.
const HOME_ACCURACY_DM_MAX: u16 = 1_000;
/// Fixes that come up to this much early still keep the interval.
const EARLY_MS: i64 = 500;
/// A position is fresh for two intervals, at least this long.
const FRESH_MS_MIN: i64 = 120_000;

#[derive(Clone, Copy)]
enum Home {
    Away,
    /// The beacon proved itself.
    Proven {
        until: Uptime,
    },
    /// Its word does not count.
    Distrusted {
        until: Uptime,
    },
}

pub(crate) struct Location {
    last: Option<(Uptime, GnssFix)>,
    recorded_at: Option<Uptime>,
    /// Since when GNSS has been on without a fix.
    searching_since: Uptime,
    lost: bool,
    asked: bool,
    /// The interval of the present state, and when it was last kept.
    interval_s: Option<u32>,
    sampled_at: Uptime,
    /// Sample now, whatever the interval says.
    hurry: bool,
    home: Home,
    /// Where home is, since the first good fix there.
    home_at: Option<Position>,
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
    /// The beacon proved itself where home is not.
    pub(crate) home_refuted: bool,
}

impl Location {
    pub(crate) const fn new() -> Self {
        Self {
            last: None,
            recorded_at: None,
            searching_since: Uptime::START,
            lost: false,
            asked: false,
            interval_s: None,
            sampled_at: Uptime::START,
            hurry: true,
            home: Home::Away,
            home_at: None,
        }
    }

    pub(crate) const fn start(&mut self, now: Uptime) {
        self.searching_since = now;
        self.sampled_at = now;
    }

    pub(crate) const fn is_home(&self) -> bool {
        matches!(self.home, Home::Proven { .. })
    }

    /// The last position, while it is fresh.
    pub(crate) fn position(&self, now: Uptime) -> Option<Position> {
        let (at, fix) = self.last?;
        let fresh_ms = (i64::from(self.interval_s.unwrap_or(0)) * 2_000).clamp(FRESH_MS_MIN, 600_000);
        (now.since_ms(at) <= fresh_ms).then_some(fix.position)
    }

    pub(crate) fn deadline(&self, plan: &Plan) -> Option<Uptime> {
        let sample = if self.hurry { Some(self.sampled_at) } else { self.next_sample() };
        let home = match self.home {
            Home::Away => None,
            Home::Proven { until } | Home::Distrusted { until } => Some(until),
        };
        let lost = self.patience_s(plan).map(|patience| self.searching_since.plus_s(patience));
        [sample.filter(|_| self.interval_s.is_some()), home, lost].into_iter().flatten().min()
    }

    /// Ask for a position now, whatever the interval says.
    pub(crate) const fn ask(&mut self) {
        self.hurry = true;
    }

    /// The state's interval from now on.
    pub(crate) const fn set_interval(&mut self, interval_s: Option<u32>, now: Uptime) {
        if self.interval_s.is_none() && interval_s.is_some() {
            // Looking begins.
            self.searching_since = now;
        }
        self.interval_s = interval_s;
    }

    /// The home beacon proved itself. Whether that counts.
    pub(crate) fn handle_home(&mut self, now: Uptime) -> bool {
        if matches!(self.home, Home::Distrusted { until } if now < until) {
            return false;
        }
        if !self.is_home() {
            // Is it the home that it was before?
            self.hurry = true;
        }
        self.home = Home::Proven { until: now.plus_ms(HOME_MS) };
        true
    }

    /// Forgets where home is: the tag may be another wearer's now.
    pub(crate) const fn forget_home(&mut self) {
        self.home_at = None;
    }

    pub(crate) fn handle_timer(&mut self, plan: &Plan, now: Uptime) -> Option<Due> {
        match self.home {
            Home::Proven { until } if now >= until => {
                self.home = Home::Away;
                self.searching_since = now;
                self.hurry = true;
            }
            Home::Distrusted { until } if now >= until => self.home = Home::Away,
            Home::Away | Home::Proven { .. } | Home::Distrusted { .. } => {}
        }
        let interval_s = self.interval_s?;
        if self.hurry || self.next_sample().is_some_and(|due| now >= due) {
            // Keeps its phase, unless it is more than an interval late or was asked in between.
            let next = self.sampled_at.plus_s(interval_s);
            let keeps = !self.hurry && now.since_ms(next) < i64::from(interval_s) * 1000;
            self.sampled_at = if keeps { next } else { now };
            self.hurry = false;
            self.asked = true;
            return Some(Due::Sample);
        }
        let silent_ms = now.since_ms(self.searching_since);
        if self.patience_s(plan).is_some_and(|patience| silent_ms >= i64::from(patience) * 1000) {
            self.lost = true;
            return Some(Due::Lost(seconds(silent_ms)));
        }
        None
    }

    pub(crate) fn handle_fix(&mut self, fix: &GnssFix, now: Uptime) -> Taken {
        let interval_ms = i64::from(self.interval_s.unwrap_or(0)) * 1000 - EARLY_MS;
        let record = self.asked || self.recorded_at.is_none_or(|last| now.since_ms(last) >= interval_ms);
        let regained = self.lost.then(|| seconds(now.since_ms(self.searching_since)));
        if record {
            self.recorded_at = Some(now);
        }
        self.last = Some((now, *fix));
        self.asked = false;
        self.lost = false;
        self.searching_since = now;
        let home_refuted = self.is_home() && self.refutes(fix);
        if home_refuted {
            self.home = Home::Distrusted { until: now.plus_ms(DISTRUST_MS) };
        } else if self.is_home() {
            self.settle(fix);
        }
        Taken { record, regained, home_refuted }
    }

    pub(crate) const fn handle_no_fix(&mut self) {
        self.asked = false;
    }

    fn next_sample(&self) -> Option<Uptime> {
        self.interval_s.map(|interval_s| self.sampled_at.plus_s(interval_s))
    }

    /// Seconds without a fix until that is an event: the plan's, but never so few that one missing sample is one.
    fn patience_s(&self, plan: &Plan) -> Option<u32> {
        let interval_s = self.interval_s.filter(|_| !self.is_home() && !self.lost)?;
        Some(plan.no_fix_s.max(interval_s.saturating_mul(2)))
    }

    fn refutes(&self, fix: &GnssFix) -> bool {
        let off_m = i64::from(fix.accuracy_dm) * 3 / 10 + HOME_M;
        self.home_at.is_some_and(|home| metres(home, fix.position) > off_m)
    }

    const fn settle(&mut self, fix: &GnssFix) {
        if self.home_at.is_none() && fix.accuracy_dm <= HOME_ACCURACY_DM_MAX {
            self.home_at = Some(fix.position);
        }
    }
}

fn seconds(millis: i64) -> i32 {
    i32::try_from(millis / 1000).unwrap_or(i32::MAX)
}
