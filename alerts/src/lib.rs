//! From verdicts to alerts: one wearer's monitor, the rules, and an alert's life.
//!
//! Pure: knows no clock, no socket, no database. Inputs are `handle_*` with `now`, outputs `poll_effect`.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod alert;
pub mod finding;
pub mod identity;
pub mod kind;
pub mod monitor;
pub mod register;

pub use alert::{Action, Alert, AlertState, Change, Outcome, Refusal, TimelineEntry};
pub use finding::{AlertId, Explanation, Finding, FixEvidence, Reason, ZoneRef};
pub use kind::{AlertKind, Priority};
pub use monitor::{Content, Context, Effect, Monitor, Report, Tally};
pub use register::{
    Activation, Condition, ConditionId, ConditionRule, Device, DeviceKind, OrderId, Register,
    SupervisionPlan, Wearer,
};
