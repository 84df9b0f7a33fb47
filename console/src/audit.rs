//! Who looked at what and who did what: written before the answer is given, and if it cannot be written, the answer
//! is refused.

use crate::{
    console::App,
    problem::{Fault, Problem},
};
use lenke_alerts::Alert;
use lenke_store::AuditEntry;
use std::time::Duration;

/// The object of what concerns everybody.
pub(crate) const ALL: &str = "all";

/// An alert as an object: found by the search for its wearer too.
pub(crate) fn of_alert(alert: &Alert) -> String {
    format!("{}/{}", alert.wearer, alert.id)
}

/// Writes an audit entry: `actor` did `action` on `object`.
///
/// # Errors
/// 503 if it cannot be written; the caller must not go on.
pub(crate) async fn record(
    app: &App,
    actor: &str,
    action: &str,
    object: &str,
    detail: &str,
) -> Result<(), Problem> {
    let entry = AuditEntry {
        at: app.clock.now(),
        actor: actor.to_owned(),
        action: action.to_owned(),
        object: object.to_owned(),
        detail: detail.to_owned(),
    };
    match app.store.append_audit(entry).await {
        Ok(_) => Ok(()),
        Err(error) => {
            metrics::counter!("console_audit_failures_total").increment(1);
            tracing::error!(%error, action, "the audit entry could not be written; the request is refused");
            let detail = "the audit log cannot be written; try again in a moment";
            Err(Problem::new(Fault::Unavailable, detail).retry_after(Duration::from_secs(2)))
        }
    }
}
