//! From verdicts to alerts: one wearer's monitor, the rules, and an alert's life.
//!
//! ```text
//! Report, deadline, counterpart --> Monitor --> Effect::Raise(Finding) --> Alert::raise   --> a person
//!                                          \--> Effect::End { id, .. }  --> Alert::handle_end
//! ```
//!
//! | module | what it is |
//! |---|---|
//! | [`register`] | orders, conditions, plans, devices: what evaluation knows of a case |
//! | [`carriers`] | whose a device's reports are |
//! | [`monitor`] | one wearer's state machine |
//! | [`finding`], [`identity`] | what it found and why, under an id that is a hash of the facts |
//! | [`interval`] | what it vouches for: stretches of violation, presence and silence |
//! | [`kind`] | what an alert is about, how urgent, how long a person has |
//! | [`alert`] | an alert's life |
//! | [`account`] | what each moment of an order was: compliant, violating, unknown or exempt |
//!
//! Invariants: pure, with no clock, socket, database or randomness; inputs are `handle_*` with `now`, outputs
//! `poll_effect`; the same inputs give the same effects.
//! Left to others: keys, frames and their deduplication (ingest), delivery and persistence (notify, store).
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod account;
pub mod alert;
pub mod carriers;
pub mod finding;
pub mod identity;
pub mod interval;
pub mod kind;
pub mod monitor;
pub mod register;

pub use account::{Case, Cause, Clause, ComplianceAccount, State, Stretch, Totals};
pub use alert::{Action, Alert, AlertState, Change, Outcome, Refusal, TimelineEntry};
pub use carriers::{Carriers, WrongTime};
pub use finding::{AlertId, Explanation, Finding, FixEvidence, PermissionRef, Reason, ZoneRef};
pub use identity::Subject;
pub use interval::{IntervalId, IntervalKind, IntervalRecord, ZoneVersion};
pub use kind::{AlertKind, Priority};
pub use monitor::{Content, Context, Effect, Monitor, Report, Tally};
pub use register::{
    Activation, Condition, ConditionId, ConditionRule, Device, DeviceKind, OrderId, Permission,
    PermissionError, PermissionReason, Register, Standing, SupervisionPlan, Wearer,
};
