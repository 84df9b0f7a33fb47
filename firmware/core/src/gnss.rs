//! Receivers' bytes to fixes, for whatever a receiver mixes on one line: NMEA 0183, UBX and SiRF binary.
//!
//! [`Receiver::push`] takes one byte and now and then has an epoch to tell. Everything is integer arithmetic, every checksum is
//! verified, and what is refused is counted. Text between messages (comments, boot banners) is passed over.

pub mod calendar;
mod nmea;
mod signal;
mod sirf;
mod ubx;

pub use signal::{Signal, SpoofingState};

use lenke_wire::{Position, UnixMillis};
use signal::Sky;

pub use ubx::checksum as ubx_checksum;

/// One position, as the receiver gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GnssFix {
    /// When.
    pub at: UnixMillis,
    /// Where.
    pub position: Position,
    /// 68 % horizontal radius, decimetres.
    pub accuracy_dm: u16,
    /// Speed over ground, cm/s.
    pub speed_cm_s: u16,
    /// Course over ground, 1/100 degree clockwise from north, below a full turn.
    pub course_cdeg: u16,
    /// Satellites used.
    pub satellites: u8,
}

/// One epoch of the receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GnssEvent {
    /// It has a position.
    Fix(GnssFix),
    /// It says that it has none.
    NoFix,
    /// It says how it sees the signals.
    Signal(Signal),
}

/// What the receiver sent, in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Tally {
    /// NMEA sentences with a good checksum.
    pub nmea: u32,
    /// NMEA sentences without a good checksum, too long, or cut.
    pub nmea_rejected: u32,
    /// UBX messages with a good checksum.
    pub ubx: u32,
    /// UBX messages with a bad one.
    pub ubx_rejected: u32,
    /// SiRF messages with a good checksum.
    pub sirf: u32,
    /// SiRF messages with a bad one or without their end.
    pub sirf_rejected: u32,
    /// Messages whose checksum is good, but whose content makes no sense: a latitude of 95 degrees, a 31st of June.
    pub implausible: u32,
    /// Fixes.
    pub fixes: u32,
    /// Epochs without a position.
    pub no_fixes: u32,
    /// Words about signals.
    pub signals: u32,
}

/// Bytes of the longest message taken: UBX NAV-SAT of 80 satellites and the like fit.
const MESSAGE_BYTES_MAX: usize = 1024;
/// Bytes of a sentence from `$` to the checksum, beyond the standard's 82 for the receivers that exceed it.
const SENTENCE_BYTES_MAX: usize = 128;

const UBX_SYNC: [u8; 2] = [0xb5, 0x62];
const SIRF_SYNC: [u8; 2] = [0xa0, 0xa2];
const SIRF_END: [u8; 2] = [0xb0, 0xb3];
/// Highest UBX message class; a sync pair before anything else is chance.
const UBX_CLASS_MAX: u8 = 0x29;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Between messages.
    Idle,
    /// After `#` at the start of a line, up to its end.
    Comment,
    Nmea,
    /// After the first byte of a sync pair.
    Sync(u8),
    Ubx,
    Sirf,
}

/// Takes a receiver's bytes one by one.
pub struct Receiver {
    mode: Mode,
    line_start: bool,
    buffer: [u8; MESSAGE_BYTES_MAX],
    length: usize,
    epoch: nmea::Epoch,
    sirf: sirf::Epoch,
    ubx: ubx::Monitor,
    tally: Tally,
}

impl Default for Receiver {
    fn default() -> Self {
        Self::new()
    }
}

impl Receiver {
    /// Nothing received yet.
    pub fn new() -> Self {
        Self {
            mode: Mode::Idle,
            line_start: true,
            buffer: [0; MESSAGE_BYTES_MAX],
            length: 0,
            epoch: nmea::Epoch::default(),
            sirf: sirf::Epoch::default(),
            ubx: ubx::Monitor::default(),
            tally: Tally::default(),
        }
    }

    /// What came so far.
    pub const fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Takes one byte; tells an epoch when it is complete.
    pub fn push(&mut self, byte: u8) -> Option<GnssEvent> {
        let event = match self.mode {
            Mode::Idle => {
                self.begin(byte);
                None
            }
            Mode::Comment => {
                if byte == b'\n' {
                    self.mode = Mode::Idle;
                }
                None
            }
            Mode::Nmea => self.push_nmea(byte),
            Mode::Sync(first) => {
                match [first, byte] {
                    UBX_SYNC => self.enter(Mode::Ubx),
                    SIRF_SYNC => self.enter(Mode::Sirf),
                    _ => self.begin(byte),
                }
                None
            }
            Mode::Ubx => self.push_ubx(byte),
            Mode::Sirf => self.push_sirf(byte),
        };
        self.line_start = byte == b'\n';
        self.count(event)
    }

    /// The bytes have ended, or pause: tells what waits for its rest. To be called until it tells nothing more.
    pub fn finish(&mut self) -> Option<GnssEvent> {
        let last = match self.mode {
            Mode::Nmea => self.push_nmea(b'\n'),
            Mode::Ubx => {
                self.tally.ubx_rejected += 1;
                None
            }
            Mode::Sirf => {
                self.tally.sirf_rejected += 1;
                None
            }
            Mode::Idle | Mode::Comment | Mode::Sync(_) => None,
        };
        self.enter(Mode::Idle);
        let event = last.or_else(|| self.epoch.close());
        self.count(event)
    }

