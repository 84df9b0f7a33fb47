//! A console that runs: on a free port, over a SQLite store in a folder of its own and a real desk.

use crate::{client::Client, facts};
use async_trait::async_trait;
use lenke_alerts::{Alert, AlertId, AlertKind, Finding, IntervalRecord, Register};
use lenke_console::{Console, ConsoleConfig, Role, bootstrap_user};
use lenke_notify::{Desk, DeskInput};
use lenke_store::{
    AlertPage, AlertSave, AuditEntry, AuditHead, AuditQuery, AuditRecord, Batch, Casework, Clock, Committed,
    Counts, Custody, DeviceLast, FrameKey, FrameRow, History, Hold, Inquiry, IntervalKey, Quarantined,
    Report, ReportKind, SqliteStore, Store, StoreError, StoreSnapshot, Stored, Subject, TrailKey, TrailPoint,
    User,
    entities::{Entity, Row},
    inquiry::{AlertSearch, BoxE7, Presence},
};
use lenke_wire::{DeviceId, UnixMillis};
use lenke_zones::{WearerId, Zone, ZoneId};
use serde_json::json;
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// A running console.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) store: Arc<Faulty>,
    pub(crate) desk: Desk,
    pub(crate) stop: CancellationToken,
    pub(crate) served: JoinHandle<std::io::Result<()>>,
    _folder: TempDir,
}

impl Running {
    /// Starts with the default configuration.
    pub(crate) async fn start() -> Self {
        Self::start_with(ConsoleConfig::default()).await
    }

    /// Starts with the made-up register in the store.
    pub(crate) async fn start_with(config: ConsoleConfig) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sqlite = SqliteStore::open(&folder.path().join("lenke.db")).await.unwrap();
        let store = Arc::new(Faulty { inner: sqlite, audit_fails: AtomicBool::new(false) });
        store.enrol(&facts::register()).await.unwrap();
        let (clock, stop) = (Clock::wall(), CancellationToken::new());
        let dynamic: Arc<dyn Casework> = store.clone();
        let desk =
            Desk::start(store.clone(), clock.clone(), &TaskTracker::new(), stop.clone()).await.unwrap();
        let counters = Arc::new(|| json!({ "received": 5, "rejections": { "wrong_key": 2 } }));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let outbox = Arc::new(store.inner.clone());
        let console = Console::new(config, dynamic, outbox, desk.clone(), clock, counters);
        let served = tokio::spawn(console.serve(listener, stop.clone()));
        Self { address, store, desk, stop, served, _folder: folder }
    }

    /// Somebody who has not signed in.
    pub(crate) const fn client(&self) -> Client {
        Client::new(self.address)
    }

    /// Makes a user; answers the password.
    pub(crate) async fn user(&self, name: &str, role: Role) -> String {
        bootstrap_user(&*self.store, name, role).await.unwrap()
    }

    /// Somebody new who has signed in.
    pub(crate) async fn signed_in(&self, name: &str, role: Role) -> Client {
        let password = self.user(name, role).await;
        let mut client = self.client();
        assert_eq!(client.sign_in(name, &password).await.status, 204);
        client
    }

    /// Puts a finding on the desk and waits until it lies there; answers the alert's id.
    pub(crate) async fn raise(&self, finding: Finding) -> AlertId {
        let id = finding.id;
        self.desk.submit(vec![DeskInput::Raise(finding)]).await.unwrap();
        while !self.desk.open_alerts().iter().any(|alert| alert.id == id) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        id
    }

    /// A breach of an exclusion zone by the usual wearer.
    pub(crate) async fn breach(&self) -> AlertId {
        self.raise(facts::finding(AlertKind::ExclusionBreach, facts::WEARER.0, 2)).await
    }

    /// The centre's time.
    pub(crate) fn now(&self) -> i64 {
        Clock::wall().now().0
    }

    /// Everything in the audit log, newest first.
    pub(crate) async fn audit_log(&self) -> Vec<AuditEntry> {
        let records = self.store.audit_page(None, 1000).await.unwrap();
        records.into_iter().map(|record| record.entry).collect()
    }
}

/// A store whose audit log can be made to fail.
pub(crate) struct Faulty {
    inner: SqliteStore,
    pub(crate) audit_fails: AtomicBool,
}

