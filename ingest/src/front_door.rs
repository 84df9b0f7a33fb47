//! The MQTT 3.1.1 and 5 endpoint that devices connect to. No general broker: a device publishes to its own report
//! topics and hears its own downlinks; everything else is refused as the standard says.
//!
//! | packet | what is taken |
//! |---|---|
//! | CONNECT | client id = user name = device id, password of the device; a will only on its own state topic |
//! | PUBLISH | QoS 0 and 1 to `up/live`, `up/backlog` and `state` of the device itself |
//! | SUBSCRIBE | the device's own `down`, granted at QoS 0: downlinks are cumulative or repeated by the centre |
//! | PINGREQ, UNSUBSCRIBE, DISCONNECT | yes |
//! | QoS 2, retained (5), topic alias, AUTH, a second CONNECT | refused |
//!
//! Invariants: a PUBACK is sent only when the journal has synced the frame, in the order of the PUBLISHes; writes are
//! coalesced per read. No session outlives its connection: what is not acknowledged the device sends again. A second
//! connection of a device ends the first. Connections, connections an address, time to CONNECT, silence, packet size,
//! packets in work and time to write are limited.

mod codec;
mod handshake;
mod limits;
mod session;
mod sessions;
#[cfg(test)]
mod tests;

use crate::{Intake, Source};
use limits::Places;
use sessions::Sessions;
use std::{sync::Arc, time::Duration};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Pause after the listener failed: too many open files, say.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How long open sessions may take to end.
const END_AFTER: Duration = Duration::from_secs(5);

/// Limits of the front door.
#[derive(Clone, Copy, Debug)]
pub struct FrontDoorConfig {
    /// Connections at once.
    pub connections_max: usize,
    /// Connections at once from one address; a fleet behind one gateway or one simulator shares it.
    pub connections_per_address_max: usize,
    /// From accept to CONNECT.
    pub handshake_timeout: Duration,
    /// How long the peer may take to read what is written.
    pub write_timeout: Duration,
    /// Longest keepalive, seconds: of a longer one, or of none, this is what holds.
    pub keepalive_s_max: u16,
    /// Largest packet, bytes.
    pub packet_bytes_max: usize,
    /// PUBLISH packets of one connection in work at once; further ones wait in the socket.
    pub in_flight_max: u16,
}

impl Default for FrontDoorConfig {
    fn default() -> Self {
        Self {
            connections_max: 60_000,
            connections_per_address_max: 60_000,
            handshake_timeout: Duration::from_secs(10),
            write_timeout: Duration::from_secs(20),
            keepalive_s_max: 1_200,
            packet_bytes_max: 8 << 10,
            in_flight_max: 64,
        }
    }
}

/// The endpoint.
#[derive(Debug)]
pub struct FrontDoor;

/// What all sessions share.
#[derive(Debug)]
struct Shared {
    intake: Intake,
    config: FrontDoorConfig,
    sessions: Sessions,
    token: CancellationToken,
}

impl FrontDoor {
    /// Takes connections until `token` is cancelled; then ends the sessions and returns.
    pub async fn serve(
        listener: TcpListener,
        intake: Intake,
        config: FrontDoorConfig,
        token: CancellationToken,
    ) {
        let shared = Arc::new(Shared { intake, config, sessions: Sessions::default(), token: token.clone() });
        let places = Places::new(config.connections_max, config.connections_per_address_max);
        let tracker = TaskTracker::new();
        loop {
            let accepted = tokio::select! {
                () = token.cancelled() => break,
                accepted = listener.accept() => accepted,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            let Some(place) = places.take(peer.ip()) else {
                shared.intake.counters().connections_refused(1);
                tracing::debug!(%peer, "too many connections");
                continue;
            };
            let shared = Arc::clone(&shared);
            tracker.spawn(async move {
                take(&shared, stream, &peer.to_string()).await;
                drop(place);
            });
        }
        tracker.close();
        if tokio::time::timeout(END_AFTER, tracker.wait()).await.is_err() {
            tracing::warn!(sessions = tracker.len(), "sessions did not end in time");
        }
    }
}

async fn take(shared: &Shared, stream: TcpStream, peer: &str) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%peer, %error, "a socket without TCP_NODELAY");
    }
    let source = Source::new(peer);
    let opened = tokio::select! {
        () = shared.token.cancelled() => return,
        opened = tokio::time::timeout(shared.config.handshake_timeout, handshake::open(shared, stream, &source)) => opened,
    };
    let reason = match opened {
        Ok(Ok(session)) => {
            shared.intake.counters().connections(1);
            session.run().await;
            return;
        }
        Ok(Err(reason)) => reason,
        Err(_) => "no CONNECT in time",
    };
    shared.intake.counters().connections_refused(1);
    tracing::debug!(%peer, reason, "a connection is refused");
}
