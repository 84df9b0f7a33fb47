//! TimescaleDB's columns: bytes of a row, and a search of place and time. The engine is WebAssembly, some times slower
//! than a native one: sizes hold, times are an upper bound.

use crate::{
    Figure,
    postgres::register,
    workload::{BATCH, START, batch, fix, median_ms, timed},
};
use lenke_store::{Inquiry, PostgresConfig, PostgresStore, Store, inquiry::BoxE7};
use lenke_zones::{Geometry, Metres};
use sqlx::{Connection, Executor, PgConnection};
use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

/// Batches, and of a quick run: 50 hold 100 minutes of 5 000 tags.
const BATCHES: u64 = 100;
const BATCHES_QUICK: u64 = 50;
const READS: u64 = 21;

pub(crate) async fn run(quick: bool) -> Vec<Figure> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/timescale");
    if !folder.join("node_modules").is_dir() {
        println!("TimescaleDB: not measured, `npm --prefix tests/timescale ci` installs it");
        return Vec::new();
    }
    let mut process = Command::new("node")
        .arg("server.mjs")
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let port = line.strip_prefix("ready ").unwrap().trim().to_owned();
    let url = format!("postgres://postgres@127.0.0.1:{port}/postgres?sslmode=disable");
    let figures = measure(&url, if quick { BATCHES_QUICK } else { BATCHES }).await;
    process.kill().unwrap();
    process.wait().unwrap();
    figures
}

async fn measure(url: &str, batches: u64) -> Vec<Figure> {
    let store = PostgresStore::open(&PostgresConfig::new(url)).await.unwrap();
    store.enrol(&register(5_000)).await.unwrap();
    for number in 0..batches {
        store.commit_batch(&batch(number)).await.unwrap();
    }
    let rows = batches * BATCH as u64;
    let mut connection =
        PgConnection::connect(&format!("{url}&options=-c%20search_path%3Dlenke,public")).await.unwrap();
    connection.execute("SELECT compress_chunk(chunk) FROM show_chunks('fix') AS chunk").await.unwrap();
    let bytes: i64 = sqlx::query_scalar(
        "SELECT sum(after_compression_total_bytes)::bigint FROM chunk_compression_stats('fix')",
    )
    .fetch_one(&mut connection)
    .await
    .unwrap();
    let per_row = bytes as f64 / rows as f64;
    let mut times = Vec::new();
    for number in 0..READS {
        let area = Geometry::circle(fix(number + 1, 30).position, Metres(500.0)).unwrap();
        let boxes = BoxE7::around(area.bounds());
        let from = START.plus_s(60 * i64::try_from(number).unwrap());
        let (found, time) = timed(store.positions_in(&boxes, from, from.plus_s(1_800), None, 10_000)).await;
        found.unwrap();
        times.push(time);
    }
    let place = median_ms(times);
    println!(
        "TimescaleDB (WebAssembly), {rows} fixes in columns: {per_row:.1} B a row, place and time {place:.1} ms"
    );
    vec![
        Figure { name: "columns_bytes_per_row", value: per_row, goal: 60.0 },
        Figure { name: "columns_place_ms", value: place, goal: 10.0 },
    ]
}
