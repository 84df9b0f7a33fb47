//! The journal's thread: drain what is queued, write it, sync it, answer who waits, hand it on in order.

use super::{
    APPENDS_QUEUED_MAX, GROUP_BYTES_MAX, JournalConfig, JournalError, Ledger, Record, Storage, Ticket,
    recovery::{Recovered, records},
    segment_log::SegmentLog,
};
use std::{io, thread};
use tokio::{
    runtime::Handle,
    sync::{mpsc, oneshot},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

/// A record to be made durable, and what is handed on with it once it is (the frame decoded, so that nobody does it
/// twice).
#[derive(Debug)]
pub struct Entry<C> {
    /// What is written.
    pub record: Record,
    /// What is handed on.
    pub cargo: C,
}

/// Takes durable records, in the journal's order, on the journal's thread; may block it: that is backpressure.
pub trait Consumer<C>: Send + 'static {
    /// A record from before the last stop.
    fn recover(&mut self, record: Record, ticket: Ticket);
    /// A record that has just become durable.
    fn consume(&mut self, cargo: C, ticket: Ticket);
    /// The end of a group.
    fn flush(&mut self);
}

enum Command<C> {
    Append { entries: Vec<Entry<C>>, done: oneshot::Sender<Result<(), JournalError>> },
    Collect,
    Barrier(oneshot::Sender<()>),
}

/// Appends to the journal; cheap to clone.
#[derive(Debug)]
pub struct Appender<C>(mpsc::Sender<Command<C>>);

impl<C> Clone for Appender<C> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<C> Appender<C> {
    /// Waits until all `entries` are durable. They stay together and in order.
    ///
    /// # Errors
    /// None of them may be acknowledged: [`JournalError::Full`], [`JournalError::Failed`], [`JournalError::Closed`].
    pub async fn append(&self, entries: Vec<Entry<C>>) -> Result<(), JournalError> {
        let (done, waiter) = oneshot::channel();
        self.0.send(Command::Append { entries, done }).await.map_err(|_| JournalError::Closed)?;
        waiter.await.unwrap_or(Err(JournalError::Closed))
    }

    /// Waits until all that was appended before has been handed on.
    pub async fn barrier(&self) {
        let (done, waiter) = oneshot::channel();
        if self.0.send(Command::Barrier(done)).await.is_ok() {
            // An error means that the thread has ended: nothing is left to wait for.
            waiter.await.unwrap_or_default();
        }
    }

    /// Suggests that segments are free to delete; does nothing when the thread is busy, which looks by itself.
    pub fn collect(&self) {
        self.0.try_send(Command::Collect).unwrap_or_default();
    }

    /// Appends that could be queued right now without waiting.
    pub fn room(&self) -> usize {
        self.0.capacity()
    }
}

/// An opened journal whose thread has not started.
#[derive(Debug)]
pub struct Journal<S> {
    log: SegmentLog<S>,
    recovered: Recovered,
}

impl<S: Storage> Journal<S> {
    /// Reads back what is there.
    ///
    /// # Errors
    /// [`JournalError::Damaged`] or [`JournalError::Io`].
    pub fn open(storage: S, config: JournalConfig) -> Result<Self, JournalError> {
        let (log, recovered) = SegmentLog::open(storage, config)?;
        Ok(Self { log, recovered })
    }

    /// Records that will be handed on before any new one.
    pub fn recovered(&self) -> u64 {
        self.recovered.segments.iter().map(|(_, records)| records).sum()
    }

    /// Bytes at the tail that no sync had covered and that were cut off.
    pub fn torn_bytes(&self) -> u64 {
        self.recovered.torn_bytes
    }

    /// Counts of pending records.
    pub fn ledger(&self) -> Ledger {
        self.log.ledger().clone()
    }

    /// Starts the thread. It ends when `token` is cancelled or all appenders are gone; a failed write or sync ends it
    /// and cancels `token`. The receiver resolves when it has ended and let go of the files.
    ///
    /// # Errors
    /// The thread cannot be started.
    pub fn start<C: Send + 'static>(
        self,
        consumer: impl Consumer<C>,
        token: CancellationToken,
    ) -> io::Result<(Appender<C>, oneshot::Receiver<()>)> {
        let (sender, receiver) = mpsc::channel(APPENDS_QUEUED_MAX);
        let (ended, has_ended) = oneshot::channel::<()>();
        let runtime = Handle::current();
        let worker = Worker { log: self.log, receiver, consumer, token, runtime };
        thread::Builder::new().name("lenke-journal".to_owned()).spawn(move || {
            worker.run(&self.recovered.segments);
            ended.send(()).unwrap_or_default();
        })?;
        Ok((Appender(sender), has_ended))
    }
}

