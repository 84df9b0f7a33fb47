//! PostgreSQL, with TimescaleDB where it is available: years of trails.
//!
//! Two pools share the connections: a few write, the others read, so that long reads never keep a batch waiting. Who
//! changes the same things takes turns by an advisory lock for the length of the transaction: batches, the register and
//! the audit log each have one. Every transaction commits with `synchronous_commit`: a device forgets its frames after
//! it.
//!
//! | subject | module |
//! |---|---|
//! | address, limits, TLS | `config` |
//! | hypertables or partitions, migrations | `layout` |
//! | wearers, devices, activations, zones | `register` |
//! | batches | `telemetry`, with `bulk` and `columns` for many rows |
//! | queries over telemetry | `trail`, `reports`, `inquiry` |
//! | alerts | `alerts` |
//! | users, settings, numbers given out | `people`, `counter` |
//! | frames, alerts and zones for evidence | `evidence` |
//! | audit log and its signed heads | `audit`, `audit_heads` |
//! | room left, partitions ahead | `upkeep` |
//! | copies of everything, erasure, holds | `custody`, `copies`, `history`, `subjects` |
//! | downlinks: what devices should hold, commands, officers' keys | `outbox` |
//! | refused input | `quarantine` |

mod alerts;
mod audit;
mod audit_heads;
mod bulk;
mod cells;
mod columns;
mod config;
mod convert;
mod copies;
mod counter;
mod custody;
mod evidence;
mod history;
mod inquiry;
mod intervals;
mod layout;
mod outbox;
mod people;
mod place;
mod quarantine;
mod register;
mod reports;
mod subjects;
mod telemetry;
mod trail;
mod upkeep;
mod victims;

pub use config::PostgresConfig;
pub use layout::Layout;

use crate::{
    AlertPage, AlertSave, AuditEntry, AuditRecord, Batch, Committed, Counts, DeviceLast, FrameKey, FrameRow,
    IntervalKey, Quarantined, Store, StoreError, Stored, TrailKey, TrailPoint, User,
};
use async_trait::async_trait;
pub(crate) use convert::failed;
use layout::Weeks;
use lenke_alerts::{Alert, AlertId, IntervalRecord, Register};
use lenke_wire::{DeviceId, UnixMillis};
use lenke_zones::{WearerId, Zone, ZoneId};
use sqlx::{ConnectOptions, Connection, PgConnection, PgPool, Postgres, Transaction};
use std::{collections::BTreeSet, sync::Arc};
pub(crate) use victims::open as victims;

/// First half of the number of every advisory lock of ours.
const LOCKS: i32 = 0x6c65_6e6b;

/// What takes turns: the second half of its advisory lock's number.
#[derive(Clone, Copy)]
enum Turn {
    Schema = 1,
    Batch = 2,
    Register = 3,
    Audit = 4,
    Outbox = 5,
}

/// A store in a PostgreSQL database. Clones share it.
#[derive(Clone, Debug)]
pub struct PostgresStore {
    writers: PgPool,
    readers: PgPool,
    layout: Layout,
    weeks: Arc<Weeks>,
}

impl PostgresStore {
    /// Connects and brings the schema up to date.
    ///
    /// # Errors
    /// [`StoreError::Connect`] if the server cannot be reached, refuses, or was migrated by a newer program.
    pub async fn open(config: &PostgresConfig) -> Result<Self, StoreError> {
        let failed = |source: crate::error::Source| StoreError::Connect { server: config.server(), source };
        let options = config.options().map_err(|error| failed(error.into()))?;
        let mut connection = options.connect().await.map_err(|error| failed(error.into()))?;
        let layout =
            layout::migrate(&mut connection, config.schema()).await.map_err(|error| failed(error.into()))?;
        connection.close().await.map_err(|error| failed(error.into()))?;
        let (writers, readers) = config.pools(options);
        Ok(Self { writers, readers, layout, weeks: Arc::default() })
    }

    /// Whether telemetry lies in hypertables or in partitions.
    pub const fn layout(&self) -> Layout {
        self.layout
    }

