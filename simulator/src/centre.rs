//! A centre for tests: speaks just enough MQTT, opens each frame, and acknowledges what it has without gaps.

#![expect(clippy::wildcard_enum_match_arm, reason = "a test centre answers few packets")]

use crate::keys::Keys;
use crate::scenario::Scenario;
use futures::{SinkExt, StreamExt};
use lenke_wire::codec::{FRAME_BYTES_MAX, Payload, decode};
use lenke_wire::downlink::{Downlink, encode_downlink};
use lenke_wire::frame::{Direction, open, peek, seal};
use lenke_wire::topic::{Lane, down, parse_up};
use lenke_wire::{DeviceId, Event, FrameId, UnixMillis};
use rumqttc::mqttbytes::QoS;
use rumqttc::mqttbytes::v4::{
    Codec, ConnAck, ConnectReturnCode, Packet, PubAck, Publish, SubAck, SubscribeReasonCode,
};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::codec::Framed;
use tokio_util::sync::CancellationToken;

/// Times farther ahead of the scenario's start than this are refused.
const AHEAD_MS: i64 = 7 * 86_400_000;

#[derive(Default)]
struct Book {
    /// Bytes of every frame that was taken.
    frames: HashMap<(DeviceId, FrameId), Vec<u8>>,
    events: Vec<(DeviceId, Event)>,
    backlog: HashSet<DeviceId>,
    refused: BTreeMap<&'static str, u32>,
}

pub(crate) struct Centre {
    address: String,
    shared: Arc<Shared>,
    pub(crate) refuse: Arc<AtomicBool>,
}

struct Shared {
    seed: u64,
    start: UnixMillis,
    known: HashSet<DeviceId>,
    book: Mutex<Book>,
    counter: AtomicU32,
    connections: Mutex<CancellationToken>,
    refuse: Arc<AtomicBool>,
}

impl Centre {
    pub(crate) async fn start(scenario: &Scenario) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let refuse = Arc::new(AtomicBool::new(false));
        let shared = Arc::new(Shared {
            seed: scenario.seed,
            start: scenario.start,
            known: scenario.register.devices.iter().map(|device| device.id).collect(),
            book: Mutex::default(),
            counter: AtomicU32::new(0),
            connections: Mutex::default(),
            refuse: Arc::clone(&refuse),
        });
        let accepting = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&accepting);
                let token = shared.connections.lock().unwrap().clone();
                tokio::spawn(async move {
                    tokio::select! { _ = shared.serve(stream) => {}, () = token.cancelled() => {} }
                });
            }
        });
        Self { address, shared, refuse }
    }

    pub(crate) fn address(&self) -> String {
        self.address.clone()
    }

    /// Cuts every connection.
    pub(crate) fn drop_all(&self) {
        std::mem::take(&mut *self.shared.connections.lock().unwrap()).cancel();
    }

    pub(crate) fn frames(&self) -> Vec<(DeviceId, FrameId)> {
        self.shared.book().frames.keys().copied().collect()
    }

    pub(crate) fn events(&self) -> Vec<(DeviceId, Event)> {
        self.shared.book().events.clone()
    }

    pub(crate) fn backlog(&self) -> HashSet<DeviceId> {
        self.shared.book().backlog.clone()
    }

    pub(crate) fn refused(&self) -> BTreeMap<&'static str, u32> {
        self.shared.book().refused.clone()
    }
}

impl Shared {
    async fn serve(&self, stream: TcpStream) -> Option<()> {
        let codec = Codec { max_incoming_size: 64 * 1024, max_outgoing_size: 64 * 1024 };
        let mut framed = Framed::new(stream, codec);
        let Packet::Connect(connect) = framed.next().await?.ok()? else { return None };
        let device: DeviceId = connect.client_id.parse().ok()?;
        let code = match self.refuse.load(Ordering::Relaxed) {
            true => ConnectReturnCode::NotAuthorized,
            false => ConnectReturnCode::Success,
        };
        framed.send(Packet::ConnAck(ConnAck::new(code, false))).await.ok()?;
        loop {
            match framed.next().await?.ok()? {
                Packet::Subscribe(subscribe) => {
                    let codes = vec![SubscribeReasonCode::Success(QoS::AtLeastOnce)];
                    framed.send(Packet::SubAck(SubAck::new(subscribe.pkid, codes))).await.ok()?;
                }
                Packet::Publish(publish) => {
                    framed.send(Packet::PubAck(PubAck::new(publish.pkid))).await.ok()?;
                    let taken = self.take(device, &publish);
                    let Ok(epoch) = taken.inspect_err(|reason| self.note(reason)) else { continue };
                    let Some(answer) = self.acknowledgement(device, epoch) else { continue };
                    framed.send(Packet::Publish(answer)).await.ok()?;
                }
                Packet::Disconnect => return None,
                _ => {}
            }
        }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap()
    }

    fn note(&self, reason: &'static str) {
        *self.book().refused.entry(reason).or_default() += 1;
    }

    fn take(&self, device: DeviceId, publish: &Publish) -> Result<u32, &'static str> {
        let (named, lane) = parse_up(&publish.topic).map_err(|_| "topic")?;
        if !self.known.contains(&device) {
            return Err("unknown");
        }
        if named != device {
            return Err("foreign");
        }
        if publish.payload.len() > FRAME_BYTES_MAX {
            return Err("oversized");
        }
        let frame = peek(&publish.payload).map_err(|_| "unopened")?;
        let mut book = self.book();
        if let Some(bytes) = book.frames.get(&(device, frame)) {
            return if *bytes == publish.payload[..] { Ok(frame.epoch.0) } else { Err("conflicting") };
        }
        let key = Keys::derive(self.seed, device).device_key();
        let mut out = [0; FRAME_BYTES_MAX];
        let (_, inner) =
            open(&key, device, Direction::Up, &publish.payload, &mut out).map_err(|_| "unopened")?;
        match decode(inner).map_err(|_| "undecoded")? {
            Payload::Event(event) if event.at.since_ms(self.start) > AHEAD_MS => return Err("ahead"),
            Payload::Event(event) => book.events.push((device, event)),
            _ => {}
        }
        if lane == Lane::Backlog {
            book.backlog.insert(device);
        }
        book.frames.insert((device, frame), publish.payload.to_vec());
        Ok(frame.epoch.0)
    }

    fn acknowledgement(&self, device: DeviceId, epoch: u32) -> Option<Publish> {
        let book = self.book();
        let through =
            (0..).take_while(|seq| book.frames.contains_key(&(device, FrameId::new(epoch, *seq)))).last()?;
        let (mut inner, mut sealed) = ([0; FRAME_BYTES_MAX], [0; FRAME_BYTES_MAX]);
        let length = encode_downlink(&Downlink::Ack(FrameId::new(epoch, through)), &mut inner).unwrap();
        let counter = FrameId::new(1, self.counter.fetch_add(1, Ordering::Relaxed));
        let key = Keys::derive(self.seed, device).device_key();
        let length = seal(&key, device, Direction::Down, counter, &inner[..length], &mut sealed).unwrap();
        Some(Publish::new(down(device).to_string(), QoS::AtMostOnce, &sealed[..length]))
    }
}
