//! Metres on the ground: offsets, distances and bearings between places a few tens of kilometres apart.
//!
//! Local projection with the WGS 84 meridional radius M = a(1-e2)/(1-e2 sin2)^1.5 and prime-vertical radius
//! N = a/(1-e2 sin2)^0.5 at the first point's latitude. The simulator's truth needs no more; evaluation has its own.

use lenke_wire::Position;

/// Equatorial radius of WGS 84, metres.
const EQUATORIAL_RADIUS_M: f64 = 6_378_137.0;
/// First eccentricity of WGS 84, squared.
const ECCENTRICITY_SQUARED: f64 = 6.694_379_990_14e-3;

/// Metres to the east and to the north.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Offset {
    /// Metres east, west negative.
    pub east_m: f64,
    /// Metres north, south negative.
    pub north_m: f64,
}

impl Offset {
    /// `distance_m` in the direction `bearing_deg`, clockwise from north.
    pub fn polar(bearing_deg: f64, distance_m: f64) -> Self {
        let (sin, cos) = bearing_deg.to_radians().sin_cos();
        Self { east_m: distance_m * sin, north_m: distance_m * cos }
    }

    /// Length in metres.
    pub fn length_m(self) -> f64 {
        self.east_m.hypot(self.north_m)
    }

    /// Direction in degrees clockwise from north, 0..360.
    pub fn bearing_deg(self) -> f64 {
        self.east_m.atan2(self.north_m).to_degrees().rem_euclid(360.0)
    }

    /// `factor` times as long.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        Self { east_m: self.east_m * factor, north_m: self.north_m * factor }
    }
}

/// Metres of a degree of latitude and of longitude at `lat_deg`.
fn degree_m(lat_deg: f64) -> (f64, f64) {
    let (sin, cos) = lat_deg.to_radians().sin_cos();
    let w = 1.0 - ECCENTRICITY_SQUARED * sin * sin;
    let meridional = EQUATORIAL_RADIUS_M * (1.0 - ECCENTRICITY_SQUARED) / (w * w.sqrt());
    let parallel = EQUATORIAL_RADIUS_M / w.sqrt() * cos;
    (meridional.to_radians(), parallel.to_radians())
}

/// The place `offset` away from `from`; `from` itself where that would leave the earth's coordinates.
pub fn shifted(from: Position, offset: Offset) -> Position {
    let (lat_m, lon_m) = degree_m(from.lat());
    Position::from_degrees(from.lat() + offset.north_m / lat_m, from.lon() + offset.east_m / lon_m)
        .unwrap_or(from)
}

/// The way from `from` to `to`.
pub fn offset(from: Position, to: Position) -> Offset {
    let (lat_m, lon_m) = degree_m((from.lat() + to.lat()) / 2.0);
    Offset { east_m: (to.lon() - from.lon()) * lon_m, north_m: (to.lat() - from.lat()) * lat_m }
}

/// Distance in metres.
pub fn distance_m(from: Position, to: Position) -> f64 {
    offset(from, to).length_m()
}

/// The place at `fraction` (0..=1) of the straight way from `from` to `to`.
pub fn between(from: Position, to: Position, fraction: f64) -> Position {
    let mix = |a: f64, b: f64| a + (b - a) * fraction;
    Position::from_degrees(mix(from.lat(), to.lat()), mix(from.lon(), to.lon())).unwrap_or(from)
}

/// Distance in metres from `point` to the straight way from `a` to `b`.
pub fn distance_to_segment_m(point: Position, a: Position, b: Position) -> f64 {
    let (way, to_point) = (offset(a, b), offset(a, point));
    let squared = way.east_m.powi(2) + way.north_m.powi(2);
    if squared == 0.0 {
        return to_point.length_m();
    }
    let along = (to_point.east_m * way.east_m + to_point.north_m * way.north_m) / squared;
    let along = along.clamp(0.0, 1.0);
    (to_point.east_m - along * way.east_m).hypot(to_point.north_m - along * way.north_m)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_and_its_reverse_meet() {
        let oslo = Position::from_degrees(59.917, 10.75).unwrap();
        let away = shifted(oslo, Offset::polar(30.0, 2_500.0));
        assert!((distance_m(oslo, away) - 2_500.0).abs() < 2.0);
        assert!((offset(oslo, away).bearing_deg() - 30.0).abs() < 0.1);
        assert!((distance_m(oslo, between(oslo, away, 0.5)) - 1_250.0).abs() < 1.0);
    }

    #[test]
    fn distance_to_a_segment_is_to_its_nearest_point() {
        let a = Position::from_degrees(60.0, 10.0).unwrap();
        let b = shifted(a, Offset { east_m: 1_000.0, north_m: 0.0 });
        let beside = shifted(a, Offset { east_m: 500.0, north_m: 40.0 });
        let behind = shifted(a, Offset { east_m: -30.0, north_m: 40.0 });
        assert!((distance_to_segment_m(beside, a, b) - 40.0).abs() < 0.5);
        assert!((distance_to_segment_m(behind, a, b) - 50.0).abs() < 0.5);
        assert!((distance_to_segment_m(behind, a, a) - 50.0).abs() < 0.5);
    }
}
