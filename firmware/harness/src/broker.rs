//! The modem's side of MQTT 3.1.1: one connection over TCP to the centre's front door.
//!
//! A publish waits for its PUBACK, in real time: while it does, the tag's time stands still. What the centre sends is kept until
//! somebody asks for it, so that the tag hears it at a moment that the seed decides, not the network.

use anyhow::{Context, Result, bail};
use lenke_wire::{
    DeviceId, FrameId,
    codec::FRAME_BYTES_MAX,
    downlink::{Downlink, decode_downlink},
    frame::{DeviceKey, Direction, open},
    topic::down,
};
use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// How long the centre may take for an answer.
const PATIENCE: Duration = Duration::from_secs(30);
const KEEP_ALIVE_S: u16 = 300;
const PACKET_BYTES_MAX: usize = 64 * 1024;
const SUBSCRIBE_ID: u16 = 1;

const CONNECT: u8 = 0x10;
const CONNACK: u8 = 0x20;
const PUBLISH_QOS_1: u8 = 0x32;
const PUBACK: u8 = 0x40;
const SUBSCRIBE: u8 = 0x82;
const SUBACK: u8 = 0x90;

/// A sealed downlink with its counter.
#[derive(Clone)]
pub(crate) struct Sealed {
    pub(crate) counter: FrameId,
    pub(crate) bytes: Vec<u8>,
}

/// A connection.
pub(crate) struct Broker {
    stream: TcpStream,
    device: DeviceId,
    key: DeviceKey,
    last_id: u16,
    acknowledged: Vec<u16>,
    /// What the centre acknowledged since the last look, by epoch: the number, and the downlink that says so.
    acks: BTreeMap<u32, (u32, Sealed)>,
    /// Every other downlink, in order.
    others: Vec<Sealed>,
}

