//! A wearer's history, counted and deleted.
//!
//! Positions name their wearer. Sightings, events and health do not: they belong to who carried the device then, by the
//! activations; those of a home unit without activations belong to the wearer who has it. Deleting goes along the
//! tables' key, bucket by bucket, like a trail.

use super::{
    convert::{failed, from_json, signed},
    counter, intervals, subjects,
    telemetry::{BUCKET_MS, bucket},
};
use crate::{History, StoreError};
use lenke_wire::{DeviceId, UnixMillis};
use lenke_zones::WearerId;
use sqlx::{AssertSqlSafe, SqliteConnection};
use std::collections::{BTreeMap, BTreeSet};

const COUNT: &str = "count a wearer's history";
const DELETE: &str = "delete a wearer's history";
/// Frames that one statement deletes.
const FRAME_KEYS: usize = 64;

/// A table of rows that frames brought.
struct Table {
    name: &'static str,
    key: &'static str,
    total: &'static str,
    names_wearer: bool,
}

const TABLES: [Table; 4] = [
    Table {
        name: "fix",
        key: "bucket, device, at, epoch, seq, idx",
        total: counter::FIXES,
        names_wearer: true,
    },
    Table {
        name: "sighting",
        key: "bucket, device, at, epoch, seq, idx",
        total: counter::SIGHTINGS,
        names_wearer: false,
    },
    Table {
        name: "event",
        key: "bucket, device, at, epoch, seq",
        total: counter::EVENTS,
        names_wearer: false,
    },
    Table {
        name: "health",
        key: "bucket, device, at, epoch, seq",
        total: counter::HEALTH,
        names_wearer: false,
    },
];

/// A device from a moment to before another.
#[derive(Clone, Copy)]
struct Window {
    device: i64,
    from: i64,
    to: i64,
}

/// A frame's key in its table: bucket, device, epoch, seq.
type FrameKey = (i64, i64, i64, i64);

const SPAN: &str = "WITH RECURSIVE span (n) AS (VALUES (?1) UNION ALL SELECT n + 1 FROM span WHERE n < ?2)";
const INSIDE: &str = "bucket = n AND device = ?3 AND at >= ?4 AND at < ?5";

pub(super) async fn count(
    connection: &mut SqliteConnection,
    wearer: WearerId,
    before: UnixMillis,
) -> Result<History, StoreError> {
    let windows = Windows::load(connection, wearer, before).await?;
    let failed = failed(COUNT);
    let mut history = History::default();
    let mut frames = BTreeSet::new();
    for table in &TABLES {
        for window in windows.of(table) {
            let Some((first, last)) = extent(connection, table, window).await.map_err(failed)? else {
                continue;
            };
            let whose = if table.names_wearer { "AND wearer = ?6" } else { "" };
            let sql = format!(
                "{SPAN} SELECT device, epoch, seq, received_at FROM span CROSS JOIN {} WHERE {INSIDE} {whose}",
                table.name
            );
            let query = sqlx::query_as(AssertSqlSafe(sql))
                .bind(first)
                .bind(last)
                .bind(window.device)
                .bind(window.from)
                .bind(window.to);
            let query = if table.names_wearer { query.bind(signed(wearer.0)) } else { query };
            let rows: Vec<(i64, i64, i64, i64)> = query.fetch_all(&mut *connection).await.map_err(failed)?;
            *part(&mut history, table) += rows.len() as u64;
            frames.extend(rows.into_iter().map(frame_key));
        }
    }
    for key in frames {
        let found: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM frame WHERE bucket = ? AND device = ? AND epoch = ? AND seq = ?",
        )
        .bind(key.0)
        .bind(key.1)
        .bind(key.2)
        .bind(key.3)
        .fetch_one(&mut *connection)
        .await
        .map_err(failed)?;
        history.frames += found.cast_unsigned();
    }
    let alerts: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM alert WHERE wearer = ? AND state = 'resolved' AND raised_at < ?",
    )
    .bind(signed(wearer.0))
    .bind(before.0)
    .fetch_one(&mut *connection)
    .await
    .map_err(failed)?;
    history.alerts = alerts.cast_unsigned();
    history.intervals = intervals::count(connection, wearer, before).await.map_err(failed)?;
    Ok(history)
}

