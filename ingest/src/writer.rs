//! One task that commits the shards' batches to the store, then acknowledges to the devices and frees the journal.
//!
//! Order of each commit: alerts saved by the desk, store, cumulative acknowledgements, journal. Whatever is cut off in between is repeated after a
//! restart and changes nothing: the store drops frames that it has, acknowledgements are cumulative.

mod acks;

use crate::{
    Counters, Registry, Rejection,
    downlink::Downlinks,
    intake::Admitted,
    journal::{Appender, Ledger, Ticket},
};
use acks::Acks;
use arc_swap::ArcSwap;
use lenke_notify::Desk;
use lenke_store::{Batch, Clock, Quarantined, Store, StoreError, rows::BATCH_ROWS_MAX};
use lenke_wire::{DeviceId, FrameId};
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

/// Batches waiting for the writer.
const INPUTS_QUEUED_MAX: usize = 64;
/// Notes (quarantine, acknowledgements to repeat) waiting for the writer.
const NOTES_QUEUED_MAX: usize = 4096;
/// First and longest pause after a failed commit.
const RETRY_MS: std::ops::RangeInclusive<u64> = 50..=5_000;
/// Refused frames that nobody authenticated are written this often if nothing else is.
const QUARANTINE_EVERY: Duration = Duration::from_millis(250);
/// Of these, so many are kept in that time.
const QUARANTINED_TOGETHER_MAX: u32 = 50;

/// A frame or connection that should not exist.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Suspect {
    pub(crate) device: DeviceId,
    pub(crate) rejection: Rejection,
    pub(crate) frame: Option<FrameId>,
}

/// A frame that was known already, and what it becomes if that was long ago.
#[derive(Debug)]
pub(crate) struct Repeat {
    pub(crate) device: DeviceId,
    pub(crate) frame: FrameId,
    pub(crate) quarantined: Quarantined,
}

/// A shard's batch.
#[derive(Debug, Default)]
pub(crate) struct Commit {
    pub(crate) batch: Batch,
    pub(crate) tickets: Vec<Ticket>,
    pub(crate) stored: u64,
    pub(crate) late: u64,
    pub(crate) repeats: Vec<Repeat>,
    /// Findings came of the batch and were handed to the desk before.
    pub(crate) has_findings: bool,
}

/// What the writer takes.
#[derive(Debug)]
pub(crate) enum WriterInput {
    Commit(Box<Commit>),
    Drain(oneshot::Sender<()>),
}

/// Small things that may be left out when there are too many.
#[derive(Debug)]
enum Note {
    Quarantine(Box<Quarantined>),
    Reacknowledge(DeviceId),
    Release(Ticket),
}

/// The way to the writer.
#[derive(Clone, Debug)]
pub(crate) struct WriterHandle {
    inputs: mpsc::Sender<WriterInput>,
    notes: mpsc::Sender<Note>,
    counters: Counters,
    kept: Arc<AtomicU32>,
}

impl WriterHandle {
    pub(crate) fn try_reserve(&self) -> Option<mpsc::Permit<'_, WriterInput>> {
        self.inputs.try_reserve().ok()
    }

    pub(crate) async fn reserve(&self) -> Option<mpsc::Permit<'_, WriterInput>> {
        self.inputs.reserve().await.ok()
    }

    /// Keeps a refused frame that will not be acknowledged; a flood of them is counted, not kept.
    pub(crate) fn quarantine(&self, quarantined: Quarantined) {
        let room = self.kept.fetch_add(1, Relaxed) < QUARANTINED_TOGETHER_MAX;
        if !room || self.notes.try_send(Note::Quarantine(Box::new(quarantined))).is_err() {
            self.counters.quarantine_dropped(1);
        }
    }

    /// Tells the device again how far it is acknowledged.
    pub(crate) fn reacknowledge(&self, device: DeviceId) {
        self.notes.try_send(Note::Reacknowledge(device)).unwrap_or_default();
    }

    /// A journal record that no batch will account for. On the journal's thread.
    pub(crate) fn release(&self, ticket: Ticket) {
        self.notes.blocking_send(Note::Release(ticket)).unwrap_or_default();
    }

    /// Waits until all that was sent before is committed.
    pub(crate) async fn drain(&self) {
        let (done, waiter) = oneshot::channel();
        if self.inputs.send(WriterInput::Drain(done)).await.is_ok() {
            waiter.await.unwrap_or_default();
        }
    }
}

