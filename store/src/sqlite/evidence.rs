//! What a court may ask for: a device's frames as they came, a wearer's alerts, every version of a zone.

use super::{
    convert::{failed, from_json, read_lane, signed, unsigned},
    telemetry::{BUCKET_MS, bucket},
};
use crate::{FrameKey, FrameRow, StoreError, store::PAGE_ROWS_MAX};
use lenke_alerts::Alert;
use lenke_wire::{DeviceId, FrameId, UnixMillis};
use lenke_zones::{WearerId, Zone, ZoneId};
use sqlx::{Row, SqliteConnection, SqlitePool, sqlite::SqliteRow};

/// Buckets that one statement scans and sorts.
const DAY_BUCKETS: i64 = 24 * 60 * 60 * 1000 / BUCKET_MS;

/// One device's frames of an interval of arrival.
pub(super) struct Wanted {
    pub(super) device: DeviceId,
    pub(super) from: UnixMillis,
    pub(super) to: UnixMillis,
    pub(super) after: Option<FrameKey>,
    pub(super) limit: u32,
}

pub(super) async fn frames(
    connection: &mut SqliteConnection,
    wanted: Wanted,
) -> Result<Vec<FrameRow>, StoreError> {
    let failed = failed("read a device's frames");
    let limit = wanted.limit.min(PAGE_ROWS_MAX);
    let (oldest, newest): (Option<i64>, Option<i64>) =
        sqlx::query_as("SELECT (SELECT min(bucket) FROM frame), (SELECT max(bucket) FROM frame)")
            .fetch_one(&mut *connection)
            .await
            .map_err(failed)?;
    let Some((oldest, newest)) = oldest.zip(newest) else { return Ok(Vec::new()) };
    let from = wanted.after.map_or(wanted.from, |after| wanted.from.max(after.received_at));
    let (mut begin, last) = (bucket(from).max(oldest), bucket(wanted.to).min(newest));
    let mut frames: Vec<FrameRow> = Vec::new();
    while begin <= last && frames.len() < limit as usize {
        let end = last.min(begin.saturating_add(DAY_BUCKETS - 1));
        let rest = limit - u32::try_from(frames.len()).unwrap_or(limit);
        frames.extend(scan(connection, &wanted, (begin, end), rest).await.map_err(failed)?);
        begin = end.saturating_add(1);
    }
    Ok(frames)
}

async fn scan(
    connection: &mut SqliteConnection,
    wanted: &Wanted,
    (begin, end): (i64, i64),
    limit: u32,
) -> Result<Vec<FrameRow>, sqlx::Error> {
    let (at, epoch, seq) = wanted
        .after
        .map_or((i64::MIN, 0, 0), |after| (after.received_at.0, after.frame.epoch.0, after.frame.seq.0));
    sqlx::query(
        "WITH RECURSIVE span (n) AS (VALUES (?1) UNION ALL SELECT n + 1 FROM span WHERE n < ?2)
         SELECT frame.* FROM span CROSS JOIN frame
         WHERE bucket = n AND device = ?3 AND received_at >= ?4 AND received_at < ?5
           AND (received_at, epoch, seq) > (?6, ?7, ?8)
         ORDER BY received_at, epoch, seq LIMIT ?9",
    )
    .bind(begin)
    .bind(end)
    .bind(signed(wanted.device.number()))
    .bind(wanted.from.0)
    .bind(wanted.to.0)
    .bind(at)
    .bind(epoch)
    .bind(seq)
    .bind(limit)
    .fetch_all(connection)
    .await?
    .iter()
    .map(read)
    .collect()
}

fn read(row: &SqliteRow) -> Result<FrameRow, sqlx::Error> {
    Ok(FrameRow {
        device: DeviceId::new(unsigned(row.try_get("device")?)),
        frame: FrameId::new(row.try_get("epoch")?, row.try_get("seq")?),
        lane: read_lane(row.try_get("lane")?)?,
        received_at: UnixMillis(row.try_get("received_at")?),
        bytes: row.try_get("bytes")?,
    })
}

pub(super) async fn alerts(
    readers: &SqlitePool,
    wearer: WearerId,
    from: UnixMillis,
    to: UnixMillis,
) -> Result<Vec<Alert>, StoreError> {
    let bodies: Vec<String> = sqlx::query_scalar(
        "SELECT body FROM alert
         WHERE state IN ('raised', 'acknowledged', 'resolved') AND raised_at >= ? AND raised_at < ? AND wearer = ?
         ORDER BY raised_at, id LIMIT ?",
    )
    .bind(from.0)
    .bind(to.0)
    .bind(signed(wearer.0))
    .bind(PAGE_ROWS_MAX)
    .fetch_all(readers)
    .await
    .map_err(failed("read a wearer's alerts"))?;
    bodies.iter().map(|body| from_json("an alert", body)).collect()
}

pub(super) async fn zone_versions(readers: &SqlitePool, zone: ZoneId) -> Result<Vec<Zone>, StoreError> {
    let bodies: Vec<String> = sqlx::query_scalar("SELECT body FROM zone WHERE id = ? ORDER BY version")
        .bind(signed(zone.0))
        .fetch_all(readers)
        .await
        .map_err(failed("read a zone's versions"))?;
    bodies.iter().map(|body| from_json("a zone", body)).collect()
}
