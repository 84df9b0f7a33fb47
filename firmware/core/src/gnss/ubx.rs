//! UBX, u-blox's binary protocol: NAV-PVT, one message with everything of an epoch; NAV-SAT, NAV-STATUS and MON-RF for
//! how the signals are.
//!
//! | message | what is read, by offset in the payload |
//! |---|---|
//! | NAV-STATUS | 7: bits 3 and 4, the spoofing detector's state |
//! | NAV-SAT | 5: number of satellites; 8 + 12 n + 2: C/N0 |
//! | MON-RF | 1: number of blocks; 4 + 24 n + 1: bits 0 and 1, jamming state; 4 + 24 n + 16: continuous-wave indicator, 0 to 255 |

use super::{
    GnssEvent, GnssFix, Sky, SpoofingState,
    calendar::{Moment, of_day_ms},
    nmea::decimetres,
};
use lenke_wire::Position;

const NAV_PVT: [u8; 2] = [0x01, 0x07];
const NAV_STATUS: [u8; 2] = [0x01, 0x03];
const NAV_SAT: [u8; 2] = [0x01, 0x35];
const MON_RF: [u8; 2] = [0x0a, 0x38];
/// Percent that MON-RF's states "warning" and "critical" stand for at least.
const JAMMING_WARNING_PERCENT: u8 = 60;
const JAMMING_CRITICAL_PERCENT: u8 = 90;
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

/// What the receiver said about its signals so far.
#[derive(Default)]
pub(super) struct Monitor {
    sky: Sky,
    jamming_percent: Option<u8>,
    spoofing: SpoofingState,
}

impl Monitor {
    /// Reads class, id and payload; `Ok(None)` if the message is another. `Err` if its content makes no sense.
    pub(super) fn read(&mut self, class_and_id: [u8; 2], payload: &[u8]) -> Result<Option<GnssEvent>, ()> {
        match class_and_id {
            NAV_PVT if payload.len() >= NAV_PVT_BYTES => return read_pvt(payload),
            NAV_STATUS => {
                self.spoofing = match payload.get(7).ok_or(())? >> 3 & 3 {
                    0 => SpoofingState::Unknown,
                    1 => SpoofingState::None,
                    2 => SpoofingState::Indicated,
                    _ => SpoofingState::Multiple,
                };
                return Ok(None);
            }
            NAV_SAT => self.sky = read_satellites(payload).ok_or(())?,
            MON_RF => self.jamming_percent = Some(read_jamming(payload).ok_or(())?),
            _ => return Ok(None),
        }
        Ok(Some(GnssEvent::Signal(self.sky.signal(self.jamming_percent, self.spoofing))))
    }
}

fn read_satellites(payload: &[u8]) -> Option<Sky> {
    let (head, satellites) = payload.split_at_checked(8)?;
    let mut sky = Sky::default();
    for satellite in satellites.chunks_exact(12).take(usize::from(head[5])) {
        sky.add(satellite[2]);
    }
    Some(sky)
}

/// The worst of the receiver's bands, percent.
fn read_jamming(payload: &[u8]) -> Option<u8> {
    let (head, blocks) = payload.split_at_checked(4)?;
    let percent = |block: &[u8]| {
        let measured = (u16::from(block[16]) * 100 / 255) as u8;
        measured.max(match block[1] & 3 {
            2 => JAMMING_WARNING_PERCENT,
            3 => JAMMING_CRITICAL_PERCENT,
            _ => 0,
        })
    };
    blocks.chunks_exact(24).take(usize::from(head[1])).map(percent).max()
}

/// Reads NAV-PVT's payload.
fn read_pvt(payload: &[u8]) -> Result<Option<GnssEvent>, ()> {
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
