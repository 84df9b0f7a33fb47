//! Zones, schedules and verdicts: which court-ordered areas a fix meets, and how sure that is.
//!
//! | module | what it is |
//! |---|---|
//! | [`geometry`] | circles and polygons, validated, exact in 1e-7 degrees |
//! | [`geojson`] | reads them, with errors that name feature, ring and vertex |
//! | [`model`] | a zone with kind, buffer, policy, schedule and assignment |
//! | [`index`] | finds the zones that matter to a fix, and those its way crosses |
//! | [`compiled`], [`live`] | the same answers for the hot path; edits swapped in while fixes are judged |
//! | [`fence`] | a wearer's zones as a tag knows them: the same decisions in a few bytes |
//! | [`mod@verdict`] | signed distance and probability of having been inside |
//! | [`reach`] | where somebody may have been in a gap between two fixes: never an alarm by itself |
//! | [`mod@rehearse`] | a proposed set of zones over a recorded trail, beside today's |
//! | [`schedule`], [`interval`] | weekly windows in a time zone; algebra of stretches of time |
//!
//! Pure: no clock, no I/O, no randomness. The same inputs give the same verdict on the server, in a rehearsal and in
//! a court's re-check. A zone, a geometry or a schedule that exists is valid: serde goes through the same validation.
#![deny(unsafe_code)]
#![warn(missing_docs)]

mod boundary;
pub mod calendar;
pub mod compiled;
pub mod crossing;
mod distance;
pub mod earth;
pub mod fence;
pub mod geojson;
pub mod geometry;
pub mod ids;
pub mod index;
pub mod interval;
pub mod live;
pub mod model;
pub mod reach;
pub mod rehearse;
pub mod schedule;
mod sine;
pub mod source;
mod space;
#[cfg(test)]
mod testing;
pub mod units;
pub mod verdict;
mod wide;

pub use calendar::{Calendar, CalendarError, Day};
pub use compiled::{Compiled, OwnZones, SharedZone};
pub use crossing::Crossing;
pub use earth::{Bounds, distance_m};
pub use fence::{FenceRoom, FenceSet, FenceZone, fence_set};
pub use geojson::{GeoJsonError, ZoneDraft};
pub use geometry::{Circle, Geometry, GeometryError, GeometryFault, Place, Polygons};
pub use ids::{GroupId, WearerId, ZoneId};
pub use index::{Meeting, ZoneIndex};
pub use interval::{Interval, Intervals};
pub use live::LiveZones;
pub use model::{Assignment, ConfirmPolicy, Zone, ZoneError, ZoneKind};
pub use reach::{Possible, Reach};
pub use rehearse::{Rehearsal, rehearse};
pub use schedule::{Schedule, ScheduleError, WeeklyWindow};
pub use source::{AtHand, ZoneSource};
pub use units::Metres;
pub use verdict::{Verdict, verdict};
