//! The plans that the queries have, as the server tells them of the very statements that the store sends: which index,
//! and only the weeks that are asked for.

use crate::samples::{START, fix_row, register};
use lenke_store::{
    AlertSave, Batch, Inquiry as _, PostgresConfig, PostgresStore, ReportKind, Store as _,
    inquiry::{AlertSearch, BoxE7},
};
use lenke_test_cluster::Cluster;
use lenke_wire::{DeviceId, FrameId, Position, UnixMillis};
use lenke_zones::WearerId;
use sqlx::Executor;
use std::sync::Arc;

const DEVICES: u64 = 40;
const DAY_S: i64 = 86_400;
const SETTINGS: &[&str] = &[
    "fsync=off",
    "full_page_writes=off",
    "session_preload_libraries=auto_explain",
    "auto_explain.log_min_duration=0",
    "auto_explain.log_nested_statements=on",
    "log_statement=none",
];

/// A fix a minute of every device on the first day of each of three weeks.
async fn fill(store: &PostgresStore) {
    store.enrol(&register(DEVICES)).await.unwrap();
    for week in 0..3_u32 {
        let mut minute = 0;
        while minute < 1_440 {
            let mut batch = Batch::default();
            for minute in minute..minute + 240 {
                for device in 1..=DEVICES {
                    let frame = FrameId::new(1, week * 1_440 + minute);
                    let at = START.plus_s(7 * DAY_S * i64::from(week) + 60 * i64::from(minute));
                    let mut row = fix_row(device, frame, 0, START);
                    (row.fix.at, row.received_at) = (at, at.plus_s(1));
                    if device == 3 {
                        row.fix.position = Position::from_e7(610_050_000, 110_050_000).unwrap();
                    }
                    batch.fixes.push(row);
                    batch.committed.push((DeviceId::new(device), frame));
                }
            }
            store.commit_batch(&batch).await.unwrap();
            minute += 240;
        }
    }
}

/// What the server planned for statements that hold `table`, since `from` of its log.
fn plans(cluster: &Cluster, from: usize, table: &str) -> String {
    let log = cluster.log();
    let new = log.get(from..).unwrap_or_default();
    new.split("LOG:  duration:").filter(|entry| entry.contains(table) && entry.contains("cost=")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn queries_use_their_indexes_and_look_into_the_weeks_that_they_ask_for() {
    let cluster = Cluster::start_with(SETTINGS).await;
    let store = PostgresStore::open(&PostgresConfig::new(cluster.database("plans").await)).await.unwrap();
    fill(&store).await;
    let alerts = (1..=200_u8).map(|id| {
        let alert = crate::samples::alert(id, u64::from(id % 20), START.plus_s(id.into()));
        AlertSave { alert: Arc::new(alert), merged: Vec::new() }
    });
    store.save_alerts(&alerts.collect::<Vec<_>>()).await.unwrap();
    cluster.connection("plans").await.execute("VACUUM ANALYZE").await.unwrap();
    // The first day of the second week.
    let day = START.plus_s(7 * DAY_S);

    let seen = cluster.log().len();
    let trail = store.trail(WearerId(7), day, day.plus_s(DAY_S), None, 10_000).await.unwrap();
    assert_eq!(trail.len(), 1_440);
    let plan = plans(&cluster, seen, "FROM fix");
    assert!(plan.contains("fix_20260108_pkey") && !plan.contains("Seq Scan on fix"), "{plan}");
    assert!(!plan.contains("fix_20260101") && !plan.contains("fix_20260115"), "one week only: {plan}");

    let seen = cluster.log().len();
    // Too large to look its cells up one by one.
    let around = BoxE7 { south: 595_000_000, north: 605_000_000, west: 100_000_000, east: 109_000_000 };
    let found =
        store.positions_in(&[around], day.plus_s(36_000), day.plus_s(36_600), None, 10_000).await.unwrap();
    assert_eq!(found.len(), 10 * (DEVICES as usize - 1));
    let plan = plans(&cluster, seen, "FROM fix");
    // By the time's summaries or, in a table as small as this, by the times in the cells' index.
    assert!(plan.contains("_at_idx") && !plan.contains("Seq Scan on fix"), "by the time: {plan}");
    assert!(!plan.contains("fix_20260101") && !plan.contains("fix_20260115"), "one week only: {plan}");

    let seen = cluster.log().len();
    // Where the third device alone was, all day.
    let corner = BoxE7 { south: 610_000_000, north: 610_100_000, west: 110_000_000, east: 110_100_000 };
    let found = store.positions_in(&[corner], day, day.plus_s(DAY_S), None, 10_000).await.unwrap();
    assert_eq!(found.len(), 1_440);
    let plan = plans(&cluster, seen, "FROM fix");
    assert!(
        plan.contains("fix_20260108_expr_at_idx") && !plan.contains("Seq Scan on fix"),
        "by the place: {plan}"
    );
    assert!(!plan.contains("fix_20260101") && !plan.contains("fix_20260115"), "one week only: {plan}");

    let seen = cluster.log().len();
    store.reports(WearerId(7), ReportKind::Events, (day, day.plus_s(DAY_S)), None, 100).await.unwrap();
    let plan = plans(&cluster, seen, "FROM event");
    assert!(plan.contains("event_20260108") && !plan.contains("event_20260101"), "one week only: {plan}");

    let seen = cluster.log().len();
    let search = AlertSearch {
        wearer: Some(WearerId(3)),
        to: Some(UnixMillis(i64::MAX)),
        limit: 5,
        ..AlertSearch::default()
    };
    assert_eq!(store.search_alerts(&search).await.unwrap().len(), 5);
    let plan = plans(&cluster, seen, "FROM alert");
    assert!(plan.contains("alert_wearer"), "by the wearer: {plan}");
}
