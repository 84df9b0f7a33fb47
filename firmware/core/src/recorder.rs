//! Batches fixes and sightings, and thins the trail before the journal is full.
//!
//! A full journal never loses what it has. Fixes are given up before they get a number, so that the centre never waits for
//! a frame that does not exist; how many is told by `JournalOverflow` events, when it starts and when there is room again.

use crate::{
    Uptime,
    journal::{Class, Journal},
    ledger::{Ledger, Refused},
    machine::{Counters, Keys, Shell, Storage},
    settings::Identity,
    state::Rates,
};
use lenke_wire::{
    DeviceId, Event, Fix, FrameId, Health, Position, Receipt, Sighting, TimeSource, UnixMillis,
    codec::{Content, EncodeError, FIXES_MAX, SIGHTINGS_MAX},
};

/// Above this fill of the records' queue only every [`THINNED_ONE_IN`]th fix is kept, so that a long outage
/// thins the trail before it ends it.
pub const THINNING_PERCENT: u8 = 80;
/// One fix in this many is kept while the trail is thinned.
pub const THINNED_ONE_IN: u32 = 10;

/// A device that is heard again within this time is no new sighting.
const REPEATED_MS: i64 = 55_000;

const ORIGIN: Position = match Position::from_e7(0, 0) {
    Ok(position) => position,
    Err(_) => panic!("0, 0 is a position"),
};

const BLANK_FIX: Fix = Fix {
    at: UnixMillis(0),
    time_source: TimeSource::Unset,
    position: ORIGIN,
    accuracy_dm: 0,
    speed_cm_s: 0,
    course_cdeg: 0,
    satellites: 0,
};

const BLANK_SIGHTING: Sighting =
    Sighting { at: UnixMillis(0), heard: DeviceId::new(0), rssi_dbm: 0, authenticated: false };

/// Up to `N` values, and when the first of them came.
struct Batch<T, const N: usize> {
    values: [T; N],
    count: usize,
    since: Uptime,
}

impl<T: Copy, const N: usize> Batch<T, N> {
    const fn new(blank: T) -> Self {
        Self { values: [blank; N], count: 0, since: Uptime::START }
    }

    fn push(&mut self, value: T, now: Uptime) {
        if self.count == 0 {
            self.since = now;
        }
        self.values[self.count] = value;
        self.count += 1;
    }

    fn as_slice(&self) -> &[T] {
        &self.values[..self.count]
    }

    fn deadline(&self, rates: &Rates) -> Option<Uptime> {
        (self.count > 0).then(|| self.since.plus_s(rates.transmit_s))
    }
}

/// Fixes given up since the records' queue had room for the last time.
#[derive(Default)]
struct Overflow {
    lost: u32,
    told: bool,
}

pub(crate) struct Recorder {
    ledger: Ledger,
    fixes: Batch<Fix, FIXES_MAX>,
    sightings: Batch<Sighting, SIGHTINGS_MAX>,
    overflow: Overflow,
    offered: u32,
}

impl Recorder {
    pub(crate) fn new(identity: &Identity) -> Self {
        Self {
            ledger: Ledger::new(identity),
            fixes: Batch::new(BLANK_FIX),
            sightings: Batch::new(BLANK_SIGHTING),
            overflow: Overflow::default(),
            offered: 0,
        }
    }

    /// The number that the next frame gets.
    pub(crate) const fn next(&self) -> FrameId {
        self.ledger.next()
    }

    /// When [`Self::handle_timer`] has something to do.
    pub(crate) fn deadline(&self, rates: &Rates) -> Option<Uptime> {
        let deadlines = [self.fixes.deadline(rates), self.sightings.deadline(rates), self.ledger.deadline()];
        deadlines.into_iter().flatten().min()
    }

    /// Commits what has waited long enough, and signs what has waited for a checkpoint.
    pub(crate) fn handle_timer<J: Storage, K: Keys>(&mut self, rates: &Rates, shell: &mut Shell<'_, J, K>) {
        if self.fixes.deadline(rates).is_some_and(|due| shell.now >= due) {
            self.commit_fixes(shell);
        }
        if self.sightings.deadline(rates).is_some_and(|due| shell.now >= due) {
            self.commit_sightings(shell);
        }
        self.ledger.handle_timer(shell);
    }

