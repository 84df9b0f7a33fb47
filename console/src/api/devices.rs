//! What a wearer's tags hold and what was ordered for them, and ordering a pursuit.

use crate::{
    api::people::{WearerAddress, monitored},
    audit,
    console::App,
    extract::{Body, InPath},
    guard::Caller,
    limits,
    problem::{Fault, Problem},
    views::device::{CommandView, TagView},
};
use axum::{Json, extract::State};
use lenke_store::{StoreError, outbox::ordering::Target};
use lenke_wire::DeviceId;
use serde::Deserialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// The tags that a wearer carries now: which plan and zones each holds and should hold, and its orders, newest first.
#[utoipa::path(get, path = "/wearers/{id}/tags", operation_id = "wearer_tags", tag = "devices", params(WearerAddress),
    responses((status = 200, description = "The tags", body = [TagView]),
        (status = 404, description = "Nobody who is monitored", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn of_wearer(
    State(app): State<Arc<App>>,
    caller: Caller,
    InPath(WearerAddress { id }): InPath<WearerAddress>,
) -> Result<Json<Vec<TagView>>, Problem> {
    let wearer = monitored(&app, id).await?;
    audit::record(&app, caller.name(), "tags.read", &id.to_string(), "").await?;
    let (book, now) = (app.cases.current().await?, app.clock.now());
    let tags: Vec<DeviceId> =
        Target::of_wearer(book.carried(), wearer, now).iter().map(|target| target.device.id).collect();
    let mut views = Vec::with_capacity(tags.len());
    for tag in tags {
        let sets = app.outbox.sets_of(tag).await?;
        let commands = app.outbox.commands_of(tag).await?;
        views.push(TagView::of(tag, &sets, &commands, wearer));
    }
    Ok(Json(views))
}

/// How long to follow closely.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PursuitOrder {
    /// For so many minutes; 0 ends it. It ends by itself.
    #[schema(minimum = 0, maximum = 720)]
    minutes: u32,
    /// Why, for the audit log. No name.
    #[serde(default)]
    #[schema(max_length = 200)]
    reason: String,
}

/// Follow a wearer's tags closely for a time, or no longer. It is carried out when they listen; their own words say so.
#[utoipa::path(post, path = "/wearers/{id}/pursuit", operation_id = "order_pursuit", tag = "devices", request_body = PursuitOrder,
    params(WearerAddress, ("x-lenke-request" = String, Header, description = "`1`: sent by our own pages or programs")),
    responses((status = 200, description = "The orders, one a tag", body = [CommandView]),
        (status = 404, description = "Nobody who is monitored", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Nobody to follow, too long, or too many orders are open", body = Problem, content_type = "application/problem+json")))]
pub(crate) async fn pursuit(
    State(app): State<Arc<App>>,
    caller: Caller,
    InPath(WearerAddress { id }): InPath<WearerAddress>,
    Body(body): Body<PursuitOrder>,
) -> Result<Json<Vec<CommandView>>, Problem> {
    let wearer = monitored(&app, id).await?;
    if body.reason.chars().count() > limits::REASON_CHARS_MAX {
        return Err(Problem::field("reason", format!("at most {} characters", limits::REASON_CHARS_MAX)));
    }
    let detail = format!("{} minutes {}", body.minutes, body.reason.trim());
    audit::record(&app, caller.name(), "device.pursuit", &id.to_string(), detail.trim()).await?;
    let (book, now) = (app.cases.current().await?, app.clock.now());
    let targets = Target::of_wearer(book.carried(), wearer, now);
    if targets.is_empty() {
        return Err(Problem::new(Fault::Refused, format!("{id} carries no tag now")));
    }
    let seconds = (body.minutes > 0).then(|| i64::from(body.minutes) * 60);
    let mut views = Vec::with_capacity(targets.len());
    for target in targets {
        let command = target
            .pursuit(seconds, caller.name(), now)
            .map_err(|refusal| Problem::field("minutes", refusal.to_string()))?;
        let command = app.outbox.add_command(command).await.map_err(|error| {
            if let StoreError::Refused { source, .. } = &error {
                return Problem::new(Fault::Refused, source.to_string());
            }
            error.into()
        })?;
        views.push(CommandView::from(&command));
    }
    Ok(Json(views))
}
