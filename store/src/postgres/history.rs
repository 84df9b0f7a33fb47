//! A wearer's history, counted and deleted.
//!
//! Positions name their wearer. Sightings, events and health do not: they belong to who carried the device then, by the
//! activations; those of a home unit without activations belong to the wearer who has it.

use super::{
    convert::{Moment, failed, from_json, signed},
    counter, intervals, subjects,
};
use crate::{History, StoreError};
use lenke_wire::{DeviceId, UnixMillis};
use lenke_zones::WearerId;
use sqlx::{AssertSqlSafe, PgConnection};
use std::collections::{BTreeMap, BTreeSet};

const COUNT: &str = "count a wearer's history";
const DELETE: &str = "delete a wearer's history";

/// A table of rows that frames brought.
struct Table {
    name: &'static str,
    total: &'static str,
    /// Whether a frame brings several rows, which `idx` tells apart.
    several: bool,
    names_wearer: bool,
}

const TABLES: [Table; 4] = [
    Table { name: "fix", total: counter::FIXES, several: true, names_wearer: true },
    Table { name: "sighting", total: counter::SIGHTINGS, several: true, names_wearer: false },
    Table { name: "event", total: counter::EVENTS, several: false, names_wearer: false },
    Table { name: "health", total: counter::HEALTH, several: false, names_wearer: false },
];

/// A device from a moment to before another.
#[derive(Clone, Copy)]
struct Window {
    device: i64,
    from: i64,
    to: i64,
}

/// A frame's key in its table: device, arrival, epoch, seq.
type FrameKey = (i64, i64, i64, i64);
/// The same as it is read.
type FrameKeyRow = (i64, Moment, i64, i64);

fn frame_key((device, received_at, epoch, seq): FrameKeyRow) -> FrameKey {
    (device, UnixMillis::from(received_at).0, epoch, seq)
}

impl Table {
    /// The rows of a window: `$1` device, `$2` from, `$3` to, `$4` wearer.
    const fn inside(&self) -> &'static str {
        match self.names_wearer {
            true => "device = $1 AND at >= $2 AND at < $3 AND wearer = $4",
            // The wearer is bound all the same.
            false => "device = $1 AND at >= $2 AND at < $3 AND $4::bigint IS NOT NULL",
        }
    }

    fn part<'a>(&self, history: &'a mut History) -> &'a mut u64 {
        match self.name {
            "fix" => &mut history.fixes,
            "sighting" => &mut history.sightings,
            "event" => &mut history.events,
            _ => &mut history.health,
        }
    }
}

pub(super) async fn count(
    connection: &mut PgConnection,
    wearer: WearerId,
    before: UnixMillis,
) -> Result<History, StoreError> {
    let windows = Windows::load(connection, wearer, before).await?;
    let failed = failed(COUNT);
    let mut history = History::default();
    let mut frames = BTreeSet::new();
    for table in &TABLES {
        for window in windows.of(table) {
            let sql = format!(
                "SELECT device, received_at, epoch, seq FROM {} WHERE {}",
                table.name,
                table.inside()
            );
            let rows: Vec<FrameKeyRow> = sqlx::query_as(AssertSqlSafe(sql))
                .bind(window.device)
                .bind(Moment::from(UnixMillis(window.from)))
                .bind(Moment::from(UnixMillis(window.to)))
                .bind(signed(wearer.0))
                .fetch_all(&mut *connection)
                .await
                .map_err(failed)?;
            *table.part(&mut history) += rows.len() as u64;
            frames.extend(rows.into_iter().map(frame_key));
        }
    }
    let found: i64 =
        with_frames("SELECT count(*) FROM frame JOIN {} USING (device, received_at, epoch, seq)", &frames)
            .fetch_one(&mut *connection)
            .await
            .and_then(|row| sqlx::Row::try_get(&row, 0))
            .map_err(failed)?;
    history.frames = found.cast_unsigned();
    let alerts: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM alert WHERE wearer = $1 AND state = 'resolved' AND raised_at < $2",
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

/// `sql` with the frames' keys in the place of `{}`, as `wanted`.
fn with_frames(sql: &str, frames: &BTreeSet<FrameKey>) -> super::convert::Bound<'static> {
    let keys = "unnest($1::bigint[], $2::timestamptz[], $3::bigint[], $4::bigint[])
        AS wanted (device, received_at, epoch, seq)";
    let query = sqlx::query(AssertSqlSafe(sql.replace("{}", keys)));
    query
        .bind(frames.iter().map(|key| key.0).collect::<Vec<_>>())
        .bind(frames.iter().map(|key| Moment::from(UnixMillis(key.1))).collect::<Vec<_>>())
        .bind(frames.iter().map(|key| key.2).collect::<Vec<_>>())
        .bind(frames.iter().map(|key| key.3).collect::<Vec<_>>())
}

