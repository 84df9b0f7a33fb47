//! One device's connection after the CONNACK.

use super::{
    Shared,
    codec::{CodecError, DeviceCodec, Incoming, Outgoing, Publish, PublishRefusal, Version},
    sessions::Entry,
};
use crate::{Arrival, Attachment, Refusal, Rejection, Source};
use bytes::Bytes;
use futures::{FutureExt, SinkExt, StreamExt};
use lenke_wire::{DeviceId, topic};
use rumqttc::v5::mqttbytes::v5::DisconnectReasonCode;
use std::time::Duration;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::{Instant, sleep_until, timeout},
};
use tokio_util::codec::Framed;

/// A session; it ends with its connection.
pub(super) struct Session<'s, S> {
    shared: &'s Shared,
    framed: Framed<S, DeviceCodec>,
    device: DeviceId,
    entry: Entry,
    silence_max: Duration,
    source: Source,
    down_topic: String,
    state_topic: String,
    attachment: Option<Attachment>,
}

/// Why a session ends.
type End = DisconnectReasonCode;

/// What is answered to the packets of one read, in their order.
#[derive(Default)]
struct Answers {
    arrivals: Vec<Arrival>,
    replies: Vec<Reply>,
    end: Option<End>,
}

enum Reply {
    Now(Outgoing),
    /// PUBACK once the journal has the arrival of this place.
    Arrival {
        pkid: u16,
        place: usize,
    },
}

impl<'s, S: AsyncRead + AsyncWrite + Unpin> Session<'s, S> {
    pub(super) fn new(
        shared: &'s Shared,
        framed: Framed<S, DeviceCodec>,
        device: DeviceId,
        entry: Entry,
        keep_alive_s: u16,
        source: Source,
    ) -> Self {
        Self {
            shared,
            framed,
            device,
            entry,
            // The standard's one and a half.
            silence_max: Duration::from_millis(u64::from(keep_alive_s) * 1500),
            source,
            down_topic: topic::down(device).to_string(),
            state_topic: topic::state(device).to_string(),
            attachment: None,
        }
    }

    pub(super) async fn run(mut self) {
        let end = self.converse().await;
        tracing::debug!(device = %self.device, source = %self.source, ?end, "a session ended");
        if end != DisconnectReasonCode::NormalDisconnection {
            self.write(vec![Outgoing::Disconnect(end)]).await.unwrap_or_default();
        }
    }

    async fn converse(&mut self) -> End {
        let mut silent_until = Instant::now() + self.silence_max;
        loop {
            let outcome = tokio::select! {
                biased;
                () = self.shared.token.cancelled() => return DisconnectReasonCode::ServerShuttingDown,
                () = self.entry.taken_over.cancelled() => return DisconnectReasonCode::SessionTakenOver,
                packet = self.framed.next() => {
                    silent_until = Instant::now() + self.silence_max;
                    self.handle_read(packet).await
                }
                Some(frame) = next_downlink(&mut self.attachment) => self.pass_down(frame).await,
                () = sleep_until(silent_until) => return DisconnectReasonCode::KeepAliveTimeout,
            };
            if let Err(end) = outcome {
                return end;
            }
        }
    }

    /// One packet and what has come with it, answered together.
    async fn handle_read(&mut self, first: Option<Result<Incoming, CodecError>>) -> Result<(), End> {
        let mut answers = Answers::default();
        let mut next = Some(first);
        while let Some(packet) = next {
            match packet {
                Some(Ok(packet)) => self.handle_packet(packet, &mut answers),
                Some(Err(error)) => answers.end = Some(self.handle_error(&error)),
                None => answers.end = Some(DisconnectReasonCode::NormalDisconnection),
            }
            let more = answers.end.is_none()
                && answers.replies.len() < usize::from(self.shared.config.in_flight_max);
            next = if more { self.framed.next().now_or_never() } else { None };
        }
        let Answers { arrivals, replies, end } = answers;
        let refusals = if arrivals.is_empty() {
            Vec::new()
        } else {
            // Not taken: without PUBACK and without the connection, the device sends it all again later.
            self.shared.intake.submit(arrivals).await.map_err(|error| {
                tracing::debug!(device = %self.device, %error, "frames were not taken");
                DisconnectReasonCode::ServerBusy
            })?
        };
        let outgoing = replies.into_iter().map(|reply| match reply {
            Reply::Now(outgoing) => outgoing,
            Reply::Arrival { pkid, place } => {
                let rejection = refusals.get(place).copied().flatten();
                let refusal =
                    rejection.filter(|rejection| !rejection.is_authentic()).map(|_| PublishRefusal::Payload);
                Outgoing::PubAck { pkid, refusal }
            }
        });
        self.write(outgoing.collect()).await?;
        end.map_or(Ok(()), Err)
    }