    /// Waits for what is being written and ends the connections.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writers.close().await;
    }

    /// A transaction that writes, when it is its turn.
    async fn begin(
        &self,
        turn: Turn,
        action: &'static str,
    ) -> Result<Transaction<'static, Postgres>, StoreError> {
        let mut transaction = self.writers.begin().await.map_err(failed(action))?;
        self.take(turn, &mut transaction, action).await?;
        Ok(transaction)
    }

    /// Waits for a turn, which ends with the transaction.
    async fn take(
        &self,
        turn: Turn,
        transaction: &mut PgConnection,
        action: &'static str,
    ) -> Result<(), StoreError> {
        self.take_turn(turn, transaction).await.map_err(failed(action))
    }

    async fn take_turn(&self, turn: Turn, transaction: &mut PgConnection) -> Result<(), sqlx::Error> {
        let turn = sqlx::query("SELECT pg_advisory_xact_lock($1, $2)").bind(LOCKS).bind(turn as i32);
        turn.execute(transaction).await.map(|_| ())
    }

    /// A transaction that reads one snapshot.
    async fn begin_read(&self, action: &'static str) -> Result<Transaction<'static, Postgres>, StoreError> {
        self.readers
            .begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            .await
            .map_err(failed(action))
    }

    /// Makes the partitions of the weeks; hypertables make theirs themselves.
    async fn make_room(&self, weeks: BTreeSet<i64>) -> Result<(), StoreError> {
        const ACTION: &str = "add partitions";
        if self.layout == Layout::Timescale {
            return Ok(());
        }
        let unknown = self.weeks.unknown(weeks);
        if unknown.is_empty() {
            return Ok(());
        }
        let mut connection = self.writers.acquire().await.map_err(failed(ACTION))?;
        self.weeks.add(&mut connection, unknown).await.map_err(failed(ACTION))?;
        Ok(())
    }

    async fn try_commit(&self, batch: &Batch) -> Result<Stored, StoreError> {
        const ACTION: &str = "commit a batch";
        self.make_room(telemetry::weeks(batch)).await?;
        let mut transaction = self.begin(Turn::Batch, ACTION).await?;
        let stored = telemetry::commit(&mut transaction, batch).await?;
        transaction.commit().await.map_err(failed(ACTION))?;
        Ok(stored)
    }
}

/// Whether a row had no partition to go to.
fn lacks_partition(error: &StoreError) -> bool {
    let StoreError::Unavailable { source, .. } = error else { return false };
    source.downcast_ref::<sqlx::Error>().is_some_and(convert::lacks_partition)
}

#[async_trait]
impl Store for PostgresStore {
    async fn register_version(&self) -> Result<i64, StoreError> {
        register::version(&self.readers).await
    }

    async fn load_register(&self) -> Result<Register, StoreError> {
        let mut snapshot = self.begin_read("read the register").await?;
        register::load(&mut snapshot).await
    }

    async fn enrol(&self, register: &Register) -> Result<i64, StoreError> {
        const ACTION: &str = "enrol";
        let mut transaction = self.begin(Turn::Register, ACTION).await?;
        let version = register::enrol(&mut transaction, register).await?;
        transaction.commit().await.map_err(failed(ACTION))?;
        Ok(version)
    }

    async fn put_zones(&self, zones: &[Zone]) -> Result<i64, StoreError> {
        const ACTION: &str = "write zones";
        let mut transaction = self.begin(Turn::Register, ACTION).await?;
        let version = register::put_zones(&mut transaction, zones).await?;
        transaction.commit().await.map_err(failed(ACTION))?;
        Ok(version)
    }

    async fn next_zone_id(&self) -> Result<ZoneId, StoreError> {
        const ACTION: &str = "reserve a zone's identity";
        let mut transaction = self.begin(Turn::Register, ACTION).await?;
        let id = register::next_zone_id(&mut transaction).await?;
        transaction.commit().await.map_err(failed(ACTION))?;
        Ok(id)
    }

    async fn commit_batch(&self, batch: &Batch) -> Result<Stored, StoreError> {
        match self.try_commit(batch).await {
            Err(error) if lacks_partition(&error) => {
                self.weeks.forget();
                self.try_commit(batch).await
            }
            done => done,
        }
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
        evidence::frames(&self.readers, device, from, to, after, limit).await
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
        let mut transaction = self.writers.begin().await.map_err(failed(ACTION))?;
        alerts::save(&mut transaction, saves).await?;
        transaction.commit().await.map_err(failed(ACTION))
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
        people::put_user(&self.writers, user).await
    }

    async fn append_audit(&self, entry: AuditEntry) -> Result<AuditRecord, StoreError> {
        const ACTION: &str = "append to the audit log";
        let mut transaction = self.begin(Turn::Audit, ACTION).await?;
        let record = audit::append(&mut transaction, entry).await?;
        transaction.commit().await.map_err(failed(ACTION))?;
        Ok(record)
    }

    async fn audit_page(&self, before: Option<u64>, limit: u32) -> Result<Vec<AuditRecord>, StoreError> {
        audit::page(&self.readers, before, limit).await
    }

    async fn next_downlink_epoch(&self) -> Result<u32, StoreError> {
        counter::next_downlink_epoch(&self.writers).await
    }

    async fn get_meta(&self, key: &str) -> Result<Option<String>, StoreError> {
        people::get_meta(&self.readers, key).await
    }

    async fn set_meta(&self, key: &str, value: &str) -> Result<(), StoreError> {
        people::set_meta(&self.writers, key, value).await
    }
}
