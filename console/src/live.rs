//! From the desk's bus to the browsers: one task renders each event once, every stream sends the same text.
//!
//! ```text
//! desk --LiveEvent--> run(): alerts at once, positions newest of each wearer every 100 ms, clock every 5 s
//!                       --Arc<Rendered>--> broadcast, bounded --> a stream each
//! ```
//! A stream that falls behind the bounded broadcast is told `resync` and reads its snapshots anew: it never silently
//! misses an alert. Alerts never wait for positions.

use crate::{
    console::App,
    limits,
    views::{alert::AlertView, place::LiveRow},
};
use lenke_notify::{LiveEvent, PositionUpdate};
use lenke_wire::UnixMillis;
use lenke_zones::WearerId;
use serde::Serialize;
use serde_json::json;
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::{
    sync::broadcast::{self, error::RecvError},
    time::{Instant, MissedTickBehavior},
};

/// One event as every stream sends it.
#[derive(Debug)]
pub(crate) struct Rendered {
    /// Rises with every event.
    pub(crate) id: u64,
    /// Name of the event.
    pub(crate) event: &'static str,
    /// Its JSON.
    pub(crate) data: String,
}

/// Where streams subscribe.
pub(crate) struct Live {
    sender: broadcast::Sender<Arc<Rendered>>,
    last_id: AtomicU64,
}

impl Default for Live {
    fn default() -> Self {
        Self { sender: broadcast::Sender::new(limits::STREAM_LAG_MAX), last_id: AtomicU64::new(0) }
    }
}

impl Live {
    /// All events from now on.
    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Arc<Rendered>> {
        self.sender.subscribe()
    }

    fn is_watched(&self) -> bool {
        self.sender.receiver_count() > 0
    }

    /// Sends to every stream. Without any, nothing is rendered.
    fn send(&self, event: &'static str, data: &impl Serialize) {
        if !self.is_watched() {
            return;
        }
        match serde_json::to_string(data) {
            Ok(data) => {
                let id = self.last_id.fetch_add(1, Ordering::Relaxed) + 1;
                let receivers = self.sender.send(Arc::new(Rendered { id, event, data })).unwrap_or(0);
                metrics::counter!("console_events_total", "event" => event).increment(receivers as u64);
            }
            Err(error) => tracing::error!(%error, event, "an event could not be rendered"),
        }
    }
}

/// Positions that wait for their turn.
#[derive(Default)]
struct Positions {
    newest: HashMap<WearerId, UnixMillis>,
    waiting: HashMap<WearerId, PositionUpdate>,
    sent_at: Option<Instant>,
}

impl Positions {
    /// Keeps the newest of each wearer; a backlog moves nobody back.
    fn take(&mut self, updates: &[PositionUpdate]) {
        for update in updates {
            let newest = self.newest.entry(update.wearer).or_insert(update.at);
            if update.at >= *newest {
                *newest = update.at;
                self.waiting.insert(update.wearer, *update);
            }
        }
    }

    /// When what waits may go out; never while nothing waits.
    fn due_at(&self, now: Instant) -> Option<Instant> {
        let after_last = self.sent_at.map_or(now, |sent_at| sent_at + limits::POSITIONS_EVERY);
        (!self.waiting.is_empty()).then_some(after_last)
    }

    fn send(&mut self, live: &Live, now: Instant) {
        let rows: Vec<LiveRow> = self.waiting.drain().map(|(_, update)| LiveRow::from(&update)).collect();
        live.send("positions", &rows);
        self.sent_at = Some(now);
    }
}

/// Renders the desk's events until the shutdown; at the clock's beat, expired sessions are ended.
pub(crate) async fn run(app: Arc<App>, mut desk: broadcast::Receiver<LiveEvent>) {
    let live = &app.live;
    let mut positions = Positions::default();
    let mut beat = tokio::time::interval(limits::CLOCK_EVERY);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let due_at = positions.due_at(Instant::now());
        let due = async {
            match due_at {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = app.shutdown.cancelled() => return,
            _ = beat.tick() => {
                app.sessions.end_expired(Instant::now());
                live.send("clock", &clock(&app));
            }
            () = due => positions.send(live, Instant::now()),
            event = desk.recv() => match event {
                Ok(LiveEvent::Alert(alert)) => live.send("alert", &AlertView::from(&*alert)),
                Ok(LiveEvent::Positions(updates)) => positions.take(&updates),
                Err(RecvError::Lagged(missed)) => {
                    metrics::counter!("console_desk_events_missed_total").increment(missed);
                    tracing::warn!(missed, "the console fell behind the desk; every page reads anew");
                    live.send("resync", &json!({}));
                }
                Err(RecvError::Closed) => return,
            },
        }
    }
}

/// The centre's time, which may run faster in a demonstration.
pub(crate) fn clock(app: &App) -> serde_json::Value {
    json!({ "now": app.clock.now().0, "speed": app.clock.speed() })
}
