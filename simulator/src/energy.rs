//! What a tag's battery goes into, state by state, and how long it lasts: the firmware core's own model as a report.

use lenke_firmware_core::energy::{CAPACITY_MAH, draw};
pub use lenke_firmware_core::settings::BUILT_IN_PLAN;

use lenke_wire::TagState;
use lenke_wire::command::Plan;
use serde::Serialize;

/// One state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Which.
    pub state: TagState,
    /// Processor, accelerometer, strap loop; microamperes on average.
    pub board_ua: u32,
    /// Receiver.
    pub gnss_ua: u32,
    /// Modem.
    pub modem_ua: u32,
    /// Beacon radio.
    pub radio_ua: u32,
    /// All of it, with the margin for regulators, temperature and age.
    pub total_ua: u32,
    /// Milliampere-hours a day.
    pub mah_a_day: u32,
    /// Hours that a full battery lasts.
    pub hours: u32,
}

/// Every state of a tag under one plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Charge of the battery.
    pub capacity_mah: u32,
    /// Seconds from fix to fix.
    pub collect_s: u32,
    /// Seconds from report to report.
    pub transmit_s: u32,
    /// One for each state, the dearest last.
    pub states: Vec<Row>,
}

impl Report {
    /// Of `plan`.
    pub fn of(plan: &Plan) -> Self {
        let mut states: Vec<Row> = TagState::ALL.into_iter().map(|state| row(state, plan)).collect();
        states.sort_by_key(|row| row.total_ua);
        Self { capacity_mah: CAPACITY_MAH, collect_s: plan.collect_s, transmit_s: plan.transmit_s, states }
    }
}

fn row(state: TagState, plan: &Plan) -> Row {
    let draw = draw(state, plan);
    Row {
        state,
        board_ua: draw.board_ua,
        gnss_ua: draw.gnss_ua,
        modem_ua: draw.modem_ua,
        radio_ua: draw.radio_ua,
        total_ua: draw.total_ua(),
        mah_a_day: draw.mah_a_day(),
        hours: draw.hours(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_battery_lasts_a_day_at_a_fix_a_minute_and_reports_every_ten() {
        let report = Report::of(&Plan { collect_s: 60, transmit_s: 600, ..BUILT_IN_PLAN });
        assert_eq!((report.capacity_mah, report.states.len()), (800, TagState::ALL.len()));
        let roam = report.states.iter().find(|row| row.state == TagState::Roam).unwrap();
        assert!(roam.hours >= 24, "{roam:?}");
        assert!(report.states.windows(2).all(|pair| pair[0].hours >= pair[1].hours));
    }
}
