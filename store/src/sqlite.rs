//! The embedded default: one SQLite file in WAL mode.
//!
//! One connection writes, so writers queue in the process in the order they came instead of polling for the file's
//! lock; a few read-only connections read meanwhile, and a long read blocks no writer. Other processes may write too
//! (an import of zones while the server runs): every transaction that writes takes the lock at its begin, so it
//! waits for theirs up to [`BUSY_MAX`] and never fails half-way.
//!
//! Durability: `synchronous = FULL` for everything. With `NORMAL` a commit survives kill -9 but may be lost when the
//! power goes; a device is told to forget its frames after the commit, so such a loss would be for good. The price is
//! one fsync a commit, a few a second. After a failed fsync the commit is not made known in the write-ahead log, and a
//! repeated one writes its pages anew, so that repeating is safe.
//!
//! The file holds the devices' keys: only its owner may read it.
//!
//! | subject | module |
//! |---|---|
//! | wearers, devices, activations, zones | `register` |
//! | batches | `telemetry`, with `bulk` for multi-row inserts |
//! | queries over telemetry | `trail`, `reports`, `inquiry` |
//! | frames, alerts and zones for evidence | `evidence` |
//! | alerts | `alerts` |
//! | users, settings, numbers given out | `people` |
//! | audit log and its signed heads | `audit`, `audit_heads` |
//! | every table as neutral rows, the file as a whole | `copies`, `backup` |
//! | holds, retention, erasure | `custody`, `subjects`, `history` |
//! | downlinks: what devices should hold, commands, officers' keys | `outbox` |
//! | refused input | `quarantine` |

mod alerts;
mod audit;
mod audit_heads;
mod backup;
mod bulk;
mod convert;
mod copies;
mod counter;
mod custody;
mod evidence;
mod history;
mod inquiry;
mod intervals;
mod outbox;
mod people;
mod quarantine;
mod register;
mod reports;
mod subjects;
mod telemetry;
mod trail;
mod upkeep;
mod victims;

pub(crate) use convert::failed;
pub(crate) use victims::open as victims;

