//! What the centre tells the tag: opened, counted, verified, followed or refused, and answered with a receipt.
//!
//! | command | needs | refused with |
//! |---|---|---|
//! | ack, query, notice, pursuit | the device key and a fresh counter | (pursuit) expired, battery |
//! | plan | the authority's signature, base version in force, a higher version | signature, base, rollback, size |
//! | zones | the same, its hash and form | signature, base, rollback, content, size |
//! | clear-latch | an officer's signature, certified and in time, naming the latch's last event | signature, expired, latch |
//! | ota | the authority's signature; board, version, size, battery, no alarm | signature, board, rollback, size, battery, alarm |
//!
//! What is in force and the command's counter are kept in one write: after a power cut either both are there or neither is, and the
//! centre, which got no receipt, sends the command again.

use super::{Counters, Keys, Parts, Shell, Storage, senses::FITTING_S};
use crate::{
    Effect, Identity, Uptime,
    input::UpdateProgress,
    journal::Class,
    state::Stage,
    storage::{Awaited, Latched, PlanBody},
    update::{self, Circumstances, Update},
    zones::Part,
};
use lenke_wire::{
    EventKind, FrameId, Outcome, Receipt,
    codec::FRAME_BYTES_MAX,
    command::{Latch, Manifest, OfficerOrder, Plan, Signed},
    downlink::{CommandKind, Downlink, NoticeCode, Pursuit, ZonesPart, decode_downlink},
    frame::{Direction, open},
};
use sha2::{Digest, Sha256};

/// A pursuit is never longer than this, whatever its end.
const PURSUIT_S_MAX: u32 = 12 * 3_600;

impl Parts {
    pub(super) fn handle_downlink<J: Storage, K: Keys>(&mut self, frame: &[u8], shell: &mut Shell<'_, J, K>) {
        let mut inner = [0; FRAME_BYTES_MAX];
        let Identity { key, device, .. } = shell.identity;
        let opened = open(key, *device, Direction::Down, frame, &mut inner).ok();
        let Some((counter, downlink)) =
            opened.and_then(|(id, inner)| Some((id, decode_downlink(inner).ok()?)))
        else {
            Counters::count(&mut shell.counters.downlinks_invalid, 1);
            return;
        };
        if self.saved.last_downlink.is_some_and(|last| counter <= last) {
            Counters::count(&mut shell.counters.downlinks_replayed, 1);
            return;
        }
        self.saved.last_downlink = Some(counter);
        let command = downlink.kind();
        let outcome = match downlink {
            // True whenever it is heard again: its counter need not survive a reset.
            Downlink::Ack(through) => return self.handle_ack(through, shell),
            Downlink::Plan(plan) => Some(self.handle_plan(&plan, shell)),
            Downlink::Notice(code) => {
                shell.effects.push(Effect::Notice { code, at: None });
                None
            }
            Downlink::Query => {
                self.ask();
                None
            }
            Downlink::Zones(part) => self.handle_zones(&part, shell),
            Downlink::Pursuit(pursuit) => Some(self.handle_pursuit(pursuit, shell)),
            Downlink::ClearLatch(order) => Some(self.handle_clear_latch(&order, shell)),
            Downlink::Ota(manifest) => self.handle_manifest(&manifest, counter, shell),
        };
        self.keep(shell);
        if let Some(outcome) = outcome {
            self.receipt(command, counter, outcome, shell);
        }
    }

    fn handle_ack<J: Storage, K: Keys>(&mut self, through: FrameId, shell: &mut Shell<'_, J, K>) {
        let released = shell.storage.release(through);
        Counters::count(&mut shell.counters.acknowledged, released);
        self.transmitter.handle_ack(through, released, self.settings.ack_timeout_s, shell.now);
        if released > 0 {
            self.is_debt_stuck = false;
        } else {
            let first = FrameId::new(through.epoch.0, 0);
            let is_kept =
                |class| shell.storage.first_from(class, first).is_some_and(|waiting| waiting <= through);
            let is_deferred = is_kept(Class::Alarms) || is_kept(Class::Records);
            Counters::count(&mut shell.counters.acks_deferred, u32::from(is_deferred));
        }
        if self.panic.is_some_and(|panic| panic.epoch == through.epoch && panic.seq <= through.seq) {
            self.panic = None;
            shell.effects.push(Effect::Notice { code: NoticeCode::HelpNotified, at: None });
        }
    }

