//! A device on the network: one firmware core with its journal, and the MQTT connection that its effects ask for.
//!
//! Time comes with every call, so that a fleet's clock and a replay's recording can both drive it. Frames are counted when the
//! core says so; a frame is `published` at its first publish and `resent` at every other.

use crate::fleet::config::{Faults, Probe};
use crate::fleet::connection::{Caller, Connection, ConnectionError};
use crate::fleet::mischief::{Mischief, Prankster};
use crate::fleet::stats::Tally;
use crate::keys::Keys;
use bytes::Bytes;
use futures::future::BoxFuture;
use lenke_firmware_core::journal::{Journal, Ring};
use lenke_firmware_core::{BeaconKey, Counters, Effect, Effects, Identity, Input, Settings, Tag, Uptime};
use lenke_wire::codec::FRAME_BYTES_MAX;
use lenke_wire::topic::up;
use lenke_wire::{DeviceId, Epoch, FrameId, Lane, UnixMillis};
use rumqttc::mqttbytes::v4::Packet;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// Bytes of the journal for records: about 700 frames of one fix.
const RECORD_BYTES: usize = 56 * 1024;
/// Bytes of the journal for events.
const ALARM_BYTES: usize = 8 * 1024;
/// Received power of a home unit, dBm.
pub(crate) const BEACON_DBM: i8 = -62;
/// Real time between two attempts to connect at least, however fast the scenario runs.
const ATTEMPT_MIN: Duration = Duration::from_millis(200);

type Memory = Ring<RECORD_BYTES, ALARM_BYTES>;

/// What a station is made of.
pub(crate) struct Setup {
    pub(crate) target: String,
    pub(crate) seed: u64,
    pub(crate) device: DeviceId,
    pub(crate) epoch: u32,
    pub(crate) settings: Settings,
    pub(crate) keep_alive: Duration,
    pub(crate) faults: Faults,
    pub(crate) mischief: Option<Mischief>,
    pub(crate) probe: Option<Probe>,
    pub(crate) tally: Arc<Tally>,
}

enum Link {
    /// Nobody asked for a connection.
    Down,
    /// The core asked for one.
    Wanted,
    Connecting(BoxFuture<'static, Result<Connection, ConnectionError>>),
    Up(Box<Connection>),
}

/// What ended a [`Station::wait`].
pub(crate) enum Happening {
    /// The time is over.
    Elapsed,
    /// The attempt to connect ended.
    Opened(Result<Connection, ConnectionError>),
    /// The centre said something, or is gone.
    Packet(Result<Packet, ConnectionError>),
}

/// One device.
pub(crate) struct Station {
    device: DeviceId,
    keys: Keys,
    beacon_key: BeaconKey,
    tag: Tag,
    journal: Box<Memory>,
    effects: Effects,
    caller: Caller,
    link: Link,
    online: bool,
    topics: (String, String),
    wake_at: Option<UnixMillis>,
    /// When it was switched on: its uptime is what has passed since.
    started: Option<UnixMillis>,
    fix_wanted: bool,
    outbox: Vec<(FrameId, Lane)>,
    sent: BTreeSet<FrameId>,
    counted: Counters,
    publishes: u32,
    attempt_from: Instant,
    drop_at: Option<Instant>,
    setup: Setup,
    prankster: Option<Prankster>,
}

impl Station {
    pub(crate) fn new(setup: Setup) -> Self {
        let (device, seed) = (setup.device, setup.seed);
        let own = Keys::derive(seed, device);
        let keys = setup.mischief.map_or_else(|| own.clone(), |mischief| mischief.sealing_keys(seed, device));
        let identity = Identity { device, key: keys.device_key(), epoch: Epoch(setup.epoch) };
        let caller = Caller {
            target: setup.target.clone(),
            device,
            key: own.device_key(),
            keep_alive: setup.keep_alive,
        };
        Self {
            device,
            beacon_key: own.beacon_key(),
            keys,
            tag: Tag::new(identity, setup.settings),
            journal: Box::new(Memory::new()),
            effects: Effects::new(),
            caller,
            link: Link::Down,
            online: true,
            topics: (up(device, Lane::Live).to_string(), up(device, Lane::Backlog).to_string()),
            wake_at: None,
            started: None,
            fix_wanted: false,
            outbox: Vec::new(),
            sent: BTreeSet::new(),
            counted: Counters::default(),
            publishes: 0,
            attempt_from: Instant::now(),
            drop_at: None,
            prankster: setup.mischief.map(|mischief| Prankster::new(mischief, seed, device)),
            setup,
        }
    }

