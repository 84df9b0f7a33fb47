//! The monitoring centre in one process: store, desk, pipeline, front door, broker source and console, put together.
//!
//! Order of start: store, desk, pipeline (replays the journal), then the doors. Order of the end: doors, pipeline (drains
//! into the store), desk, console last, so that an operator sees what the drain still raises.

use crate::{
    heads::Heads,
    keys,
    lock::{self, FolderLock},
    retention::Daily,
    settings::Settings,
    subject_keys::SubjectKeys,
    upkeep,
};
use anyhow::{Context, Result};
use lenke_alerts::Register;
use lenke_console::{Console, ConsoleConfig};
use lenke_ingest::{
    BrokerConfig, BrokerSource, FrontDoor, FrontDoorConfig, Pipeline, PipelineConfig, journal::JournalConfig,
};
use lenke_notify::Desk;
use lenke_store::{Casework, Clock, Custody, Database, Outbox, PostgresStore, SqliteStore, Store, Upkeep};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::{io::ErrorKind, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Name of the database in the data folder.
pub(crate) const DATABASE: &str = "lenke.db";
/// Name of the journal's folder in the data folder.
const JOURNAL: &str = "journal";
/// How long the parts may take to end.
const DRAIN: Duration = Duration::from_secs(30);

/// A running centre.
pub(crate) struct Server {
    pub(crate) store: Arc<dyn Custody>,
    pub(crate) pipeline: Pipeline,
    pub(crate) mqtt: Option<SocketAddr>,
    pub(crate) http: SocketAddr,
    /// What devices check signed commands with.
    pub(crate) authority: [u8; 32],
    doors: CancellationToken,
    rest: CancellationToken,
    tasks: TaskTracker,
    heads: Arc<Heads>,
    clock: Clock,
    _folder: FolderLock,
}

/// How the addresses can be changed; named in the message when one is taken.
pub(crate) struct AddressHints {
    pub(crate) mqtt: &'static str,
    pub(crate) http: &'static str,
}

/// Opens the store that the settings name: PostgreSQL, or SQLite in the data folder, which is created where it is missing.
///
/// # Errors
/// The folder cannot be made, or the database cannot be opened or migrated.
pub(crate) async fn open_store(settings: &Settings) -> Result<Arc<dyn Database>> {
    let data_dir = &settings.data.dir;
    tokio::fs::create_dir_all(data_dir)
        .await
        .with_context(|| format!("cannot create the data folder {}", data_dir.display()))?;
    if let Some(config) = settings.store.postgres() {
        return Ok(Arc::new(PostgresStore::open(&config).await?));
    }
    let path = data_dir.join(DATABASE);
    let store = SqliteStore::open(&path).await.with_context(|| format!("cannot open {}", path.display()))?;
    Ok(Arc::new(store))
}

/// Enrols what the register does not yet hold; a device that is known keeps its activation.
///
/// # Errors
/// The store refuses.
pub(crate) async fn enrol(store: &dyn Store, mut register: Register) -> Result<()> {
    let known = store.load_register().await?;
    register.activations.retain(|new| known.activations.iter().all(|old| old.device != new.device));
    store.enrol(&register).await.context("cannot enrol")?;
    Ok(())
}

async fn bind(address: &str, what: &str, hint: &str) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let advice = if error.kind() == ErrorKind::AddrInUse {
            format!(
                "{address} is taken, so {what} cannot listen there: choose another address with {hint} (port 0 picks a free one)"
            )
        } else if error.kind() == ErrorKind::PermissionDenied {
            format!("{what} may not listen on {address}: choose a port above 1023 with {hint}")
        } else {
            format!("{what} cannot listen on {address}: set an address with {hint}")
        };
        anyhow::Error::new(error).context(advice)
    })
}

/// The process's metrics; there is one recorder a process.
pub(crate) fn install_metrics() -> Result<PrometheusHandle> {
    PrometheusBuilder::new().install_recorder().context("metrics were installed twice")
}

