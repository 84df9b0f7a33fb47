//! Whose reports are a device's: who carried it at which time, and which times cannot be true.
//!
//! Ingest and a court's check attribute by the same rules, or the check would judge other reports than the centre did.

use crate::{Activation, Device, DeviceKind, Register};
use lenke_wire::{DeviceId, EventKind, UnixMillis};
use lenke_zones::WearerId;
use std::collections::{HashMap, HashSet};

/// A device's clock may be ahead of the centre's by so much, seconds.
pub const CLOCK_AHEAD_S_MAX: i64 = 300;

/// Who carried one device when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carriers {
    enrolled_at: UnixMillis,
    /// Oldest first.
    activations: Vec<Activation>,
}

/// A time that a device cannot have meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongTime {
    /// Later than when the centre took the frame.
    #[error("the device's clock is {0} s ahead")]
    Ahead(i64),
    /// From before the device was enrolled.
    #[error("{0} s before enrolment")]
    BeforeEnrolment(i64),
}

impl Carriers {
    /// Of a device that was enrolled at a time, in whatever order.
    pub fn new(enrolled_at: UnixMillis, mut activations: Vec<Activation>) -> Self {
        activations.sort_by_key(|activation| activation.from);
        Self { enrolled_at, activations }
    }

    /// Who carried it when, oldest first.
    pub fn activations(&self) -> &[Activation] {
        &self.activations
    }

    /// Who carried the device at `at`.
    pub fn wearer_at(&self, at: UnixMillis) -> Option<WearerId> {
        let begun = self.activations.iter().rev().find(|activation| activation.from <= at)?;
        begun.to.is_none_or(|to| at < to).then_some(begun.wearer)
    }

    /// Who carried it last.
    pub fn last_wearer(&self) -> Option<WearerId> {
        self.activations.last().map(|activation| activation.wearer)
    }

    /// Why the times from `first` to `last`, in a frame that came at `received_at`, cannot be true, if so.
    pub fn wrong_time(
        &self,
        first: UnixMillis,
        last: UnixMillis,
        received_at: UnixMillis,
    ) -> Option<WrongTime> {
        let ahead_s = last.since_ms(received_at) / 1000;
        if ahead_s > CLOCK_AHEAD_S_MAX {
            return Some(WrongTime::Ahead(ahead_s));
        }
        let early_s = self.enrolled_at.since_ms(first) / 1000;
        (first < self.enrolled_at).then_some(WrongTime::BeforeEnrolment(early_s))
    }
}

/// An alarm is heard even if its time cannot be true: it happened, and it counts for when it came.
pub const fn is_alarm(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::StrapOpen
            | EventKind::CaseOpen
            | EventKind::BatteryCritical
            | EventKind::Panic
            | EventKind::JammingSuspected
            | EventKind::SpoofingSuspected
            | EventKind::ShieldingSuspected
            | EventKind::BeaconFailed
    )
}

impl Register {
    /// Who carried each device when, in the order of the devices. A home unit that was never given to anybody belongs to
    /// whose home it stands in.
    pub fn carriers(&self) -> Vec<Carriers> {
        let mut activations: HashMap<DeviceId, Vec<Activation>> = HashMap::new();
        for activation in &self.activations {
            activations.entry(activation.device).or_default().push(*activation);
        }
        let homes =
            self.wearers.iter().flat_map(|wearer| wearer.home_units.iter().map(|unit| (*unit, wearer.id)));
        let home_of: HashMap<DeviceId, WearerId> = homes.collect();
        let of = |device: &Device| {
            let (at_home, from) = (home_of.get(&device.id), device.enrolled_at);
            let stands =
                at_home.map(|wearer| Activation { device: device.id, wearer: *wearer, from, to: None });
            let given = activations.get(&device.id).cloned();
            Carriers::new(from, given.unwrap_or_else(|| stands.into_iter().collect()))
        };
        self.devices.iter().map(of).collect()
    }

