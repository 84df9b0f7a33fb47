//! What the register wants a device to hold: the plan of who carries it, and those of the zones that matter to it.
//!
//! | zone | on the tag |
//! |---|---|
//! | exclusion, the wearer's own or named by a condition | first |
//! | home, named by a curfew | as a zone that holds at times |
//! | exclusion, shared with one of the wearer's groups | as far as there is room, the nearest first |
//!
//! A tag knows no schedules. A zone that a curfew or a permission names is marked so that the tag tells of it and judges
//! nothing; the centre knows the times.

use crate::{downlink::device_plan, registry::Registry};
use lenke_alerts::{ConditionRule, Wearer};
use lenke_wire::{DeviceId, Position, UnixMillis, command::Plan, sign::KeyPair};
use lenke_zones::{
    Assignment, Bounds, FenceRoom, FenceSet, FenceZone, GroupId, WearerId, Zone, ZoneId, ZoneKind, fence_set,
};
use sha2::{Digest, Sha256};
use std::{
    collections::{HashMap, HashSet, hash_map::DefaultHasher},
    hash::{Hash, Hasher},
    sync::Arc,
};

/// What a tag has room for: [`lenke_wire::command::ZONE_SET_BYTES_MAX`] is the protocol's limit, this the devices'.
pub const TAG_ROOM: FenceRoom = FenceRoom { bytes: 4 * 1024, zones: 64 };

/// The register's zones by who they are for.
#[derive(Debug, Default)]
pub(super) struct ZoneLists {
    own: HashMap<WearerId, Vec<Arc<Zone>>>,
    shared: HashMap<GroupId, Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    zones: Vec<Arc<Zone>>,
    /// Changes with any of them.
    stamp: u64,
}

impl ZoneLists {
    pub(super) fn new(registry: &Registry) -> Self {
        let mut lists = Self::default();
        for zone in registry.zones().all().filter(|zone| zone.kind == ZoneKind::Exclusion) {
            match &zone.assignment {
                Assignment::Personal(wearer) => lists.own.entry(*wearer).or_default().push(Arc::clone(zone)),
                Assignment::Shared(groups) => {
                    for group in groups {
                        lists.shared.entry(*group).or_default().zones.push(Arc::clone(zone));
                    }
                }
            }
        }
        for shared in lists.shared.values_mut() {
            shared.zones.sort_unstable_by_key(|zone| zone.id);
            let mut hasher = DefaultHasher::new();
            shared.zones.iter().for_each(|zone| (zone.id, zone.version).hash(&mut hasher));
            shared.stamp = hasher.finish();
        }
        lists
    }
}

/// What a wearer's tag is to know, before it is encoded.
pub(super) struct Recipe {
    zones: Vec<(Arc<Zone>, bool)>,
    groups: Vec<GroupId>,
    timed: HashSet<ZoneId>,
    /// Changes with anything that the set is made of.
    pub(super) stamp: u64,
}

impl Recipe {
    /// For `wearer` at `now`, in the order of importance. `near` is where room goes first among shared zones.
    pub(super) fn new(
        wearer: &Wearer,
        registry: &Registry,
        lists: &ZoneLists,
        near: Option<Position>,
        now: UnixMillis,
    ) -> Self {
        let (mut named, mut timed) = (Vec::new(), HashSet::new());
        for condition in &wearer.conditions {
            match &condition.rule {
                ConditionRule::Exclusion { zone } => named.push(*zone),
                ConditionRule::Curfew { zone, .. } => {
                    named.push(*zone);
                    timed.insert(*zone);
                }
                ConditionRule::Permission(permission) if permission.to() > now => {
                    timed.insert(permission.zone());
                }
                ConditionRule::Permission(_)
                | ConditionRule::VictimProtection { .. }
                | ConditionRule::TrailMonitoring => {}
            }
        }
        let named = named.into_iter().filter_map(|id| registry.zones().get(id));
        let own = lists.own.get(&wearer.id).into_iter().flatten();
        let mut zones: Vec<_> =
            named.chain(own).map(|zone| (Arc::clone(zone), timed.contains(&zone.id))).collect();
        zones.sort_unstable_by_key(|(zone, _)| zone.id);
        zones.dedup_by_key(|(zone, _)| zone.id);
        let mut hasher = DefaultHasher::new();
        zones.iter().for_each(|(zone, timed)| (zone.id, zone.version, timed).hash(&mut hasher));
        for group in &wearer.groups {
            lists.shared.get(group).map_or(0, |shared| shared.stamp).hash(&mut hasher);
        }
        let mut others: Vec<_> = timed.iter().collect();
        others.sort_unstable();
        others.hash(&mut hasher);
        near.map(|near| (near.lat_e7(), near.lon_e7())).hash(&mut hasher);
        Self { zones, groups: wearer.groups.clone(), timed, stamp: hasher.finish() }
    }

