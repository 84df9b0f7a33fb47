//! What the console is made of, and its beginning and end.

use crate::{
    accounts::Accounts, api, assets, basemap::BaseMap, casebook::CaseBooks, headers, limits, live::Live,
    password, server, sessions::Sessions, throttle::Throttle,
};
use axum::{Router, extract::State, http::header, response::IntoResponse, routing::get};
use lenke_notify::Desk;
use lenke_store::{Casework, Clock, Outbox, Store, upkeep::Headroom};
use serde_json::Value;
use std::{io, sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::Semaphore};
use tokio_util::sync::CancellationToken;

/// Renders the metrics of the whole process in Prometheus' text format.
pub type RenderMetrics = Arc<dyn Fn() -> String + Send + Sync>;

/// Ingest's counters as a JSON object; its members `rejections` and `queues` are shown apart.
pub type ReadCounters = Arc<dyn Fn() -> Value + Send + Sync>;

/// How far the limits of the database and the disk are used up, as they were last looked at.
pub type ReadHeadroom = Arc<dyn Fn() -> Vec<Headroom> + Send + Sync>;

/// How a console behaves.
#[derive(Clone)]
pub struct ConsoleConfig {
    /// Cookies only over HTTPS: set it wherever TLS is in front.
    pub secure_cookies: bool,
    /// A session ends after this time without a request. An open live stream is no request.
    pub session_idle_max: Duration,
    /// A session ends this long after its login.
    pub session_life_max: Duration,
    /// Served at `/metrics`, if given.
    pub metrics: Option<RenderMetrics>,
    /// Shown to administrators, if given.
    pub headroom: Option<ReadHeadroom>,
}

impl Default for ConsoleConfig {
    /// A shift of eight hours without a request, twelve in all; plain HTTP.
    fn default() -> Self {
        Self {
            secure_cookies: false,
            session_idle_max: Duration::from_secs(8 * 3600),
            session_life_max: Duration::from_secs(12 * 3600),
            metrics: None,
            headroom: None,
        }
    }
}

/// What every request may use.
pub(crate) struct App {
    pub(crate) config: ConsoleConfig,
    pub(crate) store: Arc<dyn Casework>,
    pub(crate) outbox: Arc<dyn Outbox>,
    pub(crate) desk: Desk,
    pub(crate) clock: Clock,
    pub(crate) counters: ReadCounters,
    pub(crate) accounts: Accounts,
    pub(crate) sessions: Sessions,
    pub(crate) throttle: Throttle,
    pub(crate) password_checks: Semaphore,
    pub(crate) cases: CaseBooks,
    pub(crate) live: Live,
    pub(crate) basemap: BaseMap,
    pub(crate) shutdown: CancellationToken,
}

/// The console, ready to serve.
pub struct Console {
    app: Arc<App>,
}

impl Console {
    /// A console over this store, desk and clock. `counters` is called for every look at the admin page.
    pub fn new(
        config: ConsoleConfig,
        store: Arc<dyn Casework>,
        outbox: Arc<dyn Outbox>,
        desk: Desk,
        clock: Clock,
        counters: ReadCounters,
    ) -> Self {
        let read: Arc<dyn Store> = store.clone();
        let app = App {
            accounts: Accounts::new(Arc::clone(&read)),
            sessions: Sessions::new(config.session_idle_max, config.session_life_max),
            throttle: Throttle::default(),
            password_checks: Semaphore::new(limits::PASSWORD_CHECKS_MAX),
            cases: CaseBooks::new(read),
            live: Live::default(),
            basemap: BaseMap::default(),
            shutdown: CancellationToken::new(),
            config,
            store,
            outbox,
            desk,
            clock,
            counters,
        };
        Self { app: Arc::new(app) }
    }

    /// Serves until `shutdown`; then live streams end, requests under way get a bounded time, and this returns.
    ///
    /// # Errors
    /// None at present: connections that fail are counted and dropped.
    pub async fn serve(self, listener: TcpListener, shutdown: CancellationToken) -> io::Result<()> {
        let prepared = tokio::task::spawn_blocking(password::prepare);
        let app = self.app;
        let hub = tokio::spawn(crate::live::run(Arc::clone(&app), app.desk.subscribe()));
        let guard = app.shutdown.clone().drop_guard();
        let closing = {
            let app = Arc::clone(&app);
            async move {
                shutdown.cancelled().await;
                app.shutdown.cancel();
            }
        };
        let served = server::serve(listener, router(Arc::clone(&app)), app.shutdown.clone());
        let (served, ()) = tokio::join!(served, closing);
        drop(guard);
        if hub.await.is_err() || prepared.await.is_err() {
            return Err(io::Error::other("a task of the console panicked"));
        }
        served
    }
}

/// Everything the console answers.
fn router(app: Arc<App>) -> Router {
    let open = Router::new()
        .route("/healthz", get(healthz))
        .route("/metrics", get(render_metrics))
        .route("/basemap/{z}/{x}/{y}", get(crate::basemap::tile))
        .with_state(Arc::clone(&app));
    api::router(&app)
        .merge(open)
        .fallback(assets::serve)
        .method_not_allowed_fallback(crate::extract::unknown_method)
        .layer(axum::middleware::from_fn(server::bound_time))
        .layer(axum::middleware::from_fn_with_state(app, headers::secure))
}

/// The process answers and so does its store.
async fn healthz(State(app): State<Arc<App>>) -> Result<&'static str, crate::problem::Problem> {
    app.store.register_version().await?;
    Ok("ok\n")
}

async fn render_metrics(State(app): State<Arc<App>>) -> Result<impl IntoResponse, crate::problem::Problem> {
    let render = app.config.metrics.as_ref().ok_or_else(|| {
        crate::problem::Problem::new(crate::problem::Fault::NotFound, "this process exports no metrics")
    })?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], render()))
}
