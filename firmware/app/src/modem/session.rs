//! Connecting, publishing, receiving.

use super::{
    port::{FATES_MAX, Heard, News, Port, PortError, WAITING_MAX},
    reply::Fate,
};
use crate::{
    hub::{Hub, Keys, LinkWish, Storage},
    promise::Task,
};
use core::fmt;
use embassy_futures::select::{Either, Either3, select, select3};
use embassy_time::{Duration, Instant, Timer};
use embedded_io_async::{Read, Write};
use lenke_firmware_core::{Input, provision::Provision};
use lenke_wire::{
    FrameId,
    codec::FRAME_BYTES_MAX,
    credential::mqtt_password,
    frame::DeviceKey,
    topic::{down, up},
};

/// Messages without a PUBACK at most.
pub const OPEN_MAX: usize = FATES_MAX;
/// The modem sends again by itself; a fate that is not told for this long never will be.
const FATE_PATIENCE: Duration = Duration::from_secs(180);
/// Attempts to publish one frame while the modem's buffers are full.
const PUBLISH_ATTEMPTS: u32 = 5;
const PUBLISH_PAUSE: Duration = Duration::from_secs(1);
const PROMPT_PATIENCE: Duration = Duration::from_secs(5);
const PAYLOAD_PATIENCE: Duration = Duration::from_secs(10);
const FETCH_PATIENCE: Duration = Duration::from_secs(10);
const ESCAPE: u8 = 0x1b;

/// A modem that boots answers to one of so many.
const HELLO_ATTEMPTS: u32 = 15;
const HELLO_PATIENCE: Duration = Duration::from_secs(1);
const QUIET: Duration = Duration::from_millis(300);
const COMMAND_PATIENCE: Duration = Duration::from_secs(5);
const REGISTER_PATIENCE: Duration = Duration::from_secs(60);
const REGISTER_PAUSE: Duration = Duration::from_secs(2);
const CONTEXT_PATIENCE: Duration = Duration::from_secs(60);
const OPEN_PATIENCE: Duration = Duration::from_secs(75);
const BROKER_PATIENCE: Duration = Duration::from_secs(30);
/// More than all the above in a row.
const CONNECT_PROMISE: Duration = Duration::from_secs(420);
/// While nothing happens, the session looks up this often.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// More than any single step of serving.
const SERVE_PROMISE: Duration = Duration::from_secs(180);

/// The network tells whole seconds, and the way of the answer takes time.
const NETWORK_TIME_MS: u32 = 2_000;

/// A message that waits for its PUBACK.
#[derive(Clone, Copy)]
struct Open {
    message: u16,
    frame: FrameId,
    until: Instant,
}

/// A modem and what it is to connect to.
pub struct Session<'a, R, W> {
    port: Port<R, W>,
    provision: &'a Provision,
    frame: [u8; FRAME_BYTES_MAX],
    open: [Option<Open>; OPEN_MAX],
    message: u16,
}

impl<'a, R: Read, W: Write> Session<'a, R, W> {
    /// Not connected.
    pub fn new(port: Port<R, W>, provision: &'a Provision) -> Self {
        Self { port, provision, frame: [0; FRAME_BYTES_MAX], open: [None; OPEN_MAX], message: 0 }
    }

    /// From a modem in any state to a connection with its subscription.
    ///
    /// # Errors
    /// The first step that failed.
    pub async fn connect<J: Storage, K: Keys>(&mut self, hub: &Hub<J, K>) -> Result<(), PortError> {
        hub.promises.within(Task::Modem, CONNECT_PROMISE);
        self.port.reset();
        self.open = [None; OPEN_MAX];
        self.greet().await?;
        self.register().await?;
        self.measure(hub).await?;
        // A boot or a break up to here belongs to an earlier connection.
        self.port.news = News::default();
        self.attach().await?;
        self.subscribe().await?;
        if self.port.news.broken { Err(PortError::Lost) } else { Ok(()) }
    }

    async fn greet(&mut self) -> Result<(), PortError> {
        let mut attempts = 0;
        while self.port.ask(format_args!("AT"), HELLO_PATIENCE).await.is_err() {
            attempts += 1;
            if attempts == HELLO_ATTEMPTS {
                return Err(PortError::Dead);
            }
        }
        // A modem that boots answers late, and to several at once.
        self.port.settle(QUIET).await;
        for command in ["ATE0", "AT+IFC=2,2", "AT+CMEE=1"] {
            self.ask(command, HELLO_PATIENCE).await?;
        }
        Ok(())
    }

