//! The tag's states, and what each of them does: the one place where a rate is decided.
//!
//! The first state whose condition holds is the tag's:
//!
//! | state | holds while | position every | reports every | modem | strap |
//! |---|---|---|---|---|---|
//! | `Ship` | delivered, strap never closed | never | never | off | 1 Hz |
//! | `Fitting` | put on: until the strap has been closed for 10 s, or 15 min after an officer cleared its latch | collect | collect | on | 4 Hz |
//! | `Update` | an image is fetched | collect | transmit | on | 4 Hz |
//! | `Pursuit` | the centre ordered it | pursuit | as often | on | 8 Hz |
//! | `Alarm` | 10 min after an alarm | pursuit | as often | on | 8 Hz |
//! | `Home` | the home beacon proved itself within 3 min | home check | transmit | on | 4 Hz |
//! | `Near` | near a zone's boundary by the last position | near | transmit, at most 60 s | on | 4 Hz |
//! | `Charging` | the charger is connected | collect | transmit | on | 4 Hz |
//! | `Reserve` | battery at the plan's reserve or less | 15 min | transmit, at least 15 min | for reports | 4 Hz |
//! | `LowBattery` | battery at the plan's low mark or less | twice collect | transmit | on | 4 Hz |
//! | `Still` | the accelerometer saw no motion for 5 min | still | transmit | on | 4 Hz |
//! | `Roam` | otherwise | collect | transmit | on | 4 Hz |
//!
//! Collect, transmit, pursuit, near, still, home check and reserve are the signed plan's. No state but `Reserve` reports less
//! often than the plan says, none collects less often than it reports, and `Pursuit`, `Alarm` and `Near` never collect less often
//! than `Roam`. The battery caps these three: below the low mark positions are 30 s apart, in reserve 60 s, unless the plan's
//! own interval is longer. In reserve alarms are sent as at any time: the modem is switched on for them.

use crate::effect::GnssPower;
use lenke_wire::TagState;
use lenke_wire::downlink::Plan;

/// An alarm keeps the tag in [`TagState::Alarm`] for this long.
pub const ALARM_S: u32 = 600;

/// The battery's cap on how often positions are taken: below the low mark, and in reserve.
const CAP_LOW_S: u32 = 30;
const CAP_RESERVE_S: u32 = 60;
const NEAR_TRANSMIT_S_MAX: u32 = 60;
const LOW_FACTOR: u32 = 2;
const RESERVE_S_MIN: u32 = 900;
/// A receiver that would sleep for less than this goes on tracking.
const TRACKING_S_MAX: u32 = 10;
/// One that would sleep for longer than this is switched off: its orbits are too old to be of use.
const BACKUP_S_MAX: u32 = 1_800;

/// Where in its life a tag is; kept over resets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Stage {
    /// Not yet given to anybody.
    Ship,
    /// Being put on.
    Fitting,
    /// Worn.
    #[default]
    Worn,
}

/// What the states are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Conditions {
    pub(crate) stage: Stage,
    pub(crate) updating: bool,
    pub(crate) pursuit: bool,
    pub(crate) alarm: bool,
    pub(crate) home: bool,
    pub(crate) near: bool,
    pub(crate) charging: bool,
    pub(crate) reserve: bool,
    pub(crate) low: bool,
    pub(crate) still: bool,
}

impl Conditions {
    /// The first state whose condition holds.
    pub(crate) const fn state(&self) -> TagState {
        match self {
            Self { stage: Stage::Ship, .. } => TagState::Ship,
            Self { stage: Stage::Fitting, .. } => TagState::Fitting,
            Self { updating: true, .. } => TagState::Update,
            Self { pursuit: true, .. } => TagState::Pursuit,
            Self { alarm: true, .. } => TagState::Alarm,
            Self { home: true, .. } => TagState::Home,
            Self { near: true, .. } => TagState::Near,
            Self { charging: true, .. } => TagState::Charging,
            Self { reserve: true, .. } => TagState::Reserve,
            Self { low: true, .. } => TagState::LowBattery,
            Self { still: true, .. } => TagState::Still,
            Self { stage: Stage::Worn, .. } => TagState::Roam,
        }
    }

