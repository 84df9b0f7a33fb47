//! A board for tests: a tag, its journal, and notes of what the tag asked for.

use crate::{
    Effect, Effects, GnssFix, Identity, Input, Journal, ResetCause, Settings, Tag,
    journal::{Class, Full, Ring, Saved},
    settings::BUILT_IN_PLAN,
};
use ed25519_dalek::{Signer, SigningKey};
use lenke_wire::{
    BatteryState, DeviceId, Epoch, Event, EventKind, FrameId, Lane, Position, UnixMillis,
    chain::Sign,
    codec::{FRAME_BYTES_MAX, Payload, decode},
    command::{BODY_BYTES_MAX, Signed},
    downlink::{Downlink, NoticeCode, Plan, encode_downlink},
    frame::{DeviceKey, Direction, open, seal},
};
use std::{collections::BTreeMap, vec::Vec};

pub(super) const DEVICE: DeviceId = DeviceId::new(42);
pub(super) const HOME: DeviceId = DeviceId::new(700_001);
pub(super) const START: UnixMillis = UnixMillis(1_800_000_000_000);

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
}

impl Sign for Key {
    fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

/// A ring that checks what is done to it and remembers every frame it ever took.
pub(super) struct Spy<const R: usize, const A: usize> {
    pub(super) ring: Ring<R, A>,
    pub(super) taken: BTreeMap<FrameId, (Class, Vec<u8>)>,
}

impl<const R: usize, const A: usize> Spy<R, A> {
    pub(super) fn new() -> Self {
        Self { ring: Ring::new(), taken: BTreeMap::new() }
    }

    /// The inner bytes of every frame ever taken, in order.
    pub(super) fn reports(&self) -> Vec<(FrameId, Vec<u8>)> {
        let inner = |frame: &[u8]| {
            let mut out = [0; FRAME_BYTES_MAX];
            open(&key(), DEVICE, Direction::Up, frame, &mut out).unwrap().1.to_vec()
        };
        self.taken.iter().map(|(&id, (_, frame))| (id, inner(frame))).collect()
    }
}

impl<const R: usize, const A: usize> Journal for Spy<R, A> {
    fn append(&mut self, class: Class, id: FrameId, frame: &[u8]) -> Result<(), Full> {
        self.ring.append(class, id, frame)?;
        assert!(self.taken.keys().next_back().is_none_or(|&last| last < id), "{id} out of order");
        assert_eq!(lenke_wire::frame::peek(frame), Ok(id));
        self.taken.insert(id, (class, frame.to_vec()));
        Ok(())
    }

    fn read(&self, id: FrameId, out: &mut [u8]) -> Option<usize> {
        self.ring.read(id, out)
    }

    fn first_from(&self, class: Class, from: FrameId) -> Option<FrameId> {
        self.ring.first_from(class, from)
    }

    fn newest(&self, class: Class) -> Option<FrameId> {
        self.ring.newest(class)
    }

    fn release(&mut self, through: FrameId) -> u32 {
        self.ring.release(through)
    }

    fn count(&self) -> u32 {
        self.ring.count()
    }

    fn fill_percent(&self, class: Class) -> u8 {
        self.ring.fill_percent(class)
    }

    fn save(&mut self, saved: &Saved) {
        self.ring.save(saved);
    }

    fn saved(&self) -> Saved {
        self.ring.saved()
    }
}

pub(super) struct Bench<const R: usize = 65_536, const A: usize = 16_384> {
    pub(super) tag: Tag,
    pub(super) journal: Spy<R, A>,
    pub(super) now: UnixMillis,
    pub(super) sent: Vec<(FrameId, Lane)>,
    pub(super) notices: Vec<NoticeCode>,
    pub(super) samples: u32,
    pub(super) connects: u32,
    pub(super) wake: Option<UnixMillis>,
    settings: Settings,
    epoch: u32,
    downlinks: u32,
    signer: Key,
}

pub(super) const PLAN: Plan = BUILT_IN_PLAN;

impl<const R: usize, const A: usize> Bench<R, A> {
    /// A tag that has just started.
    pub(super) fn new() -> Self {
        let settings = Settings { home_beacon: Some(HOME), ..Settings::default() };
        let mut bench = Self {
            tag: Tag::new(Identity { device: DEVICE, key: key(), epoch: Epoch(1) }, settings),
            journal: Spy::new(),
            now: START,
            sent: Vec::new(),
            notices: Vec::new(),
            samples: 0,
            connects: 0,
            wake: None,
            settings,
            epoch: 1,
            downlinks: 0,
            signer: Key::new(),
        };
        bench.give(Input::Started { cause: ResetCause::Power });
        bench
    }

    /// Power fails and comes back: all is lost but the journal.
    pub(super) fn restart(&mut self) {
        self.epoch += 1;
        let identity = Identity { device: DEVICE, key: key(), epoch: Epoch(self.epoch) };
        self.tag = Tag::new(identity, self.settings);
        self.give(Input::Started { cause: ResetCause::BrownOut });
    }

    pub(super) fn give(&mut self, input: Input<'_>) {
        let mut effects = Effects::new();
        self.tag.handle_event(input, self.now, &mut self.journal, &self.signer, &mut effects);
        assert_eq!(effects.dropped(), 0);
        self.wake = None;
        for effect in &mut effects {
            match effect {
                Effect::WakeAt(at) => self.wake = Some(at),
                Effect::SampleGnss => self.samples += 1,
                Effect::Transmit { frame, lane } => self.sent.push((frame, lane)),
                Effect::Connect => self.connects += 1,
                Effect::Notice(code) => self.notices.push(code),
            }
        }
        assert!(self.wake.is_some_and(|at| at > self.now), "asleep for ever or awake at once");
    }

    /// Lets time pass, with every wake-up the tag asks for.
    pub(super) fn pass_s(&mut self, seconds: i64) {
        let end = self.now.plus_s(seconds);
        while let Some(at) = self.wake.filter(|&at| at <= end) {
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
        let (mut inner, mut frame) = ([0; 300], [0; 400]);
        let length = encode_downlink(downlink, &mut inner).unwrap();
        let counter = FrameId::new(1, self.downlinks);
        let length = seal(&key(), DEVICE, Direction::Down, counter, &inner[..length], &mut frame).unwrap();
        frame[..length].to_vec()
    }

    pub(super) fn down(&mut self, downlink: &Downlink<'_>) {
        let frame = self.sealed(downlink);
        self.give(Input::Downlink(&frame));
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
