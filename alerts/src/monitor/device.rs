//! What the device says of itself: strap, case, panic button, battery, satellite signals.
//!
//! Strap and case latch until an officer's signed command clears the latch: opening again before that is one more
//! occurrence of the same alert. A battery's alerts end when it charges.

use super::scene::{Draft, Outbox, Scene};
use crate::{
    AlertId, AlertKind, Reason,
    identity::{Origin, Subject},
};
use lenke_wire::{BatteryState, DeviceId, Event, EventKind, FrameId, Health, UnixMillis};
use serde::{Deserialize, Serialize};

/// A button held again within this is one more occurrence, signs of one kind within this are one, seconds.
const REPEAT_WITHIN_S: i64 = 600;
/// The battery counts as recovered this far above a mark, percent.
const BATTERY_RECOVERED_PERCENT: u8 = 5;
/// Devices of one wearer that state is kept for; the one not heard for longest gives way.
const DEVICES_MAX: usize = 4;

/// Strap or case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Latch {
    /// The alert, until an officer clears the latch.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    alert: Option<AlertId>,
    /// It is open at this moment, as far as known.
    #[serde(rename = "o", default, skip_serializing_if = "std::ops::Not::not")]
    open: bool,
}

impl Latch {
    fn is_idle(&self) -> bool {
        *self == Self::default()
    }
}

/// An alert without an end and when it last showed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Sign(EventKind, UnixMillis, AlertId);

/// State of one device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Unit {
    #[serde(rename = "d")]
    device: DeviceId,
    #[serde(rename = "s", default, skip_serializing_if = "Latch::is_idle")]
    strap: Latch,
    #[serde(rename = "c", default, skip_serializing_if = "Latch::is_idle")]
    case: Latch,
    /// When an officer cleared the latches last, by the device's clock.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    cleared_at: Option<UnixMillis>,
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    low: Option<AlertId>,
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    critical: Option<AlertId>,
    /// Time of the newest word about the battery, by the device's clock.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    battery_at: Option<UnixMillis>,
    /// At most one a kind of event.
    #[serde(rename = "g", default, skip_serializing_if = "Vec::is_empty")]
    signs: Vec<Sign>,
}

/// States of the wearer's devices, the latest heard last.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Units(Vec<Unit>);

/// Where a word of a device stands.
#[derive(Clone, Copy)]
pub(super) struct Source {
    pub(super) device: DeviceId,
    pub(super) frame: FrameId,
}

impl Units {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn unit(&mut self, device: DeviceId) -> &mut Unit {
        let unit = match self.0.iter().position(|unit| unit.device == device) {
            Some(index) => self.0.remove(index),
            None => Unit {
                device,
                strap: Latch::default(),
                case: Latch::default(),
                cleared_at: None,
                low: None,
                critical: None,
                battery_at: None,
                signs: Vec::new(),
            },
        };
        if self.0.len() >= DEVICES_MAX {
            self.0.remove(0);
        }
        self.0.push(unit);
        let last = self.0.len() - 1;
        &mut self.0[last]
    }

    pub(super) fn handle_event(
        &mut self,
        source: Source,
        event: &Event,
        scene: &Scene<'_>,
        out: &mut Outbox,
    ) {
        let unit = self.unit(source.device);
        match event.kind {
            EventKind::StrapOpen => unit.handle_open(AlertKind::StrapTamper, source, event, scene, out),
            EventKind::CaseOpen => unit.handle_open(AlertKind::CaseTamper, source, event, scene, out),
            EventKind::StrapClosed => unit.strap.open = false,
            EventKind::LatchCleared => unit.handle_cleared(event.at, out),
            EventKind::Panic
            | EventKind::JammingSuspected
            | EventKind::SpoofingSuspected
            | EventKind::ShieldingSuspected
            | EventKind::BeaconFailed => unit.handle_sign(source, event, scene, out),
            EventKind::BatteryLow | EventKind::BatteryCritical => {
                let percent = u8::try_from(event.value.clamp(0, 100)).unwrap_or(0);
                let plan = &scene.context.wearer.plan;
                let critical = event.kind == EventKind::BatteryCritical;
                // The device's own mark may be older than the plan's: its word counts.
                let mark = if critical { plan.battery_critical } else { plan.battery_low };
                let percent = percent.min(mark.saturating_sub(1));
                let battery = BatteryState { percent, millivolts: 0, charging: false, empty_at: None };
                unit.handle_battery(source, event.at, &battery, scene, out);
            }
            EventKind::ChargeStarted => unit.handle_charging(event.at, out),
            EventKind::PowerOn
            | EventKind::ChargeEnded
            | EventKind::GnssLost
            | EventKind::GnssRegained
            | EventKind::PlanApplied
            | EventKind::ZoneEntered
            | EventKind::ZoneLeft
            | EventKind::JournalOverflow
            | EventKind::ZoneNear
            | EventKind::UpdateApplied
            | EventKind::UpdateFailed
            | EventKind::PursuitStarted
            | EventKind::PursuitEnded
            | EventKind::ReserveEntered
            | EventKind::StateChanged
            | EventKind::Shutdown
            | EventKind::StrapSuspected
            | EventKind::JournalFault
            | EventKind::ClockSet
            | EventKind::NetworkRegained
            | EventKind::TaskStalled => {}
        }
    }

