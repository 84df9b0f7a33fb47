//! Erases one wearer, in steps that can be done again.

use super::plan::Due;
use crate::subject_keys::SubjectKeys;
use anyhow::{Context, Result};
use lenke_store::{Custody, History, custody::DELETE_ROWS_MAX};
use lenke_wire::UnixMillis;
use std::time::Duration;

/// How hard an erasure may work.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Rows in all; what is left waits for the next run.
    pub(crate) rows_max: u64,
    /// Between two transactions, so that batches of reports get their turn.
    pub(crate) pause: Duration,
}

impl Limits {
    /// A person waits for the end.
    pub(crate) const COMMAND: Self = Self { rows_max: u64::MAX, pause: Duration::from_millis(5) };
    /// A centre goes on beside it.
    pub(crate) const DAILY: Self = Self { rows_max: 2_000_000, pause: Duration::from_millis(50) };
}

/// Erases wearers of one store.
pub(crate) struct Eraser<'a> {
    pub(crate) store: &'a dyn Custody,
    pub(crate) keys: &'a SubjectKeys,
    pub(crate) limits: Limits,
}

impl Eraser<'_> {
    /// Deletes what there is of one who is due, and the key last. Answers what was deleted, and whether it is finished.
    ///
    /// # Errors
    /// The store refuses (a hold) or does not answer, or a file cannot be written; done again, it goes on.
    pub(crate) async fn erase(&self, due: &Due, now: UnixMillis) -> Result<(History, bool)> {
        let mut deleted = History::default();
        loop {
            let part = self
                .store
                .delete_history(due.wearer, due.before, DELETE_ROWS_MAX)
                .await
                .with_context(|| format!("cannot delete the history of {}", due.wearer))?;
            deleted.add(part);
            if part.rows() == 0 {
                break;
            }
            if deleted.rows() >= self.limits.rows_max {
                return Ok((deleted, false));
            }
            tokio::time::sleep(self.limits.pause).await;
        }
        let at = if due.again { due.before } else { now };
        // Cut short from here on, the next run finds the note and goes on.
        self.keys
            .note(due.wearer, at)
            .with_context(|| format!("cannot note that {} is erased", due.wearer))?;
        self.store.forget(due.wearer, at).await.with_context(|| format!("cannot forget {}", due.wearer))?;
        self.keys.remove(due.wearer).with_context(|| format!("cannot destroy the key of {}", due.wearer))?;
        Ok((deleted, true))
    }
}
