//! The host's turn: when all tasks wait, says what they wait for, and takes the time, bytes and inputs that come next.
//! The protocol is in the application's README.

use crate::{
    board::{BATTERY, BUTTON, Battery, CHARGER, LIGHT_IN_CASE, PRESSURE_IN_CASE, STILL, STRAP, TEMPERATURE},
    flash,
    pins::outputs,
    time::{NEVER, host_time},
    uart::{GNSS, HOST, MODEM, RADIO, Transmitter, Uart},
};
use core::{
    fmt::{self, Write},
    str::{FromStr, SplitAsciiWhitespace},
    sync::atomic::{AtomicU32, Ordering},
};
use lenke_firmware_app::hub::Numbers;
use lenke_firmware_core::{Counters, ResetCause};
use lenke_wire::UnixMillis;

const VERSION: u32 = 2;
/// Bytes of the longest line from the host.
const LINE_BYTES_MAX: usize = 64;

/// UARTs whose bytes are counted.
const COUNTED: [&Uart; 3] = [&MODEM, &GNSS, &RADIO];

/// Outputs, and bytes sent on each UART, as the host was told last.
static TOLD: [AtomicU32; 4] = [const { AtomicU32::new(u32::MAX) }; 4];

/// What only the host knows at the start.
#[derive(Clone, Copy, Default)]
pub(crate) struct Hello {
    /// What the real-time clock shows.
    pub(crate) time: Option<UnixMillis>,
    /// Why the power's side started the board.
    pub(crate) cause: Option<ResetCause>,
}

/// What a turn of the host brought besides inputs.
#[derive(Default)]
struct Turn {
    hello: Hello,
    /// Somebody asked for statistics.
    asked: bool,
}

/// Says that the image has started.
pub(crate) fn hello() -> Hello {
    say(format_args!("H {VERSION}"));
    take_turn().hello
}

/// All tasks wait. While the host has nothing to say before the deadline, and need not know of anything, time passes by itself.
/// `true`: the host asks for statistics before the next call.
pub(crate) fn idle(deadline: u64) -> bool {
    let [tx0, tx1, tx3] = COUNTED.map(Uart::bytes_out);
    let outputs = outputs();
    let news = TOLD
        .iter()
        .zip([outputs, tx0, tx1, tx3])
        .fold(false, |news, (told, value)| told.swap(value, Ordering::Relaxed) != value || news);
    if !news && host_time().pass(deadline) {
        return false;
    }
    let [room0, room1, room3] = COUNTED.map(Uart::room);
    let counts = format_args!("{tx0} {tx1} {tx3} {room0} {room1} {room3} {outputs:x}");
    if deadline == NEVER {
        say(format_args!("I - {counts}"));
    } else {
        say(format_args!("I {deadline} {counts}"));
    }
    take_turn().asked
}

/// Answers the host's question.
pub(crate) fn tell(numbers: &Numbers, stack_free: usize) {
    let Numbers { next, counters, waiting, .. } = numbers;
    let Counters { committed, fixes, acknowledged, .. } = counters;
    let (epoch, seq) = (next.epoch.0, next.seq.0);
    say(format_args!("S {epoch} {seq} {committed} {fixes} {acknowledged} {waiting} {stack_free}"));
}

/// Writes a line to the host.
pub(crate) fn say(line: fmt::Arguments<'_>) {
    // The UART takes everything.
    writeln!(Transmitter(&HOST), "{line}").ok();
}

fn take_turn() -> Turn {
    let mut turn = Turn::default();
    let mut buffer = [0; LINE_BYTES_MAX];
    loop {
        let line = read_line(&mut buffer);
        let mut words = line.split_ascii_whitespace();
        match words.next() {
            Some("T") => {
                let Some(now) = number(&mut words) else { continue };
                let until = number(&mut words).unwrap_or(0);
                wait_for([(); 3].map(|()| number(&mut words)));
                host_time().advance(now, until);
                return turn;
            }
            Some(word) => turn.take(word, &mut words),
            None => {}
        }
    }
}

impl Turn {
    /// A line that makes no sense is passed over.
    fn take(&mut self, word: &str, words: &mut SplitAsciiWhitespace<'_>) {
        match word {
            "R" => self.hello.time = number(words).map(UnixMillis),
            "C" => self.hello.cause = number(words).and_then(cause),
            "strap" => set(words, |open| STRAP.set(open)),
            "case" => set(words, |open| LIGHT_IN_CASE.set(open)),
            "pressure" => set(words, |open| PRESSURE_IN_CASE.set(open)),
            "panic" => set(words, |pressed| BUTTON.set(pressed)),
            "moving" => set(words, |moving| STILL.set(!moving)),
            "battery" => {
                if let (Some(millivolts), Some(percent)) = (number(words), number(words)) {
                    BATTERY.set(Battery { millivolts, percent });
                    set(words, |charging| CHARGER.set(charging));
                }
            }
            "temperature" => {
                if let Some(celsius) = number(words) {
                    TEMPERATURE.set(celsius);
                }
            }
            "cut" => {
                if let (Some(operations), Some(permille)) = (number(words), number(words)) {
                    flash::fail_in(operations, permille);
                }
            }
            "?" => self.asked = true,
            _ => {}
        }
    }
}

/// Reads a line, and meanwhile whatever the other UARTs bring.
fn read_line(buffer: &mut [u8; LINE_BYTES_MAX]) -> &str {
    let mut length = 0;
    loop {
        match HOST.poll() {
            Some(b'\n') => break,
            Some(byte) => {
                if let Some(slot) = buffer.get_mut(length) {
                    *slot = byte;
                    length += 1;
                }
            }
            None => {
                COUNTED.iter().for_each(|uart| uart.pump());
                cortex_m::asm::wfi();
            }
        }
    }
    core::str::from_utf8(&buffer[..length]).unwrap_or_default()
}

/// Waits for the bytes that the host says it has sent.
fn wait_for(received: [Option<u32>; 3]) {
    for (uart, wanted) in COUNTED.iter().zip(received) {
        while wanted.is_some_and(|wanted| uart.bytes_in() != wanted) {
            uart.pump();
        }
    }
}

fn number<T: FromStr>(words: &mut SplitAsciiWhitespace<'_>) -> Option<T> {
    words.next()?.parse().ok()
}

fn set(words: &mut SplitAsciiWhitespace<'_>, level: impl FnOnce(bool)) {
    if let Some(number) = number::<u8>(words) {
        level(number != 0);
    }
}

fn cause(number: u8) -> Option<ResetCause> {
    let causes = [
        ResetCause::Power,
        ResetCause::BrownOut,
        ResetCause::Watchdog,
        ResetCause::Software,
        ResetCause::Pin,
    ];
    causes.into_iter().find(|&cause| cause as u8 == number)
}