    /// The set: with the shared zones by their numbers, or the nearest first where there is not room for all.
    pub(super) fn fences(&self, lists: &ZoneLists, near: Option<Position>) -> FenceSet {
        let mut shared: Vec<&Arc<Zone>> = self
            .groups
            .iter()
            .filter_map(|group| lists.shared.get(group))
            .flat_map(|shared| &shared.zones)
            .collect();
        let encode = |shared: &[&Arc<Zone>]| {
            let first = self.zones.iter().map(|(zone, is_timed)| FenceZone { zone, is_timed: *is_timed });
            let rest = shared.iter().map(|zone| FenceZone { zone, is_timed: self.timed.contains(&zone.id) });
            // There is room for a set of no zones.
            fence_set(first.chain(rest), TAG_ROOM).unwrap_or_default()
        };
        let set = encode(&shared);
        let Some(near) = near.filter(|_| !set.left_out.is_empty() && !shared.is_empty()) else { return set };
        shared.sort_by_key(|zone| (distance(&zone.geometry.bounds(), near), zone.id));
        encode(&shared)
    }
}

/// How far a box is, in no unit: enough to sort by.
fn distance(bounds: &Bounds, from: Position) -> u64 {
    let (lat, lon) = (from.lat(), from.lon());
    let outside = |value: f64, low: f64, high: f64| (low - value).max(value - high).max(0.0);
    let east = [-360.0, 0.0, 360.0].map(|turn| outside(lon + turn, bounds.west, bounds.east));
    let east = east.into_iter().fold(f64::MAX, f64::min) * lat.to_radians().cos();
    let north = outside(lat, bounds.south, bounds.north);
    // Tenths of micrometres at the most: it fits.
    (east.hypot(north) * 1e9) as u64
}

/// What a set says and how much of it there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) digest: [u8; 32],
    pub(super) bytes: u32,
    pub(super) zones: u32,
    pub(super) left_out: u32,
    /// A device that holds nothing need not be told.
    pub(super) is_empty: bool,
    pub(super) body: Body,
}

/// The content itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Body {
    Plan(Plan),
    Zones(Arc<[u8]>),
}

impl Content {
    /// The plan that `wearer`'s device follows; `None` if no device could.
    pub(super) fn plan(wearer: &Wearer) -> Option<Self> {
        let plan = device_plan(&wearer.plan, 0);
        let encoded = format!("{:?}", Plan { version: 0, ..plan });
        plan.is_valid().then(|| Self {
            digest: Sha256::digest(encoded).into(),
            bytes: 0,
            zones: 0,
            left_out: 0,
            is_empty: false,
            body: Body::Plan(plan),
        })
    }

    pub(super) fn zones(set: FenceSet) -> Self {
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Self {
            digest: Sha256::digest(&set.bytes).into(),
            bytes: count(set.bytes.len()),
            zones: count(set.zones),
            left_out: count(set.left_out.len()),
            is_empty: set.zones == 0,
            body: Body::Zones(set.bytes.into()),
        }
    }

    /// The lowest version that it may have: a plan keeps the register's number where it can.
    pub(super) const fn version_min(&self) -> u32 {
        match &self.body {
            Body::Plan(plan) => plan.version,
            Body::Zones(_) => 1,
        }
    }

    /// By what a device's receipt names it under this version and base.
    pub(super) fn receipt_digest(
        &self,
        version: u32,
        base: u32,
        device: DeviceId,
        key: &KeyPair,
    ) -> [u8; 32] {
        match &self.body {
            Body::Plan(plan) => {
                let plan = Plan { version, base_version: base, ..*plan };
                let mut body = [0; lenke_wire::command::BODY_BYTES_MAX];
                lenke_wire::command::Signed::sign(plan, device, key, &mut body)
                    .map_or([0; 32], |signed| signed.digest())
            }
            Body::Zones(_) => self.digest,
        }
    }
}
