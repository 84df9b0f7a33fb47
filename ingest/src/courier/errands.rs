//! Commands that somebody ordered: sent when the device listens, again until its receipt comes, and never to a device that
//! its wearer no longer has.

use crate::registry::DeviceEntry;
use lenke_store::outbox::{Command, CommandState, Order};
use lenke_wire::{
    DeviceId, FrameId, Outcome, Receipt, UnixMillis,
    codec::DecodeError,
    command::{OfficerOrder, Signed},
    downlink::{CommandKind, Downlink, Pursuit},
};
use std::collections::BTreeMap;

/// Times that a command is sent without an answer.
pub(crate) const ATTEMPTS_MAX: usize = 8;
/// First pause before a command is sent again, seconds; it doubles each time.
const AGAIN_S: i64 = 30;
/// The longest pause.
const AGAIN_S_MAX: i64 = 3_600;

/// The commands that are not settled.
#[derive(Debug, Default)]
pub(super) struct Errands {
    open: BTreeMap<u64, Command>,
    dirty: BTreeMap<u64, Command>,
}

impl Errands {
    /// What the store holds: new ones are taken in, those that somebody else has settled are dropped.
    pub(super) fn refresh(&mut self, stored: Vec<Command>) -> Vec<DeviceId> {
        let mut known = std::mem::take(&mut self.open);
        let mut new = Vec::new();
        for command in stored {
            // What is still to be written is newer than what the store holds.
            let settled = |command: &Command| command.state.is_settled();
            if settled(&command) || self.dirty.get(&command.id).is_some_and(settled) {
                continue;
            }
            let command = known.remove(&command.id).unwrap_or_else(|| {
                new.push(command.device);
                command
            });
            self.open.insert(command.id, command);
        }
        new
    }

    /// Devices with an open command.
    pub(super) fn devices(&self) -> impl Iterator<Item = DeviceId> + '_ {
        self.open.values().map(|command| command.device)
    }

    /// Numbers of a device's open commands, oldest first.
    pub(super) fn of(&self, device: DeviceId) -> Vec<u64> {
        self.open.values().filter(|command| command.device == device).map(|command| command.id).collect()
    }

    pub(super) fn get(&self, id: u64) -> Option<&Command> {
        self.open.get(&id)
    }

    /// Settles a command.
    pub(super) fn settle(&mut self, id: u64, state: CommandState, outcome: Option<Outcome>, now: UnixMillis) {
        if let Some(mut command) = self.open.remove(&id) {
            command.settle(state, now);
            command.outcome = outcome;
            metrics::counter!("lenke_courier_commands_total", "command" => command.order.kind_code(), "state" => state.code())
                .increment(1);
            tracing::info!(device = %command.device, id, state = state.code(), ?outcome, "a command is settled");
            self.dirty.insert(id, command);
        }
    }

    /// Settles what must not be sent (any more); of the rest, whether it is due.
    pub(super) fn is_due(&mut self, id: u64, entry: Option<&DeviceEntry>, now: UnixMillis) -> bool {
        let Some(command) = self.open.get(&id) else { return false };
        let carried = entry.and_then(|entry| entry.wearer_at(now)) == Some(command.wearer);
        let replaced = matches!(command.order, Order::Pursuit { .. })
            && self.open.range(id + 1..).any(|(_, later)| {
                later.device == command.device && matches!(later.order, Order::Pursuit { .. })
            });
        let (attempts, sent_at) = (command.counters.len(), command.sent_at);
        let pause_s = AGAIN_S.saturating_mul(1 << attempts.saturating_sub(1).min(16)).min(AGAIN_S_MAX);
        let is_rested = sent_at.is_none_or(|at| now.since_ms(at) >= pause_s * 1000);
        if !carried || replaced {
            self.settle(id, CommandState::Withdrawn, None, now);
        } else if now >= command.expires_at {
            self.settle(id, CommandState::Expired, None, now);
        } else if attempts >= ATTEMPTS_MAX && is_rested {
            self.settle(id, CommandState::Unanswered, None, now);
        } else {
            return is_rested;
        }
        false
    }

    /// The command is on its way under this counter.
    pub(super) fn handle_sent(&mut self, id: u64, counter: FrameId, now: UnixMillis) {
        let Some(command) = self.open.get_mut(&id) else { return };
        command.counters.push(counter);
        command.sent_at = Some(now);
        command.settle(CommandState::Sent, now);
        let has_receipt = !matches!(command.order, Order::Query | Order::Notice { .. });
        if has_receipt {
            self.dirty.insert(id, command.clone());
        } else {
            self.settle(id, CommandState::Told, None, now);
        }
    }

    /// The device says what became of a command.
    pub(super) fn handle_receipt(&mut self, device: DeviceId, receipt: &Receipt, now: UnixMillis) {
        let of_it = self.open.values().find(|command| {
            command.device == device
                && command.order.kind() == receipt.command
                && command.counters.contains(&receipt.counter)
        });
        let Some(id) = of_it.map(|command| command.id) else { return };
        let state = match receipt.outcome {
            Outcome::Applied => CommandState::Applied,
            // An alarm ends and a battery is charged: the order stands until its time is over.
            Outcome::Alarm | Outcome::Battery if receipt.command == CommandKind::Ota => return,
            Outcome::Alarm
            | Outcome::Battery
            | Outcome::Signature
            | Outcome::Base
            | Outcome::Rollback
            | Outcome::Content
            | Outcome::Size
            | Outcome::Latch
            | Outcome::Board
            | Outcome::Expired
            | Outcome::Unsupported
            | Outcome::Incomplete => CommandState::Refused,
        };
        self.settle(id, state, Some(receipt.outcome), now);
    }

    /// What is to be written.
    pub(super) fn take_dirty(&mut self) -> Vec<Command> {
        std::mem::take(&mut self.dirty).into_values().collect()
    }

    /// It could not be written: what has changed since is newer.
    pub(super) fn put_back(&mut self, commands: Vec<Command>) {
        for command in commands {
            self.dirty.entry(command.id).or_insert(command);
        }
    }
}

/// Why a stored order makes no downlink.
#[derive(Debug, thiserror::Error)]
pub(super) enum BadOrder {
    #[error("a signed part cannot be read: {0}")]
    Body(DecodeError),
    #[error("a signature has not 64 bytes")]
    Signature,
}

/// Hands the downlink of an order to `send`.
pub(super) fn with_downlink<T>(order: &Order, send: impl FnOnce(&Downlink<'_>) -> T) -> Result<T, BadOrder> {
    let signature = |bytes: &[u8]| <[u8; 64]>::try_from(bytes).map_err(|_| BadOrder::Signature);
    Ok(match order {
        Order::Query => send(&Downlink::Query),
        Order::Notice { code } => send(&Downlink::Notice(*code)),
        Order::Pursuit { on, until } => send(&Downlink::Pursuit(Pursuit { on: *on, until: *until })),
        Order::ClearLatch { signed, .. } => {
            let order = Signed::read(&signed.body, signature(&signed.signature)?).map_err(BadOrder::Body)?;
            let certificate =
                Signed::read(&signed.certificate, signature(&signed.vouch)?).map_err(BadOrder::Body)?;
            send(&Downlink::ClearLatch(OfficerOrder { order, certificate }))
        }
        Order::Ota { manifest, signature: by, .. } => {
            send(&Downlink::Ota(Signed::read(manifest, signature(by)?).map_err(BadOrder::Body)?))
        }
    })
}

#[cfg(test)]
mod tests;
