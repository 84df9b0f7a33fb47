//! What the server's crates ask of a database. Batch-oriented: the unit of work is a batch, a page or a snapshot.
//!
//! Every call is one transaction. Calls may come from several tasks at once, and other processes may write the same
//! store meanwhile (an import of zones, an enrolment): implementations serialise writers and let readers read on.

use crate::{
    AuditEntry, AuditRecord, Batch, Committed, Counts, DeviceLast, FrameKey, FrameRow, IntervalKey,
    Quarantined, StoreError, Stored, TrailKey, TrailPoint, User,
};
use async_trait::async_trait;
use lenke_alerts::{Alert, AlertId, AlertState, IntervalRecord, Register};
use lenke_wire::{DeviceId, UnixMillis};
use lenke_zones::{WearerId, Zone, ZoneId};
use std::sync::Arc;

/// Rows that one page may hold; a larger limit is cut to it.
pub const PAGE_ROWS_MAX: u32 = 10_000;

/// An alert as it is now, and the findings that were taken into it as occurrences since the last save.
#[derive(Clone, Debug, PartialEq)]
pub struct AlertSave {
    /// The alert.
    pub alert: Arc<Alert>,
    /// Ids of findings that became occurrences of it: they never become alerts of their own.
    pub merged: Vec<AlertId>,
}

/// An alert's place in the history, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AlertKey {
    /// When it was raised.
    pub raised_at: UnixMillis,
    /// Which one, among those raised at that moment.
    pub id: AlertId,
}

impl AlertKey {
    /// The place of `alert`: the next page begins before it.
    pub const fn of(alert: &Alert) -> Self {
        Self { raised_at: alert.raised_at, id: alert.id }
    }
}

/// A page of the alert history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlertPage {
    /// In which state.
    pub state: AlertState,
    /// Older than this one; the newest if absent.
    pub before: Option<AlertKey>,
    /// At most so many, up to [`PAGE_ROWS_MAX`].
    pub limit: u32,
}

/// The server's memory.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// The register's version, which rises with every change: cheap enough to ask every second.
    async fn register_version(&self) -> Result<i64, StoreError>;

    /// The register as one consistent snapshot: everything in order of its identity, zones in their newest versions.
    async fn load_register(&self) -> Result<Register, StoreError>;

    /// Adds or replaces what `register` holds and leaves the rest; answers the register's new version. A wearer's
    /// conditions and groups are replaced as a whole. An activation is known by device and begin; one that ends where it
    /// begins holds never.
    ///
    /// # Errors
    /// [`StoreError::Overlap`], [`StoreError::ZoneChanged`], [`StoreError::Refused`] for an activation of somebody
    /// or something unknown; then nothing is changed.
    async fn enrol(&self, register: &Register) -> Result<i64, StoreError>;

    /// Adds zones or new versions of zones; answers the register's new version.
    ///
    /// # Errors
    /// [`StoreError::ZoneChanged`] if a version is known with another content; then nothing is changed.
    async fn put_zones(&self, zones: &[Zone]) -> Result<i64, StoreError>;

    /// Reserves an identity for a new zone: nobody else is given it.
    async fn next_zone_id(&self) -> Result<ZoneId, StoreError>;

    /// Writes a batch. Rows of frames that are already committed are dropped, so a batch may be repeated.
    ///
    /// Before a snapshot is committed, every alert that its monitor has raised must be saved: the monitor will not
    /// raise it again.
    async fn commit_batch(&self, batch: &Batch) -> Result<Stored, StoreError>;

    /// Every committed range, in order of device and epoch.
    async fn committed(&self) -> Result<Vec<Committed>, StoreError>;

    /// The serialized state of every device's chain follower, as the last batch left it.
    async fn chains(&self) -> Result<Vec<(DeviceId, Vec<u8>)>, StoreError>;

    /// Every serialized monitor, as the last batch left it.
    async fn snapshots(&self) -> Result<Vec<(WearerId, Vec<u8>)>, StoreError>;

    /// The newest that is known of every device.
    async fn device_last(&self) -> Result<Vec<DeviceLast>, StoreError>;

    /// Where `wearer` was in [`from`, `to`), oldest first, beginning after `after`; at most `limit` points, up to
    /// [`PAGE_ROWS_MAX`]. Attributed through activations: nothing from before or after the wearer had the device.
    async fn trail(
        &self,
        wearer: WearerId,
        from: UnixMillis,
        to: UnixMillis,
        after: Option<TrailKey>,
        limit: u32,
    ) -> Result<Vec<TrailPoint>, StoreError>;

    /// The frames of `device` that came in [`from`, `to`), as they came, in order of arrival, beginning after `after`; at
    /// most `limit`, up to [`PAGE_ROWS_MAX`].
    async fn frames_of(
        &self,
        device: DeviceId,
        from: UnixMillis,
        to: UnixMillis,
        after: Option<FrameKey>,
        limit: u32,
    ) -> Result<Vec<FrameRow>, StoreError>;

    /// The alerts about `wearer` that were raised in [`from`, `to`), oldest first, up to [`PAGE_ROWS_MAX`].
    async fn alerts_of(
        &self,
        wearer: WearerId,
        from: UnixMillis,
        to: UnixMillis,
    ) -> Result<Vec<Alert>, StoreError>;

    /// The intervals of `wearer` that share a moment with [`from`, `to`), in order of their begin, beginning after
    /// `after`; at most `limit`, up to [`PAGE_ROWS_MAX`].
    async fn intervals(
        &self,
        wearer: WearerId,
        from: UnixMillis,
        to: UnixMillis,
        after: Option<IntervalKey>,
        limit: u32,
    ) -> Result<Vec<IntervalRecord>, StoreError>;

    /// Every version of a zone, oldest first.
    async fn zone_versions(&self, zone: ZoneId) -> Result<Vec<Zone>, StoreError>;

    /// How much there is.
    async fn counts(&self) -> Result<Counts, StoreError>;

    /// Writes alerts. An older version never replaces a newer one, so saves may be repeated and overtake each other.
    async fn save_alerts(&self, saves: &[AlertSave]) -> Result<(), StoreError>;

    /// The alert of this id, or the one that a finding of this id was taken into.
    async fn alert(&self, id: AlertId) -> Result<Option<Alert>, StoreError>;

    /// Every alert that no person has closed, oldest first.
    async fn open_alerts(&self) -> Result<Vec<Alert>, StoreError>;

    /// A page of the alerts in one state, newest first.
    async fn alerts(&self, page: AlertPage) -> Result<Vec<Alert>, StoreError>;

    /// Refused inputs, newest first, each with its number; those before `before` if given.
    async fn quarantine_page(
        &self,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<(u64, Quarantined)>, StoreError>;

    /// The user of this name.
    async fn user(&self, name: &str) -> Result<Option<User>, StoreError>;

    /// Adds or replaces a user.
    async fn put_user(&self, user: &User) -> Result<(), StoreError>;

    /// Appends to the audit log; answers the record with its place in the chain.
    async fn append_audit(&self, entry: AuditEntry) -> Result<AuditRecord, StoreError>;

    /// Audit records, newest first; those before `before` if given.
    async fn audit_page(&self, before: Option<u64>, limit: u32) -> Result<Vec<AuditRecord>, StoreError>;

    /// An epoch for the centre's own frames that was never given out before.
    async fn next_downlink_epoch(&self) -> Result<u32, StoreError>;

    /// A setting of the installation.
    async fn get_meta(&self, key: &str) -> Result<Option<String>, StoreError>;

    /// Sets a setting of the installation.
    async fn set_meta(&self, key: &str, value: &str) -> Result<(), StoreError>;
}
