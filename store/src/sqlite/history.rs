//! A wearer's history, counted and deleted; whose rows are whose stands in [`crate::history`]. All of it goes along the
//! tables' keys, bucket by bucket, like a trail.

use super::{
    convert::{failed, from_json, signed, unsigned},
    counter, intervals, subjects,
    telemetry::{BUCKET_MS, bucket},
};
use crate::{
    History, StoreError,
    history::{TABLES, Table, Window, Windows},
};
use lenke_wire::{DeviceId, UnixMillis};
use lenke_zones::WearerId;
use sqlx::{AssertSqlSafe, SqliteConnection};
use std::collections::BTreeSet;

const COUNT: &str = "count a wearer's history";
const DELETE: &str = "delete a wearer's history";
/// Frames that one statement deletes.
const FRAME_KEYS: usize = 64;

/// A frame's key: device, arrival (which its bucket follows from), epoch, seq.
type FrameKey = (i64, i64, i64, i64);

/// The rows of a window: `?1` and `?2` buckets, `?3` device, `?4` from, `?5` to.
const SPAN: &str = "WITH RECURSIVE span (n) AS (VALUES (?1) UNION ALL SELECT n + 1 FROM span WHERE n < ?2)";
const INSIDE: &str = "bucket = n AND device = ?3 AND at >= ?4 AND at < ?5";

/// Whose rows: `?6` wearer, which is bound all the same where it is not asked.
const fn whose(table: &Table) -> &'static str {
    if table.names_wearer { "wearer = ?6" } else { "?6 IS NOT NULL" }
}

pub(super) async fn count(
    connection: &mut SqliteConnection,
    wearer: WearerId,
    before: UnixMillis,
) -> Result<History, StoreError> {
    let windows = load(connection, wearer, before).await?;
    let failed = failed(COUNT);
    let mut history = History::default();
    for table in &TABLES {
        for window in windows.of(table) {
            let rows = ask(connection, "count(*)", table, window, wearer).await.map_err(failed)?;
            *table.part(&mut history) += unsigned(rows);
        }
    }
    history.frames = count_frames(connection, &windows, wearer).await.map_err(failed)?;
    let alerts: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM alert WHERE wearer = ? AND state = 'resolved' AND raised_at < ?",
    )
    .bind(signed(wearer.0))
    .bind(before.0)
    .fetch_one(&mut *connection)
    .await
    .map_err(failed)?;
    history.alerts = unsigned(alerts);
    history.intervals = intervals::count(connection, wearer, before).await.map_err(failed)?;
    Ok(history)
}

/// A number about the wearer's rows of a window; 0 if the table does not reach there.
async fn ask(
    connection: &mut SqliteConnection,
    what: &str,
    table: &Table,
    window: &Window,
    wearer: WearerId,
) -> Result<i64, sqlx::Error> {
    let Some((first, last)) = extent(connection, table, window).await? else { return Ok(0) };
    let (name, whose) = (table.name, whose(table));
    let sql = format!("{SPAN} SELECT {what} FROM span CROSS JOIN {name} WHERE {INSIDE} AND {whose}");
    let number: Option<i64> = sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(first)
        .bind(last)
        .bind(window.device)
        .bind(window.from)
        .bind(window.to)
        .bind(signed(wearer.0))
        .fetch_optional(connection)
        .await?;
    Ok(number.unwrap_or(0))
}

