//! A wearer's history, counted and deleted; whose rows are whose stands in [`crate::history`].

use super::{
    convert::{Moment, failed, from_json, signed, unsigned},
    counter, intervals, subjects,
};
use crate::{
    History, StoreError,
    history::{TABLES, Table, Window, Windows},
};
use lenke_wire::{DeviceId, UnixMillis};
use lenke_zones::WearerId;
use sqlx::{AssertSqlSafe, PgConnection};
use std::collections::BTreeSet;

const COUNT: &str = "count a wearer's history";
const DELETE: &str = "delete a wearer's history";

/// A frame's key in its table: device, arrival, epoch, seq.
type FrameKey = (i64, i64, i64, i64);
/// The same as it is read.
type FrameKeyRow = (i64, Moment, i64, i64);

fn frame_key((device, received_at, epoch, seq): FrameKeyRow) -> FrameKey {
    (device, UnixMillis::from(received_at).0, epoch, seq)
}

/// The rows of a window: `$1` device, `$2` from, `$3` to, `$4` wearer, which is bound all the same where it is not asked.
const fn inside(table: &Table) -> &'static str {
    match table.names_wearer {
        true => "device = $1 AND at >= $2 AND at < $3 AND wearer = $4",
        false => "device = $1 AND at >= $2 AND at < $3 AND $4::bigint IS NOT NULL",
    }
}

/// Of the rows where others' are, those that are: `$4` wearer, `$5` the end.
const fn kept(table: &Table) -> &'static str {
    match table.names_wearer {
        true => "(wearer <> $4 OR at >= $5)",
        false => "$4::bigint IS NOT NULL AND $5::timestamptz IS NOT NULL",
    }
}

pub(super) async fn count(
    connection: &mut PgConnection,
    wearer: WearerId,
    before: UnixMillis,
) -> Result<History, StoreError> {
    let windows = load(connection, wearer, before).await?;
    let failed = failed(COUNT);
    let mut history = History::default();
    for table in &TABLES {
        for window in windows.of(table) {
            let sql = format!("SELECT count(*) FROM {} WHERE {}", table.name, inside(table));
            let rows = in_window(AssertSqlSafe(sql), window, wearer).fetch_one(&mut *connection).await;
            *table.part(&mut history) += unsigned(rows.map_err(failed)?);
        }
    }
    history.frames = count_frames(connection, &windows, wearer).await.map_err(failed)?;
    let alerts: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM alert WHERE wearer = $1 AND state = 'resolved' AND raised_at < $2",
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

/// A number that `sql` asks about the rows of a window.
fn in_window<T>(
    sql: AssertSqlSafe<String>,
    window: &Window,
    wearer: WearerId,
) -> sqlx::query::QueryScalar<'static, sqlx::Postgres, T, sqlx::postgres::PgArguments>
where
    (T,): for<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow>,
{
    sqlx::query_scalar(sql)
        .bind(window.device)
        .bind(Moment::from(UnixMillis(window.from)))
        .bind(Moment::from(UnixMillis(window.to)))
        .bind(signed(wearer.0))
}

/// The frames that go with the wearer's rows: the server finds them, however many there are.
async fn count_frames(
    connection: &mut PgConnection,
    windows: &Windows,
    wearer: WearerId,
) -> Result<u64, sqlx::Error> {
    let key = "part.device, part.received_at, part.epoch, part.seq";
    let mut parts = Vec::new();
    for (place, table) in TABLES.iter().enumerate() {
        let join = if place == 0 { "" } else { "UNION" };
        let whose = if table.names_wearer { "part.wearer = $1" } else { "true" };
        parts.push(format!(
            "{join} SELECT {key} FROM held JOIN {} AS part
             ON part.device = held.device AND part.at >= held.from_at AND part.at < held.to_at
             WHERE held.place = {place} AND {whose}",
            table.name
        ));
    }
    for (place, table) in TABLES.iter().enumerate() {
        let whose = if table.names_wearer { "(part.wearer <> $1 OR part.at >= $2)" } else { "true" };
        parts.push(format!(
            "EXCEPT SELECT {key} FROM held JOIN {} AS part
             ON part.device = held.device AND part.at >= held.from_at AND part.at < held.to_at
             WHERE held.place = {} AND {whose}",
            table.name,
            place + TABLES.len()
        ));
    }
    let sql = format!(
        "WITH held AS MATERIALIZED (SELECT * FROM unnest($3::bigint[], $4::bigint[], $5::timestamptz[], $6::timestamptz[])
                       AS held (place, device, from_at, to_at))
         SELECT count(*) FROM frame JOIN ({}) AS gone USING (device, received_at, epoch, seq)",
        parts.join(" ")
    );
    let own = TABLES.iter().map(|table| windows.of(table).to_vec());
    let places: Vec<(i64, Window)> = own
        .chain(TABLES.iter().map(|table| windows.kept(table)))
        .zip(0..)
        .flat_map(|(windows, place)| windows.into_iter().map(move |window| (place, window)))
        .collect();
    let moments = |at: fn(&Window) -> i64| -> Vec<Moment> {
        places.iter().map(|(_, window)| UnixMillis(at(window)).into()).collect()
    };
    let found: i64 = sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(signed(wearer.0))
        .bind(Moment::from(UnixMillis(windows.before())))
        .bind(places.iter().map(|(place, _)| *place).collect::<Vec<_>>())
        .bind(places.iter().map(|(_, window)| window.device).collect::<Vec<_>>())
        .bind(moments(|window| window.from))
        .bind(moments(|window| window.to))
        .fetch_one(connection)
        .await?;
    Ok(unsigned(found))
}

