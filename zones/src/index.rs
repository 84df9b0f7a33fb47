//! Finds the zones that matter to a fix: those assigned to its wearer and near enough.
//!
//! Shared zones lie in an R-tree of their boxes; a wearer's own zones are few and are looked through. Schedules do not
//! matter here: the caller asks [`Zone::holds_at`].

use crate::{
    Assignment, GroupId, WearerId, Zone, ZoneId,
    crossing::{Crossing, Waypoint, crossing},
    earth::{Bounds, Frame},
    verdict::{SIGMAS_MAX, Verdict, sigma_m, verdict_in},
};
use lenke_wire::Position;
use rstar::{AABB, RTree, RTreeObject};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

/// A zone near a fix.
#[derive(Clone, Debug, PartialEq)]
pub struct Meeting {
    /// The zone.
    pub zone: Arc<Zone>,
    /// What the fix says of it.
    pub verdict: Verdict,
}

/// All zones in force, by who they hold for and where they are.
#[derive(Clone, Debug, Default)]
pub struct ZoneIndex {
    zones: BTreeMap<ZoneId, Arc<Zone>>,
    shared: RTree<Entry>,
    personal: HashMap<WearerId, Vec<Entry>>,
}

/// A zone with the box around it and its warning strip.
#[derive(Clone, Debug)]
struct Entry {
    bounds: Bounds,
    zone: Arc<Zone>,
}

impl RTreeObject for Entry {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        envelope(&self.bounds)
    }
}

fn envelope(bounds: &Bounds) -> AABB<[f64; 2]> {
    AABB::from_corners([bounds.west, bounds.south], [bounds.east, bounds.north])
}

impl Entry {
    fn new(zone: Arc<Zone>) -> Self {
        Self { bounds: zone.geometry.bounds().grown(zone.buffer.0), zone }
    }

    /// Whether the zone is shared with one of these groups.
    fn is_for(&self, groups: &[GroupId]) -> bool {
        match &self.zone.assignment {
            Assignment::Shared(shared) => shared.iter().any(|group| groups.contains(group)),
            Assignment::Personal(_) => false,
        }
    }
}

impl ZoneIndex {
    /// An index of these zones; of several with one id, the last one given counts.
    pub fn build(zones: impl IntoIterator<Item: Into<Arc<Zone>>>) -> Self {
        let zones = zones.into_iter().map(Into::into);
        let zones: BTreeMap<ZoneId, Arc<Zone>> = zones.map(|zone| (zone.id, zone)).collect();
        let mut personal: HashMap<WearerId, Vec<Entry>> = HashMap::new();
        let mut shared = Vec::new();
        for zone in zones.values() {
            let entry = Entry::new(Arc::clone(zone));
            match zone.assignment {
                Assignment::Personal(wearer) => personal.entry(wearer).or_default().push(entry),
                Assignment::Shared(_) => shared.push(entry),
            }
        }
        Self { zones, shared: RTree::bulk_load(shared), personal }
    }

    /// Adds a zone, in the place of one with its id if there is one.
    pub fn insert(&mut self, zone: impl Into<Arc<Zone>>) {
        let zone = zone.into();
        self.remove(zone.id);
        self.zones.insert(zone.id, Arc::clone(&zone));
        let entry = Entry::new(Arc::clone(&zone));
        match zone.assignment {
            Assignment::Personal(wearer) => self.personal.entry(wearer).or_default().push(entry),
            Assignment::Shared(_) => self.shared.insert(entry),
        }
    }

    /// Takes a zone out and gives it back, if it was there.
    pub fn remove(&mut self, id: ZoneId) -> Option<Arc<Zone>> {
        let zone = self.zones.remove(&id)?;
        match zone.assignment {
            Assignment::Personal(wearer) => {
                if let Some(own) = self.personal.get_mut(&wearer) {
                    own.retain(|entry| entry.zone.id != id);
                    if own.is_empty() {
                        self.personal.remove(&wearer);
                    }
                }
            }
            Assignment::Shared(_) => {
                let entry = Entry::new(Arc::clone(&zone));
                self.shared.remove_with_selection_function(ById { id, envelope: entry.envelope() });
            }
        }
        Some(zone)
    }

    /// The zone with this id.
    pub fn zone(&self, id: ZoneId) -> Option<&Arc<Zone>> {
        self.zones.get(&id)
    }

    /// All zones, by id.
    pub fn zones(&self) -> impl ExactSizeIterator<Item = &Arc<Zone>> {
        self.zones.values()
    }

