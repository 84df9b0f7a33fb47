//! A modem with a broker behind it, and everything that both can do wrong.

use crate::bench::Uart;
use core::cell::{Cell, RefCell};
use embassy_time::Timer;
use std::{collections::VecDeque, format, string::String, vec::Vec};

/// How the modem behaves; changed while it runs.
#[derive(Default)]
pub(super) struct Mood {
    /// It says nothing.
    pub(super) dead: Cell<bool>,
    /// It answers `ERROR` to commands that begin like this, so many times.
    pub(super) refuses: RefCell<Vec<(&'static str, u32)>>,
    /// It says this before each answer.
    pub(super) chatter: Cell<&'static [u8]>,
    /// It repeats what it gets, until told otherwise.
    pub(super) echoes: Cell<bool>,
    /// It has no room for so many publishes, told before the payload.
    pub(super) full: Cell<u32>,
    /// It has no room for so many publishes, told after the payload.
    pub(super) full_late: Cell<u32>,
    /// It never tells what became of so many publishes.
    pub(super) forgets: Cell<u32>,
    /// It gives up so many publishes.
    pub(super) gives_up: Cell<u32>,
    /// It asks for the payload of so many publishes never.
    pub(super) no_prompt: Cell<u32>,
    /// Socket, CONNECT and subscription take so many seconds longer each.
    pub(super) slow_s: Cell<u64>,
}

/// Counts down; whether there was something left.
fn take(count: &Cell<u32>) -> bool {
    let left = count.get();
    count.set(left.saturating_sub(1));
    left > 0
}

/// The modem's side of a UART.
pub(super) struct Fake<'a, const N: usize> {
    from_tag: &'a Uart<N>,
    to_tag: &'a Uart<N>,
    pub(super) mood: Mood,
    pub(super) commands: RefCell<Vec<String>>,
    /// Topic and payload of what the broker got.
    pub(super) published: RefCell<Vec<(String, Vec<u8>)>>,
    /// Messages that wait to be fetched, under their numbers.
    waiting: RefCell<[Option<Vec<u8>>; 5]>,
    echo: Cell<bool>,
}

impl<'a, const N: usize> Fake<'a, N> {
    pub(super) fn new(from_tag: &'a Uart<N>, to_tag: &'a Uart<N>) -> Self {
        Self {
            from_tag,
            to_tag,
            mood: Mood::default(),
            commands: RefCell::default(),
            published: RefCell::default(),
            waiting: RefCell::default(),
            echo: Cell::new(false),
        }
    }

    /// Says anything at any time.
    pub(super) async fn say(&self, bytes: &[u8]) {
        self.to_tag.write_all(bytes).await;
    }

    /// The broker has a message.
    pub(super) async fn deliver(&self, message: &[u8]) {
        let number = self.waiting.borrow().iter().position(Option::is_none).unwrap();
        self.waiting.borrow_mut()[number] = Some(message.to_vec());
        self.say(format!("\r\n+QMTRECV: 0,{number}\r\n").as_bytes()).await;
    }

    /// Commands that begin like this so far.
    pub(super) fn count(&self, start: &str) -> usize {
        self.commands.borrow().iter().filter(|command| command.starts_with(start)).count()
    }

    pub(super) async fn run(&self) -> ! {
        self.echo.set(self.mood.echoes.get());
        loop {
            let command = self.read_line().await;
            if self.mood.dead.get() {
                continue;
            }
            self.commands.borrow_mut().push(command.clone());
            if self.echo.get() {
                self.say(format!("{command}\r").as_bytes()).await;
            }
            self.say(self.mood.chatter.get()).await;
            Timer::after_millis(5).await;
            if self.is_refused(&command) {
                self.say(b"\r\nERROR\r\n").await;
            } else {
                self.answer(&command).await;
            }
        }
    }

    fn is_refused(&self, command: &str) -> bool {
        let mut refuses = self.mood.refuses.borrow_mut();
        let Some(left) = refuses.iter_mut().find(|(start, left)| command.starts_with(start) && *left > 0)
        else {
            return false;
        };
        left.1 -= 1;
        true
    }

    async fn answer(&self, command: &str) {
        let name = command.split('=').next().unwrap_or_default();
        match name {
            "ATE0" => {
                self.echo.set(false);
                self.ok().await;
            }
            "AT+CPIN?" => self.told("+CPIN: READY").await,
            "AT+CEREG?" => self.told("+CEREG: 0,5").await,
            "AT+QLTS" => self.told("+QLTS: \"2026/11/21,20:40:00+04,0\"").await,
            "AT+CSQ" => self.told("+CSQ: 20,99").await,
            "AT+QMTOPEN" => self.later(900, "+QMTOPEN: 0,0").await,
            "AT+QMTCONN" => self.later(300, "+QMTCONN: 0,0,0").await,
            "AT+QMTSUB" => self.later(300, "+QMTSUB: 0,1,0,1").await,
            "AT+QMTPUBEX" => self.publish(command).await,
            "AT+QMTRECV" => self.hand_over(command).await,
            _ => self.ok().await,
        }
    }

    async fn ok(&self) {
        self.say(b"\r\nOK\r\n").await;
    }

    async fn told(&self, line: &str) {
        self.say(format!("\r\n{line}\r\n\r\nOK\r\n").as_bytes()).await;
    }

    async fn later(&self, millis: u64, line: &str) {
        self.ok().await;
        Timer::after_millis(millis + self.mood.slow_s.get() * 1_000).await;
        self.say(format!("\r\n{line}\r\n").as_bytes()).await;
    }

    async fn publish(&self, command: &str) {
        if take(&self.mood.full) {
            return self.say(b"\r\nERROR\r\n").await;
        }
        if take(&self.mood.no_prompt) {
            return;
        }
        let fields: Vec<&str> = command.split('=').nth(1).unwrap().split(',').collect();
        let (message, topic) = (fields[1], fields[4].trim_matches('"'));
        self.say(b"\r\n> ").await;
        let mut payload = Vec::new();
        for _ in 0..fields[5].parse::<usize>().unwrap() {
            payload.push(self.read_byte().await);
        }
        if take(&self.mood.full_late) {
            return self.say(b"\r\nERROR\r\n").await;
        }
        self.ok().await;
        if take(&self.mood.gives_up) {
            return self.say(format!("\r\n+QMTPUBEX: 0,{message},2\r\n").as_bytes()).await;
        }
        self.published.borrow_mut().push((topic.into(), payload));
        if !take(&self.mood.forgets) {
            self.say(format!("\r\n+QMTPUBEX: 0,{message},0\r\n").as_bytes()).await;
        }
    }

    async fn hand_over(&self, command: &str) {
        let number: usize = command.rsplit(',').next().unwrap().parse().unwrap();
        let Some(message) = self.waiting.borrow_mut()[number].take() else {
            return self.say(b"\r\nERROR\r\n").await;
        };
        let length = message.len();
        self.say(format!("\r\n+QMTRECV: 0,0,\"lenke/v1/lk000042/down\",{length},\"").as_bytes()).await;
        self.say(&message).await;
        self.say(b"\"\r\n\r\nOK\r\n").await;
    }

    async fn read_line(&self) -> String {
        let mut line = VecDeque::new();
        loop {
            match self.read_byte().await {
                b'\r' => return String::from_utf8_lossy(line.make_contiguous()).into_owned(),
                0x1b => line.clear(),
                byte => line.push_back(byte),
            }
        }
    }

    async fn read_byte(&self) -> u8 {
        let mut byte = [0];
        self.from_tag.read(&mut byte).await;
        byte[0]
    }
}
