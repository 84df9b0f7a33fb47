//! NMEA 0183: RMC, GGA and GST of one epoch merged into one fix.
//!
//! A fix needs RMC (date, status) and is told as soon as GGA of the same time is there too, or, from receivers that send no
//! GGA, when the next epoch begins. GST gives the accuracy, where a receiver sends it; since most send it last, that of
//! the epoch before is taken. GSV gives the strength of satellites: its sentences of all constellations are gathered until
//! the first constellation begins again. Otherwise accuracy is HDOP times a typical range error.

use super::{
    GnssEvent, GnssFix, Sky, SpoofingState,
    calendar::{Moment, of_day_ms},
};
use lenke_wire::Position;

/// Fields of the sentences read here, and some.
const FIELDS_MAX: usize = 20;
/// Range error of a single-frequency receiver under open sky, decimetres: what HDOP scales.
const RANGE_ERROR_DM: u32 = 40;
/// Accuracy where a receiver tells nothing, decimetres.
const UNKNOWN_ACCURACY_DM: u16 = 150;
/// A GST speaks for fixes up to this much later.
const GST_AGE_MS_MAX: i64 = 5_000;

/// What a sentence brought about.
pub(super) enum Told {
    Nothing,
    Event(GnssEvent),
    Implausible,
}

#[derive(Clone, Copy)]
struct Rmc {
    /// `None`: the receiver says it has no fix.
    fix: Option<GnssFix>,
}

#[derive(Clone, Copy)]
struct Gga {
    has_fix: bool,
    satellites: u8,
    /// 1/100.
    hdop: Option<u32>,
}

#[derive(Clone, Copy)]
struct Gst {
    of_day_ms: i64,
    accuracy_dm: u16,
}

/// The sentences of the present epoch.
#[derive(Default)]
pub(super) struct Epoch {
    of_day_ms: Option<i64>,
    rmc: Option<Rmc>,
    gga: Option<Gga>,
    gst: Option<Gst>,
    told: bool,
    sky: Sky,
    /// The constellation whose GSV came first.
    sky_begins: Option<[u8; 2]>,
}

/// A sentence that means nothing possible.
struct Implausible;

impl Epoch {
    /// Takes the text between `$` and `*`, its checksum verified.
    pub(super) fn handle_sentence(&mut self, text: &[u8]) -> Told {
        let mut fields: [&[u8]; FIELDS_MAX] = [&[]; FIELDS_MAX];
        for (slot, field) in fields.iter_mut().zip(text.split(|&byte| byte == b',')) {
            *slot = field;
        }
        let result = match fields[0] {
            [_, _, b'R', b'M', b'C'] => self.handle_rmc(&fields),
            [_, _, b'G', b'G', b'A'] => self.handle_gga(&fields),
            [_, _, b'G', b'S', b'T'] => self.handle_gst(&fields),
            &[t0, t1, b'G', b'S', b'V'] => self.handle_gsv([t0, t1], &fields),
            _ => return Told::Nothing,
        };
        match result {
            Ok(Some(event)) => Told::Event(event),
            Ok(None) => Told::Nothing,
            Err(Implausible) => Told::Implausible,
        }
    }

    /// No more will come of this epoch.
    pub(super) fn close(&mut self) -> Option<GnssEvent> {
        let rmc = self.rmc.take();
        let event = if self.told { None } else { rmc.map(|rmc| self.event(rmc)) };
        self.gga = None;
        self.told = false;
        event
    }

    /// A sentence of another time ends the epoch before.
    fn enter(&mut self, at: i64) -> Option<GnssEvent> {
        if self.of_day_ms == Some(at) {
            return None;
        }
        let event = self.close();
        self.of_day_ms = Some(at);
        event
    }

    fn handle_rmc(&mut self, fields: &[&[u8]; FIELDS_MAX]) -> Result<Option<GnssEvent>, Implausible> {
        let valid = fields[2] == b"A";
        if !valid && fields[1].is_empty() {
            // Without a time there is no epoch to merge.
            return Ok(Some(GnssEvent::NoFix));
        }
        let at = time(fields[1])?;
        let before = self.enter(at);
        let fix = if valid { Some(rmc_fix(fields, at)?) } else { None };
        self.rmc = Some(Rmc { fix });
        Ok(before.or_else(|| self.complete()))
    }