    /// What that state does under `plan`.
    pub(crate) fn rates(&self, plan: &Plan) -> Rates {
        let (collect_s, transmit_s) = (plan.collect_s.max(1), plan.transmit_s.max(1));
        let rates = |collect_s: u32, transmit_s: u32| Rates {
            collect_s: Some(collect_s),
            transmit_s: transmit_s.max(collect_s),
            modem: Modem::On,
            strap_hertz: 4,
        };
        let often = |wanted_s: u32| wanted_s.max(self.cap_s()).min(collect_s);
        let seldom = |wanted_s: u32| wanted_s.min(transmit_s).max(collect_s);
        match self.state() {
            TagState::Ship => Rates { collect_s: None, transmit_s, modem: Modem::Off, strap_hertz: 1 },
            TagState::Fitting => rates(collect_s, collect_s),
            TagState::Pursuit | TagState::Alarm => {
                let often = often(plan.rates.pursuit_s);
                Rates { strap_hertz: 8, ..rates(often, often) }
            }
            TagState::Home => {
                let check_s = plan.rates.home_check_s.max(collect_s);
                Rates { collect_s: Some(check_s), ..rates(1, transmit_s) }
            }
            TagState::Near => rates(often(plan.rates.near_s), transmit_s.min(NEAR_TRANSMIT_S_MAX)),
            TagState::Update | TagState::Charging | TagState::Roam => rates(collect_s, transmit_s),
            TagState::Still => rates(seldom(plan.rates.still_s), transmit_s),
            TagState::LowBattery => rates(seldom(collect_s.saturating_mul(LOW_FACTOR)), transmit_s),
            TagState::Reserve => Rates {
                modem: Modem::ForReports,
                ..rates(collect_s.max(RESERVE_S_MIN), transmit_s.max(RESERVE_S_MIN))
            },
        }
    }

    /// Positions are at least so far apart for the battery's sake, seconds.
    const fn cap_s(&self) -> u32 {
        match self {
            Self { charging: true, .. } => 0,
            Self { reserve: true, .. } => CAP_RESERVE_S,
            Self { low: true, .. } => CAP_LOW_S,
            _ => 0,
        }
    }
}

/// When the modem is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Modem {
    Off,
    /// While there is something to hand in.
    ForReports,
    On,
}

/// What a state does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rates {
    /// Seconds from position to position; `None`: none at all.
    pub(crate) collect_s: Option<u32>,
    /// Seconds from report to report.
    pub(crate) transmit_s: u32,
    pub(crate) modem: Modem,
    pub(crate) strap_hertz: u8,
}

impl Rates {
    /// Fixes in a report.
    pub(crate) fn batch(&self) -> usize {
        (self.transmit_s / self.collect_s.unwrap_or(self.transmit_s).max(1)).max(1) as usize
    }

