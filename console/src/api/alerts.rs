//! The queue: what is open comes from the desk, which is always true; what is resolved from the store.

use crate::{
    audit,
    console::App,
    extract::{Body, InPath, InQuery},
    guard::Caller,
    limits, paging,
    problem::{Fault, Problem},
    views::alert::{AlertView, OutcomeView},
};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use lenke_alerts::{Action, Alert, AlertId, AlertState, Refusal};
use lenke_notify::DeskError;
use lenke_store::{AlertKey, AlertPage};
use serde::Deserialize;
use std::{sync::Arc, time::Duration};
use utoipa::{IntoParams, ToSchema};

/// Which alerts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Which {
    /// Those that no person has closed, most urgent first.
    #[default]
    Open,
    /// Those that a person has, newest first.
    Resolved,
}

/// A part of the alerts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Part {
    /// Which alerts; open ones if absent.
    #[serde(default)]
    #[param(inline)]
    state: Which,
    /// Resolved ones only: at most so many (100).
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    /// Resolved ones only: the cursor from the `Link` header of the page before.
    #[param(pattern = "^-?[0-9]{1,19}_[0-9a-f]{32}$")]
    before: Option<String>,
}

/// An alert's address.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct Address {
    /// The alert's id.
    #[serde(deserialize_with = "crate::views::parsed")]
    #[param(value_type = String, pattern = "^[0-9a-f]{32}$", example = "0123456789abcdef0123456789abcdef")]
    id: AlertId,
}

/// Alerts: the open ones, or a page of the resolved ones.
#[utoipa::path(get, path = "/alerts", operation_id = "list_alerts", tag = "alerts", params(Part),
    responses((status = 200, description = "A full page of resolved alerts names the next in its `Link` header", body = [AlertView])))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    InQuery(part): InQuery<Part>,
) -> Result<(HeaderMap, Json<Vec<AlertView>>), Problem> {
    let limit = paging::limit(part.limit, limits::PAGE_ROWS_DEFAULT, limits::PAGE_ROWS_MAX)?;
    match part.state {
        Which::Open => {
            audit::record(&app, caller.name(), "alerts.read", audit::ALL, "open").await?;
            let mut open = app.desk.open_alerts();
            open.sort_by_key(|alert| (alert.priority, alert.deadline_at, alert.id));
            Ok((HeaderMap::new(), Json(open.iter().map(|alert| AlertView::from(&**alert)).collect())))
        }
        Which::Resolved => {
            let unreadable = || Problem::field("before", "not a cursor from a `Link` header");
            let before =
                part.before.map(|text| paging::read_alert_key(&text).ok_or_else(unreadable)).transpose()?;
            audit::record(&app, caller.name(), "alerts.read", audit::ALL, "resolved").await?;
            let alerts = app.store.alerts(AlertPage { state: AlertState::Resolved, before, limit }).await?;
            let next = alerts.last().filter(|_| alerts.len() as u64 >= u64::from(limit)).map(|last| {
                let cursor = paging::write_alert_key(AlertKey::of(last));
                format!("/api/v1/alerts?state=resolved&limit={limit}&before={cursor}")
            });
            Ok((paging::link_next(next), Json(alerts.iter().map(AlertView::from).collect())))
        }
    }
}

/// One alert.
#[utoipa::path(get, path = "/alerts/{id}", operation_id = "read_alert", tag = "alerts", params(Address),
    responses((status = 200, description = "The alert", body = AlertView),
        (status = 404, description = "No such alert", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn read(
    State(app): State<Arc<App>>,
    caller: Caller,
    InPath(Address { id }): InPath<Address>,
) -> Result<Json<AlertView>, Problem> {
    let alert = find(&app, id).await?;
    audit::record(&app, caller.name(), "alert.read", &audit::of_alert(&alert), "").await?;
    Ok(Json(AlertView::from(&*alert)))
}

/// The alert, from the desk if it lies there.
async fn find(app: &App, id: AlertId) -> Result<Arc<Alert>, Problem> {
    match app.desk.open_alerts().into_iter().find(|alert| alert.id == id) {
        Some(alert) => Ok(alert),
        None => Ok(Arc::new(app.store.alert(id).await?.ok_or_else(|| unknown(id))?)),
    }
}

fn unknown(id: AlertId) -> Problem {
    Problem::new(Fault::NotFound, format!("there is no alert {id}")).at("id")
}

/// Which version of the alert the person saw.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Acknowledgement {
    /// The version that was seen: if the alert has changed since, nothing happens.
    expected_version: u32,
}

/// Something to write down.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Note {
    /// The version that was seen: if the alert has changed since, nothing happens.
    expected_version: u32,
    /// What.
    #[schema(min_length = 1, max_length = 2000)]
    text: String,
}

