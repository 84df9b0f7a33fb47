//! A wearer's zones as the wearer's tag knows them.
//!
//! Geometry is kept in the integers that `lenke-fence` decides with, and both sides ask its functions: a zone holds a
//! place on the tag exactly when it does here. What a tag does not know is schedules, policies and names.

use crate::{Assignment, Geometry, Zone, ZoneId, ZoneKind};
use lenke_fence::{Encoder, FenceError, Head, Kind};

/// What a tag gets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FenceSet {
    /// For [`lenke_fence::ZoneSet::parse`]; the hash that the tag acknowledges is made of them.
    pub bytes: Vec<u8>,
    /// Zones that the tag does not get, because the room was used up: only the centre watches over them.
    pub left_out: Vec<ZoneId>,
}

/// The set of these zones in at most `room` bytes, a wearer's own zones first, then shared ones by their ids.
///
/// # Errors
/// The room is too small even for a set of no zones.
pub fn fence_set<'a>(zones: impl IntoIterator<Item = &'a Zone>, room: usize) -> Result<FenceSet, FenceError> {
    let mut zones: Vec<&Zone> = zones.into_iter().collect();
    zones.sort_unstable_by_key(|zone| (is_shared(zone), zone.id));
    zones.dedup_by_key(|zone| zone.id);
    let mut scratch = vec![0; lenke_fence::set::SET_BYTES_MAX];
    let empty = Encoder::new(&mut scratch)?.length();
    let mut left = room.checked_sub(empty).ok_or(FenceError::NoRoom)?;
    let (mut fitting, mut left_out) = (Vec::new(), Vec::new());
    for zone in zones {
        let mut encoder = Encoder::new(&mut scratch)?;
        let length = put(&mut encoder, zone).map(|()| encoder.length() - empty);
        match length {
            Ok(length) if length <= left => {
                left -= length;
                fitting.push(zone);
            }
            Ok(_) | Err(_) => left_out.push(zone.id),
        }
    }
    fitting.sort_unstable_by_key(|zone| zone.id);
    left_out.sort_unstable();
    let mut bytes = vec![0; room];
    let mut encoder = Encoder::new(&mut bytes)?;
    for zone in fitting {
        put(&mut encoder, zone)?;
    }
    let length = encoder.finish()?.len();
    bytes.truncate(length);
    Ok(FenceSet { bytes, left_out })
}

const fn is_shared(zone: &Zone) -> bool {
    matches!(zone.assignment, Assignment::Shared(_))
}

fn put(encoder: &mut Encoder<'_>, zone: &Zone) -> Result<(), FenceError> {
    let head = Head {
        id: zone.id.0,
        version: zone.version,
        kind: match zone.kind {
            ZoneKind::Exclusion => Kind::Exclusion,
            ZoneKind::Inclusion => Kind::Inclusion,
        },
        is_scheduled: zone.schedule.is_some(),
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
