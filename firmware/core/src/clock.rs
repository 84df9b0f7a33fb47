//! The time of day, with its source and how far it may be off.
//!
//! ```text
//! reading (GNSS, network, a clock that ran on through the reset)
//!    | agrees with ours within both uncertainties   -> the surer of the two stands
//!    | ours is unset, or so old that it proves little -> taken
//!    ` disagrees                                     -> ours stands, a jump is told; AGREEING such readings in a row win
//! ```
//!
//! Between readings the uncertainty grows by [`DRIFT_PER_MS`]. A jump moves what records say, never their order, which is that of
//! their (epoch, seq), and never a timer, which runs by [`Uptime`].

use crate::Uptime;
use lenke_wire::{TimeSource, UnixMillis};

/// A 32 kHz crystal between -20 and 60 degrees: 50 in a million, one millisecond in this many.
const DRIFT_PER_MS: i64 = 20_000;
/// What a satellite fix is good to.
const GNSS_MS: i64 = 1_000;
/// A clock that ran on through a reset was right at some time before.
const RTC_MS: i64 = 60_000;
/// Beyond this a clock proves nothing against a reading.
const VAGUE_MS: i64 = 600_000;
/// What two good readings may differ by besides their uncertainties.
const SLACK_MS: i64 = 1_000;
/// Readings in a row that overrule the clock.
const AGREEING: u8 = 3;

/// What a record says about its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The time of day.
    pub at: UnixMillis,
    /// Where it comes from.
    pub source: TimeSource,
    /// It may be off by this much, seconds, rounded up; `None`: by anything.
    pub uncertainty_s: Option<u32>,
}

/// What a reading did to the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// It agrees, or there was nothing to disagree with.
    Good,
    /// It does not agree, by so many milliseconds; the clock goes on as it was.
    Disagrees(i64),
    /// It did not agree, as often as it takes: the clock is set by so many milliseconds.
    Overruled(i64),
}

#[derive(Clone, Copy)]
struct Reference {
    at: UnixMillis,
    source: TimeSource,
    uncertainty_ms: i64,
    taken: Uptime,
}

impl Reference {
    const fn at(&self, now: Uptime) -> UnixMillis {
        self.at.plus_ms(now.since_ms(self.taken))
    }

    const fn uncertainty_ms(&self, now: Uptime) -> i64 {
        self.uncertainty_ms.saturating_add(now.since_ms(self.taken) / DRIFT_PER_MS)
    }
}

pub(crate) struct Clock {
    reference: Option<Reference>,
    /// Without any reading it is at least this late.
    floor: UnixMillis,
    /// The last reading that disagreed, and how many before agreed with it.
    doubt: Option<(Reference, u8)>,
}

impl Clock {
    pub(crate) const fn new() -> Self {
        Self { reference: None, floor: UnixMillis(0), doubt: None }
    }

    /// After a reset: what was kept, and what a clock says that ran on.
    pub(crate) fn start(&mut self, kept: UnixMillis, rtc: Option<UnixMillis>, now: Uptime) {
        self.floor = kept;
        if let Some(at) = rtc.filter(|&at| at >= kept) {
            let source = TimeSource::Held;
            self.reference = Some(Reference { at, source, uncertainty_ms: RTC_MS, taken: now });
        }
    }

    pub(crate) fn stamp(&self, now: Uptime) -> Stamp {
        let Some(reference) = &self.reference else {
            let at = self.floor.plus_ms(now.ms());
            return Stamp { at, source: TimeSource::Unset, uncertainty_s: None };
        };
        let uncertainty_ms = reference.uncertainty_ms(now);
        // A second's growth is what a source's word is good for; after that the time is held.
        let held = uncertainty_ms > reference.uncertainty_ms + GNSS_MS;
        let source = if held { TimeSource::Held } else { reference.source };
        let uncertainty_s = u32::try_from((uncertainty_ms + 999) / 1000).unwrap_or(u32::MAX);
        Stamp { at: reference.at(now), source, uncertainty_s: Some(uncertainty_s) }
    }

    /// A satellite fix says that it is `at`.
    pub(crate) fn handle_gnss(&mut self, at: UnixMillis, now: Uptime) -> Reading {
        self.handle(Reference { at, source: TimeSource::Gnss, uncertainty_ms: GNSS_MS, taken: now }, now)
    }

    /// The network says that it is `at`, give or take `uncertainty_ms`.
    pub(crate) fn handle_network(&mut self, at: UnixMillis, uncertainty_ms: u32, now: Uptime) -> Reading {
        let uncertainty_ms = i64::from(uncertainty_ms).max(GNSS_MS);
        self.handle(Reference { at, source: TimeSource::Network, uncertainty_ms, taken: now }, now)
    }

