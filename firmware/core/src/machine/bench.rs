//! A board for tests: a tag, its storage, and notes of what the tag asked for.

use crate::{
    BeaconKey, Config, Effect, Effects, GnssFix, HomeBeacon, Identity, Input, Journal, ResetCause, Settings,
    Tag, Uptime,
    effect::GnssPower,
    journal::{Class, Ring},
    settings::BUILT_IN_PLAN,
};
use ed25519_dalek::{Signer, SigningKey};
use lenke_wire::{
    BatteryState, DeviceId, Epoch, Event, EventKind, FrameId, Lane, Position, Receipt, UnixMillis,
    codec::{FRAME_BYTES_MAX, Payload, decode},
    command::{BODY_BYTES_MAX, ClearLatch, Manifest, Officer, OfficerOrder, Signed, ZoneSetHead},
    downlink::{Downlink, NoticeCode, Plan, ZonesPart, encode_downlink},
    frame::{DeviceKey, Direction, seal},
    sign::{Ed25519, Sign, Verify},
};
use sha2::{Digest, Sha256};
use std::vec::Vec;

mod spy;

pub(super) use spy::{Power, Spy};

pub(super) const DEVICE: DeviceId = DeviceId::new(42);
pub(super) const HOME: HomeBeacon =
    HomeBeacon { device: DeviceId::new(700_001), key: BeaconKey::new([9; 16]) };
pub(super) const START: UnixMillis = UnixMillis(1_800_000_000_000);
pub(super) const FIRMWARE: u32 = 0x0001_0000;
pub(super) const BOARD: u32 = 5;

pub(super) fn key() -> DeviceKey {
    DeviceKey::new([7; 16])
}

pub(super) struct Key(pub(super) SigningKey);

impl Key {
    pub(super) fn new() -> Self {
        Self(SigningKey::from_bytes(&[5; 32]))
    }

    pub(super) fn authority() -> Self {
        Self(SigningKey::from_bytes(&[6; 32]))
    }

    pub(super) fn officer() -> Self {
        Self(SigningKey::from_bytes(&[8; 32]))
    }

    pub(super) fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }
}

impl Sign for Key {
    fn sign(&self, message: &[u8]) -> [u8; 64] {
        Signer::sign(&self.0, message).to_bytes()
    }
}

impl Verify for Key {
    fn verify(&self, public_key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
        Ed25519.verify(public_key, message, signature)
    }
}

pub(super) struct Bench<S = Ring<65_536, 16_384>> {
    pub(super) tag: Tag,
    pub(super) journal: Spy<S>,
    /// The true time, and when the tag started.
    pub(super) now: UnixMillis,
    booted: UnixMillis,
    pub(super) sent: Vec<(FrameId, Lane)>,
    pub(super) notices: Vec<NoticeCode>,
    pub(super) flat_at: Option<UnixMillis>,
    pub(super) samples: u32,
    pub(super) connects: u32,
    pub(super) disconnects: u32,
    pub(super) gnss: Option<GnssPower>,
    pub(super) strap_hertz: Option<u8>,
    pub(super) fetches: u32,
    pub(super) starts: u32,
    pub(super) challenge: Option<[u8; 8]>,
    pub(super) wake: Option<Uptime>,
    pub(super) settings: Settings,
    epoch: u32,
    downlinks: u32,
    keys: Key,
}

pub(super) const PLAN: Plan = BUILT_IN_PLAN;

pub(super) fn settings() -> Settings {
    Settings {
        home_beacon: Some(HOME),
        authority: Some(Key::authority().public()),
        firmware: FIRMWARE,
        board: BOARD,
        update_bytes_max: 200_000,
        ..Settings::default()
    }
}

impl<S: Journal + Config + Power + Default> Bench<S> {
    /// A tag that has just started.
    pub(super) fn new() -> Self {
        Self::with(settings())
    }

    pub(super) fn with(settings: Settings) -> Self {
        let mut bench = Self {
            tag: Tag::new(Identity { device: DEVICE, key: key(), epoch: Epoch(1) }, settings),
            journal: Spy::new(),
            now: START,
            booted: START,
            sent: Vec::new(),
            notices: Vec::new(),
            flat_at: None,
            samples: 0,
            connects: 0,
            disconnects: 0,
            gnss: None,
            strap_hertz: None,
            fetches: 0,
            starts: 0,
            challenge: None,
            wake: None,
            settings,
            epoch: 1,
            downlinks: 0,
            keys: Key::new(),
        };
        bench.give(Input::Started { cause: ResetCause::Power, rtc: None });
        bench
    }

