//! Zones: as one object for a wearer's page, as GeoJSON for the map.

use super::{WearerText, ZoneText};
use crate::casebook::CaseBook;
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
    /// It binds somebody at this moment: by its own schedule, and by those of the curfews there.
    pub(crate) holds_now: bool,
}

impl ZoneProperties {
    fn of(zone: &Zone, holds_now: bool) -> Self {
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
            holds_now,
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
    pub(crate) fn at(book: &CaseBook, zone: &Zone, now: UnixMillis) -> Self {
        let properties = ZoneProperties::of(zone, book.holds_at(zone, now));
        Self { properties, geometry: zone.geometry.to_geojson() }
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
    /// All zones as they are at `now`.
    pub(crate) fn at(book: &CaseBook, now: UnixMillis) -> Self {
        let feature = |zone: &Zone| ZoneFeature {
            kind: "Feature",
            id: zone.id.0,
            properties: ZoneProperties::of(zone, book.holds_at(zone, now)),
            geometry: zone.geometry.to_geojson(),
        };
        Self { kind: "FeatureCollection", features: book.zones().iter().map(feature).collect() }
    }
}