struct Worker<C, S, K> {
    log: SegmentLog<S>,
    receiver: mpsc::Receiver<Command<C>>,
    consumer: K,
    token: CancellationToken,
    runtime: Handle,
}

/// Entries and who waits for how many of them.
struct Group<C> {
    entries: Vec<Entry<C>>,
    waiters: Vec<oneshot::Sender<Result<(), JournalError>>>,
    bytes: usize,
}

impl<C: Send + 'static, S: Storage, K: Consumer<C>> Worker<C, S, K> {
    fn run(mut self, old: &[(u64, u64)]) {
        if let Err(error) = self.hand_on_old(old) {
            self.stop(&error);
            return;
        }
        while let Some(command) = self.next_command() {
            let (group, barriers) = self.gather(command);
            if !group.entries.is_empty()
                && let Err(error) = self.commit(group)
            {
                self.stop(&error);
                return;
            }
            self.log.collect();
            for barrier in barriers {
                barrier.send(()).unwrap_or_default();
            }
        }
    }

    fn hand_on_old(&mut self, old: &[(u64, u64)]) -> Result<(), JournalError> {
        for &(segment, _) in old {
            for record in records(self.log.storage(), segment)? {
                self.consumer.recover(record, Ticket(segment));
            }
            self.consumer.flush();
        }
        Ok(())
    }

    fn next_command(&mut self) -> Option<Command<C>> {
        let (receiver, token) = (&mut self.receiver, &self.token);
        self.runtime.block_on(async {
            tokio::select! {
                biased;
                () = token.cancelled() => None,
                command = receiver.recv() => command,
            }
        })
    }

    /// What is queued behind `first`, up to a group's size.
    fn gather(&mut self, first: Command<C>) -> (Group<C>, Vec<oneshot::Sender<()>>) {
        let mut group = Group { entries: Vec::new(), waiters: Vec::new(), bytes: 0 };
        let mut barriers = Vec::new();
        let mut next = Some(first);
        while let Some(command) = next {
            match command {
                Command::Append { entries, done } => {
                    group.bytes +=
                        entries.iter().map(|entry| entry.record.arrival.bytes.len() + 64).sum::<usize>();
                    group.entries.extend(entries);
                    group.waiters.push(done);
                }
                Command::Collect => {}
                Command::Barrier(done) => barriers.push(done),
            }
            next = if group.bytes < GROUP_BYTES_MAX { self.receiver.try_recv().ok() } else { None };
        }
        (group, barriers)
    }

    /// An error is final; a full disk is none.
    fn commit(&mut self, group: Group<C>) -> Result<(), JournalError> {
        let started = Instant::now();
        let written = self.log.append(group.entries.iter().map(|entry| &entry.record));
        metrics::histogram!("lenke_journal_commit_seconds").record(started.elapsed().as_secs_f64());
        metrics::histogram!("lenke_journal_group_records").record(group.entries.len() as f64);
        let Group { entries, waiters, .. } = group;
        match written {
            Ok(ticket) => {
                answer(waiters, || Ok(()));
                for entry in entries {
                    self.consumer.consume(entry.cargo, ticket);
                }
                self.consumer.flush();
                Ok(())
            }
            Err(JournalError::Full) => {
                metrics::counter!("lenke_journal_full_total").increment(1);
                tracing::error!("the journal's disk is full: {} frames are not acknowledged", entries.len());
                answer(waiters, || Err(JournalError::Full));
                Ok(())
            }
            Err(error) => {
                answer(waiters, || Err(JournalError::Failed));
                Err(error)
            }
        }
    }

    fn stop(&self, error: &JournalError) {
        metrics::counter!("lenke_journal_failed_total").increment(1);
        tracing::error!(%error, "the journal has failed: intake ends, nothing more is acknowledged");
        self.token.cancel();
    }
}

/// Whoever has stopped waiting needs no answer.
fn answer(waiters: Vec<oneshot::Sender<Result<(), JournalError>>>, answer: fn() -> Result<(), JournalError>) {
    for waiter in waiters {
        waiter.send(answer()).unwrap_or_default();
    }
}
