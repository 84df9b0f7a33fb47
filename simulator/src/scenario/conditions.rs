//! The conditions of each wearer's order, and the zones they need.

use super::zoning::{self, Shared};
use crate::cast::{Role, spot};
use crate::draw::{Draw, Stream};
use crate::person::{Occupation, Person, Place};
use jiff::{Timestamp, tz::TimeZone};
use lenke_alerts::{Condition, ConditionId, ConditionRule, Permission, PermissionReason};
use lenke_wire::UnixMillis;
use lenke_zones::{
    Assignment, ConfirmPolicy, Geometry, GroupId, Metres, Schedule, WearerId, WeeklyWindow, Zone, ZoneId,
    ZoneKind,
};

/// Share of wearers with a curfew.
const CURFEW_SHARE: f64 = 0.55;
/// Share of wearers with an exclusion zone of their own.
const EXCLUSION_SHARE: f64 = 0.4;
/// Share of the wearers in a town with shared zones for whom these hold.
const GROUP_SHARE: f64 = 0.5;
/// Radius of a home zone, metres.
const HOME_RADIUS_M: f64 = 120.0;
/// Begin of the curfew and its end, minutes of the local day.
const CURFEW_MIN: (u16, u16) = (21 * 60, 6 * 60);
/// End of the curfew of an early shift, minutes of the local day.
const CURFEW_EARLY_TO_MIN: u16 = 5 * 60;
/// Number before the first shared zone: above every wearer's own.
const SHARED_ZONE_BASE: u64 = 9_000_000;
/// Place of the home zone among a wearer's ten.
const HOME_PLACE: u64 = 1;
/// Place of the exclusion zone among a wearer's ten.
const EXCLUSION_PLACE: u64 = 2;
/// Length of the curfew of the cast, minutes.
const CAST_CURFEW_MIN: u16 = 8 * 60;
/// Every so many wearers with a curfew have leave for a night, by their number ...
const LEAVE_EVERY: u64 = 5;
/// ... which begins so long after the start and lasts so long, seconds.
const LEAVE_AFTER_S: i64 = 20 * 3_600;
const LEAVE_S: i64 = 8 * 3_600;
/// Rings of victim protection: alert and pre-alert, metres.
const RINGS_M: (f64, f64) = (500.0, 1_000.0);

/// What one order says.
pub(super) struct Given {
    pub(super) conditions: Vec<Condition>,
    pub(super) groups: Vec<GroupId>,
    pub(super) has_home_unit: bool,
}

/// Gives orders and collects the zones they need.
pub(super) struct Orders {
    seed: u64,
    start: UnixMillis,
    zones: Vec<Zone>,
    shared: Vec<Shared>,
}

/// A curfew's figures beyond zone and schedule, seconds.
struct Patience {
    grace_s: u32,
    not_returned_s: u32,
    unknown_s: u32,
}

impl Orders {
    pub(super) fn new(seed: u64, start: UnixMillis) -> Self {
        let mut orders = Self { seed, start, zones: Vec::new(), shared: zoning::shared(seed) };
        for place in 0..orders.shared.len() {
            let shared = &orders.shared[place];
            let (name, group) = (shared.name.clone(), shared.group);
            let site = (shared.geometry.clone(), Metres(shared.buffer_m));
            let id = ZoneId(SHARED_ZONE_BASE + group.0);
            orders.add(id, name, ZoneKind::Exclusion, site, Assignment::Shared(vec![group]));
        }
        orders
    }

    pub(super) fn into_zones(self) -> Vec<Zone> {
        self.zones
    }

    pub(super) fn trail_only(&self, wearer: WearerId) -> Vec<Condition> {
        numbered(wearer, vec![ConditionRule::TrailMonitoring])
    }

    pub(super) fn of(&mut self, wearer: WearerId, person: &Person, role: Option<Role>) -> Given {
        match role {
            Some(role) => self.of_cast(wearer, person, role),
            None => self.of_ordinary(wearer, person),
        }
    }

    fn of_cast(&mut self, wearer: WearerId, person: &Person, role: Role) -> Given {
        let mut rules = Vec::new();
        if let Some(stage) = role.stage() {
            let centre = spot(person, stage.at_m);
            let geometry = if role == Role::ExclusionBreach {
                zoning::polygon(centre, stage.radius_m, &mut Draw::new(self.seed, Stream::Cast, wearer.0, 0))
            } else {
                zoning::circle(centre, stage.radius_m)
            };
            rules.extend(geometry.map(|geometry| self.exclusion(wearer, person, geometry, stage.buffer_m)));
        }
        match role {
            Role::LateReturn => {
                let patience = Patience { grace_s: 60, not_returned_s: 3_600, unknown_s: 2_400 };
                let schedule = self.cast_curfew(person);
                rules.extend(schedule.and_then(|schedule| self.curfew(wearer, person, schedule, patience)));
            }
            Role::VictimPair => rules.push(ConditionRule::VictimProtection {
                victim: WearerId(super::victim_unit().number()),
                alert_m: RINGS_M.0,
                pre_alert_m: RINGS_M.1,
            }),
            Role::ExclusionBreach
            | Role::StrapCut
            | Role::Transit
            | Role::LateBacklog
            | Role::LowBattery
            | Role::SilentTag => {}
        }
        given(wearer, rules, Vec::new())
    }

