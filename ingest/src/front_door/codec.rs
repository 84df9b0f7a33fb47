//! MQTT 3.1.1 and 5 as one set of packets: only what the front door takes and says. The bytes are rumqttc's work.
//!
//! The version is read from the CONNECT's own bytes and holds for the connection. Checked here beyond what rumqttc
//! checks: the reserved flags of the fixed header, and that a packet that is there whole can be read whole.

use bytes::{BufMut, Bytes, BytesMut};
use rumqttc::{
    mqttbytes::{self, PacketType, check, v4},
    v5::mqttbytes::v5,
};
use std::io;
use tokio_util::codec::{Decoder, Encoder};

/// Largest packet that the front door writes.
const OUTGOING_BYTES_MAX: usize = 4096;
/// First bytes of a CONNECT up to the protocol level: two lengths and a name.
const NAME_MQTT: &[u8] = b"\x00\x04MQTT";

/// Version of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    V4,
    V5,
}

/// What a device says.
#[derive(Debug)]
pub(super) enum Incoming {
    Connect(Box<Connect>),
    Publish(Publish),
    Subscribe {
        pkid: u16,
        filters: Vec<String>,
    },
    Unsubscribe {
        pkid: u16,
        filters: Vec<String>,
    },
    Ping,
    Disconnect,
    /// An acknowledgement of something that was sent at QoS 0: harmless.
    Ignored,
    /// AUTH, QoS 2 handshakes, packets that only a server sends.
    Unexpected,
}

#[derive(Debug)]
pub(super) struct Connect {
    pub(super) client_id: String,
    pub(super) username: String,
    pub(super) password: String,
    pub(super) keep_alive: u16,
    pub(super) will_topic: Option<Bytes>,
    pub(super) wants_enhanced_authentication: bool,
}

#[derive(Debug)]
pub(super) struct Publish {
    pub(super) topic: Bytes,
    /// 0 for QoS 0.
    pub(super) pkid: u16,
    pub(super) qos_2: bool,
    pub(super) retain: bool,
    pub(super) has_alias: bool,
    pub(super) payload: Bytes,
}