/// The caller's transaction holds the batches' lock.
pub(super) async fn delete(
    connection: &mut PgConnection,
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
            let (rows, frames) =
                delete_rows(connection, table, window, wearer, left).await.map_err(failed)?;
            *table.part(&mut history) += rows;
            history.frames += frames;
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
    connection: &mut PgConnection,
    table: &Table,
    window: Window,
    wearer: WearerId,
    limit: u64,
) -> Result<(u64, u64), sqlx::Error> {
    let key = if table.several { "device, at, epoch, seq, idx" } else { "device, at, epoch, seq" };
    let sql = format!(
        "DELETE FROM {name} WHERE device = $1 AND at >= $2 AND at < $3 AND ({key}) IN (
             SELECT {key} FROM {name} WHERE {inside} ORDER BY at LIMIT $5)
         RETURNING device, received_at, epoch, seq",
        name = table.name,
        inside = table.inside()
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
    if deleted == 0 {
        return Ok((0, 0));
    }
    counter::add(&mut *connection, table.total, -signed(deleted)).await?;
    let frames: BTreeSet<FrameKey> = rows.into_iter().map(frame_key).collect();
    let sql = "DELETE FROM frame USING {} WHERE frame.device = wanted.device
        AND frame.received_at = wanted.received_at AND frame.epoch = wanted.epoch AND frame.seq = wanted.seq";
    let frames = with_frames(sql, &frames).execute(connection).await?.rows_affected();
    Ok((deleted, frames))
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

/// What a wearer carried when.
struct Windows {
    carried: Vec<Window>,
    positions: Vec<Window>,
}

impl Windows {
    async fn load(
        connection: &mut PgConnection,
        wearer: WearerId,
        before: UnixMillis,
    ) -> Result<Self, StoreError> {
        let failed = failed(COUNT);
        let activations: Vec<(i64, i64, Option<i64>)> =
            sqlx::query_as("SELECT device, valid_from, valid_to FROM activation WHERE wearer = $1")
                .bind(signed(wearer.0))
                .fetch_all(&mut *connection)
                .await
                .map_err(failed)?;
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
        for device in lone_units(connection, wearer).await? {
            carried.push(Window { device, from: i64::MIN, to: before.0 });
        }
        Ok(Self { carried, positions })
    }

    fn of(&self, table: &Table) -> impl Iterator<Item = Window> {
        let windows = if table.names_wearer { &self.positions } else { &self.carried };
        windows.iter().copied()
    }
}

/// The wearer's home units that were never activated.
async fn lone_units(connection: &mut PgConnection, wearer: WearerId) -> Result<Vec<i64>, StoreError> {
    let failed = failed(COUNT);
    let units: Option<String> = sqlx::query_scalar("SELECT home_units::text FROM wearer WHERE id = $1")
        .bind(signed(wearer.0))
        .fetch_optional(&mut *connection)
        .await
        .map_err(failed)?;
    let units: Vec<DeviceId> =
        units.map_or_else(|| Ok(Vec::new()), |units| from_json("a wearer's home units", &units))?;
    let units: Vec<_> = units.into_iter().map(|unit| signed(unit.number())).collect();
    sqlx::query_scalar(
        "SELECT unit FROM unnest($1::bigint[]) AS unit WHERE NOT EXISTS (SELECT FROM activation WHERE device = unit)",
    )
    .bind(units)
    .fetch_all(connection)
    .await
    .map_err(failed)
}
