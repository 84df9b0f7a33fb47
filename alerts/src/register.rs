//! Who is monitored, with what, under which conditions: all that evaluation needs to know of a case, and no name.

use lenke_wire::{DeviceId, UnixMillis};
use lenke_zones::{GroupId, Interval, Schedule, WearerId, Zone, ZoneId};
use serde::{Deserialize, Serialize};

/// A court's or prison service's decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OrderId(pub u64);

/// One condition of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConditionId(pub u64);

/// What must hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "rule")]
pub enum ConditionRule {
    /// Stay out of this zone (shared exclusion zones of the wearer's groups hold without a condition of their own).
    Exclusion {
        /// The zone.
        zone: ZoneId,
    },
    /// Be in this zone while the schedule holds.
    Curfew {
        /// Home.
        zone: ZoneId,
        /// When.
        schedule: Schedule,
        /// Lateness that is not yet a breach, seconds.
        grace_s: u32,
        /// Absence after which a person must act, seconds from the window's begin or from leaving.
        not_returned_s: u32,
        /// Time without evidence after which a person must look, seconds.
        unknown_s: u32,
    },
    /// Keep away from a protected person wherever that person is.
    VictimProtection {
        /// The protected person, who carries a victim unit.
        victim: WearerId,
        /// Alert ring, metres.
        alert_m: f64,
        /// Pre-alert ring, metres; double the alert ring by default.
        pre_alert_m: f64,
    },
    /// Be where another condition forbids it, or away from where one demands it, for a time.
    Permission(Permission),
    /// The trail is recorded, nothing more.
    TrailMonitoring,
}

/// Why a permission was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PermissionReason {
    /// Work or training for it.
    Work,
    /// School.
    School,
    /// A doctor, a hospital, treatment.
    Health,
    /// The court, the police, the prison service.
    Court,
    /// Family: a funeral, a birth, a holiday.
    Family,
    /// Something else, which the case file tells.
    Other,
}

/// A permission: a dated stretch of time in which one zone's rule does not bind the wearer. It never touches the
/// protection of a person. Valid by construction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Permission {
    zone: ZoneId,
    from: UnixMillis,
    to: UnixMillis,
    reason: PermissionReason,
}

/// The serialized form, before it is looked at.
#[derive(Deserialize)]
struct Unchecked {
    zone: ZoneId,
    from: UnixMillis,
    to: UnixMillis,
    reason: PermissionReason,
}

impl TryFrom<Unchecked> for Permission {
    type Error = PermissionError;

    fn try_from(Unchecked { zone, from, to, reason }: Unchecked) -> Result<Self, PermissionError> {
        Self::new(zone, from, to, reason)
    }
}

/// A permission that is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PermissionError {
    /// It ends before it begins.
    #[error("the permission's end does not lie after its begin")]
    Empty,
    /// Who is exempt for longer has another order.
    #[error("the permission is longer than {} days: that is another order", Permission::DAYS_MAX)]
    TooLong,
}

impl Permission {
    /// No permission may be longer, days.
    pub const DAYS_MAX: i64 = 366;

    /// Of the zone where the wearer may be although they must stay out, or be away from although they must stay in, from a
    /// moment to before another.
    ///
    /// # Errors
    /// It ends before it begins, or is too long.
    pub const fn new(
        zone: ZoneId,
        from: UnixMillis,
        to: UnixMillis,
        reason: PermissionReason,
    ) -> Result<Self, PermissionError> {
        if from.0 >= to.0 {
            return Err(PermissionError::Empty);
        }
        if to.since_ms(from) > Self::DAYS_MAX * 86_400_000 {
            return Err(PermissionError::TooLong);
        }
        Ok(Self { zone, from, to, reason })
    }

    /// The zone.
    pub const fn zone(&self) -> ZoneId {
        self.zone
    }

    /// First moment after.
    pub const fn to(&self) -> UnixMillis {
        self.to
    }

    /// Why.
    pub const fn reason(&self) -> PermissionReason {
        self.reason
    }

    /// When it exempts.
    pub const fn interval(&self) -> Interval {
        Interval::new(self.from, self.to)
    }
}

/// What a zone asks of a wearer at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its rule binds.
    Binds,
    /// Its schedule does not hold.
    Rests,
    /// This permission exempts from it.
    Exempt(ConditionId),
}

/// One condition of an order with its identity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    /// Identity.
    pub id: ConditionId,
    /// What must hold.
    #[serde(flatten)]
    pub rule: ConditionRule,
}

/// How often a device collects and transmits, and when silence becomes an alert.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SupervisionPlan {
    /// Version, acknowledged by the device.
    pub version: u32,
    /// Seconds between fixes.
    pub collect_s: u32,
    /// Seconds between transmissions.
    pub transmit_s: u32,
    /// Seconds without a word after which communication has failed.
    pub silence_s: u32,
    /// Seconds without a usable fix, while heard, after which location has failed.
    pub no_fix_s: u32,
    /// Fixes with a worse 68 % radius are kept and marked but confirm nothing, metres.
    pub accuracy_max_m: f64,
    /// Battery percent that is low.
    pub battery_low: u8,
    /// Battery percent that is critical.
    pub battery_critical: u8,
}

impl Default for SupervisionPlan {
    /// One fix a minute, sent at once.
    fn default() -> Self {
        Self {
            version: 1,
            collect_s: 60,
            transmit_s: 60,
            silence_s: 600,
            no_fix_s: 1800,
            accuracy_max_m: 100.0,
            battery_low: 20,
            battery_critical: 8,
        }
    }
}

