//! What keeps a store answerable: the audit log's heads and search, copies of everything, holds, retention, erasure.
//!
//! Apart from [`crate::Store`], because the pipeline needs none of it: commands, a daily task and the console do.

use crate::{
    AuditHead, AuditQuery, AuditRecord, Store, StoreError,
    convert::from_json,
    entities::{Entity, Row},
};
use async_trait::async_trait;
use lenke_wire::UnixMillis;
use lenke_zones::WearerId;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Rows of a wearer that one call deletes at most: a writer waits no longer for its turn.
pub const DELETE_ROWS_MAX: u32 = 5_000;

/// Nothing of this wearer may be deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Since when.
    pub since: UnixMillis,
    /// Who ordered it.
    pub by: String,
    /// Why.
    pub reason: String,
}

impl Hold {
    /// Refuses if `hold`, as a database keeps it, is one.
    pub(crate) fn refuse(wearer: WearerId, hold: Option<&str>) -> Result<(), StoreError> {
        let Some(hold) = hold else { return Ok(()) };
        let Self { reason, .. } = from_json("a legal hold", hold)?;
        Err(StoreError::Held { wearer, reason })
    }
}

/// What is kept about a wearer beside the order: how long, whether it may go at all, and who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The wearer.
    pub wearer: WearerId,
    /// Name and contact data, sealed under the subject's own key, which is never in the store.
    pub person: Option<Vec<u8>>,
    /// Days that history is kept after the order has ended, if not as everybody's.
    pub keep_days: Option<u32>,
    /// Set while nothing may be deleted.
    pub hold: Option<Hold>,
    /// When the wearer was erased: what still arrives of the time before is deleted too.
    pub erased_at: Option<UnixMillis>,
}

impl Subject {
    /// A wearer of whom nothing is known beside the order.
    pub const fn new(wearer: WearerId) -> Self {
        Self { wearer, person: None, keep_days: None, hold: None, erased_at: None }
    }
}

/// How much of a wearer's history there is, or was deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct History {
    /// Positions.
    pub fixes: u64,
    /// Radio heartbeats.
    pub sightings: u64,
    /// Events of devices.
    pub events: u64,
    /// Reports of devices on themselves.
    pub health: u64,
    /// Frames that brought these, as they came.
    pub frames: u64,
    /// Closed alerts.
    pub alerts: u64,
    /// Intervals of presence, violation and silence.
    pub intervals: u64,
}

impl History {
    /// All rows.
    pub const fn rows(&self) -> u64 {
        self.fixes + self.sightings + self.events + self.health + self.frames + self.alerts + self.intervals
    }

    /// Adds what `other` counts.
    pub const fn add(&mut self, other: Self) {
        self.fixes += other.fixes;
        self.sightings += other.sightings;
        self.events += other.events;
        self.health += other.health;
        self.frames += other.frames;
        self.alerts += other.alerts;
        self.intervals += other.intervals;
    }
}

/// One moment of a store, held while it is read.
#[async_trait]
pub trait StoreSnapshot: Send {
    /// Rows of `entity` in an order of the implementation's own, those after `after`; at most `limit`, up to
    /// [`PAGE_ROWS_MAX`](crate::store::PAGE_ROWS_MAX).
    async fn read_rows(
        &mut self,
        entity: &'static Entity,
        after: Option<&Row>,
        limit: u32,
    ) -> Result<Vec<Row>, StoreError>;
}

/// Custody of what a store holds.
#[async_trait]
pub trait Custody: Store {
    /// Audit records that fit `query`, newest first.
    async fn search_audit(&self, query: &AuditQuery) -> Result<Vec<AuditRecord>, StoreError>;

    /// Audit records after number `after`, oldest first.
    async fn audit_from(&self, after: u64, limit: u32) -> Result<Vec<AuditRecord>, StoreError>;

    /// Adds a signed head; one of the same number is left as it is.
    async fn put_audit_head(&self, head: &AuditHead) -> Result<(), StoreError>;

    /// Signed heads after number `after`, oldest first.
    async fn audit_heads(&self, after: u64, limit: u32) -> Result<Vec<AuditHead>, StoreError>;

