//! The earth's shape: lengths on the WGS 84 ellipsoid.
//!
//! Short lengths use the radii of curvature at the middle latitude of the two points (meridional `M` and prime
//! vertical `N`, e.g. Snyder, "Map Projections: A Working Manual", 1987, p. 24); longer ones and those beyond 85 degrees
//! the chord between the two points in space; those beyond 2 000 km Lambert's formula for long lines (1942), which is
//! good to some ten metres around the earth; almost antipodal ones are solved as geodesics. The middle latitude matters: with the radii at one end, 50 km at 80 N are wrong by 4 %.

use crate::{sine::sin_cos, space::SpacePoint};
use geo::{Distance, Geodesic, Point};
use lenke_wire::Position;

/// Equatorial radius of WGS 84, metres.
pub(crate) const EQUATORIAL_RADIUS_M: f64 = 6_378_137.0;
/// First eccentricity of WGS 84, squared.
pub(crate) const ECCENTRICITY_SQUARED: f64 = 0.006_694_379_990_141_317;
/// Beyond this a length is a long line.
pub(crate) const MIDDLE_LATITUDE_M_MAX: f64 = 50_000.0;
/// Beyond this latitude, degrees, a length is a long line, and no zone may lie.
pub(crate) const LATITUDE_MAX: f64 = 85.0;
/// 180 and 360 degrees of longitude in 1e-7 degrees.
pub(crate) const HALF_TURN_E7: i64 = 1_800_000_000;
pub(crate) const FULL_TURN_E7: i64 = 3_600_000_000;
const RADIANS_PER_E7: f64 = std::f64::consts::PI / 180.0 * 1e-7;
/// Flattening of WGS 84.
const FLATTENING: f64 = 1.0 / 298.257_223_563;
/// Beyond this angle between two places, radians, Lambert's formula fails.
const LAMBERT_ANGLE_MAX: f64 = 3.0;
/// Mean radius of the earth, metres.
pub(crate) const EARTH_RADIUS_M: f64 = 6_371_008.8;
/// Up to one degree the change of the scale is a short series.
const SERIES_E7_MAX: f64 = 1e7;
/// A lower bound of the length of a degree of latitude, and of one of longitude at the equator, metres.
const DEGREE_M_MIN: f64 = 110_500.0;

/// Metres per 1e-7 degree at one latitude, eastwards and northwards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scale {
    pub(crate) east: f64,
    pub(crate) north: f64,
}

impl Scale {
    /// At a latitude in 1e-7 degrees.
    #[inline(always)]
    pub(crate) fn at_lat_e7(lat_e7: f64) -> Self {
        let (sin, cos) = sin_cos(lat_e7 / 1e7);
        Self::of(sin, cos)
    }

    /// At a latitude with this sine and cosine.
    #[inline(always)]
    pub(crate) fn of(sin: f64, cos: f64) -> Self {
        let w = 1.0 - ECCENTRICITY_SQUARED * sin * sin;
        let prime_vertical = EQUATORIAL_RADIUS_M / w.sqrt();
        let meridional = prime_vertical * (1.0 - ECCENTRICITY_SQUARED) / w;
        Self { east: prime_vertical * cos * RADIANS_PER_E7, north: meridional * RADIANS_PER_E7 }
    }

    /// Length of an offset given in 1e-7 degrees, metres.
    #[inline(always)]
    pub(crate) fn length_m(self, east_e7: f64, north_e7: f64) -> f64 {
        let (x, y) = (east_e7 * self.east, north_e7 * self.north);
        (x * x + y * y).sqrt()
    }
}

/// The earth around one latitude: how the scale changes to the north and south, without asking for sines again.
///
/// With `M`, `N` and w = 1 - e^2 sin^2: d(N cos)/d(lat) = -M sin, and dM/d(lat) = 3 e^2 M sin cos / w.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Frame {
    lat_e7: f64,
    /// At the latitude itself.
    pub(crate) own: Scale,
    /// Coefficients of the change of `own.east` with 1e-7 degrees to the north: to the first, second, third power.
    east: [f64; 3],
    /// The same of `own.north`: to the first and second power.
    north: [f64; 2],
    /// tan(latitude) / earth radius.
    tan_per_m: f64,
}

