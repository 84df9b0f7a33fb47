//! Questions about the past, each in the audit log before it is answered.

use super::people::{WearerAddress, monitored, reason};
use crate::{
    audit,
    console::App,
    extract::{Body, InPath, InQuery},
    guard::Caller,
    limits, paging,
    problem::Problem,
    views::{
        alert::AlertView,
        find::{CoverageView, PlaceView, PresenceView, ReportView},
    },
};
use axum::{Json, extract::State, http::HeaderMap};
use lenke_alerts::AlertState;
use lenke_store::{
    AlertKey, Report, ReportKind,
    inquiry::{AlertSearch, COVERAGE_DAYS_MAX, LegalBasis, PLACE_WINDOW_DAYS_MAX, PlaceSearch},
};
use lenke_wire::UnixMillis;
use lenke_zones::geojson;
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

const DAY_MS: i64 = 86_400_000;
/// Shorter times without a position are no gaps unless asked for, seconds.
const GAP_S: u32 = 600;

/// A place and a time.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PlaceQuestion)]
pub(crate) struct Question {
    /// GeoJSON: one polygon, or one point with a `radius_m`.
    #[schema(value_type = Object)]
    area: Value,
    /// Begin, milliseconds of Unix time.
    from: i64,
    /// End, not included; at most 7 days later.
    to: i64,
    /// Case and decision that allow the search: goes into the audit log. No name.
    #[schema(min_length = 1, max_length = 200)]
    basis: String,
    /// Positions looked at for one page (10000).
    #[schema(minimum = 1, maximum = 10000)]
    limit: Option<u32>,
    /// `next` of the page before.
    #[schema(pattern = "^-?[0-9]{1,19}_lk[0-9]{6,19}_[0-9]{1,10}_[0-9]{1,10}_[0-9]{1,5}$")]
    after: Option<String>,
}

/// Who was inside an area within a time. It looks at everybody: the legal basis is in the audit log before anything is read.
#[utoipa::path(post, path = "/admin/find/place", operation_id = "find_place", tag = "find", request_body = Question,
    responses((status = 200, description = "Positions inside; `next` leads to the next page", body = PlaceView)))]
pub(crate) async fn place(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(question): Body<Question>,
) -> Result<Json<PlaceView>, Problem> {
    let (from, to) = span(question.from, question.to, PLACE_WINDOW_DAYS_MAX)?;
    let limit = paging::limit(question.limit, limits::TRAIL_ROWS_MAX, limits::TRAIL_ROWS_MAX)?;
    let drafts = geojson::read_zones(&question.area.to_string());
    let drafts = drafts.map_err(|error| Problem::field("area", error.to_string()))?;
    let [draft] =
        <[_; 1]>::try_from(drafts).map_err(|_| Problem::field("area", "search one area at a time"))?;
    let after = question
        .after
        .map(|text| {
            paging::read_trail_key(&text).ok_or_else(|| Problem::field("after", "not the `next` of a page"))
        })
        .transpose()?;
    let basis = LegalBasis {
        actor: caller.name().to_owned(),
        reason: reason(&question.basis).map_err(|problem| problem.at("basis"))?.to_owned(),
        at: app.clock.now(),
    };
    let search = PlaceSearch { area: draft.geometry, from, to, after, limit };
    let page = app.store.search_place(&search, &basis).await?;
    let inside = page.inside.iter().map(PresenceView::from).collect();
    Ok(Json(PlaceView { inside, next: page.next.map(paging::write_trail_key) }))
}

/// A stretch of time whose ends are in order and at most `days_max` apart.
fn span(from: i64, to: i64, days_max: i64) -> Result<(UnixMillis, UnixMillis), Problem> {
    if from >= to {
        return Err(Problem::field("from", "lies after `to`"));
    }
    if to.saturating_sub(from) > days_max * DAY_MS {
        return Err(Problem::field("to", format!("more than {days_max} days after `from`")));
    }
    Ok((UnixMillis(from), UnixMillis(to)))
}

/// The day before now, where nothing is asked for.
fn recent(app: &App, from: Option<i64>, to: Option<i64>) -> (i64, i64) {
    let to = to.unwrap_or_else(|| app.clock.now().plus_ms(1).0);
    (from.unwrap_or(to.saturating_sub(DAY_MS)), to)
}

/// A time to look for gaps in.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Gaps {
    /// Begin, milliseconds of Unix time; a day before `to` if absent.
    from: Option<i64>,
    /// End, not included, at most 31 days later; now if absent.
    to: Option<i64>,
    /// Shorter times without a position are not told, seconds (600).
    longer_than: Option<u32>,
}