    pub(crate) fn gnss_power(&self) -> GnssPower {
        match self.collect_s {
            Some(..=TRACKING_S_MAX) => GnssPower::Tracking,
            Some(..=BACKUP_S_MAX) => GnssPower::Backup,
            Some(_) | None => GnssPower::Off,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::BUILT_IN_PLAN;
    use lenke_wire::command::Rates as PlanRates;

    const PLAN_RATES: PlanRates =
        PlanRates { still_s: 300, near_s: 20, pursuit_s: 15, home_check_s: 3_600, battery_reserve: 4 };
    const PLAN: Plan = Plan { collect_s: 60, transmit_s: 600, rates: PLAN_RATES, ..BUILT_IN_PLAN };
    const WORN: Conditions = Conditions {
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
    /// In the order of the module's table.
    const PRECEDENCE: [TagState; 12] = [
        TagState::Ship,
        TagState::Fitting,
        TagState::Update,
        TagState::Pursuit,
        TagState::Alarm,
        TagState::Home,
        TagState::Near,
        TagState::Charging,
        TagState::Reserve,
        TagState::LowBattery,
        TagState::Still,
        TagState::Roam,
    ];

    /// Every condition holds but those that come before the state.
    fn crowd(state: TagState) -> Conditions {
        let place = |wanted| PRECEDENCE.iter().position(|&known| known == wanted);
        let from = |other| place(other) >= place(state);
        let stage = match place(state) {
            Some(0) => Stage::Ship,
            Some(1) => Stage::Fitting,
            _ => Stage::Worn,
        };
        Conditions {
            stage,
            updating: from(TagState::Update),
            pursuit: from(TagState::Pursuit),
            alarm: from(TagState::Alarm),
            home: from(TagState::Home),
            near: from(TagState::Near),
            charging: from(TagState::Charging),
            reserve: from(TagState::Reserve),
            low: from(TagState::LowBattery),
            still: from(TagState::Still),
        }
    }

    #[test]
    fn the_first_state_of_the_table_whose_condition_holds_is_the_tags() {
        for state in PRECEDENCE {
            assert_eq!(crowd(state).state(), state);
        }
    }

    #[test]
    fn each_state_has_the_rates_of_the_table() {
        use Modem::{ForReports, Off, On};
        use TagState::{
            Alarm, Charging, Fitting, Home, LowBattery, Near, Pursuit, Reserve, Roam, Ship, Still, Update,
        };
        for (conditions, state, collect_s, transmit_s, modem, power) in [
            (Conditions { stage: Stage::Ship, ..WORN }, Ship, None, 600, Off, GnssPower::Off),
            (Conditions { stage: Stage::Fitting, ..WORN }, Fitting, Some(60), 60, On, GnssPower::Backup),
            (Conditions { updating: true, ..WORN }, Update, Some(60), 600, On, GnssPower::Backup),
            (Conditions { pursuit: true, ..WORN }, Pursuit, Some(15), 15, On, GnssPower::Backup),
            (Conditions { alarm: true, ..WORN }, Alarm, Some(15), 15, On, GnssPower::Backup),
            (Conditions { home: true, ..WORN }, Home, Some(3_600), 600, On, GnssPower::Off),
            (Conditions { near: true, ..WORN }, Near, Some(20), 60, On, GnssPower::Backup),
            (Conditions { charging: true, ..WORN }, Charging, Some(60), 600, On, GnssPower::Backup),
            (Conditions { reserve: true, ..WORN }, Reserve, Some(900), 900, ForReports, GnssPower::Backup),
            (Conditions { low: true, ..WORN }, LowBattery, Some(120), 600, On, GnssPower::Backup),
            (Conditions { still: true, ..WORN }, Still, Some(300), 600, On, GnssPower::Backup),
            (WORN, Roam, Some(60), 600, On, GnssPower::Backup),
        ] {
            let rates = conditions.rates(&PLAN);
            assert_eq!(conditions.state(), state);
            let expected = (collect_s, transmit_s, modem, power);
            assert_eq!(
                (rates.collect_s, rates.transmit_s, rates.modem, rates.gnss_power()),
                expected,
                "{state:?}"
            );
        }
    }

    #[test]
    fn the_battery_caps_pursuit_and_the_charger_lifts_the_cap() {
        for (low, reserve, charging, alarm_s, near_s) in [
            (false, false, false, 15, 20),
            (true, false, false, 30, 30),
            (true, true, false, 60, 60),
            (true, true, true, 15, 20),
        ] {
            let conditions = Conditions { low, reserve, charging, ..WORN };
            let collect_s = |conditions: Conditions| conditions.rates(&PLAN).collect_s;
            assert_eq!(collect_s(Conditions { pursuit: true, ..conditions }), Some(alarm_s));
            assert_eq!(collect_s(Conditions { alarm: true, ..conditions }), Some(alarm_s));
            assert_eq!(collect_s(Conditions { near: true, ..conditions }), Some(near_s));
        }
    }

    #[test]
    fn no_state_slows_a_plan_that_is_faster_than_its_own_rate() {
        let fast = Plan { collect_s: 2, transmit_s: 4, ..PLAN };
        for state in PRECEDENCE {
            let rates = crowd(state).rates(&fast);
            if matches!(state, TagState::Ship | TagState::Home | TagState::Reserve) {
                continue;
            }
            assert!(rates.collect_s.is_some_and(|collect_s| collect_s <= 4), "{state:?} {rates:?}");
            assert!(rates.transmit_s <= 4, "{state:?} {rates:?}");
        }
        assert_eq!(WORN.rates(&fast).gnss_power(), GnssPower::Tracking);
    }

    #[test]
    fn a_report_holds_what_its_interval_brings() {
        assert_eq!(WORN.rates(&PLAN).batch(), 10);
        assert_eq!(Conditions { still: true, ..WORN }.rates(&PLAN).batch(), 2);
        assert_eq!(Conditions { alarm: true, ..WORN }.rates(&PLAN).batch(), 1);
    }
}