/// Both ends of the way to the writer.
pub(crate) fn channel(counters: Counters) -> (WriterHandle, WriterQueues) {
    let (inputs, input_queue) = mpsc::channel(INPUTS_QUEUED_MAX);
    let (notes, note_queue) = mpsc::channel(NOTES_QUEUED_MAX);
    let kept = Arc::default();
    let handle = WriterHandle { inputs, notes, counters, kept: Arc::clone(&kept) };
    (handle, WriterQueues { inputs: input_queue, notes: note_queue, kept })
}

#[derive(Debug)]
pub(crate) struct WriterQueues {
    inputs: mpsc::Receiver<WriterInput>,
    notes: mpsc::Receiver<Note>,
    kept: Arc<AtomicU32>,
}

/// The writer.
pub(crate) struct Writer {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) desk: Desk,
    pub(crate) registry: Arc<ArcSwap<Registry>>,
    pub(crate) downlinks: Downlinks,
    pub(crate) ledger: Ledger,
    pub(crate) counters: Counters,
    pub(crate) clock: Clock,
    pub(crate) acks: Acks,
    pub(crate) token: CancellationToken,
}

pub(crate) use acks::Acks as AckBook;

impl Writer {
    /// Ends when the token is cancelled or nobody can send any more.
    pub(crate) async fn run(mut self, mut queues: WriterQueues, appender: Appender<Admitted>) {
        let mut tick = tokio::time::interval(QUARANTINE_EVERY);
        let mut commit = Commit::default();
        loop {
            let mut drains = Vec::new();
            let mut ticked = false;
            let input = tokio::select! {
                () = self.token.cancelled() => return,
                input = queues.inputs.recv() => match input {
                    Some(input) => Some(input),
                    None => return,
                },
                Some(note) = queues.notes.recv() => {
                    self.handle_note(note, &mut commit);
                    None
                }
                _ = tick.tick() => {
                    queues.kept.store(0, Relaxed);
                    ticked = true;
                    None
                }
            };
            while let Ok(note) = queues.notes.try_recv() {
                self.handle_note(note, &mut commit);
            }
            let mut next = input;
            while let Some(input) = next {
                match input {
                    WriterInput::Commit(more) => commit.merge(*more),
                    WriterInput::Drain(done) => drains.push(done),
                }
                next =
                    if commit.batch.rows() < BATCH_ROWS_MAX { queues.inputs.try_recv().ok() } else { None };
            }
            self.judge_repeats(&mut commit);
            let worth_it = ticked
                || !drains.is_empty()
                || !commit.tickets.is_empty()
                || !commit.batch.snapshots.is_empty();
            let empty = commit.batch.is_empty() && commit.tickets.is_empty();
            if worth_it && !empty && !self.commit(std::mem::take(&mut commit), &appender).await {
                return;
            }
            drains.into_iter().for_each(|done| done.send(()).unwrap_or_default());
        }
    }

    fn handle_note(&mut self, note: Note, commit: &mut Commit) {
        match note {
            Note::Quarantine(quarantined) => commit.batch.quarantined.push(*quarantined),
            Note::Reacknowledge(device) => {
                let now = self.clock.now();
                if let Some(entry) = self.registry.load().device(device) {
                    for through in self.acks.newest(device) {
                        self.acks.send(&self.downlinks, entry, through, now);
                    }
                }
            }
            Note::Release(ticket) => commit.tickets.push(ticket),
        }
    }

    /// A repeat is a device that has not had its acknowledgement, which it gets again, unless it had it long ago on this
    /// very connection.
    fn judge_repeats(&mut self, commit: &mut Commit) {
        let now = self.clock.now();
        let registry = self.registry.load();
        let mut told = BTreeSet::new();
        for Repeat { device, frame, quarantined } in commit.repeats.drain(..) {
            if self.acks.settled_long_ago(device, frame, self.downlinks.connection(device), now) {
                self.counters.reject(Rejection::Replayed, Some(device), &quarantined.detail);
                commit.batch.quarantined.push(quarantined);
                continue;
            }
            self.counters.duplicate(1);
            if let (true, Some(entry), Some(through)) = (
                told.insert((device, frame.epoch)),
                registry.device(device),
                self.acks.through(device, frame.epoch),
            ) {
                self.acks.send(&self.downlinks, entry, through, now);
            }
        }
    }