pub(super) async fn delete(
    connection: &mut SqliteConnection,
    wearer: WearerId,
    before: UnixMillis,
    rows_max: u32,
) -> Result<History, StoreError> {
    subjects::check_hold(connection, wearer).await?;
    let windows = Windows::load(connection, wearer, before).await?;
    let failed = failed(DELETE);
    let mut history = History::default();
    for table in &TABLES {
        for window in windows.of(table) {
            let left = u64::from(rows_max).saturating_sub(history.rows());
            if left == 0 {
                return Ok(history);
            }
            let deleted = delete_rows(connection, table, window, wearer, left).await.map_err(failed)?;
            *part(&mut history, table) += deleted.0;
            history.frames += deleted.1;
        }
    }
    let left = u64::from(rows_max).saturating_sub(history.rows());
    history.alerts = delete_alerts(connection, wearer, before, left).await.map_err(failed)?;
    let left = u64::from(rows_max).saturating_sub(history.rows());
    history.intervals = intervals::delete(connection, wearer, before, left).await.map_err(failed)?;
    Ok(history)
}

/// Deletes up to `limit` rows and the frames that brought them; answers how many of each.
async fn delete_rows(
    connection: &mut SqliteConnection,
    table: &Table,
    window: Window,
    wearer: WearerId,
    limit: u64,
) -> Result<(u64, u64), sqlx::Error> {
    let Some((first, last)) = extent(connection, table, window).await? else { return Ok((0, 0)) };
    let whose = if table.names_wearer { "AND wearer = ?7" } else { "" };
    let sql = format!(
        "DELETE FROM {name} WHERE ({key}) IN (
             {SPAN} SELECT {key} FROM span CROSS JOIN {name} WHERE {INSIDE} {whose} LIMIT ?6)
         RETURNING device, epoch, seq, received_at",
        name = table.name,
        key = table.key
    );
    let query = sqlx::query_as(AssertSqlSafe(sql))
        .bind(first)
        .bind(last)
        .bind(window.device)
        .bind(window.from)
        .bind(window.to)
        .bind(signed(limit));
    let query = if table.names_wearer { query.bind(signed(wearer.0)) } else { query };
    let rows: Vec<(i64, i64, i64, i64)> = query.fetch_all(&mut *connection).await?;
    let deleted = rows.len() as u64;
    if deleted > 0 {
        counter::add(connection, table.total, -signed(deleted)).await?;
    }
    let frames: BTreeSet<FrameKey> = rows.into_iter().map(frame_key).collect();
    let frames: Vec<_> = frames.into_iter().collect();
    let mut deleted_frames = 0;
    for keys in frames.chunks(FRAME_KEYS) {
        let sql = format!(
            "DELETE FROM frame WHERE (bucket, device, epoch, seq) IN (VALUES {})",
            vec!["(?,?,?,?)"; keys.len()].join(",")
        );
        let query = keys.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, key| {
            query.bind(key.0).bind(key.1).bind(key.2).bind(key.3)
        });
        deleted_frames += query.execute(&mut *connection).await?.rows_affected();
    }
    Ok((deleted, deleted_frames))
}

async fn delete_alerts(
    connection: &mut SqliteConnection,
    wearer: WearerId,
    before: UnixMillis,
    limit: u64,
) -> Result<u64, sqlx::Error> {
    const CLOSED: &str = "SELECT id FROM alert WHERE wearer = ?1 AND state = 'resolved' AND raised_at < ?2 ORDER BY raised_at, id LIMIT ?3";
    let mut deleted = 0;
    for sql in [
        format!("DELETE FROM alert_merged WHERE alert IN ({CLOSED})"),
        format!("DELETE FROM alert WHERE id IN ({CLOSED})"),
    ] {
        let query = sqlx::query(AssertSqlSafe(sql)).bind(signed(wearer.0)).bind(before.0).bind(signed(limit));
        deleted = query.execute(&mut *connection).await?.rows_affected();
    }
    Ok(deleted)
}

