//! One device's MQTT 3.1.1 connection over TCP: CONNECT, the persistent subscription to its downlinks, publishes at QoS 1.

use bytes::Bytes;
use futures::{SinkExt, StreamExt};
use lenke_wire::credential::mqtt_password;
use lenke_wire::frame::DeviceKey;
use lenke_wire::{DeviceId, FrameId, topic};
use rumqttc::mqttbytes::v4::{
    Codec, Connect, ConnectReturnCode, Packet, PubAck, Publish, SubAck, Subscribe, SubscribeReasonCode,
};
use rumqttc::mqttbytes::{self, QoS};
use std::collections::HashMap;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_util::codec::Framed;

/// Largest packet taken from the centre.
const INCOMING_BYTES_MAX: usize = 16 * 1024;
/// Largest packet sent; larger than any honest one.
const OUTGOING_BYTES_MAX: usize = 64 * 1024;
/// Publishes without a PUBACK at most; the core keeps far fewer in flight.
const IN_FLIGHT_MAX: usize = 128;
/// Time for TCP, CONNACK and each write.
const PATIENCE: Duration = Duration::from_secs(10);
/// Packet id of the subscription; publishes use the others.
const SUBSCRIBE_ID: u16 = 1;

/// Why there is no connection (any more).
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectionError {
    #[error("TCP failed")]
    Io(#[from] std::io::Error),
    #[error("what came is not MQTT 3.1.1: {0}")]
    Protocol(mqttbytes::Error),
    #[error("no answer within {PATIENCE:?}")]
    Timeout,
    #[error("the centre refused the connection: {0:?}")]
    Refused(ConnectReturnCode),
    #[error("the centre closed the connection")]
    Closed,
    #[error("the centre refused the subscription to the downlinks")]
    NotSubscribed,
    #[error("more than {IN_FLIGHT_MAX} publishes without an answer")]
    Congested,
}

impl From<mqttbytes::Error> for ConnectionError {
    fn from(error: mqttbytes::Error) -> Self {
        Self::Protocol(error)
    }
}

/// A connection.
#[derive(Debug)]
pub(crate) struct Connection {
    framed: Framed<TcpStream, Codec>,
    in_flight: HashMap<u16, Option<FrameId>>,
    last_id: u16,
    keep_alive: Duration,
    sent_at: Instant,
    heard_at: Instant,
}

/// Who connects.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) target: String,
    pub(crate) device: DeviceId,
    pub(crate) key: DeviceKey,
    pub(crate) keep_alive: Duration,
}

impl Connection {
    /// Connects and asks for the downlinks; the answer to that follows as a happening.
    pub(crate) async fn open(caller: Caller) -> Result<Self, ConnectionError> {
        timeout(PATIENCE, Self::connect(caller)).await.map_err(|_| ConnectionError::Timeout)?
    }

    async fn connect(caller: Caller) -> Result<Self, ConnectionError> {
        let stream = TcpStream::connect(&caller.target).await?;
        stream.set_nodelay(true)?;
        let codec = Codec { max_incoming_size: INCOMING_BYTES_MAX, max_outgoing_size: OUTGOING_BYTES_MAX };
        let mut framed = Framed::new(stream, codec);
        let name = caller.device.to_string();
        let mut connect = Connect::new(name.clone());
        let password = mqtt_password(&caller.key, caller.device);
        connect.set_login(name, String::from_utf8_lossy(&password));
        connect.clean_session = false;
        connect.keep_alive = u16::try_from(caller.keep_alive.as_secs()).unwrap_or(u16::MAX);
        framed.send(Packet::Connect(connect)).await?;
        let Packet::ConnAck(answer) = framed.next().await.ok_or(ConnectionError::Closed)?? else {
            return Err(mqttbytes::Error::IncorrectPacketFormat.into());
        };
        if answer.code != ConnectReturnCode::Success {
            return Err(ConnectionError::Refused(answer.code));
        }
        let mut subscribe = Subscribe::new(topic::down(caller.device).to_string(), QoS::AtLeastOnce);
        subscribe.pkid = SUBSCRIBE_ID;
        framed.send(Packet::Subscribe(subscribe)).await?;
        let now = Instant::now();
        Ok(Self {
            framed,
            in_flight: HashMap::new(),
            last_id: SUBSCRIBE_ID,
            keep_alive: caller.keep_alive,
            sent_at: now,
            heard_at: now,
        })
    }

