//! The parts put together: journal, shards, writer, and the watch over the register.

mod reload;

use crate::{
    Counters, Intake, Registry,
    courier::{self, Courier, CourierTools},
    downlink::Downlinks,
    intake::{BACKLOG_FRAMES_MAX, Shared},
    journal::{Files, Journal, JournalConfig, JournalError},
    router::{Dispatch, Router},
    shard::{self, Shard, ShardInput, ShardTools},
    writer::{self, AckBook, Writer, WriterHandle},
};
use arc_swap::ArcSwap;
use lenke_notify::Desk;
use lenke_store::{Clock, Outbox, Store, StoreError};
use lenke_wire::sign::KeyPair;
use std::{io, path::PathBuf, sync::Arc};
use tokio::sync::{RwLock, Semaphore, oneshot};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// More shards than this only cost.
pub const SHARDS_MAX: usize = 256;

/// How to run the pipeline.
#[derive(Clone, Debug)]
pub struct PipelineConfig {
    /// Folder of the journal; made if it does not exist.
    pub journal_dir: PathBuf,
    /// Tasks that the wearers are spread over; 1 to [`SHARDS_MAX`].
    pub shards: usize,
    /// Sizes of the journal.
    pub journal: JournalConfig,
    /// Signs what devices take from nobody else: plans, zone sets.
    pub authority: KeyPair,
}

/// Why the pipeline cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store cannot say what there is.
    #[error("the store does not answer")]
    Store(#[from] StoreError),
    /// The journal cannot be read or written.
    #[error("the journal cannot be opened")]
    Journal(#[from] JournalError),
    /// A thread cannot be started.
    #[error("the journal's thread cannot be started")]
    Thread(#[source] io::Error),
}

/// A running pipeline; cheap to clone.
#[derive(Clone, Debug)]
pub struct Pipeline {
    intake: Intake,
    router: Arc<Router>,
    writer: WriterHandle,
}

impl Pipeline {
    /// Starts all parts; what the journal still holds is evaluated first. The tasks end when `token` is cancelled,
    /// which a failing journal does by itself.
    ///
    /// # Errors
    /// The store or the journal cannot be read.
    pub async fn start(
        config: PipelineConfig,
        store: Arc<dyn Store>,
        outbox: Arc<dyn Outbox>,
        desk: Desk,
        clock: Clock,
        tracker: TaskTracker,
        token: CancellationToken,
    ) -> Result<Self, StartError> {
        let counters = Counters::default();
        let now = clock.now();
        let shards = config.shards.clamp(1, SHARDS_MAX);
        let registry = Arc::new(Registry::new(store.load_register().await?, shards, now));
        let committed = store.committed().await?;
        let snapshots = store.snapshots().await?;
        let last = store.device_last().await?;
        let chains = store.chains().await?;
        let downlinks =
            Downlinks::new(store.next_downlink_epoch().await?, counters.clone(), config.authority.clone());
        let (writer, writer_queues) = writer::channel(counters.clone());
        let (courier, courier_queue) = courier::channel(counters.clone());

        let mut lanes = Vec::with_capacity(shards);
        for index in 0..shards {
            let tools = ShardTools {
                desk: desk.clone(),
                writer: writer.clone(),
                courier: courier.clone(),
                counters: counters.clone(),
                clock: clock.clone(),
            };
            let mut shard = Shard::new(index, Arc::clone(&registry), tools);
            shard.restore(&committed, &snapshots, &last, &chains, now);
            let (lane, queues) = shard::lanes();
            lanes.push(lane);
            tracker.spawn(shard.run(queues, token.clone()));
        }
        let router = Arc::new(Router { gate: RwLock::new(Arc::clone(&registry)), lanes });
        let registry = Arc::new(ArcSwap::new(registry));
        let tools = CourierTools {
            outbox,
            registry: Arc::clone(&registry),
            downlinks: downlinks.clone(),
            authority: config.authority.clone(),
            counters: counters.clone(),
            clock: clock.clone(),
        };
        tracker.spawn(Courier::new(tools).await?.run(courier_queue, token.clone()));

        let journal = open_journal(&config).await?;
        let ledger = journal.ledger();
        let dispatch = Dispatch::new(Arc::clone(&router), writer.clone(), counters.clone());
        let (appender, has_ended) = journal.start(dispatch, token.clone()).map_err(StartError::Thread)?;
        tracker.spawn(async move { has_ended.await.unwrap_or_default() });

        let task = Writer {
            store: Arc::clone(&store),
            desk,
            registry: Arc::clone(&registry),
            downlinks: downlinks.clone(),
            ledger,
            counters: counters.clone(),
            clock: clock.clone(),
            acks: AckBook::restore(&committed),
            token: token.clone(),
        };
        tracker.spawn(task.run(writer_queues, appender.clone()));
        let watch = reload::Watch {
            store,
            registry: Arc::clone(&registry),
            router: Arc::clone(&router),
            clock: clock.clone(),
        };
        tracker.spawn(watch.run(token.clone()));
        let shared = Shared {
            registry,
            appender,
            backlog: Arc::new(Semaphore::new(BACKLOG_FRAMES_MAX)),
            router: Arc::clone(&router),
            writer: writer.clone(),
            counters,
            downlinks,
            courier,
            clock,
            closed: token.child_token(),
        };
        Ok(Self { intake: Intake(Arc::new(shared)), router, writer })
    }

    /// Where frames enter.
    pub fn intake(&self) -> Intake {
        self.intake.clone()
    }

    /// The numbers.
    pub fn counters(&self) -> Counters {
        self.intake.counters().clone()
    }

    /// Takes nothing more and waits until everything taken is in the store. The tasks run on until the token that the
    /// pipeline was started with is cancelled.
    pub async fn drain(&self) {
        self.intake.0.closed.cancel();
        self.intake.0.appender.barrier().await;
        for lanes in &self.router.lanes {
            let (done, waiter) = oneshot::channel();
            if lanes.live.send(ShardInput::Drain(done)).await.is_ok() {
                waiter.await.unwrap_or_default();
            }
        }
        self.writer.drain().await;
    }
}

/// Opening reads every segment: off the async threads.
async fn open_journal(config: &PipelineConfig) -> Result<Journal<Files>, StartError> {
    let (directory, sizes) = (config.journal_dir.clone(), config.journal);
    let opened = tokio::task::spawn_blocking(move || {
        let files =
            Files::open(&directory).map_err(|source| JournalError::Io { path: directory.clone(), source })?;
        Journal::open(files, sizes)
    });
    let journal = opened.await.map_err(|error| StartError::Thread(io::Error::other(error)))??;
    if journal.torn_bytes() > 0 {
        tracing::info!(
            bytes = journal.torn_bytes(),
            "a torn tail was cut off the journal: nothing of it was acknowledged"
        );
    }
    if journal.recovered() > 0 {
        tracing::info!(frames = journal.recovered(), "the journal holds frames from before the last stop");
    }
    Ok(journal)
}