    fn handle_gga(&mut self, fields: &[&[u8]; FIELDS_MAX]) -> Result<Option<GnssEvent>, Implausible> {
        if fields[1].is_empty() {
            return Ok(None);
        }
        let before = self.enter(time(fields[1])?);
        // 1 single, 2 differential, 3 precise, 4 and 5 real-time kinematic; 6 to 8 are not measured.
        let has_fix = matches!(fields[6], b"1" | b"2" | b"3" | b"4" | b"5");
        let satellites = decimal(fields[7], 0).and_then(|count| u8::try_from(count).ok()).unwrap_or(0);
        let hdop = decimal(fields[8], 2).and_then(|hdop| u32::try_from(hdop).ok());
        self.gga = Some(Gga { has_fix, satellites, hdop });
        Ok(before.or_else(|| self.complete()))
    }

    fn handle_gst(&mut self, fields: &[&[u8]; FIELDS_MAX]) -> Result<Option<GnssEvent>, Implausible> {
        let (Some(north_cm), Some(east_cm)) = (decimal(fields[6], 2), decimal(fields[7], 2)) else {
            return Ok(None);
        };
        let of_day_ms = time(fields[1])?;
        let before = self.enter(of_day_ms);
        let (north_cm, east_cm) = (north_cm.unsigned_abs(), east_cm.unsigned_abs());
        let radius_cm =
            north_cm.saturating_mul(north_cm).saturating_add(east_cm.saturating_mul(east_cm)).isqrt();
        self.gst = Some(Gst { of_day_ms, accuracy_dm: decimetres(radius_cm.div_ceil(10)) });
        Ok(before)
    }

    fn handle_gsv(
        &mut self,
        talker: [u8; 2],
        fields: &[&[u8]; FIELDS_MAX],
    ) -> Result<Option<GnssEvent>, Implausible> {
        let is_first = fields[2] == b"1";
        let mut told = None;
        if is_first && self.sky_begins.is_none_or(|first| first == talker) {
            let before = core::mem::take(&mut self.sky);
            let signal = GnssEvent::Signal(before.signal(None, SpoofingState::Unknown));
            told = self.sky_begins.replace(talker).map(|_| signal);
        }
        // Four satellites of number, elevation, azimuth, C/N0; the last is empty where nothing is received.
        for strength in fields[4..].chunks_exact(4).map(|satellite| satellite[3]).filter(|f| !f.is_empty()) {
            let dbhz = digits_of(strength).and_then(|dbhz| u8::try_from(dbhz).ok()).ok_or(Implausible)?;
            self.sky.add(dbhz);
        }
        Ok(told)
    }

    /// The epoch's event, once both sentences are there.
    fn complete(&mut self) -> Option<GnssEvent> {
        let rmc = self.rmc.filter(|_| self.gga.is_some() && !self.told)?;
        self.told = true;
        Some(self.event(rmc))
    }

    fn event(&self, rmc: Rmc) -> GnssEvent {
        let no_fix = self.gga.is_some_and(|gga| !gga.has_fix);
        let (Some(mut fix), false) = (rmc.fix, no_fix) else { return GnssEvent::NoFix };
        if let Some(gga) = self.gga {
            fix.satellites = gga.satellites;
            if let Some(hdop) = gga.hdop {
                fix.accuracy_dm = decimetres(u64::from(hdop) * u64::from(RANGE_ERROR_DM) / 100);
            }
        }
        let fresh = |gst: &Gst| {
            let age_ms = self.of_day_ms.unwrap_or(i64::MIN).saturating_sub(gst.of_day_ms);
            (0..=GST_AGE_MS_MAX).contains(&age_ms)
        };
        if let Some(gst) = self.gst.filter(fresh) {
            fix.accuracy_dm = gst.accuracy_dm;
        }
        GnssEvent::Fix(fix)
    }
}

fn rmc_fix(fields: &[&[u8]; FIELDS_MAX], of_day_ms: i64) -> Result<GnssFix, Implausible> {
    let at = date(fields[9], of_day_ms).ok_or(Implausible)?;
    let lat = degrees_e7(fields[3], 2, fields[4], b"N", b"S").ok_or(Implausible)?;
    let lon = degrees_e7(fields[5], 3, fields[6], b"E", b"W").ok_or(Implausible)?;
    let position = Position::from_e7(lat, lon).map_err(|_| Implausible)?;
    // 1 knot is 51.4444 cm/s. An empty field is a receiver's way to say that it stands still.
    let speed = decimal(fields[7], 3).unwrap_or(0).unsigned_abs();
    let speed_cm_s = (speed.saturating_mul(514_444) + 5_000_000) / 10_000_000;
    let course_cdeg = decimal(fields[8], 2).unwrap_or(0).rem_euclid(36_000);
    Ok(GnssFix {
        at,
        position,
        accuracy_dm: UNKNOWN_ACCURACY_DM,
        speed_cm_s: u16::try_from(speed_cm_s).unwrap_or(u16::MAX),
        course_cdeg: u16::try_from(course_cdeg).map_err(|_| Implausible)?,
        satellites: 0,
    })
}