impl Frame {
    #[inline(always)]
    pub(crate) fn at(lat_e7: i32) -> Self {
        let lat_e7 = f64::from(lat_e7);
        let (sin, cos) = sin_cos(lat_e7 / 1e7);
        let own = Scale::of(sin, cos);
        let w = 1.0 - ECCENTRICITY_SQUARED * sin * sin;
        let bend = 3.0 * ECCENTRICITY_SQUARED * sin * cos / w;
        let r = RADIANS_PER_E7;
        Self {
            lat_e7,
            own,
            east: [
                -own.north * sin * r,
                -own.north * (bend * sin + cos) / 2.0 * r * r,
                own.north * sin / 6.0 * r * r * r,
            ],
            north: [
                own.north * bend * r,
                own.north * 3.0 * ECCENTRICITY_SQUARED * (cos * cos - sin * sin) / w / 2.0 * r * r,
            ],
            tan_per_m: (sin / cos.max(1e-9)).abs() / EARTH_RADIUS_M,
        }
    }

    /// The scale half-way to a place `north_e7` further north.
    pub(crate) fn half_way(&self, north_e7: f64) -> Scale {
        let way = north_e7 / 2.0;
        if way.abs() > SERIES_E7_MAX {
            return Scale::at_lat_e7(self.lat_e7 + way);
        }
        self.half_way_near(way)
    }

    /// The scale `way` 1e-7 degrees to the north, where that is not more than a degree.
    #[inline(always)]
    pub(crate) fn half_way_near(&self, way: f64) -> Scale {
        Scale {
            east: self.own.east + way * (self.east[0] + way * (self.east[1] + way * self.east[2])),
            north: self.own.north + way * (self.north[0] + way * self.north[1]),
        }
    }

    /// The scale half-way to a place as a series in how far it is to the north, 1e-7 degrees.
    #[inline(always)]
    pub(crate) const fn half_way_series(&self) -> ([f64; 3], [f64; 2]) {
        let [change, bend, _] = self.east;
        ([self.own.east, change / 2.0, bend / 4.0], [self.own.north, self.north[0] / 2.0])
    }

    /// How fast the eastern scale shrinks towards the pole, per 1e-7 degrees, on the equator's side of the place.
    pub(crate) const fn shrinking(&self) -> f64 {
        self.east[0].abs()
    }

    /// How much the scale may differ half-way to a place at this distance, as a share of it; generous.
    pub(crate) fn scale_change(&self, distance_m: f64) -> f64 {
        distance_m * self.tan_per_m
    }
}

/// The same longitude within [-180, 180) degrees, in 1e-7 degrees.
pub(crate) const fn wrapped_e7(lon_e7: i64) -> i64 {
    (lon_e7 + HALF_TURN_E7).rem_euclid(FULL_TURN_E7) - HALF_TURN_E7
}

/// Offset from one place to another by the shorter way round, in 1e-7 degrees: (east, north).
pub(crate) fn offset_e7(from: Position, to: Position) -> (f64, f64) {
    let east = wrapped_e7(i64::from(to.lon_e7()) - i64::from(from.lon_e7()));
    (east as f64, f64::from(to.lat_e7()) - f64::from(from.lat_e7()))
}

/// Distance between two places along the ellipsoid, metres.
///
/// Within 0.02 % of the geodesic up to 80 degrees of latitude.
///
/// ```
/// use lenke_wire::Position;
/// let oslo = Position::from_degrees(59.9139, 10.7522)?;
/// let drammen = Position::from_degrees(59.7440, 10.2045)?;
/// assert!((lenke_zones::distance_m(oslo, drammen) - 36_050.0).abs() < 50.0);
/// # Ok::<(), lenke_wire::position::PositionError>(())
/// ```
pub fn distance_m(from: Position, to: Position) -> f64 {
    let (east, north) = offset_e7(from, to);
    let length_m = Scale::at_lat_e7(f64::from(from.lat_e7()) + north / 2.0).length_m(east, north);
    if length_m <= MIDDLE_LATITUDE_M_MAX && from.lat().abs().max(to.lat().abs()) <= LATITUDE_MAX {
        length_m
    } else {
        long_line_m((from.lon(), from.lat()), (to.lon(), to.lat()))
    }
}

