//! TimescaleDB: the conformance suite, and what hypertables do. The server is PostgreSQL with the extension in
//! WebAssembly (`tests/timescale`): one session, no background workers, nothing to crash. What needs those runs on
//! PostgreSQL itself.

use crate::samples::{self, START, fix_row};
use lenke_store::{Batch, Inquiry as _, PostgresConfig, PostgresStore, Store, postgres::Layout};
use lenke_wire::{DeviceId, FrameId};
use sqlx::{Connection, Executor, PgConnection};
use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

crate::conformance::conforms_to_all!(conforms_by_subject, Server::start);

/// A server with a fresh schema for each store.
struct Server {
    process: Child,
    port: u16,
}

impl Server {
    #[expect(clippy::unused_async, reason = "as the other servers start")]
    async fn start() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/timescale");
        assert!(
            folder.join("node_modules").is_dir(),
            "TimescaleDB for tests is not installed: run `npm --prefix tests/timescale ci`"
        );
        let mut process = Command::new("node")
            .arg("server.mjs")
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the tests need `node`: install the package nodejs");
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.strip_prefix("ready ").and_then(|port| port.trim().parse().ok());
        Self { process, port: port.unwrap_or_else(|| panic!("the server said `{line}`")) }
    }

    fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres?sslmode=disable", self.port)
    }

    async fn fresh(&self, name: &str) -> PostgresStore {
        let schema = name.get(..name.len().min(60)).unwrap();
        PostgresStore::open(&PostgresConfig::new(self.url()).with_schema(schema)).await.unwrap()
    }

    /// A connection past the store.
    async fn connection(&self, schema: &str) -> PgConnection {
        let url = format!("{}&options=-c%20search_path%3D{schema},public", self.url());
        PgConnection::connect(&url).await.unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Already gone is what is wanted.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// A day of one fix a minute from each of `devices` devices, from day `day` on.
fn day(devices: u64, day: u32) -> Batch {
    let mut batch = Batch::default();
    for minute in day * 1_440..(day + 1) * 1_440 {
        for device in 1..=devices {
            let frame = FrameId::new(1, minute);
            let mut row = fix_row(device, frame, 0, START);
            row.fix.at = START.plus_s(60 * i64::from(minute));
            row.received_at = row.fix.at.plus_s(1);
            batch.fixes.push(row);
            batch.committed.push((DeviceId::new(device), frame));
        }
    }
    batch
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn days_become_chunks_chunks_become_columns_and_late_rows_still_find_their_place() {
    let server = Server::start().await;
    let store = server.fresh("columns").await;
    assert_eq!(store.layout(), Layout::Timescale);
    store.enrol(&samples::register(4)).await.unwrap();
    for number in 0..3 {
        assert_eq!(store.commit_batch(&day(4, number)).await.unwrap().rows, 4 * 1_440);
    }
    let mut connection = server.connection("columns").await;
    let chunks: Vec<String> =
        sqlx::query_scalar("SELECT show_chunks('fix')::text").fetch_all(&mut connection).await.unwrap();
    assert_eq!(chunks.len(), 3);
    let trail =
        store.trail(lenke_zones::WearerId(2), START, START.plus_s(200_000), None, 9_000).await.unwrap();
    connection
        .execute("SELECT compress_chunk(chunk) FROM show_chunks('fix') AS chunk LIMIT 2")
        .await
        .unwrap();
    let again =
        store.trail(lenke_zones::WearerId(2), START, START.plus_s(200_000), None, 9_000).await.unwrap();
    assert_eq!(again, trail);
    // A backlog that comes into columns, a large one too, and once.
    let mut late = day(4, 0);
    for row in &mut late.fixes {
        row.frame.epoch.0 = 2;
    }
    late.committed.iter_mut().for_each(|(_, frame)| frame.epoch.0 = 2);
    assert_eq!(store.commit_batch(&late).await.unwrap().rows, 4 * 1_440);
    assert_eq!(store.commit_batch(&late).await.unwrap().rows, 0);
    connection.execute("DELETE FROM committed").await.unwrap();
    assert_eq!(store.commit_batch(&late).await.unwrap().rows, 0, "found by their keys");
    assert_eq!(store.counts().await.unwrap().fixes, 4 * 4 * 1_440);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hours_are_kept_by_the_database_and_asked_for() {
    let server = Server::start().await;
    let store = server.fresh("hours").await;
    store.enrol(&samples::register(4)).await.unwrap();
    for number in 0..2 {
        store.commit_batch(&day(4, number)).await.unwrap();
    }
    let window = (START.plus_s(3_600), START.plus_s(86_400 + 7_200));
    let of_each =
        |fixes| -> Vec<_> { (1..=4).map(|wearer| (lenke_zones::WearerId(wearer), fixes, 0)).collect() };
    let received = async || {
        let mut received = store.received(window.0, window.1).await.unwrap();
        received.sort_unstable();
        received
    };
    let mut connection = server.connection("hours").await;
    assert_eq!(received().await, of_each(25 * 60), "counted while nothing is kept");
    let kept = "SELECT coalesce(sum(fixes), 0)::bigint FROM fix_hour";
    let refresh = "CALL refresh_continuous_aggregate('fix_hour', NULL, NULL)";
    connection
        .execute("ALTER MATERIALIZED VIEW fix_hour SET (timescaledb.materialized_only = true)")
        .await
        .unwrap();
    let rows: i64 = sqlx::query_scalar(kept).fetch_one(&mut connection).await.unwrap();
    assert_eq!(rows, 0);
    connection.execute(refresh).await.unwrap();
    let rows: i64 = sqlx::query_scalar(kept).fetch_one(&mut connection).await.unwrap();
    assert_eq!(rows, 2 * 4 * 1_440, "kept now");
    assert_eq!(received().await, of_each(25 * 60), "and asked for: nothing else is looked at");
    // A backlog comes into hours that are kept: the next refresh, every half hour, counts them again.
    let mut late = day(1, 0);
    late.fixes.iter_mut().for_each(|row| row.frame.epoch.0 = 2);
    late.committed.iter_mut().for_each(|(_, frame)| frame.epoch.0 = 2);
    store.commit_batch(&late).await.unwrap();
    connection.execute(refresh).await.unwrap();
    let first = received().await[0];
    assert_eq!(first, (lenke_zones::WearerId(1), 25 * 60 + 23 * 60, 0));
    let jobs: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM timescaledb_information.jobs WHERE proc_name = 'policy_refresh_continuous_aggregate'",
    )
    .fetch_one(&mut connection)
    .await
    .unwrap();
    assert_eq!(jobs, 1);
}
