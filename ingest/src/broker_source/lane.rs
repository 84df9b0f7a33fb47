//! One lane's session with the broker.

use crate::{Arrival, Intake, Refusal, Rejection, Source};
use bytes::Bytes;
use lenke_wire::topic::parse_up;
use rumqttc::{AsyncClient, ConnectReturnCode, ConnectionError, Event, EventLoop, Incoming, Publish, QoS};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{sync::mpsc, time::sleep};
use tokio_util::sync::CancellationToken;

/// Frames between the polling task and the acknowledging one: more than the window.
const FRAMES_QUEUED_MAX: usize = 2 * super::WINDOW as usize;
/// Frames handed in together.
const FRAMES_TOGETHER_MAX: usize = 256;
/// First and longest pause before the next connection.
const RECONNECT_MS: std::ops::RangeInclusive<u64> = 200..=10_000;

/// A frame and the connection that it came on.
struct Delivered {
    connection: u64,
    publish: Publish,
}

pub(super) struct LaneSession {
    client: AsyncClient,
    events: EventLoop,
    filter: &'static str,
    broker: String,
    intake: Intake,
}

impl LaneSession {
    pub(super) fn new(
        client: AsyncClient,
        events: EventLoop,
        filter: &'static str,
        broker: String,
        intake: Intake,
    ) -> Self {
        Self { client, events, filter, broker, intake }
    }

    pub(super) async fn run(self, token: CancellationToken) {
        let (sender, receiver) = mpsc::channel(FRAMES_QUEUED_MAX);
        let connection = Arc::new(AtomicU64::new(0));
        let taker = Taker {
            client: self.client.clone(),
            intake: self.intake,
            broker: self.broker.clone(),
            connection: Arc::clone(&connection),
        };
        let poller = Poller {
            client: self.client,
            events: self.events,
            filter: self.filter,
            broker: self.broker,
            connection,
            sender,
        };
        let counters = taker.intake.counters().clone();
        tokio::join!(poller.run(counters, token.clone()), taker.run(receiver, token));
    }
}

struct Poller {
    client: AsyncClient,
    events: EventLoop,
    filter: &'static str,
    broker: String,
    connection: Arc<AtomicU64>,
    sender: mpsc::Sender<Delivered>,
}

impl Poller {
    async fn run(mut self, counters: crate::Counters, token: CancellationToken) {
        let mut pause_ms = *RECONNECT_MS.start();
        let mut had_session = false;
        loop {
            let event = tokio::select! {
                () = token.cancelled() => return,
                event = self.events.poll() => event,
            };
            match event {
                Ok(Event::Incoming(Incoming::ConnAck(connack))) => {
                    pause_ms = *RECONNECT_MS.start();
                    self.connection.fetch_add(1, Ordering::SeqCst);
                    if had_session && !connack.session_present {
                        counters.broker_sessions_lost(1);
                        tracing::error!(broker = %self.broker, filter = self.filter, "the broker has lost the session: what it held comes again from the devices");
                    }
                    had_session = true;
                    if self.client.try_subscribe(self.filter, QoS::AtLeastOnce).is_err() {
                        tracing::warn!(broker = %self.broker, "the subscription did not fit in the queue; it follows with the next connection");
                    }
                    tracing::info!(broker = %self.broker, filter = self.filter, "connected");
                }
                Ok(Event::Incoming(Incoming::Publish(publish))) => {
                    let delivered = Delivered { connection: self.connection.load(Ordering::SeqCst), publish };
                    // The channel is larger than the window: this waits only if QoS 0 floods it, which is backpressure.
                    if self.sender.send(delivered).await.is_err() {
                        return;
                    }
                }
                Ok(Event::Incoming(_) | Event::Outgoing(_)) => {}
                Err(error) => {
                    // Acknowledgements of the connection that is gone must not go out on the next.
                    self.connection.fetch_add(1, Ordering::SeqCst);
                    self.log(&error, pause_ms);
                    tokio::select! {
                        () = token.cancelled() => return,
                        () = sleep(Duration::from_millis(pause_ms)) => {}
                    }
                    pause_ms = (pause_ms * 2).min(*RECONNECT_MS.end());
                }
            }
        }
    }

    fn log(&self, error: &ConnectionError, pause_ms: u64) {
        let broker = &self.broker;
        let refused = matches!(error, ConnectionError::ConnectionRefused(code) if *code != ConnectReturnCode::ServiceUnavailable);
        if refused {
            tracing::error!(%broker, %error, pause_ms, "the broker refuses us; tried again");
        } else {
            tracing::warn!(%broker, %error, pause_ms, "the broker is away; tried again");
        }
    }
}

struct Taker {
    client: AsyncClient,
    intake: Intake,
    broker: String,
    connection: Arc<AtomicU64>,
}

impl Taker {
    async fn run(self, mut receiver: mpsc::Receiver<Delivered>, token: CancellationToken) {
        let mut together = Vec::with_capacity(FRAMES_TOGETHER_MAX);
        loop {
            let received = tokio::select! {
                () = token.cancelled() => return,
                received = receiver.recv_many(&mut together, FRAMES_TOGETHER_MAX) => received,
            };
            if received == 0 {
                return;
            }
            while !self.take(&together).await {
                // The broker sends what is not acknowledged again only after a reconnect: it is kept and tried here.
                tokio::select! {
                    () = token.cancelled() => return,
                    () = sleep(Duration::from_millis(*RECONNECT_MS.start())) => {}
                }
            }
            together.drain(..).for_each(|delivered| self.acknowledge(&delivered));
        }
    }

    /// `false` if nothing may be acknowledged.
    async fn take(&self, together: &[Delivered]) -> bool {
        let mut arrivals = Vec::with_capacity(together.len());
        for Delivered { publish, .. } in together {
            let source = Source::new(&format!("{} {}", self.broker, publish.topic));
            match parse_up(&publish.topic) {
                Ok((device, lane)) => {
                    let bytes = Bytes::clone(&publish.payload);
                    arrivals.push(Arrival { device, lane, source, bytes });
                }
                Err(error) => {
                    let refusal = Refusal::new(Rejection::ForeignTopic, error.to_string());
                    self.intake.turn_away(None, &source, refusal, &publish.payload);
                }
            }
        }
        if arrivals.is_empty() {
            return true;
        }
        match self.intake.submit(arrivals).await {
            Ok(_) => true,
            Err(error) => {
                tracing::warn!(%error, "frames from the broker were not taken");
                false
            }
        }
    }

    fn acknowledge(&self, delivered: &Delivered) {
        if delivered.connection == self.connection.load(Ordering::SeqCst)
            && self.client.try_ack(&delivered.publish).is_err()
        {
            tracing::warn!(
                "an acknowledgement to the broker did not fit in the queue; the broker sends the frame again"
            );
        }
    }
}
