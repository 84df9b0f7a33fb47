//! What evaluation asks of zones, whichever form they are in.

use crate::{Crossing, GroupId, Meeting, WearerId, Zone, ZoneId, ZoneIndex, crossing::Waypoint};
use lenke_wire::Position;
use std::sync::Arc;

/// Zones that can be asked: the index itself, or what is compiled from it.
pub trait ZoneSource {
    /// As [`ZoneIndex::meet`].
    fn meet(
        &self,
        wearer: WearerId,
        groups: &[GroupId],
        position: Position,
        accuracy_m: f64,
        meetings: &mut Vec<Meeting>,
    );

    /// As [`ZoneIndex::cross`].
    fn cross(
        &self,
        wearer: WearerId,
        groups: &[GroupId],
        from: Waypoint,
        to: Waypoint,
        crossings: &mut Vec<Crossing>,
    );

    /// The zone with this id.
    fn zone(&self, id: ZoneId) -> Option<&Arc<Zone>>;
}

impl ZoneSource for ZoneIndex {
    fn meet(
        &self,
        wearer: WearerId,
        groups: &[GroupId],
        position: Position,
        accuracy_m: f64,
        meetings: &mut Vec<Meeting>,
    ) {
        Self::meet(self, wearer, groups, position, accuracy_m, meetings);
    }

    fn cross(
        &self,
        wearer: WearerId,
        groups: &[GroupId],
        from: Waypoint,
        to: Waypoint,
        crossings: &mut Vec<Crossing>,
    ) {
        Self::cross(self, wearer, groups, from, to, crossings);
    }

    fn zone(&self, id: ZoneId) -> Option<&Arc<Zone>> {
        Self::zone(self, id)
    }
}