    /// Commits, however long the database takes to come back. `false` if the process ends meanwhile.
    async fn commit(&mut self, mut commit: Commit, appender: &Appender<Admitted>) -> bool {
        let started = Instant::now();
        let mut pause_ms = *RETRY_MS.start();
        let mut gave_up = false;
        if commit.has_findings {
            // A snapshot that has raised an alert must not outlive the alert.
            let saved = tokio::select! {
                biased;
                () = self.token.cancelled() => return false,
                saved = self.desk.saved() => saved,
            };
            if let Err(error) = saved {
                tracing::warn!(%error, "alerts may not be saved: their reports stay in the journal");
                return false;
            }
        }
        loop {
            let done = tokio::select! {
                biased;
                () = self.token.cancelled() => return false,
                done = self.store.commit_batch(&commit.batch) => done,
            };
            match done {
                Ok(_) => break,
                Err(error) if error.is_transient() || gave_up => {
                    self.counters.commits_retried(1);
                    tracing::warn!(%error, pause_ms, "a batch could not be committed; it is tried again");
                    tokio::select! {
                        () = self.token.cancelled() => return false,
                        () = sleep(Duration::from_millis(pause_ms)) => {}
                    }
                    pause_ms = (pause_ms * 2).min(*RETRY_MS.end());
                }
                Err(error) => {
                    gave_up = true;
                    commit.give_up_rows(&error, self.clock.now());
                }
            }
        }
        metrics::histogram!("lenke_ingest_commit_seconds").record(started.elapsed().as_secs_f64());
        metrics::histogram!("lenke_ingest_commit_rows").record(commit.batch.rows() as f64);
        self.counters.stored(commit.stored);
        self.counters.late(commit.late);
        self.counters.fixes(commit.batch.fixes.len() as u64);
        self.acknowledge(&commit.batch.committed);
        if self.ledger.release(commit.tickets) {
            appender.collect();
        }
        true
    }

    fn acknowledge(&mut self, committed: &[(DeviceId, FrameId)]) {
        let now = self.clock.now();
        let registry = self.registry.load();
        let mut advanced = BTreeSet::new();
        for &(device, frame) in committed {
            self.acks.commit(device, frame);
            advanced.insert((device, frame.epoch));
        }
        for (device, epoch) in advanced {
            if let (Some(entry), Some(through)) = (registry.device(device), self.acks.through(device, epoch))
            {
                self.acks.send(&self.downlinks, entry, through, now);
            }
        }
    }
}

impl Commit {
    fn merge(&mut self, more: Self) {
        let batch = more.batch;
        self.batch.fixes.extend(batch.fixes);
        self.batch.sightings.extend(batch.sightings);
        self.batch.events.extend(batch.events);
        self.batch.health.extend(batch.health);
        self.batch.frames.extend(batch.frames);
        self.batch.committed.extend(batch.committed);
        self.batch.last.extend(batch.last);
        self.batch.snapshots.extend(batch.snapshots);
        self.batch.chains.extend(batch.chains);
        self.batch.intervals.extend(batch.intervals);
        self.batch.quarantined.extend(batch.quarantined);
        self.tickets.extend(more.tickets);
        self.stored += more.stored;
        self.late += more.late;
        self.has_findings |= more.has_findings;
        self.repeats.extend(more.repeats);
    }

    /// The database will never take these rows: the frames go to quarantine as they came, and the others go on.
    fn give_up_rows(&mut self, error: &StoreError, now: lenke_wire::UnixMillis) {
        tracing::error!(%error, rows = self.batch.rows(), "the store refuses a batch; its frames go to quarantine");
        metrics::counter!("lenke_ingest_batches_refused_total").increment(1);
        let frames = std::mem::take(&mut self.batch.frames);
        let quarantined = frames.into_iter().map(|row| Quarantined {
            device: Some(row.device),
            source: "store".to_owned(),
            reason: "store_refused".to_owned(),
            received_at: now,
            bytes: row.bytes,
            detail: format!("frame {}: {error}", row.frame),
        });
        self.stored = 0;
        self.late = 0;
        self.batch = Batch {
            committed: std::mem::take(&mut self.batch.committed),
            quarantined: quarantined.collect(),
            ..Batch::default()
        };
    }
}
