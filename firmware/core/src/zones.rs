//! The wearer's zones on the tag: received in parts, put in force whole, asked at every fix.
//!
//! ```text
//! parts (signed head, hash) -> the slot not in force -> all there: hash, form -> saved state names the slot -> in force
//! ```
//!
//! | a fix | tells |
//! |---|---|
//! | in an exclusion zone for the first time | `ZoneEntered`, at once |
//! | outside it again, by [`LEAVE_M`] or the accuracy | `ZoneLeft` |
//! | in its warning strip | `ZoneNear` |
//! | outside an inclusion zone, by the accuracy | `ZoneLeft`, at once |
//! | inside it again | `ZoneEntered` |
//!
//! What a place is in, is decided by the same integers as on the server. A zone that holds at some times only is told of, but is no
//! breach by itself: the centre knows the times. After a start, and after a new set, an exclusion zone that holds the tag is told of
//! again: a reset hides nothing.

use crate::storage::{Config, Item, ZONE_PART_BYTES_MAX, ZONE_PARTS_MAX, ZONE_SLOTS, ZonesInForce};
use lenke_fence::{Decimetres, Kind, Zone, ZoneSet};
use lenke_wire::{EventKind, Outcome, command::ZoneSetHead};
use sha2::{Digest, Sha256};

/// Bytes of a zone set that this tag takes.
pub const ZONE_BYTES_MAX: usize = ZONE_PART_BYTES_MAX * ZONE_PARTS_MAX as usize;
/// Zones of a set that this tag takes.
pub const ZONES_MAX: usize = 64;
/// Nearer to a boundary than this the tag looks more often.
const NEAR_M: u32 = 500;
/// An exclusion zone counts as left from this far outside on.
const LEAVE_M: u32 = 10;

/// A boundary was crossed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Crossing {
    pub(crate) event: EventKind,
    /// The last 31 bits of the zone's number.
    pub(crate) zone: i32,
    /// It is a breach of a zone that always holds.
    pub(crate) is_breach: bool,
    pub(crate) kind: Kind,
}

/// A set whose parts come in.
struct Staging {
    head: ZoneSetHead,
    slot: u8,
    /// One bit for each part that is kept.
    parts: u8,
}

/// What a part brought about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Others are to come.
    Kept,
    /// It was there before, and others are missing yet: the centre asks which.
    Repeated,
    /// All are there and hold together: to be put in force.
    Complete(ZonesInForce),
    Refused(Outcome),
}

pub(crate) struct Zones {
    bytes: [u8; ZONE_BYTES_MAX],
    in_force: Option<ZonesInForce>,
    staging: Option<Staging>,
    /// One bit for each zone of the set: in it; in its warning strip; known at all.
    inside: u64,
    warned: u64,
    known: u64,
    near: bool,
}

impl Zones {
    pub(crate) const fn new() -> Self {
        Self {
            bytes: [0; ZONE_BYTES_MAX],
            in_force: None,
            staging: None,
            inside: 0,
            warned: 0,
            known: 0,
            near: false,
        }
    }

    /// Version of the set in force, 0 for none.
    pub(crate) fn version(&self) -> u32 {
        self.in_force.map_or(0, |set| set.version)
    }

    /// Hash of the set in force.
    pub(crate) fn hash(&self) -> [u8; 32] {
        self.in_force.map_or([0; 32], |set| set.hash)
    }

    /// Parts of a set on its way that are there: bit n for part n.
    pub(crate) fn parts(&self) -> u16 {
        self.staging.as_ref().map_or(0, |staging| staging.parts.into())
    }

    /// The last position was near a boundary.
    pub(crate) const fn is_near(&self) -> bool {
        self.near
    }

    /// Loads the set that the saved state names. `false`: what is kept is not that set.
    pub(crate) fn restore(&mut self, saved: Option<ZonesInForce>, config: &mut impl Config) -> bool {
        self.forget();
        self.in_force = saved.filter(|set| load(set, &mut self.bytes, config));
        self.in_force.is_some() == saved.is_some()
    }

    /// Takes a part of the set of `head`, whose signature holds.
    pub(crate) fn handle_part(
        &mut self,
        head: &ZoneSetHead,
        part: u8,
        bytes: &[u8],
        config: &mut impl Config,
    ) -> Part {
        if head.version == self.version() && head.hash == self.hash() {
            return Part::Refused(Outcome::Applied);
        }
        if head.version <= self.version() {
            return Part::Refused(Outcome::Rollback);
        }
        if head.base_version != self.version() {
            return Part::Refused(Outcome::Base);
        }
        if head.size as usize > ZONE_BYTES_MAX {
            return Part::Refused(Outcome::Size);
        }
        let slot = self.in_force.map_or(0, |set| (set.slot + 1) % ZONE_SLOTS);
        let fits = head.part_range(part).is_some_and(|range| range.len() == bytes.len());
        if !fits || config.keep(Item::ZonePart { slot, part }, bytes).is_err() {
            return Part::Refused(if fits { Outcome::Size } else { Outcome::Content });
        }
        let staging = match &mut self.staging {
            Some(staging) if staging.head == *head => staging,
            other => other.insert(Staging { head: *head, slot, parts: 0 }),
        };
        let is_repeated = staging.parts & (1 << part) != 0;
        staging.parts |= 1 << part;
        if u32::from(staging.parts) != (1_u32 << head.parts()) - 1 {
            return if is_repeated { Part::Repeated } else { Part::Kept };
        }
        let set =
            ZonesInForce { version: head.version, size: head.size, slot: staging.slot, hash: head.hash };
        self.staging = None;
        let loaded = load(&set, &mut self.bytes, config);
        if loaded {
            return Part::Complete(set);
        }
        self.reload(config);
        Part::Refused(Outcome::Content)
    }

