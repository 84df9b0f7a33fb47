//! Scenarios in plain words: a world of one wearer with metres around a point, and a desk that keeps the alerts.

mod at_hand;
mod curfew;
mod device;
mod exclusion;
mod interval;
mod late;
mod permission;
mod privacy;
mod replay;
mod silence;
mod victim;

use super::*;
use crate::{
    Alert, AlertId, AlertKind, Condition, ConditionId, ConditionRule, Finding, IntervalRecord, OrderId,
    SupervisionPlan, Wearer,
};
use lenke_wire::{EventKind, Health, Position, TimeSource};
use lenke_zones::{
    Assignment, ConfirmPolicy, Geometry, Metres, Schedule, WeeklyWindow, Zone, ZoneId, ZoneIndex, ZoneKind,
};
use std::collections::BTreeMap;

const WEARER: WearerId = WearerId(42);
const VICTIM: WearerId = WearerId(800);
const TAG: DeviceId = DeviceId::new(42);
const HOME_UNIT: DeviceId = DeviceId::new(7042);
const SCHOOL: ZoneId = ZoneId(1);
const HOME: ZoneId = ZoneId(2);

/// `east` and `north` metres from a point in Oslo.
fn place((east, north): (f64, f64)) -> Position {
    Position::from_degrees(59.91 + north / 111_410.0, 10.75 + east / 55_950.0).expect("near Oslo")
}

fn moment(text: &str) -> UnixMillis {
    UnixMillis(text.parse::<jiff::Timestamp>().expect("a timestamp").as_millisecond())
}

fn fix_at(at: UnixMillis, position: (f64, f64), accuracy_m: f64) -> Fix {
    Fix {
        at,
        time_source: TimeSource::Gnss,
        position: place(position),
        accuracy_dm: (accuracy_m * 10.0) as u16,
        speed_cm_s: 130,
        course_cdeg: 0,
        satellites: 9,
    }
}

fn circle(id: ZoneId, kind: ZoneKind, centre: (f64, f64), radius_m: f64, buffer_m: f64) -> Zone {
    Zone {
        id,
        version: 1,
        name: format!("zone {}", id.0),
        kind,
        geometry: Geometry::circle(place(centre), Metres(radius_m)).expect("a circle"),
        buffer: Metres(buffer_m),
        policy: ConfirmPolicy::default(),
        schedule: None,
        assignment: Assignment::Personal(WEARER),
    }
}

/// Every night from `from_min` to `to_min`.
fn nightly(from_min: u16, to_min: u16) -> Schedule {
    let windows: Vec<_> = (1..=7).map(|weekday| WeeklyWindow { weekday, from_min, to_min }).collect();
    Schedule::new("Europe/Oslo", windows).expect("a schedule")
}

fn wearer(conditions: Vec<ConditionRule>) -> Wearer {
    let conditions =
        (1..).zip(conditions).map(|(id, rule)| Condition { id: ConditionId(id), rule }).collect();
    Wearer {
        id: WEARER,
        order: OrderId(9),
        order_version: 1,
        conditions,
        groups: Vec::new(),
        plan: SupervisionPlan::default(),
        home_units: vec![HOME_UNIT],
    }
}

/// A wearer with monitor and desk.
struct World {
    wearer: Wearer,
    zones: ZoneIndex,
    monitor: Monitor,
    now: UnixMillis,
    seq: u32,
    effects: Vec<Effect>,
    desk: BTreeMap<AlertId, Alert>,
    /// What a store holds.
    records: Vec<IntervalRecord>,
}

impl World {
    fn new(start: &str, zones: Vec<Zone>, mut conditions: Vec<ConditionRule>) -> Self {
        let now = moment(start);
        conditions.push(ConditionRule::TrailMonitoring);
        let mut world = Self {
            wearer: wearer(conditions),
            zones: ZoneIndex::build(zones),
            monitor: Monitor::new(WEARER, now),
            now,
            seq: 0,
            effects: Vec::new(),
            desk: BTreeMap::new(),
            records: Vec::new(),
        };
        world.wait(0);
        world
    }

