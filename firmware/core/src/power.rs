//! Battery: marks with hysteresis, charger, charge from voltage, and when it will be flat.
//!
//! The forecast extends the mean drain since a reference measurement, which moves up so that it stays within
//! [`SPAN_MS_MAX`]. Until [`DROP_MIN`] percent are gone it takes the drain that the present state has by [`crate::energy`]. The wearer is
//! nudged [`WARNING_MS`] before the battery is flat, which is long before any mark is crossed.

use crate::{Uptime, energy};
use lenke_wire::{BatteryState, EventKind, UnixMillis, command::Plan};

/// A mark is armed again when the charge is this much above it.
const HYSTERESIS_PERCENT: u8 = 5;
const DROP_MIN: u8 = 2;
const SPAN_MS_MAX: i64 = 6 * 3_600_000;
/// The wearer is told to charge when the battery will be flat within this time.
const WARNING_MS: i64 = 4 * 3_600_000;
/// At and below this percentage the board's regulator is about to give up.
const SHUTDOWN_PERCENT: u8 = 1;

/// Open-circuit voltage of a lithium-polymer cell at room temperature, mV, at 0, 10, ... 100 percent: the usual curve of
/// 4.2 V cells, flat in the middle.
const OPEN_CIRCUIT_MV: [u16; 11] =
    [3_300, 3_680, 3_740, 3_770, 3_790, 3_820, 3_870, 3_920, 3_980, 4_060, 4_200];

/// Percent of charge of a rested cell with `millivolts`, for boards without a fuel gauge.
pub fn percent_of(millivolts: u16) -> u8 {
    let above = OPEN_CIRCUIT_MV.iter().position(|&mark| mark > millivolts);
    match above {
        Some(0) => 0,
        None => 100,
        Some(step) => {
            let (low, high) = (OPEN_CIRCUIT_MV[step - 1], OPEN_CIRCUIT_MV[step]);
            // Below 10 a step, at most 10 steps.
            ((step as u16 - 1) * 10 + (millivolts - low) * 10 / (high - low)) as u8
        }
    }
}

/// Most changes that one measurement brings about.
pub(crate) const CHANGES_MAX: usize = 5;

/// What a measurement brought about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Measured {
    pub(crate) events: [Option<EventKind>; CHANGES_MAX],
    /// The wearer is to be told to charge now.
    pub(crate) nudge: bool,
}

/// A level with hysteresis.
#[derive(Clone, Copy, Default)]
struct Mark {
    below: bool,
}

impl Mark {
    /// Is it crossed now? It is armed again by a charger or by a charge well above it.
    const fn crossed(&mut self, percent: u8, mark: u8, charging: bool) -> bool {
        if charging || percent >= mark.saturating_add(HYSTERESIS_PERCENT) {
            self.below = false;
            return false;
        }
        let crossed = percent <= mark && !self.below;
        self.below |= crossed;
        crossed
    }
}

pub(crate) struct Power {
    last: Option<BatteryState>,
    low: Mark,
    critical: Mark,
    reserve: Mark,
    shutdown: Mark,
    nudged: bool,
    /// Two references, older first; the younger takes over when the older one is out of the span.
    references: [Option<(Uptime, u8)>; 2],
}

impl Power {
    pub(crate) const fn new() -> Self {
        let mark = Mark { below: false };
        Self {
            last: None,
            low: mark,
            critical: mark,
            reserve: mark,
            shutdown: mark,
            nudged: false,
            references: [None; 2],
        }
    }

    /// The last measurement, with the forecast.
    pub(crate) const fn state(&self) -> Option<BatteryState> {
        self.last
    }

    pub(crate) fn is_charging(&self) -> bool {
        self.last.is_some_and(|last| last.charging)
    }

    pub(crate) const fn is_low(&self) -> bool {
        self.low.below
    }

    pub(crate) const fn is_reserve(&self) -> bool {
        self.reserve.below
    }

