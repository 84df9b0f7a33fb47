//! Strap and case: debounced, reported, latched.
//!
//! ```text
//! closed --open sample--> suspected --third open sample within 10 s--> open (event, latch) --closed for 10 s--> closed
//! ```
//!
//! While a contact is open without another word from the board, it counts as sampled again four times a second. A latch is set on
//! the first confirmation and never cleared here; a strap that opens again is reported again.

use lenke_wire::UnixMillis;

/// Open samples within [`WINDOW_MS`] that confirm.
const CONFIRMING: usize = 3;
const WINDOW_MS: i64 = 10_000;
const SAMPLE_MS: i64 = 250;
/// A contact counts as closed again after this long without an open sample.
const CLOSED_MS: i64 = 10_000;

/// What a contact's input or time brought about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Opened,
    Closed,
}

/// One debounced contact.
#[derive(Clone, Debug)]
pub(crate) struct Contact {
    open: bool,
    confirmed: bool,
    latched: bool,
    opens: [Option<UnixMillis>; CONFIRMING],
    next_sample: Option<UnixMillis>,
    closes_at: Option<UnixMillis>,
}

impl Contact {
    pub(crate) const fn new() -> Self {
        Self {
            open: false,
            confirmed: false,
            latched: false,
            opens: [None; CONFIRMING],
            next_sample: None,
            closes_at: None,
        }
    }

    /// The latch as it was before the reset.
    pub(crate) const fn restore(&mut self, latched: bool) {
        self.latched |= latched;
    }

    pub(crate) const fn latched(&self) -> bool {
        self.latched
    }

    pub(crate) fn deadline(&self) -> Option<UnixMillis> {
        self.next_sample.or(self.closes_at)
    }

    pub(crate) fn handle_sample(&mut self, open: bool, now: UnixMillis) -> Option<Change> {
        self.open = open;
        if open {
            self.closes_at = None;
            return self.count_open(now);
        }
        self.next_sample = None;
        if self.confirmed && self.closes_at.is_none() {
            self.closes_at = Some(now.plus_ms(CLOSED_MS));
        }
        None
    }

    pub(crate) fn handle_timer(&mut self, now: UnixMillis) -> Option<Change> {
        if self.next_sample.is_some_and(|due| now >= due) {
            return self.count_open(now);
        }
        if self.closes_at.is_some_and(|due| now >= due) {
            self.closes_at = None;
            self.confirmed = false;
            self.opens = [None; CONFIRMING];
            return Some(Change::Closed);
        }
        None
    }

    fn count_open(&mut self, now: UnixMillis) -> Option<Change> {
        if self.confirmed {
            self.next_sample = None;
            return None;
        }
        self.opens.rotate_left(1);
        self.opens[CONFIRMING - 1] = Some(now);
        if self.opens[0].is_some_and(|first| now.since_ms(first) <= WINDOW_MS) {
            self.confirmed = true;
            self.latched = true;
            self.next_sample = None;
            return Some(Change::Opened);
        }
        self.next_sample = Some(now.plus_ms(SAMPLE_MS));
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: UnixMillis = UnixMillis(1_000_000);

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
            assert_eq!((change == Some(Change::Opened), contact.latched()), (opened, opened), "{times:?}");
        }
    }

    #[test]
    fn a_contact_that_stays_open_is_confirmed_within_a_second() {
        let mut contact = Contact::new();
        assert_eq!(contact.handle_sample(true, T), None);
        let mut now = T;
        while let Some(due) = contact.deadline() {
            now = due;
            if contact.handle_timer(now).is_some() {
                break;
            }
        }
        assert!(contact.latched());
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
        assert!(contact.latched());
        let again = (0..3).find_map(|n| contact.handle_sample(true, T.plus_s(20 + n)));
        assert_eq!(again, Some(Change::Opened));
    }
}