macro_rules! pass_on {
    (Store { $($name:ident($($argument:ident: $kind:ty),*) -> $answer:ty;)* }
     Custody { $($custody:ident($($given:ident: $type:ty),*) -> $answered:ty;)* }
     Inquiry { $($inquiry:ident($($asked:ident: $shape:ty),*) -> $told:ty;)* }) => {
        #[async_trait]
        impl Inquiry for Faulty {
            $(async fn $inquiry(&self, $($asked: $shape),*) -> Result<$told, StoreError> {
                self.inner.$inquiry($($asked),*).await
            })*
        }

        #[async_trait]
        impl Custody for Faulty {
            $(async fn $custody(&self, $($given: $type),*) -> Result<$answered, StoreError> {
                self.inner.$custody($($given),*).await
            })*
        }

        #[async_trait]
        impl Store for Faulty {
            $(async fn $name(&self, $($argument: $kind),*) -> Result<$answer, StoreError> {
                self.inner.$name($($argument),*).await
            })*

            async fn append_audit(&self, entry: AuditEntry) -> Result<AuditRecord, StoreError> {
                if self.audit_fails.load(Ordering::Relaxed) {
                    return Err(StoreError::Unavailable { action: "append", source: "the disk is full".into() });
                }
                self.inner.append_audit(entry).await
            }
        }
    };
}

pass_on! {
    Store {
        register_version() -> i64;
        load_register() -> Register;
        enrol(register: &Register) -> i64;
        put_zones(zones: &[Zone]) -> i64;
        next_zone_id() -> ZoneId;
        commit_batch(batch: &Batch) -> Stored;
        committed() -> Vec<Committed>;
        snapshots() -> Vec<(WearerId, Vec<u8>)>;
        chains() -> Vec<(DeviceId, Vec<u8>)>;
        frames_of(device: DeviceId, from: UnixMillis, to: UnixMillis, after: Option<FrameKey>, limit: u32) -> Vec<FrameRow>;
        alerts_of(wearer: WearerId, from: UnixMillis, to: UnixMillis) -> Vec<Alert>;
        intervals(wearer: WearerId, from: UnixMillis, to: UnixMillis, after: Option<IntervalKey>, limit: u32) -> Vec<IntervalRecord>;
        zone_versions(zone: ZoneId) -> Vec<Zone>;
        device_last() -> Vec<DeviceLast>;
        trail(wearer: WearerId, from: UnixMillis, to: UnixMillis, after: Option<TrailKey>, limit: u32) -> Vec<TrailPoint>;
        counts() -> Counts;
        save_alerts(saves: &[AlertSave]) -> ();
        alert(id: AlertId) -> Option<Alert>;
        open_alerts() -> Vec<Alert>;
        alerts(page: AlertPage) -> Vec<Alert>;
        quarantine_page(before: Option<u64>, limit: u32) -> Vec<(u64, Quarantined)>;
        user(name: &str) -> Option<User>;
        put_user(user: &User) -> ();
        audit_page(before: Option<u64>, limit: u32) -> Vec<AuditRecord>;
        next_downlink_epoch() -> u32;
        get_meta(key: &str) -> Option<String>;
        set_meta(key: &str, value: &str) -> ();
    }
    Custody {
        search_audit(query: &AuditQuery) -> Vec<AuditRecord>;
        audit_from(after: u64, limit: u32) -> Vec<AuditRecord>;
        put_audit_head(head: &AuditHead) -> ();
        audit_heads(after: u64, limit: u32) -> Vec<AuditHead>;
        last_audit_head() -> Option<AuditHead>;
        snapshot() -> Box<dyn StoreSnapshot>;
        write_rows(entity: &'static Entity, rows: &[Row]) -> ();
        subject(wearer: WearerId) -> Option<Subject>;
        subjects() -> Vec<Subject>;
        set_person(wearer: WearerId, sealed: &[u8]) -> ();
        clear_person(wearer: WearerId) -> ();
        set_keep_days(wearer: WearerId, days: Option<u32>) -> ();
        set_hold(wearer: WearerId, hold: &Hold) -> ();
        release_hold(wearer: WearerId) -> bool;
        history(wearer: WearerId, before: UnixMillis) -> History;
        has_history(wearer: WearerId, before: UnixMillis) -> bool;
        delete_history(wearer: WearerId, before: UnixMillis, rows_max: u32) -> History;
        forget(wearer: WearerId, at: UnixMillis) -> ();
    }
    Inquiry {
        positions_in(boxes: &[BoxE7], from: UnixMillis, to: UnixMillis, after: Option<TrailKey>, limit: u32) -> Vec<Presence>;
        reports(wearer: WearerId, kind: ReportKind, span: (UnixMillis, UnixMillis), after: Option<TrailKey>, limit: u32) -> Vec<Report>;
        received(from: UnixMillis, to: UnixMillis) -> Vec<(WearerId, u64, u64)>;
        search_alerts(search: &AlertSearch) -> Vec<Alert>;
    }
}
