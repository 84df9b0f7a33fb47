//! A GNSS receiver of the u-blox M10 kind: an epoch each second while it is on, in NMEA until it is told otherwise.
//!
//! It needs some seconds for its first position. About one in four boots has a receiver that does not take the
//! configuration and goes on with NMEA.

use crate::{chance::Chance, walk::moment};
use lenke_firmware_core::gnss::ubx_checksum;
use lenke_wire::UnixMillis;

const EPOCH_US: u64 = 1_000_000;
/// Seconds to the first position: after a power cut, and after a short sleep.
const COLD_S: u32 = 8;
const HOT_S: u32 = 2;
/// Positions that are closer in time count as one: the tag takes no more of them.
const APART_MS: i64 = 4_500;
/// UBX-CFG-VALSET, which the tag sends to get NAV-PVT in the place of NMEA.
const VALSET: [u8; 4] = [0xb5, 0x62, 0x06, 0x8a];
const ACKNOWLEDGED: [u8; 6] = [0x05, 0x01, 2, 0, 0x06, 0x8a];

/// The receiver.
pub(crate) struct Receiver {
    on: bool,
    warm: bool,
    /// Epochs since it is on.
    epochs: u32,
    next_at: u64,
    takes_configuration: bool,
    binary: bool,
    heard: Vec<u8>,
    /// It sees the sky.
    pub(crate) sky: bool,
    /// Positions that it has told, some seconds apart.
    pub(crate) told: usize,
    told_at: UnixMillis,
}

impl Receiver {
    /// Off, as after a power cut.
    pub(crate) fn new(chance: &mut Chance) -> Self {
        Self {
            on: false,
            warm: false,
            epochs: 0,
            next_at: u64::MAX,
            takes_configuration: !chance.permille(250),
            binary: false,
            heard: Vec::new(),
            sky: true,
            told: 0,
            told_at: UnixMillis(0),
        }
    }

    /// When it says something of its own.
    pub(crate) const fn next_at(&self) -> u64 {
        self.next_at
    }

    /// Its power pin.
    pub(crate) fn switch(&mut self, on: bool, now: u64) {
        if on != self.on {
            self.on = on;
            self.epochs = 0;
            self.binary = false;
            self.heard.clear();
            self.next_at = if on { now + EPOCH_US } else { u64::MAX };
        }
    }

    /// What the tag says; returns the answer.
    pub(crate) fn hear(&mut self, bytes: &[u8]) -> Vec<u8> {
        if !self.on || !self.takes_configuration {
            return Vec::new();
        }
        self.heard.extend(bytes);
        let Some(at) = self.heard.windows(4).position(|window| window == VALSET) else { return Vec::new() };
        let length = self.heard.get(at + 4..at + 6).map(|length| usize::from(length[0]));
        if length.is_none_or(|length| self.heard.len() < at + 8 + length) {
            return Vec::new();
        }
        self.heard.clear();
        self.binary = true;
        ubx(&ACKNOWLEDGED)
    }

    /// The epoch at `now`, when the world's time is `at`.
    pub(crate) fn epoch(&mut self, now: u64, at: UnixMillis) -> Vec<u8> {
        self.next_at = now + EPOCH_US;
        self.epochs += 1;
        let at = UnixMillis(at.0 / 1_000 * 1_000);
        let fixed = self.sky && self.epochs > if self.warm { HOT_S } else { COLD_S };
        if fixed {
            self.warm = true;
            if at.since_ms(self.told_at) >= APART_MS {
                self.told += 1;
                self.told_at = at;
            }
        }
        if self.binary { ubx(&nav_pvt(at, fixed)) } else { nmea(at, fixed).into_bytes() }
    }
}

/// Sync, message, checksum.
fn ubx(message: &[u8]) -> Vec<u8> {
    [&[0xb5, 0x62], message, &ubx_checksum(message)].concat()
}

