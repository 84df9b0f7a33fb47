//! SQLite: the conformance suite, and what depends on the file.

use crate::samples::{START, add_frame, alert, fix_row, register, zone};
use lenke_alerts::Register;
use lenke_store::{AlertSave, AuditEntry, Batch, SqliteStore, Store, StoreError};
use lenke_wire::{DeviceId, FrameId};
use lenke_zones::WearerId;
use sqlx::{Connection, Row, SqliteConnection};
use std::{path::PathBuf, sync::Arc, time::Duration};
use tempfile::TempDir;

mod tampering;

crate::conformance::conforms_to_all!(conforms, super::fresh);
crate::conformance::conforms_beside_a_transaction!(conforms, super::super::fresh);

/// A store in a directory of its own.
async fn fresh() -> (SqliteStore, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    (SqliteStore::open(&file(&directory)).await.unwrap(), directory)
}

fn file(directory: &TempDir) -> PathBuf {
    directory.path().join("lenke.db")
}

/// A connection past the store, as another program would have it.
async fn connection(directory: &TempDir) -> SqliteConnection {
    SqliteConnection::connect(&format!("sqlite:{}", file(directory).display())).await.unwrap()
}

async fn execute(directory: &TempDir, sql: &'static str) -> Result<(), sqlx::Error> {
    sqlx::query(sql).execute(&mut connection(directory).await).await.map(|_| ())
}

#[tokio::test]
async fn what_was_committed_is_there_after_opening_again() {
    let (store, directory) = fresh().await;
    store.enrol(&register(2)).await.unwrap();
    let mut batch = Batch::default();
    add_frame(&mut batch, 1, FrameId::new(1, 0), START);
    store.commit_batch(&batch).await.unwrap();
    let before = (store.load_register().await.unwrap(), store.counts().await.unwrap());
    store.close().await;
    assert!(!directory.path().join("lenke.db-wal").exists(), "closing leaves one file");
    let again = SqliteStore::open(&file(&directory)).await.unwrap();
    assert_eq!((again.load_register().await.unwrap(), again.counts().await.unwrap()), before);
}

