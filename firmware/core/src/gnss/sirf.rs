//! SiRF binary: message 41, geodetic navigation data, one message with everything of an epoch.
//!
//! The first generation's firmware leaves message 41's calendar, status and satellites blank. Then the time is the GPS week, of
//! which it sends 10 bits, and the rest is in message 2, measured navigation data, which comes before it.

use super::{
    GnssEvent, GnssFix,
    calendar::{Moment, of_day_ms},
    nmea::decimetres,
};
use lenke_wire::{Position, UnixMillis};

const MEASURED: u8 = 2;
const MEASURED_BYTES: usize = 29;
const GEODETIC: u8 = 41;
const GEODETIC_BYTES: usize = 91;
/// Low bits of the navigation type: the kind of solution, 0 for none.
const SOLUTION: u16 = 0b111;
/// Solutions of three satellites and more, by measurement; 7 is dead reckoning.
const SOLUTIONS: core::ops::RangeInclusive<u8> = 3..=6;
/// HDOP is in steps of 0.2; a step at a range error of 4 m is 8 dm.
const HDOP_STEP_DM: u64 = 8;

/// 1980-01-06, when GPS weeks start.
const GPS_START_MS: i64 = 315_964_800_000;
const WEEK_MS: i64 = 7 * 86_400_000;
const WEEKS: i64 = 1024;
/// Week of 2004-01-04: the receivers that send 10 bits of the week lived in the 1024 weeks after it.
const WEEK_MIN: i64 = 1252;
/// Leap seconds in `WEEK_MIN`, and the moments, in Unix seconds, from which there is one more.
const LEAP_SECONDS: i64 = 13;
const LEAPS: [i64; 5] = [1_136_073_600, 1_230_768_000, 1_341_100_800, 1_435_708_800, 1_483_228_800];

/// The 15-bit sum over the payload.
pub(super) fn checksum(payload: &[u8]) -> u16 {
    payload.iter().fold(0_u16, |sum, &byte| sum.wrapping_add(u16::from(byte)) & 0x7fff)
}

/// A payload whose length was checked.
struct Payload<'a>(&'a [u8]);

impl Payload<'_> {
    fn byte(&self, at: usize) -> u8 {
        self.0[at]
    }

    fn short(&self, at: usize) -> u16 {
        u16::from_be_bytes([self.0[at], self.0[at + 1]])
    }

    fn long(&self, at: usize) -> u32 {
        u32::from_be_bytes([self.0[at], self.0[at + 1], self.0[at + 2], self.0[at + 3]])
    }
}

/// What message 2 said last.
#[derive(Clone, Copy)]
struct Measured {
    has_fix: bool,
    hdop_steps: u8,
    satellites: u8,
}

/// The messages of the present epoch.
#[derive(Default)]
pub(super) struct Epoch {
    measured: Option<Measured>,
}

impl Epoch {
    /// Reads a payload; `Ok(None)` if it tells no epoch. `Err` if its content makes no sense.
    pub(super) fn handle_message(&mut self, payload: &[u8]) -> Result<Option<GnssEvent>, ()> {
        match payload.first() {
            Some(&MEASURED) if payload.len() >= MEASURED_BYTES => {
                let message = Payload(payload);
                self.measured = Some(Measured {
                    has_fix: SOLUTIONS.contains(&(message.byte(19) & 7)),
                    hdop_steps: message.byte(20),
                    satellites: message.byte(28),
                });
                Ok(None)
            }
            Some(&GEODETIC) if payload.len() >= GEODETIC_BYTES => self.geodetic(&Payload(payload)).map(Some),
            _ => Ok(None),
        }
    }

    fn geodetic(&mut self, message: &Payload<'_>) -> Result<GnssEvent, ()> {
        let measured = self.measured.take();
        let own = Measured {
            has_fix: message.short(3) & SOLUTION != 0,
            hdop_steps: message.byte(89),
            satellites: message.byte(88),
        };
        let blank = message.short(11) == 0;
        let (state, at) = if blank {
            let Some(measured) = measured else { return Ok(GnssEvent::NoFix) };
            (measured, week_time(message.short(5), message.long(7)))
        } else {
            (own, calendar_time(message))
        };
        if message.short(1) != 0 || !state.has_fix {
            return Ok(GnssEvent::NoFix);
        }
        let [lat, lon] = [message.long(23), message.long(27)].map(u32::cast_signed);
        let error_cm = u64::from(message.long(50));
        let accuracy_dm =
            if error_cm > 0 { error_cm.div_ceil(10) } else { u64::from(state.hdop_steps) * HDOP_STEP_DM };
        Ok(GnssEvent::Fix(GnssFix {
            at: at.ok_or(())?,
            position: Position::from_e7(lat, lon).map_err(|_| ())?,
            accuracy_dm: decimetres(accuracy_dm),
            speed_cm_s: message.short(40),
            course_cdeg: message.short(42) % 36_000,
            satellites: state.satellites,
        }))
    }
}

fn calendar_time(message: &Payload<'_>) -> Option<UnixMillis> {
    let [month, day, hour, minute] = [13, 14, 15, 16].map(|at| i64::from(message.byte(at)));
    let of_day_ms = of_day_ms(hour, minute, i64::from(message.short(17)))?;
    Moment { year: i64::from(message.short(11)), month, day, of_day_ms }.to_unix()
}

/// UTC of a GPS week, known by its low 10 bits, and the milliseconds in it.
fn week_time(week: u16, of_week_ms: u32) -> Option<UnixMillis> {
    let of_week_ms = i64::from(of_week_ms);
    if of_week_ms >= WEEK_MS {
        return None;
    }
    let week = WEEK_MIN + (i64::from(week) - WEEK_MIN).rem_euclid(WEEKS);
    let gps_ms = GPS_START_MS + week * WEEK_MS + of_week_ms;
    let later = LEAPS.iter().filter(|&&leap| gps_ms >= (leap + LEAP_SECONDS) * 1000).count();
    Some(UnixMillis(gps_ms - (LEAP_SECONDS + later as i64) * 1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_bits_of_the_week_mean_the_receivers_lifetime() {
        for (week, of_week_s, unix_s) in [
            (302, 398_103, 1_118_327_690),
            (1252 % 1024, 0, 1_073_174_400 - 13),
            (1251 % 1024, 0, 1_073_174_400 - 7 * 86_400 + 1024 * 7 * 86_400 - 18),
        ] {
            assert_eq!(week_time(week, of_week_s * 1000), Some(UnixMillis(unix_s * 1000)), "{week}");
        }
        assert_eq!(week_time(302, 604_800_000), None);
    }
}
