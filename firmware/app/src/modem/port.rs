//! One command and its answer; what came unasked meanwhile is kept until somebody asks for it.

use super::{
    reply::{Fate, Reply},
    scanner::{Scanner, Token},
};
use core::fmt;
use embassy_time::{Duration, Instant, with_deadline, with_timeout};
use embedded_io_async::{Read, Write};
use heapless::{Deque, String};
use lenke_wire::UnixMillis;

/// Messages that the modem keeps for us; their numbers are below this.
pub const WAITING_MAX: u8 = 5;
/// Fates of messages that wait to be looked at; no more messages are open at a time.
pub const FATES_MAX: usize = 8;
/// Bytes of the longest command: CONNECT with its password, OPEN with the longest host.
const COMMAND_BYTES_MAX: usize = 160;
/// Bytes that are read at once.
const CHUNK_BYTES: usize = 64;
/// Things that are passed over while waiting for quiet, at most.
const SETTLE_MAX: usize = 64;
/// A line that is written takes no longer, flow control included.
const WRITE_PATIENCE: Duration = Duration::from_secs(10);

/// Why there is no answer, or not the wanted one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortError {
    /// Nothing came in time.
    Silent,
    /// The modem, the network or the broker said no.
    Refused,
    /// The link was there and is gone.
    Lost,
    /// The modem does not react at all, or its UART is broken.
    Dead,
    /// Nothing is wrong: the core wishes no link any more.
    Dismissed,
}

impl fmt::Display for PortError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Silent => "the modem gave no answer in time",
            Self::Refused => "the modem, the network or the broker refused",
            Self::Lost => "the link is lost",
            Self::Dead => "the modem does not react",
            Self::Dismissed => "the link is not wished any more",
        })
    }
}

impl core::error::Error for PortError {}

/// What came unasked, or before the answer of which it is a part.
#[derive(Debug, Default)]
pub struct News {
    /// The SIM is ready.
    pub sim_ready: bool,
    /// Registered with a network.
    pub registered: bool,
    /// The network's time.
    pub time: Option<UnixMillis>,
    /// Received power, dBm.
    pub signal: Option<i16>,
    /// The socket's fate.
    pub opened: Option<bool>,
    /// The CONNECT's fate.
    pub connected: Option<bool>,
    /// The subscription's fate.
    pub subscribed: Option<bool>,
    /// Fates of messages, in the order in which they came.
    pub fates: Deque<(u16, Fate), FATES_MAX>,
    /// Messages that wait in the modem, one bit each.
    pub announced: u8,
    /// The connection is gone.
    pub broken: bool,
}

impl News {
    /// Keeps what is news; tells what kind of word it was.
    fn note(&mut self, reply: Reply) -> Heard {
        match reply {
            Reply::Ok => return Heard::Ok,
            Reply::Error => return Heard::Error,
            Reply::SimReady => self.sim_ready = true,
            Reply::Registered(yes) => self.registered = yes,
            Reply::Time(time) => self.time = Some(time),
            Reply::Signal(dbm) => self.signal = dbm,
            Reply::Opened(yes) => self.opened = Some(yes),
            Reply::Connected(yes) => self.connected = Some(yes),
            Reply::Subscribed(yes) => self.subscribed = Some(yes),
            // The modem goes on by itself.
            Reply::Published { fate: Fate::Repeated, .. } => {}
            Reply::Published { message, fate } => {
                // More than there can be: the oldest is about nothing of ours. If it is, its message becomes overdue.
                if self.fates.is_full() {
                    self.fates.pop_front();
                }
                self.fates.push_back((message, fate)).ok();
            }
            Reply::Announced(number) if number < WAITING_MAX => self.announced |= 1 << number,
            Reply::Broken | Reply::Booted => self.broken = true,
            Reply::Announced(_) | Reply::Other => {}
        }
        Heard::News
    }
}

/// What ends a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    Ok,
    Error,
    Prompt,
    Message,
    News,
}

