//! A tag's life between two power cuts: steps of the image, and what the world says in between.
//!
//! ```text
//! image idle -> bytes it wrote -> modem, receiver, radio -> events in virtual time -> bytes and inputs up to the next event -> image
//! ```
//! Virtual time is what the image lives in: microseconds since its start. Nothing here reads a clock.

use crate::{
    cuts::{Cut, Place},
    machine::{Idle, Machine, Said, Uart},
    modem::Modem,
    radio::Radio,
    receiver::Receiver,
};
use anyhow::{Result, bail};
use lenke_wire::UnixMillis;
use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
};

const SECOND: u64 = 1_000_000;
const BATTERY_EVERY: u64 = 150 * SECOND;
/// The strap comes open once in so many seconds of the world's time, for a moment.
const STRAP_EVERY_S: i64 = 4_000;
const STRAP_OPEN: u64 = 2 * SECOND;
/// The tag is asked for its numbers so often in the end.
const ASK_EVERY: u64 = 20 * SECOND;
/// The last batch is committed by then.
const QUIET: u64 = 700 * SECOND;
/// Without an end by then, something hangs.
const DRAIN_MAX: u64 = 4 * 3_600 * SECOND;
/// Turns without any progress of time.
const TURNS_MAX: u32 = 100_000;
const BATTERY_FULL_S: i64 = 86_400;

/// How a life ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// By this cut.
    Cut,
    /// Everything that was wanted is done, and the tag says that nothing waits.
    Drained,
}

/// What happens at a time.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Bytes(usize, Vec<u8>),
    Line(String),
    Battery,
    Strap,
    Ask,
}

/// What outlives a power cut besides the flash.
pub(crate) struct World {
    pub(crate) modem: Modem,
    /// Times out of coverage, in order.
    pub(crate) outages: Vec<(UnixMillis, UnixMillis)>,
    /// Fixes of the lives before.
    pub(crate) fixes: usize,
    /// Fixes wanted in all.
    pub(crate) fixes_wanted: usize,
    pub(crate) steps: u64,
}

/// One life.
pub(crate) struct Life<'a> {
    world: &'a mut World,
    machine: Machine,
    receiver: Receiver,
    radio: Radio,
    /// The world's time at the start.
    began: UnixMillis,
    now: u64,
    events: BinaryHeap<Reverse<(u64, u64, Event)>>,
    order: u64,
    outgoing: [VecDeque<u8>; 3],
    lines: Vec<String>,
    covered: bool,
    /// A power cut is near: it counts the image's steps, and its time must be known.
    counts_steps: bool,
    /// Since when nothing more is wanted but that all arrives.
    draining: Option<u64>,
    waiting: Option<u64>,
}

impl<'a> Life<'a> {
    /// Switches the tag on.
    pub(crate) fn begin(
        world: &'a mut World,
        mut machine: Machine,
        receiver: Receiver,
        radio: Radio,
        began: UnixMillis,
    ) -> Result<Self> {
        let first = machine.hear()?;
        if !matches!(first, Said::Started) {
            bail!("the image began with {first:?}");
        }
        machine.say(&format!("R {}", began.0))?;
        machine.say("C 1")?;
        machine.go(0, 0)?;
        let mut life = Self {
            world,
            machine,
            receiver,
            radio,
            began,
            now: 0,
            events: BinaryHeap::new(),
            order: 0,
            outgoing: [const { VecDeque::new() }; 3],
            lines: Vec::new(),
            covered: true,
            counts_steps: false,
            draining: None,
            waiting: None,
        };
        life.at(SECOND, Event::Battery);
        let strap_s = STRAP_EVERY_S - (began.0 / 1_000).rem_euclid(STRAP_EVERY_S);
        life.at(strap_s.cast_unsigned() * SECOND, Event::Strap);
        Ok(life)
    }

