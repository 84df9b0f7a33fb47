//! The register's zones, compiled for evaluation: a change of the register edits what the version before compiled, so that
//! nobody waits for a hundred thousand zones because one has changed.
//!
//! **Invariant**: a version of the register keeps the zones it came with. Evaluation never judges by the zones of one
//! version and the wearers, conditions and permissions of another.

use lenke_wire::Position;
use lenke_zones::{
    AtHand, Compiled, Crossing, GroupId, LiveZones, Meeting, OwnZones, WearerId, Zone, ZoneId, ZoneIndex,
    ZoneSource, crossing::Waypoint,
};
use std::{collections::HashMap, sync::Arc};

/// More changes than this are compiled anew, which is then faster than edits one by one.
const EDITS_MAX: usize = 1_000;

/// The zones of one version of the register.
#[derive(Debug)]
pub(crate) struct RegisterZones {
    by_id: HashMap<ZoneId, Arc<Zone>>,
    /// What is edited: shared with the versions before and after.
    live: Arc<LiveZones>,
    /// What it was when this version came, which shares all that no edit touched since.
    compiled: Arc<Compiled>,
}

impl RegisterZones {
    pub(super) fn new(zones: Vec<Zone>) -> Self {
        Self::compile(zones.into_iter().map(|zone| (zone.id, Arc::new(zone))).collect())
    }

    fn compile(by_id: HashMap<ZoneId, Arc<Zone>>) -> Self {
        let index = ZoneIndex::build(by_id.values().map(Arc::clone));
        Self::published(Arc::new(LiveZones::new(index)), by_id)
    }

    fn published(live: Arc<LiveZones>, by_id: HashMap<ZoneId, Arc<Zone>>) -> Self {
        let compiled = Arc::clone(&live.load());
        Self { by_id, live, compiled }
    }

    /// The zone of this id.
    pub(crate) fn get(&self, id: ZoneId) -> Option<&Arc<Zone>> {
        self.by_id.get(&id)
    }

    /// Every zone, in no order.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<Zone>> {
        self.by_id.values()
    }

    /// For who judges one wearer's fixes one after the other, with that wearer's own zones at hand.
    pub(crate) fn at_hand<'a>(&'a self, own: &'a mut OwnZones) -> AtHand<'a> {
        AtHand::new(self, &self.compiled, own)
    }

    /// The zones of the next version; only what differs is compiled.
    pub(super) fn edited(&self, zones: Vec<Zone>) -> Self {
        let mut changed = Vec::new();
        let by_id: HashMap<ZoneId, Arc<Zone>> = zones
            .into_iter()
            .map(|zone| match self.by_id.get(&zone.id) {
                Some(known) if **known == zone => (zone.id, Arc::clone(known)),
                _ => {
                    changed.push(zone.id);
                    (zone.id, Arc::new(zone))
                }
            })
            .collect();
        let gone: Vec<ZoneId> = self.by_id.keys().filter(|id| !by_id.contains_key(id)).copied().collect();
        if changed.len() + gone.len() > EDITS_MAX {
            return Self::compile(by_id);
        }
        for zone in changed.iter().filter_map(|id| by_id.get(id)) {
            self.live.insert(Arc::clone(zone));
        }
        for id in gone {
            self.live.remove(id);
        }
        Self::published(Arc::clone(&self.live), by_id)
    }
}

impl ZoneSource for RegisterZones {
    fn meet(
        &self,
        wearer: WearerId,
        groups: &[GroupId],
        position: Position,
        accuracy_m: f64,
        meetings: &mut Vec<Meeting>,
    ) {
        self.compiled.meet(wearer, groups, position, accuracy_m, meetings);
    }

    fn cross(
        &self,
        wearer: WearerId,
        groups: &[GroupId],
        from: Waypoint,
        to: Waypoint,
        crossings: &mut Vec<Crossing>,
    ) {
        self.compiled.cross(wearer, groups, from, to, crossings);
    }

    fn zone(&self, id: ZoneId) -> Option<&Arc<Zone>> {
        self.by_id.get(&id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lenke_zones::{Assignment, ConfirmPolicy, Geometry, Metres, ZoneKind};

    const WEARER: WearerId = WearerId(7);

    fn zone(id: u64, radius_m: f64) -> Zone {
        let centre = Position::from_degrees(59.9, 10.7).unwrap();
        Zone {
            id: ZoneId(id),
            version: 1,
            name: format!("zone {id}"),
            kind: ZoneKind::Exclusion,
            geometry: Geometry::circle(centre, Metres(radius_m)).unwrap(),
            buffer: Metres(0.0),
            policy: ConfirmPolicy::default(),
            schedule: None,
            assignment: Assignment::Personal(WEARER),
        }
    }

    fn met(zones: &RegisterZones) -> Vec<(u64, bool)> {
        let mut meetings = Vec::new();
        let place = Position::from_degrees(59.901, 10.7).unwrap();
        zones.meet(WEARER, &[], place, 5.0, &mut meetings);
        // One zone in memory, however it is asked for.
        let same = |met: &Meeting| zones.zone(met.zone.id).is_some_and(|zone| Arc::ptr_eq(zone, &met.zone));
        meetings.iter().map(|met| (met.zone.id.0, same(met))).collect()
    }

    #[test]
    fn an_edit_is_seen_in_the_next_version_and_never_by_who_holds_the_one_before() {
        let first = RegisterZones::new(vec![zone(1, 200.0), zone(2, 50.0)]);
        assert_eq!(met(&first), [(1, true)]);
        let second = first.edited(vec![zone(1, 200.0), zone(2, 300.0)]);
        assert_eq!(met(&second), [(1, true), (2, true)]);
        assert!(Arc::ptr_eq(&first.live, &second.live));
        assert!(Arc::ptr_eq(&first.by_id[&ZoneId(1)], &second.by_id[&ZoneId(1)]));
        assert_eq!(met(&first), [(1, true)], "its wearers are those of the first version too");
        let third = second.edited(vec![zone(2, 300.0)]);
        assert_eq!(met(&third), [(2, true)]);
        assert_eq!(met(&second), [(1, true), (2, true)]);
    }

    #[test]
    fn many_edits_are_compiled_anew_with_the_same_answers() {
        let first = RegisterZones::new(vec![zone(1, 200.0)]);
        let many: Vec<Zone> = (1..=EDITS_MAX as u64 + 2).map(|id| zone(id, 200.0)).collect();
        let second = first.edited(many);
        assert!(!Arc::ptr_eq(&first.live, &second.live));
        assert_eq!((met(&first).len(), met(&second).len()), (1, EDITS_MAX + 2));
    }
}