/// The modem's UART.
pub struct Port<R, W> {
    rx: R,
    tx: W,
    scanner: Scanner,
    chunk: [u8; CHUNK_BYTES],
    next: usize,
    filled: usize,
    /// What came unasked.
    pub(super) news: News,
}

impl<R: Read, W: Write> Port<R, W> {
    /// Over a UART's two directions; its receiver must be buffered, and its read lose nothing when it is dropped.
    pub fn new(rx: R, tx: W) -> Self {
        let (next, filled) = (0, 0);
        Self { rx, tx, scanner: Scanner::new(), chunk: [0; CHUNK_BYTES], next, filled, news: News::default() }
    }

    /// Forgets what came so far.
    pub(super) fn reset(&mut self) {
        self.scanner.reset();
        self.news = News::default();
    }

    /// The message that was heard last.
    pub(super) fn message(&self) -> Option<&[u8]> {
        self.scanner.message()
    }

    /// Waits for the next thing that the modem says. Dropping the future loses nothing.
    pub(super) async fn hear(&mut self) -> Result<Heard, PortError> {
        loop {
            while self.next < self.filled {
                let byte = self.chunk[self.next];
                self.next += 1;
                match self.scanner.push(byte) {
                    Some(Token::Prompt) => return Ok(Heard::Prompt),
                    Some(Token::Message) => return Ok(Heard::Message),
                    Some(Token::Line) => return Ok(self.news.note(Reply::parse(self.scanner.line()))),
                    None => {}
                }
            }
            self.filled = self.rx.read(&mut self.chunk).await.map_err(|_| PortError::Dead)?;
            self.next = 0;
            if self.filled == 0 {
                return Err(PortError::Dead);
            }
        }
    }

    /// Writes bytes as they are.
    pub(super) async fn write(&mut self, bytes: &[u8]) -> Result<(), PortError> {
        let written = with_timeout(WRITE_PATIENCE, async {
            self.tx.write_all(bytes).await?;
            self.tx.flush().await
        });
        written.await.map_err(|_| PortError::Silent)?.map_err(|_| PortError::Dead)
    }

    /// Writes a command, without waiting for its answer.
    pub(super) async fn say(&mut self, command: fmt::Arguments<'_>) -> Result<(), PortError> {
        let mut line = String::<COMMAND_BYTES_MAX>::new();
        fmt::write(&mut line, format_args!("{command}\r")).map_err(|_| PortError::Refused)?;
        self.write(line.as_bytes()).await
    }

    /// A command and its final answer.
    pub(super) async fn ask(
        &mut self,
        command: fmt::Arguments<'_>,
        patience: Duration,
    ) -> Result<(), PortError> {
        self.say(command).await?;
        self.answer(Instant::now() + patience).await
    }

    /// The final answer to what was said.
    pub(super) async fn answer(&mut self, deadline: Instant) -> Result<(), PortError> {
        loop {
            match self.hear_by(deadline).await? {
                Heard::Ok => return Ok(()),
                Heard::Error => return Err(PortError::Refused),
                Heard::Prompt | Heard::Message | Heard::News => {}
            }
        }
    }

    /// Passes over what is still said, until it is quiet for `pause`: late answers to earlier commands.
    pub(super) async fn settle(&mut self, pause: Duration) {
        for _ in 0..SETTLE_MAX {
            if self.hear_by(Instant::now() + pause).await.is_err() {
                return;
            }
        }
    }

    /// Like [`Self::hear`], but not for ever.
    pub(super) async fn hear_by(&mut self, deadline: Instant) -> Result<Heard, PortError> {
        match with_deadline(deadline, self.hear()).await {
            Ok(heard) => heard,
            Err(_) => {
                self.scanner.reset();
                Err(PortError::Silent)
            }
        }
    }

    /// Waits until `wanted` of the news is there.
    pub(super) async fn until(
        &mut self,
        deadline: Instant,
        wanted: impl Fn(&News) -> Option<bool>,
    ) -> Result<bool, PortError> {
        loop {
            if let Some(found) = wanted(&self.news) {
                return Ok(found);
            }
            self.hear_by(deadline).await?;
        }
    }
}