/// What a wearer carried when.
struct Windows {
    carried: Vec<Window>,
    positions: Vec<Window>,
}

impl Windows {
    async fn load(
        connection: &mut SqliteConnection,
        wearer: WearerId,
        before: UnixMillis,
    ) -> Result<Self, StoreError> {
        let failed = failed(COUNT);
        let activations: Vec<(i64, i64, Option<i64>)> =
            sqlx::query_as("SELECT device, valid_from, valid_to FROM activation WHERE wearer = ?")
                .bind(signed(wearer.0))
                .fetch_all(&mut *connection)
                .await
                .map_err(failed)?;
        let units: Option<String> = sqlx::query_scalar("SELECT home_units FROM wearer WHERE id = ?")
            .bind(signed(wearer.0))
            .fetch_optional(&mut *connection)
            .await
            .map_err(failed)?;
        let units: Vec<DeviceId> =
            units.map_or_else(|| Ok(Vec::new()), |units| from_json("a wearer's home units", &units))?;
        let mut carried: Vec<_> = activations
            .iter()
            .map(|&(device, from, to)| Window {
                device,
                from,
                to: to.map_or(before.0, |to| to.min(before.0)),
            })
            .collect();
        // A position names its wearer, whatever became of the activation: from the first one on.
        let mut first: BTreeMap<i64, i64> = BTreeMap::new();
        for &(device, from, _) in &activations {
            first.entry(device).and_modify(|first| *first = from.min(*first)).or_insert(from);
        }
        let positions =
            first.into_iter().map(|(device, from)| Window { device, from, to: before.0 }).collect();
        for unit in units {
            let device = signed(unit.number());
            let activated: Option<i64> =
                sqlx::query_scalar("SELECT 1 FROM activation WHERE device = ? LIMIT 1")
                    .bind(device)
                    .fetch_optional(&mut *connection)
                    .await
                    .map_err(failed)?;
            if activated.is_none() {
                carried.push(Window { device, from: i64::MIN, to: before.0 });
            }
        }
        Ok(Self { carried, positions })
    }

    fn of(&self, table: &Table) -> impl Iterator<Item = Window> {
        let windows = if table.names_wearer { &self.positions } else { &self.carried };
        windows.iter().copied()
    }
}

/// The buckets of the window that the table reaches over.
async fn extent(
    connection: &mut SqliteConnection,
    table: &Table,
    window: Window,
) -> Result<Option<(i64, i64)>, sqlx::Error> {
    let sql = format!("SELECT (SELECT min(bucket) FROM {0}), (SELECT max(bucket) FROM {0})", table.name);
    let (oldest, newest): (Option<i64>, Option<i64>) =
        sqlx::query_as(AssertSqlSafe(sql)).fetch_one(connection).await?;
    let (Some(oldest), Some(newest)) = (oldest, newest) else { return Ok(None) };
    let (first, last) =
        (bucket(UnixMillis(window.from)).max(oldest), bucket(UnixMillis(window.to)).min(newest));
    Ok((first <= last).then_some((first, last)))
}

fn frame_key((device, epoch, seq, received_at): (i64, i64, i64, i64)) -> FrameKey {
    (received_at.div_euclid(BUCKET_MS), device, epoch, seq)
}

fn part<'a>(history: &'a mut History, table: &Table) -> &'a mut u64 {
    match table.name {
        "fix" => &mut history.fixes,
        "sighting" => &mut history.sightings,
        "event" => &mut history.events,
        _ => &mut history.health,
    }
}
