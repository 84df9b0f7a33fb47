//! The beacon radio: a module that hears heartbeats and carries challenges, by lines over a UART. It holds no keys; what an
//! answer proves is the core's to say.
//!
//! | direction | line |
//! |---|---|
//! | module | `+HB <device number> <rssi dBm>` |
//! | tag | `CH <device number> <challenge in hexadecimal>` |
//! | module | `+CR <device number> <rssi dBm> <answer in hexadecimal>` |

use crate::{
    hub::{Hub, Keys, Storage},
    promise::Task,
};
use embassy_futures::select::{Either3, select3};
use embassy_time::{Duration, Timer, with_timeout};
use embedded_io_async::{Read, Write};
use heapless::{String, Vec};
use lenke_firmware_core::{
    Input,
    beacon::{Answer, Challenge, PROOF_BYTES},
};
use lenke_wire::DeviceId;

/// Bytes of the longest line: the longest number, RSSI, answer.
const LINE_BYTES_MAX: usize = 64;
const CHUNK_BYTES: usize = 32;
const WRITE_PATIENCE: Duration = Duration::from_secs(1);
/// A UART that fails is asked again after this.
const BROKEN_PAUSE: Duration = Duration::from_secs(1);
/// While nothing is heard, the task looks up this often.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// What a line of the module says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heard {
    Heartbeat { device: DeviceId, rssi_dbm: i8 },
    Answer { device: DeviceId, rssi_dbm: i8, answer: Answer },
}

/// Listens to the module and passes challenges on. Never ends.
pub async fn run<J: Storage, K: Keys>(hub: &Hub<J, K>, mut rx: impl Read, mut tx: impl Write) -> ! {
    let mut line = Vec::<u8, LINE_BYTES_MAX>::new();
    let mut is_too_long = false;
    let mut chunk = [0; CHUNK_BYTES];
    loop {
        hub.promises.within(Task::Radio, LOOK_EVERY * 2);
        match select3(rx.read(&mut chunk), hub.challenge.wait(), Timer::after(LOOK_EVERY)).await {
            Either3::First(Ok(length)) if length > 0 => {
                for &byte in &chunk[..length] {
                    if byte != b'\n' {
                        is_too_long |= line.push(byte).is_err();
                        continue;
                    }
                    if let Some(heard) = parse(&line).filter(|_| !is_too_long) {
                        hub.give(heard.into());
                    }
                    line.clear();
                    is_too_long = false;
                }
            }
            Either3::First(_) => Timer::after(BROKEN_PAUSE).await,
            Either3::Second((device, challenge)) => {
                // One that is not written is asked again at the next heartbeat.
                with_timeout(WRITE_PATIENCE, tx.write_all(&command(device, &challenge))).await.ok();
            }
            Either3::Third(()) => {}
        }
    }
}

impl From<Heard> for Input<'_> {
    fn from(heard: Heard) -> Self {
        match heard {
            Heard::Heartbeat { device, rssi_dbm } => Self::Beacon { heard: device, rssi_dbm },
            Heard::Answer { device, rssi_dbm, answer } => {
                Self::BeaconAnswer { heard: device, rssi_dbm, answer }
            }
        }
    }
}

/// Reads a line without its end; `None` if it is none of the module's.
fn parse(line: &[u8]) -> Option<Heard> {
    let mut words = core::str::from_utf8(line).ok()?.trim_ascii_end().split(' ');
    let name = words.next()?;
    let device = DeviceId::new(words.next()?.parse().ok()?);
    let rssi_dbm = words.next()?.parse().ok()?;
    let heard = match name {
        "+HB" => Heard::Heartbeat { device, rssi_dbm },
        "+CR" => Heard::Answer { device, rssi_dbm, answer: from_hex(words.next()?.as_bytes())? },
        _ => return None,
    };
    words.next().is_none().then_some(heard)
}

fn from_hex(text: &[u8]) -> Option<Answer> {
    let mut answer = [0; PROOF_BYTES];
    let (pairs, rest) = text.as_chunks::<2>();
    if pairs.len() != PROOF_BYTES || !rest.is_empty() {
        return None;
    }
    for (byte, &[high, low]) in answer.iter_mut().zip(pairs) {
        let digit = |byte: u8| char::from(byte).to_digit(16);
        // Two digits fit a byte.
        *byte = (digit(high)? << 4 | digit(low)?) as u8;
    }
    Some(answer)
}

fn command(device: DeviceId, challenge: &Challenge) -> Vec<u8, LINE_BYTES_MAX> {
    let mut line = String::<LINE_BYTES_MAX>::new();
    let number = u64::from_be_bytes(*challenge);
    // Two letters, 20 and 16 digits, and what is between them fit.
    core::fmt::write(&mut line, format_args!("CH {} {number:016x}\n", device.number())).ok();
    line.into_bytes()
}

#[cfg(test)]
mod tests;