    const fn count(&mut self, event: Option<GnssEvent>) -> Option<GnssEvent> {
        match event {
            Some(GnssEvent::Fix(_)) => self.tally.fixes += 1,
            Some(GnssEvent::NoFix) => self.tally.no_fixes += 1,
            Some(GnssEvent::Signal(_)) => self.tally.signals += 1,
            None => {}
        }
        event
    }

    const fn enter(&mut self, mode: Mode) {
        self.mode = mode;
        self.length = 0;
    }

    /// The first byte of something, or noise.
    const fn begin(&mut self, byte: u8) {
        self.enter(match byte {
            b'$' => Mode::Nmea,
            b'#' if self.line_start => Mode::Comment,
            _ if byte == UBX_SYNC[0] || byte == SIRF_SYNC[0] => Mode::Sync(byte),
            _ => Mode::Idle,
        });
    }

    const fn store(&mut self, byte: u8) {
        self.buffer[self.length] = byte;
        self.length += 1;
    }

    fn push_nmea(&mut self, byte: u8) -> Option<GnssEvent> {
        match byte {
            b'\r' | b'\n' => {
                let length = self.length;
                self.enter(Mode::Idle);
                let Some(text) = verified(&self.buffer[..length]) else {
                    self.tally.nmea_rejected += 1;
                    return None;
                };
                self.tally.nmea += 1;
                match self.epoch.handle_sentence(text) {
                    nmea::Told::Event(event) => Some(event),
                    nmea::Told::Nothing => None,
                    nmea::Told::Implausible => {
                        self.tally.implausible += 1;
                        None
                    }
                }
            }
            b' '..=b'~' if byte != b'$' && self.length < SENTENCE_BYTES_MAX => {
                self.store(byte);
                None
            }
            _ => {
                // Cut by another message, or too long.
                self.tally.nmea_rejected += 1;
                self.begin(byte);
                None
            }
        }
    }

    fn push_ubx(&mut self, byte: u8) -> Option<GnssEvent> {
        self.store(byte);
        let &[class, id, low, high, ref rest @ ..] = &self.buffer[..self.length] else {
            if self.length == 1 && byte > UBX_CLASS_MAX {
                self.begin(byte);
            }
            return None;
        };
        let length = usize::from(u16::from_le_bytes([low, high]));
        if length > MESSAGE_BYTES_MAX - 6 {
            self.tally.ubx_rejected += 1;
            self.enter(Mode::Idle);
            return None;
        }
        let (payload, sum) = rest.split_at_checked(length)?;
        let sum: [u8; 2] = sum.try_into().ok()?;
        let read =
            (ubx::checksum(&self.buffer[..4 + length]) == sum).then(|| self.ubx.read([class, id], payload));
        let [good, bad] = [&mut self.tally.ubx, &mut self.tally.ubx_rejected];
        let event = tallied(read, good, bad, &mut self.tally.implausible);
        self.enter(Mode::Idle);
        event
    }

    fn push_sirf(&mut self, byte: u8) -> Option<GnssEvent> {
        self.store(byte);
        let &[high, low, ref rest @ ..] = &self.buffer[..self.length] else { return None };
        let length = usize::from(u16::from_be_bytes([high, low]));
        if length > MESSAGE_BYTES_MAX - 6 {
            self.tally.sirf_rejected += 1;
            self.enter(Mode::Idle);
            return None;
        }
        let (payload, end) = rest.split_at_checked(length)?;
        let &[sum_high, sum_low, e0, e1] = end else { return None };
        let sum = u16::from_be_bytes([sum_high, sum_low]);
        let read = (sirf::checksum(payload) == sum && [e0, e1] == SIRF_END)
            .then(|| self.sirf.handle_message(payload));
        let [good, bad] = [&mut self.tally.sirf, &mut self.tally.sirf_rejected];
        let event = tallied(read, good, bad, &mut self.tally.implausible);
        self.enter(Mode::Idle);
        event
    }
}

/// Counts a binary message (`None`: its checksum is wrong) and unwraps what it tells.
fn tallied(
    read: Option<Result<Option<GnssEvent>, ()>>,
    good: &mut u32,
    bad: &mut u32,
    implausible: &mut u32,
) -> Option<GnssEvent> {
    match read {
        None => {
            *bad += 1;
            None
        }
        Some(Ok(event)) => {
            *good += 1;
            event
        }
        Some(Err(())) => {
            *good += 1;
            *implausible += 1;
            None
        }
    }
}

/// The text before `*`, if the two digits after it are its exclusive-or.
fn verified(sentence: &[u8]) -> Option<&[u8]> {
    let (text, &[b'*', high, low]) = sentence.split_last_chunk::<3>()? else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let wanted = digit(high)? * 16 + digit(low)?;
    let sum = text.iter().fold(0, |sum, byte| sum ^ byte);
    (u32::from(sum) == wanted).then_some(text)
}

#[cfg(test)]
mod tests;
