//! The desk: one task owns the open alerts; this is the handle by which everybody else reaches it.
//!
//! ```text
//! ingest --submit--> inbox --> task (Book) --> bus  --> consoles      at once
//! console --act-->                         \-> Scribe --> store      at once, and again until it succeeds
//! ```
//! The task decides ([`book`], synchronous, no clock), shows and hands over for saving; it never waits for the store
//! to write. It asks the store whether a finding was an alert before, for a bounded time, and not at all while the
//! store is known to be down: an alert that is shown twice is better than one that waits.
//!
//! Whoever must not forget a finding before its alert is safe (ingest, before it commits the monitor that found it)
//! awaits [`Desk::saved`].

mod book;
mod bounded;
mod scribe;
mod task;

use crate::{LIVE_EVENTS_MAX, LiveEvent, PositionUpdate};
use lenke_alerts::{Action, Alert, AlertId, Finding, PermissionRef, Refusal};
use lenke_store::{Clock, Store, StoreError};
use lenke_wire::UnixMillis;
use scribe::Scribe;
use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};
use tokio::sync::{broadcast, mpsc, oneshot};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Messages that wait for the desk; whoever brings more waits.
pub const INBOX_MAX: usize = 1024;

/// What evaluation tells the desk.
#[derive(Clone, Debug, PartialEq)]
pub enum DeskInput {
    /// Something was found that a person must handle.
    Raise(Finding),
    /// The condition of the finding with this id no longer holds.
    End {
        /// The finding.
        id: AlertId,
        /// Since when.
        at: UnixMillis,
        /// The permission that ended it, if that did and not the wearer.
        permission: Option<PermissionRef>,
    },
}

/// Why an action was not taken, or why the desk could not be reached.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// No such alert.
    #[error("there is no alert {0}")]
    Unknown(AlertId),
    /// The alert has changed since the version that the action names; this is how it is now.
    #[error("alert {} has changed since it was read", .0.id)]
    Stale(Arc<Alert>),
    /// The alert's state does not allow the action.
    #[error("the action was refused")]
    Refused(#[source] Refusal),
    /// So much waits to be saved that a person's action could be lost.
    #[error("too many changes wait to be saved")]
    Overloaded,
    /// The alert is not open, and the store could not say what became of it.
    #[error("the alert could not be read")]
    Store(#[source] StoreError),
    /// The desk has stopped.
    #[error("the desk has stopped")]
    Stopped,
}

/// The open alerts as everybody may read them; the task alone writes.
type View = Arc<RwLock<BTreeMap<AlertId, Arc<Alert>>>>;

enum Message {
    Inputs(Vec<DeskInput>),
    Act {
        id: AlertId,
        version: u32,
        action: Action,
        actor: String,
        reply: oneshot::Sender<Reply>,
    },
    /// Asks for the number of the last change handed over for saving.
    Mark(oneshot::Sender<u64>),
}

type Reply = Result<Arc<Alert>, DeskError>;

/// Handle of the desk; clones reach the same one.
#[derive(Clone, Debug)]
pub struct Desk {
    inbox: mpsc::Sender<Message>,
    live: broadcast::Sender<LiveEvent>,
    view: View,
    scribe: Scribe,
}

impl Desk {
    /// Loads the open alerts and starts the desk's tasks on `tracker`. Cancel `stop` when nobody brings findings any
    /// more: the desk then handles what waits, saves, and ends.
    ///
    /// # Errors
    /// The open alerts cannot be read.
    pub async fn start(
        store: Arc<dyn Store>,
        clock: Clock,
        tracker: &TaskTracker,
        stop: CancellationToken,
    ) -> Result<Self, StoreError> {
        let open: Vec<_> = store.open_alerts().await?.into_iter().map(Arc::new).collect();
        let view = View::default();
        let (inbox, messages) = mpsc::channel(INBOX_MAX);
        let (live, _) = broadcast::channel(LIVE_EVENTS_MAX);
        let scribe = Scribe::start(store.clone(), view.clone(), tracker);
        let task = task::Task::new(open, store, clock, view.clone(), live.clone(), scribe.clone());
        tracker.spawn(task.run(messages, stop));
        Ok(Self { inbox, live, view, scribe })
    }

    /// Brings what evaluation found; waits while the inbox is full.
    ///
    /// # Errors
    /// [`DeskError::Stopped`].
    pub async fn submit(&self, inputs: Vec<DeskInput>) -> Result<(), DeskError> {
        if inputs.is_empty() {
            return Ok(());
        }
        self.inbox.send(Message::Inputs(inputs)).await.map_err(|_| DeskError::Stopped)
    }

    /// Waits until everything that was submitted before this call is in the store, however long the store is down.
    ///
    /// # Errors
    /// [`DeskError::Stopped`] if the desk ended before.
    pub async fn saved(&self) -> Result<(), DeskError> {
        let (reply, mark) = oneshot::channel();
        self.inbox.send(Message::Mark(reply)).await.map_err(|_| DeskError::Stopped)?;
        let mark = mark.await.map_err(|_| DeskError::Stopped)?;
        self.scribe.saved_through(mark).await.ok_or(DeskError::Stopped)
    }

    /// A person acts on the alert as they saw it in `expected_version`.
    ///
    /// # Errors
    /// See [`DeskError`]; then nothing has changed.
    pub async fn act(
        &self,
        id: AlertId,
        expected_version: u32,
        action: Action,
        actor: String,
    ) -> Result<Arc<Alert>, DeskError> {
        let (reply, answer) = oneshot::channel();
        let message = Message::Act { id, version: expected_version, action, actor, reply };
        self.inbox.send(message).await.map_err(|_| DeskError::Stopped)?;
        answer.await.map_err(|_| DeskError::Stopped)?
    }

    /// Every alert that no person has closed, in the order they were raised. Who subscribes first and asks then
    /// misses nothing.
    pub fn open_alerts(&self) -> Vec<Arc<Alert>> {
        let mut open: Vec<_> =
            self.view.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        open.sort_by_key(|alert| (alert.raised_at, alert.id));
        open
    }

    /// Tells consoles where wearers are. Never give it a protected person's position.
    pub fn publish_positions(&self, updates: Vec<PositionUpdate>) {
        if !updates.is_empty() {
            publish(&self.live, LiveEvent::Positions(updates.into()));
        }
    }

    /// Every event from now on. A receiver that lags reads [`Self::open_alerts`] again.
    pub fn subscribe(&self) -> broadcast::Receiver<LiveEvent> {
        self.live.subscribe()
    }
}

/// Sends to whoever listens; that nobody does is no error.
fn publish(live: &broadcast::Sender<LiveEvent>, event: LiveEvent) {
    drop(live.send(event));
}
