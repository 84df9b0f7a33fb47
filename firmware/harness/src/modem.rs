//! A modem of the BG95 kind: AT commands in, answers and unasked lines out, MQTT over a real connection behind it.
//!
//! ```text
//! off --power--> booting --RDY--> commands <--prompt--> payload
//! ```
//! What goes wrong now and then, by the run's chance: buffers that are full, PUBACKs that are never told, unasked lines
//! in between, no registration while the wearer is out of coverage.

use crate::{
    broker::{Broker, Sealed},
    chance::Chance,
};
use anyhow::Result;
use lenke_wire::{DeviceId, FrameId, UnixMillis, frame::DeviceKey, frame::peek};
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    net::SocketAddr,
};

const MS: u64 = 1_000;
const BOOT: u64 = 350 * MS;
/// From a publish to the moment at which the centre's acknowledgement reaches the tag.
const COLLECT: u64 = 3_000 * MS;
/// Epochs whose acknowledgements are waited for at one time; the centre queues only so many downlinks for a connection.
const EPOCHS_AT_ONCE: usize = 8;
/// Messages that the modem keeps for the tag.
const KEPT_MAX: usize = 5;
const LINE_BYTES_MAX: usize = 256;

/// Of a thousand publishes.
const FULL_PERMILLE: u64 = 10;
const UNTOLD_PERMILLE: u64 = 15;
const CHATTER_PERMILLE: u64 = 30;

/// Bytes for the tag, and in how many microseconds they leave.
pub(crate) type Said = (u64, Vec<u8>);

/// Who the modem belongs to, and where it leads.
pub(crate) struct Subscriber {
    pub(crate) device: DeviceId,
    pub(crate) key: DeviceKey,
    pub(crate) front_door: SocketAddr,
}

/// What reached the centre's door, over all boots.
#[derive(Default)]
pub(crate) struct Published {
    /// Every frame, and what it was.
    pub(crate) frames: BTreeMap<FrameId, Vec<u8>>,
    /// Publishes, repetitions included.
    pub(crate) publishes: u64,
    /// Of their bytes, in order.
    pub(crate) digest: Sha256,
}

impl Published {
    /// The last number of an epoch up to which none is missing.
    fn through(&self, epoch: u32) -> Option<u32> {
        let from = FrameId::new(epoch, 0)..=FrameId::new(epoch, u32::MAX);
        let run = self.frames.range(from).zip(0..).take_while(|((id, _), seq)| id.seq.0 == *seq);
        run.last().map(|(_, seq)| seq)
    }
}

enum Mode {
    Command,
    Payload { message: u16, topic: String, length: usize },
}

/// The modem.
pub(crate) struct Modem {
    subscriber: Subscriber,
    chance: Chance,
    on: bool,
    echo: bool,
    mode: Mode,
    line: Vec<u8>,
    covered: bool,
    broker: Option<Broker>,
    kept: [Option<Sealed>; KEPT_MAX],
    waiting: VecDeque<Sealed>,
    /// Epochs of which something was published since the last acknowledgement was collected.
    touched: BTreeSet<u32>,
    collect_at: u64,
    pub(crate) published: Published,
}

impl Modem {
    pub(crate) fn new(subscriber: Subscriber, chance: Chance, published: Published) -> Self {
        Self {
            subscriber,
            chance,
            on: false,
            echo: true,
            mode: Mode::Command,
            line: Vec::new(),
            covered: true,
            broker: None,
            kept: [const { None }; KEPT_MAX],
            waiting: VecDeque::new(),
            touched: BTreeSet::new(),
            collect_at: u64::MAX,
            published,
        }
    }

    /// When the next acknowledgement is to be collected.
    pub(crate) const fn collect_at(&self) -> u64 {
        self.collect_at
    }

    /// The power pin.
    pub(crate) fn switch(&mut self, on: bool) -> Vec<Said> {
        if on == self.on {
            return Vec::new();
        }
        self.on = on;
        self.echo = true;
        self.mode = Mode::Command;
        self.line.clear();
        self.hang_up();
        if on {
            vec![(BOOT, b"\r\nRDY\r\n".to_vec()), (BOOT + 40 * MS, b"\r\nAPP RDY\r\n".to_vec())]
        } else {
            Vec::new()
        }
    }

    /// The wearer enters or leaves coverage.
    pub(crate) fn cover(&mut self, covered: bool) -> Vec<Said> {
        self.covered = covered;
        let broken = !covered && self.broker.is_some();
        if broken {
            self.hang_up();
        }
        if broken { vec![(2_000 * MS, b"\r\n+QMTSTAT: 0,1\r\n".to_vec())] } else { Vec::new() }
    }