/// How complete a wearer's trail is, and what is missing of it.
#[utoipa::path(get, path = "/wearers/{id}/gaps", operation_id = "wearer_gaps", tag = "find", params(WearerAddress, Gaps),
    responses((status = 200, description = "Received, expected and gaps", body = CoverageView),
        (status = 404, description = "Nobody who is monitored", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn gaps(
    State(app): State<Arc<App>>,
    caller: Caller,
    InPath(WearerAddress { id }): InPath<WearerAddress>,
    InQuery(asked): InQuery<Gaps>,
) -> Result<Json<CoverageView>, Problem> {
    let (from, to) = recent(&app, asked.from, asked.to);
    let span = span(from, to, COVERAGE_DAYS_MAX)?;
    let wearer = monitored(&app, id).await?;
    audit::record(&app, caller.name(), "trail.gaps", &id.to_string(), &format!("from {from} to {to}"))
        .await?;
    let coverage = app.store.coverage(wearer, span.0, span.1, asked.longer_than.unwrap_or(GAP_S)).await?;
    Ok(Json(CoverageView::from(&coverage)))
}

/// Which reports.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Reports {
    /// Events of the device, its reports on itself, or whom it heard; events if absent.
    #[serde(default, deserialize_with = "kind")]
    #[param(value_type = Option<String>, pattern = "^(events|health|sightings)$")]
    kind: Option<ReportKind>,
    /// Begin, milliseconds of Unix time; a day before `to` if absent.
    from: Option<i64>,
    /// End, not included; now if absent.
    to: Option<i64>,
    /// At most so many (100).
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    /// The cursor from the `Link` header of the page before.
    #[param(pattern = "^-?[0-9]{1,19}_lk[0-9]{6,19}_[0-9]{1,10}_[0-9]{1,10}_[0-9]{1,5}$")]
    after: Option<String>,
}

fn kind<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<ReportKind>, D::Error> {
    crate::views::parsed(deserializer).map(Some)
}

/// What a wearer's devices told beside positions, oldest first.
#[utoipa::path(get, path = "/wearers/{id}/reports", operation_id = "wearer_reports", tag = "find", params(WearerAddress, Reports),
    responses((status = 200, description = "A full page names the next in its `Link` header", body = [ReportView]),
        (status = 404, description = "Nobody who is monitored", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn reports(
    State(app): State<Arc<App>>,
    caller: Caller,
    InPath(WearerAddress { id }): InPath<WearerAddress>,
    InQuery(asked): InQuery<Reports>,
) -> Result<(HeaderMap, Json<Vec<ReportView>>), Problem> {
    let kind = asked.kind.unwrap_or(ReportKind::Events);
    let limit = paging::limit(asked.limit, limits::PAGE_ROWS_DEFAULT, limits::PAGE_ROWS_MAX)?;
    let (from, to) = recent(&app, asked.from, asked.to);
    let span = span(from, to, i64::MAX / DAY_MS)?;
    let unreadable = || Problem::field("after", "not a cursor from a `Link` header");
    let after = asked.after.map(|text| paging::read_trail_key(&text).ok_or_else(unreadable)).transpose()?;
    let wearer = monitored(&app, id).await?;
    let detail = format!("{} from {from} to {to}", kind.name());
    audit::record(&app, caller.name(), "reports.read", &id.to_string(), &detail).await?;
    let reports = app.store.reports(wearer, kind, span, after, limit).await?;
    let next = reports.last().filter(|_| reports.len() as u64 >= u64::from(limit)).map(|last| {
        let (cursor, kind) = (paging::write_trail_key(Report::key(last)), kind.name());
        format!("/api/v1/wearers/{id}/reports?kind={kind}&from={from}&to={to}&limit={limit}&after={cursor}")
    });
    Ok((paging::link_next(next), Json(reports.iter().map(ReportView::from).collect())))
}

/// In which state an alert is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StateOf {
    /// Nobody has taken it.
    Raised,
    /// Somebody has.
    Acknowledged,
    /// Closed.
    Resolved,
}

/// Which alerts of a wearer.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct History {
    /// In this state; in any if absent.
    #[param(inline)]
    state: Option<StateOf>,
    /// Raised from this moment on, milliseconds of Unix time.
    from: Option<i64>,
    /// Raised before this moment.
    to: Option<i64>,
    /// At most so many (100).
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    /// The cursor from the `Link` header of the page before.
    #[param(pattern = "^-?[0-9]{1,19}_[0-9a-f]{32}$")]
    before: Option<String>,
}

/// A wearer's alerts, newest first.
#[utoipa::path(get, path = "/wearers/{id}/alerts", operation_id = "wearer_alerts", tag = "find", params(WearerAddress, History),
    responses((status = 200, description = "A full page names the next in its `Link` header", body = [AlertView]),
        (status = 404, description = "Nobody who is monitored", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn alerts(
    State(app): State<Arc<App>>,
    caller: Caller,
    InPath(WearerAddress { id }): InPath<WearerAddress>,
    InQuery(asked): InQuery<History>,
) -> Result<(HeaderMap, Json<Vec<AlertView>>), Problem> {
    let limit = paging::limit(asked.limit, limits::PAGE_ROWS_DEFAULT, limits::PAGE_ROWS_MAX)?;
    let unreadable = || Problem::field("before", "not a cursor from a `Link` header");
    let before = asked.before.map(|text| paging::read_alert_key(&text).ok_or_else(unreadable)).transpose()?;
    let wearer = monitored(&app, id).await?;
    audit::record(&app, caller.name(), "alert.history", &id.to_string(), "").await?;
    let search = AlertSearch {
        wearer: Some(wearer),
        state: asked.state.map(|state| match state {
            StateOf::Raised => AlertState::Raised,
            StateOf::Acknowledged => AlertState::Acknowledged,
            StateOf::Resolved => AlertState::Resolved,
        }),
        from: asked.from.map(UnixMillis),
        to: asked.to.map(UnixMillis),
        before,
        limit,
    };
    let alerts = app.store.search_alerts(&search).await?;
    let next = alerts.last().filter(|_| alerts.len() as u64 >= u64::from(limit)).map(|last| {
        let mut target = format!("/api/v1/wearers/{id}/alerts?limit={limit}");
        let state = asked.state.map(|state| format!("&state={state:?}").to_lowercase());
        target.push_str(&state.unwrap_or_default());
        for (name, moment) in [("from", asked.from), ("to", asked.to)] {
            target.push_str(&moment.map(|moment| format!("&{name}={moment}")).unwrap_or_default());
        }
        format!("{target}&before={}", paging::write_alert_key(AlertKey::of(last)))
    });
    Ok((paging::link_next(next), Json(alerts.iter().map(AlertView::from).collect())))
}
