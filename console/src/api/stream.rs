//! The live stream: what a page needs to stay true after it has read its snapshots.

use crate::{
    audit,
    console::App,
    guard::Caller,
    limits, live,
    problem::{Fault, Problem},
    sessions::StreamPlace,
};
use axum::{
    extract::State,
    http::HeaderMap,
    response::{
        Sse,
        sse::{Event, KeepAlive},
    },
};
use futures::Stream;
use std::{convert::Infallible, sync::Arc};
use tokio::sync::broadcast::{Receiver, error::RecvError};

/// What a stream is up to.
enum Phase {
    /// The first event is still to come.
    Hello {
        /// The client had a stream before and may have missed something since.
        again: bool,
    },
    /// The client is still to be told to read its snapshots anew.
    Again,
    /// Passing events on.
    Running,
    /// The last event has been sent.
    Ended,
}

struct Subscription {
    app: Arc<App>,
    place: StreamPlace,
    events: Receiver<Arc<live::Rendered>>,
    phase: Phase,
}

/// Live events (server-sent). Read the snapshots after `hello`, and again after `resync`. A client that connects
/// again with `Last-Event-ID` is sent `resync` at once.
///
/// | event | data |
/// |---|---|
/// | `hello` | `{now, speed}`, first of all |
/// | `alert` | an alert as `GET /alerts/{id}` shows it, new or changed |
/// | `positions` | `[[wearer number, lon, lat, accuracy_m, at, device, epoch, seq], ...]`, the newest of each wearer |
/// | `clock` | `{now, speed}`: the centre's time, which may run faster than real time |
/// | `resync` | `{}`: events were missed, read the snapshots anew |
/// | `end` | `{reason}`: `session` (sign in again) or `shutdown` (connect again later) |
#[utoipa::path(get, path = "/stream", operation_id = "stream", tag = "live",
    responses((status = 200, description = "Events", content_type = "text/event-stream", body = String),
        (status = 429, description = "Too many streams", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn stream(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let place = app.sessions.take_stream(caller.session).ok_or_else(|| {
        let detail = format!("at most {} live streams a session", limits::STREAMS_PER_SESSION_MAX);
        Problem::new(Fault::TooMany, detail).retry_after(limits::CLOCK_EVERY)
    })?;
    audit::record(&app, caller.name(), "stream.open", "all", "").await?;
    let events = app.live.subscribe();
    let phase = Phase::Hello { again: headers.contains_key("last-event-id") };
    let subscription = Subscription { app, place, events, phase };
    let stream = futures::stream::unfold(subscription, |mut subscription| async move {
        let event = subscription.next().await?;
        Some((Ok(event), subscription))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(limits::KEEP_ALIVE_EVERY)))
}

impl Subscription {
    async fn next(&mut self) -> Option<Event> {
        match self.phase {
            Phase::Ended => None,
            Phase::Again => {
                self.phase = Phase::Running;
                Some(Event::default().event("resync").data("{}"))
            }
            Phase::Hello { again } => {
                self.phase = if again { Phase::Again } else { Phase::Running };
                Some(Event::default().event("hello").data(live::clock(&self.app).to_string()))
            }
            Phase::Running => Some(tokio::select! {
                biased;
                () = self.app.shutdown.cancelled() => self.end("shutdown"),
                () = self.place.ended.cancelled() => self.end("session"),
                received = self.events.recv() => match received {
                    Ok(rendered) => {
                        Event::default().id(rendered.id.to_string()).event(rendered.event).data(&rendered.data)
                    }
                    Err(RecvError::Lagged(missed)) => self.resync(missed),
                    Err(RecvError::Closed) => self.end("shutdown"),
                },
            }),
        }
    }

    fn end(&mut self, reason: &'static str) -> Event {
        self.phase = Phase::Ended;
        Event::default().event("end").data(serde_json::json!({ "reason": reason }).to_string())
    }

    /// The client reads everything anew, so whatever still waits is superfluous.
    fn resync(&mut self, missed: u64) -> Event {
        metrics::counter!("console_stream_resyncs_total").increment(1);
        tracing::debug!(missed, "a live stream fell behind");
        self.events = self.events.resubscribe();
        Event::default().event("resync").data("{}")
    }
}
