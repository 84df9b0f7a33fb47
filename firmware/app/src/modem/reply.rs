//! What the modem's lines mean.

use lenke_firmware_core::gnss::calendar::{Moment, of_day_ms};
use lenke_wire::UnixMillis;

/// One line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// `OK`.
    Ok,
    /// `ERROR`, `+CME ERROR`, `+CMS ERROR`.
    Error,
    /// The SIM needs no PIN.
    SimReady,
    /// Registered with a network, or not.
    Registered(bool),
    /// The network's time.
    Time(UnixMillis),
    /// Received power, dBm; `None` if unknown.
    Signal(Option<i16>),
    /// The broker's socket is open, or could not be opened.
    Opened(bool),
    /// The broker took the CONNECT, or refused it.
    Connected(bool),
    /// The broker granted the subscription, or refused it.
    Subscribed(bool),
    /// What became of a message that was published.
    Published {
        /// Its number.
        message: u16,
        /// How it went.
        fate: Fate,
    },
    /// A message from the broker waits under this number.
    Announced(u8),
    /// The connection to the broker is gone.
    Broken,
    /// The modem has just booted.
    Booted,
    /// Anything else.
    Other,
}

/// What became of a publish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The broker has it.
    Acknowledged,
    /// The modem sends it once more.
    Repeated,
    /// The modem gave it up.
    Failed,
}

impl Reply {
    /// Reads a line.
    pub fn parse(line: &[u8]) -> Self {
        match line {
            b"OK" => return Self::Ok,
            b"ERROR" => return Self::Error,
            b"RDY" => return Self::Booted,
            _ => {}
        }
        let Some(end) = line.iter().position(|&byte| byte == b':') else { return Self::Other };
        let (name, rest) = line.split_at(end);
        match rest {
            [b':', b' ', rest @ ..] => Self::named(name, rest).unwrap_or(Self::Other),
            _ => Self::Other,
        }
    }

    fn named(name: &[u8], rest: &[u8]) -> Option<Self> {
        let mut numbers = Numbers(rest);
        Some(match name {
            b"+CME ERROR" | b"+CMS ERROR" => Self::Error,
            b"+CPIN" if rest == b"READY" => Self::SimReady,
            b"+CEREG" => {
                let first = numbers.next()?;
                // The query's answer has the mode before the state.
                let state = numbers.next().unwrap_or(first);
                Self::Registered(matches!(state, 1 | 5))
            }
            b"+QLTS" => Self::Time(time(rest)?),
            b"+CSQ" => Self::Signal(match numbers.next()? {
                level @ 0..=31 => i16::try_from(level).ok().map(|level| 2 * level - 113),
                _ => None,
            }),
            b"+QMTOPEN" => Self::Opened(numbers.are_zero(2)?),
            b"+QMTCONN" => Self::Connected(numbers.are_zero(2)? && numbers.next().unwrap_or(0) == 0),
            b"+QMTSUB" => {
                let (_client, _message, result) = (numbers.next()?, numbers.next()?, numbers.next()?);
                Self::Subscribed(result == 0 && numbers.next().unwrap_or(0) < 128)
            }
            b"+QMTPUBEX" => {
                let (_client, message, result) = (numbers.next()?, numbers.next()?, numbers.next()?);
                let fate = match result {
                    0 => Fate::Acknowledged,
                    1 => Fate::Repeated,
                    _ => Fate::Failed,
                };
                Self::Published { message, fate }
            }
            b"+QMTRECV" => {
                let _client = numbers.next()?;
                Self::Announced(u8::try_from(numbers.next()?).ok()?)
            }
            b"+QMTSTAT" => Self::Broken,
            _ => return None,
        })
    }
}

/// Decimal numbers with one other byte between them.
struct Numbers<'a>(&'a [u8]);

impl Numbers<'_> {
    fn are_zero(&mut self, count: usize) -> Option<bool> {
        let mut all = true;
        for _ in 0..count {
            all &= self.next()? == 0;
        }
        Some(all)
    }
}

impl Iterator for Numbers<'_> {
    type Item = u16;

    /// `None` where no number stands, or one that is too large.
    fn next(&mut self) -> Option<u16> {
        let mut number = None;
        while let Some((&byte, rest)) = self.0.split_first() {
            self.0 = rest;
            if !byte.is_ascii_digit() {
                break;
            }
            number = Some(number.unwrap_or(0_u16).checked_mul(10)?.checked_add(u16::from(byte - b'0'))?);
        }
        number
    }
}

/// Reads `"yyyy/MM/dd,hh:mm:ss+zz,d"`, in UTC.
fn time(text: &[u8]) -> Option<UnixMillis> {
    let mut numbers = Numbers(text.strip_prefix(b"\"")?);
    let mut number = || numbers.next().map(i64::from);
    let (year, month, day) = (number()?, number()?, number()?);
    let (hour, minute, second) = (number()?, number()?, number()?);
    let of_day_ms = of_day_ms(hour, minute, second * 1000)?;
    Moment { year, month, day, of_day_ms }.to_unix()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_dialect_is_understood() {
        for (line, reply) in [
            ("OK", Reply::Ok),
            ("ERROR", Reply::Error),
            ("+CME ERROR: 58", Reply::Error),
            ("+CPIN: READY", Reply::SimReady),
            ("+CPIN: SIM PIN", Reply::Other),
            ("+CEREG: 0,5", Reply::Registered(true)),
            ("+CEREG: 2,1,\"1A2B\",\"01C3D4E5\",8", Reply::Registered(true)),
            ("+CEREG: 0,2", Reply::Registered(false)),
            ("+CEREG: 1", Reply::Registered(true)),
            ("+QLTS: \"2026/11/22,01:40:00+04,0\"", Reply::Time(UnixMillis(1_795_311_600_000))),
            ("+QLTS: \"\"", Reply::Other),
            ("+CSQ: 20,99", Reply::Signal(Some(-73))),
            ("+CSQ: 99,99", Reply::Signal(None)),
            ("+QMTOPEN: 0,0", Reply::Opened(true)),
            ("+QMTOPEN: 0,3", Reply::Opened(false)),
            ("+QMTCONN: 0,0,0", Reply::Connected(true)),
            ("+QMTCONN: 0,0,5", Reply::Connected(false)),
            ("+QMTCONN: 0,2", Reply::Connected(false)),
            ("+QMTSUB: 0,1,0,1", Reply::Subscribed(true)),
            ("+QMTSUB: 0,1,0,128", Reply::Subscribed(false)),
            ("+QMTPUBEX: 0,65535,0", Reply::Published { message: 65535, fate: Fate::Acknowledged }),
            ("+QMTPUBEX: 0,7,1,2", Reply::Published { message: 7, fate: Fate::Repeated }),
            ("+QMTPUBEX: 0,7,2", Reply::Published { message: 7, fate: Fate::Failed }),
            ("+QMTRECV: 0,4", Reply::Announced(4)),
            ("+QMTSTAT: 0,1", Reply::Broken),
            ("RDY", Reply::Booted),
            ("+QIND: PB DONE", Reply::Other),
            ("+QMTPUBEX: 0,99999,0", Reply::Other),
            ("AT+CPIN?", Reply::Other),
        ] {
            assert_eq!(Reply::parse(line.as_bytes()), reply, "{line}");
        }
        assert_eq!(Reply::parse(b"OK\xff"), Reply::Other);
    }
}
