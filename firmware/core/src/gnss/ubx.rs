//! UBX, u-blox's binary protocol: NAV-PVT, one message with everything of an epoch.

use super::{
    GnssEvent, GnssFix,
    calendar::{Moment, of_day_ms},
    nmea::decimetres,
};
use lenke_wire::Position;

const NAV_PVT: [u8; 2] = [0x01, 0x07];
const NAV_PVT_BYTES: usize = 92;
/// Bits of `valid`: date and time are known.
const DATE_AND_TIME: u8 = 0b11;
/// Bit of `flags`: the fix is within the receiver's own limits.
const FIX_OK: u8 = 1;
/// `fixType` 2-dimensional, 3-dimensional, and with dead reckoning on top.
const FIX_TYPES: core::ops::RangeInclusive<u8> = 2..=4;

/// The 8-bit Fletcher checksum over class, id, length and payload.
pub fn checksum(bytes: &[u8]) -> [u8; 2] {
    bytes.iter().fold([0, 0], |[a, b], &byte| {
        let a = byte.wrapping_add(a);
        [a, a.wrapping_add(b)]
    })
}

/// Reads class, id and payload; `Ok(None)` if the message is another. `Err` if its content makes no sense.
pub(super) fn read(class_and_id: [u8; 2], payload: &[u8]) -> Result<Option<GnssEvent>, ()> {
    if class_and_id != NAV_PVT || payload.len() < NAV_PVT_BYTES {
        return Ok(None);
    }
    let byte = |at: usize| payload[at];
    let signed =
        |at: usize| i32::from_le_bytes([payload[at], payload[at + 1], payload[at + 2], payload[at + 3]]);
    let unsigned = |at: usize| signed(at).cast_unsigned();
    if byte(11) & DATE_AND_TIME != DATE_AND_TIME || byte(21) & FIX_OK == 0 || !FIX_TYPES.contains(&byte(20)) {
        return Ok(Some(GnssEvent::NoFix));
    }
    let clock = of_day_ms(i64::from(byte(8)), i64::from(byte(9)), i64::from(byte(10)) * 1000).ok_or(())?;
    let moment = Moment {
        year: i64::from(u16::from_le_bytes([byte(4), byte(5)])),
        month: i64::from(byte(6)),
        day: i64::from(byte(7)),
        of_day_ms: clock,
    };
    // The seconds are rounded; nanoseconds of either sign correct them.
    let nanos_ms = i64::from(signed(16)).div_euclid(1_000_000);
    let at = moment.to_unix().ok_or(())?.plus_ms(nanos_ms);
    let position = Position::from_e7(signed(28), signed(24)).map_err(|_| ())?;
    let course_cdeg = (signed(64) / 1000).rem_euclid(36_000);
    Ok(Some(GnssEvent::Fix(GnssFix {
        at,
        position,
        accuracy_dm: decimetres(u64::from(unsigned(40)).div_ceil(100)),
        speed_cm_s: u16::try_from(signed(60).max(0) / 10).unwrap_or(u16::MAX),
        course_cdeg: u16::try_from(course_cdeg).map_err(|_| ())?,
        satellites: byte(23),
    })))
}
