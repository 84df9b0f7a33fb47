//! A wearer's trail, attributed through activations.
//!
//! One statement: each activation within the window is a scan of its device along the table's key, and their points are
//! merged. A fix counts only where the activation and the attribution made at ingest agree: after an activation was
//! corrected, nobody is shown a path that is not surely theirs.

use super::{
    cells::{self, Cells},
    convert::{Moment, failed, signed, unsigned},
};
use crate::{StoreError, TrailKey, TrailPoint, store::PAGE_ROWS_MAX};
use lenke_wire::{DeviceId, UnixMillis};
use lenke_zones::WearerId;
use sqlx::{AssertSqlSafe, PgConnection};
use std::{cmp::Ordering, sync::Arc};

const ACTION: &str = "read a trail";
/// A device's fixes of one wearer in a window, after a place in its own order.
const SCAN: &str = "FROM fix
    WHERE device = $1 AND at >= $2 AND at < $3 AND wearer = $4 AND (at, epoch, seq, idx) > ($5, $6, $7, $8)
    ORDER BY at, epoch, seq, idx LIMIT $9";

pub(super) async fn trail(
    connection: &mut PgConnection,
    wearer: WearerId,
    from: UnixMillis,
    to: UnixMillis,
    after: Option<TrailKey>,
    limit: u32,
) -> Result<Vec<TrailPoint>, StoreError> {
    let failed = failed(ACTION);
    let limit = limit.min(PAGE_ROWS_MAX);
    let from = after.map_or(from, |after| from.max(after.at));
    let worn = worn(connection, wearer, from, to).await.map_err(failed)?;
    let mut points = Vec::new();
    let sql: Arc<str> = format!("SELECT {} {SCAN}", columns()).into();
    for Worn { device, from, to } in worn {
        let (time, epoch, seq, index) = place_in_device(device, after);
        let rows = sqlx::query(AssertSqlSafe(sql.clone()))
            .bind(signed(device.number()))
            .bind(Moment::from(from))
            .bind(Moment::from(to))
            .bind(signed(wearer.0))
            .bind(Moment::from(time))
            .bind(epoch)
            .bind(seq)
            .bind(index)
            .bind(i64::from(limit))
            .fetch_all(&mut *connection)
            .await
            .map_err(failed)?;
        points.extend(
            rows.iter()
                .map(|row| read(&mut Cells::of(row)))
                .collect::<Result<Vec<_>, _>>()
                .map_err(failed)?,
        );
    }
    points.sort_unstable_by_key(TrailPoint::key);
    points.truncate(limit as usize);
    Ok(points)
}

/// A device on one wearer, from a moment to before another.
pub(super) struct Worn {
    pub(super) device: DeviceId,
    pub(super) from: UnixMillis,
    pub(super) to: UnixMillis,
}

/// What `wearer` wore in [`from`, `to`).
pub(super) async fn worn(
    connection: &mut PgConnection,
    wearer: WearerId,
    from: UnixMillis,
    to: UnixMillis,
) -> Result<Vec<Worn>, sqlx::Error> {
    let activations: Vec<(i64, i64, Option<i64>)> = sqlx::query_as(
        "SELECT device, valid_from, valid_to FROM activation
         WHERE wearer = $1 AND valid_from < $2 AND (valid_to IS NULL OR valid_to > $3) ORDER BY valid_from",
    )
    .bind(signed(wearer.0))
    .bind(to.0)
    .bind(from.0)
    .fetch_all(connection)
    .await?;
    let worn = activations.into_iter().map(|(device, valid_from, valid_to)| Worn {
        device: DeviceId::new(unsigned(device)),
        from: from.max(UnixMillis(valid_from)),
        to: valid_to.map_or(to, |valid_to| to.min(UnixMillis(valid_to))),
    });
    Ok(worn.collect())
}

/// The (at, epoch, seq, index) in `device`'s own order that the trail's key stands for. Points of one moment are ordered
/// by device first: those of an earlier device are all before the key, those of a later one all after.
pub(super) fn place_in_device(device: DeviceId, after: Option<TrailKey>) -> (UnixMillis, i64, i64, i32) {
    let Some(key) = after else { return (UnixMillis(i64::MIN), -1, 0, 0) };
    match device.cmp(&key.device) {
        Ordering::Less => (key.at, i64::MAX, 0, 0),
        Ordering::Equal => (key.at, key.frame.epoch.0.into(), key.frame.seq.0.into(), key.index.into()),
        Ordering::Greater => (key.at, -1, 0, 0),
    }
}

/// The columns that [`read`] reads.
pub(super) fn columns() -> String {
    format!("device, epoch, seq, idx, received_at, late, {}", cells::FIX)
}

pub(super) fn read(cells: &mut Cells<'_>) -> Result<TrailPoint, sqlx::Error> {
    Ok(TrailPoint {
        device: DeviceId::new(cells.id()?),
        frame: cells.frame()?,
        index: cells.number()?,
        received_at: cells.time()?,
        late: cells.flag()?,
        fix: cells.fix()?,
    })
}