    /// Power fails and comes back: all is lost but the storage.
    pub(super) fn restart(&mut self) {
        self.restart_with(ResetCause::BrownOut);
    }

    pub(super) fn restart_with(&mut self, cause: ResetCause) {
        self.epoch = self.journal.boot().map_or(self.epoch + 1, |epoch| epoch.0);
        self.booted = self.now;
        let identity = Identity { device: DEVICE, key: key(), epoch: Epoch(self.epoch) };
        self.tag = Tag::new(identity, self.settings);
        self.give(Input::Started { cause, rtc: None });
    }

    pub(super) fn uptime(&self) -> Uptime {
        Uptime::from_ms(self.now.since_ms(self.booted))
    }

    pub(super) fn give(&mut self, input: Input<'_>) {
        let mut effects = Effects::new();
        let uptime = self.uptime();
        self.tag.handle_event(input, uptime, &mut self.journal, &self.keys, &mut effects);
        assert_eq!(effects.dropped(), 0);
        self.wake = None;
        if self.journal.is_dead() {
            // Nothing that was asked for is done any more.
            return;
        }
        for effect in &mut effects {
            match effect {
                Effect::WakeAt(at) => self.wake = Some(at),
                Effect::SampleGnss => self.samples += 1,
                Effect::PowerGnss(power) => self.gnss = Some(power),
                Effect::SampleStrap { hertz } => self.strap_hertz = Some(hertz),
                Effect::Transmit { frame, lane } => self.sent.push((frame, lane)),
                Effect::Connect => self.connects += 1,
                Effect::Disconnect => self.disconnects += 1,
                Effect::ChallengeBeacon { beacon, challenge } => {
                    assert_eq!(beacon, HOME.device);
                    self.challenge = Some(challenge);
                }
                Effect::Notice { code, at } => {
                    self.notices.push(code);
                    self.flat_at = at.or(self.flat_at);
                }
                Effect::FetchUpdate => self.fetches += 1,
                Effect::StartUpdate => self.starts += 1,
            }
        }
        assert!(self.wake.is_none_or(|at| at > uptime), "awake at once");
    }

    /// Lets time pass, with every wake-up the tag asks for.
    pub(super) fn pass_s(&mut self, seconds: i64) {
        let end = self.now.plus_s(seconds);
        while let Some(at) = self.wake.map(|at| self.booted.plus_ms(at.ms())).filter(|&at| at <= end) {
            self.now = at;
            self.give(Input::Timer);
        }
        self.now = end;
    }

    pub(super) fn fix(&self) -> GnssFix {
        GnssFix {
            at: self.now,
            position: Position::from_e7(599_138_689, 107_522_454).unwrap(),
            accuracy_dm: 45,
            speed_cm_s: 140,
            course_cdeg: 9_000,
            satellites: 11,
        }
    }

    /// One minute after the other, with a fix in each.
    pub(super) fn walk_min(&mut self, minutes: u32) {
        for _ in 0..minutes {
            self.pass_s(60);
            self.give(Input::Fix(self.fix()));
        }
    }

    pub(super) fn battery(&mut self, percent: u8, charging: bool) {
        self.give(Input::Battery(BatteryState { percent, millivolts: 3_900, charging, empty_at: None }));
    }

    /// A sealed downlink with the centre's next counter.
    pub(super) fn sealed(&mut self, downlink: &Downlink<'_>) -> Vec<u8> {
        self.downlinks += 1;
        let (mut inner, mut frame) = ([0; FRAME_BYTES_MAX], [0; FRAME_BYTES_MAX]);
        let length = encode_downlink(downlink, &mut inner).unwrap();
        let counter = FrameId::new(1, self.downlinks);
        let length = seal(&key(), DEVICE, Direction::Down, counter, &inner[..length], &mut frame).unwrap();
        frame[..length].to_vec()
    }

    pub(super) fn down(&mut self, downlink: &Downlink<'_>) {
        let frame = self.sealed(downlink);
        self.give(Input::Downlink(&frame));
    }

    /// The home beacon is heard, and answers if it is asked.
    pub(super) fn home(&mut self) {
        self.give(Input::Beacon { heard: HOME.device, rssi_dbm: -60 });
        if let Some(challenge) = self.challenge.take() {
            let answer = HOME.key.answer(HOME.device, DEVICE, &challenge);
            self.give(Input::BeaconAnswer { heard: HOME.device, rssi_dbm: -61, answer });
        }
    }