    /// When the core wants to be woken.
    pub(crate) fn wake_at(&self) -> Option<UnixMillis> {
        self.wake_at
    }

    /// Whether the core asked for a position since the last call.
    pub(crate) fn take_fix_wanted(&mut self) -> bool {
        std::mem::take(&mut self.fix_wanted)
    }

    /// Frames that the centre has not acknowledged.
    pub(crate) fn unacknowledged(&self) -> u32 {
        self.journal.count()
    }

    /// Frames handed over whose PUBACK is still to come, or that wait to be handed over.
    pub(crate) fn is_busy(&self) -> bool {
        let in_flight = if let Link::Up(connection) = &self.link { connection.in_flight() } else { 1 };
        in_flight > 0 || !self.outbox.is_empty()
    }

    /// The core knows that the link to the centre stands.
    pub(crate) fn is_connected(&self) -> bool {
        self.tag.is_connected()
    }

    /// Gives the core one input.
    pub(crate) fn handle(&mut self, input: Input<'_>, now: UnixMillis) {
        let started = *self.started.get_or_insert(now);
        let uptime = Uptime::from_ms(now.since_ms(started));
        self.tag.handle_event(input, uptime, &mut *self.journal, &self.keys, &mut self.effects);
        let mut challenges = Vec::new();
        let mut is_over = false;
        while let Some(effect) = self.effects.pop() {
            match effect {
                Effect::WakeAt(at) => self.wake_at = Some(started.plus_ms(at.ms())),
                Effect::SampleGnss => self.fix_wanted = true,
                Effect::Transmit { frame, lane } => self.outbox.push((frame, lane)),
                Effect::Connect if matches!(self.link, Link::Down) => self.link = Link::Wanted,
                Effect::Disconnect => is_over = true,
                Effect::ChallengeBeacon { beacon, challenge } => challenges.push((beacon, challenge)),
                // A simulated receiver needs no power, its strap is told by its changes, and nobody wears it.
                Effect::Connect
                | Effect::PowerGnss(_)
                | Effect::SampleStrap { .. }
                | Effect::Notice { .. }
                | Effect::FetchUpdate
                | Effect::StartUpdate => {}
            }
        }
        self.count();
        if is_over {
            self.lose(now);
        }
        // The home unit is true and near: it answers at once.
        for (beacon, challenge) in challenges {
            let answer = self.beacon_key.answer(beacon, self.device, &challenge);
            self.handle(Input::BeaconAnswer { heard: beacon, rssi_dbm: BEACON_DBM, answer }, now);
        }
    }

    /// Wakes the core if it asked for that.
    pub(crate) fn wake(&mut self, now: UnixMillis) {
        if self.wake_at.is_some_and(|at| at <= now) {
            self.wake_at = None;
            self.handle(Input::Timer, now);
        }
    }

    /// The network comes and goes. A modem says when it is back, and then the core's back-off means nothing.
    pub(crate) fn set_online(&mut self, online: bool, now: UnixMillis) {
        let before = std::mem::replace(&mut self.online, online);
        match (before, online) {
            (true, false) => self.lose(now),
            (false, true) => self.hurry(),
            (true, true) | (false, false) => {}
        }
    }

    /// Asks for a connection now, whether or not the core's back-off is over.
    pub(crate) fn hurry(&mut self) {
        if matches!(self.link, Link::Down) {
            self.link = Link::Wanted;
        }
    }

    /// No mischief and no faults any more: it only hands in what it has.
    pub(crate) fn behave(&mut self) {
        self.prankster = None;
        self.drop_at = None;
        self.setup.faults = Faults::default();
    }

