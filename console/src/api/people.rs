//! Where people are and were.

use crate::{
    audit,
    console::App,
    extract::{InPath, InQuery},
    guard::Caller,
    limits, paging,
    problem::{Fault, Problem},
    trail::{self, TrailFormat},
    views::{
        WearerText,
        place::{LastPosition, TrailFix},
    },
};
use axum::{
    Json,
    body::Body,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse as _, Response},
};
use lenke_store::{Store, TrailPoint};
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
    audit::record(&app, caller.name(), "positions.read", audit::ALL, "").await?;
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
    /// Why the trail is looked at: goes into the audit log. No name.
    #[param(max_length = 200)]
    reason: Option<String>,
    /// The cursor from the `Link` header of the page before.
    #[param(pattern = "^-?[0-9]{1,19}_lk[0-9]{6,19}_[0-9]{1,10}_[0-9]{1,10}_[0-9]{1,5}$")]
    after: Option<String>,
}

/// A stretch of time to hand out.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Export {
    /// Begin, milliseconds of Unix time.
    from: i64,
    /// End, milliseconds of Unix time, not included.
    to: i64,
    /// How the file is written.
    #[serde(deserialize_with = "crate::views::parsed")]
    #[param(value_type = String, pattern = "^(gpx|geojson|csv)$", example = "gpx")]
    format: TrailFormat,
    /// Why the trail is handed out, and to whom: goes into the audit log. No name.
    #[param(min_length = 1, max_length = 200)]
    reason: String,
}

/// A wearer's recorded path as a file: GPX, GeoJSON or CSV. For administrators: it leaves the platform.
#[utoipa::path(get, path = "/wearers/{id}/trail/export", operation_id = "export_wearer_trail", tag = "people", params(WearerAddress, Export),
    responses((status = 200, description = "The file", content_type = "application/octet-stream", body = String),
        (status = 404, description = "Nobody who is monitored", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn export(
    State(app): State<Arc<App>>,
    caller: Caller,
    InPath(WearerAddress { id }): InPath<WearerAddress>,
    InQuery(asked): InQuery<Export>,
) -> Result<Response, Problem> {
    let (from, to, format) = (asked.from, asked.to, asked.format);
    if from >= to {
        return Err(Problem::field("from", "lies after `to`"));
    }
    let reason = reason(&asked.reason)?;
    let wearer = monitored(&app, id).await?;
    let detail = format!("{format} from {from} to {to}: {reason}");
    audit::record(&app, caller.name(), "trail.export", &id.to_string(), &detail).await?;
    let store: Arc<dyn Store> = app.store.clone();
    let pages = trail::pages(store, wearer, (UnixMillis(from), UnixMillis(to)), format);
    let name = format!("attachment; filename=\"{id}.{format}\"");
    let headers = [(header::CONTENT_TYPE, format.media_type()), (header::CONTENT_DISPOSITION, name.as_str())];
    Ok((headers, Body::from_stream(pages)).into_response())
}

/// Milliseconds of a day: the trail that is shown when none is asked for.
const DAY_MS: i64 = 86_400_000;

/// A reason as it goes into the audit log.
pub(crate) fn reason(text: &str) -> Result<&str, Problem> {
    let text = text.trim();
    match text.chars().count() {
        1..=limits::REASON_CHARS_MAX => Ok(text),
        _ => Err(Problem::field("reason", format!("1 to {} characters", limits::REASON_CHARS_MAX))),
    }
}

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
    let because = match &stretch.reason {
        Some(text) => format!(": {}", reason(text)?),
        None => String::new(),
    };
    let detail = format!("from {from} to {to}{because}");
    audit::record(&app, caller.name(), "trail.read", &id.to_string(), &detail).await?;
    let points = app.store.trail(wearer, UnixMillis(from), UnixMillis(to), after, limit).await?;
    let next = points.last().filter(|_| points.len() as u64 >= u64::from(limit)).map(|last| {
        let cursor = paging::write_trail_key(TrailPoint::key(last));
        format!("/api/v1/wearers/{id}/trail?from={from}&to={to}&limit={limit}&after={cursor}")
    });
    Ok((paging::link_next(next), Json(points.iter().map(TrailFix::from).collect())))
}
