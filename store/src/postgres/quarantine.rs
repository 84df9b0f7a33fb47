//! Refused inputs: a bounded window on the newest of them. Hostile bytes are cut to size here, whoever brings them.

use super::{
    bulk,
    columns::{Column, Columns},
    convert::{failed, signed, unsigned},
    counter,
};
use crate::{
    Quarantined, StoreError,
    convert::{cut, storable},
    rows::{QUARANTINE_BYTES_MAX, QUARANTINE_ROWS_MAX, QUARANTINE_TEXT_MAX},
    store::PAGE_ROWS_MAX,
};
use lenke_wire::{DeviceId, UnixMillis};
use sqlx::{PgConnection, PgPool, Row, postgres::PgRow};

const NAMES: &[&str] = &["device", "source", "reason", "received_at", "bytes", "detail"];

/// Adds `rows` and gives up the oldest beyond the limit.
pub(super) async fn add(connection: &mut PgConnection, rows: &[Quarantined]) -> Result<(), sqlx::Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let text = |text: &str| cut(&storable(text), QUARANTINE_TEXT_MAX).to_owned();
    let columns = vec![
        Column::I64(rows.iter().map(|row| row.device.map(|device| signed(device.number()))).collect()),
        Column::texts(rows.iter().map(|row| text(&row.source))),
        Column::texts(rows.iter().map(|row| text(&row.reason))),
        Column::I64(rows.iter().map(|row| Some(row.received_at.0)).collect()),
        Column::bytes(rows.iter().map(|row| row.bytes.iter().copied().take(QUARANTINE_BYTES_MAX).collect())),
        Column::texts(rows.iter().map(|row| text(&row.detail))),
    ];
    let added = bulk::insert(connection, "quarantine", Columns::new(NAMES, rows.len(), columns), "").await?;
    counter::add(&mut *connection, counter::QUARANTINED, signed(added)).await?;
    // A batch that was rolled back leaves a gap in the numbers, so the border is looked up and not computed.
    let dropped = sqlx::query(
        "DELETE FROM quarantine WHERE id <= (SELECT id FROM quarantine ORDER BY id DESC OFFSET $1 LIMIT 1)",
    )
    .bind(signed(QUARANTINE_ROWS_MAX))
    .execute(&mut *connection)
    .await?
    .rows_affected();
    if dropped > 0 {
        metrics::counter!("lenke_store_quarantine_dropped_total").increment(dropped);
        counter::add(connection, counter::QUARANTINE_DROPPED, signed(dropped)).await?;
    }
    Ok(())
}

pub(super) async fn page(
    readers: &PgPool,
    before: Option<u64>,
    limit: u32,
) -> Result<Vec<(u64, Quarantined)>, StoreError> {
    let failed = failed("read the quarantine");
    sqlx::query("SELECT * FROM quarantine WHERE id < $1 ORDER BY id DESC LIMIT $2")
        .bind(before.map_or(i64::MAX, signed))
        .bind(i64::from(limit.min(PAGE_ROWS_MAX)))
        .fetch_all(readers)
        .await
        .map_err(failed)?
        .iter()
        .map(|row| read(row).map_err(failed))
        .collect()
}

fn read(row: &PgRow) -> Result<(u64, Quarantined), sqlx::Error> {
    let device: Option<i64> = row.try_get("device")?;
    let quarantined = Quarantined {
        device: device.map(|number| DeviceId::new(unsigned(number))),
        source: row.try_get("source")?,
        reason: row.try_get("reason")?,
        received_at: UnixMillis(row.try_get("received_at")?),
        bytes: row.try_get("bytes")?,
        detail: row.try_get("detail")?,
    };
    Ok((unsigned(row.try_get("id")?), quarantined))
}
