//! Strap and case: debounced, reported, latched.
//!
//! ```text
//! closed --open sample--> suspected --third open sample within 10 s--> open (event, latch) --closed for 10 s--> closed
//!                             `------10 s without an open sample-----> closed
//! ```
//!
//! Between two words of the board a contact counts as sampled [`SAMPLES_A_SECOND`] times a second with the same result, so that a
//! board may sample or tell changes only. The last 32 samples go with the event as its raw trace. The latch itself
//! is kept in [`crate::storage::Saved`]; a strap that opens again is reported again.

use crate::Uptime;

/// How often a contact counts as sampled.
pub(crate) const SAMPLES_A_SECOND: i64 = 4;
/// Open samples within [`WINDOW_MS`] that confirm.
const CONFIRMING: usize = 3;
const WINDOW_MS: i64 = 10_000;
const SAMPLE_MS: i64 = 1_000 / SAMPLES_A_SECOND;
/// A contact counts as closed again after this long without an open sample.
const CLOSED_MS: i64 = 10_000;

/// What a contact's input or time brought about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Suspected,
    Opened,
    Closed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Belief {
    Closed,
    /// Nothing is told again before `until`.
    Suspected {
        until: Uptime,
    },
    Open,
}

/// One debounced contact.
#[derive(Clone, Debug)]
pub(crate) struct Contact {
    open: bool,
    belief: Belief,
    opens: [Option<Uptime>; CONFIRMING],
    next_sample: Option<Uptime>,
    closes_at: Option<Uptime>,
    /// Samples, the last in bit 0, set where open; and the time of the last.
    trace: u32,
    traced: Uptime,
}

impl Contact {
    pub(crate) const fn new() -> Self {
        Self {
            open: false,
            belief: Belief::Closed,
            opens: [None; CONFIRMING],
            next_sample: None,
            closes_at: None,
            trace: 0,
            traced: Uptime::START,
        }
    }

    /// Open by the last sample.
    pub(crate) const fn is_open(&self) -> bool {
        self.open
    }

    /// The last 32 samples, the last one in bit 0; set where open.
    pub(crate) const fn trace(&self) -> u32 {
        self.trace
    }

    pub(crate) fn deadline(&self) -> Option<Uptime> {
        self.next_sample.or(self.closes_at)
    }

    /// Forgets what led here, for a contact that may be open: it starts again as if it had just been closed.
    pub(crate) fn forgive(&mut self) {
        *self = Self { open: self.open, trace: self.trace, traced: self.traced, ..Self::new() };
    }

    pub(crate) fn handle_sample(&mut self, open: bool, now: Uptime) -> Option<Change> {
        self.note(open, now);
        self.open = open;
        if open {
            self.closes_at = None;
            return self.count_open(now);
        }
        self.next_sample = None;
        if self.belief == Belief::Open && self.closes_at.is_none() {
            self.closes_at = Some(now.plus_ms(CLOSED_MS));
        }
        None
    }

    pub(crate) fn handle_timer(&mut self, now: Uptime) -> Option<Change> {
        if self.next_sample.is_some_and(|due| now >= due) {
            self.note(true, now);
            return self.count_open(now);
        }
        if self.closes_at.is_some_and(|due| now >= due) {
            self.forgive();
            return Some(Change::Closed);
        }
        None
    }

    fn count_open(&mut self, now: Uptime) -> Option<Change> {
        if self.belief == Belief::Open {
            self.next_sample = None;
            return None;
        }
        self.opens.rotate_left(1);
        self.opens[CONFIRMING - 1] = Some(now);
        if self.opens[0].is_some_and(|first| now.since_ms(first) <= WINDOW_MS) {
            self.belief = Belief::Open;
            self.next_sample = None;
            return Some(Change::Opened);
        }
        self.next_sample = Some(now.plus_ms(SAMPLE_MS));
        let until = now.plus_ms(WINDOW_MS);
        let told = matches!(self.belief, Belief::Suspected { until } if now < until);
        self.belief = Belief::Suspected { until };
        (!told).then_some(Change::Suspected)
    }

