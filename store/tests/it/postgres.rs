//! PostgreSQL: the conformance suite on a server of the test's own, and what depends on the server.

use crate::samples::{START, add_frame, fix_row};
use lenke_store::{
    AuditEntry, Batch, Custody, PostgresConfig, PostgresStore, Store, StoreError, Upkeep, postgres::Layout,
};
use lenke_test_cluster::{Cluster, program};
use lenke_wire::{DeviceId, FrameId};
use sqlx::Executor;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

mod plans;
mod tls;
mod victims;

crate::conformance::conforms_to_all!(conforms_by_subject, Server::start);
crate::conformance::conforms_beside_a_transaction!(conforms_by_subject, super::Server::start);

/// A server with a fresh database for each store.
struct Server {
    cluster: Cluster,
}

impl Server {
    async fn start() -> Self {
        Self { cluster: Cluster::start().await }
    }

    async fn fresh(&self, name: &str) -> PostgresStore {
        let url = self.cluster.database(name).await;
        PostgresStore::open(&PostgresConfig::new(url)).await.unwrap()
    }
}

/// `frames` frames of one fix from each of `devices` devices, ten seconds apart from frame `first` on.
fn fixes(devices: u64, first: u32, frames: u32) -> Batch {
    let mut batch = Batch::default();
    for seq in first..first + frames {
        for device in 1..=devices {
            let frame = FrameId::new(1, seq);
            batch.fixes.push(fix_row(device, frame, 0, START.plus_s(10 * i64::from(seq))));
            batch.committed.push((DeviceId::new(device), frame));
        }
    }
    batch
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_batches_are_copied_and_what_is_there_is_left_out() {
    let server = Server::start().await;
    let store = server.fresh("copied").await;
    let batch = fixes(100, 0, 50);
    assert_eq!(store.commit_batch(&batch).await.unwrap().rows, 5_000);
    assert_eq!(store.commit_batch(&batch).await.unwrap().rows, 0);
    // Rows without their committed frames, as after restoring only some tables: found by their keys.
    let mut connection = server.cluster.connection("copied").await;
    connection.execute("DELETE FROM committed WHERE device <= 60").await.unwrap();
    let stored = store.commit_batch(&fixes(100, 0, 60)).await.unwrap();
    assert_eq!((stored.frames, stored.rows), (60 * 60 + 40 * 10, 1_000));
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM fix").fetch_one(&mut connection).await.unwrap();
    assert_eq!(rows, 6_000);
    assert_eq!(store.counts().await.unwrap().fixes, 6_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn partitions_come_with_the_rows_and_come_back_after_they_were_dropped() {
    let server = Server::start().await;
    let store = server.fresh("partitions").await;
    assert_eq!(store.layout(), Layout::Partitions);
    store.commit_batch(&fixes(1, 0, 2)).await.unwrap();
    let mut connection = server.cluster.connection("partitions").await;
    connection.execute("DROP TABLE fix_20260101").await.unwrap();
    store.commit_batch(&fixes(1, 2, 2)).await.unwrap();
    let rows: i64 =
        sqlx::query_scalar("SELECT count(*) FROM fix_20260101").fetch_one(&mut connection).await.unwrap();
    assert_eq!(rows, 2);
    // Two stores that need the same new partition at once.
    let other = PostgresStore::open(&PostgresConfig::new(server.cluster.url("partitions"))).await.unwrap();
    let (week_later, same) = (fixes(1, 70_000, 1), fixes(2, 70_001, 1));
    let (one, two) = tokio::join!(store.commit_batch(&week_later), other.commit_batch(&same));
    assert_eq!((one.unwrap().rows, two.unwrap().rows), (1, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_in_mid_batch_loses_and_doubles_nothing() {
    const BATCHES: u32 = 60;
    let mut cluster = Cluster::start().await;
    let url = cluster.database("killed").await;
    let store = PostgresStore::open(&PostgresConfig::new(&url)).await.unwrap();
    let done = Arc::new(AtomicBool::new(false));
    // What the writer does: the same batch until it is in.
    let writer = tokio::spawn({
        let (store, done) = (store.clone(), Arc::clone(&done));
        async move {
            let mut failures = 0_u32;
            for number in 0..BATCHES {
                let batch = fixes(300, number * 10, 10);
                while let Err(error) = store.commit_batch(&batch).await {
                    assert!(error.is_transient(), "{error:?}");
                    failures += 1;
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
            done.store(true, Ordering::Relaxed);
            failures
        }
    });
    let mut kills = 0;
    while !done.load(Ordering::Relaxed) && kills < 4 {
        tokio::time::sleep(Duration::from_millis(350)).await;
        cluster.kill();
        cluster.start_again().await;
        kills += 1;
    }
    let failures = writer.await.unwrap();
    assert!(failures > 0, "no batch met a kill");
    let counts = store.counts().await.unwrap();
    assert_eq!((counts.frames, counts.fixes), (u64::from(BATCHES) * 3_000, u64::from(BATCHES) * 3_000));
    let mut connection = cluster.connection("killed").await;
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM fix").fetch_one(&mut connection).await.unwrap();
    assert_eq!(rows, i64::from(BATCHES) * 3_000);
    assert!(store.committed().await.unwrap().iter().all(|set| set.ranges.count() == u64::from(BATCHES) * 10));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_that_fails_at_its_end_leaves_nothing() {
    let server = Server::start().await;
    let store = server.fresh("failing").await;
    let mut connection = server.cluster.connection("failing").await;
    connection
        .execute(
            "CREATE TRIGGER fail BEFORE INSERT ON device_last
             FOR EACH STATEMENT EXECUTE FUNCTION never_changes('no room')",
        )
        .await
        .unwrap();
    let mut batch = Batch::default();
    add_frame(&mut batch, 1, FrameId::new(1, 0), START);
    let before = store.counts().await.unwrap();
    assert!(store.commit_batch(&batch).await.is_err());
    assert_eq!(store.counts().await.unwrap(), before);
    assert_eq!((store.committed().await.unwrap(), store.snapshots().await.unwrap()), (vec![], vec![]));
    connection.execute("DROP TRIGGER fail ON device_last").await.unwrap();
    assert_eq!(store.commit_batch(&batch).await.unwrap().frames, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_centres_that_start_at_once_migrate_once() {
    let server = Server::start().await;
    let url = server.cluster.database("twice").await;
    let config = PostgresConfig::new(url);
    let (one, two) = tokio::join!(PostgresStore::open(&config), PostgresStore::open(&config));
    let (one, two) = (one.unwrap(), two.unwrap());
    one.set_meta("a", "1").await.unwrap();
    assert_eq!(two.get_meta("a").await.unwrap().as_deref(), Some("1"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_statement_is_ended_and_may_be_tried_again() {
    let server = Server::start().await;
    let url = server.cluster.database("slow").await;
    let config = PostgresConfig::new(url).with_statement_max(Duration::from_millis(200));
    let store = PostgresStore::open(&config).await.unwrap();
    let mut other = server.cluster.connection("slow").await;
    other.execute("BEGIN; LOCK TABLE meta IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let failed = store.get_meta("a").await;
    assert!(matches!(&failed, Err(StoreError::Unavailable { .. })), "{failed:?}");
    other.execute("ROLLBACK").await.unwrap();
    assert_eq!(store.get_meta("a").await.unwrap(), None);
}

#[tokio::test]
async fn an_address_without_a_server_names_it_and_not_the_password() {
    let failed = PostgresStore::open(&PostgresConfig::new("postgres://a:hemmelig@127.0.0.1:1/lenke")).await;
    let error = failed.map(|_| ()).unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(text.contains("127.0.0.1:1/lenke") && !text.contains("hemmelig"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trail_goes_along_the_index_of_the_partitions_of_its_window_only() {
    let server = Server::start().await;
    let store = server.fresh("plans").await;
    store.enrol(&crate::samples::register(50)).await.unwrap();
    // 50 tags in each of three weeks.
    for week in 0..3 {
        store.commit_batch(&fixes(50, week * 60_480, 60)).await.unwrap();
    }
    let mut connection = server.cluster.connection("plans").await;
    connection.execute("ANALYZE fix").await.unwrap();
    // A session tells what it did when it ends, and now and then.
    store.close().await;
    connection.execute("SELECT pg_stat_reset()").await.unwrap();
    let store = PostgresStore::open(&PostgresConfig::new(server.cluster.url("plans"))).await.unwrap();
    let from = START.plus_s(7 * 86_400);
    let trail = store.trail(lenke_zones::WearerId(7), from, from.plus_s(3_600), None, 100).await.unwrap();
    assert_eq!(trail.len(), 60);
    store.close().await;
    let mut scans: Vec<(String, i64, i64)> = Vec::new();
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        scans = sqlx::query_as(
            "SELECT relname::text, seq_scan, idx_scan FROM pg_stat_user_tables
             WHERE relname LIKE 'fix\\_%' AND seq_scan + idx_scan > 0",
        )
        .fetch_all(&mut connection)
        .await
        .unwrap();
        if !scans.is_empty() {
            break;
        }
    }
    let [(name, by_rows, by_index)] = scans.as_slice() else { panic!("not one partition: {scans:?}") };
    assert_eq!((name.as_str(), *by_rows), ("fix_20260108", 0));
    assert!(*by_index >= 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn partitions_are_made_ahead_and_go_when_retention_emptied_them() {
    let server = Server::start().await;
    let store = server.fresh("upkeep").await;
    store.enrol(&crate::samples::register(1)).await.unwrap();
    store.commit_batch(&fixes(1, 0, 5)).await.unwrap();
    let now = START.plus_s(100 * 86_400);
    let before = store.condition(now).await.unwrap();
    let ahead = |condition: &lenke_store::upkeep::Condition| {
        condition.headroom.iter().find(|limit| limit.what == "partitions ahead").unwrap().used
    };
    assert!(ahead(&before) > 0.99, "{before:?}");
    let kept = store.keep_up(now).await.unwrap();
    // Five weeks of five tables; of the first week all are empty but that of positions.
    assert_eq!((kept.partitions_added, kept.partitions_dropped), (25, 4));
    assert!(ahead(&store.condition(now).await.unwrap()) < 0.01);
    assert_eq!(store.keep_up(now).await.unwrap(), lenke_store::upkeep::Kept::default());
    store.delete_history(lenke_zones::WearerId(1), now, 100).await.unwrap();
    assert_eq!(store.keep_up(now).await.unwrap().partitions_dropped, 1);
    // A backlog of that week still finds its place.
    assert_eq!(store.commit_batch(&fixes(1, 5, 5)).await.unwrap().rows, 5);
}

/// A wearer of whom nothing is kept has no row that a lock could be on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_hold_is_set_nothing_goes_that_was_being_deleted_meanwhile() {
    let server = Server::start().await;
    let store = server.fresh("held").await;
    store.enrol(&crate::samples::register(1)).await.unwrap();
    store.commit_batch(&fixes(1, 0, 50)).await.unwrap();
    let mut connection = server.cluster.connection("held").await;
    connection
        .execute(
            "CREATE FUNCTION take_long() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN PERFORM pg_sleep(0.5); RETURN NULL; END $$;
             CREATE TRIGGER slow BEFORE DELETE ON fix FOR EACH STATEMENT EXECUTE FUNCTION take_long()",
        )
        .await
        .unwrap();
    let (wearer, all) = (lenke_zones::WearerId(1), lenke_wire::UnixMillis(i64::MAX));
    let deleting = tokio::spawn({
        let store = store.clone();
        async move { store.delete_history(wearer, all, 10).await }
    });
    let asleep = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep')";
    while !sqlx::query_scalar::<_, bool>(asleep).fetch_one(&mut connection).await.unwrap() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let hold = lenke_store::Hold { since: START, by: "kari".to_owned(), reason: "klage".to_owned() };
    store.set_hold(wearer, &hold).await.unwrap();
    let held = store.counts().await.unwrap().fixes;
    assert_eq!(deleting.await.unwrap().unwrap().fixes, 10, "it had begun before");
    assert_eq!((held, store.counts().await.unwrap().fixes), (40, 40), "nothing goes after the hold is set");
    let next = store.delete_history(wearer, all, 10).await;
    assert!(matches!(next, Err(StoreError::Held { .. })), "{next:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_partition_that_somebody_reads_is_dropped_another_time_and_holds_nobody_up() {
    let server = Server::start().await;
    let store = server.fresh("busy").await;
    store.commit_batch(&fixes(1, 0, 1)).await.unwrap();
    let mut reader = server.cluster.connection("busy").await;
    for sql in ["DELETE FROM fix", "BEGIN", "SELECT FROM sighting"] {
        reader.execute(sql).await.unwrap();
    }
    let now = START.plus_s(100 * 86_400);
    let kept = tokio::time::timeout(Duration::from_secs(10), store.keep_up(now)).await.unwrap().unwrap();
    assert_eq!((kept.partitions_dropped, kept.partitions_busy), (4, 1));
    reader.execute("COMMIT").await.unwrap();
    let kept = store.keep_up(now).await.unwrap();
    assert_eq!((kept.partitions_dropped, kept.partitions_busy), (1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_ids_beyond_31_bits_are_read_and_paged() {
    let server = Server::start().await;
    let store = server.fresh("ids").await;
    let mut connection = server.cluster.connection("ids").await;
    connection.execute("SELECT setval('quarantine_id_seq', 5000000000)").await.unwrap();
    let quarantined = (0..3).map(crate::samples::quarantined).collect();
    store.commit_batch(&Batch { quarantined, ..Batch::default() }).await.unwrap();
    let page = store.quarantine_page(None, 2).await.unwrap();
    assert_eq!(page.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [5_000_000_003, 5_000_000_002]);
    let next = store.quarantine_page(Some(page[1].0), 2).await.unwrap();
    assert_eq!(next.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [5_000_000_001]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_database_itself_refuses_to_change_the_audit_log() {
    let server = Server::start().await;
    let store = server.fresh("append_only").await;
    let entry = AuditEntry {
        at: START,
        actor: "kari".to_owned(),
        action: "trail.read".to_owned(),
        object: "W-00001\0".to_owned(),
        detail: String::new(),
    };
    let record = store.append_audit(entry).await.unwrap();
    assert_eq!(
        store.audit_page(None, 1).await.unwrap(),
        [record],
        "also with a letter that texts cannot hold"
    );
    let mut connection = server.cluster.connection("append_only").await;
    for sql in ["UPDATE audit SET actor = 'ola'", "DELETE FROM audit", "TRUNCATE audit"] {
        assert!(connection.execute(sql).await.is_err(), "{sql}");
    }
}

/// What the documentation says of backups, done.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dump_restores_into_another_database_and_goes_on() {
    let server = Server::start().await;
    let store = server.fresh("dumped").await;
    store.enrol(&crate::samples::register(2)).await.unwrap();
    store.commit_batch(&fixes(2, 0, 100)).await.unwrap();
    let before = (store.load_register().await.unwrap(), store.counts().await.unwrap());
    let restored = server.cluster.database("restored").await;
    let folder = server.cluster.folder();
    let dump = folder.join("dump");
    let dumped = program("pg_dump")
        .args(["--format=custom", "--file"])
        .arg(&dump)
        .arg(server.cluster.url("dumped"))
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(dumped.status.success(), "{}", String::from_utf8_lossy(&dumped.stderr));
    let loaded = program("pg_restore")
        .args(["--exit-on-error", "--dbname", &restored])
        .arg(&dump)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(loaded.status.success(), "{}", String::from_utf8_lossy(&loaded.stderr));
    let again = PostgresStore::open(&PostgresConfig::new(restored)).await.unwrap();
    assert_eq!((again.load_register().await.unwrap(), again.counts().await.unwrap()), before);
    assert_eq!(again.commit_batch(&fixes(2, 50, 100)).await.unwrap().rows, 100, "half of it was there");
}
