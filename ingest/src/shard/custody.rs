//! What makes a trail evidence, as far as it can be told while frames come in: the hash chain is followed frame by frame,
//! signatures of checkpoints are verified in batches. Neither ever holds up a finding.

use super::Shard;
use crate::{Rejection, chain::Break, registry::DeviceEntry};
use lenke_store::Quarantined;
use lenke_wire::{
    Checkpoint, DeviceId, FrameId, UnixMillis,
    chain::{CHECKPOINT_MESSAGE_BYTES, checkpoint_message, verify_checkpoint},
    sign::verify_all,
};
use std::sync::Arc;

/// Checkpoints verified together.
pub(super) const CHECKPOINTS_BATCH: usize = 64;

/// The code of a broken chain, beside those of [`Rejection`].
const CHAIN_BREAK: &str = "chain_break";

/// A checkpoint whose signature is still to be verified, and the refusal that it becomes if it does not hold.
#[derive(Debug)]
pub(super) struct Unverified {
    pub(super) device: DeviceId,
    pub(super) frame: FrameId,
    pub(super) public_key: [u8; 32],
    pub(super) checkpoint: Checkpoint,
    pub(super) refusal: Quarantined,
}

impl Unverified {
    fn claim(&self) -> ([u8; 32], [u8; CHECKPOINT_MESSAGE_BYTES], [u8; 64]) {
        let Checkpoint { covers, chain, signature } = &self.checkpoint;
        (self.public_key, checkpoint_message(self.device, *covers, chain), *signature)
    }
}

impl Shard {
    /// Follows the device's chain over a new frame. A protected person's is not: what waits behind a gap would be kept.
    pub(super) fn follow_chain(
        &mut self,
        device: &DeviceEntry,
        frame: FrameId,
        inner: &[u8],
        now: UnixMillis,
    ) {
        if device.protected {
            return;
        }
        self.changed_chains.insert(device.id);
        let state = self.devices.entry(device.id).or_default();
        let passed_over = state.chains.passed_over();
        let breaks = state.chains.handle_frame(device.id, frame, inner, now);
        self.tools.counters.chain_passed_over(state.chains.passed_over() - passed_over);
        for broken in breaks {
            self.tools.counters.chain_breaks(1);
            let (at, why) = match broken {
                Break::Mismatch(at) => {
                    (at, "the device signed another chain than that of the frames that came")
                }
                Break::Gap(at) => (at, "a frame before others never came"),
            };
            tracing::warn!(device = %device.id, frame = %at, why, "a chain is broken");
            self.handle_security_event(device.id, CHAIN_BREAK, Some(at), now);
        }
    }

    /// Verifies the signatures of the checkpoints that wait for it; those that do not hold become refusals.
    pub(super) fn verify_checkpoints(&mut self) {
        let unverified = std::mem::take(&mut self.unverified);
        for batch in unverified.chunks(CHECKPOINTS_BATCH) {
            let claims: Vec<_> = batch.iter().map(Unverified::claim).collect();
            if verify_all(&claims) {
                continue;
            }
            for one in batch {
                if let Err(error) = verify_checkpoint(&one.public_key, one.device, &one.checkpoint) {
                    self.refuse_checkpoint(one, &error.to_string());
                }
            }
        }
    }

    fn refuse_checkpoint(&mut self, bad: &Unverified, detail: &str) {
        self.tools.counters.reject(Rejection::BadCheckpoint, Some(bad.device), detail);
        self.pending.stored = self.pending.stored.saturating_sub(1);
        let quarantined = Quarantined { detail: detail.to_owned(), ..bad.refusal.clone() };
        self.pending.batch.quarantined.push(quarantined);
        let now = self.tools.clock.now();
        self.handle_security_event(bad.device, Rejection::BadCheckpoint.code(), Some(bad.frame), now);
    }

    /// The chains that have moved since the last batch.
    pub(super) fn moved_chains(&mut self) -> Vec<(DeviceId, Vec<u8>)> {
        let devices = &self.devices;
        let registry = Arc::clone(&self.registry);
        self.changed_chains
            .drain()
            .filter(|device| registry.device(*device).is_none_or(|entry| !entry.protected))
            .filter_map(|device| Some((device, devices.get(&device)?.chains.to_bytes())))
            .collect()
    }
}
