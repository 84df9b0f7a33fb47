//! The alert desk and the bus of live events.
//!
//! | module | what it is |
//! |---|---|
//! | [`desk`] | the one task that owns the open alerts, and the handle by which others reach it |
//! | [`live`] | what consoles are told the moment it happens |
//!
//! Invariants: an alert is shown to people and saved independently of each other, so neither waits for the other; the
//! same finding never becomes two alerts; every queue here has a named limit and a metric for what exceeds it.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod desk;
pub mod live;

pub use desk::{Desk, DeskError, DeskInput};
pub use live::{LIVE_EVENTS_MAX, LiveEvent, PositionUpdate};