use crate::{
    AlertPage, AlertSave, AuditEntry, AuditRecord, Batch, Committed, Counts, DeviceLast, FrameKey, FrameRow,
    IntervalKey, Quarantined, Store, StoreError, Stored, TrailKey, TrailPoint, User,
};
use async_trait::async_trait;
use lenke_alerts::{Alert, AlertId, IntervalRecord, Register};
use lenke_wire::{DeviceId, UnixMillis};
use lenke_zones::{WearerId, Zone, ZoneId};
use sqlx::{
    Sqlite, SqlitePool, Transaction,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{fs::OpenOptions, io::ErrorKind, path::Path, time::Duration};

/// How long a transaction waits for another process's.
const BUSY_MAX: Duration = Duration::from_secs(10);
/// How long a call waits for its turn before it fails as unavailable.
const TURN_MAX: Duration = Duration::from_secs(30);
/// Connections that read.
const READERS: u32 = 4;
/// Prepared statements kept for each connection.
const STATEMENTS: usize = 200;
/// Page cache of each connection, KiB.
const CACHE_KIB: i32 = 16 * 1024;
/// Bytes that the write-ahead log is cut back to once a long read let it grow.
const WAL_BYTES_MAX: i64 = 64 << 20;

/// A store in one SQLite file. Clones share it.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl SqliteStore {
    /// Opens the file, creates it if there is none, and brings its schema up to date.
    ///
    /// # Errors
    /// [`StoreError::Open`] if the file cannot be written or was made by a newer program.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let failed = |source| StoreError::Open { path: path.to_owned(), source };
        create_private(path).map_err(|e| failed(e.into()))?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            // What is deleted is overwritten: an erased person is not left in free pages.
            .pragma("secure_delete", "on")
            .busy_timeout(BUSY_MAX)
            .statement_cache_capacity(STATEMENTS)
            .pragma("cache_size", format!("-{CACHE_KIB}"))
            .pragma("journal_size_limit", WAL_BYTES_MAX.to_string());
        let pool = || {
            SqlitePoolOptions::new()
                .acquire_timeout(TURN_MAX)
                .test_before_acquire(false)
                .idle_timeout(None)
                .max_lifetime(None)
        };
        let writer =
            pool().max_connections(1).connect_with(options.clone()).await.map_err(|e| failed(e.into()))?;
        sqlx::migrate!("migrations/sqlite").run(&writer).await.map_err(|e| failed(e.into()))?;
        let readers = pool()
            .max_connections(READERS)
            .connect_with(options.pragma("query_only", "on"))
            .await
            .map_err(|e| failed(e.into()))?;
        Ok(Self { writer, readers })
    }

    /// Waits for what is being written and closes the file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// A transaction that writes: it holds the file's write lock from its begin.
    async fn begin(&self, action: &'static str) -> Result<Transaction<'static, Sqlite>, StoreError> {
        self.writer.begin_with("BEGIN IMMEDIATE").await.map_err(convert::failed(action))
    }

    /// A transaction that reads one snapshot.
    async fn begin_read(&self, action: &'static str) -> Result<Transaction<'static, Sqlite>, StoreError> {
        self.readers.begin().await.map_err(convert::failed(action))
    }
}

/// Makes an empty file that only its owner may read, unless there is one. SQLite gives its other files the same rights.
/// One that exists is not even opened: closing it again would drop the locks that this process holds on it.
fn create_private(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn register_version(&self) -> Result<i64, StoreError> {
        register::version(&self.readers).await
    }

    async fn load_register(&self) -> Result<Register, StoreError> {
        let mut snapshot = self.begin_read("read the register").await?;
        register::load(&mut snapshot).await
    }

    async fn enrol(&self, register: &Register) -> Result<i64, StoreError> {
        const ACTION: &str = "enrol";
        let mut transaction = self.begin(ACTION).await?;
        let version = register::enrol(&mut transaction, register).await?;
        transaction.commit().await.map_err(convert::failed(ACTION))?;
        Ok(version)
    }

    async fn put_zones(&self, zones: &[Zone]) -> Result<i64, StoreError> {
        const ACTION: &str = "write zones";
        let mut transaction = self.begin(ACTION).await?;
        let version = register::put_zones(&mut transaction, zones).await?;
        transaction.commit().await.map_err(convert::failed(ACTION))?;
        Ok(version)
    }

    async fn next_zone_id(&self) -> Result<ZoneId, StoreError> {
        const ACTION: &str = "reserve a zone's identity";
        let mut transaction = self.begin(ACTION).await?;
        let id = register::next_zone_id(&mut transaction).await?;
        transaction.commit().await.map_err(convert::failed(ACTION))?;
        Ok(id)
    }

    async fn commit_batch(&self, batch: &Batch) -> Result<Stored, StoreError> {
        const ACTION: &str = "commit a batch";
        let mut transaction = self.begin(ACTION).await?;
        let stored = telemetry::commit(&mut transaction, batch).await?;
        transaction.commit().await.map_err(convert::failed(ACTION))?;
        Ok(stored)
    }

    async fn committed(&self) -> Result<Vec<Committed>, StoreError> {
        telemetry::committed(&self.readers).await
    }

    async fn chains(&self) -> Result<Vec<(DeviceId, Vec<u8>)>, StoreError> {
        telemetry::chains(&self.readers).await
    }

    async fn snapshots(&self) -> Result<Vec<(WearerId, Vec<u8>)>, StoreError> {
        telemetry::snapshots(&self.readers).await
    }

    async fn device_last(&self) -> Result<Vec<DeviceLast>, StoreError> {
        telemetry::device_last(&self.readers).await
    }

    async fn trail(
        &self,
        wearer: WearerId,
        from: UnixMillis,
        to: UnixMillis,
        after: Option<TrailKey>,
        limit: u32,
    ) -> Result<Vec<TrailPoint>, StoreError> {
        let mut snapshot = self.begin_read("read a trail").await?;
        trail::trail(&mut snapshot, wearer, from, to, after, limit).await
    }

    async fn frames_of(
        &self,
        device: DeviceId,
        from: UnixMillis,
        to: UnixMillis,
        after: Option<FrameKey>,
        limit: u32,
    ) -> Result<Vec<FrameRow>, StoreError> {
        let mut snapshot = self.begin_read("read a device's frames").await?;
        evidence::frames(&mut snapshot, evidence::Wanted { device, from, to, after, limit }).await
    }

    async fn intervals(
        &self,
        wearer: WearerId,
        from: UnixMillis,
        to: UnixMillis,
        after: Option<IntervalKey>,
        limit: u32,
    ) -> Result<Vec<IntervalRecord>, StoreError> {
        intervals::page(&self.readers, wearer, (from, to), after, limit).await
    }

    async fn alerts_of(
        &self,
        wearer: WearerId,
        from: UnixMillis,
        to: UnixMillis,
    ) -> Result<Vec<Alert>, StoreError> {
        evidence::alerts(&self.readers, wearer, from, to).await
    }

    async fn zone_versions(&self, zone: ZoneId) -> Result<Vec<Zone>, StoreError> {
        evidence::zone_versions(&self.readers, zone).await
    }

    async fn counts(&self) -> Result<Counts, StoreError> {
        let mut snapshot = self.begin_read("count").await?;
        counter::counts(&mut snapshot).await
    }

    async fn save_alerts(&self, saves: &[AlertSave]) -> Result<(), StoreError> {
        const ACTION: &str = "save alerts";
        let mut transaction = self.begin(ACTION).await?;
        alerts::save(&mut transaction, saves).await?;
        transaction.commit().await.map_err(convert::failed(ACTION))
    }

    async fn alert(&self, id: AlertId) -> Result<Option<Alert>, StoreError> {
        alerts::one(&self.readers, id).await
    }

    async fn open_alerts(&self) -> Result<Vec<Alert>, StoreError> {
        alerts::open(&self.readers).await
    }

    async fn alerts(&self, page: AlertPage) -> Result<Vec<Alert>, StoreError> {
        alerts::page(&self.readers, page).await
    }

    async fn quarantine_page(
        &self,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<(u64, Quarantined)>, StoreError> {
        quarantine::page(&self.readers, before, limit).await
    }

    async fn user(&self, name: &str) -> Result<Option<User>, StoreError> {
        people::user(&self.readers, name).await
    }

    async fn put_user(&self, user: &User) -> Result<(), StoreError> {
        people::put_user(&self.writer, user).await
    }

    async fn append_audit(&self, entry: AuditEntry) -> Result<AuditRecord, StoreError> {
        const ACTION: &str = "append to the audit log";
        let mut transaction = self.begin(ACTION).await?;
        let record = audit::append(&mut transaction, entry).await?;
        transaction.commit().await.map_err(convert::failed(ACTION))?;
        Ok(record)
    }

    async fn audit_page(&self, before: Option<u64>, limit: u32) -> Result<Vec<AuditRecord>, StoreError> {
        audit::page(&self.readers, before, limit).await
    }

    async fn next_downlink_epoch(&self) -> Result<u32, StoreError> {
        const ACTION: &str = "reserve a downlink epoch";
        let mut transaction = self.begin(ACTION).await?;
        let epoch = counter::next_downlink_epoch(&mut transaction).await?;
        transaction.commit().await.map_err(convert::failed(ACTION))?;
        Ok(epoch)
    }

    async fn get_meta(&self, key: &str) -> Result<Option<String>, StoreError> {
        people::get_meta(&self.readers, key).await
    }

    async fn set_meta(&self, key: &str, value: &str) -> Result<(), StoreError> {
        people::set_meta(&self.writer, key, value).await
    }
}
