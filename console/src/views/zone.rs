//! Zones: as one object for a wearer's page, as GeoJSON for the map.

use super::{WearerText, ZoneText};
use lenke_wire::UnixMillis;
use lenke_zones::{Assignment, Zone, ZoneKind};
use serde::Serialize;
use utoipa::ToSchema;

/// Whether the wearer must stay out or stay in.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ZoneKind)]
pub(crate) enum ZoneKindView {
    /// The wearer must not be inside.
    Exclusion,
    /// The wearer must be inside while the schedule holds.
    Inclusion,
}

impl From<ZoneKind> for ZoneKindView {
    fn from(kind: ZoneKind) -> Self {
        match kind {
            ZoneKind::Exclusion => Self::Exclusion,
            ZoneKind::Inclusion => Self::Inclusion,
        }
    }
}

/// A zone without its geometry: the `properties` of its feature.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ZoneProperties {
    /// Identity over all versions.
    pub(crate) id: ZoneText,
    /// Counted from 1.
    pub(crate) version: u32,
    /// What operators call it.
    pub(crate) name: String,
    /// Stay out or stay in.
    pub(crate) kind: ZoneKindView,
    /// Width of the warning strip around it, metres; 0 for none.
    pub(crate) buffer_m: f64,
    /// Holds for groups of wearers.
    pub(crate) shared: bool,
    /// Whose own zone it is, if it is not shared.
    pub(crate) wearer: Option<WearerText>,
    /// Its own schedule holds at this moment, or it has none.
    pub(crate) holds_now: bool,
}

impl ZoneProperties {
    fn at(zone: &Zone, now: UnixMillis) -> Self {
        let wearer = match &zone.assignment {
            Assignment::Personal(wearer) => Some(WearerText(*wearer)),
            Assignment::Shared(_) => None,
        };
        Self {
            id: ZoneText(zone.id),
            version: zone.version,
            name: zone.name.clone(),
            kind: zone.kind.into(),
            buffer_m: zone.buffer.0,
            shared: wearer.is_none(),
            wearer,
            holds_now: zone.holds_at(now),
        }
    }
}

/// A zone with its geometry.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Zone)]
pub(crate) struct ZoneView {
    #[serde(flatten)]
    properties: ZoneProperties,
    /// GeoJSON geometry; a circle is drawn as a polygon.
    #[schema(value_type = Object)]
    geometry: serde_json::Value,
}

impl ZoneView {
    /// `zone` as it is at `now`.
    pub(crate) fn at(zone: &Zone, now: UnixMillis) -> Self {
        Self { properties: ZoneProperties::at(zone, now), geometry: zone.geometry.to_geojson() }
    }
}

/// A GeoJSON feature.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ZoneFeature {
    /// `Feature`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The zone's number, as map libraries want it.
    id: u64,
    /// What it is.
    properties: ZoneProperties,
    /// GeoJSON geometry.
    #[schema(value_type = Object)]
    geometry: serde_json::Value,
}

/// A GeoJSON feature collection of zones.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ZoneFeatures {
    /// `FeatureCollection`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The zones in their current versions.
    features: Vec<ZoneFeature>,
}

impl ZoneFeatures {
    /// `zones` as they are at `now`.
    pub(crate) fn at<'a>(zones: impl IntoIterator<Item = &'a Zone>, now: UnixMillis) -> Self {
        let feature = |zone: &Zone| ZoneFeature {
            kind: "Feature",
            id: zone.id.0,
            properties: ZoneProperties::at(zone, now),
            geometry: zone.geometry.to_geojson(),
        };
        Self { kind: "FeatureCollection", features: zones.into_iter().map(feature).collect() }
    }
}