/// The frames that go with the wearer's rows, found without holding them in memory.
async fn count_frames(
    connection: &mut SqliteConnection,
    windows: &Windows,
    wearer: WearerId,
) -> Result<u64, sqlx::Error> {
    let mut held = Vec::new();
    for (place, table) in (0..).zip(&TABLES) {
        for (place, windows) in [(place, windows.of(table)), (place + 4, &windows.kept(table))] {
            for window in windows {
                if let Some((first, last)) = extent(connection, table, window).await? {
                    held.push([place, window.device, window.from, window.to, first, last]);
                }
            }
        }
    }
    if held.is_empty() {
        return Ok(0);
    }
    let part = |place: usize, table: &Table, whose: &str| {
        format!(
            "SELECT part.device, part.epoch, part.seq, part.received_at FROM span CROSS JOIN {} AS part
             ON part.bucket = n AND part.device = span.device AND part.at >= begins AND part.at < ends
             WHERE place = {place} AND {whose}",
            table.name
        )
    };
    let own = TABLES.iter().enumerate().map(|(place, table)| {
        part(place, table, if table.names_wearer { "part.wearer = ?1" } else { "true" })
    });
    let kept = TABLES.iter().enumerate().map(|(place, table)| {
        let whose = if table.names_wearer { "(part.wearer <> ?1 OR part.at >= ?2)" } else { "true" };
        format!(" EXCEPT {}", part(place + 4, table, whose))
    });
    let sql = format!(
        "WITH RECURSIVE span (place, device, begins, ends, n, last) AS (
             VALUES {} UNION ALL SELECT place, device, begins, ends, n + 1, last FROM span WHERE n < last)
         SELECT count(*) FROM ({}{}) AS gone CROSS JOIN frame
           ON frame.bucket = gone.received_at / {BUCKET_MS} AND frame.device = gone.device
          AND frame.epoch = gone.epoch AND frame.seq = gone.seq",
        values(held.len(), 3),
        own.collect::<Vec<_>>().join(" UNION "),
        kept.collect::<String>()
    );
    let query = sqlx::query_scalar(AssertSqlSafe(sql)).bind(signed(wearer.0)).bind(windows.before());
    let query = held.iter().flatten().fold(query, |query, number| query.bind(*number));
    let found: i64 = query.fetch_one(connection).await?;
    Ok(unsigned(found))
}

/// Six numbered parameters a row: a bare one after them in the text would take its number from those before it.
fn values(rows: usize, first: usize) -> String {
    let row = |row: usize| {
        let numbers: Vec<_> = (0..6).map(|column| format!("?{}", first + 6 * row + column)).collect();
        format!("({})", numbers.join(","))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(",")
}

/// Whether [`delete`] would find anything.
pub(super) async fn exists(
    connection: &mut SqliteConnection,
    wearer: WearerId,
    before: UnixMillis,
) -> Result<bool, StoreError> {
    let windows = load(connection, wearer, before).await?;
    let failed = failed(COUNT);
    for table in &TABLES {
        for window in windows.of(table) {
            if ask(connection, "1", table, window, wearer).await.map_err(failed)? > 0 {
                return Ok(true);
            }
        }
    }
    let closed: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM alert WHERE wearer = ? AND state = 'resolved' AND raised_at < ?)",
    )
    .bind(signed(wearer.0))
    .bind(before.0)
    .fetch_one(&mut *connection)
    .await
    .map_err(failed)?;
    Ok(closed || intervals::count(connection, wearer, before).await.map_err(failed)? > 0)
}

pub(super) async fn delete(
    connection: &mut SqliteConnection,
    wearer: WearerId,
    before: UnixMillis,
    rows_max: u32,
) -> Result<History, StoreError> {
    subjects::check_hold(connection, wearer).await?;
    let windows = load(connection, wearer, before).await?;
    let failed = failed(DELETE);
    let mut history = History::default();
    for table in &TABLES {
        for window in windows.of(table) {
            let left = u64::from(rows_max).saturating_sub(history.rows());
            if left == 0 {
                return Ok(history);
            }
            let (rows, frames) =
                delete_rows(connection, table, window, wearer, left).await.map_err(failed)?;
            *table.part(&mut history) += rows;
            history.frames += delete_frames(connection, frames, &windows, wearer).await.map_err(failed)?;
        }
    }
    let left = u64::from(rows_max).saturating_sub(history.rows());
    history.alerts = delete_alerts(connection, wearer, before, left).await.map_err(failed)?;
    let left = u64::from(rows_max).saturating_sub(history.rows());
    history.intervals = intervals::delete(connection, wearer, before, left).await.map_err(failed)?;
    Ok(history)
}

/// Deletes up to `limit` rows of one device; answers how many, and the frames that brought them.
async fn delete_rows(
    connection: &mut SqliteConnection,
    table: &Table,
    window: &Window,
    wearer: WearerId,
    limit: u64,
) -> Result<(u64, BTreeSet<FrameKey>), sqlx::Error> {
    let Some((first, last)) = extent(connection, table, window).await? else {
        return Ok((0, BTreeSet::new()));
    };
    let key =
        if table.several { "bucket, device, at, epoch, seq, idx" } else { "bucket, device, at, epoch, seq" };
    let sql = format!(
        "DELETE FROM {name} WHERE ({key}) IN (
             {SPAN} SELECT {key} FROM span CROSS JOIN {name} WHERE {INSIDE} AND {whose} LIMIT ?7)
         RETURNING device, received_at, epoch, seq",
        name = table.name,
        whose = whose(table)
    );
    let rows: Vec<FrameKey> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(first)
        .bind(last)
        .bind(window.device)
        .bind(window.from)
        .bind(window.to)
        .bind(signed(wearer.0))
        .bind(signed(limit))
        .fetch_all(&mut *connection)
        .await?;
    let deleted = rows.len() as u64;
    if deleted > 0 {
        counter::add(connection, table.total, -signed(deleted)).await?;
    }
    Ok((deleted, rows.into_iter().collect()))
}

