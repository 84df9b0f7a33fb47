//! Where people are and were.

use crate::{
    audit,
    console::App,
    extract::{InPath, InQuery},
    guard::Caller,
    limits, paging,
    problem::{Fault, Problem},
    views::{
        WearerText,
        place::{LastPosition, TrailFix},
    },
};
use axum::{Json, extract::State, http::HeaderMap};
use lenke_store::TrailPoint;
use lenke_wire::UnixMillis;
use lenke_zones::WearerId;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;

/// The last known position of everybody who is monitored. The live stream goes on from here.
#[utoipa::path(get, path = "/positions", operation_id = "last_positions", tag = "people", responses((status = 200, description = "Positions, one of each wearer", body = [LastPosition])))]
pub(crate) async fn positions(
    State(app): State<Arc<App>>,
    caller: Caller,
) -> Result<Json<Vec<LastPosition>>, Problem> {
    let last = app.store.device_last().await?;
    let book = app.cases.current().await?;
    audit::record(&app, caller.name(), "positions.read", "all", "").await?;
    let shown = last.iter().filter(|last| !book.is_protected(last.wearer));
    Ok(Json(shown.filter_map(LastPosition::of).collect()))
}

/// A wearer's address.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct WearerAddress {
    /// The wearer's id.
    #[param(value_type = String, pattern = "^W-[0-9]{5,19}$", example = "W-00042")]
    pub(crate) id: WearerText,
}

/// 404 for somebody who is not monitored, and for a protected person alike.
pub(crate) async fn monitored(app: &App, wearer: WearerText) -> Result<WearerId, Problem> {
    if app.cases.current().await?.is_monitored(wearer.0) {
        return Ok(wearer.0);
    }
    Err(Problem::new(Fault::NotFound, format!("no wearer {wearer} is monitored")).at("id"))
}

/// A stretch of time.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Stretch {
    /// Begin, milliseconds of Unix time; a day before `to` if absent.
    from: Option<i64>,
    /// End, milliseconds of Unix time, not included; now if absent.
    to: Option<i64>,
    /// At most so many points (10000).
    #[param(minimum = 1, maximum = 10000)]
    limit: Option<u32>,
    /// The cursor from the `Link` header of the page before.
    #[param(pattern = "^-?[0-9]{1,19}_lk[0-9]{6,19}_[0-9]{1,10}_[0-9]{1,10}_[0-9]{1,5}$")]
    after: Option<String>,
}

/// Milliseconds of a day: the trail that is shown when none is asked for.
const DAY_MS: i64 = 86_400_000;

/// A wearer's recorded path, oldest first.
#[utoipa::path(get, path = "/wearers/{id}/trail", operation_id = "wearer_trail", tag = "people", params(WearerAddress, Stretch),
    responses((status = 200, description = "A full page names the next in its `Link` header", body = [TrailFix]),
        (status = 404, description = "Nobody who is monitored", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn trail(
    State(app): State<Arc<App>>,
    caller: Caller,
    InPath(WearerAddress { id }): InPath<WearerAddress>,
    InQuery(stretch): InQuery<Stretch>,
) -> Result<(HeaderMap, Json<Vec<TrailFix>>), Problem> {
    let limit = paging::limit(stretch.limit, limits::TRAIL_ROWS_MAX, limits::TRAIL_ROWS_MAX)?;
    let to = stretch.to.unwrap_or_else(|| app.clock.now().plus_ms(1).0);
    let from = stretch.from.unwrap_or(to.saturating_sub(DAY_MS));
    if from >= to {
        return Err(Problem::field("from", "lies after `to`"));
    }
    let unreadable = || Problem::field("after", "not a cursor from a `Link` header");
    let after = stretch.after.map(|text| paging::read_trail_key(&text).ok_or_else(unreadable)).transpose()?;
    let wearer = monitored(&app, id).await?;
    let detail = format!("from {from} to {to}");
    audit::record(&app, caller.name(), "trail.read", &id.to_string(), &detail).await?;
    let points = app.store.trail(wearer, UnixMillis(from), UnixMillis(to), after, limit).await?;
    let next = points.last().filter(|_| points.len() as u64 >= u64::from(limit)).map(|last| {
        let cursor = paging::write_trail_key(TrailPoint::key(last));
        format!("/api/v1/wearers/{id}/trail?from={from}&to={to}&limit={limit}&after={cursor}")
    });
    Ok((paging::link_next(next), Json(points.iter().map(TrailFix::from).collect())))
}