    async fn register(&mut self) -> Result<(), PortError> {
        self.ask("AT+CPIN?", COMMAND_PATIENCE).await?;
        if !self.port.news.sim_ready {
            return Err(PortError::Refused);
        }
        let until = Instant::now() + REGISTER_PATIENCE;
        loop {
            self.ask("AT+CEREG?", COMMAND_PATIENCE).await?;
            if self.port.news.registered {
                return Ok(());
            }
            if Instant::now() >= until {
                return Err(PortError::Refused);
            }
            Timer::after(REGISTER_PAUSE).await;
        }
    }

    /// What the network knows: the time, and how well it is heard. Neither is needed to go on.
    async fn measure<J: Storage, K: Keys>(&mut self, hub: &Hub<J, K>) -> Result<(), PortError> {
        for command in ["AT+QLTS=1", "AT+CSQ"] {
            ignore_refusal(self.ask(command, COMMAND_PATIENCE).await)?;
        }
        if let Some(at) = self.port.news.time {
            hub.give(Input::NetworkTime { at, uncertainty_ms: NETWORK_TIME_MS });
            hub.keep_time();
        }
        if let Some(dbm) = self.port.news.signal {
            hub.note_signal(dbm);
        }
        Ok(())
    }

    /// A data context, and a client that is configured and closed.
    async fn attach(&mut self) -> Result<(), PortError> {
        ignore_refusal(self.ask("AT+QMTCLOSE=0", COMMAND_PATIENCE).await)?;
        let Provision { apn, tls, .. } = self.provision;
        self.port.ask(format_args!("AT+QICSGP=1,1,\"{}\"", apn.as_str()), COMMAND_PATIENCE).await?;
        ignore_refusal(self.ask("AT+QIACT=1", CONTEXT_PATIENCE).await)?;
        for (name, values) in [
            ("version", "4"),
            ("session", "0"),
            ("keepalive", "300"),
            ("recv/mode", "1,1"),
            ("ssl", if *tls { "1,0" } else { "0,0" }),
        ] {
            self.port.ask(format_args!("AT+QMTCFG=\"{name}\",0,{values}"), COMMAND_PATIENCE).await?;
        }
        Ok(())
    }

    async fn subscribe(&mut self) -> Result<(), PortError> {
        let Provision { host, port, device, key, .. } = self.provision;
        self.port.ask(format_args!("AT+QMTOPEN=0,\"{}\",{port}", host.as_str()), COMMAND_PATIENCE).await?;
        self.granted(OPEN_PATIENCE, |news| news.opened).await?;
        let password = mqtt_password(&DeviceKey::new(*key), *device);
        let password = core::str::from_utf8(&password).map_err(|_| PortError::Refused)?;
        let connect = format_args!("AT+QMTCONN=0,\"{device}\",\"{device}\",\"{password}\"");
        self.port.ask(connect, COMMAND_PATIENCE).await?;
        self.granted(BROKER_PATIENCE, |news| news.connected).await?;
        self.port.ask(format_args!("AT+QMTSUB=0,1,\"{}\",1", down(*device)), COMMAND_PATIENCE).await?;
        self.granted(BROKER_PATIENCE, |news| news.subscribed).await
    }

    /// Publishes what the hub has and hands on what the broker sends, until the link ends; says why.
    pub async fn serve<J: Storage, K: Keys>(&mut self, hub: &Hub<J, K>) -> PortError {
        loop {
            hub.promises.within(Task::Modem, SERVE_PROMISE);
            match self.step(hub).await {
                Ok(()) => {}
                Err(error) => return error,
            }
        }
    }

    async fn step<J: Storage, K: Keys>(&mut self, hub: &Hub<J, K>) -> Result<(), PortError> {
        self.settle(hub)?;
        if hub.link.try_take() == Some(LinkWish::Down) {
            return Err(PortError::Dismissed);
        }
        if self.port.news.announced != 0 {
            return self.fetch(hub).await;
        }
        if let Some(slot) = self.open.iter().position(Option::is_none)
            && let Some((frame, lane, length)) = hub.take_frame(&mut self.frame)
        {
            let topic = up(self.provision.device, lane);
            let message = self.publish(format_args!("{topic}"), length).await?;
            self.open[slot] = Some(Open { message, frame, until: Instant::now() + FATE_PATIENCE });
            return Ok(());
        }
        let wish = select(hub.frames.wait(), hub.link.wait());
        match select3(self.port.hear(), wish, Timer::after(LOOK_EVERY)).await {
            Either3::First(heard) => heard.map(|_| ()),
            Either3::Second(Either::Second(LinkWish::Down)) => Err(PortError::Dismissed),
            Either3::Second(_) | Either3::Third(()) => Ok(()),
        }
    }