    /// Adds a fix to the batch, and commits the batch when it has the state's size.
    pub(crate) fn handle_fix<J: Storage, K: Keys>(
        &mut self,
        fix: Fix,
        rates: &Rates,
        shell: &mut Shell<'_, J, K>,
    ) {
        self.offered = self.offered.wrapping_add(1);
        let filling = shell.storage.fill_percent(Class::Records) >= THINNING_PERCENT;
        if filling && !self.offered.is_multiple_of(THINNED_ONE_IN) {
            self.give_up(1, shell);
            return;
        }
        self.fixes.push(fix, shell.now);
        if self.fixes.count >= rates.batch().min(FIXES_MAX) {
            self.commit_fixes(shell);
        }
    }

    /// Adds a sighting to the batch: one of each device in a minute, which counts as proven if any was.
    pub(crate) fn handle_sighting<J: Storage, K: Keys>(
        &mut self,
        sighting: Sighting,
        shell: &mut Shell<'_, J, K>,
    ) {
        let count = self.sightings.count;
        let repeated = self.sightings.values[..count].iter_mut().rev().find(|known| {
            known.heard == sighting.heard && sighting.at.since_ms(known.at).abs() < REPEATED_MS
        });
        if let Some(known) = repeated {
            known.authenticated |= sighting.authenticated;
            return;
        }
        self.sightings.push(sighting, shell.now);
        if self.sightings.count == SIGHTINGS_MAX {
            self.commit_sightings(shell);
        }
    }

    /// Commits an event at once. Returns its number.
    pub(crate) fn commit_event<J: Storage, K: Keys>(
        &mut self,
        event: &Event,
        shell: &mut Shell<'_, J, K>,
    ) -> Option<FrameId> {
        self.ledger.commit_event(event, shell)
    }

    /// Commits a health report at once.
    pub(crate) fn commit_health<J: Storage, K: Keys>(
        &mut self,
        health: &Health,
        shell: &mut Shell<'_, J, K>,
    ) {
        if self.ledger.commit(&Content::Health(health), Class::Records, shell).is_err() {
            Counters::count(&mut shell.counters.records_given_up, 1);
        }
    }

    /// Commits a receipt at once. Whether it was taken.
    pub(crate) fn commit_receipt<J: Storage, K: Keys>(
        &mut self,
        receipt: &Receipt,
        shell: &mut Shell<'_, J, K>,
    ) -> bool {
        let taken = self.ledger.commit(&Content::Receipt(receipt), Class::Records, shell).is_ok();
        if !taken {
            Counters::count(&mut shell.counters.records_given_up, 1);
        }
        taken
    }

    /// Commits the batches as they are.
    pub(crate) fn flush<J: Storage, K: Keys>(&mut self, shell: &mut Shell<'_, J, K>) {
        self.commit_fixes(shell);
        self.commit_sightings(shell);
    }

    /// The number of fixes given up, when the centre is to be told: at the first one, and in sum when there is room.
    pub(crate) fn poll_overflow(&mut self, journal: &impl Journal) -> Option<u32> {
        let lost = self.overflow.lost;
        if lost == 0 {
            return None;
        }
        if !self.overflow.told {
            self.overflow.told = true;
            return Some(lost);
        }
        if journal.fill_percent(Class::Records) < THINNING_PERCENT {
            self.overflow = Overflow::default();
            return Some(lost);
        }
        None
    }

    fn commit_fixes<J: Storage, K: Keys>(&mut self, shell: &mut Shell<'_, J, K>) {
        let fixes = self.fixes.as_slice();
        let mut start = 0;
        let mut end = fixes.len();
        while start < end {
            match self.ledger.commit(&Content::Fixes(&fixes[start..end]), Class::Records, shell) {
                Ok(_) => {
                    Counters::count(&mut shell.counters.fixes, (end - start) as u32);
                    (start, end) = (end, fixes.len());
                }
                // Wide rows: half of them fit at the second or third try.
                Err(Refused::Encode(EncodeError::Space)) if end - start > 1 => {
                    end = start + (end - start) / 2
                }
                Err(_) => break,
            }
        }
        let lost = (fixes.len() - start) as u32;
        self.fixes.count = 0;
        self.give_up(lost, shell);
    }

    fn commit_sightings<J: Storage, K: Keys>(&mut self, shell: &mut Shell<'_, J, K>) {
        if self.sightings.count == 0 {
            return;
        }
        let content = Content::Sightings(self.sightings.as_slice());
        if self.ledger.commit(&content, Class::Records, shell).is_err() {
            Counters::count(&mut shell.counters.records_given_up, 1);
        }
        self.sightings.count = 0;
    }

    fn give_up<J: Storage, K: Keys>(&mut self, fixes: u32, shell: &mut Shell<'_, J, K>) {
        self.overflow.lost = self.overflow.lost.saturating_add(fixes);
        Counters::count(&mut shell.counters.fixes_given_up, fixes);
    }
}