    /// The wearer's zones that a fix lies in or near: within the zone's buffer and four sigmas of its boundary.
    ///
    /// `accuracy_m` is the fix's 68 % radius. `meetings` is cleared first; its order is that of the zones' ids.
    pub fn meet(
        &self,
        wearer: WearerId,
        groups: &[GroupId],
        position: Position,
        accuracy_m: f64,
        meetings: &mut Vec<Meeting>,
    ) {
        meetings.clear();
        let (frame, sigma) = (Frame::at(position.lat_e7()), sigma_m(accuracy_m));
        let reach_m = SIGMAS_MAX * sigma;
        self.visit(wearer, groups, Bounds::of(position).grown(reach_m), |zone| {
            let verdict = verdict_in(&zone.geometry, &frame, position, sigma);
            if verdict.signed_distance.0 >= -(zone.buffer.0 + reach_m) {
                meetings.push(Meeting { zone: Arc::clone(zone), verdict });
            }
        });
        meetings.sort_unstable_by_key(|meeting| meeting.zone.id);
    }

    /// The wearer's zones that the straight way between two fixes crosses, both of which lie outside.
    ///
    /// `crossings` is cleared first; its order is that of the zones' ids.
    pub fn cross(
        &self,
        wearer: WearerId,
        groups: &[GroupId],
        from: Waypoint,
        to: Waypoint,
        crossings: &mut Vec<Crossing>,
    ) {
        crossings.clear();
        self.visit(wearer, groups, Bounds::of_way(from.0, to.0), |zone| {
            crossings.extend(crossing(zone, from, to));
        });
        crossings.sort_unstable_by_key(|crossing| crossing.zone.id);
    }

    /// The wearer's zones, own and shared, whose box with its buffer meets another box, by id.
    pub fn zones_for(&self, wearer: WearerId, groups: &[GroupId], bounds: Bounds) -> Vec<Arc<Zone>> {
        let mut zones = Vec::new();
        self.visit(wearer, groups, bounds, |zone| zones.push(Arc::clone(zone)));
        zones.sort_unstable_by_key(|zone| zone.id);
        zones
    }

    /// A wearer's own zones.
    pub(crate) fn zones_of(&self, wearer: WearerId) -> impl Iterator<Item = &Arc<Zone>> {
        self.personal.get(&wearer).into_iter().flatten().map(|entry| &entry.zone)
    }

    /// All wearers with zones of their own.
    pub(crate) fn personal_zones(
        &self,
    ) -> impl Iterator<Item = (WearerId, impl Iterator<Item = &Arc<Zone>>)> {
        self.personal.iter().map(|(wearer, own)| (*wearer, own.iter().map(|entry| &entry.zone)))
    }

    /// All zones whose box, with its buffer, meets another box: for maps and lists.
    pub fn zones_within(&self, bounds: Bounds) -> Vec<&Arc<Zone>> {
        let shared = self.shared_within(bounds).map(|entry| &entry.zone);
        let own = self.personal.values().flatten().filter(|entry| entry.bounds.meets(&bounds));
        let mut zones: Vec<_> = shared.chain(own.map(|entry| &entry.zone)).collect();
        zones.sort_unstable_by_key(|zone| zone.id);
        zones
    }

    /// Calls `f` once for each of the wearer's zones whose box, with its buffer, meets `bounds`.
    fn visit(&self, wearer: WearerId, groups: &[GroupId], bounds: Bounds, mut f: impl FnMut(&Arc<Zone>)) {
        for entry in self.personal.get(&wearer).into_iter().flatten() {
            if entry.bounds.meets(&bounds) {
                f(&entry.zone);
            }
        }
        if !groups.is_empty() {
            self.shared_within(bounds).filter(|entry| entry.is_for(groups)).for_each(|entry| f(&entry.zone));
        }
    }

    /// Shared zones by box, each once. Boxes begin within [-180, 180) and may pass 180, so the box asked for is also
    /// asked for one turn further east and west.
    fn shared_within(&self, bounds: Bounds) -> impl Iterator<Item = &Entry> {
        let turned = |turn: f64| Bounds { west: bounds.west + turn, east: bounds.east + turn, ..bounds };
        let first = self.shared.locate_in_envelope_intersecting(envelope(&bounds));
        let east = self.shared.locate_in_envelope_intersecting(envelope(&turned(360.0)));
        let west = self.shared.locate_in_envelope_intersecting(envelope(&turned(-360.0)));
        // A box almost round the earth may be met from both sides.
        let meets = move |entry: &Entry, turn: f64| {
            entry.bounds.west <= bounds.east + turn && bounds.west + turn <= entry.bounds.east
        };
        first
            .chain(east.filter(move |entry| !meets(entry, 0.0)))
            .chain(west.filter(move |entry| !meets(entry, 0.0) && !meets(entry, 360.0)))
    }
}

/// Finds the entry of one zone in the R-tree.
struct ById {
    id: ZoneId,
    envelope: AABB<[f64; 2]>,
}

impl rstar::SelectionFunction<Entry> for ById {
    fn should_unpack_parent(&self, envelope: &AABB<[f64; 2]>) -> bool {
        use rstar::Envelope;
        envelope.contains_envelope(&self.envelope)
    }

    fn should_unpack_leaf(&self, leaf: &Entry) -> bool {
        leaf.zone.id == self.id
    }
}

#[cfg(test)]
mod tests;