    /// Lives until the power fails, or everything is done.
    pub(crate) fn live(&mut self, cut: Option<&Cut>) -> Result<End> {
        let mut steps_left = cut.map(|cut| cut.steps);
        let mut turns = 0;
        loop {
            let idle = match self.machine.hear()? {
                Said::Idle(idle) => idle,
                Said::Cut => return Ok(End::Cut),
                Said::Statistics(numbers) => {
                    self.waiting = Some(numbers.waiting);
                    continue;
                }
                Said::Started => bail!("the image restarted by itself"),
            };
            self.world.steps += 1;
            let before = self.now;
            self.listen(&idle)?;
            if let Some(cut) = cut.filter(|cut| self.fixes() >= cut.fixes) {
                match &mut steps_left {
                    Some(0) => {
                        if cut.place == Place::BetweenSteps {
                            return Ok(End::Cut);
                        }
                        if let Place::InFlash { operations, permille } = cut.place {
                            self.lines.push(format!("cut {operations} {permille}"));
                        }
                        steps_left = None;
                    }
                    Some(left) => *left -= 1,
                    None => {}
                }
                self.counts_steps = true;
            }
            if cut.is_none() && self.is_drained()? {
                return Ok(End::Drained);
            }
            self.step(&idle)?;
            turns = if self.now > before { 0 } else { turns + 1 };
            if turns > TURNS_MAX {
                bail!("time stands still at {} us", self.now);
            }
        }
    }

    /// Fixes of all lives.
    pub(crate) fn fixes(&self) -> usize {
        self.world.fixes + self.receiver.told
    }

    /// The world's time.
    pub(crate) fn time(&self) -> UnixMillis {
        self.began.plus_ms((self.now / 1_000).cast_signed())
    }

    fn at(&mut self, at: u64, event: Event) {
        self.order += 1;
        self.events.push(Reverse((at, self.order, event)));
    }

    /// Passes on what the image wrote, and what its pins say.
    fn listen(&mut self, idle: &Idle) -> Result<()> {
        let now = self.now;
        self.receiver.switch(idle.gnss_on, now);
        let time = self.time();
        let mut said = self.world.modem.switch(idle.modem_on);
        let covered = self.draining.is_some()
            || !self.world.outages.iter().any(|(from, to)| (*from..*to).contains(&time));
        if covered != self.covered {
            self.covered = covered;
            said.extend(self.world.modem.cover(covered));
        }
        let bytes = self.machine.take(idle, Uart::Modem)?;
        said.extend(self.world.modem.hear(&bytes, now, time)?);
        for (delay, bytes) in said {
            self.at(now + delay, Event::Bytes(Uart::Modem as usize, bytes));
        }
        let bytes = self.machine.take(idle, Uart::Gnss)?;
        let answer = self.receiver.hear(&bytes);
        self.outgoing[Uart::Gnss as usize].extend(answer);
        let bytes = self.machine.take(idle, Uart::Radio)?;
        for (delay, bytes) in self.radio.hear(&bytes, time) {
            self.at(now + delay, Event::Bytes(Uart::Radio as usize, bytes));
        }
        Ok(())
    }

    /// Lets time pass up to the next thing that happens, and gives the image its turn.
    fn step(&mut self, idle: &Idle) -> Result<()> {
        let ready = |uart: Uart| !self.outgoing[uart as usize].is_empty() && idle.room[uart as usize] > 0;
        if !self.lines.is_empty() || Uart::ALL.into_iter().any(ready) {
            return self.give(idle);
        }
        let next = idle.deadline.unwrap_or(u64::MAX).min(self.next_at());
        if next == u64::MAX {
            bail!("nothing ever happens");
        }
        self.now = self.now.max(next);
        self.happen()?;
        self.give(idle)
    }

