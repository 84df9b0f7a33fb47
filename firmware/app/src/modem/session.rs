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
use heapless::String;
use lenke_firmware_core::{CONNECT_PATIENCE_S, Input, provision::Provision};
use lenke_wire::{
    FrameId,
    codec::FRAME_BYTES_MAX,
    credential::mqtt_password,
    frame::DeviceKey,
    topic::{down, up},
};

/// Messages without a PUBACK at most.
pub const OPEN_MAX: usize = FATES_MAX;
/// The modem sends again by itself; a fate that is not told for this long never will be. What the centre has acknowledged by then
/// needs none.
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
/// A command's own answer, before a result that takes longer.
const ANSWER_PATIENCE_MAX: Duration = Duration::from_secs(60);
const REPEAT_PAUSE: Duration = Duration::from_secs(2);
/// Bytes of the longest command: CONNECT with its password.
const COMMAND_BYTES_MAX: usize = 128;
/// Connecting is given up after this, whatever it waits for: more than all the above in a row.
pub(super) const CONNECT_MAX: Duration = Duration::from_secs(400);
const CONNECT_PROMISE: Duration = Duration::from_secs(420);
const _: () =
    assert!(CONNECT_PROMISE.as_secs() < CONNECT_PATIENCE_S as u64, "the core must not give up first");
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

/// A command of the way to a connection.
#[derive(Clone, Copy)]
enum Command {
    Plain(&'static str),
    AccessPoint,
    Tls,
    Open,
    Connect,
    Subscribe,
}

/// A step of the way to a connection.
struct Step {
    command: Command,
    /// For the answer and the result.
    patience: Duration,
    /// What must come besides `OK`, and whether it is what it should be.
    result: Option<fn(&News) -> Option<bool>>,
    /// A refusal does not matter: it was done already, or is not needed.
    is_optional: bool,
    /// A wrong result may become right.
    is_repeated: bool,
}

const fn plain(command: &'static str) -> Step {
    let patience = COMMAND_PATIENCE;
    Step { command: Command::Plain(command), patience, result: None, is_optional: false, is_repeated: false }
}

const fn optional(command: &'static str, seconds: u64) -> Step {
    Step { patience: Duration::from_secs(seconds), is_optional: true, ..plain(command) }
}

const fn granted(command: Command, seconds: u64, result: fn(&News) -> Option<bool>) -> Step {
    Step { command, patience: Duration::from_secs(seconds), result: Some(result), ..plain("") }
}

/// The way to a connection, in its order.
const STEPS: [Step; 18] = [
    plain("ATE0"),
    plain("AT+IFC=2,2"),
    plain("AT+CMEE=1"),
    granted(Command::Plain("AT+CPIN?"), 5, |news| Some(news.sim_ready)),
    Step { is_repeated: true, ..granted(Command::Plain("AT+CEREG?"), 60, |news| Some(news.registered)) },
    optional("AT+QLTS=1", 5),
    optional("AT+CSQ", 5),
    optional("AT+QMTCLOSE=0", 5),
    Step { command: Command::AccessPoint, ..plain("") },
    optional("AT+QIACT=1", 60),
    plain("AT+QMTCFG=\"version\",0,4"),
    plain("AT+QMTCFG=\"session\",0,0"),
    plain("AT+QMTCFG=\"keepalive\",0,300"),
    plain("AT+QMTCFG=\"recv/mode\",0,1,1"),
    Step { command: Command::Tls, ..plain("") },
    granted(Command::Open, 75, |news| news.opened),
    granted(Command::Connect, 30, |news| news.connected),
    granted(Command::Subscribe, 30, |news| news.subscribed),
];

/// Writes a command without its end.
fn write(command: Command, provision: &Provision, line: &mut String<COMMAND_BYTES_MAX>) -> fmt::Result {
    let Provision { device, host, port, apn, .. } = provision;
    match command {
        Command::Plain(text) => line.push_str(text).map_err(|_| fmt::Error),
        Command::AccessPoint => fmt::write(line, format_args!("AT+QICSGP=1,1,\"{}\"", apn.as_str())),
        Command::Tls => fmt::write(line, format_args!("AT+QMTCFG=\"ssl\",0,{},0", u8::from(provision.tls))),
        Command::Open => fmt::write(line, format_args!("AT+QMTOPEN=0,\"{}\",{port}", host.as_str())),
        Command::Connect => {
            let password = mqtt_password(&DeviceKey::new(provision.key), *device);
            let password = core::str::from_utf8(&password).map_err(|_| fmt::Error)?;
            fmt::write(line, format_args!("AT+QMTCONN=0,\"{device}\",\"{device}\",\"{password}\""))
        }
        Command::Subscribe => fmt::write(line, format_args!("AT+QMTSUB=0,1,\"{}\",1", down(*device))),
    }
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
        let mut attempts = 0;
        while self.port.ask(format_args!("AT"), HELLO_PATIENCE).await.is_err() {
            attempts += 1;
            if attempts == HELLO_ATTEMPTS {
                return Err(PortError::Dead);
            }
        }
        // A modem that boots answers late, and to several at once.
        self.port.settle(QUIET).await;
        for step in &STEPS {
            self.take(step).await?;
            self.note(step.command, hub);
        }
        if self.port.news.broken { Err(PortError::Lost) } else { Ok(()) }
    }

    /// One step, until it has its result.
    async fn take(&mut self, step: &Step) -> Result<(), PortError> {
        let until = Instant::now() + step.patience;
        loop {
            let mut line = String::<COMMAND_BYTES_MAX>::new();
            write(step.command, self.provision, &mut line).map_err(|_| PortError::Refused)?;
            match self.port.ask(format_args!("{line}"), step.patience.min(ANSWER_PATIENCE_MAX)).await {
                Err(PortError::Refused) if step.is_optional => return Ok(()),
                answer => answer?,
            }
            let wanted = step.result;
            match self.port.until(until, |news| wanted.map_or(Some(true), |wanted| wanted(news))).await {
                Ok(true) => return Ok(()),
                Ok(false) if step.is_repeated && Instant::now() < until => Timer::after(REPEAT_PAUSE).await,
                Ok(false) => return Err(PortError::Refused),
                Err(error) => return Err(error),
            }
        }
    }

    /// What a step brought besides its result.
    fn note<J: Storage, K: Keys>(&mut self, command: Command, hub: &Hub<J, K>) {
        match command {
            Command::Plain("AT+QLTS=1") => {
                if let Some(at) = self.port.news.time {
                    hub.give(Input::NetworkTime { at, uncertainty_ms: NETWORK_TIME_MS });
                    hub.keep_time();
                }
            }
            Command::Plain("AT+CSQ") => {
                if let Some(dbm) = self.port.news.signal {
                    hub.note_signal(dbm);
                }
                // A boot or a break up to here belongs to an earlier connection.
                self.port.news = News::default();
            }
            Command::Plain(_)
            | Command::AccessPoint
            | Command::Tls
            | Command::Open
            | Command::Connect
            | Command::Subscribe => {}
        }
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
        let mut overdue = false;
        for slot in &mut self.open {
            if let Some(open) = slot.take_if(|open| now >= open.until) {
                overdue |= hub.keeps(open.frame);
            }
        }
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
            self.port.ask(format_args!("{command}"), COMMAND_PATIENCE).await.ok();
        }
    }
}
