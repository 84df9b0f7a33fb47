//! What each state costs the battery: mean currents from the worst figures that the parts' data sheets publish.
//!
//! | part | figure, rounded up | source |
//! |---|---|---|
//! | STM32U585 | 20 uA in Stop 2 with all memories kept and the clock; 4 mA at 160 MHz | ST DS13086, supply current characteristics |
//! | Quectel BG95-M3 | 4 uA in power saving, 2 mA asleep at 1.28 s paging, 25 mA awake and idle, 220 mA sending at 21 dBm | Quectel BG95 Hardware Design V1.3, current consumption |
//! | u-blox MAX-M10S | 25 mA acquiring with four constellations, 18 mA tracking, 46 uA in backup | u-blox MAX-M10S data sheet UBX-20035208, supply currents |
//! | LIS2DW12 | 5 uA at 12.5 Hz, low power | ST DS12060 |
//! | beacon radio | 400 uA: 8 mA for a window of 50 ms in each second | Nordic nRF52832 product specification, receiving |
//! | strap loop | 10 uA: 100 uA for the samples' time | the board's divider |
//!
//! A position costs [`HOT_S`] of acquisition (a hot start under open sky takes 1 s, [`HOT_S`] is under a bad one), and half a minute
//! of it after the receiver was off. A report costs [`REPORT_TX_MS`] of sending and [`REPORT_AWAKE_MS`] awake: connection, data, release timer. All
//! is multiplied by [`MARGIN_PERCENT`] for regulators, temperature and age.

use crate::{
    effect::GnssPower,
    state::{Conditions, Modem, Stage},
};
use lenke_wire::{TagState, command::Plan};

/// Charge of the cell, mAh.
pub const CAPACITY_MAH: u32 = 800;
/// Of which so much can be used: the rest is below the regulator's cut-off, or lost to cold and age.
pub const USABLE_PERCENT: u32 = 90;

const MCU_STOP_UA: u64 = 20;
const MCU_RUN_UA: u64 = 4_000;
const ACCELEROMETER_UA: u64 = 5;
const STRAP_UA: u64 = 10;
const BEACON_RADIO_UA: u64 = 400;

const GNSS_ACQUIRE_UA: u64 = 25_000;
const GNSS_TRACK_UA: u64 = 18_000;
const GNSS_BACKUP_UA: u64 = 46;
/// Seconds of acquisition for a position after backup, and after the receiver was off.
const HOT_S: u64 = 10;
const COLD_S: u64 = 35;

const MODEM_OFF_UA: u64 = 4;
const MODEM_SLEEP_UA: u64 = 2_000;
const MODEM_AWAKE_UA: u64 = 25_000;
const MODEM_SEND_UA: u64 = 220_000;
/// What one report takes.
const REPORT_TX_MS: u64 = 600;
const REPORT_AWAKE_MS: u64 = 10_000;
/// What connecting takes besides: registration, TCP, MQTT.
const CONNECT_TX_MS: u64 = 3_000;
const CONNECT_AWAKE_MS: u64 = 30_000;
/// What the processor runs for a position and for a report, signatures included.
const RUN_POSITION_MS: u64 = 200;
const RUN_REPORT_MS: u64 = 1_000;

const MARGIN_PERCENT: u64 = 115;

/// Where a state's current goes, microamperes on average.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw {
    /// Processor, accelerometer, strap.
    pub board_ua: u32,
    /// Receiver.
    pub gnss_ua: u32,
    /// Modem.
    pub modem_ua: u32,
    /// Beacon radio.
    pub radio_ua: u32,
}

impl Draw {
    /// All of it, with the margin.
    pub const fn total_ua(&self) -> u32 {
        let sum = self.board_ua as u64 + self.gnss_ua as u64 + self.modem_ua as u64 + self.radio_ua as u64;
        (sum * MARGIN_PERCENT / 100) as u32
    }

    /// Milliampere-hours a day.
    pub const fn mah_a_day(&self) -> u32 {
        (self.total_ua() as u64 * 24).div_ceil(1000) as u32
    }

    /// Hours that a full battery lasts.
    pub const fn hours(&self) -> u32 {
        (lasts_ms(100, self.total_ua()) / 3_600_000) as u32
    }
}

/// What `state` draws under `plan`, with the battery full.
pub fn draw(state: TagState, plan: &Plan) -> Draw {
    draw_of(&conditions(state), plan)
}

