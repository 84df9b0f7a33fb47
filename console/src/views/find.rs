//! Answers to questions about the past: who was at a place, what is missing, what devices told.

use super::{WearerText, place::TrailFix};
use lenke_store::{
    Report, Told,
    inquiry::{Coverage, Gap, Presence},
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// Somebody inside the area.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Presence)]
pub(crate) struct PresenceView {
    /// Who, by the device that was worn at that moment.
    pub(crate) wearer: WearerText,
    /// Where and when.
    #[serde(flatten)]
    pub(crate) fix: TrailFix,
}

impl From<&Presence> for PresenceView {
    fn from(presence: &Presence) -> Self {
        Self { wearer: WearerText(presence.wearer), fix: (&presence.point).into() }
    }
}

/// A part of the answer to a search of a place.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = PlacePage)]
pub(crate) struct PlaceView {
    /// Positions inside, oldest first. A page may hold none and still not be the last.
    pub(crate) inside: Vec<PresenceView>,
    /// What to send as `after` for the next page; nothing if this was the last.
    pub(crate) next: Option<String>,
}

/// A time without positions.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(as = Gap)]
pub(crate) struct GapView {
    /// The last position before it, or the begin of what was asked; milliseconds of Unix time.
    pub(crate) from: i64,
    /// The next position, or the end of what was asked.
    pub(crate) to: i64,
}

impl From<&Gap> for GapView {
    fn from(gap: &Gap) -> Self {
        Self { from: gap.from.0, to: gap.to.0 }
    }
}

/// How complete a trail is.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Coverage)]
pub(crate) struct CoverageView {
    /// Positions there are.
    pub(crate) received: u64,
    /// Positions that the plan promises for the time in which a device was worn.
    pub(crate) expected: u64,
    /// Times without any that are longer than asked, oldest first.
    pub(crate) gaps: Vec<GapView>,
    /// Further ones that are not listed.
    pub(crate) gaps_left_out: u64,
}

impl From<&Coverage> for CoverageView {
    fn from(coverage: &Coverage) -> Self {
        Self {
            received: coverage.received,
            expected: coverage.expected,
            gaps: coverage.gaps.iter().map(GapView::from).collect(),
            gaps_left_out: coverage.gaps_left_out,
        }
    }
}

/// What a device told beside positions.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Report)]
pub(crate) struct ReportView {
    /// Told by.
    #[schema(example = "lk000042")]
    pub(crate) device: String,
    /// When, by the device's clock, milliseconds of Unix time.
    pub(crate) at: i64,
    /// When the centre took it.
    pub(crate) received_at: i64,
    /// The event, the report of the device on itself, or the heartbeat heard.
    #[schema(value_type = Object)]
    pub(crate) told: Value,
}

impl From<&Report> for ReportView {
    fn from(report: &Report) -> Self {
        // Plain structs without maps: they always become JSON.
        let told = match &report.told {
            Told::Event(event) => serde_json::to_value(event),
            Told::Health(health) => serde_json::to_value(health),
            Told::Sighting(sighting) => serde_json::to_value(sighting),
        };
        Self {
            device: report.device.to_string(),
            at: report.told.at().0,
            received_at: report.received_at.0,
            told: told.unwrap_or_default(),
        }
    }
}