/// Whether [`delete`] would find anything.
pub(super) async fn exists(
    connection: &mut PgConnection,
    wearer: WearerId,
    before: UnixMillis,
) -> Result<bool, StoreError> {
    let windows = load(connection, wearer, before).await?;
    let failed = failed(COUNT);
    for table in &TABLES {
        for window in windows.of(table) {
            let sql = format!("SELECT EXISTS (SELECT FROM {} WHERE {})", table.name, inside(table));
            let found =
                in_window::<bool>(AssertSqlSafe(sql), window, wearer).fetch_one(&mut *connection).await;
            if found.map_err(failed)? {
                return Ok(true);
            }
        }
    }
    let closed: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM alert WHERE wearer = $1 AND state = 'resolved' AND raised_at < $2)",
    )
    .bind(signed(wearer.0))
    .bind(before.0)
    .fetch_one(&mut *connection)
    .await
    .map_err(failed)?;
    Ok(closed || intervals::count(connection, wearer, before).await.map_err(failed)? > 0)
}

/// The caller's transaction holds the batches' lock.
pub(super) async fn delete(
    connection: &mut PgConnection,
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
    connection: &mut PgConnection,
    table: &Table,
    window: &Window,
    wearer: WearerId,
    limit: u64,
) -> Result<(u64, BTreeSet<FrameKey>), sqlx::Error> {
    let key = if table.several { "device, at, epoch, seq, idx" } else { "device, at, epoch, seq" };
    let sql = format!(
        "DELETE FROM {name} WHERE device = $1 AND at >= $2 AND at < $3 AND ({key}) IN (
             SELECT {key} FROM {name} WHERE {inside} ORDER BY at LIMIT $5)
         RETURNING device, received_at, epoch, seq",
        name = table.name,
        inside = inside(table)
    );
    let rows: Vec<FrameKeyRow> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(window.device)
        .bind(Moment::from(UnixMillis(window.from)))
        .bind(Moment::from(UnixMillis(window.to)))
        .bind(signed(wearer.0))
        .bind(signed(limit))
        .fetch_all(&mut *connection)
        .await?;
    let deleted = rows.len() as u64;
    if deleted > 0 {
        counter::add(connection, table.total, -signed(deleted)).await?;
    }
    Ok((deleted, rows.into_iter().map(frame_key).collect()))
}

