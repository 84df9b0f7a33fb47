//! A centre and its devices without a network, in virtual time: every frame of a real firmware core is opened, decoded and given
//! to the wearer's monitor at the moment it is transmitted.

use lenke_alerts::{
    AlertId, AlertKind, ConditionRule, Content, Context, Effect as Finding, Monitor, Report, Wearer,
};
use lenke_firmware_core::journal::{Journal, Ring};
use lenke_firmware_core::{Effect, Effects, GnssFix, Identity, Input, ResetCause, Tag, Uptime};
use lenke_simulator::Scenario;
use lenke_simulator::fleet::tag_settings;
use lenke_simulator::keys::Keys;
use lenke_simulator::world::World;
use lenke_wire::codec::{FRAME_BYTES_MAX, Payload, decode};
use lenke_wire::downlink::{Downlink, encode_downlink};
use lenke_wire::frame::{DeviceKey, Direction, open, seal};
use lenke_wire::{DeviceId, Epoch, FrameId, Lane, Sighting, UnixMillis};
use lenke_zones::{WearerId, ZoneIndex};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;

/// Virtual time goes by in steps of this length.
const STEP_S: i64 = 10;

type Memory = Ring<57_344, 8_192>;

struct Device {
    id: DeviceId,
    keys: Keys,
    tag: Tag,
    journal: Box<Memory>,
    effects: Effects,
    world: World,
    started: UnixMillis,
    wake_at: UnixMillis,
    moving: Option<bool>,
    challenge: Option<(DeviceId, [u8; 8])>,
    online: bool,
    connecting: bool,
    strap_open: bool,
    percent: u8,
    received: BTreeSet<u32>,
    /// The centre has every frame before this one.
    complete: u32,
    acks: u32,
}

/// One alert that was raised.
#[derive(Clone, Debug)]
pub(crate) struct Raised {
    pub(crate) wearer: WearerId,
    pub(crate) kind: AlertKind,
    pub(crate) late: bool,
    /// Seconds after the start at which the centre knew.
    pub(crate) after_s: i64,
    pub(crate) text: String,
}

impl fmt::Display for Raised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { wearer, kind, late, after_s, text } = self;
        writeln!(f, "{wearer} {} late: {late} after {after_s} s: {text}", kind.code())
    }
}

/// A scenario that is played.
pub(crate) struct Theatre {
    scenario: Scenario,
    devices: Vec<Device>,
    monitors: HashMap<WearerId, Monitor>,
    wearers: HashMap<WearerId, Wearer>,
    of_device: HashMap<DeviceId, WearerId>,
    keys: HashMap<DeviceId, DeviceKey>,
    zones: ZoneIndex,
    now: UnixMillis,
    known: HashSet<AlertId>,
    pub(crate) raised: Vec<Raised>,
    pub(crate) frames: u64,
}

impl Device {
    fn new(scenario: &Scenario, id: DeviceId) -> Self {
        let (keys, world) = (Keys::derive(scenario.seed, id), scenario.world(id));
        let identity = Identity { device: id, key: keys.device_key(), epoch: Epoch(1) };
        let settings = tag_settings(&world, scenario.seed, id, None, 1);
        Self {
            id,
            keys,
            tag: Tag::new(identity, settings),
            journal: Box::new(Memory::new()),
            effects: Effects::new(),
            world,
            started: scenario.start,
            wake_at: scenario.start,
            moving: None,
            challenge: None,
            online: true,
            connecting: false,
            strap_open: false,
            percent: 255,
            received: BTreeSet::new(),
            complete: 0,
            acks: 0,
        }
    }

    fn give(&mut self, input: Input<'_>, now: UnixMillis) {
        let uptime = Uptime::from_ms(now.since_ms(self.started));
        self.tag.handle_event(input, uptime, &mut *self.journal, &self.keys, &mut self.effects);
    }