impl Server {
    /// Starts every part that the settings name.
    ///
    /// # Errors
    /// An address is taken (the message names the option), or a part cannot start.
    pub(crate) async fn start(
        settings: &Settings,
        store: Arc<dyn Database>,
        clock: Clock,
        metrics: PrometheusHandle,
        hints: &AddressHints,
    ) -> Result<Self> {
        let folder = lock::take(&settings.data.dir)?;
        let http_listener = bind(&settings.console.listen, "the console", hints.http).await?;
        let mqtt_listener = match settings.mqtt.enabled {
            true => Some(bind(&settings.mqtt.listen, "the front door for devices", hints.mqtt).await?),
            false => None,
        };
        let (doors, rest, tasks) = (CancellationToken::new(), CancellationToken::new(), TaskTracker::new());
        let looked_after: Arc<dyn Upkeep> = store.clone();
        let watch = upkeep::Watch::default();
        tasks.spawn(upkeep::run(
            looked_after,
            clock.clone(),
            settings.data.dir.clone(),
            watch.clone(),
            rest.clone(),
        ));
        let outbox: Arc<dyn Outbox> = store.clone();
        let asked: Arc<dyn Casework> = store.clone();
        let store: Arc<dyn Custody> = store;
        let heads = Arc::new(Heads::open(settings)?);
        tasks.spawn(Arc::clone(&heads).keep_signing(Arc::clone(&store), clock.clone(), rest.clone()));
        let daily = Daily {
            store: Arc::clone(&store),
            keys: SubjectKeys::of(&settings.data.dir),
            days: settings.retention.days,
            clock: clock.clone(),
        };
        tasks.spawn(daily.run(rest.clone()));
        let desk = Desk::start(store.clone(), clock.clone(), &tasks, rest.clone()).await?;
        let pipeline_config = pipeline_config(settings)?;
        let authority = pipeline_config.authority.public();
        let pipeline = Pipeline::start(
            pipeline_config,
            store.clone(),
            outbox.clone(),
            desk.clone(),
            clock.clone(),
            tasks.clone(),
            rest.clone(),
        )
        .await
        .context("cannot start the pipeline")?;

        let http = http_listener.local_addr()?;
        let counters = {
            let pipeline = pipeline.clone();
            Arc::new(move || serde_json::json!(pipeline.counters().snapshot()))
        };
        let console_config = ConsoleConfig {
            secure_cookies: settings.console.secure_cookies,
            metrics: Some(Arc::new(move || metrics.render())),
            headroom: Some(Arc::new(move || watch.read())),
            ..ConsoleConfig::default()
        };
        let console = Console::new(console_config, asked, outbox.clone(), desk, clock.clone(), counters);
        let console_stop = rest.clone();
        tasks.spawn(async move {
            if let Err(error) = console.serve(http_listener, console_stop).await {
                tracing::error!(%error, "the console ended");
            }
        });

        let mqtt = mqtt_listener.as_ref().map(TcpListener::local_addr).transpose()?;
        if let Some(listener) = mqtt_listener {
            let config = FrontDoorConfig {
                connections_max: settings.mqtt.connections_max,
                ..FrontDoorConfig::default()
            };
            tasks.spawn(FrontDoor::serve(listener, pipeline.intake(), config, doors.clone()));
        }
        if let Some(broker) = &settings.broker {
            let config = BrokerConfig {
                url: broker.url.clone(),
                client_id: broker.client_id.clone(),
                username: broker.username.clone(),
                password: broker.password.clone(),
            };
            let (intake, stop) = (pipeline.intake(), doors.clone());
            tasks.spawn(async move {
                if let Err(error) = BrokerSource::run(config, intake, stop).await {
                    tracing::error!(%error, "the broker source ended");
                }
            });
        }
        Ok(Self { store, pipeline, mqtt, http, authority, doors, rest, tasks, heads, clock, _folder: folder })
    }

    /// Cancelled when a part could not go on (a journal that cannot sync, say).
    pub(crate) fn failed(&self) -> CancellationToken {
        self.rest.clone()
    }

    /// Closes the doors, stores what was taken in, ends every part.
    pub(crate) async fn drain(self) {
        self.doors.cancel();
        if tokio::time::timeout(DRAIN, self.pipeline.drain()).await.is_err() {
            tracing::warn!("not everything could be stored in time; the journal holds it for the next start");
        }
        self.rest.cancel();
        self.tasks.close();
        if tokio::time::timeout(DRAIN, self.tasks.wait()).await.is_err() {
            tracing::warn!("a part did not end in time");
        }
        self.heads.sign_or_warn(&*self.store, &self.clock).await;
    }
}

fn pipeline_config(settings: &Settings) -> Result<PipelineConfig> {
    let journal_dir: PathBuf = settings.data.dir.join(JOURNAL);
    let shards = match settings.ingest.shards {
        0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        shards => shards,
    };
    let authority = keys::load_or_create(&keys::authority_path(
        settings.data.authority_key.as_deref(),
        &settings.data.dir,
    ))?;
    Ok(PipelineConfig { journal_dir, shards, journal: JournalConfig::default(), authority })
}
