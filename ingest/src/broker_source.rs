//! The same frames from an existing MQTT broker: one persistent session for each lane, acknowledged by hand once the
//! journal has the frame.
//!
//! Traps that shape this:
//! - An acknowledgement that is awaited inside the polling task stalls it: polling and acknowledging are two tasks, with
//!   a channel between them that is larger than the broker's window.
//! - An acknowledgement kept over a reconnect would be sent on the new connection: each frame carries the number of the
//!   connection it came on, and what belongs to an old one is not acknowledged.
//! - A broker that lost its session has lost what it held: counted and logged; the devices send it again.
//! - Two owners of one client id end each other's sessions for ever: reconnects back off, and a session that is taken
//!   over again and again is logged.
//!
//! Who may publish to which topic is the broker's to enforce (`pattern write lenke/v1/%u/#`); frames are authentic by
//! their own seal anyway.

mod lane;
#[cfg(test)]
mod tests;

use crate::Intake;
use lane::LaneSession;
use lenke_wire::topic::{Lane, UP_BACKLOG_FILTER, UP_LIVE_FILTER, down};
use rumqttc::{AsyncClient, MqttOptions, QoS};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Keepalive with the broker.
const KEEPALIVE: Duration = Duration::from_secs(30);
/// Frames that the broker may have under way on one lane.
const WINDOW: u16 = 1000;
/// Requests (acknowledgements, downlinks) waiting for one connection.
const REQUESTS_QUEUED_MAX: usize = 4 * WINDOW as usize;
/// Largest packet taken from the broker.
const PACKET_BYTES_MAX: usize = 64 << 10;

/// Which broker, as whom.
#[derive(Clone, Debug)]
pub struct BrokerConfig {
    /// `mqtt://HOST:PORT`; the port is 1883 if absent.
    pub url: String,
    /// Prefix of the two client ids, `-live` and `-backlog`. No other process may use it.
    pub client_id: String,
    /// User name, if the broker wants one.
    pub username: Option<String>,
    /// Password, if the broker wants one.
    pub password: Option<String>,
}

/// Why the source cannot run.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// The address is not one.
    #[error("{url} is no broker address of the form mqtt://HOST:PORT")]
    Url {
        /// As given.
        url: String,
    },
}

/// The source.
#[derive(Debug)]
pub struct BrokerSource;

impl BrokerSource {
    /// Takes frames and delivers downlinks until `token` is cancelled; a broker that is away is tried again.
    ///
    /// # Errors
    /// [`BrokerError::Url`].
    pub async fn run(
        config: BrokerConfig,
        intake: Intake,
        token: CancellationToken,
    ) -> Result<(), BrokerError> {
        let (host, port) = host_and_port(&config.url)?;
        let session = |lane: Lane| {
            let (suffix, filter) = match lane {
                Lane::Live => ("live", UP_LIVE_FILTER),
                Lane::Backlog => ("backlog", UP_BACKLOG_FILTER),
            };
            let mut options = MqttOptions::new(format!("{}-{suffix}", config.client_id), &host, port);
            options
                .set_clean_session(false)
                .set_manual_acks(true)
                .set_keep_alive(KEEPALIVE)
                .set_inflight(WINDOW)
                .set_max_packet_size(PACKET_BYTES_MAX, PACKET_BYTES_MAX);
            if let Some(username) = &config.username {
                options.set_credentials(username, config.password.clone().unwrap_or_default());
            }
            let (client, events) = AsyncClient::new(options, REQUESTS_QUEUED_MAX);
            (client.clone(), LaneSession::new(client, events, filter, config.url.clone(), intake.clone()))
        };
        let (live_client, live) = session(Lane::Live);
        let (_, backlog) = session(Lane::Backlog);
        tokio::join!(
            live.run(token.clone()),
            backlog.run(token.clone()),
            deliver(&intake, live_client, token.clone())
        );
        Ok(())
    }
}

/// Downlinks for devices behind the broker. QoS 1, so that a broker that keeps sessions keeps them for a device.
async fn deliver(intake: &Intake, client: AsyncClient, token: CancellationToken) {
    let mut queue = intake.attach_broker();
    loop {
        let outgoing = tokio::select! {
            () = token.cancelled() => return,
            outgoing = queue.recv() => outgoing,
        };
        let Some(outgoing) = outgoing else { return };
        let topic = down(outgoing.device).to_string();
        // A full queue means that the broker is away: acknowledgements are cumulative, plans come again.
        if client.try_publish(topic, QoS::AtLeastOnce, false, outgoing.frame.to_vec()).is_err() {
            intake.counters().downlinks_dropped(1);
        }
    }
}

fn host_and_port(url: &str) -> Result<(String, u16), BrokerError> {
    let error = || BrokerError::Url { url: url.to_owned() };
    let rest = url.strip_prefix("mqtt://").or_else(|| url.strip_prefix("tcp://")).ok_or_else(error)?;
    let rest = rest.trim_end_matches('/');
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !host.ends_with(':') => (host, port.parse().map_err(|_| error())?),
        Some(_) | None => (rest, 1883),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    if host.is_empty() { Err(error()) } else { Ok((host.to_owned(), port)) }
}

#[cfg(test)]
mod address_tests {
    use super::*;

    #[test]
    fn broker_addresses_are_read_and_others_refused() {
        assert_eq!(host_and_port("mqtt://localhost:1884").unwrap(), ("localhost".to_owned(), 1884));
        assert_eq!(host_and_port("mqtt://broker/").unwrap(), ("broker".to_owned(), 1883));
        assert_eq!(host_and_port("mqtt://[::1]:1885").unwrap(), ("::1".to_owned(), 1885));
        for bad in ["localhost:1883", "mqtt://", "mqtt://host:port", "http://host:1"] {
            assert!(host_and_port(bad).is_err(), "{bad}");
        }
    }
}
