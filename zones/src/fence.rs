//! A wearer's zones as the wearer's tag knows them.
//!
//! Geometry is kept in the integers that `lenke-fence` decides with, and both sides ask its functions: a zone holds a
//! place on the tag exactly when it does here. What a tag does not know is schedules, policies and names.

use crate::{Assignment, Geometry, Zone, ZoneId, ZoneKind};
use lenke_fence::{Encoder, FenceError, Head, Kind};
use std::collections::HashSet;

/// What a tag gets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FenceSet {
    /// For [`lenke_fence::ZoneSet::parse`]; the hash that the tag acknowledges is made of them.
    pub bytes: Vec<u8>,
    /// Zones in it.
    pub zones: usize,
    /// Zones that the tag does not get, because the room was used up: only the centre watches over them.
    pub left_out: Vec<ZoneId>,
}

/// What a tag has room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FenceRoom {
    /// Bytes of a set.
    pub bytes: usize,
    /// Zones of a set.
    pub zones: usize,
}

/// A zone for a tag.
#[derive(Clone, Copy, Debug)]
pub struct FenceZone<'a> {
    /// The zone.
    pub zone: &'a Zone,
    /// It holds at some times only, whatever its own schedule says: a curfew or a permission names it. The tag then tells
    /// of it and judges nothing.
    pub is_timed: bool,
}

impl<'a> From<&'a Zone> for FenceZone<'a> {
    fn from(zone: &'a Zone) -> Self {
        Self { zone, is_timed: false }
    }
}

/// The set of these zones as far as there is room: a wearer's own zones first, then shared ones, each in the order given.
///
/// # Errors
/// The room is too small even for a set of no zones.
pub fn fence_set<'a, Z: Into<FenceZone<'a>>>(
    zones: impl IntoIterator<Item = Z>,
    room: FenceRoom,
) -> Result<FenceSet, FenceError> {
    let mut seen = HashSet::new();
    let mut zones: Vec<FenceZone<'a>> =
        zones.into_iter().map(Into::into).filter(|each| seen.insert(each.zone.id)).collect();
    zones.sort_by_key(|each| is_shared(each.zone));
    let mut scratch = vec![0; lenke_fence::set::SET_BYTES_MAX];
    let empty = Encoder::new(&mut scratch)?.length();
    let mut left = room.bytes.checked_sub(empty).ok_or(FenceError::NoRoom)?;
    let (mut fitting, mut left_out) = (Vec::new(), Vec::new());
    for zone in zones {
        let mut encoder = Encoder::new(&mut scratch)?;
        let length = put(&mut encoder, zone).map(|()| encoder.length() - empty);
        match length {
            Ok(length) if length <= left && fitting.len() < room.zones => {
                left -= length;
                fitting.push(zone);
            }
            Ok(_) | Err(_) => left_out.push(zone.zone.id),
        }
    }
    fitting.sort_unstable_by_key(|each| each.zone.id);
    left_out.sort_unstable();
    let mut bytes = vec![0; room.bytes];
    let mut encoder = Encoder::new(&mut bytes)?;
    let count = fitting.len();
    for zone in fitting {
        put(&mut encoder, zone)?;
    }
    let length = encoder.finish()?.len();
    bytes.truncate(length);
    Ok(FenceSet { bytes, zones: count, left_out })
}

const fn is_shared(zone: &Zone) -> bool {
    matches!(zone.assignment, Assignment::Shared(_))
}

fn put(encoder: &mut Encoder<'_>, FenceZone { zone, is_timed }: FenceZone<'_>) -> Result<(), FenceError> {
    let head = Head {
        id: zone.id.0,
        version: zone.version,
        kind: match zone.kind {
            ZoneKind::Exclusion => Kind::Exclusion,
            ZoneKind::Inclusion => Kind::Inclusion,
        },
        is_scheduled: is_timed || zone.schedule.is_some(),
        // At most 50 km: it fits.
        buffer_m: zone.buffer.0.ceil() as u32,
    };
    match &zone.geometry {
        Geometry::Circle(circle) => {
            let circle = circle.fence();
            encoder.put_circle(head, circle.centre(), circle.radius_mm())
        }
        Geometry::Polygons(polygons) => encoder.put_polygons(head, &polygons.boundary_rings()),
    }
}

#[cfg(test)]
mod tests;
