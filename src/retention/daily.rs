//! The task that erases who is due, once a day, a bounded number of rows.

use super::{Eraser, Limits, Plan};
use crate::subject_keys::SubjectKeys;
use anyhow::{Context, Result};
use lenke_store::{AuditEntry, Clock, Custody};
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// A start is busy enough without it.
const FIRST_AFTER: Duration = Duration::from_secs(60);
const EVERY: Duration = Duration::from_secs(86_400);

/// The task.
pub(crate) struct Daily {
    pub(crate) store: Arc<dyn Custody>,
    pub(crate) keys: SubjectKeys,
    pub(crate) days: u32,
    pub(crate) clock: Clock,
}

impl Daily {
    /// Runs until `stop`.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let mut wait = FIRST_AFTER;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
            }
            wait = EVERY;
            let done = tokio::select! {
                () = stop.cancelled() => return,
                done = self.once() => done,
            };
            metrics::gauge!("lenke_retention_last_run_seconds").set(self.clock.now().0 as f64 / 1000.0);
            if let Err(error) = done {
                metrics::counter!("lenke_retention_failures_total").increment(1);
                tracing::error!(error = format!("{error:#}"), "who is due could not be erased");
            }
        }
    }

    /// One run.
    ///
    /// # Errors
    /// The store or a file fails: then nobody further is erased.
    pub(crate) async fn once(&self) -> Result<()> {
        let now = self.clock.now();
        let plan = Plan::make(&*self.store, &self.keys, self.days, now).await?;
        metrics::gauge!("lenke_retention_due").set(plan.due.len() as f64);
        metrics::gauge!("lenke_retention_kept").set(plan.kept.len() as f64);
        let mut limits = Limits::DAILY;
        for due in &plan.due {
            let entry = AuditEntry {
                at: now,
                actor: "system".to_owned(),
                action: "retention.erase".to_owned(),
                object: due.wearer.to_string(),
                detail: due.why(),
            };
            self.store
                .append_audit(entry)
                .await
                .context("nobody is erased: the audit log cannot be written")?;
            let eraser = Eraser { store: &*self.store, keys: &self.keys, limits };
            let (deleted, finished) = eraser.erase(due, now).await?;
            metrics::counter!("lenke_retention_rows_total").increment(deleted.rows());
            metrics::counter!("lenke_retention_erased_total").increment(u64::from(finished));
            tracing::info!(wearer = %due.wearer, rows = deleted.rows(), finished, "a wearer's time is over");
            limits.rows_max = limits.rows_max.saturating_sub(deleted.rows());
            if limits.rows_max == 0 {
                return Ok(());
            }
        }
        Ok(())
    }
}