    fn hang_up(&mut self) {
        self.broker = None;
        self.kept = [const { None }; KEPT_MAX];
        self.waiting.clear();
        self.touched.clear();
        self.collect_at = u64::MAX;
    }

    /// What the tag says at `now`, when the world's time is `at`.
    pub(crate) fn hear(&mut self, bytes: &[u8], now: u64, at: UnixMillis) -> Result<Vec<Said>> {
        let mut said = Vec::new();
        if !self.on {
            return Ok(said);
        }
        for &byte in bytes {
            match &mut self.mode {
                Mode::Payload { length, .. } => {
                    self.line.push(byte);
                    if self.line.len() == *length {
                        self.finish_payload(now, &mut said)?;
                    }
                }
                Mode::Command if byte == b'\r' => {
                    let line = String::from_utf8_lossy(&std::mem::take(&mut self.line)).into_owned();
                    if self.echo {
                        said.push((MS, format!("{line}\r").into_bytes()));
                    }
                    self.command(&line, at, &mut said)?;
                }
                Mode::Command if byte == b'\n' || byte == 0x1b => {}
                Mode::Command => {
                    if self.line.len() < LINE_BYTES_MAX {
                        self.line.push(byte);
                    }
                }
            }
        }
        Ok(said)
    }

    fn command(&mut self, line: &str, at: UnixMillis, said: &mut Vec<Said>) -> Result<()> {
        let delay = self.chance.within(4, 25) * MS;
        let (name, argument) = line.split_once('=').unwrap_or((line, ""));
        let (mut lines, mut later) = (Vec::new(), None);
        let mut good = true;
        match name {
            "AT" | "AT+IFC" | "AT+CMEE" | "AT+QICSGP" | "AT+QMTCFG" | "AT+QPOWD" => {}
            "AT+QMTDISC" => self.hang_up(),
            "ATE0" => self.echo = false,
            "AT+CPIN?" => lines.push("+CPIN: READY".to_owned()),
            "AT+CEREG?" => lines.push(format!("+CEREG: 0,{}", if self.covered { 5 } else { 2 })),
            "AT+QLTS" => lines.push(format!("+QLTS: \"{}\"", network_time(at))),
            "AT+CSQ" => lines.push(format!("+CSQ: {},99", self.chance.within(8, 28))),
            "AT+QIACT" => good = self.covered,
            "AT+QMTCLOSE" => {
                good = self.broker.is_some();
                self.hang_up();
            }
            "AT+QMTOPEN" => later = Some(format!("+QMTOPEN: 0,{}", self.open()?)),
            "AT+QMTCONN" => later = Some(format!("+QMTCONN: 0,0,{}", self.connect(argument)?)),
            "AT+QMTSUB" => later = Some(format!("+QMTSUB: 0,1,0,{}", self.subscribe(argument)?)),
            "AT+QMTPUBEX" => {
                self.publish(argument, delay, said);
                return Ok(());
            }
            "AT+QMTRECV" => {
                self.give(argument, delay, said);
                return Ok(());
            }
            _ => good = false,
        }
        for line in lines {
            said.push((delay, format!("\r\n{line}\r\n").into_bytes()));
        }
        let result: &[u8] = if good { b"\r\nOK\r\n" } else { b"\r\nERROR\r\n" };
        said.push((delay, result.to_vec()));
        if let Some(line) = later {
            said.push((delay + self.chance.within(150, 900) * MS, format!("\r\n{line}\r\n").into_bytes()));
        }
        Ok(())
    }

    fn open(&mut self) -> Result<u8> {
        if !self.covered {
            return Ok(3);
        }
        let Subscriber { device, key, front_door } = &self.subscriber;
        self.broker = Some(Broker::open(*front_door, *device, key.clone())?);
        Ok(0)
    }

    fn connect(&mut self, argument: &str) -> Result<u8> {
        let words = quoted(argument);
        match (&mut self.broker, &words[..]) {
            (Some(broker), [client, user, password]) => broker.connect(client, user, password),
            _ => Ok(2),
        }
    }

    fn subscribe(&mut self, argument: &str) -> Result<u8> {
        match (&mut self.broker, quoted(argument).first()) {
            (Some(broker), Some(topic)) => broker.subscribe(topic),
            _ => Ok(128),
        }
    }