    /// Lets the world happen; returns the frames that reach the centre.
    fn step(&mut self, now: UnixMillis) -> Vec<(FrameId, Lane, Vec<u8>)> {
        let mut sent = Vec::new();
        let online = self.world.is_online(now);
        while self.wake_at <= now {
            let at = self.wake_at;
            self.wake_at = now.plus_ms(1);
            self.give(Input::Timer, at);
            sent.extend(self.carry_out(at));
        }
        if self.online && !online {
            self.give(Input::LinkDown, now);
        }
        self.connecting = online && !self.online;
        self.online = online;
        let strap_open = self.world.strap_open(now);
        if strap_open != self.strap_open {
            self.strap_open = strap_open;
            self.give(Input::Strap { open: strap_open }, now);
        }
        let moving = self.world.is_moving(now);
        if self.moving.replace(moving) != Some(moving) {
            self.give(Input::Motion { moving }, now);
        }
        let battery = self.world.battery(now);
        if battery.percent != self.percent {
            self.percent = battery.percent;
            self.give(Input::Battery(battery), now);
        }
        if now.0 % 60_000 == 0
            && let Some(heard) = self.world.heard(now)
        {
            self.give(Input::Beacon { heard, rssi_dbm: -60 }, now);
        }
        sent.extend(self.carry_out(now));
        sent
    }

    fn carry_out(&mut self, now: UnixMillis) -> Vec<(FrameId, Lane, Vec<u8>)> {
        let mut sent = Vec::new();
        let mut bytes = [0; FRAME_BYTES_MAX];
        loop {
            while let Some(effect) = self.effects.pop() {
                match effect {
                    Effect::WakeAt(at) => self.wake_at = self.started.plus_ms(at.ms()),
                    Effect::SampleGnss => self.sample(now),
                    Effect::Connect => self.connecting = true,
                    Effect::Transmit { frame, lane } if self.online => {
                        let length = self.journal.read(frame, &mut bytes).unwrap();
                        sent.push((frame, lane, bytes[..length].to_vec()));
                        self.received.insert(frame.seq.0);
                        self.give(Input::PubAck(frame), now);
                    }
                    Effect::ChallengeBeacon { beacon, challenge } => {
                        self.challenge = Some((beacon, challenge))
                    }
                    Effect::Disconnect => self.give(Input::LinkDown, now),
                    Effect::Transmit { .. }
                    | Effect::Notice { .. }
                    | Effect::PowerGnss(_)
                    | Effect::SampleStrap { .. }
                    | Effect::FetchUpdate
                    | Effect::StartUpdate => {}
                }
            }
            if let Some((heard, challenge)) = self.challenge.take() {
                let answer = self.keys.beacon_key().answer(heard, self.id, &challenge);
                self.give(Input::BeaconAnswer { heard, rssi_dbm: -60, answer }, now);
                continue;
            }
            if std::mem::take(&mut self.connecting) {
                self.give(if self.online { Input::LinkUp } else { Input::LinkDown }, now);
                continue;
            }
            if !self.acknowledge(now) {
                return sent;
            }
        }
    }

    fn sample(&mut self, now: UnixMillis) {
        let fix = self.world.fix(now).map(|fix| GnssFix {
            at: now,
            position: fix.position,
            accuracy_dm: fix.accuracy_dm,
            speed_cm_s: fix.speed_cm_s,
            course_cdeg: fix.course_cdeg,
            satellites: fix.satellites,
        });
        self.give(fix.map_or(Input::NoFix, Input::Fix), now);
    }

    /// Tells the tag what the centre has; whether there was anything to tell.
    fn acknowledge(&mut self, now: UnixMillis) -> bool {
        let before = self.complete;
        while self.received.remove(&self.complete) {
            self.complete += 1;
        }
        if self.complete == before {
            return false;
        }
        let through = self.complete - 1;
        let (mut inner, mut sealed) = ([0; FRAME_BYTES_MAX], [0; FRAME_BYTES_MAX]);
        let length = encode_downlink(&Downlink::Ack(FrameId::new(1, through)), &mut inner).unwrap();
        self.acks += 1;
        let counter = FrameId::new(1, self.acks);
        let key = self.keys.device_key();
        let length = seal(&key, self.id, Direction::Down, counter, &inner[..length], &mut sealed).unwrap();
        self.give(Input::Downlink(&sealed[..length]), now);
        true
    }
}