#[tokio::test]
async fn a_batch_that_fails_at_its_end_leaves_nothing() {
    let (store, directory) = fresh().await;
    execute(
        &directory,
        "CREATE TRIGGER fail BEFORE INSERT ON device_last BEGIN SELECT RAISE(ABORT, 'no room'); END",
    )
    .await
    .unwrap();
    let mut batch = Batch::default();
    add_frame(&mut batch, 1, FrameId::new(1, 0), START);
    let before = store.counts().await.unwrap();
    let failed = store.commit_batch(&batch).await;
    assert!(failed.is_err(), "{failed:?}");
    assert_eq!(store.counts().await.unwrap(), before);
    assert_eq!(store.committed().await.unwrap(), []);
    assert_eq!(store.snapshots().await.unwrap(), []);
    // The same batch goes in once the reason is gone.
    execute(&directory, "DROP TRIGGER fail").await.unwrap();
    assert_eq!(store.commit_batch(&batch).await.unwrap().frames, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_write_at_once_and_nothing_fails() {
    let (server, directory) = fresh().await;
    let import = SqliteStore::open(&file(&directory)).await.unwrap();
    let telemetry = async {
        for seq in 0..200 {
            let mut batch = Batch::default();
            add_frame(&mut batch, 1, FrameId::new(1, seq), START.plus_s(i64::from(seq)));
            server.commit_batch(&batch).await.unwrap();
        }
    };
    let zones = async {
        for id in 1..=100 {
            import.put_zones(&[zone(id, 1, 100.0)]).await.unwrap();
        }
    };
    tokio::join!(telemetry, zones);
    assert_eq!(server.register_version().await.unwrap(), 100);
    let counts = import.counts().await.unwrap();
    assert_eq!((counts.fixes, counts.zones), (200, 100));
}

#[tokio::test]
async fn a_writer_waits_for_another_process() {
    let (store, directory) = fresh().await;
    let mut other = connection(&directory).await;
    let transaction = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let write = tokio::spawn(async move { store.put_zones(&[zone(1, 1, 100.0)]).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!write.is_finished());
    transaction.rollback().await.unwrap();
    assert_eq!(write.await.unwrap().unwrap(), 1);
}

#[tokio::test]
async fn a_long_read_blocks_no_writer() {
    let (store, directory) = fresh().await;
    store.put_zones(&[zone(1, 1, 100.0)]).await.unwrap();
    let mut reader = connection(&directory).await;
    let mut snapshot = reader.begin().await.unwrap();
    let count = "SELECT count(*) FROM zone";
    let before: i64 = sqlx::query_scalar(count).fetch_one(&mut *snapshot).await.unwrap();
    store.put_zones(&[zone(2, 1, 100.0)]).await.unwrap();
    let after: i64 = sqlx::query_scalar(count).fetch_one(&mut *snapshot).await.unwrap();
    assert_eq!((before, after), (1, 1), "a snapshot stays as it was");
    assert_eq!(store.counts().await.unwrap().zones, 2);
}

#[tokio::test]
async fn the_file_itself_refuses_to_change_history() {
    let (store, directory) = fresh().await;
    let entry = AuditEntry {
        at: START,
        actor: "kari".to_owned(),
        action: "trail.read".to_owned(),
        object: "W-00001".to_owned(),
        detail: String::new(),
    };
    store.append_audit(entry).await.unwrap();
    store.put_zones(&[zone(1, 1, 100.0)]).await.unwrap();
    for forbidden in ["UPDATE audit SET actor = 'ola'", "DELETE FROM audit", "UPDATE zone SET version = 2"] {
        let refused = execute(&directory, forbidden).await;
        assert!(refused.is_err(), "{forbidden}");
    }
}

#[tokio::test]
async fn a_damaged_row_is_told_apart_from_a_busy_database() {
    let (store, directory) = fresh().await;
    let save = AlertSave { alert: Arc::new(alert(1, 1, START)), merged: Vec::new() };
    store.save_alerts(&[save]).await.unwrap();
    execute(&directory, "UPDATE alert SET body = '{}'").await.unwrap();
    let corrupt = store.open_alerts().await;
    assert!(
        matches!(&corrupt, Err(error @ StoreError::Corrupt { what: "an alert", .. }) if !error.is_transient())
    );
    execute(&directory, "DROP TABLE alert_merged").await.unwrap();
    let broken = store.alert(lenke_alerts::AlertId([1; 16])).await;
    assert!(matches!(&broken, Err(error) if error.is_transient()), "{broken:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let (store, directory) = fresh().await;
    store.set_meta("a", "b").await.unwrap();
    for name in ["lenke.db", "lenke.db-wal", "lenke.db-shm"] {
        let mode = std::fs::metadata(directory.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name}");
    }
}

#[tokio::test]
async fn a_directory_that_is_not_there_is_named() {
    let missing = PathBuf::from("/nowhere/at/all/lenke.db");
    let failed = SqliteStore::open(&missing).await;
    assert!(matches!(&failed, Err(StoreError::Open { path, .. }) if *path == missing), "{failed:?}");
}

#[tokio::test]
async fn a_trail_is_read_along_the_key() {
    let (store, directory) = fresh().await;
    store.enrol(&Register { ..register(1) }).await.unwrap();
    let committed = vec![(DeviceId::new(1), FrameId::new(1, 0))];
    let fixes = vec![fix_row(1, FrameId::new(1, 0), 0, START)];
    store.commit_batch(&Batch { fixes, committed, ..Batch::default() }).await.unwrap();
    assert_eq!(store.trail(WearerId(1), START, START.plus_s(1), None, 1).await.unwrap().len(), 1);
    let plan = sqlx::query(
        "EXPLAIN QUERY PLAN
         WITH RECURSIVE span (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM span WHERE n < 9)
         SELECT fix.* FROM span CROSS JOIN fix WHERE bucket = n AND device = 1 AND at >= 2 AND at < 3",
    )
    .fetch_all(&mut connection(&directory).await)
    .await
    .unwrap();
    let steps: Vec<String> = plan.iter().map(|row| row.get("detail")).collect();
    let expected = "SEARCH fix USING PRIMARY KEY (bucket=? AND device=? AND at>? AND at<?)";
    assert!(steps.iter().any(|step| step == expected), "{steps:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn protected_persons_lie_in_a_file_of_their_own_for_the_owners_eyes() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("victims.db");
    let victims = lenke_store::VictimStore::open_sqlite(&path).await.unwrap();
    let (one, two) = (WearerId(u64::MAX), WearerId(2));
    victims.put_person(one, b"sealed").await.unwrap();
    victims.put_person(two, b"a sealed name that goes").await.unwrap();
    victims.remove(two).await.unwrap();
    victims.close().await;
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0);
    let again = lenke_store::VictimStore::open_sqlite(&path).await.unwrap();
    assert_eq!(again.person(one).await.unwrap().as_deref(), Some(&b"sealed"[..]));
    assert_eq!((again.person(two).await.unwrap(), again.everybody().await.unwrap()), (None, vec![one]));
    let bytes = std::fs::read(&path).unwrap();
    assert!(!bytes.windows(7).any(|window| window == b"a seale"), "what is removed is overwritten");
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1, "no log beside it");
}

#[tokio::test]
async fn every_table_stands_in_the_documentation_with_who_writes_and_reads_it() {
    let (_store, directory) = fresh().await;
    let documented = include_str!("../../../docs/database.md");
    let tables = sqlx::query(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_sqlx%' ESCAPE '\\'
                              AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    )
    .fetch_all(&mut connection(&directory).await)
    .await
    .unwrap();
    assert!(tables.len() > 20);
    for table in tables {
        let name: String = table.get("name");
        assert!(documented.contains(&format!("`{name}`")), "{name}");
    }
}
