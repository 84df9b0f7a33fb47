//! The compliance account, and the intervals that it is made of.

use super::people::{WearerAddress, monitored};
use crate::{
    audit,
    compliance::{self, ComplianceError},
    console::App,
    extract::{InPath, InQuery},
    guard::Caller,
    limits, paging,
    problem::{Fault, Problem},
    views::compliance::{ComplianceView, IntervalView},
};
use axum::{Json, extract::State, http::HeaderMap};
use lenke_store::IntervalKey;
use lenke_wire::UnixMillis;
use lenke_zones::Interval;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;

/// Milliseconds of a week: the account that is shown when none is asked for.
const WEEK_MS: i64 = 7 * 86_400_000;

/// The time of an account.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AccountTime {
    /// Begin, milliseconds of Unix time; a week before `to` if absent.
    from: Option<i64>,
    /// End, milliseconds of Unix time, not included; now if absent. At most 92 days after `from`.
    to: Option<i64>,
}

/// The time of some intervals.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct IntervalTime {
    /// Begin, milliseconds of Unix time; a week before `to` if absent.
    from: Option<i64>,
    /// End, milliseconds of Unix time, not included; now if absent.
    to: Option<i64>,
    /// At most so many intervals (100).
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    /// The cursor from the `Link` header of the page before.
    #[param(pattern = "^-?[0-9]{1,19}_[0-9a-f]{32}$")]
    after: Option<String>,
}

fn span(app: &App, from: Option<i64>, to: Option<i64>) -> Result<Interval, Problem> {
    let to = to.unwrap_or_else(|| app.clock.now().plus_ms(1).0);
    let from = from.unwrap_or(to.saturating_sub(WEEK_MS));
    if from >= to {
        return Err(Problem::field("from", "lies after `to`"));
    }
    Ok(Interval::new(UnixMillis(from), UnixMillis(to)))
}

/// What each moment of a wearer's order was: exactly one of compliant, violating, unknown and exempt.
#[utoipa::path(get, path = "/wearers/{id}/compliance", operation_id = "wearer_compliance", tag = "people", params(WearerAddress, AccountTime),
    responses((status = 200, description = "The account", body = ComplianceView),
        (status = 404, description = "Nobody who is monitored", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn account(
    State(app): State<Arc<App>>,
    caller: Caller,
    InPath(WearerAddress { id }): InPath<WearerAddress>,
    InQuery(time): InQuery<AccountTime>,
) -> Result<Json<ComplianceView>, Problem> {
    let span = span(&app, time.from, time.to)?;
    let wearer = monitored(&app, id).await?;
    let detail = format!("from {} to {}", span.from.0, span.to.0);
    audit::record(&app, caller.name(), "compliance.read", &id.to_string(), &detail).await?;
    let read = compliance::read(&*app.store, wearer, span, app.clock.now()).await;
    read.map(Json).map_err(|error| match error {
        ComplianceError::NotMonitored(_) => Problem::new(Fault::NotFound, error.to_string()).at("id"),
        ComplianceError::TooLong | ComplianceError::TooMuch => Problem::field("from", error.to_string()),
        ComplianceError::TimeZone(_) => Problem::new(Fault::Unavailable, error.to_string()),
        ComplianceError::Store(error) => error.into(),
    })
}

/// The intervals that share a moment with a time, in order of their begin: presence, violations, silence.
#[utoipa::path(get, path = "/wearers/{id}/intervals", operation_id = "wearer_intervals", tag = "people", params(WearerAddress, IntervalTime),
    responses((status = 200, description = "A full page names the next in its `Link` header", body = [IntervalView]),
        (status = 404, description = "Nobody who is monitored", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn intervals(
    State(app): State<Arc<App>>,
    caller: Caller,
    InPath(WearerAddress { id }): InPath<WearerAddress>,
    InQuery(time): InQuery<IntervalTime>,
) -> Result<(HeaderMap, Json<Vec<IntervalView>>), Problem> {
    let limit = paging::limit(time.limit, limits::PAGE_ROWS_DEFAULT, limits::PAGE_ROWS_MAX)?;
    let Interval { from, to } = span(&app, time.from, time.to)?;
    let unreadable = || Problem::field("after", "not a cursor from a `Link` header");
    let after = time.after.map(|text| paging::read_interval_key(&text).ok_or_else(unreadable)).transpose()?;
    let wearer = monitored(&app, id).await?;
    let detail = format!("from {} to {}", from.0, to.0);
    audit::record(&app, caller.name(), "intervals.read", &id.to_string(), &detail).await?;
    let found = app.store.intervals(wearer, from, to, after, limit).await?;
    let next = found.last().filter(|_| found.len() as u64 >= u64::from(limit)).map(|last| {
        let cursor = paging::write_interval_key(IntervalKey::of(last));
        format!("/api/v1/wearers/{id}/intervals?from={}&to={}&limit={limit}&after={cursor}", from.0, to.0)
    });
    Ok((paging::link_next(next), Json(found.iter().map(IntervalView::from).collect())))
}