    /// Adds a sample to the trace, and before it those that nobody gave.
    fn note(&mut self, open: bool, now: Uptime) {
        let missing = (now.since_ms(self.traced) / SAMPLE_MS - 1).clamp(0, 31);
        for _ in 0..missing {
            self.trace = self.trace << 1 | u32::from(self.open);
        }
        self.trace = self.trace << 1 | u32::from(open);
        self.traced = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: Uptime = Uptime::from_ms(1_000_000);

    #[test]
    fn two_flickers_are_noise_and_three_within_ten_seconds_are_tamper() {
        for (times, opened) in [
            (&[0][..], false),
            (&[0, 9_000], false),
            (&[0, 4_000, 8_000], true),
            (&[0, 5_000, 10_001], false),
            (&[0, 8_000, 12_000, 16_000], true),
        ] {
            let mut contact = Contact::new();
            let mut change = None;
            for &ms in times {
                change = contact.handle_sample(true, T.plus_ms(ms)).or(change);
                assert_eq!(contact.handle_sample(false, T.plus_ms(ms + 100)), None);
            }
            assert_eq!(change == Some(Change::Opened), opened, "{times:?}");
        }
    }

    #[test]
    fn a_contact_that_stays_open_is_confirmed_within_a_second() {
        let mut contact = Contact::new();
        assert_eq!(contact.handle_sample(true, T), Some(Change::Suspected));
        let (mut now, mut change) = (T, None);
        while let Some(due) = contact.deadline() {
            now = due;
            change = contact.handle_timer(now).or(change);
        }
        assert_eq!(change, Some(Change::Opened));
        assert!(now.since_ms(T) <= 1_000);
        assert_eq!(contact.deadline(), None);
    }

    #[test]
    fn closing_is_reported_after_ten_quiet_seconds_and_the_latch_stays() {
        let mut contact = Contact::new();
        for _ in 0..3 {
            contact.handle_sample(true, T);
        }
        contact.handle_sample(false, T.plus_s(5));
        contact.handle_sample(true, T.plus_s(7));
        contact.handle_sample(false, T.plus_s(8));
        assert_eq!(contact.handle_timer(T.plus_s(17)), None);
        assert_eq!(contact.handle_timer(T.plus_s(18)), Some(Change::Closed));
        let again = [0, 1, 2].map(|n| contact.handle_sample(true, T.plus_s(20 + n)));
        assert_eq!(again, [Some(Change::Suspected), None, Some(Change::Opened)]);
    }

    #[test]
    fn suspicion_is_told_once_in_ten_seconds() {
        let mut contact = Contact::new();
        let flicker = |contact: &mut Contact, second| {
            let told = contact.handle_sample(true, T.plus_s(second));
            contact.handle_sample(false, T.plus_s(second));
            told
        };
        assert_eq!(flicker(&mut contact, 0), Some(Change::Suspected));
        assert_eq!(flicker(&mut contact, 6), None);
        assert_eq!(flicker(&mut contact, 17), Some(Change::Suspected));
    }

    #[test]
    fn the_trace_shows_the_samples_and_fills_those_that_nobody_gave() {
        let mut contact = Contact::new();
        for (ms, open) in [(0, false), (250, true), (500, false), (750, true)] {
            contact.handle_sample(open, T.plus_ms(ms));
        }
        assert_eq!(contact.trace() & 0xf, 0b0101);
        contact.handle_sample(false, T.plus_ms(2_000));
        assert_eq!(contact.trace() & 0x1ff, 0b0_1011_1110);
    }

    #[test]
    fn a_forgiven_contact_needs_three_samples_again() {
        let mut contact = Contact::new();
        for n in 0..3 {
            contact.handle_sample(true, T.plus_ms(n * 250));
        }
        contact.forgive();
        assert!(contact.is_open());
        assert_eq!(contact.deadline(), None);
        assert_eq!(contact.handle_sample(true, T.plus_s(2)), Some(Change::Suspected));
    }
}
