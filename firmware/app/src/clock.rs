//! Unix time out of uptime and whoever knows better: real-time clock, network, satellites.
//!
//! The time that the core sees never goes back. A correction forwards is a jump; a small one backwards makes the clock stand until the
//! true time has come; a large one is left to the caller, who restarts the tag in a new epoch.

use embassy_time::Instant;
use lenke_wire::UnixMillis;

/// A clock that is ahead by more than this cannot wait for the true time.
pub const STAND_MS_MAX: i64 = 60_000;
/// What a source says is late by its way to us: corrections backwards up to this much are none.
const LATENCY_MS_MAX: i64 = 2_000;
/// Corrections forwards below this are not worth a jump.
const DRIFT_MS_MIN: i64 = 500;

/// What a correction did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Correction {
    /// Nothing, or the clock stands for a while.
    Kept,
    /// The clock jumped forwards.
    Advanced,
    /// The clock is ahead by too much: nothing was changed.
    Ahead,
}

/// Maps uptime to Unix time.
#[derive(Debug)]
pub struct Clock {
    base: UnixMillis,
    base_at: Instant,
    shown: UnixMillis,
}

impl Clock {
    /// A clock that shows `time` at `at`.
    pub const fn new(time: UnixMillis, at: Instant) -> Self {
        Self { base: time, base_at: at, shown: time }
    }

    /// The time at `at`; not before any time that was shown.
    pub fn now(&mut self, at: Instant) -> UnixMillis {
        self.shown = self.shown.max(self.plain(at));
        self.shown
    }

    /// When the clock will show `time`; at once if it has passed.
    pub fn instant(&self, time: UnixMillis) -> Instant {
        let micros = time.since_ms(self.base).saturating_mul(1_000);
        Instant::from_micros(self.base_at.as_micros().saturating_add_signed(micros))
    }

    /// At `at` somebody says that it is `time`.
    pub fn correct(&mut self, time: UnixMillis, at: Instant) -> Correction {
        let behind_ms = time.since_ms(self.plain(at));
        if behind_ms < -STAND_MS_MAX {
            return Correction::Ahead;
        }
        if (-LATENCY_MS_MAX..DRIFT_MS_MIN).contains(&behind_ms) {
            return Correction::Kept;
        }
        self.now(at);
        self.base = time;
        self.base_at = at;
        if behind_ms > 0 { Correction::Advanced } else { Correction::Kept }
    }

    fn plain(&self, at: Instant) -> UnixMillis {
        let micros = at.as_micros().saturating_sub(self.base_at.as_micros());
        self.base.plus_ms(i64::try_from(micros / 1_000).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: UnixMillis = UnixMillis(1_795_293_600_000);

    fn at(seconds: u64) -> Instant {
        Instant::from_secs(seconds)
    }

    #[test]
    fn a_correction_forwards_jumps() {
        let mut clock = Clock::new(START, at(10));
        assert_eq!(clock.now(at(15)), START.plus_s(5));
        assert_eq!(clock.correct(START.plus_s(100), at(20)), Correction::Advanced);
        assert_eq!(clock.now(at(21)), START.plus_s(101));
        assert_eq!(clock.instant(START.plus_s(110)), at(30));
    }

    #[test]
    fn a_correction_backwards_stands_still_until_the_true_time_has_come() {
        let mut clock = Clock::new(START, at(0));
        clock.now(at(30));
        assert_eq!(clock.correct(START.plus_s(10), at(30)), Correction::Kept);
        assert_eq!(clock.now(at(40)), START.plus_s(30));
        assert_eq!(clock.now(at(60)), START.plus_s(40));
    }

    #[test]
    fn a_source_that_is_late_by_its_latency_changes_nothing() {
        let mut clock = Clock::new(START, at(0));
        assert_eq!(clock.correct(START.plus_ms(28_500), at(30)), Correction::Kept);
        assert_eq!(clock.now(at(31)), START.plus_s(31));
    }

    #[test]
    fn a_clock_far_ahead_says_so_and_goes_on() {
        let mut clock = Clock::new(START, at(0));
        assert_eq!(clock.correct(START.plus_s(-3_600), at(30)), Correction::Ahead);
        assert_eq!(clock.now(at(31)), START.plus_s(31));
    }

    #[test]
    fn times_in_the_past_are_due_at_once() {
        let clock = Clock::new(START, at(0));
        assert_eq!(clock.instant(UnixMillis(0)), at(0));
    }
}
