//! A store that keeps alerts in memory and fails when told to: the trait's second implementation.

use async_trait::async_trait;
use lenke_alerts::{Alert, AlertId, AlertState, IntervalRecord, Register};
use lenke_store::{
    AlertPage, AlertSave, AuditEntry, AuditRecord, Batch, Committed, Counts, DeviceLast, FrameKey, FrameRow,
    IntervalKey, Quarantined, Store, StoreError, Stored, TrailKey, TrailPoint, User,
};
use lenke_wire::{DeviceId, UnixMillis};
use lenke_zones::{WearerId, Zone, ZoneId};
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
};

/// How the store behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mood {
    /// As it should.
    #[default]
    Well,
    /// Every call fails at once.
    Down,
    /// No call ever returns.
    Hanging,
}

#[derive(Debug, Default)]
pub(crate) struct Double {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) mood: Mood,
    /// This alert is refused for good.
    pub(crate) refused: Option<AlertId>,
    pub(crate) alerts: BTreeMap<AlertId, Alert>,
    pub(crate) merged: BTreeMap<AlertId, AlertId>,
    /// Calls that tried to save.
    pub(crate) attempts: u32,
}

impl Double {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) fn set(&self, mood: Mood) {
        self.state().mood = mood;
    }

    pub(crate) fn stored(&self, id: AlertId) -> Option<Alert> {
        self.state().alerts.get(&id).cloned()
    }

    async fn answer(&self, action: &'static str) -> Result<(), StoreError> {
        let mood = self.state().mood;
        match mood {
            Mood::Well => Ok(()),
            Mood::Down => Err(StoreError::Unavailable { action, source: "told to be down".into() }),
            Mood::Hanging => std::future::pending().await,
        }
    }
}

/// What the desk never asks for.
fn unasked<T>() -> Result<T, StoreError> {
    Err(StoreError::Refused { action: "answer", source: "the desk has no business with this".into() })
}

#[async_trait]
impl Store for Double {
    async fn save_alerts(&self, saves: &[AlertSave]) -> Result<(), StoreError> {
        self.state().attempts += 1;
        self.answer("save alerts").await?;
        let mut state = self.state();
        if saves.iter().any(|save| Some(save.alert.id) == state.refused) {
            return Err(StoreError::Refused { action: "save alerts", source: "told to refuse".into() });
        }
        for save in saves {
            let known = state.alerts.get(&save.alert.id).map_or(0, |alert| alert.version);
            if save.alert.version >= known {
                state.alerts.insert(save.alert.id, Alert::clone(&save.alert));
            }
            state.merged.extend(save.merged.iter().map(|&finding| (finding, save.alert.id)));
        }
        Ok(())
    }

    async fn alert(&self, id: AlertId) -> Result<Option<Alert>, StoreError> {
        self.answer("read an alert").await?;
        let state = self.state();
        Ok(state.alerts.get(state.merged.get(&id).unwrap_or(&id)).cloned())
    }

    async fn open_alerts(&self) -> Result<Vec<Alert>, StoreError> {
        self.answer("read the open alerts").await?;
        let state = self.state();
        Ok(state.alerts.values().filter(|alert| alert.state != AlertState::Resolved).cloned().collect())
    }

    async fn register_version(&self) -> Result<i64, StoreError> {
        unasked()
    }
    async fn load_register(&self) -> Result<Register, StoreError> {
        unasked()
    }
    async fn enrol(&self, _: &Register) -> Result<i64, StoreError> {
        unasked()
    }
    async fn put_zones(&self, _: &[Zone]) -> Result<i64, StoreError> {
        unasked()
    }
    async fn next_zone_id(&self) -> Result<ZoneId, StoreError> {
        unasked()
    }
    async fn commit_batch(&self, _: &Batch) -> Result<Stored, StoreError> {
        unasked()
    }
    async fn committed(&self) -> Result<Vec<Committed>, StoreError> {
        unasked()
    }
    async fn intervals(
        &self,
        _: WearerId,
        _: UnixMillis,
        _: UnixMillis,
        _: Option<IntervalKey>,
        _: u32,
    ) -> Result<Vec<IntervalRecord>, StoreError> {
        unasked()
    }
    async fn chains(&self) -> Result<Vec<(DeviceId, Vec<u8>)>, StoreError> {
        unasked()
    }
    async fn frames_of(
        &self,
        _: DeviceId,
        _: UnixMillis,
        _: UnixMillis,
        _: Option<FrameKey>,
        _: u32,
    ) -> Result<Vec<FrameRow>, StoreError> {
        unasked()
    }
    async fn alerts_of(&self, _: WearerId, _: UnixMillis, _: UnixMillis) -> Result<Vec<Alert>, StoreError> {
        unasked()
    }
    async fn zone_versions(&self, _: ZoneId) -> Result<Vec<Zone>, StoreError> {
        unasked()
    }
    async fn snapshots(&self) -> Result<Vec<(WearerId, Vec<u8>)>, StoreError> {
        unasked()
    }
    async fn device_last(&self) -> Result<Vec<DeviceLast>, StoreError> {
        unasked()
    }
    async fn trail(
        &self,
        _: WearerId,
        _: UnixMillis,
        _: UnixMillis,
        _: Option<TrailKey>,
        _: u32,
    ) -> Result<Vec<TrailPoint>, StoreError> {
        unasked()
    }
    async fn counts(&self) -> Result<Counts, StoreError> {
        unasked()
    }
    async fn alerts(&self, _: AlertPage) -> Result<Vec<Alert>, StoreError> {
        unasked()
    }
    async fn quarantine_page(&self, _: Option<u64>, _: u32) -> Result<Vec<(u64, Quarantined)>, StoreError> {
        unasked()
    }
    async fn user(&self, _: &str) -> Result<Option<User>, StoreError> {
        unasked()
    }
    async fn put_user(&self, _: &User) -> Result<(), StoreError> {
        unasked()
    }
    async fn append_audit(&self, _: AuditEntry) -> Result<AuditRecord, StoreError> {
        unasked()
    }
    async fn audit_page(&self, _: Option<u64>, _: u32) -> Result<Vec<AuditRecord>, StoreError> {
        unasked()
    }
    async fn next_downlink_epoch(&self) -> Result<u32, StoreError> {
        unasked()
    }
    async fn get_meta(&self, _: &str) -> Result<Option<String>, StoreError> {
        unasked()
    }
    async fn set_meta(&self, _: &str, _: &str) -> Result<(), StoreError> {
        unasked()
    }
}
