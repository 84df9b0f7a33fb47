//! Reads zones from GeoJSON (RFC 7946): a FeatureCollection, a Feature or a bare geometry.
//!
//! | geometry | zone |
//! |---|---|
//! | `Polygon`, `MultiPolygon` | polygons with holes; altitudes are ignored |
//! | `Point` with the property `radius_m` | a circle |
//!
//! Properties, all optional: `name` (text), `kind` (`exclusion`, which is the default, or `inclusion`), `buffer_m` (a
//! number, 0 by default), `schedule` (as [`Schedule`] serializes). An error names feature, ring and vertex.

use crate::{
    Assignment, ConfirmPolicy, Geometry, GeometryError, Metres, Schedule, Zone, ZoneError, ZoneId, ZoneKind,
    geometry::Place,
    model::{NAME_BYTES_MAX, check_buffer},
};
use lenke_wire::Position;
use serde_json::{Map, Value, json};

/// No document may hold more features.
pub const FEATURES_MAX: usize = 100_000;

/// A zone as read, not yet anybody's.
#[derive(Clone, Debug, PartialEq)]
pub struct ZoneDraft {
    /// What operators will call it.
    pub name: String,
    /// Stay out or stay in.
    pub kind: ZoneKind,
    /// Where it is.
    pub geometry: Geometry,
    /// Width of the warning strip around it.
    pub buffer: Metres,
    /// When it holds; always if absent.
    pub schedule: Option<Schedule>,
}

impl ZoneDraft {
    /// The zone, with the default policy.
    ///
    /// # Errors
    /// The version is 0, or a shared zone has no group.
    pub fn into_zone(self, id: ZoneId, version: u32, assignment: Assignment) -> Result<Zone, ZoneError> {
        let Self { name, kind, geometry, buffer, schedule } = self;
        let policy = ConfirmPolicy::default();
        Zone { id, version, name, kind, geometry, buffer, policy, schedule, assignment }.validated()
    }
}

/// A document that is refused. `feature` counts from 0; the text counts from 1.
#[derive(Debug, thiserror::Error)]
pub enum GeoJsonError {
    /// Not JSON.
    #[error("this is not JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// JSON, but no GeoJSON.
    #[error("this is not GeoJSON: `type` is neither FeatureCollection, Feature nor a geometry")]
    NotGeoJson,
    /// No feature at all.
    #[error("the document has no feature")]
    NoFeature,
    /// More features than allowed.
    #[error("the document has more than {FEATURES_MAX} features")]
    TooManyFeatures,
    /// Coordinates of another reference system (RFC 7946 knows only WGS 84).
    #[error("the coordinates are in {0}, not in WGS 84; export the document as RFC 7946")]
    ReferenceSystem(String),
    /// A member is missing or of the wrong type.
    #[error("feature {}: `{member}` is not {wanted}", .feature + 1)]
    Member {
        /// Which feature.
        feature: usize,
        /// Which member.
        member: &'static str,
        /// What it should be.
        wanted: &'static str,
    },
    /// A geometry that no zone can have.
    #[error("feature {}: a zone is a Polygon, a MultiPolygon or a Point, not a {kind}", .feature + 1)]
    Unsupported {
        /// Which feature.
        feature: usize,
        /// The geometry's type.
        kind: String,
    },
    /// A coordinate is not two or more numbers.
    #[error("feature {}, {at}: coordinates are not where they should be, [longitude, latitude]", .feature + 1)]
    Coordinates {
        /// Which feature.
        feature: usize,
        /// Where.
        at: Place,
    },
    /// The geometry is refused.
    #[error("feature {}: {source}", .feature + 1)]
    Geometry {
        /// Which feature.
        feature: usize,
        /// Why.
        source: GeometryError,
    },
    /// The name or the buffer is refused.
    #[error("feature {}: {source}", .feature + 1)]
    Zone {
        /// Which feature.
        feature: usize,
        /// Why.
        source: ZoneError,
    },
    /// The schedule is refused.
    #[error("feature {}: {source}", .feature + 1)]
    Schedule {
        /// Which feature.
        feature: usize,
        /// Why.
        source: serde_json::Error,
    },
}

/// Reads all zones of a document.
///
/// # Errors
/// What is wrong with the first feature that is, and where.
pub fn read_zones(text: &str) -> Result<Vec<ZoneDraft>, GeoJsonError> {
    let document: Value = serde_json::from_str(text.trim_start_matches('\u{feff}'))?;
    check_reference_system(&document)?;
    match document.get("type").and_then(Value::as_str) {
        Some("FeatureCollection") => {
            let wanted = GeoJsonError::Member { feature: 0, member: "features", wanted: "an array" };
            let features = document.get("features").and_then(Value::as_array).ok_or(wanted)?;
            match features.len() {
                0 => Err(GeoJsonError::NoFeature),
                1..=FEATURES_MAX => features.iter().enumerate().map(|(i, f)| read_feature(f, i)).collect(),
                _ => Err(GeoJsonError::TooManyFeatures),
            }
        }
        Some("Feature") => Ok(vec![read_feature(&document, 0)?]),
        Some(_) if document.get("coordinates").is_some() || document.get("geometries").is_some() => {
            Ok(vec![read_draft(&document, &Map::new(), 0)?])
        }
        Some(_) | None => Err(GeoJsonError::NotGeoJson),
    }
}

/// Older GeoJSON names its reference system; anything but WGS 84 would put zones into the wrong place.
fn check_reference_system(document: &Value) -> Result<(), GeoJsonError> {
    let Some(crs) = document.get("crs").filter(|crs| !crs.is_null()) else { return Ok(()) };
    let name = crs.pointer("/properties/name").and_then(Value::as_str).unwrap_or("an unnamed system");
    if name.ends_with("CRS84") || name.ends_with(":4326") {
        return Ok(());
    }
    Err(GeoJsonError::ReferenceSystem(name.to_owned()))
}