    /// Connects and publishes what the core asked for.
    pub(crate) async fn carry_out(&mut self, now: UnixMillis) {
        if self.drop_at.is_some_and(|at| at <= Instant::now()) {
            self.lose(now);
        }
        match &self.link {
            Link::Wanted if !self.online => self.lose(now),
            Link::Wanted if self.attempt_from <= Instant::now() => {
                self.attempt_from = Instant::now() + ATTEMPT_MIN;
                self.link = Link::Connecting(Box::pin(Connection::open(self.caller.clone())));
            }
            Link::Up(_) => {
                if let Err(error) = self.send_outbox(now).await {
                    self.fail(&error, now);
                }
            }
            Link::Down | Link::Wanted | Link::Connecting(_) => {}
        }
    }

    /// Waits for the centre, at most until `until`. Dropping the future loses nothing.
    pub(crate) async fn wait(&mut self, until: Instant) -> Happening {
        match &mut self.link {
            Link::Down => {
                sleep_until(until).await;
                Happening::Elapsed
            }
            Link::Wanted => {
                sleep_until(until.min(self.attempt_from)).await;
                Happening::Elapsed
            }
            Link::Connecting(attempt) => tokio::select! {
                opened = attempt => Happening::Opened(opened),
                () = sleep_until(until) => Happening::Elapsed,
            },
            Link::Up(connection) => {
                let until = self.drop_at.map_or(until, |at| until.min(at));
                tokio::select! {
                    packet = connection.receive() => Happening::Packet(packet),
                    () = sleep_until(until) => Happening::Elapsed,
                }
            }
        }
    }

    /// Tells the core what [`Self::wait`] brought.
    pub(crate) async fn handle_happening(&mut self, happening: Happening, now: UnixMillis) {
        let outcome = match happening {
            Happening::Elapsed => Ok(()),
            Happening::Opened(Ok(connection)) => {
                self.setup.tally.connected.add(1);
                self.link = Link::Up(Box::new(connection));
                self.drop_at = self.drop_every().map(|every| Instant::now() + every);
                Ok(())
            }
            Happening::Opened(Err(error)) | Happening::Packet(Err(error)) => Err(error),
            Happening::Packet(Ok(packet)) => self.handle_packet(packet, now).await,
        };
        if let Err(error) = outcome {
            self.fail(&error, now);
        }
    }

    async fn handle_packet(&mut self, packet: Packet, now: UnixMillis) -> Result<(), ConnectionError> {
        let Link::Up(connection) = &mut self.link else { return Ok(()) };
        match packet {
            Packet::SubAck(answer) => {
                if !Connection::is_granted(&answer) {
                    return Err(ConnectionError::NotSubscribed);
                }
                self.handle(Input::LinkUp, now);
            }
            Packet::PubAck(ack) => {
                if let Some(frame) = connection.acknowledged(&ack) {
                    self.handle(Input::PubAck(frame), now);
                }
            }
            Packet::Publish(publish) => {
                connection.acknowledge(&publish).await?;
                self.handle(Input::Downlink(&publish.payload), now);
            }
            Packet::PingResp
            | Packet::Connect(_)
            | Packet::ConnAck(_)
            | Packet::PubRec(_)
            | Packet::PubRel(_)
            | Packet::PubComp(_)
            | Packet::Subscribe(_)
            | Packet::Unsubscribe(_)
            | Packet::UnsubAck(_)
            | Packet::PingReq
            | Packet::Disconnect => {}
        }
        Ok(())
    }

    /// Ends the connection in good order.
    pub(crate) async fn close(mut self) {
        if let Link::Up(connection) = std::mem::replace(&mut self.link, Link::Down) {
            self.setup.tally.connected.subtract(1);
            connection.close().await;
        }
    }

    fn drop_every(&self) -> Option<Duration> {
        let own = self.prankster.as_ref().and(self.setup.mischief);
        own.and_then(Mischief::drops_every).or(self.setup.faults.drop_connection_every)
    }

