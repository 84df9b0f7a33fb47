//! Receivers' bytes to fixes, for whatever a receiver mixes on one line: NMEA 0183, UBX and SiRF binary.
//!
//! [`Receiver::push`] takes one byte and now and then has an epoch to tell. Everything is integer arithmetic, every checksum is
//! verified, and what is refused is counted. Text between messages (comments, boot banners) is passed over.


use lenke_wire::{Position, UnixMillis};

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
}
