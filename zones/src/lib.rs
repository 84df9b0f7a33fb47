//! Zones, schedules and verdicts: which court-ordered areas a fix meets, and how sure that is.
//!
//! Pure: no clock, no I/O, no randomness. The same inputs give the same verdict on the server, in a rehearsal and in
//! a court's re-check.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod geometry;
pub mod ids;
pub mod model;
pub mod schedule;
pub mod units;

pub use geometry::Geometry;
pub use ids::{GroupId, WearerId, ZoneId};
pub use model::{Assignment, Circle, ConfirmPolicy, Zone, ZoneKind};
pub use schedule::{Schedule, WeeklyWindow};
pub use units::Metres;
