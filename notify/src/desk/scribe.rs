//! Saves changed alerts, again and again until the store takes them, while the desk goes on.
//!
//! What waits is one entry an alert, its newest version: however long the store is down, an alert waits once. Beyond
//! [`WAITING_MAX`] alerts the desk takes no more actions by persons (they would be lost unsaid), and the open alerts
//! are all saved anew once the store is back.

use super::View;
use lenke_alerts::{Alert, AlertId};
use lenke_store::{AlertSave, Store, StoreError};
use std::{
    collections::BTreeMap,
    error::Error,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::{Notify, watch};
use tokio_util::task::TaskTracker;

/// Alerts that wait to be saved, and findings taken into them, each.
const WAITING_MAX: usize = 50_000;
/// Alerts saved in one transaction.
const SAVE_MAX: usize = 256;
/// How long the store may take for that.
const SAVE_TIME_MAX: Duration = Duration::from_secs(10);
/// Wait after a first failure; doubles with each further one ...
const RETRY_FIRST: Duration = Duration::from_millis(100);
/// ... up to this.
const RETRY_MAX: Duration = Duration::from_secs(5);
/// Failures in a row after which a desk that is told to end gives up on the store.
const LAST_ATTEMPTS: u32 = 5;

/// Hands alerts over for saving; clones share the queue.
#[derive(Clone, Debug)]
pub(super) struct Scribe {
    shared: Arc<Shared>,
    saved: watch::Receiver<u64>,
}

#[derive(Debug, Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    news: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    alerts: BTreeMap<AlertId, AlertSave>,
    /// Findings in `alerts`.
    merged: usize,
    /// Changes handed over since the start.
    mark: u64,
    /// An alert found no room: all open ones are saved anew when there is some.
    missed: bool,
    /// The store did not answer the last time it was asked.
    down: bool,
    /// The desk has ended.
    closing: bool,
}

impl Waiting {
    /// Adds a change; a newer version replaces an older one.
    fn put(&mut self, alert: Arc<Alert>, merged: Option<AlertId>) {
        let has_room = self.alerts.len() < WAITING_MAX;
        match self.alerts.get_mut(&alert.id) {
            Some(save) if save.alert.version <= alert.version => save.alert = alert.clone(),
            Some(_) => {}
            None if has_room => {
                self.alerts.insert(alert.id, AlertSave { alert: alert.clone(), merged: Vec::new() });
            }
            None => {
                self.missed = true;
                metrics::counter!("lenke_desk_saves_missed_total").increment(1);
            }
        }
        if let (Some(save), Some(finding)) = (self.alerts.get_mut(&alert.id), merged) {
            if self.merged < WAITING_MAX {
                save.merged.push(finding);
                self.merged += 1;
            } else {
                metrics::counter!("lenke_desk_merges_missed_total").increment(1);
            }
        }
    }

    /// Takes a batch out.
    fn take(&mut self) -> Vec<AlertSave> {
        let mut batch = Vec::new();
        while batch.len() < SAVE_MAX
            && let Some((_, save)) = self.alerts.pop_first()
        {
            self.merged -= save.merged.len();
            batch.push(save);
        }
        batch
    }

    /// Puts back what could not be saved.
    fn put_back(&mut self, batch: Vec<AlertSave>) {
        for save in batch {
            if save.merged.is_empty() {
                self.put(save.alert.clone(), None);
            }
            for finding in save.merged {
                self.put(save.alert.clone(), Some(finding));
            }
        }
    }
}

impl Scribe {
    pub(super) fn start(store: Arc<dyn Store>, view: View, tracker: &TaskTracker) -> Self {
        let shared = Arc::new(Shared::default());
        let (done, saved) = watch::channel(0);
        tracker.spawn(Worker { store, view, shared: shared.clone(), done }.run());
        Self { shared, saved }
    }

    /// Hands a change over.
    pub(super) fn put(&self, alert: Arc<Alert>, merged: Option<AlertId>) {
        let mut waiting = self.shared.lock();
        waiting.mark += 1;
        waiting.put(alert, merged);
        metrics::gauge!("lenke_desk_saves_waiting").set(waiting.alerts.len() as f64);
        drop(waiting);
        self.shared.news.notify_one();
    }

    /// The number of the last change handed over.
    pub(super) fn mark(&self) -> u64 {
        self.shared.lock().mark
    }

    /// Whether a person's change might find no room.
    pub(super) fn is_full(&self) -> bool {
        self.shared.lock().alerts.len() >= WAITING_MAX
    }

    /// Whether the store is known not to answer.
    pub(super) fn is_down(&self) -> bool {
        self.shared.lock().down
    }