/// The same from a place whose frame is at hand; the two differ by less than 1e-8 of a distance up to 50 km.
pub(crate) fn distance_in_m(frame: &Frame, from: Position, to: Position) -> f64 {
    let (east, north) = offset_e7(from, to);
    let length_m = frame.half_way(north).length_m(east, north);
    if length_m <= MIDDLE_LATITUDE_M_MAX && from.lat().abs().max(to.lat().abs()) <= LATITUDE_MAX {
        length_m
    } else {
        long_line_m((from.lon(), from.lat()), (to.lon(), to.lat()))
    }
}

/// Distance between two (longitude, latitude) pairs in degrees, metres.
pub(crate) fn long_line_m(from: (f64, f64), to: (f64, f64)) -> f64 {
    SpacePoint::of(from).long_line_m(from, to)
}

/// Lambert's formula.
pub(crate) fn lambert_m(from: (f64, f64), to: (f64, f64)) -> f64 {
    let reduced = |lat: f64| ((1.0 - FLATTENING) * lat.to_radians().tan()).atan();
    let (from_lat, to_lat) = (reduced(from.1), reduced(to.1));
    let (mean, half) = (f64::midpoint(from_lat, to_lat), (to_lat - from_lat) / 2.0);
    let half_lon_sin = ((to.0 - from.0).to_radians() / 2.0).sin();
    // sin^2 of half the angle between them.
    let half_squared = half.sin() * half.sin() + from_lat.cos() * to_lat.cos() * half_lon_sin * half_lon_sin;
    let angle = 2.0 * half_squared.min(1.0).sqrt().asin();
    if angle > LAMBERT_ANGLE_MAX {
        return geodesic_m(from, to);
    }
    if angle < 1e-12 {
        return 0.0;
    }
    let (mean_sin, half_sin) = (mean.sin(), half.sin());
    let x = (angle - angle.sin()) * mean_sin * mean_sin * (1.0 - half_sin * half_sin) / (1.0 - half_squared);
    let y = (angle + angle.sin()) * (1.0 - mean_sin * mean_sin) * half_sin * half_sin / half_squared;
    EQUATORIAL_RADIUS_M * (angle - FLATTENING / 2.0 * (x + y))
}

/// Length of the geodesic between two (longitude, latitude) pairs in degrees, metres.
pub(crate) fn geodesic_m(from: (f64, f64), to: (f64, f64)) -> f64 {
    Geodesic.distance(Point::from(from), Point::from(to))
}

/// A box of latitudes and longitudes in degrees. `east` may pass 180 when the box crosses the antimeridian.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Western edge, within [-180, 180).
    pub west: f64,
    /// Southern edge.
    pub south: f64,
    /// Eastern edge, at least `west`.
    pub east: f64,
    /// Northern edge.
    pub north: f64,
}

impl Bounds {
    /// A box that surely holds everything within `margin_m` of this one. It may be larger than needed.
    #[must_use]
    pub fn grown(self, margin_m: f64) -> Self {
        let tall = margin_m / DEGREE_M_MIN;
        let (south, north) = ((self.south - tall).max(-90.0), (self.north + tall).min(90.0));
        let cos = north.abs().max(south.abs()).to_radians().cos();
        let wide = margin_m / (DEGREE_M_MIN * cos.max(1e-9));
        if self.east - self.west + 2.0 * wide >= 360.0 {
            return Self { west: -180.0, south, east: 180.0, north };
        }
        let turn = if self.west - wide < -180.0 { 360.0 } else { 0.0 };
        Self { west: self.west - wide + turn, south, east: self.east + wide + turn, north }
    }

    /// The box of one place.
    pub fn of(position: Position) -> Self {
        let (lat, lon) = (position.lat(), position.lon());
        let lon = if lon >= 180.0 { lon - 360.0 } else { lon };
        Self { west: lon, south: lat, east: lon, north: lat }
    }