    /// The complete set is in force: the saved state names it.
    pub(crate) const fn put_in_force(&mut self, set: ZonesInForce) {
        self.forget();
        self.in_force = Some(set);
    }

    /// The complete set could not be put in force.
    pub(crate) fn reload(&mut self, config: &mut impl Config) {
        let before = self.in_force.take();
        self.in_force = before.filter(|set| load(set, &mut self.bytes, config));
    }

    /// Tells what a position crosses, each crossing once. `accuracy_dm` is its 68 % radius. What `tell` has no room for is told of the
    /// next position.
    pub(crate) fn handle_position(
        &mut self,
        position: lenke_wire::Position,
        accuracy_dm: u16,
        mut tell: impl FnMut(Crossing) -> bool,
    ) {
        let Some(set) = self.in_force else { return };
        let Ok(zones) = ZoneSet::parse(&self.bytes[..set.size as usize]) else { return };
        self.near = false;
        let slack_dm = i32::from(accuracy_dm).max(LEAVE_M as i32 * 10);
        for (index, zone) in zones.zones().enumerate() {
            let bit = 1_u64 << index;
            let distance = zone.signed_distance(position);
            self.near |= is_near(&zone, distance);
            let was_inside = self.inside & bit != 0;
            let is_known = self.known & bit != 0;
            let is_inside = if zone.contains(position) {
                true
            } else {
                // What was inside stays so until it is clearly out; so does what an inclusion zone never held.
                let clearly_out = distance.0 < -slack_dm;
                let assumed = was_inside || (zone.kind() == Kind::Inclusion && !is_known);
                assumed && !clearly_out
            };
            let crossed = if is_known { is_inside != was_inside } else { is_unexpected(&zone, is_inside) };
            let event = if is_inside { EventKind::ZoneEntered } else { EventKind::ZoneLeft };
            if crossed && !tell(crossing(&zone, event)) {
                continue;
            }
            let in_strip =
                zone.kind() == Kind::Exclusion && !is_inside && is_within(distance, zone.buffer_m());
            let is_news = in_strip && self.warned & bit == 0 && !was_inside;
            if is_news && !tell(crossing(&zone, EventKind::ZoneNear)) {
                continue;
            }
            set_bit(&mut self.inside, bit, is_inside);
            set_bit(&mut self.warned, bit, in_strip || is_inside);
            self.known |= bit;
        }
    }

    const fn forget(&mut self) {
        (self.inside, self.warned, self.known, self.near) = (0, 0, 0, false);
    }
}

/// Seen for the first time: is that something to tell?
fn is_unexpected(zone: &Zone<'_>, is_inside: bool) -> bool {
    match zone.kind() {
        Kind::Exclusion => is_inside,
        Kind::Inclusion => !is_inside && !zone.is_scheduled(),
    }
}

fn crossing(zone: &Zone<'_>, event: EventKind) -> Crossing {
    let wrong_side = match zone.kind() {
        Kind::Exclusion => EventKind::ZoneEntered,
        Kind::Inclusion => EventKind::ZoneLeft,
    };
    Crossing {
        event,
        // 31 bits.
        zone: (zone.id() & 0x7fff_ffff) as i32,
        is_breach: event == wrong_side && !zone.is_scheduled(),
        kind: zone.kind(),
    }
}

fn is_near(zone: &Zone<'_>, distance: Decimetres) -> bool {
    match zone.kind() {
        Kind::Exclusion => is_within(distance, zone.buffer_m().saturating_add(NEAR_M)),
        // Only its edge matters: most of the time the tag is where it should be.
        Kind::Inclusion => distance.0.unsigned_abs() <= NEAR_M * 10,
    }
}

/// Inside, or not farther outside than this.
fn is_within(distance: Decimetres, metres: u32) -> bool {
    i64::from(distance.0) >= -i64::from(metres) * 10
}

const fn set_bit(bits: &mut u64, bit: u64, on: bool) {
    *bits = if on { *bits | bit } else { *bits & !bit };
}

/// Reads a set's parts; whether they are that set, and one that this tag can follow.
fn load(set: &ZonesInForce, bytes: &mut [u8; ZONE_BYTES_MAX], config: &mut impl Config) -> bool {
    let Some(bytes) = bytes.get_mut(..set.size as usize) else { return false };
    // One part even where there are no bytes.
    for (part, bytes) in (0..ZONE_PARTS_MAX).zip(bytes.chunks_mut(ZONE_PART_BYTES_MAX)) {
        if config.kept(Item::ZonePart { slot: set.slot, part }, bytes) != Some(bytes.len()) {
            return false;
        }
    }
    let hash: [u8; 32] = Sha256::digest(&*bytes).into();
    hash == set.hash && (bytes.is_empty() || is_followed(bytes))
}

fn is_followed(bytes: &[u8]) -> bool {
    ZoneSet::parse(bytes).is_ok_and(|set| set.zones().count() <= ZONES_MAX)
}

#[cfg(test)]
mod tests;
