//! What an alert is: where the work on it stands, told apart from whether its condition still holds.
//!
//! [`life`] holds the transitions.

mod life;
#[cfg(test)]
mod life_tests;

pub use life::{Action, Refusal};

use crate::{AlertId, AlertKind, Explanation, OrderId, PermissionRef, Priority, Subject};
use lenke_wire::{Position, UnixMillis};
use lenke_zones::WearerId;
use serde::{Deserialize, Serialize};

/// Where the work stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// Nobody has taken it.
    Raised,
    /// Somebody has.
    Acknowledged,
    /// A person closed it, with an outcome.
    Resolved,
}

/// How a person closed an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was what it seemed and was dealt with.
    Handled,
    /// True, but permitted or excused.
    Excused,
    /// The technology was wrong.
    FalseAlert,
    /// Passed to the police.
    Police,
}

/// What happened to an alert, who did it and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimelineEntry {
    /// When.
    pub at: UnixMillis,
    /// Who: a user's name, or `system`.
    pub actor: String,
    /// What.
    pub what: Change,
    /// The alert's version after it.
    pub version: u32,
}

/// One change in an alert's life.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "change")]
pub enum Change {
    /// It came to be.
    Raised,
    /// Somebody took it.
    Acknowledged,
    /// Somebody wrote something down.
    Noted {
        /// What.
        text: String,
    },
    /// Its condition no longer holds.
    Ended {
        /// The permission that ended it, if that did and not the wearer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        permission: Option<PermissionRef>,
    },
    /// Its condition holds again.
    Recurred,
    /// Nobody took it in time.
    Escalated,
    /// A person closed it.
    Resolved {
        /// How.
        outcome: Outcome,
        /// Why.
        text: String,
    },
}

/// Something a person must handle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// Deterministic identity.
    pub id: AlertId,
    /// Whom it concerns.
    pub wearer: WearerId,
    /// Under which order.
    pub order: OrderId,
    /// What.
    pub kind: AlertKind,
    /// What it is about, besides the wearer.
    #[serde(default)]
    pub subject: Subject,
    /// How urgent.
    pub priority: Priority,
    /// Where the work stands.
    pub state: AlertState,
    /// The condition holds right now.
    pub active: bool,
    /// Times its condition began to hold.
    pub occurrences: u32,
    /// Steps of escalation taken.
    pub escalation: u8,
    /// A backlog brought it: it happened in the past.
    pub late: bool,
    /// When it happened.
    pub occurred_at: UnixMillis,
    /// When the alert was raised.
    pub raised_at: UnixMillis,
    /// Until when somebody should have taken it.
    pub deadline_at: UnixMillis,
    /// When its condition last began to hold again, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recurred_at: Option<UnixMillis>,
    /// When its condition ended, if it did.
    pub ended_at: Option<UnixMillis>,
    /// Who has it.
    pub owner: Option<String>,
    /// Where the wearer was, if known.
    pub position: Option<Position>,
    /// Why.
    pub explanation: Explanation,
    /// Rises with every change; an action names the version it saw.
    pub version: u32,
    /// Changes, oldest first; at most [`Alert::TIMELINE_MAX`].
    pub timeline: Vec<TimelineEntry>,
    /// Entries of the system that gave way to newer ones.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub timeline_dropped: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde calls")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}