    /// Tells that the store did not answer somebody else: no need to ask before it answers the scribe.
    pub(super) fn set_down(&self) {
        self.shared.lock().down = true;
        self.shared.news.notify_one();
    }

    /// No more changes will come: save what waits and end.
    pub(super) fn close(&self) {
        self.shared.lock().closing = true;
        self.shared.news.notify_one();
    }

    /// Waits until every change up to `mark` is in the store; `None` if the scribe ended before.
    pub(super) async fn saved_through(&self, mark: u64) -> Option<()> {
        let mut saved = self.saved.clone();
        saved.wait_for(|&through| through >= mark).await.ok().map(|_| ())
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The task that saves.
struct Worker {
    store: Arc<dyn Store>,
    view: View,
    shared: Arc<Shared>,
    done: watch::Sender<u64>,
}

/// What there is to do.
enum Work {
    /// Save these; the number is the last change they hold once they are saved, if nothing else waits.
    Save(Vec<AlertSave>, Option<u64>),
    Rest,
    End,
}

impl Worker {
    async fn run(self) {
        let mut failures = 0;
        loop {
            let (batch, through) = match self.next() {
                Work::Save(batch, through) => (batch, through),
                Work::Rest => {
                    self.shared.news.notified().await;
                    continue;
                }
                Work::End => return,
            };
            match self.save(batch).await {
                Ok(()) => {
                    failures = 0;
                    self.shared.lock().down = false;
                    if let Some(through) = through {
                        self.done.send_replace(through);
                    }
                }
                Err(error) => {
                    failures += 1;
                    metrics::counter!("lenke_desk_save_failures_total").increment(1);
                    tracing::warn!(failures, error = &error as &dyn Error, "alerts could not be saved yet");
                    if !self.wait(failures).await {
                        return;
                    }
                }
            }
        }
    }

    fn next(&self) -> Work {
        let mut waiting = self.shared.lock();
        if waiting.alerts.is_empty() && waiting.missed {
            waiting.missed = false;
            let open: Vec<_> =
                self.view.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
            open.into_iter().for_each(|alert| waiting.put(alert, None));
        }
        if waiting.alerts.is_empty() && !waiting.down {
            return if waiting.closing { Work::End } else { Work::Rest };
        }
        let batch = waiting.take();
        metrics::gauge!("lenke_desk_saves_waiting").set(waiting.alerts.len() as f64);
        let is_all = waiting.alerts.is_empty() && !waiting.missed;
        Work::Save(batch, is_all.then_some(waiting.mark))
    }

    /// Saves a batch. What the store did not take for now waits again; what it refuses for good, alone, is given up.
    async fn save(&self, batch: Vec<AlertSave>) -> Result<(), StoreError> {
        let error = match self.attempt(&batch).await {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        if error.is_transient() {
            self.put_back(batch);
            return Err(error);
        }
        let mut batch = batch.into_iter();
        while let Some(save) = batch.next() {
            match self.attempt(std::slice::from_ref(&save)).await {
                Ok(()) => {}
                Err(error) if error.is_transient() => {
                    self.put_back(std::iter::once(save).chain(batch).collect());
                    return Err(error);
                }
                Err(error) => {
                    metrics::counter!("lenke_desk_saves_refused_total").increment(1);
                    let id = save.alert.id;
                    tracing::error!(%id, error = &error as &dyn Error, "an alert can never be saved");
                }
            }
        }
        Ok(())
    }

    /// One attempt, which ends even if the store never answers.
    async fn attempt(&self, saves: &[AlertSave]) -> Result<(), StoreError> {
        let timeout = tokio::time::timeout(SAVE_TIME_MAX, self.store.save_alerts(saves)).await;
        timeout.unwrap_or_else(|elapsed| {
            Err(StoreError::Unavailable { action: "save alerts", source: elapsed.into() })
        })
    }

    fn put_back(&self, batch: Vec<AlertSave>) {
        let mut waiting = self.shared.lock();
        waiting.down = true;
        waiting.put_back(batch);
        metrics::gauge!("lenke_desk_saves_waiting").set(waiting.alerts.len() as f64);
    }

    /// Waits before the next attempt; `false` if there shall be none.
    async fn wait(&self, failures: u32) -> bool {
        let closing = self.shared.lock().closing;
        if closing && failures >= LAST_ATTEMPTS {
            let lost = self.shared.lock().alerts.len();
            tracing::error!(lost, "the desk ends with alerts that could not be saved");
            return false;
        }
        let doubled = RETRY_FIRST.saturating_mul(1 << (failures - 1).min(16));
        tokio::time::sleep(doubled.min(RETRY_MAX)).await;
        true
    }
}