impl Broker {
    /// Opens the socket.
    pub(crate) fn open(address: SocketAddr, device: DeviceId, key: DeviceKey) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&address, PATIENCE).context("the front door is closed")?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let (acks, others) = (BTreeMap::new(), Vec::new());
        Ok(Self { stream, device, key, last_id: SUBSCRIBE_ID, acknowledged: Vec::new(), acks, others })
    }

    /// CONNECT; returns the return code.
    pub(crate) fn connect(&mut self, client: &str, user: &str, password: &str) -> Result<u8> {
        let mut body = Vec::new();
        put_text(&mut body, b"MQTT");
        // Level 4; user name, password; the session stays.
        body.extend([4, 0b1100_0000]);
        body.extend(KEEP_ALIVE_S.to_be_bytes());
        [client, user, password].iter().for_each(|text| put_text(&mut body, text.as_bytes()));
        self.send(CONNECT, &body)?;
        loop {
            let (kind, body) = self.receive()?;
            if kind == CONNACK {
                return body.get(1).copied().context("an empty CONNACK");
            }
        }
    }

    /// Subscribes to the downlinks; returns what was granted.
    pub(crate) fn subscribe(&mut self, topic: &str) -> Result<u8> {
        let mut body = SUBSCRIBE_ID.to_be_bytes().to_vec();
        put_text(&mut body, topic.as_bytes());
        body.push(1);
        self.send(SUBSCRIBE, &body)?;
        loop {
            let (kind, body) = self.receive()?;
            match kind {
                SUBACK => return body.last().copied().context("an empty SUBACK"),
                kind => self.take(kind, &body)?,
            }
        }
    }

    /// Publishes at QoS 1 and waits for the PUBACK.
    pub(crate) fn publish(&mut self, topic: &str, payload: &[u8]) -> Result<()> {
        self.last_id = self.last_id.checked_add(1).unwrap_or(SUBSCRIBE_ID + 1);
        let id = self.last_id;
        let mut body = Vec::new();
        put_text(&mut body, topic.as_bytes());
        body.extend(id.to_be_bytes());
        body.extend(payload);
        self.send(PUBLISH_QOS_1, &body)?;
        while !self.acknowledged.contains(&id) {
            let (kind, body) = self.receive()?;
            self.take(kind, &body)?;
        }
        self.acknowledged.retain(|known| *known != id);
        Ok(())
    }

    /// Waits until the centre has acknowledged, since the last time, at least these numbers of these epochs; returns
    /// what says so, and any other downlinks, in the order of their counters.
    pub(crate) fn wait_for(&mut self, wanted: &BTreeMap<u32, u32>) -> Result<Vec<Sealed>> {
        let open = |acks: &BTreeMap<u32, (u32, Sealed)>| {
            wanted
                .iter()
                .find(|&(epoch, seq)| acks.get(epoch).is_none_or(|(through, _)| through < seq))
                .is_some()
        };
        while open(&self.acks) {
            let (kind, body) =
                self.receive().with_context(|| format!("the centre did not acknowledge {wanted:?}"))?;
            self.take(kind, &body)?;
        }
        let mut all = std::mem::take(&mut self.others);
        let acks = std::mem::take(&mut self.acks);
        all.extend(
            acks.into_iter().filter(|(epoch, _)| wanted.contains_key(epoch)).map(|(_, (_, sealed))| sealed),
        );
        all.sort_by_key(|sealed| sealed.counter);
        Ok(all)
    }

    fn send(&mut self, kind: u8, body: &[u8]) -> Result<()> {
        let mut packet = vec![kind];
        let mut length = body.len();
        loop {
            let low = (length & 0x7f) as u8;
            length >>= 7;
            packet.push(if length > 0 { low | 0x80 } else { low });
            if length == 0 {
                break;
            }
        }
        packet.extend(body);
        self.stream.write_all(&packet).context("the centre closed the connection")
    }

    fn receive(&mut self) -> Result<(u8, Vec<u8>)> {
        let mut byte = [0];
        self.stream.read_exact(&mut byte).context("no answer of the centre")?;
        let kind = byte[0];
        let (mut length, mut shift) = (0, 0);
        loop {
            self.stream.read_exact(&mut byte)?;
            length |= usize::from(byte[0] & 0x7f) << shift;
            shift += 7;
            if byte[0] & 0x80 == 0 {
                break;
            }
        }
        if length > PACKET_BYTES_MAX {
            bail!("a packet of {length} bytes");
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok((kind, body))
    }

    /// Takes what comes unasked.
    fn take(&mut self, kind: u8, body: &[u8]) -> Result<()> {
        if kind == PUBACK {
            let id = body.first_chunk().context("a short PUBACK")?;
            self.acknowledged.push(u16::from_be_bytes(*id));
        } else if kind & 0xf0 == 0x30 {
            let (topic, rest) = take_text(body).context("a short PUBLISH")?;
            let payload = if kind & 0b110 == 0 {
                rest
            } else {
                let (id, payload) = rest.split_first_chunk::<2>().context("a short PUBLISH")?;
                self.send(PUBACK, id)?;
                payload
            };
            if topic != down(self.device).to_string().as_bytes() {
                bail!("a downlink on another topic: {}", String::from_utf8_lossy(topic));
            }
            self.keep(payload)?;
        }
        Ok(())
    }

    fn keep(&mut self, payload: &[u8]) -> Result<()> {
        let mut out = [0; FRAME_BYTES_MAX];
        let (counter, inner) = open(&self.key, self.device, Direction::Down, payload, &mut out)
            .map_err(|error| anyhow::anyhow!("a downlink that does not open: {error}"))?;
        let sealed = Sealed { counter, bytes: payload.to_vec() };
        match decode_downlink(inner) {
            Ok(Downlink::Ack(through)) => {
                self.acks.insert(through.epoch.0, (through.seq.0, sealed));
            }
            _ => self.others.push(sealed),
        }
        Ok(())
    }
}

fn put_text(out: &mut Vec<u8>, text: &[u8]) {
    // Names, topics and passwords are far shorter than 64 KiB.
    out.extend((text.len() as u16).to_be_bytes());
    out.extend(text);
}

fn take_text(body: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = body.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}
