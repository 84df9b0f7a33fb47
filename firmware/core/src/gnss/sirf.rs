//! SiRF binary: message 41, geodetic navigation data, one message with everything of an epoch.

use super::{
    GnssEvent, GnssFix,
    calendar::{Moment, of_day_ms},
    nmea::decimetres,
};
use lenke_wire::Position;

const GEODETIC: u8 = 41;
const GEODETIC_BYTES: usize = 91;
/// Low bits of the navigation type: the kind of solution, 0 for none.
const SOLUTION: u16 = 0b111;
/// HDOP is in steps of 0.2; a step at a range error of 4 m is 8 dm.
const HDOP_STEP_DM: u64 = 8;

/// The 15-bit sum over the payload.
pub(super) fn checksum(payload: &[u8]) -> u16 {
    payload.iter().fold(0_u16, |sum, &byte| sum.wrapping_add(u16::from(byte)) & 0x7fff)
}

/// Reads a payload; `Ok(None)` if the message is another. `Err` if its content makes no sense.
pub(super) fn read(payload: &[u8]) -> Result<Option<GnssEvent>, ()> {
    if payload.first() != Some(&GEODETIC) || payload.len() < GEODETIC_BYTES {
        return Ok(None);
    }
    let short = |at: usize| u16::from_be_bytes([payload[at], payload[at + 1]]);
    let long =
        |at: usize| u32::from_be_bytes([payload[at], payload[at + 1], payload[at + 2], payload[at + 3]]);
    let byte = |at: usize| i64::from(payload[at]);
    if short(1) != 0 || short(3) & SOLUTION == 0 {
        return Ok(Some(GnssEvent::NoFix));
    }
    let of_day_ms = of_day_ms(byte(15), byte(16), i64::from(short(17))).ok_or(())?;
    let moment = Moment { year: i64::from(short(11)), month: byte(13), day: byte(14), of_day_ms };
    let position = Position::from_e7(long(23).cast_signed(), long(27).cast_signed()).map_err(|_| ())?;
    let error_cm = u64::from(long(50));
    let hdop_steps = u64::from(payload[89]);
    let accuracy_dm = if error_cm > 0 { error_cm.div_ceil(10) } else { hdop_steps * HDOP_STEP_DM };
    Ok(Some(GnssEvent::Fix(GnssFix {
        at: moment.to_unix().ok_or(())?,
        position,
        accuracy_dm: decimetres(accuracy_dm),
        speed_cm_s: short(40),
        course_cdeg: short(42) % 36_000,
        satellites: payload[88],
    })))
}