    /// The newest signed head.
    async fn last_audit_head(&self) -> Result<Option<AuditHead>, StoreError>;

    /// Everything as it is now.
    async fn snapshot(&self) -> Result<Box<dyn StoreSnapshot>, StoreError>;

    /// Adds rows as another store held them: all of them or none.
    ///
    /// # Errors
    /// [`StoreError::Refused`] if one is there already or fits no table.
    async fn write_rows(&self, entity: &'static Entity, rows: &[Row]) -> Result<(), StoreError>;

    /// Copies everything, as of now, into a new file, and checks the copy. Others may write meanwhile.
    ///
    /// # Errors
    /// [`StoreError::Refused`] by a database that has means of its own for that.
    async fn backup(&self, path: &Path) -> Result<(), StoreError> {
        let source =
            format!("{} cannot be made by this database: use its own means, such as pg_dump", path.display());
        Err(StoreError::Refused { action: "back up", source: source.into() })
    }

    /// What is kept about `wearer` beside the order.
    async fn subject(&self, wearer: WearerId) -> Result<Option<Subject>, StoreError>;

    /// Everybody of whom something is kept beside the order.
    async fn subjects(&self) -> Result<Vec<Subject>, StoreError>;

    /// Keeps name and contact data of a wearer, sealed; replaces what was there and leaves everything else.
    ///
    /// # Errors
    /// [`StoreError::Erased`], [`StoreError::Refused`] for a wearer nobody knows.
    async fn set_person(&self, wearer: WearerId, sealed: &[u8]) -> Result<(), StoreError>;

    /// Takes out name and contact data of a wearer, which are kept elsewhere from now on; leaves everything else.
    async fn clear_person(&self, wearer: WearerId) -> Result<(), StoreError>;

    /// Sets for how many days a wearer's history is kept; `None`: as everybody's. Leaves everything else.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a wearer nobody knows or no day at all.
    async fn set_keep_days(&self, wearer: WearerId, days: Option<u32>) -> Result<(), StoreError>;

    /// Holds a wearer. It waits for what is being deleted at the moment; from its end on nothing further of the
    /// wearer goes.
    ///
    /// # Errors
    /// [`StoreError::Held`] if the wearer is held already, [`StoreError::Erased`] if there is nothing left to hold,
    /// [`StoreError::Refused`] for a wearer nobody knows.
    async fn set_hold(&self, wearer: WearerId, hold: &Hold) -> Result<(), StoreError>;

    /// Releases a wearer; answers whether there was a hold.
    async fn release_hold(&self, wearer: WearerId) -> Result<bool, StoreError>;

    /// How much there is of `wearer` from before `before`, attributed as [`delete_history`](Self::delete_history) does.
    async fn history(&self, wearer: WearerId, before: UnixMillis) -> Result<History, StoreError>;

    /// Whether there is any of it: a quick question, however much there is.
    async fn has_history(&self, wearer: WearerId, before: UnixMillis) -> Result<bool, StoreError>;

    /// Deletes up to about `rows_max` rows of `wearer` from before `before`; nothing is left when it answers that
    /// nothing was deleted. Positions go by their wearer; what names none by the activations that held; a frame
    /// goes unless it also brought a row that stays; alerts only if they are closed; intervals by their begin.
    ///
    /// # Errors
    /// [`StoreError::Held`] while the wearer is held, checked in the transaction that deletes.
    async fn delete_history(
        &self,
        wearer: WearerId,
        before: UnixMillis,
        rows_max: u32,
    ) -> Result<History, StoreError>;

    /// Deletes what is no history: conditions, groups, personal zones, home units, the monitor's state, the last
    /// position, intervals, commands to the device, name and contact data; notes that the wearer was erased at `at`. Order and activations stay: they say
    /// which pseudonym had which device when.
    ///
    /// # Errors
    /// [`StoreError::Held`] while the wearer is held.
    async fn forget(&self, wearer: WearerId, at: UnixMillis) -> Result<(), StoreError>;
}
