//! The database is away: alerts leave all the same, and afterwards nothing is missing.

use super::harness::{BEGIN, Centre, FORBIDDEN, OTHER_TAG, TAG, eventually, fix, fixes};
use async_trait::async_trait;
use lenke_alerts::{Alert, AlertId, AlertKind, IntervalRecord, Register};
use lenke_notify::LiveEvent;
use lenke_store::{
    AlertPage, AlertSave, AuditEntry, AuditRecord, Batch, Clock, Committed, Counts, DeviceLast, FrameKey,
    FrameRow, IntervalKey, Quarantined, Store, StoreError, Stored, TrailKey, TrailPoint, User,
};
use lenke_wire::{DeviceId, FrameId, UnixMillis};
use lenke_zones::{WearerId, Zone, ZoneId};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

/// A store that does not write while it is told to be away.
struct Away {
    inner: Arc<dyn Store>,
    away: Arc<AtomicBool>,
}

impl Away {
    fn here(&self, action: &'static str) -> Result<(), StoreError> {
        match self.away.load(SeqCst) {
            true => Err(StoreError::Unavailable { action, source: "away".into() }),
            false => Ok(()),
        }
    }
}

#[async_trait]
impl Store for Away {
    async fn commit_batch(&self, batch: &Batch) -> Result<Stored, StoreError> {
        self.here("write a batch")?;
        self.inner.commit_batch(batch).await
    }
    async fn save_alerts(&self, saves: &[AlertSave]) -> Result<(), StoreError> {
        self.here("save alerts")?;
        self.inner.save_alerts(saves).await
    }
    async fn register_version(&self) -> Result<i64, StoreError> {
        self.here("read the register's version")?;
        self.inner.register_version().await
    }
    async fn load_register(&self) -> Result<Register, StoreError> {
        self.inner.load_register().await
    }
    async fn enrol(&self, register: &Register) -> Result<i64, StoreError> {
        self.inner.enrol(register).await
    }
    async fn put_zones(&self, zones: &[Zone]) -> Result<i64, StoreError> {
        self.inner.put_zones(zones).await
    }
    async fn next_zone_id(&self) -> Result<ZoneId, StoreError> {
        self.inner.next_zone_id().await
    }
    async fn committed(&self) -> Result<Vec<Committed>, StoreError> {
        self.inner.committed().await
    }
    async fn intervals(
        &self,
        wearer: WearerId,
        from: UnixMillis,
        to: UnixMillis,
        after: Option<IntervalKey>,
        limit: u32,
    ) -> Result<Vec<IntervalRecord>, StoreError> {
        self.inner.intervals(wearer, from, to, after, limit).await
    }
    async fn chains(&self) -> Result<Vec<(DeviceId, Vec<u8>)>, StoreError> {
        self.inner.chains().await
    }
    async fn frames_of(
        &self,
        device: DeviceId,
        from: UnixMillis,
        to: UnixMillis,
        after: Option<FrameKey>,
        limit: u32,
    ) -> Result<Vec<FrameRow>, StoreError> {
        self.inner.frames_of(device, from, to, after, limit).await
    }
    async fn alerts_of(
        &self,
        wearer: WearerId,
        from: UnixMillis,
        to: UnixMillis,
    ) -> Result<Vec<Alert>, StoreError> {
        self.inner.alerts_of(wearer, from, to).await
    }
    async fn zone_versions(&self, zone: ZoneId) -> Result<Vec<Zone>, StoreError> {
        self.inner.zone_versions(zone).await
    }
    async fn snapshots(&self) -> Result<Vec<(WearerId, Vec<u8>)>, StoreError> {
        self.inner.snapshots().await
    }
    async fn device_last(&self) -> Result<Vec<DeviceLast>, StoreError> {
        self.inner.device_last().await
    }
    async fn trail(
        &self,
        wearer: WearerId,
        from: UnixMillis,
        to: UnixMillis,
        after: Option<TrailKey>,
        limit: u32,
    ) -> Result<Vec<TrailPoint>, StoreError> {
        self.inner.trail(wearer, from, to, after, limit).await
    }
    async fn counts(&self) -> Result<Counts, StoreError> {
        self.inner.counts().await
    }
    async fn alert(&self, id: AlertId) -> Result<Option<Alert>, StoreError> {
        self.inner.alert(id).await
    }
    async fn open_alerts(&self) -> Result<Vec<Alert>, StoreError> {
        self.inner.open_alerts().await
    }
    async fn alerts(&self, page: AlertPage) -> Result<Vec<Alert>, StoreError> {
        self.inner.alerts(page).await
    }
    async fn quarantine_page(
        &self,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<(u64, Quarantined)>, StoreError> {
        self.inner.quarantine_page(before, limit).await
    }
    async fn user(&self, name: &str) -> Result<Option<User>, StoreError> {
        self.inner.user(name).await
    }
    async fn put_user(&self, user: &User) -> Result<(), StoreError> {
        self.inner.put_user(user).await
    }
    async fn append_audit(&self, entry: AuditEntry) -> Result<AuditRecord, StoreError> {
        self.inner.append_audit(entry).await
    }
    async fn audit_page(&self, before: Option<u64>, limit: u32) -> Result<Vec<AuditRecord>, StoreError> {
        self.inner.audit_page(before, limit).await
    }
    async fn next_downlink_epoch(&self) -> Result<u32, StoreError> {
        self.inner.next_downlink_epoch().await
    }
    async fn get_meta(&self, key: &str) -> Result<Option<String>, StoreError> {
        self.inner.get_meta(key).await
    }
    async fn set_meta(&self, key: &str, value: &str) -> Result<(), StoreError> {
        self.inner.set_meta(key, value).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn alerts_leave_while_the_database_is_away_and_nothing_is_lost_when_it_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let away = Arc::new(AtomicBool::new(false));
    let switch = Arc::clone(&away);
    let centre = Centre::start_through(folder.path(), Clock::scaled(BEGIN, 1), |inner| {
        Arc::new(Away { inner, away: switch })
    })
    .await;
    let mut live = centre.desk.subscribe();
    let mut downlinks = centre.intake().attach(TAG);
    away.store(true, SeqCst);
    for seq in 0..200 {
        let at = BEGIN.plus_s(i64::from(seq) - 300);
        centre.submit(fixes(TAG, FrameId::new(1, seq), &[fix(at, FORBIDDEN)])).await;
        centre.submit(fixes(OTHER_TAG, FrameId::new(1, seq), &[fix(at, FORBIDDEN)])).await;
    }
    let mut raised = false;
    eventually("the alert is shown", || {
        while let Ok(event) = live.try_recv() {
            raised |= matches!(event, LiveEvent::Alert(alert) if alert.kind == AlertKind::ExclusionBreach);
        }
        raised
    })
    .await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(centre.counters().stored, 0);
    assert!(downlinks.try_next().is_none(), "nothing is acknowledged that is not committed");
    assert_eq!(centre.store.counts().await.unwrap().frames, 0);

    away.store(false, SeqCst);
    centre.drain().await;
    let counts = centre.store.counts().await.unwrap();
    assert_eq!((counts.frames, counts.fixes), (400, 400));
    let alerts = centre.store.open_alerts().await.unwrap();
    assert_eq!(alerts.iter().filter(|alert| alert.kind == AlertKind::ExclusionBreach).count(), 1);
    assert!(downlinks.try_next().is_some());
    centre.crash().await;
}