    /// Every receipt ever committed.
    pub(super) fn receipts(&self) -> Vec<Receipt> {
        let receipt = |inner: &[u8]| match decode(inner).unwrap() {
            Payload::Receipt(receipt) => Some(receipt),
            Payload::Fixes(_)
            | Payload::Event(_)
            | Payload::Sightings(_)
            | Payload::Health(_)
            | Payload::Checkpoint(_)
            | Payload::Later(_) => None,
        };
        self.journal.reports().iter().filter_map(|(_, inner)| receipt(inner)).collect()
    }

    /// A zone set, cut into parts and signed by the authority; the parts of `which` are sent.
    pub(super) fn zones(&mut self, version: u32, base_version: u32, set: &[u8], which: &[u8]) {
        let head =
            ZoneSetHead { version, base_version, size: set.len() as u32, hash: Sha256::digest(set).into() };
        for &part in which {
            let mut body = [0; BODY_BYTES_MAX];
            let head = Signed::sign(head, DEVICE, &Key::authority(), &mut body).unwrap();
            let bytes = &set[head.unverified().part_range(part).unwrap()];
            self.down(&Downlink::Zones(ZonesPart { head, part, bytes }));
        }
    }

    /// An officer's order, with a certificate from a day before the start to a day after.
    pub(super) fn clear(&mut self, clear: ClearLatch, officer: &Key) {
        let (mut order, mut certificate) = ([0; BODY_BYTES_MAX], [0; BODY_BYTES_MAX]);
        let officer_body = Officer {
            number: 3,
            public_key: Key::officer().public(),
            from: START.plus_s(-86_400),
            until: START.plus_s(86_400),
        };
        let order = OfficerOrder {
            order: Signed::sign(clear, DEVICE, officer, &mut order).unwrap(),
            certificate: Signed::sign(officer_body, DEVICE, &Key::authority(), &mut certificate).unwrap(),
        };
        self.down(&Downlink::ClearLatch(order));
    }

    pub(super) fn ota(&mut self, manifest: Manifest, signer: &Key) {
        let mut body = [0; BODY_BYTES_MAX];
        let manifest = Signed::sign(manifest, DEVICE, signer, &mut body).unwrap();
        self.down(&Downlink::Ota(manifest));
    }

    /// The frame of the last event of this kind.
    pub(super) fn frame_of(&self, kind: EventKind) -> FrameId {
        let is_it = |inner: &[u8]| matches!(decode(inner), Ok(Payload::Event(event)) if event.kind == kind);
        self.journal.reports().iter().rev().find(|(_, inner)| is_it(inner)).unwrap().0
    }

    /// A plan, signed by the authority.
    pub(super) fn plan(&mut self, plan: Plan) {
        let mut body = [0; BODY_BYTES_MAX];
        if let Ok(plan) = Signed::sign(plan, DEVICE, &Key::authority(), &mut body) {
            self.down(&Downlink::Plan(plan));
        }
    }

    pub(super) fn ack(&mut self, epoch: u32, seq: u32) {
        self.down(&Downlink::Ack(FrameId::new(epoch, seq)));
    }

    /// Acknowledges for the broker what was sent, and forgets it; returns what it was.
    pub(super) fn pub_ack_all(&mut self) -> Vec<(FrameId, Lane)> {
        let mut all = Vec::new();
        while !self.sent.is_empty() {
            let sent = core::mem::take(&mut self.sent);
            all.extend(&sent);
            for (frame, _) in sent {
                self.give(Input::PubAck(frame));
            }
        }
        all
    }

    /// Every event ever committed.
    pub(super) fn events(&self) -> Vec<Event> {
        let event = |inner: &[u8]| match decode(inner).unwrap() {
            Payload::Event(event) => Some(event),
            Payload::Fixes(_)
            | Payload::Sightings(_)
            | Payload::Health(_)
            | Payload::Checkpoint(_)
            | Payload::Receipt(_)
            | Payload::Later(_) => None,
        };
        self.journal.reports().iter().filter_map(|(_, inner)| event(inner)).collect()
    }

    pub(super) fn kinds(&self) -> Vec<EventKind> {
        self.events().into_iter().map(|event| event.kind).collect()
    }

    /// Number of fixes in each batch ever committed.
    pub(super) fn batches(&self) -> Vec<usize> {
        let batch = |inner: &[u8]| match decode(inner).unwrap() {
            Payload::Fixes(fixes) => Some(fixes.count()),
            Payload::Event(_)
            | Payload::Sightings(_)
            | Payload::Health(_)
            | Payload::Checkpoint(_)
            | Payload::Receipt(_)
            | Payload::Later(_) => None,
        };
        self.journal.reports().iter().filter_map(|(_, inner)| batch(inner)).collect()
    }

    /// The class of a frame that was taken.
    pub(super) fn class(&self, frame: FrameId) -> Class {
        self.journal.taken[&frame].0
    }
}
