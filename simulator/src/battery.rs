//! A tag's battery: drains all day, is charged every evening at home. A pure function of time.
//!
//! ```text
//! 100 %  \                    /\
//!          \  1.6-2.2 %/h    /  \     charging takes CHARGE_S, once a day
//!            \______________/
//! ```

use crate::draw::{Draw, Stream};
use lenke_wire::{BatteryState, UnixMillis};

/// A day.
const CYCLE_MS: i64 = 86_400_000;
/// Time on the charger, seconds.
pub const CHARGE_S: i64 = 80 * 60;
/// When charging may begin, hours of the UTC day: everybody is home.
const CHARGE_BEGIN_H: (f64, f64) = (19.6, 21.5);
/// Slowest and fastest drain, percent an hour.
const DRAIN_PERCENT_H: (f64, f64) = (1.6, 2.2);
/// Voltage of the empty cell and what each percent adds, mV.
const CELL_MV: (u16, u16) = (3_400, 8);

/// The battery of one device.
#[derive(Clone, Copy, Debug)]
pub struct Battery {
    charge_begin_ms: i64,
    drain_percent_h: f64,
}

/// The state with `percent` left, which lose `drain_percent_h` an hour.
pub fn state(percent: f64, charging: bool, drain_percent_h: f64, at: UnixMillis) -> BatteryState {
    let percent = percent.clamp(0.0, 100.0);
    let whole = percent as u8;
    let empty_in_ms = percent / drain_percent_h.max(0.01) * 3_600_000.0;
    BatteryState {
        percent: whole,
        millivolts: CELL_MV.0 + CELL_MV.1 * u16::from(whole),
        charging,
        empty_at: (!charging).then(|| at.plus_ms(empty_in_ms as i64)),
    }
}

impl Battery {
    /// The battery of device number `number` under `seed`.
    pub fn new(seed: u64, number: u64) -> Self {
        let mut draw = Draw::new(seed, Stream::Battery, number, 0);
        let charge_begin_ms = (draw.between(CHARGE_BEGIN_H.0, CHARGE_BEGIN_H.1) * 3_600_000.0) as i64;
        Self { charge_begin_ms, drain_percent_h: draw.between(DRAIN_PERCENT_H.0, DRAIN_PERCENT_H.1) }
    }

    /// Its state at `at`.
    pub fn at(&self, at: UnixMillis) -> BatteryState {
        let charge_ms = CHARGE_S * 1000;
        let into_ms = (at.0 - self.charge_begin_ms).rem_euclid(CYCLE_MS);
        let hours = |ms: i64| ms as f64 / 3_600_000.0;
        let lowest = 100.0 - self.drain_percent_h * hours(CYCLE_MS - charge_ms);
        if into_ms < charge_ms {
            let share = into_ms as f64 / charge_ms as f64;
            return state(lowest + (100.0 - lowest) * share, true, self.drain_percent_h, at);
        }
        state(100.0 - self.drain_percent_h * hours(into_ms - charge_ms), false, self.drain_percent_h, at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ordinary_battery_is_charged_daily_and_never_low() {
        for number in 0..50 {
            let battery = Battery::new(1, number);
            let states: Vec<BatteryState> =
                (0..2 * 1_440).map(|minute| battery.at(UnixMillis::from_seconds(minute * 60))).collect();
            assert!(states.iter().all(|state| state.percent > 40));
            assert!(states.iter().any(|state| state.percent >= 99));
            let charging = states.iter().filter(|state| state.charging).count();
            assert!((159..=161).contains(&charging));
        }
    }

    #[test]
    fn the_forecast_says_when_it_is_empty() {
        let state = state(10.0, false, 2.0, UnixMillis(0));
        assert_eq!(state.empty_at, Some(UnixMillis::from_seconds(5 * 3600)));
    }
}