    /// Everything that is due.
    fn happen(&mut self) -> Result<()> {
        let (now, time) = (self.now, self.time());
        while self.events.peek().is_some_and(|Reverse((at, _, _))| *at <= now) {
            let Some(Reverse((_, _, event))) = self.events.pop() else { break };
            self.take_place(event, time);
        }
        if self.receiver.next_at() <= now {
            let bytes = self.receiver.epoch(now, time);
            self.outgoing[Uart::Gnss as usize].extend(bytes);
        }
        if self.radio.next_at() <= now
            && let Some(bytes) = self.radio.heartbeat(now, time)
        {
            self.outgoing[Uart::Radio as usize].extend(bytes);
        }
        if self.world.modem.collect_at() <= now {
            for (delay, bytes) in self.world.modem.collect()? {
                self.at(now + delay, Event::Bytes(Uart::Modem as usize, bytes));
            }
        }
        Ok(())
    }

    fn take_place(&mut self, event: Event, time: UnixMillis) {
        let now = self.now;
        match event {
            Event::Bytes(uart, bytes) => self.outgoing[uart].extend(bytes),
            Event::Line(line) => self.lines.push(line),
            Event::Battery => {
                let spent = (time.0 / 1_000).rem_euclid(BATTERY_FULL_S) * 70 / BATTERY_FULL_S;
                let percent = 95 - spent;
                self.lines.push(format!("battery {} {percent} 0", 3_400 + percent * 8));
                self.lines.push(format!("temperature {}", 24 + percent % 5));
                self.at(now + BATTERY_EVERY, Event::Battery);
            }
            Event::Strap => {
                self.lines.push("strap 1".to_owned());
                self.at(now + STRAP_OPEN, Event::Line("strap 0".to_owned()));
                self.at(now + STRAP_EVERY_S.cast_unsigned() * SECOND, Event::Strap);
            }
            Event::Ask => {
                self.lines.push("?".to_owned());
                self.at(now + ASK_EVERY, Event::Ask);
            }
        }
    }

    /// Sends lines, and bytes as far as there is room; ends the turn.
    fn give(&mut self, idle: &Idle) -> Result<()> {
        for line in self.lines.drain(..) {
            self.machine.say(&line)?;
        }
        for uart in Uart::ALL {
            let waiting = &mut self.outgoing[uart as usize];
            let count = waiting.len().min(idle.room[uart as usize]);
            let bytes: Vec<u8> = waiting.drain(..count).collect();
            if !bytes.is_empty() {
                self.machine.give(uart, &bytes)?;
            }
        }
        self.machine.go(self.now, self.until())
    }

    /// Before this the host has nothing to say: 0 if it has, or must see each of the image's steps.
    fn until(&self) -> u64 {
        if self.counts_steps || self.outgoing.iter().any(|waiting| !waiting.is_empty()) {
            return 0;
        }
        self.next_at()
    }

    /// When the host has something to say next.
    fn next_at(&self) -> u64 {
        let event = self.events.peek().map_or(u64::MAX, |Reverse((at, _, _))| *at);
        let own = [self.receiver.next_at(), self.radio.next_at(), self.world.modem.collect_at()];
        own.into_iter().fold(event.min(self.next_edge()), u64::min)
    }

    /// When coverage ends or begins next.
    fn next_edge(&self) -> u64 {
        let time = self.time();
        let outages = &self.world.outages;
        let after = outages.partition_point(|(_, to)| *to <= time);
        let edge = outages.get(after).map(|(from, to)| if *from > time { *from } else { *to });
        edge.map_or(u64::MAX, |edge| edge.since_ms(self.began).cast_unsigned() * 1_000)
    }

    /// All fixes are taken, all frames have arrived, and the tag knows it.
    fn is_drained(&mut self) -> Result<bool> {
        if self.fixes() < self.world.fixes_wanted {
            return Ok(false);
        }
        let Some(since) = self.draining else {
            self.draining = Some(self.now);
            self.receiver.sky = false;
            self.at(self.now + QUIET, Event::Ask);
            return Ok(false);
        };
        if self.now > since + DRAIN_MAX {
            bail!("{:?} frames still wait after {} s", self.waiting, (self.now - since) / SECOND);
        }
        Ok(self.now >= since + QUIET && self.waiting == Some(0))
    }
}