    /// A school to keep out of: a circle of 200 m around (1000, 0) with a warning strip of 150 m.
    fn with_school() -> Self {
        let school = circle(SCHOOL, ZoneKind::Exclusion, (1000.0, 0.0), 200.0, 150.0);
        Self::new("2026-03-02T12:00:00Z", vec![school], Vec::new())
    }

    fn handle(&mut self, input: impl FnOnce(&mut Monitor, &Context<'_>, UnixMillis)) {
        let context = Context { wearer: &self.wearer, zones: &self.zones };
        input(&mut self.monitor, &context, self.now);
        while let Some(effect) = self.monitor.poll_effect() {
            match &effect {
                Effect::Raise(finding) => {
                    let now = self.now;
                    self.desk
                        .entry(finding.id)
                        .and_modify(|alert| {
                            alert.handle_recurrence(finding, now);
                        })
                        .or_insert_with(|| Alert::raise(finding.clone(), now));
                }
                Effect::End { id, at, permission } => {
                    let alert = self.desk.get_mut(id).expect("only what was raised ends");
                    alert.handle_end_under(*at, *permission, self.now);
                }
                Effect::Record(record) => {
                    self.records.retain(|known| known.id != record.id);
                    self.records.extend((!record.is_withdrawn()).then(|| record.clone()));
                }
            }
            self.effects.push(effect);
        }
    }

    /// Lets `seconds` pass, with all deadlines on the way.
    fn wait(&mut self, seconds: i64) {
        let until = self.now.plus_s(seconds);
        while let Some(due) = self.monitor.deadline().filter(|due| *due <= until) {
            self.now = self.now.max(due);
            self.handle(|monitor, context, now| monitor.handle_deadline(context, now));
            assert!(self.monitor.deadline().is_none_or(|next| next > self.now), "a deadline that stays due");
        }
        self.now = until;
    }

    fn report(&mut self, lane: Lane, content: Content<'_>) -> Tally {
        let frame = FrameId::new(1, self.seq);
        self.seq += 1;
        self.report_as(TAG, frame, lane, content)
    }

    fn report_as(&mut self, device: DeviceId, frame: FrameId, lane: Lane, content: Content<'_>) -> Tally {
        let mut tally = Tally::default();
        let report = Report { device, frame, lane, content };
        self.handle(|monitor, context, now| tally = monitor.handle_report(&report, context, now));
        tally
    }

    /// A minute passes and a fix comes from there, good to 10 m.
    fn walk(&mut self, path: &[(f64, f64)]) {
        for position in path {
            self.wait(60);
            self.fix(*position, 10.0);
        }
    }

    fn fix(&mut self, position: (f64, f64), accuracy_m: f64) {
        let fix = fix_at(self.now, position, accuracy_m);
        self.report(Lane::Live, Content::Fixes(&[fix]));
    }

    fn event(&mut self, kind: EventKind, value: i32) {
        let (at, time_source) = (self.now, TimeSource::Gnss);
        let event = Event { at, time_source, kind, value, position: None };
        self.report(Lane::Live, Content::Event(&event));
    }

    fn findings(&self) -> Vec<&Finding> {
        self.effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Raise(finding) => Some(finding),
                Effect::End { .. } | Effect::Record(_) => None,
            })
            .collect()
    }

    /// Kinds raised, in order.
    fn raised(&self) -> Vec<AlertKind> {
        self.findings().into_iter().map(|finding| finding.kind).collect()
    }

    /// Kinds whose condition holds now.
    fn active(&self) -> Vec<AlertKind> {
        let mut kinds: Vec<_> =
            self.desk.values().filter(|alert| alert.active).map(|alert| alert.kind).collect();
        kinds.sort();
        kinds
    }

    fn alert(&self, kind: AlertKind) -> &Alert {
        let mut alerts = self.desk.values().filter(|alert| alert.kind == kind);
        let alert = alerts.next().expect("raised");
        assert!(alerts.next().is_none(), "more than one {kind:?}");
        alert
    }
}
