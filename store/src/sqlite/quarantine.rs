//! Refused inputs: a bounded window on the newest of them. Hostile bytes are cut to size here, whoever brings them.

use super::{
    bulk::Insert,
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
use sqlx::{Row, SqliteConnection, SqlitePool, sqlite::SqliteRow};

/// Adds `rows` and gives up the oldest beyond the limit.
pub(super) async fn add(connection: &mut SqliteConnection, rows: &[Quarantined]) -> Result<(), sqlx::Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let text = |text: &str| cut(&storable(text), QUARANTINE_TEXT_MAX).to_owned();
    let insert = Insert {
        head: "INSERT INTO quarantine (device, source, reason, received_at, bytes, detail)",
        columns: 6,
        tail: "",
    };
    let added = insert
        .run(connection, rows, |query, row| {
            query
                .bind(row.device.map(|device| signed(device.number())))
                .bind(text(&row.source))
                .bind(text(&row.reason))
                .bind(row.received_at.0)
                .bind(row.bytes.iter().copied().take(QUARANTINE_BYTES_MAX).collect::<Vec<_>>())
                .bind(text(&row.detail))
        })
        .await?;
    counter::add(connection, counter::QUARANTINED, signed(added)).await?;
    // The numbers are without gaps, since rows only ever go from the front.
    let dropped = sqlx::query("DELETE FROM quarantine WHERE id <= (SELECT max(id) FROM quarantine) - ?")
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
    readers: &SqlitePool,
    before: Option<u64>,
    limit: u32,
) -> Result<Vec<(u64, Quarantined)>, StoreError> {
    let failed = failed("read the quarantine");
    sqlx::query("SELECT * FROM quarantine WHERE id < ? ORDER BY id DESC LIMIT ?")
        .bind(before.map_or(i64::MAX, signed))
        .bind(limit.min(PAGE_ROWS_MAX))
        .fetch_all(readers)
        .await
        .map_err(failed)?
        .iter()
        .map(|row| read(row).map_err(failed))
        .collect()
}

fn read(row: &SqliteRow) -> Result<(u64, Quarantined), sqlx::Error> {
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
