//! For administrators: the platform's own state and what it refused.

use crate::{
    audit,
    console::App,
    extract::InQuery,
    guard::Caller,
    limits, paging,
    problem::Problem,
    views::admin::{ConsoleState, QuarantinedView, Status},
};
use axum::{Json, extract::State, http::HeaderMap};
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
    Ok(Json(Status { rejections, queues, counters, store, console }))
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