/// Deletes frames of one device but those that brought something that stays; answers how many.
async fn delete_frames(
    connection: &mut SqliteConnection,
    mut frames: BTreeSet<FrameKey>,
    windows: &Windows,
    wearer: WearerId,
) -> Result<u64, sqlx::Error> {
    let (Some(first), Some(last)) = (frames.first().copied(), frames.last().copied()) else { return Ok(0) };
    for table in &TABLES {
        let kept = match table.names_wearer {
            true => "(wearer <> ?6 OR at >= ?7)",
            false => "?6 IS NOT NULL AND ?7 IS NOT NULL",
        };
        for window in windows.kept_until(table, first.0, last.1) {
            let Some(buckets) = extent(connection, table, &window).await? else { continue };
            let sql = format!(
                "{SPAN} SELECT DISTINCT device, received_at, epoch, seq FROM span CROSS JOIN {}
                 WHERE {INSIDE} AND {kept} AND received_at BETWEEN ?8 AND ?9",
                table.name
            );
            let rows: Vec<FrameKey> = sqlx::query_as(AssertSqlSafe(sql))
                .bind(buckets.0)
                .bind(buckets.1)
                .bind(window.device)
                .bind(window.from)
                .bind(window.to)
                .bind(signed(wearer.0))
                .bind(windows.before())
                .bind(first.1)
                .bind(last.1)
                .fetch_all(&mut *connection)
                .await?;
            for row in rows {
                frames.remove(&row);
            }
        }
    }
    let frames: Vec<_> = frames.into_iter().collect();
    let mut deleted = 0;
    for keys in frames.chunks(FRAME_KEYS) {
        let sql = format!(
            "DELETE FROM frame WHERE (bucket, device, epoch, seq) IN (VALUES {})",
            vec!["(?,?,?,?)"; keys.len()].join(",")
        );
        let query = keys.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, key| {
            query.bind(bucket(UnixMillis(key.1))).bind(key.0).bind(key.2).bind(key.3)
        });
        deleted += query.execute(&mut *connection).await?.rows_affected();
    }
    Ok(deleted)
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

async fn load(
    connection: &mut SqliteConnection,
    wearer: WearerId,
    before: UnixMillis,
) -> Result<Windows, StoreError> {
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
    let mut lone = Vec::new();
    for device in units.into_iter().map(|unit| signed(unit.number())) {
        let activated: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM activation WHERE device = ?)")
            .bind(device)
            .fetch_one(&mut *connection)
            .await
            .map_err(failed)?;
        if !activated {
            lone.push(device);
        }
    }
    let shared: Vec<i64> = sqlx::query_scalar(
        "SELECT DISTINCT other.device FROM activation AS own JOIN activation AS other USING (device)
         WHERE own.wearer = ?1 AND other.wearer <> ?1",
    )
    .bind(signed(wearer.0))
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    Ok(Windows::new(&activations, &lone, shared, before))
}

/// The buckets of the window that the table reaches over.
async fn extent(
    connection: &mut SqliteConnection,
    table: &Table,
    window: &Window,
) -> Result<Option<(i64, i64)>, sqlx::Error> {
    let sql = format!("SELECT (SELECT min(bucket) FROM {0}), (SELECT max(bucket) FROM {0})", table.name);
    let (oldest, newest): (Option<i64>, Option<i64>) =
        sqlx::query_as(AssertSqlSafe(sql)).fetch_one(connection).await?;
    let (Some(oldest), Some(newest)) = (oldest, newest) else { return Ok(None) };
    let (first, last) =
        (bucket(UnixMillis(window.from)).max(oldest), bucket(UnixMillis(window.to)).min(newest));
    Ok((first <= last).then_some((first, last)))
}