/// Deletes frames of one device but those that brought something that stays; answers how many.
async fn delete_frames(
    connection: &mut PgConnection,
    mut frames: BTreeSet<FrameKey>,
    windows: &Windows,
    wearer: WearerId,
) -> Result<u64, sqlx::Error> {
    let (Some(first), Some(last)) = (frames.first().copied(), frames.last().copied()) else { return Ok(0) };
    for table in &TABLES {
        for window in windows.kept_until(table, first.0, last.1) {
            let sql = format!(
                "SELECT DISTINCT device, received_at, epoch, seq FROM {}
                 WHERE device = $1 AND at >= $2 AND at < $3 AND {} AND received_at >= $6 AND received_at <= $7",
                table.name,
                kept(table)
            );
            let rows: Vec<FrameKeyRow> = sqlx::query_as(AssertSqlSafe(sql))
                .bind(window.device)
                .bind(Moment::from(UnixMillis(window.from)))
                .bind(Moment::from(UnixMillis(window.to)))
                .bind(signed(wearer.0))
                .bind(Moment::from(UnixMillis(windows.before())))
                .bind(Moment::from(UnixMillis(first.1)))
                .bind(Moment::from(UnixMillis(last.1)))
                .fetch_all(&mut *connection)
                .await?;
            for row in rows {
                frames.remove(&frame_key(row));
            }
        }
    }
    let deleted = sqlx::query(
        "DELETE FROM frame USING unnest($1::bigint[], $2::timestamptz[], $3::bigint[], $4::bigint[])
             AS wanted (device, received_at, epoch, seq)
         WHERE frame.device = wanted.device AND frame.received_at = wanted.received_at
           AND frame.epoch = wanted.epoch AND frame.seq = wanted.seq",
    )
    .bind(frames.iter().map(|key| key.0).collect::<Vec<_>>())
    .bind(frames.iter().map(|key| Moment::from(UnixMillis(key.1))).collect::<Vec<_>>())
    .bind(frames.iter().map(|key| key.2).collect::<Vec<_>>())
    .bind(frames.iter().map(|key| key.3).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(deleted.rows_affected())
}

async fn delete_alerts(
    connection: &mut PgConnection,
    wearer: WearerId,
    before: UnixMillis,
    limit: u64,
) -> Result<u64, sqlx::Error> {
    let closed: Vec<Vec<u8>> = sqlx::query_scalar(
        "SELECT id FROM alert WHERE wearer = $1 AND state = 'resolved' AND raised_at < $2
         ORDER BY raised_at, id LIMIT $3 FOR UPDATE",
    )
    .bind(signed(wearer.0))
    .bind(before.0)
    .bind(signed(limit))
    .fetch_all(&mut *connection)
    .await?;
    sqlx::query("DELETE FROM alert_merged WHERE alert = ANY($1)")
        .bind(&closed)
        .execute(&mut *connection)
        .await?;
    let deleted =
        sqlx::query("DELETE FROM alert WHERE id = ANY($1)").bind(&closed).execute(connection).await?;
    Ok(deleted.rows_affected())
}

async fn load(
    connection: &mut PgConnection,
    wearer: WearerId,
    before: UnixMillis,
) -> Result<Windows, StoreError> {
    let failed = failed(COUNT);
    let activations: Vec<(i64, i64, Option<i64>)> =
        sqlx::query_as("SELECT device, valid_from, valid_to FROM activation WHERE wearer = $1")
            .bind(signed(wearer.0))
            .fetch_all(&mut *connection)
            .await
            .map_err(failed)?;
    let units: Option<String> = sqlx::query_scalar("SELECT home_units::text FROM wearer WHERE id = $1")
        .bind(signed(wearer.0))
        .fetch_optional(&mut *connection)
        .await
        .map_err(failed)?;
    let units: Vec<DeviceId> =
        units.map_or_else(|| Ok(Vec::new()), |units| from_json("a wearer's home units", &units))?;
    let units: Vec<_> = units.into_iter().map(|unit| signed(unit.number())).collect();
    let lone: Vec<i64> = sqlx::query_scalar(
        "SELECT unit FROM unnest($1::bigint[]) AS unit WHERE NOT EXISTS (SELECT FROM activation WHERE device = unit)",
    )
    .bind(units)
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    let shared: Vec<i64> = sqlx::query_scalar(
        "SELECT DISTINCT other.device FROM activation AS own JOIN activation AS other USING (device)
         WHERE own.wearer = $1 AND other.wearer <> $1",
    )
    .bind(signed(wearer.0))
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    Ok(Windows::new(&activations, &lone, shared, before))
}
