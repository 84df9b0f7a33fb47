//! The HTTP API: every endpoint with its description, and who may call it.

mod admin;
mod alerts;
mod compliance;
mod devices;
mod find;
mod people;
mod session;
mod stream;
mod zones;

use crate::{console::App, extract, guard, limits, problem::Problem};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::header,
    middleware,
    routing::{any, get},
};
use lenke_store::Role;
use std::sync::Arc;
use tower_sessions::{SessionManagerLayer, cookie::SameSite};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        Components, ContentBuilder, PathItem, Ref, RefOr, ResponseBuilder,
        path::Operation,
        security::{ApiKey, ApiKeyValue, SecurityScheme},
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};

/// Name of the session cookie.
pub(crate) const COOKIE: &str = "lenke_session";

const BASE: &str = "/api/v1";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Lenke console",
        description = "What the console's pages use, and any other program may. Times are milliseconds of Unix time, \
                       ids are text, errors are RFC 9457 problem documents that name the field.",
    ),
    components(schemas(Problem)),
    security(("session" = [])),
    modifiers(&Common),
)]
struct Document;

/// What holds for all of the API.
struct Common;

impl Modify for Common {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let cookie = ApiKeyValue::with_description(COOKIE, "set by POST /api/v1/session");
        let scheme = SecurityScheme::ApiKey(ApiKey::Cookie(cookie));
        document.components.get_or_insert_with(Components::new).add_security_scheme("session", scheme);
    }
}

type Routes = OpenApiRouter<Arc<App>>;

/// Open to everybody.
fn public_routes() -> Routes {
    OpenApiRouter::default().routes(routes!(session::sign_in))
}

/// For everybody who is signed in.
fn operator_routes() -> Routes {
    OpenApiRouter::default()
        .routes(routes!(session::sign_out))
        .routes(routes!(session::me))
        .routes(routes!(alerts::list))
        .routes(routes!(alerts::read))
        .routes(routes!(alerts::acknowledge))
        .routes(routes!(alerts::note))
        .routes(routes!(alerts::resolve))
        .routes(routes!(people::positions))
        .routes(routes!(people::trail))
        .routes(routes!(compliance::account))
        .routes(routes!(compliance::intervals))
        .routes(routes!(find::gaps))
        .routes(routes!(find::reports))
        .routes(routes!(find::alerts))
        .routes(routes!(zones::of_wearer))
        .routes(routes!(devices::of_wearer))
        .routes(routes!(devices::pursuit))
        .routes(routes!(zones::all))
        .routes(routes!(stream::stream))
}

/// For administrators.
fn admin_routes() -> Routes {
    OpenApiRouter::default()
        .routes(routes!(admin::status))
        .routes(routes!(admin::quarantine))
        .routes(routes!(admin::audit_log))
        .routes(routes!(people::export))
        .routes(routes!(find::place))
}

/// The API's description, OpenAPI 3.1 in JSON.
pub fn openapi_json() -> String {
    let routes = public_routes().merge(operator_routes()).merge(admin_routes());
    describe(OpenApiRouter::with_openapi(Document::openapi()).nest(BASE, routes).into_openapi())
}

/// Every operation can end in a problem.
fn describe(mut document: utoipa::openapi::OpenApi) -> String {
    for item in document.paths.paths.values_mut() {
        operations(item).for_each(|operation| {
            let body =
                ContentBuilder::new().schema(Some(RefOr::Ref(Ref::from_schema_name("Problem")))).build();
            let problem = ResponseBuilder::new()
                .description("What went wrong, with the field at fault")
                .content("application/problem+json", body)
                .build();
            operation.responses.responses.entry("default".to_owned()).or_insert(RefOr::T(problem));
        });
    }
    document.to_pretty_json().unwrap_or_default()
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.put, &mut item.delete, &mut item.patch].into_iter().flatten()
}

/// The API as a router.
pub(crate) fn router(app: &Arc<App>) -> Router {
    let guarded = |routes: Routes, role: Role| {
        let layer = middleware::from_fn_with_state((Arc::clone(app), role), guard::require);
        Router::from(routes).route_layer(layer)
    };
    let document = openapi_json();
    let description = move || async move { ([(header::CONTENT_TYPE, "application/json")], document) };
    let sessions = SessionManagerLayer::new(app.sessions.clone())
        .with_name(COOKIE)
        .with_http_only(true)
        .with_same_site(SameSite::Strict)
        .with_secure(app.config.secure_cookies);
    let endpoints = Router::from(public_routes())
        .merge(guarded(operator_routes(), Role::Operator))
        .merge(guarded(admin_routes(), Role::Administrator))
        .route("/openapi.json", get(description));
    Router::new()
        .nest(BASE, endpoints)
        .route("/api", any(extract::unknown_path))
        .route("/api/", any(extract::unknown_path))
        .route("/api/{*rest}", any(extract::unknown_path))
        .method_not_allowed_fallback(extract::unknown_method)
        .layer(DefaultBodyLimit::max(limits::BODY_BYTES_MAX))
        .layer(middleware::from_fn(guard::refuse_foreign))
        .layer(sessions)
        .with_state(Arc::clone(app))
}
