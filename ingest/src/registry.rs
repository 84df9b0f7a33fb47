//! The register as ingest uses it: devices with their keys, who carried them when, and which shard owns whom.
//!
//! Invariant: a protected person and everybody who must keep away from that person are in one shard, so that a
//! protected position never leaves the task that evaluates it.

mod zones;

use crate::downlink::device_plan;
use lenke_alerts::{Carriers, DeviceKind, Register, Wearer};
use lenke_wire::{DeviceId, UnixMillis, frame::DeviceKey};
use lenke_zones::WearerId;
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};
use zones::RegisterZones;

/// So long after an activation ended, what a device still brings of its former wearer is evaluated, not only stored.
pub const HANDOVER_S: i64 = 7 * 86_400;

/// A device as ingest needs it.
#[derive(Debug)]
pub struct DeviceEntry {
    /// Identity.
    pub id: DeviceId,
    /// What it is.
    pub kind: DeviceKind,
    /// Seals its frames.
    pub key: DeviceKey,
    /// Checks its checkpoints.
    pub public_key: [u8; 32],
    /// Its positions are a protected person's: they are neither stored nor published.
    pub protected: bool,
    carriers: Carriers,
    shard: usize,
}

impl DeviceEntry {
    /// Who carried it when.
    pub fn carriers(&self) -> &Carriers {
        &self.carriers
    }

    /// Who carried the device at `at`.
    pub fn wearer_at(&self, at: UnixMillis) -> Option<WearerId> {
        self.carriers.wearer_at(at)
    }
}

/// One version of the register, read-only.
#[derive(Debug)]
pub struct Registry {
    version: i64,
    shards: usize,
    devices: HashMap<DeviceId, DeviceEntry>,
    wearers: HashMap<WearerId, Arc<Wearer>>,
    zones: RegisterZones,
    /// Whom to tell of a protected person's position.
    watchers: HashMap<WearerId, Vec<WearerId>>,
    protected: HashSet<WearerId>,
    shard_of: HashMap<WearerId, usize>,
}

impl Registry {
    /// `register` spread over `shards`, as of `now`.
    pub fn new(mut register: Register, shards: usize, now: UnixMillis) -> Self {
        let zones = RegisterZones::new(std::mem::take(&mut register.zones));
        Self::with_zones(register, zones, shards, now)
    }

    /// The version after this one: of the zones, only what differs is compiled.
    #[must_use]
    pub fn next(&self, mut register: Register, now: UnixMillis) -> Self {
        let zones = self.zones.edited(std::mem::take(&mut register.zones));
        Self::with_zones(register, zones, self.shards, now)
    }

    fn with_zones(register: Register, zones: RegisterZones, shards: usize, now: UnixMillis) -> Self {
        let shards = shards.max(1);
        let unsent =
            register.wearers.iter().filter(|wearer| !device_plan(&wearer.plan, 0).is_valid()).count();
        if unsent > 0 {
            tracing::warn!(wearers = unsent, "plans that no device can follow are not sent to their devices");
        }
        let watchers = watchers(&register.wearers);
        let protected = register.protected();
        let shard_of = shard_of(&register, &watchers, shards, now);
        let carriers = register.carriers();
        let devices = register.devices.into_iter().zip(carriers).map(|(device, carriers)| {
            let wearer = carriers.last_wearer();
            let carried_by_protected =
                carriers.activations().iter().any(|activation| protected.contains(&activation.wearer));
            let entry = DeviceEntry {
                id: device.id,
                kind: device.kind,
                key: DeviceKey::new(device.key),
                public_key: device.public_key,
                protected: device.kind == DeviceKind::VictimUnit || carried_by_protected,
                shard: wearer
                    .and_then(|wearer| shard_of.get(&wearer).copied())
                    .unwrap_or_else(|| spread(device.id.number(), shards)),
                carriers,
            };
            (device.id, entry)
        });
        Self {
            version: register.version,
            shards,
            devices: devices.collect(),
            wearers: register.wearers.into_iter().map(|wearer| (wearer.id, Arc::new(wearer))).collect(),
            zones,
            watchers,
            protected,
            shard_of,
        }
    }

    /// The register's version.
    pub fn version(&self) -> i64 {
        self.version
    }

    /// The zones.
    pub(crate) const fn zones(&self) -> &RegisterZones {
        &self.zones
    }

    /// An enrolled device.
    pub fn device(&self, device: DeviceId) -> Option<&DeviceEntry> {
        self.devices.get(&device)
    }

    /// A wearer or protected person.
    pub fn wearer(&self, wearer: WearerId) -> Option<&Arc<Wearer>> {
        self.wearers.get(&wearer)
    }

    /// Who must keep away from `victim`.
    pub fn watchers(&self, victim: WearerId) -> &[WearerId] {
        self.watchers.get(&victim).map_or(&[], Vec::as_slice)
    }

    /// Whether `wearer` is a protected person.
    pub fn is_protected(&self, wearer: WearerId) -> bool {
        self.protected.contains(&wearer)
    }

    /// The shard that owns a device's frames: that of who carries it.
    pub fn shard_of_device(&self, device: DeviceId) -> usize {
        self.device(device).map_or_else(|| spread(device.number(), self.shards), |entry| entry.shard)
    }

    /// The shard that owns a wearer's monitor.
    pub fn shard_of_wearer(&self, wearer: WearerId) -> usize {
        self.shard_of.get(&wearer).copied().unwrap_or_else(|| spread(wearer.0, self.shards))
    }

