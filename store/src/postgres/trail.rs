//! A wearer's trail, attributed through activations.
//!
//! One statement: each activation within the window is a scan of its device along the table's key, and their points are
//! merged. A fix counts only where the activation and the attribution made at ingest agree: after an activation was
//! corrected, nobody is shown a path that is not surely theirs.

use super::convert::{Moment, at, failed, narrow, read_fix, signed, unsigned};
use crate::{StoreError, TrailKey, TrailPoint, store::PAGE_ROWS_MAX};
use lenke_wire::{DeviceId, Epoch, FrameId, Seq, UnixMillis};
use lenke_zones::WearerId;
use sqlx::{PgConnection, Row, postgres::PgRow};
use std::cmp::Ordering;

const ACTION: &str = "read a trail";
/// A device's fixes of one wearer in a window, after a place in its own order.
const SCAN: &str = "SELECT * FROM fix
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
    let activations: Vec<(i64, i64, Option<i64>)> = sqlx::query_as(
        "SELECT device, valid_from, valid_to FROM activation
         WHERE wearer = $1 AND valid_from < $2 AND (valid_to IS NULL OR valid_to > $3) ORDER BY valid_from",
    )
    .bind(signed(wearer.0))
    .bind(to.0)
    .bind(from.0)
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    let mut points = Vec::new();
    for (device, valid_from, valid_to) in activations {
        let device = DeviceId::new(unsigned(device));
        let (begin, end) =
            (from.max(UnixMillis(valid_from)), valid_to.map_or(to, |valid_to| to.min(UnixMillis(valid_to))));
        let (time, epoch, seq, index) = place_in_device(device, after);
        let rows = sqlx::query(SCAN)
            .bind(signed(device.number()))
            .bind(Moment::from(begin))
            .bind(Moment::from(end))
            .bind(signed(wearer.0))
            .bind(Moment::from(time))
            .bind(epoch)
            .bind(seq)
            .bind(index)
            .bind(i64::from(limit))
            .fetch_all(&mut *connection)
            .await
            .map_err(failed)?;
        points.extend(rows.iter().map(read).collect::<Result<Vec<_>, _>>().map_err(failed)?);
    }
    points.sort_unstable_by_key(TrailPoint::key);
    points.truncate(limit as usize);
    Ok(points)
}

/// The (at, epoch, seq, index) in `device`'s own order that the trail's key stands for. Points of one moment are ordered
/// by device first: those of an earlier device are all before the key, those of a later one all after.
fn place_in_device(device: DeviceId, after: Option<TrailKey>) -> (UnixMillis, i64, i64, i32) {
    let Some(key) = after else { return (UnixMillis(i64::MIN), -1, 0, 0) };
    match device.cmp(&key.device) {
        Ordering::Less => (key.at, i64::MAX, 0, 0),
        Ordering::Equal => (key.at, key.frame.epoch.0.into(), key.frame.seq.0.into(), key.index.into()),
        Ordering::Greater => (key.at, -1, 0, 0),
    }
}

pub(super) fn read(row: &PgRow) -> Result<TrailPoint, sqlx::Error> {
    Ok(TrailPoint {
        device: DeviceId::new(unsigned(row.try_get("device")?)),
        frame: FrameId { epoch: Epoch(narrow(row, "epoch")?), seq: Seq(narrow(row, "seq")?) },
        index: narrow(row, "idx")?,
        fix: read_fix(row, "at")?,
        received_at: at(row, "received_at")?,
        late: row.try_get("late")?,
    })
}