    /// Everybody whose place nobody may keep or show: no order binds them, an order protects them, or they carry a
    /// victim unit.
    pub fn protected(&self) -> HashSet<WearerId> {
        let units: HashSet<_> = self
            .devices
            .iter()
            .filter(|device| device.kind == DeviceKind::VictimUnit)
            .map(|d| d.id)
            .collect();
        let unbound = self.wearers.iter().filter(|wearer| wearer.is_protected()).map(|wearer| wearer.id);
        let by_order = self.wearers.iter().flat_map(|wearer| wearer.protects());
        let carrying = self.activations.iter().filter(|activation| units.contains(&activation.device));
        unbound.chain(by_order).chain(carrying.map(|activation| activation.wearer)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Condition, ConditionId, ConditionRule, OrderId, SupervisionPlan, Wearer};

    const BEGIN: UnixMillis = UnixMillis(1_800_000_000_000);
    const TAG: DeviceId = DeviceId::new(1);

    fn carried(wearer: u64, from_s: i64, to_s: Option<i64>) -> Activation {
        let to = to_s.map(|to| BEGIN.plus_s(to));
        Activation { device: TAG, wearer: WearerId(wearer), from: BEGIN.plus_s(from_s), to }
    }

    fn wearer(id: u64, rules: Vec<ConditionRule>) -> Wearer {
        let conditions = rules.into_iter().map(|rule| Condition { id: ConditionId(id), rule }).collect();
        let plan = SupervisionPlan::default();
        let (id, order) = (WearerId(id), OrderId(id));
        Wearer { id, order, order_version: 1, conditions, groups: Vec::new(), plan, home_units: Vec::new() }
    }

    fn device(number: u64, kind: DeviceKind) -> Device {
        let id = DeviceId::new(number);
        Device { id, kind, key: [0; 16], public_key: [0; 32], enrolled_at: BEGIN }
    }

    #[test]
    fn a_time_belongs_to_who_carried_the_device_then_and_to_nobody_in_between() {
        let carriers = Carriers::new(BEGIN, vec![carried(2, 900, None), carried(1, 0, Some(600))]);
        let at = |seconds| carriers.wearer_at(BEGIN.plus_s(seconds));
        assert_eq!(
            [-1, 0, 599, 600, 899, 900].map(at),
            [0, 1, 1, 0, 0, 2].map(|id| (id > 0).then_some(WearerId(id)))
        );
        assert_eq!(carriers.last_wearer(), Some(WearerId(2)));
    }

    #[test]
    fn times_ahead_of_the_centre_or_before_the_enrolment_cannot_be_true() {
        let carriers = Carriers::new(BEGIN, vec![carried(1, 0, None)]);
        let wrong =
            |first, last| carriers.wrong_time(BEGIN.plus_s(first), BEGIN.plus_s(last), BEGIN.plus_s(1_000));
        assert_eq!(wrong(0, 1_300), None);
        assert_eq!(wrong(0, 1_301), Some(WrongTime::Ahead(301)));
        assert_eq!(wrong(-5, 0), Some(WrongTime::BeforeEnrolment(5)));
    }

    #[test]
    fn a_home_unit_belongs_to_the_home_it_stands_in() {
        let mut home = wearer(7, Vec::new());
        home.home_units.push(TAG);
        let devices = vec![device(1, DeviceKind::HomeUnit)];
        let mut register = Register { wearers: vec![home], devices, ..Register::default() };
        let carriers = register.carriers().remove(0);
        assert_eq!(
            (carriers.wearer_at(BEGIN), carriers.wearer_at(BEGIN.plus_s(-1))),
            (Some(WearerId(7)), None)
        );
        register.activations = vec![carried(8, 10, None)];
        let given = register.carriers().remove(0);
        assert_eq!((given.wearer_at(BEGIN), given.last_wearer()), (None, Some(WearerId(8))));
    }

    #[test]
    fn whom_an_order_names_who_carries_a_victim_unit_and_whom_nothing_binds_are_protected() {
        let protects =
            ConditionRule::VictimProtection { victim: WearerId(2), alert_m: 1.0, pre_alert_m: 2.0 };
        let trail = || vec![ConditionRule::TrailMonitoring];
        let register = Register {
            wearers: vec![
                wearer(1, vec![protects]),
                wearer(2, trail()),
                wearer(3, trail()),
                wearer(4, Vec::new()),
                wearer(5, trail()),
            ],
            devices: vec![device(1, DeviceKind::VictimUnit)],
            activations: vec![carried(3, 0, Some(1))],
            ..Register::default()
        };
        assert_eq!(register.protected(), [2, 3, 4].map(WearerId).into());
    }
}