    pub(super) fn handle_health(
        &mut self,
        source: Source,
        health: &Health,
        scene: &Scene<'_>,
        out: &mut Outbox,
    ) {
        let unit = self.unit(source.device);
        if health.battery.charging {
            unit.handle_charging(health.at, out);
        } else {
            unit.handle_battery(source, health.at, &health.battery, scene, out);
        }
        // A latch whose event never came.
        let latched = [
            (health.strap_latched, EventKind::StrapOpen, AlertKind::StrapTamper),
            (health.case_latched, EventKind::CaseOpen, AlertKind::CaseTamper),
        ];
        for (_, event, kind) in latched.into_iter().filter(|(latched, ..)| *latched) {
            let known = unit.latch(kind).alert.is_some();
            if !known && unit.cleared_at.is_none_or(|cleared| health.at > cleared) {
                let event = Event {
                    at: health.at,
                    time_source: lenke_wire::TimeSource::Held,
                    kind: event,
                    value: 0,
                    position: None,
                };
                unit.handle_open(kind, source, &event, scene, out);
            }
        }
    }
}

impl Unit {
    fn latch(&mut self, kind: AlertKind) -> &mut Latch {
        if kind == AlertKind::CaseTamper { &mut self.case } else { &mut self.strap }
    }

    fn handle_open(
        &mut self,
        kind: AlertKind,
        source: Source,
        event: &Event,
        scene: &Scene<'_>,
        out: &mut Outbox,
    ) {
        let rule = if kind == AlertKind::CaseTamper { "case.open/1" } else { "strap.open/1" };
        let draft = device_draft(kind, rule, source, event);
        if let Some(cleared) = self.cleared_at.filter(|cleared| event.at <= *cleared) {
            // It opened before an officer cleared the latch, and only now is it told.
            let id = out.raise_late(scene, draft);
            out.end_id(id, cleared);
            return;
        }
        let latch = self.latch(kind);
        if latch.open && latch.alert.is_some() {
            return;
        }
        // A case has no sensor for being closed: each opening is an occurrence.
        latch.open = kind == AlertKind::StrapTamper;
        latch.alert = Some(out.raise(scene, draft, latch.alert));
    }

    fn handle_cleared(&mut self, at: UnixMillis, out: &mut Outbox) {
        self.cleared_at = Some(self.cleared_at.map_or(at, |cleared| cleared.max(at)));
        for latch in [&mut self.strap, &mut self.case] {
            out.end(&mut latch.alert, at);
            latch.open = false;
        }
    }

    fn handle_sign(&mut self, source: Source, event: &Event, scene: &Scene<'_>, out: &mut Outbox) {
        let by_hand = event.kind == EventKind::Panic;
        let (kind, rule) = if by_hand {
            (AlertKind::Panic, "panic.held/1")
        } else {
            (AlertKind::SignalTamper, "signal.suspected/1")
        };
        let position = self.signs.iter().position(|sign| sign.0 == event.kind);
        let known = position.map(|index| self.signs[index]);
        let repeats = known.is_some_and(|sign| event.at.since_ms(sign.1).abs() <= REPEAT_WITHIN_S * 1000);
        let id = match known {
            // Signs of jamming come as long as it lasts: one alert. A button is held by a person each time.
            Some(sign) if repeats && !by_hand => sign.2,
            Some(sign) if repeats => out.raise(scene, device_draft(kind, rule, source, event), Some(sign.2)),
            Some(_) | None => out.raise(scene, device_draft(kind, rule, source, event), None),
        };
        let at = known.filter(|_| repeats).map_or(event.at, |sign| sign.1.max(event.at));
        match position {
            Some(index) => self.signs[index] = Sign(event.kind, at, id),
            None => self.signs.push(Sign(event.kind, at, id)),
        }
    }

    /// Whether a word about the battery is newer than all before.
    fn is_news_of_battery(&mut self, at: UnixMillis) -> bool {
        let news = self.battery_at.is_none_or(|known| at > known);
        if news {
            self.battery_at = Some(at);
        }
        news
    }

    fn handle_charging(&mut self, at: UnixMillis, out: &mut Outbox) {
        if self.is_news_of_battery(at) {
            out.end(&mut self.low, at);
            out.end(&mut self.critical, at);
        }
    }

    fn handle_battery(
        &mut self,
        source: Source,
        at: UnixMillis,
        battery: &BatteryState,
        scene: &Scene<'_>,
        out: &mut Outbox,
    ) {
        if !self.is_news_of_battery(at) {
            return;
        }
        let plan = &scene.context.wearer.plan;
        let marks = [
            (&mut self.low, AlertKind::BatteryLow, "battery.low/1", plan.battery_low),
            (&mut self.critical, AlertKind::BatteryCritical, "battery.critical/1", plan.battery_critical),
        ];
        for (alert, kind, rule, mark) in marks {
            if battery.percent < mark && alert.is_none() {
                let draft = Draft {
                    kind,
                    rule,
                    subject: Subject::Device(source.device),
                    origin: Origin::Record { device: source.device, frame: source.frame, at },
                    occurred_at: at,
                    position: None,
                    reason: Reason::Battery { percent: battery.percent, empty_at: battery.empty_at },
                    zone: None,
                    fixes: Vec::new(),
                };
                *alert = Some(out.raise(scene, draft, None));
            } else if battery.percent >= mark.saturating_add(BATTERY_RECOVERED_PERCENT) {
                out.end(alert, at);
            }
        }
    }
}

fn device_draft(kind: AlertKind, rule: &'static str, source: Source, event: &Event) -> Draft<'static> {
    Draft {
        kind,
        rule,
        subject: Subject::Device(source.device),
        origin: Origin::Record { device: source.device, frame: source.frame, at: event.at },
        occurred_at: event.at,
        position: event.position,
        reason: Reason::DeviceReported { value: event.value },
        zone: None,
        fixes: Vec::new(),
    }
}