/// A monitored person, or a protected one: pseudonymous.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wearer {
    /// Identity.
    pub id: WearerId,
    /// The order in force.
    pub order: OrderId,
    /// Version of the order in force.
    pub order_version: u32,
    /// Conditions of the order; empty for a protected person.
    pub conditions: Vec<Condition>,
    /// Groups whose shared zones hold for this wearer.
    pub groups: Vec<GroupId>,
    /// How the device is supervised.
    pub plan: SupervisionPlan,
    /// Home units of this wearer: an authenticated sighting by or of one of them is evidence of being home.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub home_units: Vec<DeviceId>,
}

impl Wearer {
    /// A protected person: no order binds them, and nobody may keep or show where they are.
    pub fn is_protected(&self) -> bool {
        self.conditions.is_empty() && self.groups.is_empty()
    }

    /// The persons whom the order protects.
    pub fn protects(&self) -> impl Iterator<Item = WearerId> {
        self.conditions.iter().filter_map(|condition| match condition.rule {
            ConditionRule::VictimProtection { victim, .. } => Some(victim),
            ConditionRule::Permission(_)
            | ConditionRule::Exclusion { .. }
            | ConditionRule::Curfew { .. }
            | ConditionRule::TrailMonitoring => None,
        })
    }

    /// The permissions that concern a zone.
    pub fn permissions(&self, zone: ZoneId) -> impl Iterator<Item = (ConditionId, &Permission)> {
        self.conditions.iter().filter_map(move |condition| match &condition.rule {
            ConditionRule::Permission(permission) if permission.zone() == zone => {
                Some((condition.id, permission))
            }
            ConditionRule::Permission(_)
            | ConditionRule::Exclusion { .. }
            | ConditionRule::Curfew { .. }
            | ConditionRule::VictimProtection { .. }
            | ConditionRule::TrailMonitoring => None,
        })
    }

    /// What a zone asks of the wearer at a moment, by its own schedule and the wearer's permissions.
    pub fn standing(&self, zone: &Zone, at: UnixMillis) -> Standing {
        if !zone.holds_at(at) {
            return Standing::Rests;
        }
        let exempt = self.permissions(zone.id).find(|(_, permission)| permission.interval().contains(at));
        exempt.map_or(Standing::Binds, |(id, _)| Standing::Exempt(id))
    }

    /// Whether a zone's rule binds the wearer at a moment.
    pub fn is_bound(&self, zone: &Zone, at: UnixMillis) -> bool {
        self.standing(zone, at) == Standing::Binds
    }
}

/// What a device is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// Ankle tag.
    Tag,
    /// Radio receiver in the home.
    HomeUnit,
    /// Carried by a protected person.
    VictimUnit,
}

/// A device with its keys.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Device {
    /// Identity.
    pub id: DeviceId,
    /// What it is.
    pub kind: DeviceKind,
    /// AES-128 key that seals its frames. Never logged.
    pub key: [u8; 16],
    /// Ed25519 key that checks its checkpoints.
    pub public_key: [u8; 32],
    /// Nothing from before this is taken from it.
    pub enrolled_at: UnixMillis,
}

impl std::fmt::Debug for Device {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Device").field("id", &self.id).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// Who carried a device from when to when: every position is attributed through it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activation {
    /// The device.
    pub device: DeviceId,
    /// Its wearer (or the home or protected person it belongs to).
    pub wearer: WearerId,
    /// First moment.
    pub from: UnixMillis,
    /// First moment after, if ended.
    pub to: Option<UnixMillis>,
}

/// Everything that evaluation needs to know, as one consistent snapshot.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Register {
    /// Rises with every change.
    pub version: i64,
    /// Wearers and protected persons.
    pub wearers: Vec<Wearer>,
    /// Devices.
    pub devices: Vec<Device>,
    /// Who carries what; no two of one device overlap.
    pub activations: Vec<Activation>,
    /// Zones in their current versions.
    pub zones: Vec<Zone>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permission_has_an_end_and_at_most_a_year() {
        let from = UnixMillis(1_800_000_000_000);
        let of =
            |seconds: i64| Permission::new(ZoneId(1), from, from.plus_s(seconds), PermissionReason::Work);
        let year = Permission::DAYS_MAX * 86_400;
        assert!(of(1).is_ok() && of(year).is_ok());
        assert_eq!((of(0), of(-1)), (Err(PermissionError::Empty), Err(PermissionError::Empty)));
        assert_eq!(of(year + 1), Err(PermissionError::TooLong));
        let all =
            Permission::new(ZoneId(1), UnixMillis(i64::MIN), UnixMillis(i64::MAX), PermissionReason::Work);
        assert_eq!(all, Err(PermissionError::TooLong));
    }

    #[test]
    fn a_permission_that_makes_no_sense_is_refused_where_it_is_read() {
        let good = Permission::new(ZoneId(1), UnixMillis(5), UnixMillis(9), PermissionReason::Work).unwrap();
        let mut json = serde_json::to_value(good).unwrap();
        assert_eq!(serde_json::from_value::<Permission>(json.clone()).unwrap(), good);
        json["to"] = 221_845_392_000_000_i64.into();
        let error = serde_json::from_value::<Permission>(json).unwrap_err();
        assert!(error.to_string().contains("longer than 366 days"), "{error}");
    }
}
