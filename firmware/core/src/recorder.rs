//! Batches fixes and sightings, and thins the trail before the journal is full.
//!
//! A full journal never loses what it has. Fixes are given up before they get a number, so that the centre never waits for
//! a frame that does not exist; how many is told by `JournalOverflow` events, when it starts and when there is room again.

use crate::{
    journal::{Class, Journal},
    ledger::{Ledger, Refused},
    machine::{Counters, Shell},
    settings::Identity,
};
use lenke_wire::{
    DeviceId, Event, Fix, FrameId, Health, Position, Sighting, TimeSource, UnixMillis,
    chain::Sign,
    codec::{Content, EncodeError, FIXES_MAX, SIGHTINGS_MAX},
    downlink::Plan,
};

/// Above this fill of the records' queue only every [`THINNED_ONE_IN`]th fix is kept, so that a long outage
/// thins the trail before it ends it.
pub const THINNING_PERCENT: u8 = 80;
/// One fix in this many is kept while the trail is thinned.
pub const THINNED_ONE_IN: u32 = 10;

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
    since: UnixMillis,
}

impl<T: Copy, const N: usize> Batch<T, N> {
    const fn new(blank: T) -> Self {
        Self { values: [blank; N], count: 0, since: UnixMillis(0) }
    }

    fn push(&mut self, value: T, now: UnixMillis) {
        if self.count == 0 {
            self.since = now;
        }
        self.values[self.count] = value;
        self.count += 1;
    }

    fn as_slice(&self) -> &[T] {
        &self.values[..self.count]
    }

    fn deadline(&self, plan: &Plan) -> Option<UnixMillis> {
        (self.count > 0).then(|| self.since.plus_s(i64::from(plan.transmit_s)))
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
    pub(crate) fn deadline(&self, plan: &Plan) -> Option<UnixMillis> {
        let deadlines = [self.fixes.deadline(plan), self.sightings.deadline(plan), self.ledger.deadline()];
        deadlines.into_iter().flatten().min()
    }

    /// Commits what has waited long enough, and signs what has waited for a checkpoint.
    pub(crate) fn handle_timer<J: Journal, S: Sign>(&mut self, plan: &Plan, shell: &mut Shell<'_, J, S>) {
        if self.fixes.deadline(plan).is_some_and(|due| shell.now >= due) {
            self.commit_fixes(shell);
        }
        if self.sightings.deadline(plan).is_some_and(|due| shell.now >= due) {
            self.commit_sightings(shell);
        }
        self.ledger.handle_timer(shell);
    }

    /// Adds a fix to the batch, and commits the batch when it has the plan's size.
    pub(crate) fn handle_fix<J: Journal, S: Sign>(
        &mut self,
        fix: Fix,
        plan: &Plan,
        shell: &mut Shell<'_, J, S>,
    ) {
        self.offered = self.offered.wrapping_add(1);
        let filling = shell.journal.fill_percent(Class::Records) >= THINNING_PERCENT;
        if filling && !self.offered.is_multiple_of(THINNED_ONE_IN) {
            self.give_up(1, shell);
            return;
        }
        self.fixes.push(fix, shell.now);
        let size = (plan.transmit_s / plan.collect_s.max(1)).clamp(1, FIXES_MAX as u32);
        if self.fixes.count >= size as usize {
            self.commit_fixes(shell);
        }
    }

    /// Adds a sighting to the batch: one of each device in each collect interval, which counts as proven if any was.
    pub(crate) fn handle_sighting<J: Journal, S: Sign>(
        &mut self,
        sighting: Sighting,
        plan: &Plan,
        shell: &mut Shell<'_, J, S>,
    ) {
        let collect_ms = i64::from(plan.collect_s) * 1000;
        let count = self.sightings.count;
        let repeated = self.sightings.values[..count]
            .iter_mut()
            .rev()
            .find(|known| known.heard == sighting.heard && sighting.at.since_ms(known.at) < collect_ms);
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
    pub(crate) fn commit_event<J: Journal, S: Sign>(
        &mut self,
        event: &Event,
        shell: &mut Shell<'_, J, S>,
    ) -> Option<FrameId> {
        self.ledger.commit_event(event, shell)
    }

    /// Commits a health report at once.
    pub(crate) fn commit_health<J: Journal, S: Sign>(
        &mut self,
        health: &Health,
        shell: &mut Shell<'_, J, S>,
    ) {
        if self.ledger.commit(&Content::Health(health), Class::Records, shell).is_err() {
            Counters::count(&mut shell.counters.records_given_up, 1);
        }
    }

    /// Commits the batches as they are.
    pub(crate) fn flush<J: Journal, S: Sign>(&mut self, shell: &mut Shell<'_, J, S>) {
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

    fn commit_fixes<J: Journal, S: Sign>(&mut self, shell: &mut Shell<'_, J, S>) {
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

    fn commit_sightings<J: Journal, S: Sign>(&mut self, shell: &mut Shell<'_, J, S>) {
        if self.sightings.count == 0 {
            return;
        }
        let content = Content::Sightings(self.sightings.as_slice());
        if self.ledger.commit(&content, Class::Records, shell).is_err() {
            Counters::count(&mut shell.counters.records_given_up, 1);
        }
        self.sightings.count = 0;
    }

    fn give_up<J: Journal, S: Sign>(&mut self, fixes: u32, shell: &mut Shell<'_, J, S>) {
        self.overflow.lost = self.overflow.lost.saturating_add(fixes);
        Counters::count(&mut shell.counters.fixes_given_up, fixes);
    }
}