    /// The box of the straight way between two places, by the shorter way round.
    pub fn of_way(from: Position, to: Position) -> Self {
        let start = Self::of(from);
        let east = start.west + offset_e7(from, to).0 / 1e7;
        let (west, east) = (start.west.min(east), start.west.max(east));
        let turn = if west < -180.0 { 360.0 } else { 0.0 };
        Self {
            west: west + turn,
            south: from.lat().min(to.lat()),
            east: east + turn,
            north: from.lat().max(to.lat()),
        }
    }

    /// Whether the boxes share a point, with longitudes taken round the earth.
    pub fn meets(&self, other: &Self) -> bool {
        self.south <= other.north
            && other.south <= self.north
            && [-360.0, 0.0, 360.0]
                .iter()
                .any(|turn| self.west <= other.east + turn && other.west + turn <= self.east)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn place(lat: f64, lon: f64) -> Position {
        Position::from_degrees(lat, lon).unwrap()
    }

    proptest! {
        #[test]
        fn the_series_of_a_frame_is_the_scale(lat in -850_000_000..850_000_000_i32, way in -2e7..2e7_f64) {
            let exact = Scale::at_lat_e7(f64::from(lat) + way / 2.0);
            let series = Frame::at(lat).half_way(way);
            prop_assert!((series.east / exact.east - 1.0).abs() < 1e-6);
            prop_assert!((series.north / exact.north - 1.0).abs() < 1e-7);
        }

        #[test]
        fn distances_up_to_50_km_follow_the_geodesic(
            lat in 55.0..80.0_f64, south in prop::bool::ANY, lon in -180.0..180.0_f64,
            east_km in -35.0..35.0_f64, north_km in -35.0..35.0_f64,
        ) {
            let lat = if south { -lat } else { lat };
            let other_lat = lat + north_km / 111.5;
            let other_lon = lon + east_km / (111.3 * lat.to_radians().cos());
            let other_lon = (other_lon + 180.0).rem_euclid(360.0) - 180.0;
            let (a, b) = (place(lat, lon), place(other_lat, other_lon));
            let exact = geodesic_m((a.lon(), a.lat()), (b.lon(), b.lat()));
            prop_assert!((distance_m(a, b) - exact).abs() <= exact * 2e-4 + 0.02);
        }

        #[test]
        fn long_lines_follow_the_geodesic(
            a in (-180.0..180.0_f64, -90.0..90.0_f64), b in (-180.0..180.0_f64, -90.0..90.0_f64), near in 0.001..1.0_f64,
        ) {
            let b = (a.0 + (b.0 - a.0) * near, a.1 + (b.1 - a.1) * near);
            let exact = geodesic_m(a, b);
            prop_assert!((long_line_m(a, b) - exact).abs() <= 1e-4 * exact + 0.5, "{} {exact}", long_line_m(a, b));
        }

        #[test]
        fn a_grown_box_holds_everything_within_its_margin(
            lat in -84.0..84.0_f64, lon in -180.0..180.0_f64,
            to_lat in -1.0..1.0_f64, to_lon in -4.0..4.0_f64,
        ) {
            let a = place(lat, lon);
            let b = place(lat + to_lat, (lon + to_lon + 180.0).rem_euclid(360.0) - 180.0);
            prop_assert!(Bounds::of(a).grown(distance_m(a, b) * 1.001).meets(&Bounds::of(b)));
        }
    }

    #[test]
    fn the_antimeridian_is_not_a_distance() {
        let metres = distance_m(place(60.0, 179.999), place(60.0, -179.999));
        assert!((metres - 111.6).abs() < 0.2, "{metres}");
    }

    #[test]
    fn a_way_over_the_antimeridian_has_a_narrow_box() {
        let bounds = Bounds::of_way(place(-17.0, -179.5), place(-18.0, 179.5));
        assert_eq!((bounds.west, bounds.east), (179.5, 180.5));
        assert!(bounds.meets(&Bounds::of(place(-17.5, -179.9))));
        assert!(!bounds.meets(&Bounds::of(place(-17.5, -179.0))));
    }
}