    fn handle_packet(&mut self, packet: Incoming, answers: &mut Answers) {
        match packet {
            Incoming::Publish(publish) => self.handle_publish(publish, answers),
            Incoming::Subscribe { pkid, filters } => {
                let granted: Vec<_> = filters.iter().map(|filter| *filter == self.down_topic).collect();
                if granted.contains(&true) {
                    self.attachment = Some(self.shared.intake.attach(self.device));
                }
                answers.replies.push(Reply::Now(Outgoing::SubAck { pkid, granted }));
            }
            Incoming::Unsubscribe { pkid, filters } => {
                let existed: Vec<_> = filters
                    .iter()
                    .map(|filter| *filter == self.down_topic && self.attachment.take().is_some())
                    .collect();
                answers.replies.push(Reply::Now(Outgoing::UnsubAck { pkid, existed }));
            }
            Incoming::Ping => answers.replies.push(Reply::Now(Outgoing::Pong)),
            Incoming::Ignored => {}
            Incoming::Disconnect => answers.end = Some(DisconnectReasonCode::NormalDisconnection),
            Incoming::Connect(_) | Incoming::Unexpected => {
                answers.end = Some(DisconnectReasonCode::ProtocolError)
            }
        }
    }

    fn handle_publish(&mut self, publish: Publish, answers: &mut Answers) {
        let Publish { topic, pkid, qos_2, retain, has_alias, payload } = publish;
        let refused = [
            (qos_2, DisconnectReasonCode::QoSNotSupported),
            (retain, DisconnectReasonCode::RetainNotSupported),
            (has_alias, DisconnectReasonCode::TopicAliasInvalid),
        ];
        if let Some((_, end)) = refused.into_iter().find(|(applies, _)| *applies) {
            answers.end = Some(end);
            return;
        }
        let lane = std::str::from_utf8(&topic).ok().and_then(|topic| topic::parse_up(topic).ok());
        match lane {
            Some((device, lane)) if device == self.device => {
                if pkid != 0 {
                    answers.replies.push(Reply::Arrival { pkid, place: answers.arrivals.len() });
                }
                answers.arrivals.push(Arrival { device, lane, source: self.source.clone(), bytes: payload });
            }
            _ if *topic == *self.state_topic.as_bytes() => {
                if pkid != 0 {
                    answers.replies.push(Reply::Now(Outgoing::PubAck { pkid, refusal: None }));
                }
            }
            _ => self.handle_foreign(&topic, pkid, &payload, answers),
        }
    }

    /// MQTT 5 has an answer for this; 3.1.1 leaves to close the connection or to pretend.
    fn handle_foreign(&mut self, topic: &[u8], pkid: u16, payload: &Bytes, answers: &mut Answers) {
        let detail =
            format!("{} published to {}", self.device, String::from_utf8_lossy(topic).escape_debug());
        let refusal = Refusal::new(Rejection::ForeignTopic, detail);
        self.shared.intake.turn_away(Some(self.device), &self.source, refusal, payload);
        match self.framed.codec().version {
            Some(Version::V5) if pkid != 0 => {
                let refusal = Some(PublishRefusal::NotAuthorized);
                answers.replies.push(Reply::Now(Outgoing::PubAck { pkid, refusal }));
            }
            Some(Version::V5) => {}
            Some(Version::V4) | None => answers.end = Some(DisconnectReasonCode::NotAuthorized),
        }
    }

    fn handle_error(&mut self, error: &CodecError) -> End {
        match error {
            CodecError::TooLarge(bytes) => {
                let refusal = Refusal::new(Rejection::Oversized, format!("a packet of {bytes} bytes"));
                let head = self.framed.read_buffer().clone().freeze();
                self.shared.intake.turn_away(Some(self.device), &self.source, refusal, &head);
                DisconnectReasonCode::PacketTooLarge
            }
            CodecError::Malformed | CodecError::NotConnect | CodecError::Version => {
                let refusal = Refusal::new(Rejection::Garbage, "a malformed MQTT packet");
                self.shared.intake.turn_away(Some(self.device), &self.source, refusal, &[]);
                DisconnectReasonCode::MalformedPacket
            }
            CodecError::Io(_) => DisconnectReasonCode::NormalDisconnection,
        }
    }

    /// One downlink and what has queued up behind it.
    async fn pass_down(&mut self, first: Bytes) -> Result<(), End> {
        let topic = self.down_topic.clone();
        let mut outgoing = vec![Outgoing::Publish { topic: topic.clone(), payload: first }];
        while let Some(payload) = self.attachment.as_mut().and_then(Attachment::try_next) {
            outgoing.push(Outgoing::Publish { topic: topic.clone(), payload });
        }
        self.write(outgoing).await
    }

    /// All of it with one flush; a peer that does not read is dropped.
    async fn write(&mut self, outgoing: Vec<Outgoing>) -> Result<(), End> {
        if outgoing.is_empty() {
            return Ok(());
        }
        let framed = &mut self.framed;
        let written = timeout(self.shared.config.write_timeout, async {
            for packet in outgoing {
                framed.feed(packet).await?;
            }
            framed.flush().await
        });
        match written.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(DisconnectReasonCode::NormalDisconnection),
        }
    }
}

/// Never, while the device does not listen.
async fn next_downlink(attachment: &mut Option<Attachment>) -> Option<Bytes> {
    match attachment {
        Some(listening) => {
            let next = listening.next().await;
            if next.is_none() {
                *attachment = None;
            }
            next
        }
        None => std::future::pending().await,
    }
}