    fn fail(&mut self, error: &ConnectionError, now: UnixMillis) {
        let tally = &self.setup.tally;
        if matches!(error, ConnectionError::Refused(_) | ConnectionError::NotSubscribed) {
            tally.refused.add(1);
        } else {
            tally.broken.add(1);
        }
        tracing::debug!(device = %self.device, %error, "no connection");
        self.lose(now);
    }

    /// There is no connection any more.
    fn lose(&mut self, now: UnixMillis) {
        if matches!(self.link, Link::Down) {
            return;
        }
        if let Link::Up(_) = self.link {
            self.setup.tally.connected.subtract(1);
        }
        self.link = Link::Down;
        self.drop_at = None;
        self.outbox.clear();
        self.handle(Input::LinkDown, now);
    }

    async fn send_outbox(&mut self, now: UnixMillis) -> Result<(), ConnectionError> {
        let mut bytes = [0; FRAME_BYTES_MAX];
        for (frame, lane) in std::mem::take(&mut self.outbox) {
            let Some(length) = self.journal.read(frame, &mut bytes) else { continue };
            self.publish(frame, lane, Bytes::copy_from_slice(&bytes[..length]), now).await?;
        }
        match &mut self.link {
            Link::Up(connection) => connection.keep_alive().await,
            Link::Down | Link::Wanted | Link::Connecting(_) => Ok(()),
        }
    }

    async fn publish(
        &mut self,
        frame: FrameId,
        lane: Lane,
        sealed: Bytes,
        now: UnixMillis,
    ) -> Result<(), ConnectionError> {
        let Link::Up(connection) = &mut self.link else { return Ok(()) };
        let topic = match lane {
            Lane::Live => &self.topics.0,
            Lane::Backlog => &self.topics.1,
        };
        let first = self.sent.insert(frame);
        let tally = &self.setup.tally;
        if self.setup.mischief.is_some_and(Mischief::dooms) {
            tally.hostile.add(1);
        } else if first {
            tally.published.add(1);
            if let Some(probe) = &self.setup.probe {
                probe(self.device, frame, Instant::now().into_std());
            }
        } else {
            tally.resent.add(1);
        }
        connection.publish(topic, sealed.clone(), Some(frame)).await?;
        self.publishes = self.publishes.wrapping_add(1);
        if self.setup.faults.duplicate_every.is_some_and(|every| self.publishes.is_multiple_of(every.max(1)))
        {
            tally.resent.add(1);
            connection.publish(topic, sealed.clone(), None).await?;
        }
        let hostile = self.prankster.as_mut().and_then(|prankster| prankster.beside(frame, &sealed, now));
        if let Some(hostile) = hostile {
            tally.hostile.add(1);
            connection.publish(&hostile.topic, hostile.payload, None).await?;
        }
        Ok(())
    }

    /// Adds what the core counted since the last call.
    fn count(&mut self) {
        let now = *self.tag.counters();
        let before = std::mem::replace(&mut self.counted, now);
        let acknowledged = now.acknowledged.wrapping_sub(before.acknowledged);
        if acknowledged > 0 {
            self.forget_released();
        }
        if self.setup.mischief.is_some_and(Mischief::dooms) {
            return;
        }
        let tally = &self.setup.tally;
        tally.unacknowledged.add(u64::from(now.committed.wrapping_sub(before.committed)));
        tally.unacknowledged.subtract(u64::from(acknowledged));
        tally.acknowledged.add(u64::from(acknowledged));
        tally.fixes.add(u64::from(now.fixes.wrapping_sub(before.fixes)));
    }

    /// Released frames are never sent again: the rest is as bounded as the journal.
    fn forget_released(&mut self) {
        use lenke_firmware_core::journal::Class;
        let oldest = FrameId::new(0, 0);
        let kept = [Class::Alarms, Class::Records].map(|class| self.journal.first_from(class, oldest));
        match kept.into_iter().flatten().min() {
            Some(first) => self.sent = self.sent.split_off(&first),
            None => self.sent.clear(),
        }
    }
}

impl Drop for Station {
    fn drop(&mut self) {
        if let Link::Up(_) = self.link {
            self.setup.tally.connected.subtract(1);
        }
    }
}