    /// Takes a measurement. `drain_ua` is the mean current of the present state, in microamperes; `at` the time of day, if it is known.
    pub(crate) fn handle_battery(
        &mut self,
        measured: BatteryState,
        plan: &Plan,
        drain_ua: u32,
        at: Option<UnixMillis>,
        now: Uptime,
    ) -> Measured {
        let percent = measured.percent.min(100);
        let was_charging = self.is_charging();
        let charging = measured.charging;
        let charge = match (was_charging, charging) {
            (false, true) => Some(EventKind::ChargeStarted),
            (true, false) => Some(EventKind::ChargeEnded),
            (true, true) | (false, false) => None,
        };
        if charging || was_charging {
            self.references = [None; 2];
        }
        let left_ms = if charging { None } else { Some(self.left_ms(percent, drain_ua, now)) };
        let empty_at = at.zip(left_ms).map(|(at, left)| at.plus_ms(left));
        self.last = Some(BatteryState { percent, empty_at, ..measured });
        let low = self.low.crossed(percent, plan.battery_low, charging);
        let critical = self.critical.crossed(percent, plan.battery_critical, charging);
        let reserve = self.reserve.crossed(percent, plan.rates.battery_reserve, charging);
        let shutdown = self.shutdown.crossed(percent, SHUTDOWN_PERCENT, charging);
        let soon = self.low.below || left_ms.is_some_and(|left| left < WARNING_MS);
        let nudge = soon && !charging && !self.nudged;
        self.nudged = soon && !charging;
        let events = [
            charge,
            low.then_some(EventKind::BatteryLow),
            critical.then_some(EventKind::BatteryCritical),
            reserve.then_some(EventKind::ReserveEntered),
            shutdown.then_some(EventKind::Shutdown),
        ];
        Measured { events, nudge }
    }

    /// Milliseconds until the battery is flat.
    fn left_ms(&mut self, percent: u8, drain_ua: u32, now: Uptime) -> i64 {
        let here = Some((now, percent));
        let [older, younger] = &mut self.references;
        match (&older, &younger) {
            (None, _) => *older = here,
            (Some((since, _)), None) if now.since_ms(*since) >= SPAN_MS_MAX / 2 => *younger = here,
            (Some(_), Some((since, _))) if now.since_ms(*since) >= SPAN_MS_MAX / 2 => {
                *older = *younger;
                *younger = here;
            }
            (Some(_), _) => {}
        }
        let measured = (*older).and_then(|(since, then)| {
            let drop = then.checked_sub(percent).filter(|&drop| drop >= DROP_MIN)?;
            let elapsed_ms = now.since_ms(since);
            (elapsed_ms > 0).then(|| elapsed_ms.saturating_mul(i64::from(percent)) / i64::from(drop))
        });
        measured.unwrap_or_else(|| energy::lasts_ms(percent, drain_ua))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charge_follows_from_voltage_and_never_falls_with_it() {
        assert_eq!(
            [3_000, 3_300, 3_680, 3_820, 4_130, 4_200, 4_300].map(percent_of),
            [0, 0, 10, 50, 95, 100, 100]
        );
        let all: std::vec::Vec<u8> = (3_000..4_300).map(percent_of).collect();
        assert!(all.windows(2).all(|pair| pair[0] <= pair[1] && pair[1] - pair[0] <= 1));
    }

    #[test]
    fn without_a_measured_drain_the_states_own_is_taken() {
        let mut power = Power::new();
        let measured = BatteryState { percent: 50, millivolts: 3_820, charging: false, empty_at: None };
        let plan = &crate::settings::BUILT_IN_PLAN;
        let at = UnixMillis(1_800_000_000_000);
        let told = power.handle_battery(measured, plan, 100_000, Some(at), Uptime::START);
        // 400 mAh at 100 mA are four hours, less what the reserve of the model takes.
        assert_eq!(power.state().unwrap().empty_at, Some(at.plus_ms(energy::lasts_ms(50, 100_000))));
        assert!(told.nudge);
        let mut power = Power::new();
        assert!(!power.handle_battery(measured, plan, 20_000, Some(at), Uptime::START).nudge);
    }
}