fn nav_pvt(at: UnixMillis, fixed: bool) -> Vec<u8> {
    let [year, month, day, hour, minute, second] = calendar(at);
    let here = moment(at);
    let mut payload = [0; 92];
    let mut put = |at: usize, bytes: &[u8]| payload[at..at + bytes.len()].copy_from_slice(bytes);
    put(4, &(year as u16).to_le_bytes());
    put(6, &[month as u8, day as u8, hour as u8, minute as u8, second as u8, 0b111]);
    put(20, &[if fixed { 3 } else { 0 }, u8::from(fixed), 0, if fixed { 11 } else { 2 }]);
    put(24, &here.position.lon_e7().to_le_bytes());
    put(28, &here.position.lat_e7().to_le_bytes());
    put(40, &4_200_u32.to_le_bytes());
    put(60, &(i32::from(here.speed_cm_s) * 10).to_le_bytes());
    put(64, &(i32::from(here.course_cdeg) * 1_000).to_le_bytes());
    [&[0x01, 0x07, 92, 0][..], &payload].concat()
}

fn nmea(at: UnixMillis, fixed: bool) -> String {
    let [year, month, day, hour, minute, second] = calendar(at);
    let time = format!("{hour:02}{minute:02}{second:02}.00");
    if !fixed {
        return sentence(&format!("GNRMC,{time},V,,,,,,,,,,N"))
            + &sentence(&format!("GNGGA,{time},,,,,0,02,99.9,,,,,,"));
    }
    let here = moment(at);
    let angle = |e7: i32, digits: usize| {
        let e7 = e7.unsigned_abs();
        let minutes = f64::from(e7 % 10_000_000) * 60.0 / 1e7;
        format!("{:0digits$}{minutes:08.5}", e7 / 10_000_000)
    };
    // The walk stays north of the equator and east of Greenwich.
    let (lat, lon) = (angle(here.position.lat_e7(), 2), angle(here.position.lon_e7(), 3));
    let knots = f64::from(here.speed_cm_s) / 51.444_4;
    let course = f64::from(here.course_cdeg) / 100.0;
    let date = format!("{day:02}{month:02}{:02}", year % 100);
    sentence(&format!("GNRMC,{time},A,{lat},N,{lon},E,{knots:.3},{course:.2},{date},,,A"))
        + &sentence(&format!("GNGGA,{time},{lat},N,{lon},E,1,11,1.05,120.0,M,40.0,M,,"))
}

fn sentence(text: &str) -> String {
    let sum = text.bytes().fold(0, |sum, byte| sum ^ byte);
    format!("${text}*{sum:02X}\r\n")
}

/// Year, month, day, hour, minute, second (the civil calendar, by days since 1 March of year 0).
pub(crate) fn calendar(at: UnixMillis) -> [i64; 6] {
    let seconds = at.0.div_euclid(1_000);
    let (days, of_day) = (seconds.div_euclid(86_400) + 719_468, seconds.rem_euclid(86_400));
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    [year, month, day, of_day / 3_600, of_day / 60 % 60, of_day % 60]
}

#[cfg(test)]
mod tests {
    use super::*;
    use lenke_firmware_core::gnss::{GnssEvent, Receiver as Reader};

    const AT: UnixMillis = UnixMillis(1_741_589_999_000);

    fn read(bytes: &[u8]) -> Vec<GnssEvent> {
        let mut reader = Reader::new();
        bytes.iter().filter_map(|&byte| reader.push(byte)).collect()
    }

    #[test]
    fn the_tag_reads_the_same_position_from_both_languages() {
        let [GnssEvent::Fix(binary)] = read(&ubx(&nav_pvt(AT, true)))[..] else { panic!() };
        let [GnssEvent::Fix(text)] = read(nmea(AT, true).as_bytes())[..] else { panic!() };
        assert_eq!((binary.at, text.at), (AT, AT));
        assert_eq!(binary.position, moment(AT).position);
        assert!((binary.position.lat_e7() - text.position.lat_e7()).abs() <= 1);
        assert_eq!(read(&ubx(&nav_pvt(AT, false))), [GnssEvent::NoFix]);
        assert!(!read(nmea(AT, false).as_bytes()).iter().any(|event| matches!(event, GnssEvent::Fix(_))));
    }

    #[test]
    fn days_of_the_calendar_are_those_of_the_calendar() {
        assert_eq!(calendar(UnixMillis(0)), [1970, 1, 1, 0, 0, 0]);
        assert_eq!(calendar(UnixMillis(951_782_399_000)), [2000, 2, 28, 23, 59, 59]);
        assert_eq!(calendar(UnixMillis(951_782_400_000)), [2000, 2, 29, 0, 0, 0]);
        assert_eq!(calendar(AT), [2025, 3, 10, 6, 59, 59]);
    }
}