    fn handle(&mut self, reading: Reference, now: Uptime) -> Reading {
        let Some(ours) = self.reference.filter(|ours| ours.uncertainty_ms(now) <= VAGUE_MS) else {
            self.take(reading);
            return Reading::Good;
        };
        let off_ms = reading.at.since_ms(ours.at(now));
        if agree(&ours, &reading, now) {
            self.doubt = None;
            if reading.uncertainty_ms <= ours.uncertainty_ms(now) {
                self.reference = Some(reading);
            }
            return Reading::Good;
        }
        let before = self.doubt.filter(|(doubted, _)| agree(doubted, &reading, now)).map_or(0, |(_, n)| n);
        if before + 1 >= AGREEING {
            self.take(reading);
            return Reading::Overruled(off_ms);
        }
        self.doubt = Some((reading, before + 1));
        Reading::Disagrees(off_ms)
    }

    const fn take(&mut self, reading: Reference) {
        self.reference = Some(reading);
        self.doubt = None;
    }
}

/// Both can be right.
const fn agree(ours: &Reference, reading: &Reference, now: Uptime) -> bool {
    let off_ms = reading.at.since_ms(ours.at(now)).saturating_abs();
    off_ms <= ours.uncertainty_ms(now) + reading.uncertainty_ms + SLACK_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: UnixMillis = UnixMillis(1_800_000_000_000);

    fn at_s(seconds: u32) -> Uptime {
        Uptime::START.plus_s(seconds)
    }

    #[test]
    fn without_a_reading_time_is_unset_and_counts_on_from_what_was_kept() {
        let mut clock = Clock::new();
        clock.start(NOON, None, at_s(0));
        let stamp = clock.stamp(at_s(9));
        assert_eq!((stamp.at, stamp.source, stamp.uncertainty_s), (NOON.plus_s(9), TimeSource::Unset, None));
    }

    #[test]
    fn a_clock_that_ran_on_is_held_and_one_that_was_reset_is_not_believed() {
        let mut clock = Clock::new();
        clock.start(NOON, Some(NOON.plus_s(60)), at_s(0));
        assert_eq!(clock.stamp(at_s(1)).source, TimeSource::Held);
        assert_eq!(clock.stamp(at_s(21)).uncertainty_s, Some(61));
        let mut clock = Clock::new();
        clock.start(NOON, Some(UnixMillis(946_684_800_000)), at_s(0));
        assert_eq!(clock.stamp(at_s(0)).source, TimeSource::Unset);
    }

    #[test]
    fn gnss_is_held_after_hours_with_growing_uncertainty() {
        let mut clock = Clock::new();
        assert_eq!(clock.handle_gnss(NOON, at_s(5)), Reading::Good);
        assert_eq!(clock.stamp(at_s(65)).source, TimeSource::Gnss);
        assert_eq!(clock.stamp(at_s(65)).at, NOON.plus_s(60));
        let later = clock.stamp(at_s(12 * 3_600));
        assert_eq!((later.source, later.uncertainty_s), (TimeSource::Held, Some(4)));
    }

    #[test]
    fn a_worse_reading_that_agrees_changes_nothing() {
        let mut clock = Clock::new();
        clock.handle_gnss(NOON, at_s(0));
        assert_eq!(clock.handle_network(NOON.plus_ms(2_500), 2_000, at_s(0)), Reading::Good);
        assert_eq!(clock.stamp(at_s(0)).at, NOON);
    }

    #[test]
    fn one_jump_is_told_and_three_that_agree_set_the_clock() {
        let mut clock = Clock::new();
        clock.handle_network(NOON, 2_000, at_s(0));
        let jumped = |seconds: u32| NOON.plus_s(i64::from(seconds) - 86_400);
        assert_eq!(clock.handle_gnss(jumped(10), at_s(10)), Reading::Disagrees(-86_400_000));
        assert_eq!(clock.stamp(at_s(10)).at, NOON.plus_s(10));
        // The network's word in between ends the doubt.
        assert_eq!(clock.handle_network(NOON.plus_s(15), 2_000, at_s(15)), Reading::Good);
        assert_eq!(clock.handle_gnss(jumped(20), at_s(20)), Reading::Disagrees(-86_400_000));
        assert_eq!(clock.handle_gnss(jumped(30), at_s(30)), Reading::Disagrees(-86_400_000));
        assert_eq!(clock.handle_gnss(jumped(40), at_s(40)), Reading::Overruled(-86_400_000));
        assert_eq!(clock.stamp(at_s(40)).at, jumped(40));
    }

    #[test]
    fn jumps_that_do_not_agree_with_each_other_never_win() {
        let mut clock = Clock::new();
        clock.handle_gnss(NOON, at_s(0));
        for step in 1..50_u32 {
            let wild = NOON.plus_s(i64::from(step) * 5_000);
            assert!(matches!(clock.handle_gnss(wild, at_s(step)), Reading::Disagrees(_)));
        }
        assert_eq!(clock.stamp(at_s(50)).at, NOON.plus_s(50));
    }
}
