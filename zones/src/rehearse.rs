//! What a proposed set of zones would have meant for a recorded trail, beside today's set.
//!
//! Each zone's own confirm policy decides on entry and, mirrored, on exit: one fix that is sure enough, or enough hits
//! among the last fixes. A fix while the zone's schedule does not hold ends a stay. Gaps in which the wearer could have
//! visited a zone unseen are counted beside: they are doubts, not stays.

use crate::{Bounds, ConfirmPolicy, GroupId, Meeting, Reach, WearerId, Zone, ZoneId, ZoneIndex};
use lenke_wire::{Fix, UnixMillis};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::AddAssign,
};

/// Between two fixes further apart nobody knows where the wearer was: the time counts for no zone.
pub const GAP_MS_MAX: i64 = 15 * 60 * 1000;

/// In a longer gap than this anything is possible, which says nothing.
const POSSIBLE_GAP_MS_MAX: i64 = 2 * 60 * 60 * 1000;
/// Nobody is thought to have moved faster in a gap, metres a second (90 km/h).
const POSSIBLE_SPEED_M_S: f64 = 25.0;

/// What happened in one zone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stays {
    /// Confirmed entries; being inside at the first fixes is one.
    pub entries: u32,
    /// Confirmed exits; the schedule's end is one.
    pub exits: u32,
    /// Time inside, milliseconds, without gaps.
    pub inside_ms: i64,
    /// Gaps in which the wearer, seen outside before and after, could have been inside: see [`crate::reach`].
    pub possible: u32,
}

impl AddAssign for Stays {
    fn add_assign(&mut self, other: Self) {
        self.entries += other.entries;
        self.exits += other.exits;
        self.inside_ms += other.inside_ms;
        self.possible += other.possible;
    }
}

/// One zone today and as proposed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// With today's zones.
    pub today: Stays,
    /// With the proposed zones.
    pub proposed: Stays,
}

/// Each zone that a trail entered, today or as proposed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rehearsal {
    /// By zone.
    pub zones: BTreeMap<ZoneId, Comparison>,
    /// Fixes looked at.
    pub fixes: u64,
    /// Fixes that lay before an earlier one in time: not looked at.
    pub out_of_order: u64,
}

impl Rehearsal {
    /// All zones together.
    pub fn total(&self) -> Comparison {
        self.zones.values().fold(Comparison::default(), |mut total, zone| {
            total.today += zone.today;
            total.proposed += zone.proposed;
            total
        })
    }
}

impl AddAssign for Rehearsal {
    /// One more trail, such as another wearer's.
    fn add_assign(&mut self, other: Self) {
        for (id, more) in other.zones {
            let zone = self.zones.entry(id).or_default();
            zone.today += more.today;
            zone.proposed += more.proposed;
        }
        self.fixes += other.fixes;
        self.out_of_order += other.out_of_order;
    }
}

/// Judges one wearer's trail, in order of time, with today's and with the proposed zones.
pub fn rehearse(
    today: &ZoneIndex,
    proposed: &ZoneIndex,
    wearer: WearerId,
    groups: &[GroupId],
    trail: impl IntoIterator<Item = Fix>,
) -> Rehearsal {
    let mut rehearsal = Rehearsal::default();
    let mut runs = [(today, Run::default()), (proposed, Run::default())];
    let mut last: Option<Fix> = None;
    let mut meetings = Vec::new();
    for fix in trail {
        if last.is_some_and(|last| fix.at < last.at) {
            rehearsal.out_of_order += 1;
            continue;
        }
        rehearsal.fixes += 1;
        let gap_ms = last.map_or(0, |last| fix.at.since_ms(last.at));
        let known_ms = if gap_ms <= GAP_MS_MAX { gap_ms } else { 0 };
        let gap = last.filter(|_| gap_ms > GAP_MS_MAX && gap_ms <= POSSIBLE_GAP_MS_MAX);
        for (index, run) in &mut runs {
            index.meet(wearer, groups, fix.position, fix.accuracy_m(), &mut meetings);
            run.follow(index, &meetings, fix.at, known_ms);
            if let Some(before) = gap {
                run.doubt(index, wearer, groups, &before, &fix);
            }
        }
        last = Some(fix);
    }
    let [(_, today), (_, proposed)] = runs;
    for (id, presence) in today.zones {
        rehearsal.zones.entry(id).or_default().today = presence.stays;
    }
    for (id, presence) in proposed.zones {
        rehearsal.zones.entry(id).or_default().proposed = presence.stays;
    }
    rehearsal.zones.retain(|_, zone| *zone != Comparison::default());
    rehearsal
}

/// One set of zones on the way along a trail.
#[derive(Debug, Default)]
struct Run {
    zones: BTreeMap<ZoneId, Presence>,
}

impl Run {
    fn follow(&mut self, index: &ZoneIndex, meetings: &[Meeting], at: UnixMillis, known_ms: i64) {
        let met: BTreeSet<ZoneId> = meetings.iter().map(|meeting| meeting.zone.id).collect();
        for (id, presence) in &mut self.zones {
            if presence.inside {
                presence.stays.inside_ms += known_ms;
            }
            if !met.contains(id)
                && let Some(zone) = index.zone(*id)
            {
                presence.judge(zone, 0.0, at);
            }
        }
        for meeting in meetings {
            let presence = self.zones.entry(meeting.zone.id).or_default();
            presence.judge(&meeting.zone, meeting.verdict.probability, at);
        }
    }

    /// Counts the zones that could have been visited in a gap, although neither of its ends lies inside.
    fn doubt(&mut self, index: &ZoneIndex, wearer: WearerId, groups: &[GroupId], before: &Fix, after: &Fix) {
        let reach = Reach {
            from: (before.position, before.at),
            to: (after.position, after.at),
            error_m: before.accuracy_m() + after.accuracy_m(),
            speed_m_s: POSSIBLE_SPEED_M_S,
        };
        // No place of the ellipse lies further from a focus than the whole way.
        let bounds = Bounds::of(before.position).grown(reach.longest_way_m());
        for zone in index.zones_for(wearer, groups, bounds) {
            let ends = [before, after];
            let binds = ends.iter().any(|fix| zone.holds_at(fix.at));
            let outside = ends.iter().all(|fix| !zone.geometry.contains(fix.position));
            if binds && outside && reach.verdict(&zone).is_some() {
                self.zones.entry(zone.id).or_default().stays.possible += 1;
            }
        }
    }
}

/// Whether the wearer is inside one zone.
#[derive(Debug, Default)]
struct Presence {
    inside: bool,
    /// The last fixes, newest in the lowest bit: did each speak for the other side?
    against: u64,
    stays: Stays,
}

impl Presence {
    fn judge(&mut self, zone: &Zone, probability: f64, at: UnixMillis) {
        if !zone.holds_at(at) {
            if self.inside {
                self.turn();
            }
            self.against = 0;
            return;
        }
        let against = if self.inside { 1.0 - probability } else { probability };
        let ConfirmPolicy { confirm_at, suspect_at, hits, window, .. } = zone.policy;
        let window = u32::from(window).min(u64::BITS - 1);
        self.against = (self.against << 1 | u64::from(against >= suspect_at)) & ((1 << window) - 1);
        if against >= confirm_at || self.against.count_ones() >= u32::from(hits) {
            self.turn();
        }
    }

    fn turn(&mut self) {
        self.inside = !self.inside;
        self.against = 0;
        if self.inside {
            self.stays.entries += 1;
        } else {
            self.stays.exits += 1;
        }
    }
}

#[cfg(test)]
mod tests;
