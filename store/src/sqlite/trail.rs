//! A wearer's trail, attributed through activations.
//!
//! Each activation within the window becomes a scan of its device along the table's key, a day at a time, so a page
//! costs about what it holds. A fix counts only where the activation and the attribution made at ingest agree: after an
//! activation was corrected, nobody is shown a path that is not surely theirs.

use super::{
    convert::{failed, read_fix, signed, unsigned},
    telemetry::{BUCKET_MS, bucket},
};
use crate::{StoreError, TrailKey, TrailPoint, store::PAGE_ROWS_MAX};
use lenke_wire::{DeviceId, FrameId, UnixMillis};
use lenke_zones::WearerId;
use sqlx::{AssertSqlSafe, Row, SqliteConnection, sqlite::SqliteRow};
use std::cmp::Ordering;

const ACTION: &str = "read a trail";
/// Buckets that one statement scans and sorts.
pub(super) const DAY_BUCKETS: i64 = 24 * 60 * 60 * 1000 / BUCKET_MS;

pub(super) async fn trail(
    connection: &mut SqliteConnection,
    wearer: WearerId,
    from: UnixMillis,
    to: UnixMillis,
    after: Option<TrailKey>,
    limit: u32,
) -> Result<Vec<TrailPoint>, StoreError> {
    let limit = limit.min(PAGE_ROWS_MAX);
    let from = after.map_or(from, |after| from.max(after.at));
    let Some((oldest, newest)) = extent(connection, "fix").await.map_err(failed(ACTION))? else {
        return Ok(Vec::new());
    };
    let windows = worn(connection, wearer, from.max(oldest), to.min(newest)).await.map_err(failed(ACTION))?;
    let mut points = Vec::new();
    for window in windows {
        points.extend(window.scan(connection, after, limit).await.map_err(failed(ACTION))?);
    }
    points.sort_unstable_by_key(TrailPoint::key);
    points.truncate(limit as usize);
    Ok(points)
}

/// What `wearer` wore in [`from`, `to`).
pub(super) async fn worn(
    connection: &mut SqliteConnection,
    wearer: WearerId,
    from: UnixMillis,
    to: UnixMillis,
) -> Result<Vec<Window>, sqlx::Error> {
    let activations: Vec<(i64, i64, Option<i64>)> = sqlx::query_as(
        "SELECT device, valid_from, valid_to FROM activation
         WHERE wearer = ? AND valid_from < ? AND (valid_to IS NULL OR valid_to > ?) ORDER BY valid_from",
    )
    .bind(signed(wearer.0))
    .bind(to.0)
    .bind(from.0)
    .fetch_all(connection)
    .await?;
    let windows = activations.into_iter().map(|(device, valid_from, valid_to)| Window {
        wearer,
        device: DeviceId::new(unsigned(device)),
        from: from.max(UnixMillis(valid_from)),
        to: valid_to.map_or(to, |valid_to| to.min(UnixMillis(valid_to))),
    });
    Ok(windows.collect())
}

/// A moment before every row of a table with buckets and one after: what bounds the scan of an open window.
pub(super) async fn extent(
    connection: &mut SqliteConnection,
    table: &'static str,
) -> Result<Option<(UnixMillis, UnixMillis)>, sqlx::Error> {
    let sql = format!("SELECT (SELECT min(bucket) FROM {table}), (SELECT max(bucket) FROM {table})");
    let (oldest, newest): (Option<i64>, Option<i64>) =
        sqlx::query_as(AssertSqlSafe(sql)).fetch_one(connection).await?;
    let extent = oldest.zip(newest);
    Ok(extent.map(|(oldest, newest)| (UnixMillis(oldest * BUCKET_MS), UnixMillis((newest + 1) * BUCKET_MS))))
}

/// One device on one wearer, from a moment to before another.
pub(super) struct Window {
    wearer: WearerId,
    pub(super) device: DeviceId,
    pub(super) from: UnixMillis,
    pub(super) to: UnixMillis,
}

impl Window {
    /// The first `limit` points after `after`.
    async fn scan(
        &self,
        connection: &mut SqliteConnection,
        after: Option<TrailKey>,
        limit: u32,
    ) -> Result<Vec<TrailPoint>, sqlx::Error> {
        let (first, last) = (bucket(self.from), bucket(self.to));
        let mut points = Vec::new();
        let mut begin = first;
        while begin <= last && points.len() < limit as usize {
            let end = last.min(begin.saturating_add(DAY_BUCKETS - 1));
            points.extend(self.scan_buckets(connection, (begin, end), after, limit).await?);
            begin = end.saturating_add(1);
        }
        Ok(points)
    }

    async fn scan_buckets(
        &self,
        connection: &mut SqliteConnection,
        (begin, end): (i64, i64),
        after: Option<TrailKey>,
        limit: u32,
    ) -> Result<Vec<TrailPoint>, sqlx::Error> {
        let (at, epoch, seq, index) = self.position_of(after);
        let sql = format!(
            "WITH RECURSIVE span (n) AS (VALUES (?1) UNION ALL SELECT n + 1 FROM span WHERE n < ?2)
             SELECT {COLUMNS} FROM span CROSS JOIN fix
             WHERE bucket = n AND device = ?3 AND at >= ?4 AND at < ?5 AND wearer = ?6
               AND (at, epoch, seq, idx) > (?7, ?8, ?9, ?10)
             ORDER BY at, epoch, seq, idx LIMIT ?11"
        );
        sqlx::query(AssertSqlSafe(sql))
            .bind(begin)
            .bind(end)
            .bind(signed(self.device.number()))
            .bind(self.from.0)
            .bind(self.to.0)
            .bind(signed(self.wearer.0))
            .bind(at)
            .bind(epoch)
            .bind(seq)
            .bind(index)
            .bind(limit)
            .fetch_all(connection)
            .await?
            .iter()
            .map(|row| read(row, 0))
            .collect()
    }

    /// The (at, epoch, seq, index) in this device's scan that the trail's key stands for. Points of one moment are
    /// ordered by device first: those of an earlier device are all before the key, those of a later one all after.
    pub(super) fn position_of(&self, after: Option<TrailKey>) -> (i64, i64, i64, i64) {
        let Some(key) = after else { return (i64::MIN, 0, 0, 0) };
        match self.device.cmp(&key.device) {
            Ordering::Less => (key.at.0, i64::MAX, 0, 0),
            Ordering::Equal => (key.at.0, key.frame.epoch.0.into(), key.frame.seq.0.into(), key.index.into()),
            Ordering::Greater => (key.at.0, -1, 0, 0),
        }
    }
}

/// The columns that [`read`] reads, the table's name before each.
pub(super) const COLUMNS: &str = "fix.device, fix.epoch, fix.seq, fix.idx, fix.received_at, fix.late, fix.at, fix.lat_e7, \
     fix.lon_e7, fix.accuracy_dm, fix.speed_cm_s, fix.course_cdeg, fix.satellites, fix.time_source";

/// A point whose [`COLUMNS`] begin at place `first`: by place and not by name, which is most of what a row costs.
pub(super) fn read(row: &SqliteRow, first: usize) -> Result<TrailPoint, sqlx::Error> {
    Ok(TrailPoint {
        device: DeviceId::new(unsigned(row.try_get(first)?)),
        frame: FrameId::new(row.try_get(first + 1)?, row.try_get(first + 2)?),
        index: row.try_get(first + 3)?,
        received_at: UnixMillis(row.try_get(first + 4)?),
        late: row.try_get(first + 5)?,
        fix: read_fix(row, UnixMillis(row.try_get(first + 6)?), first + 7)?,
    })
}