/// Rounded away from 0, since an accuracy of 0 claims what nobody has.
pub(super) fn decimetres(radius_dm: u64) -> u16 {
    u16::try_from(radius_dm.max(1)).unwrap_or(u16::MAX)
}

/// `hhmmss[.sss]` as milliseconds since midnight.
fn time(field: &[u8]) -> Result<i64, Implausible> {
    let parse = || {
        let (hour, rest) = field.split_at_checked(2)?;
        let (minute, second) = rest.split_at_checked(2)?;
        let digits = second.first_chunk::<2>()?.iter().all(u8::is_ascii_digit);
        of_day_ms(digits_of(hour)?, digits_of(minute)?, decimal(second, 3).filter(|_| digits)?)
    };
    parse().ok_or(Implausible)
}

/// `ddmmyy`; two-digit years from 80 on are of the last century.
fn date(field: &[u8], of_day_ms: i64) -> Option<lenke_wire::UnixMillis> {
    let &[d0, d1, m0, m1, y0, y1] = field else { return None };
    let short = digits_of(&[y0, y1])?;
    let year = if short >= 80 { 1900 + short } else { 2000 + short };
    Moment { year, month: digits_of(&[m0, m1])?, day: digits_of(&[d0, d1])?, of_day_ms }.to_unix()
}

/// `d..dmm.mmmm` and a hemisphere as 1e-7 degrees, rounded.
fn degrees_e7(field: &[u8], digits: usize, hemisphere: &[u8], plus: &[u8], minus: &[u8]) -> Option<i32> {
    let (degrees, minutes) = field.split_at_checked(digits)?;
    let minutes_e7 = decimal(minutes, 7).filter(|value| (0..600_000_000).contains(value))?;
    let value = digits_of(degrees)? * 10_000_000 + (minutes_e7 + 30) / 60;
    let signed = match hemisphere {
        side if side == plus => value,
        side if side == minus => -value,
        _ => return None,
    };
    i32::try_from(signed).ok()
}

fn digits_of(field: &[u8]) -> Option<i64> {
    if field.is_empty() || field.len() > 9 {
        return None;
    }
    field.iter().try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + i64::from(byte - b'0')))
}

/// A decimal number in units of 10^-`places`, rounded half away from 0.
fn decimal(field: &[u8], places: usize) -> Option<i64> {
    let (negative, number) = match field {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, field),
    };
    let mut parts = number.splitn(2, |&byte| byte == b'.');
    let (whole, fraction) = (parts.next()?, parts.next().unwrap_or_default());
    let mut value = if whole.is_empty() && !fraction.is_empty() { 0 } else { digits_of(whole)? };
    if !fraction.iter().all(u8::is_ascii_digit) {
        return None;
    }
    for place in 0..places {
        value = value * 10 + i64::from(fraction.get(place).map_or(0, |byte| byte - b'0'));
    }
    value += i64::from(fraction.get(places).is_some_and(|&byte| byte >= b'5'));
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_round_and_refuse_letters() {
        for (text, places, value) in [
            ("12.345", 2, Some(1_235)),
            ("-0.1", 1, Some(-1)),
            (".5", 0, Some(1)),
            ("7", 3, Some(7_000)),
            ("", 2, None),
            ("1e5", 2, None),
            ("1.2.3", 2, None),
            ("9999999999", 0, None),
        ] {
            assert_eq!(decimal(text.as_bytes(), places), value, "{text}");
        }
    }

    #[test]
    fn angles_are_exact_to_the_unit() {
        let lat = |text: &str, side: &str| degrees_e7(text.as_bytes(), 2, side.as_bytes(), b"N", b"S");
        assert_eq!(lat("4807.0381", "N"), Some(481_173_017));
        assert_eq!(lat("4807.0381", "S"), Some(-481_173_017));
        assert_eq!(lat("0000.00001", "N"), Some(2));
        assert_eq!(lat("4860.0000", "N"), None);
        assert_eq!(lat("4807.0381", "E"), None);
        assert_eq!(lat("4", "N"), None);
    }
}
