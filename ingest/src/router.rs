//! From the journal's thread to the shards, and the gate that holds frames back while wearers move between shards.

use crate::{
    Counters, Registry,
    decode::decode,
    intake::Admitted,
    journal::{Consumer, Record, Ticket},
    shard::{ShardInput, ShardLanes},
    writer::{Suspect, WriterHandle},
};
use lenke_store::Quarantined;
use lenke_wire::topic::Lane;
use std::sync::Arc;
use tokio::sync::{RwLock, mpsc};

/// Frames handed to a shard in one message.
const FRAMES_TOGETHER_MAX: usize = 256;

/// Knows which shard owns whom.
#[derive(Debug)]
pub(crate) struct Router {
    /// Held for reading while frames are handed on; for writing while who belongs where changes.
    pub(crate) gate: RwLock<Arc<Registry>>,
    pub(crate) lanes: Vec<ShardLanes>,
}

impl Router {
    /// Tells the wearer's shard; what does not fit in its queue is left out, the rejection is counted anyway.
    pub(crate) fn suspect(&self, suspect: Suspect) {
        let Ok(registry) = self.gate.try_read() else { return };
        if let Some(lane) = self.lanes.get(registry.shard_of_device(suspect.device)) {
            lane.live.try_send(ShardInput::Suspect(suspect)).unwrap_or_default();
        }
    }
}

/// The journal's consumer.
#[derive(Debug)]
pub(crate) struct Dispatch {
    router: Arc<Router>,
    writer: WriterHandle,
    counters: Counters,
    waiting: Vec<(Admitted, Ticket)>,
}

impl Dispatch {
    pub(crate) fn new(router: Arc<Router>, writer: WriterHandle, counters: Counters) -> Self {
        Self { router, writer, counters, waiting: Vec::new() }
    }
}

impl Consumer<Admitted> for Dispatch {
    fn recover(&mut self, record: Record, ticket: Ticket) {
        self.counters.recovered(1);
        let Record { arrival, received_at } = record;
        let decoded = decode(&self.router.gate.blocking_read(), &arrival, received_at);
        match decoded {
            Ok(opened) => {
                self.waiting.push((Admitted { arrival, received_at, opened, _place: None }, ticket));
                if self.waiting.len() >= FRAMES_TOGETHER_MAX {
                    self.flush();
                }
            }
            Err(refusal) => {
                // It was authentic when it was taken: the device's key has changed, or the device is gone.
                self.counters.reject(refusal.rejection, Some(arrival.device), &refusal.detail);
                self.writer.quarantine(Quarantined {
                    device: Some(arrival.device),
                    source: arrival.source.to_string(),
                    reason: refusal.rejection.code().to_owned(),
                    received_at,
                    bytes: arrival.bytes.to_vec(),
                    detail: refusal.detail,
                });
                self.writer.release(ticket);
            }
        }
    }

    fn consume(&mut self, cargo: Admitted, ticket: Ticket) {
        self.waiting.push((cargo, ticket));
    }

    fn flush(&mut self) {
        let registry = self.router.gate.blocking_read();
        let mut live: Vec<Vec<_>> = self.router.lanes.iter().map(|_| Vec::new()).collect();
        let mut backlog: Vec<Vec<_>> = self.router.lanes.iter().map(|_| Vec::new()).collect();
        for (admitted, ticket) in self.waiting.drain(..) {
            let shard = registry.shard_of_device(admitted.arrival.device);
            let (queues, channel): (_, fn(&ShardLanes) -> &mpsc::Sender<ShardInput>) =
                match admitted.arrival.lane {
                    Lane::Live => (&mut live, |lanes| &lanes.live),
                    Lane::Backlog => (&mut backlog, |lanes| &lanes.backlog),
                };
            let (Some(queue), Some(lanes)) = (queues.get_mut(shard), self.router.lanes.get(shard)) else {
                continue;
            };
            queue.push((admitted, ticket));
            if queue.len() >= FRAMES_TOGETHER_MAX {
                hand_on(channel(lanes), std::mem::take(queue));
            }
        }
        for ((lanes, live), backlog) in self.router.lanes.iter().zip(live).zip(backlog) {
            hand_on(&lanes.live, live);
            hand_on(&lanes.backlog, backlog);
        }
    }
}

fn hand_on(channel: &mpsc::Sender<ShardInput>, frames: Vec<(Admitted, Ticket)>) {
    if !frames.is_empty() {
        // An error means that the pipeline has ended; the frames are in the journal.
        channel.blocking_send(ShardInput::Frames(frames)).unwrap_or_default();
    }
}