    /// Everybody who carries a device at `now`.
    pub fn monitored(&self, now: UnixMillis) -> impl Iterator<Item = WearerId> + '_ {
        let carried = self.devices.values().filter_map(move |device| device.wearer_at(now));
        carried.filter(|wearer| self.wearers.contains_key(wearer))
    }

    /// The devices that are enrolled.
    pub fn devices(&self) -> impl Iterator<Item = &DeviceEntry> {
        self.devices.values()
    }
}

fn watchers(wearers: &[Wearer]) -> HashMap<WearerId, Vec<WearerId>> {
    let mut watchers: HashMap<WearerId, Vec<WearerId>> = HashMap::new();
    for wearer in wearers {
        for victim in wearer.protects() {
            let of_victim = watchers.entry(victim).or_default();
            if !of_victim.contains(&wearer.id) {
                of_victim.push(wearer.id);
            }
        }
    }
    watchers
}

/// Joins who belongs together and spreads the groups by their smallest member.
fn shard_of(
    register: &Register,
    watchers: &HashMap<WearerId, Vec<WearerId>>,
    shards: usize,
    now: UnixMillis,
) -> HashMap<WearerId, usize> {
    let mut groups = Groups::default();
    for wearer in &register.wearers {
        groups.root(wearer.id);
    }
    for (victim, wearers) in watchers {
        wearers.iter().for_each(|wearer| groups.join(*victim, *wearer));
    }
    let mut carried: HashMap<DeviceId, WearerId> = HashMap::new();
    for activation in &register.activations {
        if activation.to.is_none_or(|to| now.since_ms(to) < HANDOVER_S * 1000) {
            let first = *carried.entry(activation.device).or_insert(activation.wearer);
            groups.join(first, activation.wearer);
        }
    }
    let members: Vec<_> = groups.0.keys().copied().collect();
    members.into_iter().map(|wearer| (wearer, spread(groups.root(wearer).0, shards))).collect()
}

/// Union-find whose representative is the smallest member, so that it does not depend on the order of joining.
#[derive(Default)]
struct Groups(HashMap<WearerId, WearerId>);

impl Groups {
    fn root(&mut self, wearer: WearerId) -> WearerId {
        let mut root = wearer;
        loop {
            let parent = *self.0.entry(root).or_insert(root);
            if parent == root {
                break;
            }
            root = parent;
        }
        self.0.insert(wearer, root);
        root
    }

    fn join(&mut self, one: WearerId, other: WearerId) {
        let (one, other) = (self.root(one), self.root(other));
        self.0.insert(one.max(other), one.min(other));
    }
}

/// Neighbouring numbers land in different shards (the finaliser of `SplitMix64`).
fn spread(number: u64, shards: usize) -> usize {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((mixed ^ (mixed >> 31)) % shards as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::harness::{BEGIN, OTHER_TAG, TAG, VICTIM_UNIT, register};
    use lenke_alerts::Activation;

    #[test]
    fn a_protected_person_and_who_must_keep_away_share_a_shard_whatever_their_number() {
        for shards in 1..40 {
            let registry = Registry::new(register(), shards, BEGIN);
            assert_eq!(registry.shard_of_wearer(WearerId(2)), registry.shard_of_wearer(WearerId(3)));
            assert_eq!(registry.shard_of_device(VICTIM_UNIT), registry.shard_of_wearer(WearerId(2)));
            assert_eq!(registry.watchers(WearerId(3)), [WearerId(2)]);
            assert!(
                registry.device(VICTIM_UNIT).unwrap().protected && !registry.device(TAG).unwrap().protected
            );
        }
    }

    #[test]
    fn wearers_are_spread_over_all_shards() {
        let mut counts = [0; 8];
        (0..8000).for_each(|number| counts[spread(number, 8)] += 1);
        assert!(counts.iter().all(|count| (900..1100).contains(count)), "{counts:?}");
    }

    #[test]
    fn positions_belong_to_who_carried_the_device_then() {
        let mut register = register();
        let handed_over = BEGIN.plus_s(-600);
        for activation in register.activations.iter_mut().filter(|activation| activation.device == OTHER_TAG)
        {
            activation.to = Some(handed_over.plus_s(-60));
        }
        register.activations.push(Activation {
            device: OTHER_TAG,
            wearer: WearerId(1),
            from: handed_over,
            to: None,
        });
        let registry = Registry::new(register, 4, BEGIN);
        let device = registry.device(OTHER_TAG).unwrap();
        assert_eq!(device.wearer_at(handed_over), Some(WearerId(1)));
        assert_eq!(device.wearer_at(handed_over.plus_s(-30)), None);
        assert_eq!(device.wearer_at(handed_over.plus_s(-61)), Some(WearerId(4)));
        assert_eq!(
            registry.shard_of_wearer(WearerId(1)),
            registry.shard_of_wearer(WearerId(4)),
            "handed over lately"
        );
    }

    #[test]
    fn joining_does_not_depend_on_the_order() {
        let pairs = [(5, 9), (9, 2), (7, 8), (8, 5), (1, 3)];
        let roots = |pairs: &mut dyn Iterator<Item = &(u64, u64)>| {
            let mut groups = Groups::default();
            pairs.for_each(|&(one, other)| groups.join(WearerId(one), WearerId(other)));
            (1..10).map(|wearer| groups.root(WearerId(wearer)).0).collect::<Vec<_>>()
        };
        assert_eq!(roots(&mut pairs.iter()), roots(&mut pairs.iter().rev()));
        assert_eq!(roots(&mut pairs.iter()), [1, 2, 1, 4, 2, 6, 2, 2, 2]);
    }
}
