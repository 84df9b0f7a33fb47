//! For administrators: the platform's own state and what it refused.

use crate::{
    audit,
    console::App,
    extract::InQuery,
    guard::Caller,
    limits, paging,
    problem::Problem,
    views::admin::{AuditView, ConsoleState, QuarantinedView, Status},
};
use axum::{Json, extract::State, http::HeaderMap};
use lenke_store::AuditQuery;
use lenke_wire::UnixMillis;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;

/// Counters, queues and row counts.
#[utoipa::path(get, path = "/admin/status", operation_id = "status", tag = "admin", responses((status = 200, description = "How the platform is doing", body = Status)))]
pub(crate) async fn status(State(app): State<Arc<App>>) -> Result<Json<Status>, Problem> {
    let store = app.store.counts().await?.into();
    let counters = (app.counters)();
    let part = |name: &str| counters.get(name).cloned().unwrap_or_else(|| serde_json::json!({}));
    let console = ConsoleState {
        now: app.clock.now().0,
        speed: app.clock.speed(),
        sessions: app.sessions.count(),
        streams: app.sessions.streams(),
        alerts_open: app.desk.open_alerts().len(),
    };
    let (rejections, queues) = (part("rejections"), part("queues"));
    let mut headroom = app.config.headroom.as_ref().map_or_else(Vec::new, |read| read());
    headroom.sort_by(|one, other| other.used.total_cmp(&one.used));
    let headroom = headroom.into_iter().map(Into::into).collect();
    Ok(Json(Status { headroom, rejections, queues, counters, store, console }))
}

/// A page of refused inputs.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Page {
    /// At most so many (100).
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    /// Those with a smaller number than this.
    before: Option<u64>,
}

/// Inputs that were refused, newest first.
#[utoipa::path(get, path = "/admin/quarantine", operation_id = "quarantine", tag = "admin", params(Page),
    responses((status = 200, description = "A full page names the next in its `Link` header", body = [QuarantinedView])))]
pub(crate) async fn quarantine(
    State(app): State<Arc<App>>,
    caller: Caller,
    InQuery(page): InQuery<Page>,
) -> Result<(HeaderMap, Json<Vec<QuarantinedView>>), Problem> {
    let limit = paging::limit(page.limit, limits::PAGE_ROWS_DEFAULT, limits::PAGE_ROWS_MAX)?;
    audit::record(&app, caller.name(), "quarantine.read", "all", "").await?;
    let rows = app.store.quarantine_page(page.before, limit).await?;
    let full = rows.len() as u64 >= u64::from(limit);
    let next = rows
        .last()
        .filter(|_| full)
        .map(|(id, _)| format!("/api/v1/admin/quarantine?limit={limit}&before={id}"));
    Ok((paging::link_next(next), Json(rows.iter().map(|(id, row)| QuarantinedView::of(*id, row)).collect())))
}

/// What is searched for in the audit log.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Search {
    /// About this: a wearer and all that concerns one (`W-00042`), one alert of one (`W-00042/<id>`), or `all` for what
    /// concerned everybody.
    #[param(max_length = 100, example = "W-00042")]
    subject: Option<String>,
    /// By this user.
    #[param(max_length = 100)]
    actor: Option<String>,
    /// This was done, or what is of its kind: `trail` finds `trail.read` and `trail.export`.
    #[param(max_length = 100, example = "trail.read")]
    action: Option<String>,
    /// From this moment on, milliseconds of Unix time.
    from: Option<i64>,
    /// Before this moment, milliseconds of Unix time.
    to: Option<i64>,
    /// At most so many (100).
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    /// Those with a smaller number than this.
    before: Option<u64>,
}

/// Who looked at what and did what, newest first. Looking here is written down too.
#[utoipa::path(get, path = "/admin/audit", operation_id = "audit_log", tag = "admin", params(Search),
    responses((status = 200, description = "A full page names the next in its `Link` header", body = [AuditView])))]
pub(crate) async fn audit_log(
    State(app): State<Arc<App>>,
    caller: Caller,
    InQuery(search): InQuery<Search>,
) -> Result<(HeaderMap, Json<Vec<AuditView>>), Problem> {
    let limit = paging::limit(search.limit, limits::PAGE_ROWS_DEFAULT, limits::PAGE_ROWS_MAX)?;
    for (field, text) in [("subject", &search.subject), ("actor", &search.actor), ("action", &search.action)]
    {
        if text.as_ref().is_some_and(|text| text.chars().count() > limits::SEARCH_CHARS_MAX) {
            return Err(Problem::field(field, format!("at most {} characters", limits::SEARCH_CHARS_MAX)));
        }
    }
    let given =
        |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let query = AuditQuery {
        object: given(search.subject),
        actor: given(search.actor),
        action: given(search.action),
        from: search.from.map(UnixMillis),
        to: search.to.map(UnixMillis),
        before: search.before,
        limit,
    };
    let object = query.object.as_deref().unwrap_or(audit::ALL);
    let detail = query.in_words();
    audit::record(&app, caller.name(), "audit.read", object, &detail).await?;
    let records = app.store.search_audit(&query).await?;
    let next = records
        .last()
        .filter(|_| records.len() as u64 >= u64::from(limit))
        .map(|last| paging::audit_target(&query, last.seq));
    Ok((paging::link_next(next), Json(records.iter().map(AuditView::from).collect())))
}