    /// Tells the core which messages the broker has.
    fn settle<J: Storage, K: Keys>(&mut self, hub: &Hub<J, K>) -> Result<(), PortError> {
        while let Some((message, fate)) = self.port.news.fates.pop_front() {
            let slot = self.open.iter_mut().find(|slot| slot.is_some_and(|open| open.message == message));
            match (fate, slot) {
                (Fate::Acknowledged, Some(slot)) => {
                    if let Some(open) = slot.take() {
                        hub.give(Input::PubAck(open.frame));
                    }
                }
                (Fate::Failed, Some(_)) => return Err(PortError::Lost),
                (Fate::Repeated, _) | (Fate::Acknowledged | Fate::Failed, None) => {}
            }
        }
        let now = Instant::now();
        let overdue = self.open.iter().flatten().any(|open| now >= open.until);
        if self.port.news.broken || overdue { Err(PortError::Lost) } else { Ok(()) }
    }

    /// Publishes the frame in the buffer; returns the message's number.
    async fn publish(&mut self, topic: fmt::Arguments<'_>, length: usize) -> Result<u16, PortError> {
        self.message = if self.message == u16::MAX { 1 } else { self.message + 1 };
        let message = self.message;
        for attempt in 0..PUBLISH_ATTEMPTS {
            if attempt > 0 {
                Timer::after(PUBLISH_PAUSE).await;
            }
            self.port.say(format_args!("AT+QMTPUBEX=0,{message},1,0,\"{topic}\",{length}")).await?;
            match self.prompt().await {
                Ok(()) => {}
                Err(PortError::Refused) => continue,
                Err(PortError::Silent) => {
                    self.port.write(&[ESCAPE]).await?;
                    return Err(PortError::Silent);
                }
                Err(error) => return Err(error),
            }
            self.port.write(&self.frame[..length]).await?;
            match self.port.answer(Instant::now() + PAYLOAD_PATIENCE).await {
                Err(PortError::Refused) => {}
                answer => return answer.map(|()| message),
            }
        }
        Err(PortError::Refused)
    }

    async fn prompt(&mut self) -> Result<(), PortError> {
        let deadline = Instant::now() + PROMPT_PATIENCE;
        loop {
            match self.port.hear_by(deadline).await? {
                Heard::Prompt => return Ok(()),
                Heard::Error => return Err(PortError::Refused),
                Heard::Ok | Heard::Message | Heard::News => {}
            }
        }
    }

    /// Fetches one message that waits in the modem, and hands it to the core.
    async fn fetch<J: Storage, K: Keys>(&mut self, hub: &Hub<J, K>) -> Result<(), PortError> {
        let waiting = self.port.news.announced;
        let Some(number) = (0..WAITING_MAX).find(|number| waiting >> number & 1 == 1) else { return Ok(()) };
        // Cleared first: the number may be announced anew before this answer ends.
        self.port.news.announced &= !(1 << number);
        self.port.say(format_args!("AT+QMTRECV=0,{number}")).await?;
        let deadline = Instant::now() + FETCH_PATIENCE;
        let mut whole = false;
        loop {
            match self.port.hear_by(deadline).await? {
                Heard::Message => whole = true,
                Heard::Ok => break,
                // It is gone.
                Heard::Error => return Ok(()),
                Heard::Prompt | Heard::News => {}
            }
        }
        if let Some(message) = self.port.message().filter(|_| whole) {
            hub.give(Input::Downlink(message));
        }
        Ok(())
    }

    /// Says goodbye to broker and modem, as far as they listen.
    pub async fn close<J: Storage, K: Keys>(&mut self, hub: &Hub<J, K>) {
        hub.promises.within(Task::Modem, COMMAND_PATIENCE * 3);
        for command in ["AT+QMTDISC=0", "AT+QPOWD=0"] {
            // Without an answer it is switched off all the same.
            self.ask(command, COMMAND_PATIENCE).await.ok();
        }
    }

    async fn ask(&mut self, command: &str, patience: Duration) -> Result<(), PortError> {
        self.port.ask(format_args!("{command}"), patience).await
    }

    async fn granted(
        &mut self,
        patience: Duration,
        fate: impl Fn(&News) -> Option<bool>,
    ) -> Result<(), PortError> {
        if self.port.until(patience, fate).await? { Ok(()) } else { Err(PortError::Refused) }
    }
}

/// A refusal of something that is not needed, or done already.
fn ignore_refusal(answer: Result<(), PortError>) -> Result<(), PortError> {
    if answer == Err(PortError::Refused) { Ok(()) } else { answer }
}
