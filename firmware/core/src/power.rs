//! Battery: low and critical marks with hysteresis, charger, and when it will be empty.
//!
//! The forecast extends the mean drain since a reference measurement, which moves up so that it stays within
//! [`SPAN_MS_MAX`]; it needs [`DROP_MIN`] percent to speak at all.

use lenke_wire::{BatteryState, EventKind, UnixMillis, downlink::Plan};

/// A mark is armed again when the charge is this much above it.
const HYSTERESIS_PERCENT: u8 = 5;
const DROP_MIN: u8 = 2;
const SPAN_MS_MAX: i64 = 6 * 3_600_000;
/// The wearer is told to charge when the battery will be empty within this time.
const WARNING_MS: i64 = 4 * 3_600_000;

/// Most changes that one measurement brings about.
pub(crate) const CHANGES_MAX: usize = 3;

pub(crate) struct Power {
    last: Option<BatteryState>,
    low: bool,
    critical: bool,
    warned: bool,
    /// Two references, older first; the younger takes over when the older one is out of the span.
    references: [Option<(UnixMillis, u8)>; 2],
}

impl Power {
    pub(crate) const fn new() -> Self {
        Self { last: None, low: false, critical: false, warned: false, references: [None; 2] }
    }

    /// The last measurement, with the forecast.
    pub(crate) const fn state(&self) -> Option<BatteryState> {
        self.last
    }

    /// Takes a measurement; returns what it brought about, and whether the wearer is to be told to charge.
    pub(crate) fn handle_battery(
        &mut self,
        measured: BatteryState,
        plan: &Plan,
        now: UnixMillis,
    ) -> ([Option<EventKind>; CHANGES_MAX], bool) {
        let percent = measured.percent.min(100);
        let was_charging = self.last.is_some_and(|last| last.charging);
        let charge = match (was_charging, measured.charging) {
            (false, true) => Some(EventKind::ChargeStarted),
            (true, false) => Some(EventKind::ChargeEnded),
            (true, true) | (false, false) => None,
        };
        if measured.charging || was_charging {
            self.references = [None; 2];
        }
        let empty_at = if measured.charging { None } else { self.forecast(percent, now) };
        self.last = Some(BatteryState { percent, empty_at, ..measured });
        let low = crossed(&mut self.low, percent, plan.battery_low, measured.charging);
        let critical = crossed(&mut self.critical, percent, plan.battery_critical, measured.charging);
        let soon = self.low || empty_at.is_some_and(|at| at.since_ms(now) < WARNING_MS);
        let warn = soon && !measured.charging && !self.warned;
        self.warned = soon && !measured.charging;
        ([charge, low.then_some(EventKind::BatteryLow), critical.then_some(EventKind::BatteryCritical)], warn)
    }

    fn forecast(&mut self, percent: u8, now: UnixMillis) -> Option<UnixMillis> {
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
        let (since, then) = (*older)?;
        let drop = then.checked_sub(percent).filter(|&drop| drop >= DROP_MIN)?;
        let elapsed_ms = now.since_ms(since);
        (elapsed_ms > 0).then(|| now.plus_ms(elapsed_ms.saturating_mul(i64::from(percent)) / i64::from(drop)))
    }
}

/// Is the mark crossed now? It is armed again by a charger or by a charge well above it.
fn crossed(reported: &mut bool, percent: u8, mark: u8, charging: bool) -> bool {
    if charging || percent >= mark.saturating_add(HYSTERESIS_PERCENT) {
        *reported = false;
        return false;
    }
    let crossed = percent <= mark && !*reported;
    *reported |= crossed;
    crossed
}
