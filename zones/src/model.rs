//! What a zone is.

use crate::{GroupId, Metres, WearerId, ZoneId, geometry::Geometry, schedule::Schedule};
use lenke_wire::Position;
use serde::{Deserialize, Serialize};

/// Whether the wearer must stay out or stay in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ZoneKind {
    /// The wearer must not be inside.
    Exclusion,
    /// The wearer must be inside while the schedule holds (home, workplace).
    Inclusion,
}

/// All points within `radius` of `centre`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Circle {
    /// Middle.
    pub centre: Position,
    /// Radius, > 0.
    pub radius: Metres,
}

/// Who a zone holds for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Assignment {
    /// One wearer's own zone.
    Personal(WearerId),
    /// Every wearer of any of these groups.
    Shared(Vec<GroupId>),
}

/// When fixes inside become a confirmed stay; every change is a new version.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConfirmPolicy {
    /// Version of the policy, shown with every decision it made.
    pub version: u32,
    /// One fix with at least this probability confirms at once.
    pub confirm_at: f64,
    /// A fix with at least this probability counts as a hit.
    pub suspect_at: f64,
    /// This many hits ...
    pub hits: u8,
    /// ... of the last so many fixes confirm.
    pub window: u8,
}

impl Default for ConfirmPolicy {
    fn default() -> Self {
        Self { version: 1, confirm_at: 0.95, suspect_at: 0.5, hits: 2, window: 3 }
    }
}

/// A court-ordered area in one of its versions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Zone {
    /// Identity over all versions.
    pub id: ZoneId,
    /// Counted from 1; a change is a new version.
    pub version: u32,
    /// What operators call it. No victim's name or address.
    pub name: String,
    /// Stay out or stay in.
    pub kind: ZoneKind,
    /// Where it is.
    pub geometry: Geometry,
    /// Width of the warning strip around it; 0 for none.
    pub buffer: Metres,
    /// When fixes become a stay.
    pub policy: ConfirmPolicy,
    /// When it holds; always if absent.
    pub schedule: Option<Schedule>,
    /// For whom it holds.
    pub assignment: Assignment,
}