/// What the front door says.
#[derive(Debug)]
pub(super) enum Outgoing {
    /// Accepted; the limits are told to MQTT 5 clients.
    Welcome {
        receive_max: u16,
        packet_bytes_max: u32,
        keep_alive: Option<u16>,
    },
    Refused(ConnectRefusal),
    PubAck {
        pkid: u16,
        refusal: Option<PublishRefusal>,
    },
    SubAck {
        pkid: u16,
        granted: Vec<bool>,
    },
    UnsubAck {
        pkid: u16,
        existed: Vec<bool>,
    },
    Pong,
    Publish {
        topic: String,
        payload: Bytes,
    },
    /// Only MQTT 5 servers say why they close.
    Disconnect(v5::DisconnectReasonCode),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ConnectRefusal {
    ClientId,
    Credentials,
    NotAuthorized,
    AuthenticationMethod,
    Version,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PublishRefusal {
    NotAuthorized,
    Payload,
}

/// Why the bytes cannot go on.
#[derive(Debug, thiserror::Error)]
pub(super) enum CodecError {
    #[error("the socket failed")]
    Io(#[from] io::Error),
    #[error("a packet of {0} bytes is too large")]
    TooLarge(usize),
    #[error("a packet is malformed")]
    Malformed,
    #[error("the first packet is no CONNECT")]
    NotConnect,
    #[error("the protocol is neither MQTT 3.1.1 nor MQTT 5")]
    Version,
}

/// One connection's codec.
#[derive(Debug)]
pub(super) struct DeviceCodec {
    pub(super) version: Option<Version>,
    packet_bytes_max: usize,
}

impl DeviceCodec {
    pub(super) fn new(packet_bytes_max: usize) -> Self {
        Self { version: None, packet_bytes_max }
    }

    /// The version of a CONNECT that is there whole.
    fn detect(packet: &[u8]) -> Result<Version, CodecError> {
        if packet.first() != Some(&0x10) {
            return Err(CodecError::NotConnect);
        }
        let length_bytes = packet.iter().skip(1).take_while(|byte| **byte & 0x80 != 0).count() + 1;
        let body = packet.get(1 + length_bytes..).unwrap_or_default();
        let level = body.strip_prefix(NAME_MQTT).and_then(|rest| rest.first());
        match level {
            Some(4) => Ok(Version::V4),
            Some(5) => Ok(Version::V5),
            _ => Err(CodecError::Version),
        }
    }
}

impl Decoder for DeviceCodec {
    type Item = Incoming;
    type Error = CodecError;

    fn decode(&mut self, source: &mut BytesMut) -> Result<Option<Incoming>, CodecError> {
        let header = match check(source.iter(), self.packet_bytes_max) {
            Ok(header) => header,
            Err(mqttbytes::Error::InsufficientBytes(more)) => {
                // Garbage need not be waited for.
                if self.version.is_none() && source.first().is_some_and(|byte| *byte != 0x10) {
                    return Err(CodecError::NotConnect);
                }
                source.reserve(more);
                return Ok(None);
            }
            Err(mqttbytes::Error::PayloadSizeLimitExceeded(bytes)) => {
                return Err(CodecError::TooLarge(bytes));
            }
            Err(_) => return Err(CodecError::Malformed),
        };
        let version = match self.version {
            Some(version) => version,
            None => {
                *self.version.insert(Self::detect(source.get(..header.frame_length()).unwrap_or_default())?)
            }
        };
        let first = source.first().copied().unwrap_or_default();
        let kind = header.packet_type().map_err(|_| CodecError::Malformed)?;
        let flags_wanted = match kind {
            PacketType::Publish => first & 0x0f,
            PacketType::PubRel | PacketType::Subscribe | PacketType::Unsubscribe => 2,
            PacketType::Connect
            | PacketType::ConnAck
            | PacketType::PubAck
            | PacketType::PubRec
            | PacketType::PubComp
            | PacketType::SubAck
            | PacketType::UnsubAck
            | PacketType::PingReq
            | PacketType::PingResp
            | PacketType::Disconnect => 0,
        };
        if first & 0x0f != flags_wanted {
            return Err(CodecError::Malformed);
        }
        if kind == PacketType::Disconnect {
            // MQTT 5 allows it without a reason, which rumqttc does not read.
            drop(source.split_to(header.frame_length()));
            return Ok(Some(Incoming::Disconnect));
        }
        let incoming = match version {
            Version::V4 => {
                let mut codec = v4::Codec {
                    max_incoming_size: self.packet_bytes_max,
                    max_outgoing_size: OUTGOING_BYTES_MAX,
                };
                codec.decode(source).map(|packet| packet.map(from_v4)).map_err(|_| CodecError::Malformed)?
            }
            Version::V5 => {
                let limit = u32::try_from(self.packet_bytes_max).ok();
                let mut codec = v5::Codec { max_incoming_size: limit, max_outgoing_size: None };
                codec.decode(source).map(|packet| packet.map(from_v5)).map_err(|_| CodecError::Malformed)?
            }
        };
        // The whole packet was there: wanting more means that lengths inside it are wrong.
        incoming.map(Some).ok_or(CodecError::Malformed)
    }
}

fn from_v4(packet: v4::Packet) -> Incoming {
    match packet {
        v4::Packet::Connect(connect) => {
            let login = connect.login.unwrap_or_else(|| v4::Login::new("", ""));
            Incoming::Connect(Box::new(Connect {
                client_id: connect.client_id,
                username: login.username,
                password: login.password,
                keep_alive: connect.keep_alive,
                will_topic: connect.last_will.map(|will| Bytes::from(will.topic)),
                wants_enhanced_authentication: false,
            }))
        }
        v4::Packet::Publish(publish) => Incoming::Publish(Publish {
            topic: Bytes::from(publish.topic),
            pkid: publish.pkid,
            qos_2: publish.qos == mqttbytes::QoS::ExactlyOnce,
            // 3.1.1 has no way to refuse retaining: the flag is not looked at.
            retain: false,
            has_alias: false,
            payload: publish.payload,
        }),
        v4::Packet::Subscribe(subscribe) => Incoming::Subscribe {
            pkid: subscribe.pkid,
            filters: subscribe.filters.into_iter().map(|filter| filter.path).collect(),
        },
        v4::Packet::Unsubscribe(unsubscribe) => {
            Incoming::Unsubscribe { pkid: unsubscribe.pkid, filters: unsubscribe.topics }
        }
        v4::Packet::PingReq => Incoming::Ping,
        v4::Packet::Disconnect => Incoming::Disconnect,
        v4::Packet::PubAck(_) => Incoming::Ignored,
        v4::Packet::ConnAck(_)
        | v4::Packet::PubRec(_)
        | v4::Packet::PubRel(_)
        | v4::Packet::PubComp(_)
        | v4::Packet::SubAck(_)
        | v4::Packet::UnsubAck(_)
        | v4::Packet::PingResp => Incoming::Unexpected,
    }
}

fn from_v5(packet: v5::Packet) -> Incoming {
    match packet {
        v5::Packet::Connect(connect, will, login) => {
            let login = login.unwrap_or_else(|| v5::Login::new("", ""));
            Incoming::Connect(Box::new(Connect {
                client_id: connect.client_id,
                username: login.username,
                password: login.password,
                keep_alive: connect.keep_alive,
                will_topic: will.map(|will| will.topic),
                wants_enhanced_authentication: connect
                    .properties
                    .is_some_and(|properties| properties.authentication_method.is_some()),
            }))
        }
        v5::Packet::Publish(publish) => Incoming::Publish(Publish {
            topic: publish.topic,
            pkid: publish.pkid,
            qos_2: publish.qos == rumqttc::v5::mqttbytes::QoS::ExactlyOnce,
            retain: publish.retain,
            has_alias: publish.properties.is_some_and(|properties| properties.topic_alias.is_some()),
            payload: publish.payload,
        }),
        v5::Packet::Subscribe(subscribe) => Incoming::Subscribe {
            pkid: subscribe.pkid,
            filters: subscribe.filters.into_iter().map(|filter| filter.path).collect(),
        },
        v5::Packet::Unsubscribe(unsubscribe) => {
            Incoming::Unsubscribe { pkid: unsubscribe.pkid, filters: unsubscribe.filters }
        }
        v5::Packet::PingReq(_) => Incoming::Ping,
        v5::Packet::Disconnect(_) => Incoming::Disconnect,
        v5::Packet::PubAck(_) => Incoming::Ignored,
        v5::Packet::Auth(_)
        | v5::Packet::ConnAck(_)
        | v5::Packet::PubRec(_)
        | v5::Packet::PubRel(_)
        | v5::Packet::PubComp(_)
        | v5::Packet::SubAck(_)
        | v5::Packet::UnsubAck(_)
        | v5::Packet::PingResp(_) => Incoming::Unexpected,
    }
}

impl Encoder<Outgoing> for DeviceCodec {
    type Error = CodecError;

    fn encode(&mut self, outgoing: Outgoing, out: &mut BytesMut) -> Result<(), CodecError> {
        match self.version {
            Some(Version::V5) => encode_v5(outgoing, out),
            Some(Version::V4) | None => encode_v4(outgoing, out),
        }
    }
}

fn encode_v4(outgoing: Outgoing, out: &mut BytesMut) -> Result<(), CodecError> {
    let packet = match outgoing {
        Outgoing::Welcome { .. } => {
            v4::Packet::ConnAck(v4::ConnAck::new(v4::ConnectReturnCode::Success, false))
        }
        Outgoing::Refused(refusal) => {
            let code = match refusal {
                ConnectRefusal::ClientId => v4::ConnectReturnCode::BadClientId,
                ConnectRefusal::Credentials => v4::ConnectReturnCode::BadUserNamePassword,
                ConnectRefusal::NotAuthorized | ConnectRefusal::AuthenticationMethod => {
                    v4::ConnectReturnCode::NotAuthorized
                }
                ConnectRefusal::Version => v4::ConnectReturnCode::RefusedProtocolVersion,
            };
            v4::Packet::ConnAck(v4::ConnAck::new(code, false))
        }
        Outgoing::PubAck { pkid, .. } => v4::Packet::PubAck(v4::PubAck::new(pkid)),
        Outgoing::SubAck { pkid, granted } => {
            let codes = granted.into_iter().map(|granted| match granted {
                true => v4::SubscribeReasonCode::Success(mqttbytes::QoS::AtMostOnce),
                false => v4::SubscribeReasonCode::Failure,
            });
            v4::Packet::SubAck(v4::SubAck::new(pkid, codes.collect()))
        }
        Outgoing::UnsubAck { pkid, .. } => v4::Packet::UnsubAck(v4::UnsubAck::new(pkid)),
        Outgoing::Pong => v4::Packet::PingResp,
        Outgoing::Publish { topic, payload } => {
            v4::Packet::Publish(v4::Publish::from_bytes(topic, mqttbytes::QoS::AtMostOnce, payload))
        }
        Outgoing::Disconnect(_) => return Ok(()),
    };
    packet.write(out, OUTGOING_BYTES_MAX).map(drop).map_err(|_| CodecError::Malformed)
}

fn encode_v5(outgoing: Outgoing, out: &mut BytesMut) -> Result<(), CodecError> {
    let packet = match outgoing {
        Outgoing::Welcome { receive_max, packet_bytes_max, keep_alive } => v5::Packet::ConnAck(v5::ConnAck {
            session_present: false,
            code: v5::ConnectReturnCode::Success,
            properties: Some(welcome(receive_max, packet_bytes_max, keep_alive)),
        }),
        Outgoing::Refused(refusal) => {
            let code = match refusal {
                ConnectRefusal::ClientId => v5::ConnectReturnCode::ClientIdentifierNotValid,
                ConnectRefusal::Credentials => v5::ConnectReturnCode::BadUserNamePassword,
                ConnectRefusal::NotAuthorized => v5::ConnectReturnCode::NotAuthorized,
                ConnectRefusal::AuthenticationMethod => v5::ConnectReturnCode::BadAuthenticationMethod,
                ConnectRefusal::Version => v5::ConnectReturnCode::UnsupportedProtocolVersion,
            };
            v5::Packet::ConnAck(v5::ConnAck { session_present: false, code, properties: None })
        }
        Outgoing::PubAck { pkid, refusal } => {
            let reason = match refusal {
                None => v5::PubAckReason::Success,
                Some(PublishRefusal::NotAuthorized) => v5::PubAckReason::NotAuthorized,
                Some(PublishRefusal::Payload) => v5::PubAckReason::PayloadFormatInvalid,
            };
            v5::Packet::PubAck(v5::PubAck { pkid, reason, properties: None })
        }
        Outgoing::SubAck { pkid, granted } => {
            let codes = granted.into_iter().map(|granted| match granted {
                true => v5::SubscribeReasonCode::Success(rumqttc::v5::mqttbytes::QoS::AtMostOnce),
                false => v5::SubscribeReasonCode::NotAuthorized,
            });
            v5::Packet::SubAck(v5::SubAck { pkid, return_codes: codes.collect(), properties: None })
        }
        Outgoing::UnsubAck { pkid, existed } => {
            let reasons = existed.into_iter().map(|existed| match existed {
                true => v5::UnsubAckReason::Success,
                false => v5::UnsubAckReason::NoSubscriptionExisted,
            });
            v5::Packet::UnsubAck(v5::UnsubAck { pkid, reasons: reasons.collect(), properties: None })
        }
        Outgoing::Pong => v5::Packet::PingResp(v5::PingResp),
        Outgoing::Publish { topic, payload } => {
            let qos = rumqttc::v5::mqttbytes::QoS::AtMostOnce;
            v5::Packet::Publish(v5::Publish::new(topic, qos, payload, None))
        }
        Outgoing::Disconnect(reason) => {
            // By hand: rumqttc counts one byte less than it writes here.
            out.put_slice(&[0xe0, 2, reason as u8, 0]);
            return Ok(());
        }
    };
    packet.write(out, u32::try_from(OUTGOING_BYTES_MAX).ok()).map(drop).map_err(|_| CodecError::Malformed)
}

fn welcome(receive_max: u16, packet_bytes_max: u32, keep_alive: Option<u16>) -> v5::ConnAckProperties {
    v5::ConnAckProperties {
        session_expiry_interval: Some(0),
        receive_max: Some(receive_max),
        max_qos: Some(1),
        retain_available: Some(0),
        max_packet_size: Some(packet_bytes_max),
        assigned_client_identifier: None,
        topic_alias_max: None,
        reason_string: None,
        user_properties: Vec::new(),
        wildcard_subscription_available: Some(0),
        subscription_identifiers_available: Some(0),
        shared_subscription_available: Some(0),
        server_keep_alive: keep_alive,
        response_information: None,
        server_reference: None,
        authentication_method: None,
        authentication_data: None,
    }
}