    fn of_ordinary(&mut self, wearer: WearerId, person: &Person) -> Given {
        let mut draw = Draw::new(self.seed, Stream::Order, wearer.0, 0);
        let mut rules = Vec::new();
        if draw.chance(CURFEW_SHARE) {
            let to_min = match person.occupation {
                Occupation::EarlyShift => CURFEW_EARLY_TO_MIN,
                Occupation::DayWork | Occupation::School | Occupation::Free => CURFEW_MIN.1,
            };
            let patience = Patience { grace_s: 900, not_returned_s: 3_600, unknown_s: 3_600 };
            let schedule = weekly(person, CURFEW_MIN.0, to_min);
            let curfew = schedule.and_then(|schedule| self.curfew(wearer, person, schedule, patience));
            if let (Some(ConditionRule::Curfew { zone, .. }), 0) = (&curfew, wearer.0 % LEAVE_EVERY) {
                let from = self.start.plus_s(LEAVE_AFTER_S);
                let (to, reason) = (from.plus_s(LEAVE_S), PermissionReason::Family);
                rules.extend(Permission::new(*zone, from, to, reason).map(ConditionRule::Permission));
            }
            rules.extend(curfew);
        }
        if draw.chance(EXCLUSION_SHARE)
            && let Some((geometry, buffer_m)) = zoning::clear_of(person, &mut draw)
        {
            rules.push(self.exclusion(wearer, person, geometry, buffer_m));
        }
        let near = self.shared.iter().filter(|shared| shared.town == person.town.name);
        let groups = near.filter(|shared| draw.chance(GROUP_SHARE) && shared.is_clear_of(person));
        let groups: Vec<GroupId> = groups.map(|shared| shared.group).collect();
        given(wearer, rules, groups)
    }

    fn exclusion(
        &mut self,
        wearer: WearerId,
        person: &Person,
        geometry: Geometry,
        buffer_m: f64,
    ) -> ConditionRule {
        let name = format!("Exclusion {}, {}", wearer.0, person.town.name);
        let site = (geometry, Metres(buffer_m));
        let zone = ZoneId(wearer.0 * 10 + EXCLUSION_PLACE);
        self.add(zone, name, ZoneKind::Exclusion, site, Assignment::Personal(wearer));
        ConditionRule::Exclusion { zone }
    }

    fn curfew(
        &mut self,
        wearer: WearerId,
        person: &Person,
        schedule: Schedule,
        patience: Patience,
    ) -> Option<ConditionRule> {
        let geometry = zoning::circle(person.position(Place::Home), HOME_RADIUS_M)?;
        let name = format!("Home {}, {}", wearer.0, person.town.name);
        let zone = ZoneId(wearer.0 * 10 + HOME_PLACE);
        let site = (geometry, Metres(0.0));
        self.add(zone, name, ZoneKind::Inclusion, site, Assignment::Personal(wearer));
        let Patience { grace_s, not_returned_s, unknown_s } = patience;
        Some(ConditionRule::Curfew { zone, schedule, grace_s, not_returned_s, unknown_s })
    }

    /// From the second minute after the start, each day.
    fn cast_curfew(&self, person: &Person) -> Option<Schedule> {
        let begin = UnixMillis((self.start.0 + 60_000 + 59_999).div_euclid(60_000) * 60_000);
        let zone = TimeZone::get(person.town.country.time_zone()).ok()?;
        let local = Timestamp::from_millisecond(begin.0).ok()?.to_zoned(zone);
        let from_min = u16::try_from(i32::from(local.hour()) * 60 + i32::from(local.minute())).ok()?;
        weekly(person, from_min, (from_min + CAST_CURFEW_MIN) % 1_440)
    }

    fn add(
        &mut self,
        id: ZoneId,
        name: String,
        kind: ZoneKind,
        (geometry, buffer): (Geometry, Metres),
        assignment: Assignment,
    ) {
        self.zones.push(Zone {
            id,
            version: 1,
            name,
            kind,
            geometry,
            buffer,
            policy: ConfirmPolicy::default(),
            schedule: None,
            assignment,
        });
    }
}

fn given(wearer: WearerId, mut rules: Vec<ConditionRule>, groups: Vec<GroupId>) -> Given {
    let has_home_unit = rules.iter().any(|rule| matches!(rule, ConditionRule::Curfew { .. }));
    if rules.is_empty() {
        rules.push(ConditionRule::TrailMonitoring);
    }
    Given { conditions: numbered(wearer, rules), groups, has_home_unit }
}

fn numbered(wearer: WearerId, rules: Vec<ConditionRule>) -> Vec<Condition> {
    (1..).zip(rules).map(|(place, rule)| Condition { id: ConditionId(wearer.0 * 10 + place), rule }).collect()
}

fn weekly(person: &Person, from_min: u16, to_min: u16) -> Option<Schedule> {
    let windows: Vec<_> = (1..=7).map(|weekday| WeeklyWindow { weekday, from_min, to_min }).collect();
    Schedule::new(person.town.country.time_zone(), windows).ok()
}