    /// `0,<message>,1,0,"<topic>",<length>`
    fn publish(&mut self, argument: &str, delay: u64, said: &mut Vec<Said>) {
        let mut numbers = argument.split(',').map(str::parse::<usize>);
        let message = numbers.nth(1).and_then(Result::ok).and_then(|number| u16::try_from(number).ok());
        let length = argument.rsplit(',').next().and_then(|length| length.parse().ok());
        let topic = quoted(argument).first().map(|topic| (*topic).to_owned());
        match (message, topic, length) {
            (Some(message), Some(topic), Some(length))
                if length > 0 && self.broker.is_some() && !self.chance.permille(FULL_PERMILLE) =>
            {
                self.mode = Mode::Payload { message, topic, length };
                said.push((delay, b"\r\n> ".to_vec()));
            }
            _ => said.push((delay, b"\r\nERROR\r\n".to_vec())),
        }
    }

    fn finish_payload(&mut self, now: u64, said: &mut Vec<Said>) -> Result<()> {
        let Mode::Payload { message, topic, .. } = std::mem::replace(&mut self.mode, Mode::Command) else {
            return Ok(());
        };
        let payload = std::mem::take(&mut self.line);
        let delay = self.chance.within(5, 30) * MS;
        said.push((delay, b"\r\nOK\r\n".to_vec()));
        if self.chance.permille(CHATTER_PERMILLE) {
            said.push((delay + 2 * MS, b"\r\n+QIND: \"csq\",20\r\n".to_vec()));
        }
        let Some(broker) = &mut self.broker else { return Ok(()) };
        broker.publish(&topic, &payload)?;
        self.note(payload, now);
        if !self.chance.permille(UNTOLD_PERMILLE) {
            let later = delay + self.chance.within(80, 600) * MS;
            said.push((later, format!("\r\n+QMTPUBEX: 0,{message},0\r\n").into_bytes()));
        }
        Ok(())
    }

    fn note(&mut self, payload: Vec<u8>, now: u64) {
        self.published.publishes += 1;
        self.published.digest.update(&payload);
        let Ok(id) = peek(&payload) else { return };
        self.published.frames.entry(id).or_insert(payload);
        self.touched.insert(id.epoch.0);
        let delay = if self.touched.len() >= EPOCHS_AT_ONCE { 0 } else { COLLECT };
        self.collect_at = self.collect_at.min(now + delay);
    }

    /// Waits for the centre's acknowledgements of what was published, and announces them.
    pub(crate) fn collect(&mut self) -> Result<Vec<Said>> {
        self.collect_at = u64::MAX;
        let touched = std::mem::take(&mut self.touched);
        let wanted: BTreeMap<u32, u32> =
            touched.into_iter().filter_map(|epoch| Some((epoch, self.published.through(epoch)?))).collect();
        let Some(broker) = &mut self.broker else { return Ok(Vec::new()) };
        self.waiting.extend(broker.wait_for(&wanted)?);
        Ok(self.announce(50 * MS))
    }

    fn announce(&mut self, delay: u64) -> Vec<Said> {
        let mut said = Vec::new();
        for (slot, place) in self.kept.iter_mut().enumerate().filter(|(_, place)| place.is_none()) {
            let Some(sealed) = self.waiting.pop_front() else { break };
            *place = Some(sealed);
            said.push((delay, format!("\r\n+QMTRECV: 0,{slot}\r\n").into_bytes()));
        }
        said
    }

    /// `0,<slot>`
    fn give(&mut self, argument: &str, delay: u64, said: &mut Vec<Said>) {
        let slot = argument.split(',').nth(1).and_then(|slot| slot.parse::<usize>().ok());
        let Some(sealed) = slot.and_then(|slot| self.kept.get_mut(slot)?.take()) else {
            said.push((delay, b"\r\nERROR\r\n".to_vec()));
            return;
        };
        let topic = lenke_wire::topic::down(self.subscriber.device);
        let head = format!("\r\n+QMTRECV: 0,1,\"{topic}\",{},\"", sealed.bytes.len());
        said.push((delay, [head.as_bytes(), &sealed.bytes, b"\"\r\n\r\nOK\r\n"].concat()));
        said.extend(self.announce(delay + 20 * MS));
    }
}

/// What stands between quotes.
fn quoted(argument: &str) -> Vec<&str> {
    argument.split('"').skip(1).step_by(2).collect()
}

/// `yyyy/MM/dd,hh:mm:ss+zz,d`, in UTC.
fn network_time(at: UnixMillis) -> String {
    let [year, month, day, hour, minute, second] = crate::receiver::calendar(at);
    format!("{year:04}/{month:02}/{day:02},{hour:02}:{minute:02}:{second:02}+00,0")
}
