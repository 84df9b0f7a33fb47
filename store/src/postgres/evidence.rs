//! What a court may ask for: a device's frames as they came, a wearer's alerts, every version of a zone.

use super::{
    cells::Cells,
    convert::{Moment, failed, from_json, read_lane, signed},
};
use crate::{FrameKey, FrameRow, StoreError, store::PAGE_ROWS_MAX};
use lenke_alerts::Alert;
use lenke_wire::{DeviceId, UnixMillis};
use lenke_zones::{WearerId, Zone, ZoneId};
use sqlx::{PgPool, Row, postgres::PgRow};

pub(super) async fn frames(
    readers: &PgPool,
    device: DeviceId,
    from: UnixMillis,
    to: UnixMillis,
    after: Option<FrameKey>,
    limit: u32,
) -> Result<Vec<FrameRow>, StoreError> {
    let failed = failed("read a device's frames");
    let (time, epoch, seq) = after.map_or((UnixMillis(i64::MIN), -1, 0), |after| {
        (after.received_at, i64::from(after.frame.epoch.0), i64::from(after.frame.seq.0))
    });
    sqlx::query(
        "SELECT device, received_at, epoch, seq, lane, bytes FROM frame
         WHERE device = $1 AND received_at >= $2 AND received_at < $3 AND (received_at, epoch, seq) > ($4, $5, $6)
         ORDER BY received_at, epoch, seq LIMIT $7",
    )
    .bind(signed(device.number()))
    .bind(Moment::from(from.max(time)))
    .bind(Moment::from(to))
    .bind(Moment::from(time))
    .bind(epoch)
    .bind(seq)
    .bind(i64::from(limit.min(PAGE_ROWS_MAX)))
    .fetch_all(readers)
    .await
    .map_err(failed)?
    .iter()
    .map(|row| read(row).map_err(failed))
    .collect()
}

fn read(row: &PgRow) -> Result<FrameRow, sqlx::Error> {
    let mut cells = Cells::of(row);
    Ok(FrameRow {
        device: DeviceId::new(cells.id()?),
        received_at: cells.time()?,
        frame: cells.frame()?,
        lane: read_lane(cells.number()?)?,
        bytes: row.try_get("bytes")?,
    })
}

pub(super) async fn alerts(
    readers: &PgPool,
    wearer: WearerId,
    from: UnixMillis,
    to: UnixMillis,
) -> Result<Vec<Alert>, StoreError> {
    let bodies: Vec<String> = sqlx::query_scalar(
        "SELECT body::text FROM alert WHERE wearer = $1 AND raised_at >= $2 AND raised_at < $3
         ORDER BY raised_at, id LIMIT $4",
    )
    .bind(signed(wearer.0))
    .bind(from.0)
    .bind(to.0)
    .bind(i64::from(PAGE_ROWS_MAX))
    .fetch_all(readers)
    .await
    .map_err(failed("read a wearer's alerts"))?;
    bodies.iter().map(|body| from_json("an alert", body)).collect()
}

pub(super) async fn zone_versions(readers: &PgPool, zone: ZoneId) -> Result<Vec<Zone>, StoreError> {
    let bodies: Vec<String> =
        sqlx::query_scalar("SELECT body::text FROM zone WHERE id = $1 ORDER BY version")
            .bind(signed(zone.0))
            .fetch_all(readers)
            .await
            .map_err(failed("read a zone's versions"))?;
    bodies.iter().map(|body| from_json("a zone", body)).collect()
}