impl Theatre {
    pub(crate) fn new(scenario: Scenario) -> Self {
        let register = &scenario.register;
        let devices = scenario.devices().map(|id| Device::new(&scenario, id)).collect();
        let wearers: HashMap<WearerId, Wearer> =
            register.wearers.iter().map(|wearer| (wearer.id, wearer.clone())).collect();
        let of_device: HashMap<DeviceId, WearerId> =
            register.activations.iter().map(|activation| (activation.device, activation.wearer)).collect();
        let zones = ZoneIndex::build(register.zones.clone());
        let key = |device: &lenke_alerts::Device| (device.id, DeviceKey::new(device.key));
        let mut theatre = Self {
            keys: register.devices.iter().map(key).collect(),
            now: scenario.start,
            scenario,
            devices,
            monitors: HashMap::new(),
            wearers,
            of_device,
            zones,
            known: HashSet::new(),
            raised: Vec::new(),
            frames: 0,
        };
        let monitored: Vec<WearerId> =
            theatre.devices.iter().map(|device| theatre.of_device[&device.id]).collect();
        for wearer in monitored {
            theatre.monitors.insert(wearer, Monitor::new(wearer, theatre.now));
        }
        let start = theatre.now;
        for device in &mut theatre.devices {
            device.give(Input::Started { cause: ResetCause::Power, rtc: Some(start) }, start);
        }
        theatre
    }

    /// Plays on for `seconds`.
    pub(crate) fn play(&mut self, seconds: i64) {
        let end = self.now.plus_s(seconds);
        while self.now < end {
            self.now = self.now.plus_s(STEP_S);
            for place in 0..self.devices.len() {
                let id = self.devices[place].id;
                for (frame, lane, bytes) in self.devices[place].step(self.now) {
                    self.receive(id, frame, lane, &bytes);
                }
            }
            self.pass_deadlines();
        }
    }

    fn receive(&mut self, device: DeviceId, frame: FrameId, lane: Lane, bytes: &[u8]) {
        self.frames += 1;
        let mut inner = [0; FRAME_BYTES_MAX];
        let key = &self.keys[&device];
        let (_, inner) = open(key, device, Direction::Up, bytes, &mut inner).unwrap();
        let payload = decode(inner).unwrap();
        let fixes: Vec<_> =
            if let Payload::Fixes(fixes) = &payload { fixes.iter().collect() } else { Vec::new() };
        let sightings: Vec<Sighting> = if let Payload::Sightings(sightings) = &payload {
            sightings.iter().collect()
        } else {
            Vec::new()
        };
        let content = match &payload {
            Payload::Fixes(_) => Content::Fixes(&fixes),
            Payload::Sightings(_) => Content::Sightings(&sightings),
            Payload::Event(event) => Content::Event(event),
            Payload::Health(health) => Content::Health(health),
            Payload::Checkpoint(_) | Payload::Receipt(_) | Payload::Later(_) => Content::Checkpoint,
        };
        let (id, now) = (self.of_device[&device], self.now);
        let context = Context { wearer: &self.wearers[&id], zones: &self.zones };
        let monitor = self.monitors.get_mut(&id).unwrap();
        monitor.handle_report(&Report { device, frame, lane, content }, &context, now);
        if self.wearers[&id].is_protected() {
            let guarded: Vec<WearerId> = self.guarding(id);
            for wearer in guarded {
                let context = Context { wearer: &self.wearers[&wearer], zones: &self.zones };
                let monitor = self.monitors.get_mut(&wearer).unwrap();
                for fix in &fixes {
                    monitor.handle_counterpart(id, fix, &context, now);
                }
            }
        }
        self.collect();
    }

    fn guarding(&self, victim: WearerId) -> Vec<WearerId> {
        let guards = |wearer: &&Wearer| {
            wearer.conditions.iter().any(|condition| {
                matches!(&condition.rule, ConditionRule::VictimProtection { victim: of, .. } if *of == victim)
            })
        };
        self.wearers.values().filter(guards).map(|wearer| wearer.id).collect()
    }

    fn pass_deadlines(&mut self) {
        for (id, monitor) in &mut self.monitors {
            if monitor.deadline().is_some_and(|at| at <= self.now) {
                let context = Context { wearer: &self.wearers[id], zones: &self.zones };
                monitor.handle_deadline(&context, self.now);
            }
        }
        self.collect();
    }

    fn collect(&mut self) {
        for monitor in self.monitors.values_mut() {
            while let Some(effect) = monitor.poll_effect() {
                match effect {
                    Finding::Raise(finding) if self.known.insert(finding.id) => self.raised.push(Raised {
                        wearer: finding.wearer,
                        kind: finding.kind,
                        late: finding.late,
                        after_s: self.now.since_ms(self.scenario.start) / 1000,
                        text: format!("{:?}", finding.explanation.reason),
                    }),
                    Finding::Raise(_) | Finding::End { .. } | Finding::Record(_) => {}
                }
            }
        }
    }
}
