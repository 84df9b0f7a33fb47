//! SQLite: the write path beside bare prepared inserts, and whether it stays as fast when the file grows.

use crate::{
    Figure,
    workload::{BATCH, batch, rate, timed},
};
use lenke_store::{FixRow, SqliteStore, Store};
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};
use std::{sync::Arc, time::Duration};

/// Batches that ours writes, and of a quick run; those that the peer writes too.
const BATCHES: u64 = 1_000;
const BATCHES_QUICK: u64 = 100;
const BESIDE: u64 = 60;
/// Rows of the peer's statement: as many as ours.
const CHUNK: usize = 64;
const BUCKET_MS: i64 = 600_000;

pub(crate) async fn run(quick: bool) -> Vec<Figure> {
    let batches = if quick { BATCHES_QUICK } else { BATCHES };
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("ours.db")).await.unwrap();
    let path = folder.path().join("bare.db");
    SqliteStore::open(&path).await.unwrap().close().await;
    let mut bare = SqliteConnection::connect(&format!("sqlite:{}", path.display())).await.unwrap();
    for pragma in ["PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA cache_size = -16384"] {
        sqlx::query(pragma).execute(&mut bare).await.unwrap();
    }
    let (mut ours, mut theirs) = (Vec::new(), Duration::ZERO);
    for number in 0..batches {
        let batch = batch(number);
        let (stored, time) = timed(store.commit_batch(&batch)).await;
        assert_eq!(stored.unwrap().rows, BATCH as u64);
        ours.push(time);
        if number < BESIDE {
            let mut rows = batch.fixes;
            rows.sort_by_key(|row| {
                (row.fix.at.0.div_euclid(BUCKET_MS), row.device, row.fix.at, row.frame, row.index)
            });
            theirs += timed(insert(&mut bare, &rows)).await.1;
        }
    }
    let beside: Duration = ours.iter().take(usize::try_from(BESIDE).unwrap()).sum();
    let rows = BATCH * usize::try_from(BESIDE).unwrap();
    let tenth = ours.len() / 10;
    let (first, last): (Duration, Duration) =
        (ours.iter().take(tenth).sum(), ours.iter().rev().take(tenth).sum());
    println!(
        "SQLite, first {rows} fixes: ours {:.0}/s, bare prepared inserts {:.0}/s; of {} the last tenth {:.0}/s, the first {:.0}/s",
        rate(rows, beside),
        rate(rows, theirs),
        BATCH * ours.len(),
        rate(BATCH * tenth, last),
        rate(BATCH * tenth, first)
    );
    vec![
        Figure { name: "sqlite_write", value: theirs.as_secs_f64() / beside.as_secs_f64(), goal: 0.8 },
        Figure { name: "sqlite_flat", value: first.as_secs_f64() / last.as_secs_f64(), goal: 0.8 },
    ]
}

/// One transaction of prepared inserts.
async fn insert(connection: &mut SqliteConnection, rows: &[FixRow]) {
    let mut transaction = connection.begin().await.unwrap();
    let statement = |rows: usize| -> Arc<str> {
        let values = vec!["(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"; rows].join(",");
        format!(
            "INSERT INTO fix (bucket, device, at, epoch, seq, idx, wearer, lat_e7, lon_e7, accuracy_dm, speed_cm_s,
                 course_cdeg, satellites, time_source, received_at, late) VALUES {values}"
        )
        .into()
    };
    let whole = statement(CHUNK);
    for chunk in rows.chunks(CHUNK) {
        let sql = if chunk.len() == CHUNK { whole.clone() } else { statement(chunk.len()) };
        let query = chunk.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, row| {
            query
                .bind(row.fix.at.0.div_euclid(BUCKET_MS))
                .bind(row.device.number().cast_signed())
                .bind(row.fix.at.0)
                .bind(row.frame.epoch.0)
                .bind(row.frame.seq.0)
                .bind(row.index)
                .bind(row.wearer.0.cast_signed())
                .bind(row.fix.position.lat_e7())
                .bind(row.fix.position.lon_e7())
                .bind(row.fix.accuracy_dm)
                .bind(row.fix.speed_cm_s)
                .bind(row.fix.course_cdeg)
                .bind(row.fix.satellites)
                .bind(row.fix.time_source as u8)
                .bind(row.received_at.0)
                .bind(row.late)
        });
        query.execute(&mut *transaction).await.unwrap();
    }
    transaction.commit().await.unwrap();
}
