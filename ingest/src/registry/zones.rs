//! The register's zones, compiled for evaluation: a change of the register edits them in place, so that nobody waits
//! for a hundred thousand zones because one has changed.

use arc_swap::Guard;
use lenke_wire::Position;
use lenke_zones::{
    Compiled, Crossing, GroupId, LiveZones, Meeting, WearerId, Zone, ZoneId, ZoneIndex, ZoneSource,
    crossing::Waypoint,
};
use std::{collections::HashMap, sync::Arc};

/// More changes than this are compiled anew, which is then faster than edits one by one.
const EDITS_MAX: usize = 1_000;

/// The zones of one version of the register. Versions share the compiled form, so that a later one's edits are seen by
/// who still holds an earlier one: at once, and without a stop.
#[derive(Debug)]
pub(crate) struct RegisterZones {
    by_id: HashMap<ZoneId, Arc<Zone>>,
    live: Arc<LiveZones>,
}

impl RegisterZones {
    pub(super) fn new(zones: Vec<Zone>) -> Self {
        Self::compile(zones.into_iter().map(|zone| (zone.id, Arc::new(zone))).collect())
    }

    fn compile(by_id: HashMap<ZoneId, Arc<Zone>>) -> Self {
        let zones = by_id.values().map(|zone| Zone::clone(zone));
        Self { live: Arc::new(LiveZones::new(ZoneIndex::build(zones))), by_id }
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
            self.live.insert(Zone::clone(zone));
        }
        for id in gone {
            self.live.remove(id);
        }
        Self { by_id, live: Arc::clone(&self.live) }
    }

    /// The zones as they are at this moment.
    pub(crate) fn load(&self) -> ZonesNow<'_> {
        ZonesNow { by_id: &self.by_id, compiled: self.live.load() }
    }
}

/// The zones as one input sees them.
pub(crate) struct ZonesNow<'a> {
    by_id: &'a HashMap<ZoneId, Arc<Zone>>,
    compiled: Guard<Arc<Compiled>>,
}

impl ZoneSource for ZonesNow<'_> {
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
        let (now, mut meetings) = (zones.load(), Vec::new());
        let place = Position::from_degrees(59.901, 10.7).unwrap();
        now.meet(WEARER, &[], place, 5.0, &mut meetings);
        meetings.iter().map(|met| (met.zone.id.0, now.zone(met.zone.id) == Some(&met.zone))).collect()
    }

    #[test]
    fn an_edit_is_seen_at_once_even_by_who_holds_the_version_before() {
        let first = RegisterZones::new(vec![zone(1, 200.0), zone(2, 50.0)]);
        assert_eq!(met(&first), [(1, true)]);
        let second = first.edited(vec![zone(1, 200.0), zone(2, 300.0)]);
        assert_eq!(met(&second), [(1, true), (2, true)]);
        assert!(Arc::ptr_eq(&first.live, &second.live));
        assert!(Arc::ptr_eq(&first.by_id[&ZoneId(1)], &second.by_id[&ZoneId(1)]));
        assert_eq!(met(&first).len(), 2);
        let third = second.edited(vec![zone(2, 300.0)]);
        assert_eq!(met(&third), [(2, true)]);
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
