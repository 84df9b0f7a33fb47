//! Fixes that cannot have changed anything: how far a wearer may move before any boundary or buffer comes into doubt.
//!
//! Invariant: where a fix is passed over, each zone is as surely left, in its buffer or inside as [`Standing`] says. An
//! edit of the zones that were looked at ends the calm.

use super::own::AWAY_M;
use crate::{
    earth::{FULL_TURN_E7, Frame, wrapped_e7},
    verdict::{SIGMAS_MAX, sigma_m},
};
use lenke_wire::Position;

/// Nobody is told to be calm over a longer way: distances up to there are exact enough.
const CALM_M_MAX: f64 = 20_000.0;
/// Zones whose side is remembered; with more of them a wearer is never calm.
const SIDES_MAX: u32 = 64;

/// What a fix said of a wearer, as long as the wearer does not move far: see [`super::Compiled::calm`].
#[derive(Clone, Copy, Debug)]
pub struct Calm {
    /// Of the [`super::Compiled`] that was asked last, and of what it was asked about.
    pub(super) generation: u64,
    pub(super) own_stamp: u64,
    /// Nothing if no shared zone was asked about.
    pub(super) grid_stamp: Option<u64>,
    lat_e7: i32,
    lon_e7: i32,
    /// Shares of the safe radius per 1e-7 degrees; infinite if there is none.
    east: f32,
    north: f32,
    accuracy_m: f32,
    radius_m: f32,
    /// Bits of the own zones that held the place.
    inside: u64,
    /// South, north, west and width of the box outside which all own zones are surely far; width -1 if there is none.
    away: [i32; 4],
}

/// What a later fix says, without a look at any boundary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Each zone is as surely left, in its buffer or inside as when the calm began.
    Unchanged,
    /// All zones and their buffers are surely left.
    Away,
    /// The fix must be judged.
    Unknown,
}

impl Calm {
    /// How far the wearer may move, metres; 0 if not at all.
    pub fn radius_m(&self) -> f64 {
        f64::from(self.radius_m)
    }

    /// How many of the wearer's own zones held the place when the calm began.
    pub const fn inside_count(&self) -> u32 {
        self.inside.count_ones()
    }

    /// What a later fix says, if no zone has been edited since.
    pub(super) fn standing(&self, position: Position, accuracy_m: f64) -> Standing {
        // One that is not a number is worse than any.
        if accuracy_m.is_nan() || accuracy_m > f64::from(self.accuracy_m) {
            return Standing::Unknown;
        }
        // Over the antimeridian the difference is far too large, and the fix is judged.
        let east = position.lon_e7().wrapping_sub(self.lon_e7) as f32 * self.east;
        let north = position.lat_e7().wrapping_sub(self.lat_e7) as f32 * self.north;
        if east * east + north * north < 1.0 {
            return Standing::Unchanged;
        }
        let [south, north, west, width] = self.away;
        let lat = position.lat_e7();
        let east = i64::from(position.lon_e7()) - i64::from(west);
        let east = if east < 0 { east + FULL_TURN_E7 } else { east };
        let is_away = lat < south || lat > north || east > i64::from(width);
        if is_away && width >= 0 { Standing::Away } else { Standing::Unknown }
    }

    /// Around a place: `surroundings` of the own zones, and how far the shared ones let the wearer move.
    pub(super) fn around(
        position: Position,
        frame: &Frame,
        accuracy_m: f64,
        surroundings: &Surroundings,
        shared_m: Option<f64>,
    ) -> Self {
        let radius_m = surroundings.radius_m.min(shared_m.unwrap_or(CALM_M_MAX)).min(CALM_M_MAX);
        // Distances hold to 0.2 %, and the scale changes on the way.
        let change = frame.scale_change(radius_m);
        let radius_m = ((0.99 - change) * radius_m - 0.1).max(0.0);
        let per_m = if radius_m > 0.0 { 1.0 / radius_m } else { f64::INFINITY };
        let reach_m = SIGMAS_MAX * sigma_m(accuracy_m);
        let no_box = shared_m.is_some() || reach_m > AWAY_M;
        let mut away = surroundings.bounds;
        if no_box {
            away[3] = -1;
        }
        Self {
            generation: 0,
            own_stamp: 0,
            grid_stamp: None,
            lat_e7: position.lat_e7(),
            lon_e7: wrapped_e7(i64::from(position.lon_e7())) as i32,
            east: (frame.own.east * (1.0 + change) * per_m) as f32,
            north: (frame.own.north * per_m) as f32,
            accuracy_m: rounded_down(accuracy_m),
            radius_m: radius_m as f32,
            inside: surroundings.inside,
            away,
        }
    }
}

/// Nothing better than it, in fewer digits; what is not a number allows nothing.
fn rounded_down(accuracy_m: f64) -> f32 {
    let short = accuracy_m as f32;
    if short.is_nan() {
        0.0
    } else if f64::from(short) > accuracy_m {
        short.next_down()
    } else {
        short
    }
}

/// What a wearer's own zones say of a place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Surroundings {
    radius_m: f64,
    inside: u64,
    bounds: [i32; 4],
}

impl Surroundings {
    /// Of a wearer without own zones: far away is everywhere, but there is no box to be outside of.
    pub(super) const NONE: Self = Self { radius_m: CALM_M_MAX, inside: 0, bounds: [0, 0, 0, -1] };
}

/// Gathers one zone after the other.
pub(super) struct Clearance {
    reach_m: f64,
    radius_m: f64,
    inside: u64,
    count: u32,
}

impl Clearance {
    pub(super) const fn new(reach_m: f64) -> Self {
        Self { reach_m, radius_m: CALM_M_MAX, inside: 0, count: 0 }
    }

    /// A zone at this signed distance.
    pub(super) fn take(&mut self, distance: f64, buffer_m: f64) {
        if distance > 0.0 && self.count < SIDES_MAX {
            self.inside |= 1 << self.count;
        }
        self.radius_m = self.radius_m.min(clearance_m(distance, buffer_m, self.reach_m));
        self.pass();
    }

    /// A zone that is outside and farther than another.
    pub(super) const fn pass(&mut self) {
        self.count += 1;
        if self.count > SIDES_MAX {
            self.radius_m = 0.0;
        }
    }

    /// Whether a zone that is at least so far away does not matter beside those taken.
    pub(super) fn is_surely_beyond(&self, distance_least_m: f64, buffer_m: f64) -> bool {
        distance_least_m - buffer_m - self.reach_m > self.radius_m
    }

    pub(super) const fn surroundings(&self, bounds: [i32; 4]) -> Surroundings {
        Surroundings { radius_m: self.radius_m, inside: self.inside, bounds }
    }
}

/// How far a place at this signed distance is from any doubt about a zone's boundary or buffer, metres.
pub(super) fn clearance_m(distance: f64, buffer_m: f64, reach_m: f64) -> f64 {
    if distance > reach_m {
        distance - reach_m
    } else if distance < -(buffer_m + reach_m) {
        -(buffer_m + reach_m) - distance
    } else if -buffer_m < distance && distance < -reach_m {
        (distance + buffer_m).min(-reach_m - distance)
    } else {
        0.0
    }
}
