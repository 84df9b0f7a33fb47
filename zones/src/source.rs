//! What evaluation asks of zones, whichever form they are in.

use crate::{
    Compiled, Crossing, GroupId, Meeting, OwnZones, WearerId, Zone, ZoneId, ZoneIndex, crossing::Waypoint,
};
use lenke_wire::Position;
use std::{cell::RefCell, sync::Arc};

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

/// Zones with one wearer's own at hand: the same answers, but a fix that surely meets none of these is passed over.
pub struct AtHand<'a> {
    zones: &'a dyn ZoneSource,
    compiled: &'a Compiled,
    own: RefCell<&'a mut OwnZones>,
}

impl<'a> AtHand<'a> {
    /// `compiled` holds the same zones as `zones`, which answers for all other wearers.
    pub const fn new(zones: &'a dyn ZoneSource, compiled: &'a Compiled, own: &'a mut OwnZones) -> Self {
        Self { zones, compiled, own: RefCell::new(own) }
    }
}

impl ZoneSource for AtHand<'_> {
    fn meet(
        &self,
        wearer: WearerId,
        groups: &[GroupId],
        position: Position,
        accuracy_m: f64,
        meetings: &mut Vec<Meeting>,
    ) {
        let mut own = self.own.borrow_mut();
        if own.wearer() == wearer {
            own.meet(self.compiled, groups, position, accuracy_m, meetings);
        } else {
            self.zones.meet(wearer, groups, position, accuracy_m, meetings);
        }
    }

    fn cross(
        &self,
        wearer: WearerId,
        groups: &[GroupId],
        from: Waypoint,
        to: Waypoint,
        crossings: &mut Vec<Crossing>,
    ) {
        let mut own = self.own.borrow_mut();
        if own.wearer() == wearer {
            own.cross(self.compiled, groups, from, to, crossings);
        } else {
            self.zones.cross(wearer, groups, from, to, crossings);
        }
    }

    fn zone(&self, id: ZoneId) -> Option<&Arc<Zone>> {
        self.zones.zone(id)
    }
}