    /// The next packet. Dropping the future loses nothing.
    pub(crate) async fn receive(&mut self) -> Result<Packet, ConnectionError> {
        let packet = self.framed.next().await.ok_or(ConnectionError::Closed)??;
        self.heard_at = Instant::now();
        Ok(packet)
    }

    /// Publishes whose PUBACK is still to come.
    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight.len()
    }

    /// Whether the subscription stands.
    pub(crate) fn is_granted(answer: &SubAck) -> bool {
        !answer.return_codes.contains(&SubscribeReasonCode::Failure)
    }

    /// The frame that a PUBACK is about; `None` for a hostile publish or an unknown id.
    pub(crate) fn acknowledged(&mut self, ack: &PubAck) -> Option<FrameId> {
        self.in_flight.remove(&ack.pkid).flatten()
    }

    /// Queues the PUBACK of a downlink.
    pub(crate) async fn acknowledge(&mut self, publish: &Publish) -> Result<(), ConnectionError> {
        if publish.qos == QoS::AtLeastOnce {
            self.feed(Packet::PubAck(PubAck::new(publish.pkid))).await?;
        }
        Ok(())
    }

    async fn feed(&mut self, packet: Packet) -> Result<(), ConnectionError> {
        timeout(PATIENCE, self.framed.feed(packet)).await.map_err(|_| ConnectionError::Timeout)??;
        Ok(())
    }

    /// Queues a publish for [`Self::flush`]; `frame` comes back with its PUBACK.
    pub(crate) async fn publish(
        &mut self,
        topic: &str,
        payload: Bytes,
        frame: Option<FrameId>,
    ) -> Result<(), ConnectionError> {
        if self.in_flight.len() >= IN_FLIGHT_MAX {
            return Err(ConnectionError::Congested);
        }
        let id = self.free_id();
        self.in_flight.insert(id, frame);
        let mut publish = Publish::from_bytes(topic, QoS::AtLeastOnce, payload);
        publish.pkid = id;
        self.feed(Packet::Publish(publish)).await
    }

    fn free_id(&mut self) -> u16 {
        loop {
            self.last_id = if self.last_id == u16::MAX { SUBSCRIBE_ID + 1 } else { self.last_id + 1 };
            if !self.in_flight.contains_key(&self.last_id) {
                return self.last_id;
            }
        }
    }

    /// Writes what is queued.
    pub(crate) async fn flush(&mut self) -> Result<(), ConnectionError> {
        if self.framed.write_buffer().is_empty() {
            return Ok(());
        }
        self.sent_at = Instant::now();
        timeout(PATIENCE, self.framed.flush()).await.map_err(|_| ConnectionError::Timeout)??;
        Ok(())
    }

    /// Pings when it is time to, and finds out that nobody is there any more.
    pub(crate) async fn keep_alive(&mut self) -> Result<(), ConnectionError> {
        if self.heard_at.elapsed() > self.keep_alive * 2 {
            return Err(ConnectionError::Closed);
        }
        if self.sent_at.elapsed() > self.keep_alive / 2 {
            self.feed(Packet::PingReq).await?;
        }
        self.flush().await
    }

    /// Says goodbye; what is lost then is resent some day.
    pub(crate) async fn close(mut self) {
        let goodbye = timeout(PATIENCE, self.framed.send(Packet::Disconnect)).await;
        if !matches!(goodbye, Ok(Ok(()))) {
            tracing::debug!("a connection ended without goodbye");
        }
    }
}