    fn handle_plan<J: Storage, K: Keys>(
        &mut self,
        signed: &Signed<'_, Plan>,
        shell: &mut Shell<'_, J, K>,
    ) -> Outcome {
        let Some(authority) = self.settings.authority else { return Outcome::Signature };
        let Ok(plan) = signed.verify(&authority, shell.identity.device, shell.keys) else {
            return Outcome::Signature;
        };
        if plan.version == self.plan.version && signed.digest() == self.plan_digest() {
            return Outcome::Applied;
        }
        if plan.version <= self.plan.version {
            return Outcome::Rollback;
        }
        if plan.base_version != self.plan.version {
            return Outcome::Base;
        }
        let Some(body) = PlanBody::new(signed) else { return Outcome::Size };
        let before = (self.saved.plan.replace(body), core::mem::replace(&mut self.plan, plan));
        if !self.keep(shell) {
            (self.saved.plan, self.plan) = before;
            return Outcome::Size;
        }
        self.report(EventKind::PlanApplied, i32::try_from(plan.version).unwrap_or(i32::MAX), shell);
        Outcome::Applied
    }

    fn plan_digest(&self) -> [u8; 32] {
        self.saved.plan.map_or([0; 32], |body| Sha256::digest(body.as_bytes()).into())
    }

    fn handle_zones<J: Storage, K: Keys>(
        &mut self,
        part: &ZonesPart<'_>,
        shell: &mut Shell<'_, J, K>,
    ) -> Option<Outcome> {
        let Some(authority) = self.settings.authority else { return Some(Outcome::Signature) };
        let Ok(head) = part.head.verify(&authority, shell.identity.device, shell.keys) else {
            return Some(Outcome::Signature);
        };
        match self.zones.handle_part(&head, part.part, part.bytes, shell.storage) {
            Part::Kept => None,
            Part::Repeated => Some(Outcome::Incomplete),
            Part::Refused(outcome) => Some(outcome),
            Part::Complete(set) => {
                let before = self.saved.zones.replace(set);
                if !self.keep(shell) {
                    self.saved.zones = before;
                    self.zones.reload(shell.storage);
                    return Some(Outcome::Size);
                }
                self.zones.put_in_force(set);
                // Where the tag is now may already be wrong.
                self.ask();
                Some(Outcome::Applied)
            }
        }
    }

    fn handle_pursuit<J: Storage, K: Keys>(
        &mut self,
        pursuit: Pursuit,
        shell: &mut Shell<'_, J, K>,
    ) -> Outcome {
        if !pursuit.on {
            self.pursuit = self.pursuit.map(|(since, _)| (since, shell.now));
            return Outcome::Applied;
        }
        // A device without the time of day takes the longest pursuit there is for the answer.
        let left_ms = match shell.stamp.uncertainty_s {
            Some(_) => pursuit.until.since_ms(shell.stamp.at),
            None => i64::MAX,
        };
        if left_ms <= 0 {
            return Outcome::Expired;
        }
        if self.power.is_reserve() && !self.power.is_charging() {
            return Outcome::Battery;
        }
        let until = shell.now.plus_ms(left_ms.min(i64::from(PURSUIT_S_MAX) * 1000));
        if self.pursuit.is_none() {
            self.report(EventKind::PursuitStarted, 0, shell);
        }
        let since = self.pursuit.map_or(shell.now, |(since, _)| since);
        self.pursuit = Some((since, until));
        self.ask();
        Outcome::Applied
    }

    /// Ends a pursuit whose time is over, or which the battery does not bear any longer.
    pub(super) fn end_pursuit<J: Storage, K: Keys>(&mut self, shell: &mut Shell<'_, J, K>) {
        let Some((since, until)) = self.pursuit else { return };
        let is_too_much = self.power.is_reserve() && !self.power.is_charging();
        if shell.now < until && !is_too_much {
            return;
        }
        self.pursuit = None;
        let seconds = i32::try_from(shell.now.since_s(since)).unwrap_or(i32::MAX);
        self.report(EventKind::PursuitEnded, seconds, shell);
    }

    fn handle_clear_latch<J: Storage, K: Keys>(
        &mut self,
        order: &OfficerOrder<'_>,
        shell: &mut Shell<'_, J, K>,
    ) -> Outcome {
        use lenke_wire::command::CommandError::{Certificate, Expired, Signature};
        let Some(authority) = self.settings.authority else { return Outcome::Signature };
        let time = shell.stamp.uncertainty_s.map(|_| shell.stamp.at);
        let clear = match order.verify(&authority, shell.identity.device, time, shell.keys) {
            Ok((clear, _)) => clear,
            Err(Expired) => return Outcome::Expired,
            Err(Signature | Certificate) => return Outcome::Signature,
        };
        let latched = match clear.latch {
            Latch::Strap => self.saved.strap,
            Latch::Case => self.saved.case,
        };
        if !latched.set || latched.event != Some(clear.event) {
            return Outcome::Latch;
        }
        // The event first: a power cut in between leaves a latch that can be cleared again, never one that nobody knows of.
        self.report(EventKind::LatchCleared, clear.latch as i32, shell);
        match clear.latch {
            Latch::Strap => self.saved.strap = Latched::default(),
            Latch::Case => {
                self.saved.case = Latched::default();
                self.case_sensors = 0;
            }
        }
        if !self.keep(shell) {
            match clear.latch {
                Latch::Strap => self.saved.strap = latched,
                Latch::Case => self.saved.case = latched,
            }
            return Outcome::Size;
        }
        match clear.latch {
            Latch::Strap => self.refit(shell.now),
            Latch::Case => self.case.iter_mut().for_each(crate::tamper::Contact::forgive),
        }
        Outcome::Applied
    }