/// How and why the alert is closed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Resolution {
    /// The version that was seen: if the alert has changed since, nothing happens.
    expected_version: u32,
    /// How.
    outcome: OutcomeView,
    /// Why; needed for kinds that never end by themselves.
    #[schema(max_length = 2000)]
    text: String,
}

/// Take an alert.
#[utoipa::path(post, path = "/alerts/{id}/acknowledge", operation_id = "acknowledge_alert", tag = "alerts", request_body = Acknowledgement,
    params(Address, ("x-lenke-request" = String, Header, description = "`1`: sent by our own pages or programs")),
    responses((status = 200, description = "The alert as it is now", body = AlertView),
        (status = 409, description = "It has changed since: the alert as it is now", body = AlertView),
        (status = 422, description = "Its life does not allow this now", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn acknowledge(
    State(app): State<Arc<App>>,
    caller: Caller,
    InPath(Address { id }): InPath<Address>,
    Body(body): Body<Acknowledgement>,
) -> Result<Response, Problem> {
    act(&app, &caller, id, body.expected_version, Action::Acknowledge, "alert.acknowledge").await
}

/// Write something down on an alert.
#[utoipa::path(post, path = "/alerts/{id}/note", operation_id = "note_on_alert", tag = "alerts", request_body = Note,
    params(Address, ("x-lenke-request" = String, Header, description = "`1`: sent by our own pages or programs")),
    responses((status = 200, description = "The alert as it is now", body = AlertView),
        (status = 409, description = "It has changed since: the alert as it is now", body = AlertView),
        (status = 422, description = "Its life does not allow this now", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn note(
    State(app): State<Arc<App>>,
    caller: Caller,
    InPath(Address { id }): InPath<Address>,
    Body(body): Body<Note>,
) -> Result<Response, Problem> {
    let action = Action::Note { text: body.text };
    act(&app, &caller, id, body.expected_version, action, "alert.note").await
}

/// Close an alert.
#[utoipa::path(post, path = "/alerts/{id}/resolve", operation_id = "resolve_alert", tag = "alerts", request_body = Resolution,
    params(Address, ("x-lenke-request" = String, Header, description = "`1`: sent by our own pages or programs")),
    responses((status = 200, description = "The alert as it is now", body = AlertView),
        (status = 409, description = "It has changed since: the alert as it is now", body = AlertView),
        (status = 422, description = "Its life does not allow this now", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn resolve(
    State(app): State<Arc<App>>,
    caller: Caller,
    InPath(Address { id }): InPath<Address>,
    Body(body): Body<Resolution>,
) -> Result<Response, Problem> {
    let action = Action::Resolve { outcome: body.outcome.into(), text: body.text };
    act(&app, &caller, id, body.expected_version, action, "alert.resolve").await
}

async fn act(
    app: &App,
    caller: &Caller,
    id: AlertId,
    expected_version: u32,
    action: Action,
    name: &str,
) -> Result<Response, Problem> {
    let alert = find(app, id).await?;
    let object = audit::of_alert(&alert);
    let detail = format!("expected version {expected_version}");
    audit::record(app, caller.name(), name, &object, &detail).await?;
    let show = |alert: &Alert| Json(AlertView::from(alert));
    match app.desk.act(id, expected_version, action, caller.name().to_owned()).await {
        Ok(alert) => Ok(show(&alert).into_response()),
        Err(DeskError::Stale(alert)) => Ok((StatusCode::CONFLICT, show(&alert)).into_response()),
        Err(DeskError::Unknown(id)) => Err(unknown(id)),
        Err(DeskError::Refused(refusal)) => Err(refused(refusal)),
        Err(error @ (DeskError::Overloaded | DeskError::Store(_) | DeskError::Stopped)) => {
            tracing::error!(%error, "the desk did not take an action");
            let detail = "the alert desk cannot take this at the moment; try again";
            Err(Problem::new(Fault::Unavailable, detail).retry_after(Duration::from_secs(1)))
        }
    }
}

/// A refusal for want or excess of words is a field's fault; the rest is the alert's state.
fn refused(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::TextNeeded | Refusal::TextTooLong { .. } => Problem::field("text", refusal.to_string()),
        Refusal::Resolved | Refusal::StillActive | Refusal::TimelineFull => {
            Problem::new(Fault::Refused, refusal.to_string())
        }
    }
}