pub(crate) fn draw_of(conditions: &Conditions, plan: &Plan) -> Draw {
    let rates = conditions.rates(plan);
    let often = |cost: u64, every_s: u32| cost / (u64::from(every_s.max(1)) * 1000);
    let (gnss_ua, positions_run) = match rates.collect_s {
        None => (0, 0),
        Some(every_s) => {
            let acquire = |seconds: u64| seconds.min(u64::from(every_s)) * 1000 * GNSS_ACQUIRE_UA;
            let ua = match rates.gnss_power() {
                GnssPower::Off => often(acquire(COLD_S), every_s),
                GnssPower::Backup => GNSS_BACKUP_UA + often(acquire(HOT_S), every_s),
                GnssPower::Tracking => GNSS_TRACK_UA,
            };
            (ua, often(RUN_POSITION_MS * MCU_RUN_UA, every_s))
        }
    };
    let report = REPORT_TX_MS * MODEM_SEND_UA + REPORT_AWAKE_MS * MODEM_AWAKE_UA;
    let connect = CONNECT_TX_MS * MODEM_SEND_UA + CONNECT_AWAKE_MS * MODEM_AWAKE_UA;
    let modem_ua = match rates.modem {
        Modem::Off => 0,
        Modem::ForReports => MODEM_OFF_UA + often(report + connect, rates.transmit_s),
        // What is longer than its interval overlaps: the modem is awake all the time.
        Modem::On => {
            MODEM_SLEEP_UA
                + often(REPORT_TX_MS * MODEM_SEND_UA, rates.transmit_s)
                + often(REPORT_AWAKE_MS * MODEM_AWAKE_UA, rates.transmit_s).min(MODEM_AWAKE_UA)
        }
    };
    let radio_ua = if rates.collect_s.is_some() { BEACON_RADIO_UA } else { 0 };
    let reports_run = often(RUN_REPORT_MS * MCU_RUN_UA, rates.transmit_s);
    Draw {
        board_ua: (MCU_STOP_UA + ACCELEROMETER_UA + STRAP_UA + positions_run + reports_run) as u32,
        gnss_ua: gnss_ua as u32,
        modem_ua: modem_ua as u32,
        radio_ua: radio_ua as u32,
    }
}

/// Milliseconds that `percent` of the battery last at `drain_ua`.
pub const fn lasts_ms(percent: u8, drain_ua: u32) -> i64 {
    let drain_ua = if drain_ua == 0 { 1 } else { drain_ua as i64 };
    // mAh, in uA ms: at most 800 * 1000 * 3.6e6 = 2.9e12.
    let usable = CAPACITY_MAH as i64 * 1000 * 3_600_000 / 100 * USABLE_PERCENT as i64 / 100;
    usable * percent as i64 / drain_ua
}

/// The conditions of nothing but `state`.
const fn conditions(state: TagState) -> Conditions {
    let mut conditions = Conditions {
        stage: Stage::Worn,
        updating: false,
        pursuit: false,
        alarm: false,
        home: false,
        near: false,
        charging: false,
        reserve: false,
        low: false,
        still: false,
    };
    match state {
        TagState::Ship => conditions.stage = Stage::Ship,
        TagState::Fitting => conditions.stage = Stage::Fitting,
        TagState::Update => conditions.updating = true,
        TagState::Pursuit => conditions.pursuit = true,
        TagState::Alarm => conditions.alarm = true,
        TagState::Home => conditions.home = true,
        TagState::Near => conditions.near = true,
        TagState::Charging => conditions.charging = true,
        TagState::Reserve => conditions.reserve = true,
        TagState::LowBattery => conditions.low = true,
        TagState::Still => conditions.still = true,
        TagState::Roam => {}
    }
    conditions
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::BUILT_IN_PLAN;

    #[test]
    fn a_fix_a_minute_in_batches_of_ten_minutes_lasts_a_day() {
        let roam = draw(TagState::Roam, &BUILT_IN_PLAN);
        assert_eq!((BUILT_IN_PLAN.collect_s, BUILT_IN_PLAN.transmit_s), (60, 600));
        assert!(roam.hours() >= 24, "{} h: {roam:?}", roam.hours());
    }

    #[test]
    fn every_state_that_saves_draws_less_than_roaming_and_every_other_more() {
        let total = |state| draw(state, &BUILT_IN_PLAN).total_ua();
        let roam = total(TagState::Roam);
        use TagState::{Alarm, Home, LowBattery, Near, Pursuit, Reserve, Ship, Still};
        for state in [Ship, Home, Reserve, LowBattery, Still] {
            assert!(total(state) < roam, "{state:?} {} {roam}", total(state));
        }
        for state in [Near, Alarm, Pursuit] {
            assert!(total(state) > roam, "{state:?} {} {roam}", total(state));
        }
    }

    #[test]
    fn the_model_is_plain_arithmetic() {
        // 800 mAh, of which 90 % are used, at 30 mA.
        assert_eq!(lasts_ms(100, 30_000), 24 * 3_600_000);
        assert_eq!(lasts_ms(50, 30_000), 12 * 3_600_000);
        let draw = Draw { board_ua: 100, gnss_ua: 200, modem_ua: 300, radio_ua: 400 };
        assert_eq!((draw.total_ua(), draw.mah_a_day()), (1_150, 28));
    }
}
