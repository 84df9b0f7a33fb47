//! The desk's task: messages in, decisions by the book, changes out to the bus and to the scribe.

use super::{
    DeskError, DeskInput, Message, Reply, View,
    book::{Book, Changed},
    publish,
    scribe::Scribe,
};
use crate::LiveEvent;
use lenke_alerts::{Action, Alert, AlertId, AlertState, Change};
use lenke_store::{Clock, Store, StoreError};
use std::{
    error::Error,
    sync::{Arc, PoisonError},
    time::Duration,
};
use tokio::sync::{broadcast, mpsc};
use tokio_util::sync::CancellationToken;

/// How long a finding waits for the store's word on whether it was an alert before.
const LOOKUP_MAX: Duration = Duration::from_millis(500);
const LOOKUP: &str = "read an alert";
/// The longest sleep before deadlines are looked at again.
const SLEEP_MAX: Duration = Duration::from_secs(1);

pub(super) struct Task {
    book: Book,
    store: Arc<dyn Store>,
    clock: Clock,
    view: View,
    live: broadcast::Sender<LiveEvent>,
    scribe: Scribe,
}

impl Task {
    pub(super) fn new(
        open: Vec<Arc<Alert>>,
        store: Arc<dyn Store>,
        clock: Clock,
        view: View,
        live: broadcast::Sender<LiveEvent>,
        scribe: Scribe,
    ) -> Self {
        view.write()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(open.iter().map(|alert| (alert.id, alert.clone())));
        let task = Self { book: Book::new(open), store, clock, view, live, scribe };
        task.count_open();
        task
    }

    /// Runs until `stop` is cancelled and the messages sent before are handled.
    pub(super) async fn run(mut self, mut messages: mpsc::Receiver<Message>, stop: CancellationToken) {
        loop {
            self.handle_deadlines();
            let sleep = self.sleep();
            tokio::select! {
                biased;
                () = stop.cancelled(), if !messages.is_closed() => messages.close(),
                message = messages.recv() => match message {
                    Some(message) => self.handle_message(message).await,
                    None => break,
                },
                () = tokio::time::sleep(sleep) => {}
            }
        }
        self.scribe.close();
    }

    /// Real time until the next deadline.
    fn sleep(&self) -> Duration {
        let Some(deadline) = self.book.deadline() else { return SLEEP_MAX };
        let millis = deadline.since_ms(self.clock.now()).max(1).unsigned_abs();
        self.clock.real(Duration::from_millis(millis)).clamp(Duration::from_millis(1), SLEEP_MAX)
    }

    async fn handle_message(&mut self, message: Message) {
        match message {
            Message::Inputs(inputs) => {
                for input in inputs {
                    self.handle_input(input).await;
                }
            }
            Message::Act { id, version, action, actor, reply } => {
                let answer = self.handle_action(id, version, action, &actor).await;
                // Whoever asked may have gone; the action stands.
                drop(reply.send(answer));
            }
            Message::Mark(reply) => drop(reply.send(self.scribe.mark())),
        }
    }

    async fn handle_input(&mut self, input: DeskInput) {
        let id = match &input {
            DeskInput::Raise(finding) => finding.id,
            DeskInput::End { id, .. } => *id,
        };
        if let Err(error) = self.look_up(id).await {
            metrics::counter!("lenke_desk_lookups_failed_total").increment(1);
            tracing::debug!(%id, error = &error as &dyn Error, "cannot ask the store about a finding: taken as new");
        }
        match self.book.handle_input(input, self.clock.now()) {
            Some(changed) => self.tell(changed),
            None => metrics::counter!("lenke_desk_known_total").increment(1),
        }
    }

    async fn handle_action(&mut self, id: AlertId, version: u32, action: Action, actor: &str) -> Reply {
        if self.scribe.is_full() {
            return Err(DeskError::Overloaded);
        }
        self.look_up(id).await.map_err(DeskError::Store)?;
        let (alert, changed) = self.book.handle_action(id, version, action, actor, self.clock.now())?;
        changed.into_iter().for_each(|changed| self.tell(changed));
        Ok(alert)
    }

    fn handle_deadlines(&mut self) {
        for changed in self.book.handle_deadlines(self.clock.now()) {
            metrics::counter!("lenke_desk_escalated_total", "kind" => changed.alert.kind.code()).increment(1);
            self.tell(changed);
        }
    }

    /// Brings what the store knows of a finding to hand, unless it is there or the store is down.
    async fn look_up(&mut self, id: AlertId) -> Result<(), StoreError> {
        if self.book.find(id).is_some() {
            return Ok(());
        }
        if self.scribe.is_down() {
            return Err(StoreError::Unavailable { action: LOOKUP, source: "it is known to be down".into() });
        }
        match tokio::time::timeout(LOOKUP_MAX, self.store.alert(id)).await {
            Ok(Ok(stored)) => {
                if let Some(alert) = stored {
                    self.book.adopt(id, alert);
                }
                Ok(())
            }
            Ok(Err(error)) => {
                self.scribe.set_down();
                Err(error)
            }
            Err(elapsed) => {
                self.scribe.set_down();
                Err(StoreError::Unavailable { action: LOOKUP, source: elapsed.into() })
            }
        }
    }

    /// Shows a change to everybody and hands it over for saving.
    fn tell(&self, Changed { alert, merged }: Changed) {
        if matches!(alert.timeline.last().map(|entry| &entry.what), Some(Change::Raised)) {
            metrics::counter!("lenke_desk_raised_total", "kind" => alert.kind.code()).increment(1);
        }
        {
            let mut view = self.view.write().unwrap_or_else(PoisonError::into_inner);
            if alert.state == AlertState::Resolved {
                view.remove(&alert.id);
            } else {
                view.insert(alert.id, alert.clone());
            }
        }
        self.count_open();
        publish(&self.live, LiveEvent::Alert(alert.clone()));
        self.scribe.put(alert, merged);
    }

    fn count_open(&self) {
        metrics::gauge!("lenke_desk_open_alerts").set(self.book.open_count() as f64);
    }
}
