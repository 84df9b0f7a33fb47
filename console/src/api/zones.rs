//! The areas that hold: all of them for the map, one wearer's for the alert's page.

use crate::{
    api::people::{WearerAddress, monitored},
    audit,
    console::App,
    extract::InPath,
    guard::Caller,
    problem::Problem,
    views::zone::{ZoneFeatures, ZoneView},
};
use axum::{Json, extract::State};
use std::sync::Arc;

/// The zones that hold for a wearer.
#[utoipa::path(get, path = "/wearers/{id}/zones", operation_id = "wearer_zones", tag = "zones", params(WearerAddress),
    responses((status = 200, description = "The zones", body = [ZoneView]),
        (status = 404, description = "Nobody who is monitored", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn of_wearer(
    State(app): State<Arc<App>>,
    caller: Caller,
    InPath(WearerAddress { id }): InPath<WearerAddress>,
) -> Result<Json<Vec<ZoneView>>, Problem> {
    let wearer = monitored(&app, id).await?;
    audit::record(&app, caller.name(), "zones.read", &id.to_string(), "").await?;
    let (book, now) = (app.cases.current().await?, app.clock.now());
    Ok(Json(book.zones_of(wearer).map(|zone| ZoneView::at(&book, zone, now)).collect()))
}

/// Every zone in its current version, as GeoJSON.
#[utoipa::path(get, path = "/zones", operation_id = "zones", tag = "zones", responses((status = 200, description = "The zones", body = ZoneFeatures)))]
pub(crate) async fn all(State(app): State<Arc<App>>, caller: Caller) -> Result<Json<ZoneFeatures>, Problem> {
    let book = app.cases.current().await?;
    audit::record(&app, caller.name(), "zones.read", audit::ALL, "").await?;
    Ok(Json(ZoneFeatures::at(&book, app.clock.now())))
}
