//! Data of earlier releases, brought to today's schema by the migrations: nothing of them is lost or changed.
//!
//! `previous/` holds for each release and database a dump (`sqlite3 FILE .dump`; `pg_dump --inserts --no-owner`) of a store
//! that [`fill`](crate::conformance::custody::fill) filled, and every row as that release read it. A release adds its own
//! and changes none; a migration that was released never changes either.

use crate::conformance::custody::key;
use lenke_store::{
    Batch, Database, PostgresConfig, PostgresStore, SqliteStore,
    audit::verify,
    entities::{Column, Entity},
};
use lenke_test_cluster::Cluster;
use lenke_wire::FrameId;
use lenke_zones::WearerId;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};

/// Tables with the columns that a release had, and their rows as CSV: `= name column,column` and a line for each row.
fn tables(rows: &str) -> Vec<(&str, Vec<&str>, Vec<&str>)> {
    let mut tables = Vec::new();
    for table in rows.split("\n= ") {
        let (head, lines) = table.split_once('\n').unwrap_or((table, ""));
        let (name, columns) = head.trim_start_matches("= ").split_once(' ').unwrap();
        let mut lines: Vec<_> = lines.lines().collect();
        lines.sort_unstable();
        tables.push((name, columns.split(',').collect(), lines));
    }
    tables
}

/// Whether `store` holds exactly `rows`, in the columns that there were.
async fn assert_holds(store: &dyn Database, rows: &str) {
    let mut snapshot = store.snapshot().await.unwrap();
    for (name, columns, expected) in tables(rows) {
        let entity = Entity::named(name).unwrap();
        let places: Vec<_> = columns
            .iter()
            .map(|wanted| entity.columns.iter().position(|column| column.name == *wanted).unwrap())
            .collect();
        let kept: Vec<Column> = places.iter().map(|place| entity.columns[*place]).collect();
        let then = Entity { name: entity.name, columns: kept.leak(), key: 1 };
        let found = snapshot.read_rows(entity, None, 10_000).await.unwrap();
        let project =
            |row: &Vec<_>| then.to_csv(&places.iter().map(|place| Clone::clone(&row[*place])).collect());
        let found: String = found.iter().map(|row| project(row) + "\n").collect();
        let mut found: Vec<_> = found.lines().collect();
        found.sort_unstable();
        assert_eq!(found, expected, "{name}");
    }
}

/// What the release left is there, and today's program works on.
async fn assert_goes_on(store: &dyn Database, rows: &str) {
    assert_holds(store, rows).await;
    let register = store.load_register().await.unwrap();
    assert_eq!((register.wearers.len(), register.devices.len(), register.activations.len()), (2, 2, 2));
    let counts = store.counts().await.unwrap();
    assert_eq!((counts.fixes, counts.health, counts.frames, counts.alerts), (60, 60, 60, 1));
    let start = crate::samples::START;
    let trail = store.trail(WearerId(2), start, start.plus_s(86_400), None, 100).await.unwrap();
    assert_eq!(trail.len(), 30);
    assert_eq!(store.device_last().await.unwrap().len(), 2);
    let log = verify::verify(store, Vec::new(), &[key().verifying_key().to_bytes()]).await.unwrap();
    assert_eq!((log.entries, log.heads, log.broken), (1, 1, None));
    let mut batch = Batch::default();
    for seq in [29, 30] {
        crate::samples::add_frame(&mut batch, 1, FrameId::new(1, seq), start.plus_s(600 * i64::from(seq)));
    }
    let stored = store.commit_batch(&batch).await.unwrap();
    assert_eq!((stored.frames, stored.duplicate_frames, stored.rows), (1, 1, 4), "a frame of then is known");
}

#[tokio::test]
async fn a_sqlite_file_of_november_2026_is_brought_to_todays_schema() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lenke.db");
    let url = format!("sqlite:{}?mode=rwc", path.display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    connection.execute(include_str!("previous/2026-11-sqlite.sql")).await.unwrap();
    connection.close().await.unwrap();
    let store = SqliteStore::open(&path).await.unwrap();
    assert_goes_on(&store, include_str!("previous/2026-11-sqlite.csv")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgres_database_of_november_2026_is_brought_to_todays_schema() {
    let cluster = Cluster::start().await;
    let url = cluster.database("previous").await;
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let dump = AssertSqlSafe(include_str!("previous/2026-11-postgres.sql").to_owned());
    sqlx::raw_sql(dump).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let store = PostgresStore::open(&PostgresConfig::new(url)).await.unwrap();
    assert_goes_on(&store, include_str!("previous/2026-11-postgres.csv")).await;
}
