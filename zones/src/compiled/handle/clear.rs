//! Where a wearer's own zones surely are not.

use super::OwnBlock;
use crate::{
    compiled::own::AWAY_M,
    earth::{FULL_TURN_E7, Frame, wrapped_e7},
    verdict::{SIGMAS_MAX, sigma_m},
};
use lenke_wire::Position;

/// Nobody is told to be clear of zones over a longer way: distances up to there are exact enough.
const CLEAR_M_MAX: f64 = 20_000.0;
/// 4 sigmas of an accuracy, and a little for rounding.
const REACH_ACCURACIES: f32 = 2.7;

/// A circle that no zone and no buffer reaches into, and a box that holds them all.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clear {
    lat_e7: i32,
    lon_e7: i32,
    /// Metres per 1e-7 degrees around there, at most.
    east_m: f32,
    north_m: f32,
    /// 0 if there is no circle.
    radius_m: f32,
    /// The box: everything within [`AWAY_M`] of a zone or its buffer. Width -1 if there is none.
    south_e7: i32,
    north_e7: i32,
    west_e7: i32,
    width_e7: i32,
}

impl Clear {
    /// Nothing is known.
    pub(super) const NOTHING: Self = Self {
        lat_e7: 0,
        lon_e7: 0,
        east_m: 0.0,
        north_m: 0.0,
        radius_m: 0.0,
        south_e7: 0,
        north_e7: 0,
        west_e7: 0,
        width_e7: -1,
    };

    /// Outside the box of a block; nothing is known of a wearer without zones, for whom nothing need be.
    pub(super) fn away_from(own: Option<&OwnBlock>) -> Self {
        let Some([south_e7, north_e7, west_e7, width_e7]) = own.map(OwnBlock::surroundings) else {
            return Self::NOTHING;
        };
        Self { south_e7, north_e7, west_e7, width_e7, ..Self::NOTHING }
    }

    /// A circle around a place that no zone or buffer is nearer to than this; one that was known before stays if this says
    /// nothing.
    pub(super) fn move_to(&mut self, position: Position, clear_m: f64) {
        let frame = Frame::at(position.lat_e7());
        let radius_m = clear_m.min(CLEAR_M_MAX);
        // Distances hold to 0.2 %, and the scale changes on the way.
        let change = frame.scale_change(radius_m);
        let radius_m = (0.99 - change) * radius_m - 0.1;
        if radius_m > 0.0 {
            self.lat_e7 = position.lat_e7();
            self.lon_e7 = wrapped_e7(i64::from(position.lon_e7())) as i32;
            self.east_m = (frame.own.east * (1.0 + change)) as f32;
            self.north_m = frame.own.north as f32;
            self.radius_m = radius_m as f32;
        }
    }

    /// Whether a fix surely meets no zone: none comes within four sigmas of its place.
    #[inline(always)]
    pub(super) fn holds(&self, position: Position, accuracy_m: f64) -> bool {
        // What is not a number compares as false below.
        let accuracy = accuracy_m as f32;
        let reach_m = if accuracy < 0.0 { 0.0 } else { REACH_ACCURACIES * accuracy };
        if self.is_within(position, self.radius_m - reach_m) {
            return true;
        }
        let east = i64::from(position.lon_e7()) - i64::from(self.west_e7);
        let east = if east < 0 { east + FULL_TURN_E7 } else { east };
        let lat = position.lat_e7();
        let is_away = lat < self.south_e7 || lat > self.north_e7 || east > i64::from(self.width_e7);
        is_away && self.width_e7 >= 0 && SIGMAS_MAX * sigma_m(accuracy_m) <= AWAY_M
    }

    /// Whether a straight way surely meets no zone.
    #[inline(always)]
    pub(super) fn holds_way(&self, from: Position, to: Position) -> bool {
        let is_south = from.lat_e7() < self.south_e7 && to.lat_e7() < self.south_e7;
        let is_north = from.lat_e7() > self.north_e7 && to.lat_e7() > self.north_e7;
        (self.width_e7 >= 0 && (is_south || is_north))
            || (self.is_within(from, self.radius_m) && self.is_within(to, self.radius_m))
    }

    /// Whether a place is nearer to the circle's middle than this. Over the antimeridian the difference is far too large.
    #[inline(always)]
    fn is_within(&self, position: Position, radius_m: f32) -> bool {
        let east = position.lon_e7().wrapping_sub(self.lon_e7) as f32 * self.east_m;
        let north = position.lat_e7().wrapping_sub(self.lat_e7) as f32 * self.north_m;
        radius_m > 0.0 && east * east + north * north < radius_m * radius_m
    }
}
