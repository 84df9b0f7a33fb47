//! Positions: WGS 84 in integers of 1e-7 degrees (about 1 cm), as GNSS receivers give them.

use core::fmt;

/// 90 degrees.
const LATITUDE_E7_MAX: i32 = 900_000_000;
/// 180 degrees.
const LONGITUDE_E7_MAX: i32 = 1_800_000_000;

/// A place on the WGS 84 ellipsoid; latitude within +-90, longitude within +-180 degrees.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(try_from = "Degrees", into = "Degrees"))]
pub struct Position {
    lat_e7: i32,
    lon_e7: i32,
}

/// A coordinate lies outside the earth's range or is not a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PositionError {
    /// Latitude beyond +-90 degrees.
    Latitude,
    /// Longitude beyond +-180 degrees.
    Longitude,
}

impl fmt::Display for PositionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Latitude => "the latitude is not within -90 to 90 degrees",
            Self::Longitude => "the longitude is not within -180 to 180 degrees",
        })
    }
}

impl core::error::Error for PositionError {}

impl Position {
    /// From integers of 1e-7 degrees.
    ///
    /// # Errors
    /// The coordinate that is out of range.
    pub const fn from_e7(lat_e7: i32, lon_e7: i32) -> Result<Self, PositionError> {
        if lat_e7 < -LATITUDE_E7_MAX || lat_e7 > LATITUDE_E7_MAX {
            return Err(PositionError::Latitude);
        }
        if lon_e7 < -LONGITUDE_E7_MAX || lon_e7 > LONGITUDE_E7_MAX {
            return Err(PositionError::Longitude);
        }
        Ok(Self { lat_e7, lon_e7 })
    }

    /// From degrees, rounded to 1e-7.
    ///
    /// # Errors
    /// The coordinate that is out of range or not a number.
    pub fn from_degrees(lat: f64, lon: f64) -> Result<Self, PositionError> {
        if !(-90.0..=90.0).contains(&lat) {
            return Err(PositionError::Latitude);
        }
        if !(-180.0..=180.0).contains(&lon) {
            return Err(PositionError::Longitude);
        }
        Ok(Self { lat_e7: rounded_e7(lat), lon_e7: rounded_e7(lon) })
    }

    /// Latitude in 1e-7 degrees, north positive.
    pub const fn lat_e7(self) -> i32 {
        self.lat_e7
    }

    /// Longitude in 1e-7 degrees, east positive.
    pub const fn lon_e7(self) -> i32 {
        self.lon_e7
    }

    /// Latitude in degrees, north positive.
    pub fn lat(self) -> f64 {
        f64::from(self.lat_e7) / 1e7
    }

    /// Longitude in degrees, east positive.
    pub fn lon(self) -> f64 {
        f64::from(self.lon_e7) / 1e7
    }
}

/// Half away from zero; `f64::round` is not in `core`. The range is checked by the caller, so the cast is exact.
fn rounded_e7(degrees: f64) -> i32 {
    let scaled = degrees * 1e7;
    (if scaled < 0.0 { scaled - 0.5 } else { scaled + 0.5 }) as i32
}

impl fmt::Debug for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({:.7}, {:.7})", self.lat(), self.lon())
    }
}

/// The serialized form: `{"lat": 59.91, "lon": 10.75}`.
#[cfg(feature = "std")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Degrees {
    lat: f64,
    lon: f64,
}

#[cfg(feature = "std")]
impl TryFrom<Degrees> for Position {
    type Error = PositionError;

    fn try_from(degrees: Degrees) -> Result<Self, PositionError> {
        Self::from_degrees(degrees.lat, degrees.lon)
    }
}

#[cfg(feature = "std")]
impl From<Position> for Degrees {
    fn from(position: Position) -> Self {
        Self { lat: position.lat(), lon: position.lon() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degrees_round_to_the_nearest_unit_and_back() {
        let position = Position::from_degrees(59.913_868_9, -10.752_245_4).unwrap();
        assert_eq!((position.lat_e7(), position.lon_e7()), (599_138_689, -107_522_454));
        assert_eq!(Position::from_degrees(position.lat(), position.lon()), Ok(position));
    }

    #[test]
    fn out_of_range_and_nan_are_refused_by_name() {
        assert_eq!(Position::from_degrees(f64::NAN, 0.0), Err(PositionError::Latitude));
        assert_eq!(Position::from_degrees(0.0, 180.000_000_1), Err(PositionError::Longitude));
        assert_eq!(Position::from_e7(900_000_001, 0), Err(PositionError::Latitude));
        assert!(Position::from_e7(-900_000_000, -1_800_000_000).is_ok());
    }
}