fn read_feature(value: &Value, feature: usize) -> Result<ZoneDraft, GeoJsonError> {
    if value.get("type").and_then(Value::as_str) != Some("Feature") {
        return Err(GeoJsonError::Member { feature, member: "type", wanted: "Feature" });
    }
    let geometry = value.get("geometry").filter(|geometry| geometry.is_object());
    let geometry =
        geometry.ok_or(GeoJsonError::Member { feature, member: "geometry", wanted: "a geometry" })?;
    match value.get("properties") {
        Some(Value::Object(properties)) => read_draft(geometry, properties, feature),
        Some(Value::Null) | None => read_draft(geometry, &Map::new(), feature),
        Some(_) => Err(GeoJsonError::Member { feature, member: "properties", wanted: "an object" }),
    }
}

fn read_draft(
    geometry: &Value,
    properties: &Map<String, Value>,
    feature: usize,
) -> Result<ZoneDraft, GeoJsonError> {
    let member = |member, wanted| GeoJsonError::Member { feature, member, wanted };
    let property = |name| properties.get(name).filter(|value| !value.is_null());
    let name = match property("name") {
        Some(name) => name.as_str().ok_or(member("name", "a text"))?.trim().to_owned(),
        None => format!("Zone {}", feature + 1),
    };
    if name.is_empty() || name.len() > NAME_BYTES_MAX {
        return Err(GeoJsonError::Zone { feature, source: ZoneError::Name });
    }
    let kind = match property("kind").map(Value::as_str) {
        None | Some(Some("exclusion")) => ZoneKind::Exclusion,
        Some(Some("inclusion")) => ZoneKind::Inclusion,
        Some(_) => return Err(member("kind", "\"exclusion\" or \"inclusion\"")),
    };
    let buffer = match property("buffer_m") {
        Some(buffer) => Metres(buffer.as_f64().ok_or(member("buffer_m", "a number"))?),
        None => Metres(0.0),
    };
    check_buffer(buffer).map_err(|source| GeoJsonError::Zone { feature, source })?;
    let schedule = property("schedule")
        .map(|schedule| serde_json::from_value(schedule.clone()))
        .transpose()
        .map_err(|source| GeoJsonError::Schedule { feature, source })?;
    let radius = match property("radius_m") {
        Some(radius) => Some(Metres(radius.as_f64().ok_or(member("radius_m", "a number"))?)),
        None => None,
    };
    Ok(ZoneDraft { name, kind, geometry: read_geometry(geometry, radius, feature)?, buffer, schedule })
}

fn read_geometry(geometry: &Value, radius: Option<Metres>, feature: usize) -> Result<Geometry, GeoJsonError> {
    let member = |member, wanted| GeoJsonError::Member { feature, member, wanted };
    let kind = geometry.get("type").and_then(Value::as_str).ok_or(member("type", "a geometry's type"))?;
    let coordinates = || geometry.get("coordinates").ok_or(member("coordinates", "there"));
    let read = match kind {
        "Point" => {
            let radius = radius.ok_or(member("radius_m", "there: a Point needs it to be a circle"))?;
            let [lon, lat] =
                coordinate(coordinates()?).ok_or(member("coordinates", "[longitude, latitude]"))?;
            let wanted = "a longitude within 180 and a latitude within 90 degrees";
            let centre = Position::from_degrees(lat, lon).map_err(|_| member("coordinates", wanted))?;
            Geometry::circle(centre, radius)
        }
        "Polygon" => Geometry::polygons(vec![read_polygon(coordinates()?, feature, 0)?]),
        "MultiPolygon" => {
            let polygons = coordinates()?.as_array().ok_or(member("coordinates", "an array"))?;
            let polygons = polygons.iter().enumerate().map(|(polygon, v)| read_polygon(v, feature, polygon));
            Geometry::polygons(polygons.collect::<Result<_, _>>()?)
        }
        _ => return Err(GeoJsonError::Unsupported { feature, kind: kind.to_owned() }),
    };
    read.map_err(|source| GeoJsonError::Geometry { feature, source })
}

fn read_polygon(value: &Value, feature: usize, polygon: usize) -> Result<Vec<Vec<[f64; 2]>>, GeoJsonError> {
    let misplaced = |ring, vertex| GeoJsonError::Coordinates { feature, at: Place { polygon, ring, vertex } };
    let rings = value.as_array().ok_or_else(|| misplaced(None, None))?;
    let read_ring = |(ring, value): (usize, &Value)| {
        let vertices = value.as_array().ok_or_else(|| misplaced(Some(ring), None))?;
        let read_vertex =
            |(vertex, value)| coordinate(value).ok_or_else(|| misplaced(Some(ring), Some(vertex)));
        vertices.iter().enumerate().map(read_vertex).collect()
    };
    rings.iter().enumerate().map(read_ring).collect()
}

/// Longitude and latitude; what follows (an altitude) is not looked at.
fn coordinate(value: &Value) -> Option<[f64; 2]> {
    match value.as_array()?.as_slice() {
        [lon, lat, ..] => Some([lon.as_f64()?, lat.as_f64()?]),
        _ => None,
    }
}

/// A Polygon, or a MultiPolygon of several.
pub(crate) fn polygon(coordinates: &[Vec<Vec<[f64; 2]>>]) -> Value {
    match coordinates {
        [single] => json!({ "type": "Polygon", "coordinates": single }),
        several => json!({ "type": "MultiPolygon", "coordinates": several }),
    }
}

#[cfg(test)]
mod tests;