    /// The strap's latch is cleared: an officer is at hand, who may have the strap open yet.
    fn refit(&mut self, now: Uptime) {
        let is_open = self.strap.is_open();
        self.strap.forgive();
        if is_open {
            self.stage = Stage::Fitting;
            self.saved.stage = Stage::Fitting;
            self.fitting_until = Some(now.plus_s(FITTING_S));
        }
    }

    fn handle_manifest<J: Storage, K: Keys>(
        &mut self,
        signed: &Signed<'_, Manifest>,
        order: FrameId,
        shell: &mut Shell<'_, J, K>,
    ) -> Option<Outcome> {
        let Some(authority) = self.settings.authority else { return Some(Outcome::Signature) };
        let Ok(manifest) = signed.verify(&authority, shell.identity.device, shell.keys) else {
            return Some(Outcome::Signature);
        };
        let now = Circumstances {
            alarm: self.has_alarm(shell.now) || self.pursuit.is_some(),
            percent: self.power.state().map(|battery| battery.percent),
            charging: self.power.is_charging(),
            version_min: self.saved.firmware_min,
        };
        if let Some(outcome) = update::refusal(&manifest, &self.settings, now) {
            return Some(outcome);
        }
        let is_under_way = self.update.is_some_and(|update| update.manifest == manifest);
        if !is_under_way {
            self.update = Some(Update::new(manifest, order, shell.now));
            shell.effects.push(Effect::FetchUpdate);
        }
        // The receipt comes with the result.
        None
    }

    pub(super) fn handle_progress<J: Storage, K: Keys>(
        &mut self,
        progress: UpdateProgress,
        shell: &mut Shell<'_, J, K>,
    ) {
        let Some(update) = &mut self.update else { return };
        let is_good = match progress {
            UpdateProgress::Fetched(hash) => update.handle_fetched(&hash),
            UpdateProgress::Failed => false,
        };
        if !is_good {
            self.give_up_update(shell);
        }
    }

    /// Starts an image that is ready, once no alarm is in the way; gives one up that never came.
    pub(super) fn handle_update<J: Storage, K: Keys>(&mut self, shell: &mut Shell<'_, J, K>) {
        let Some(update) = self.update else { return };
        if update.is_overdue(shell.now) {
            self.give_up_update(shell);
        }
        if !update.is_ready() || self.has_alarm(shell.now) || self.pursuit.is_some() {
            return;
        }
        let Manifest { version, min_version, .. } = update.manifest;
        self.update = None;
        self.saved.firmware_awaited = Some(Awaited { version, min_version });
        if !self.keep(shell) {
            self.saved.firmware_awaited = None;
            self.receipt(CommandKind::Ota, update.order, Outcome::Size, shell);
            return;
        }
        self.receipt(CommandKind::Ota, update.order, Outcome::Applied, shell);
        shell.effects.push(Effect::StartUpdate);
    }

    fn give_up_update<J: Storage, K: Keys>(&mut self, shell: &mut Shell<'_, J, K>) {
        if let Some(update) = self.update.take() {
            self.receipt(CommandKind::Ota, update.order, Outcome::Content, shell);
        }
    }

    fn receipt<J: Storage, K: Keys>(
        &mut self,
        command: CommandKind,
        counter: FrameId,
        outcome: Outcome,
        shell: &mut Shell<'_, J, K>,
    ) {
        if !matches!(outcome, Outcome::Applied | Outcome::Incomplete) {
            Counters::count(&mut shell.counters.commands_refused, 1);
        }
        let (version, digest) = match command {
            CommandKind::Plan => (self.plan.version, self.plan_digest()),
            CommandKind::Zones => (self.zones.version(), self.zones.hash()),
            CommandKind::Ota => (self.settings.firmware, [0; 32]),
            CommandKind::Ack
            | CommandKind::Notice
            | CommandKind::Query
            | CommandKind::Pursuit
            | CommandKind::ClearLatch => (0, [0; 32]),
        };
        let receipt = Receipt {
            at: shell.stamp.at,
            time_source: shell.stamp.source,
            counter,
            command,
            outcome,
            version,
            digest,
            parts: if command == CommandKind::Zones { self.zones.parts() } else { 0 },
        };
        self.recorder.commit_receipt(&receipt, shell);
    }
}
