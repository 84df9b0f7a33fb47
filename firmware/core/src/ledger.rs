//! Turns reports into numbered, sealed, chained frames in the journal.
//!
//! ```text
//! report -> encode -> seal with (epoch, next seq) -> journal -> seq + 1, chain advances -> every so often a checkpoint
//! ```
//!
//! Invariants: a number is used up exactly when the journal took its frame, and a frame that the journal did not take never
//! leaves this function, so that no two reports leave under one nonce; the chain covers what the journal took, in order.

use crate::{
    Uptime,
    journal::Class,
    machine::{Counters, Keys, Shell, Storage},
    settings::Identity,
};
use lenke_wire::{
    Checkpoint, Event, EventKind, FrameId,
    chain::{Chain, checkpoint_message},
    codec::{Content, EncodeError, FRAME_BYTES_MAX, INNER_BYTES_MAX, encode},
    frame::{Direction, seal},
};

/// Frames without a checkpoint at most.
pub const CHECKPOINT_FRAMES_MAX: u32 = 60;
/// Seconds that a frame waits for its checkpoint at most.
///
/// A checkpoint costs 151 bytes on the air, as much as eight fixes: every 15 minutes it would add half to the price of a trail in
/// batches of ten. An alarm brings one at once, and so does everything after which a tag may not be heard again.
pub const CHECKPOINT_S_MAX: u32 = 4 * 3_600;

pub(crate) struct Ledger {
    next: FrameId,
    chain: Chain,
    /// Frames since the last checkpoint, itself not counted, and the time of the first of them.
    unsigned: u32,
    unsigned_since: Uptime,
}

/// Why a report was not committed. Nothing has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    Encode(EncodeError),
    Full,
    /// The epoch's numbers are used up.
    Exhausted,
}

impl Ledger {
    pub(crate) fn new(identity: &Identity) -> Self {
        Self {
            next: FrameId::new(identity.epoch.0, 0),
            chain: Chain::start(identity.device, identity.epoch),
            unsigned: 0,
            unsigned_since: Uptime::START,
        }
    }

    /// The number that the next frame gets.
    pub(crate) const fn next(&self) -> FrameId {
        self.next
    }

    pub(crate) fn deadline(&self) -> Option<Uptime> {
        (self.unsigned > 0).then(|| self.unsigned_since.plus_s(CHECKPOINT_S_MAX))
    }

    pub(crate) fn handle_timer<J: Storage, K: Keys>(&mut self, shell: &mut Shell<'_, J, K>) {
        if self.deadline().is_some_and(|due| shell.now >= due) {
            self.commit_checkpoint(Class::Records, shell);
        }
    }

    /// Commits an event; an alarm takes its checkpoint with it. When the events' own queue is full, it takes room of the
    /// records. Returns its number.
    pub(crate) fn commit_event<J: Storage, K: Keys>(
        &mut self,
        event: &Event,
        shell: &mut Shell<'_, J, K>,
    ) -> Option<FrameId> {
        let content = Content::Event(event);
        let committed = self
            .commit(&content, Class::Alarms, shell)
            .or_else(|_| self.commit(&content, Class::Records, shell));
        match committed {
            Ok(_) if is_alarm(event.kind) => self.commit_checkpoint(Class::Alarms, shell),
            Ok(_) => {}
            Err(_) => Counters::count(&mut shell.counters.events_given_up, 1),
        }
        committed.ok()
    }

    /// Commits a report; after every [`CHECKPOINT_FRAMES_MAX`] of them a checkpoint follows.
    pub(crate) fn commit<J: Storage, K: Keys>(
        &mut self,
        content: &Content<'_>,
        class: Class,
        shell: &mut Shell<'_, J, K>,
    ) -> Result<FrameId, Refused> {
        let id = self.append(content, class, shell)?;
        if self.unsigned == 0 {
            self.unsigned_since = shell.now;
        }
        self.unsigned += 1;
        if self.unsigned >= CHECKPOINT_FRAMES_MAX {
            self.commit_checkpoint(Class::Records, shell);
        }
        Ok(id)
    }

    fn commit_checkpoint<J: Storage, K: Keys>(&mut self, class: Class, shell: &mut Shell<'_, J, K>) {
        let Some(covered) = self.next.seq.0.checked_sub(1) else { return };
        let covers = FrameId::new(self.next.epoch.0, covered);
        let chain = *self.chain.bytes();
        let signature = shell.keys.sign(&checkpoint_message(shell.identity.device, covers, &chain));
        let content = Content::Checkpoint(&Checkpoint { covers, chain, signature });
        let appended =
            self.append(&content, class, shell).or_else(|_| self.append(&content, Class::Records, shell));
        if appended.is_ok() {
            self.unsigned = 0;
        } else {
            // No room: what is there stays unsigned for another interval.
            self.unsigned = 1;
            self.unsigned_since = shell.now;
        }
    }

    /// Encodes, seals and keeps a report.
    fn append<J: Storage, K: Keys>(
        &mut self,
        content: &Content<'_>,
        class: Class,
        shell: &mut Shell<'_, J, K>,
    ) -> Result<FrameId, Refused> {
        let id = self.next;
        let following = id.seq.0.checked_add(1).ok_or(Refused::Exhausted)?;
        let mut inner = [0; INNER_BYTES_MAX];
        let length = encode(content, &mut inner).map_err(Refused::Encode)?;
        let inner = &inner[..length];
        let mut frame = [0; FRAME_BYTES_MAX];
        let Identity { key, device, .. } = shell.identity;
        let length = seal(key, *device, Direction::Up, id, inner, &mut frame)
            .map_err(|_| Refused::Encode(EncodeError::Space))?;
        shell.storage.append(class, id, &frame[..length]).map_err(|_| Refused::Full)?;
        self.next.seq.0 = following;
        self.chain = self.chain.advance(inner);
        Counters::count(&mut shell.counters.committed, 1);
        Ok(id)
    }
}

/// Events that a person may have to handle, or after which the tag may not be heard again: sent with a checkpoint.
const fn is_alarm(kind: EventKind) -> bool {
    match kind {
        EventKind::StrapOpen
        | EventKind::CaseOpen
        | EventKind::BatteryCritical
        | EventKind::GnssLost
        | EventKind::Panic
        | EventKind::ZoneEntered
        | EventKind::ZoneLeft
        | EventKind::JammingSuspected
        | EventKind::SpoofingSuspected
        | EventKind::ShieldingSuspected
        | EventKind::BeaconFailed
        | EventKind::UpdateFailed
        | EventKind::ReserveEntered
        | EventKind::Shutdown
        | EventKind::JournalFault
        | EventKind::TaskStalled => true,
        EventKind::PowerOn
        | EventKind::StrapClosed
        | EventKind::StrapSuspected
        | EventKind::BatteryLow
        | EventKind::ChargeStarted
        | EventKind::ChargeEnded
        | EventKind::GnssRegained
        | EventKind::PlanApplied
        | EventKind::LatchCleared
        | EventKind::JournalOverflow
        | EventKind::ZoneNear
        | EventKind::UpdateApplied
        | EventKind::PursuitStarted
        | EventKind::PursuitEnded
        | EventKind::StateChanged
        | EventKind::ClockSet
        | EventKind::NetworkRegained => false,
    }
}
