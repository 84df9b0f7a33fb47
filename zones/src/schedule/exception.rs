//! Dated changes of a schedule: it holds where it would not, or the other way round.

use super::{EXCEPTIONS_MAX, ScheduleError};
use crate::interval::{Interval, Intervals};
use lenke_wire::UnixMillis;
use serde::{Deserialize, Serialize};

/// What an exception does to the weekly windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The schedule holds.
    Add,
    /// The schedule does not hold; stronger than what is added.
    Remove,
}

/// One dated change: from a moment to before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Exception {
    /// First moment it changes.
    pub from: UnixMillis,
    /// First moment after.
    pub to: UnixMillis,
    /// What it does.
    pub effect: Effect,
}

/// The exceptions of a schedule, joined.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    pub(super) added: Intervals,
    pub(super) removed: Intervals,
}

impl Changes {
    pub(super) fn of(exceptions: &[Exception]) -> Result<Self, ScheduleError> {
        if exceptions.len() > EXCEPTIONS_MAX {
            return Err(ScheduleError::TooManyExceptions);
        }
        let interval = |exception: &Exception| Interval::new(exception.from, exception.to);
        if let Some(exception) = exceptions.iter().position(|exception| interval(exception).is_empty()) {
            return Err(ScheduleError::EmptyException { exception });
        }
        let all = |effect: Effect| {
            exceptions.iter().filter(|exception| exception.effect == effect).map(interval).collect()
        };
        Ok(Self { added: all(Effect::Add), removed: all(Effect::Remove) })
    }

    /// The weekly windows with the changes.
    pub(super) fn apply(&self, weekly: &Intervals) -> Intervals {
        weekly.union(&self.added).difference(&self.removed)
    }

    /// Where they begin and end after a moment, in order.
    pub(super) fn edges_after(&self, after: UnixMillis) -> impl Iterator<Item = UnixMillis> {
        let ends = |interval: &Interval| [interval.from, interval.to];
        let mut edges: Vec<_> = self.added.iter().chain(&self.removed).flat_map(ends).collect();
        edges.retain(|edge| *edge > after);
        edges.sort_unstable();
        edges.dedup();
        edges.into_iter()
    }
}
