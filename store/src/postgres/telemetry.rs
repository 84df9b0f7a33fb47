//! Batches of telemetry, and what is loaded from them at a start.
//!
//! Rows are sorted by their table's key before they are inserted: neighbours then land on one page of the index, which
//! is most of what a row costs.

mod last;
mod packed;
mod rows;

pub(super) use rows::weeks;

use super::{
    bulk,
    columns::{Column, Columns},
    convert::{failed, narrow, signed, unsigned},
    counter, intervals, quarantine,
};
use crate::{
    Batch, Committed, DeviceLast, SeqRanges, StoreError, Stored,
    batch::{Ranges, merged, named},
};
use lenke_wire::{DeviceId, Epoch};
use lenke_zones::WearerId;
use sqlx::{PgConnection, PgPool, Row, postgres::PgRow};
use std::collections::BTreeMap;

/// Writes a batch within the caller's transaction, which holds the batches' lock.
pub(super) async fn commit(connection: &mut PgConnection, batch: &Batch) -> Result<Stored, StoreError> {
    const ACTION: &str = "commit a batch";
    let before = load_ranges(connection, batch).await?;
    let (after, mut stored) = merged(&before, &batch.committed);
    stored.rows = rows::insert(connection, batch, &before).await.map_err(failed(ACTION))?;
    let written = async {
        write_ranges(connection, &after).await?;
        if stored.frames > 0 {
            counter::add(&mut *connection, counter::FRAMES, signed(stored.frames)).await?;
        }
        write_snapshots(connection, &batch.snapshots).await?;
        write_chains(connection, &batch.chains).await?;
        intervals::write(connection, &batch.intervals).await?;
        quarantine::add(connection, &batch.quarantined).await?;
        last::merge(connection, &batch.last).await
    };
    written.await.map_err(failed(ACTION))?;
    Ok(stored)
}

/// The sets of every device and epoch that the batch names.
async fn load_ranges(connection: &mut PgConnection, batch: &Batch) -> Result<Ranges, StoreError> {
    let mut ranges = named(batch);
    let (devices, epochs): (Vec<_>, Vec<_>) =
        ranges.keys().map(|(device, epoch)| (signed(device.number()), i64::from(epoch.0))).unzip();
    if devices.is_empty() {
        return Ok(ranges);
    }
    let rows = sqlx::query(
        "SELECT device, epoch, ranges FROM committed
         JOIN unnest($1::bigint[], $2::bigint[]) AS wanted (device, epoch) USING (device, epoch)",
    )
    .bind(devices)
    .bind(epochs)
    .fetch_all(connection)
    .await
    .map_err(failed("read the committed frames"))?;
    for row in &rows {
        let found = read_committed(row)?;
        ranges.insert((found.device, found.epoch), found.ranges);
    }
    Ok(ranges)
}

async fn write_ranges(connection: &mut PgConnection, ranges: &Ranges) -> Result<(), sqlx::Error> {
    let columns = vec![
        Column::I64(ranges.keys().map(|(device, _)| Some(signed(device.number()))).collect()),
        Column::I64(ranges.keys().map(|(_, epoch)| Some(epoch.0.into())).collect()),
        Column::bytes(ranges.values().map(SeqRanges::to_bytes)),
    ];
    let columns = Columns::new(["device", "epoch", "ranges"], ranges.len(), columns);
    let replace = "ON CONFLICT (device, epoch) DO UPDATE SET ranges = excluded.ranges";
    bulk::insert(connection, "committed", columns, replace).await.map(|_| ())
}

async fn write_snapshots(
    connection: &mut PgConnection,
    snapshots: &[(WearerId, Vec<u8>)],
) -> Result<(), sqlx::Error> {
    let newest: BTreeMap<_, _> = snapshots.iter().map(|(wearer, state)| (wearer.0, state)).collect();
    let columns = vec![
        Column::I64(newest.keys().map(|&wearer| Some(signed(wearer))).collect()),
        Column::bytes(newest.values().map(|&state| state.clone())),
    ];
    let columns = Columns::new(["wearer", "state"], newest.len(), columns);
    let replace = "ON CONFLICT (wearer) DO UPDATE SET state = excluded.state";
    bulk::insert(connection, "snapshot", columns, replace).await.map(|_| ())
}

async fn write_chains(
    connection: &mut PgConnection,
    chains: &[(DeviceId, Vec<u8>)],
) -> Result<(), sqlx::Error> {
    let newest: BTreeMap<_, _> = chains.iter().map(|(device, state)| (device.number(), state)).collect();
    let columns = vec![
        Column::I64(newest.keys().map(|&device| Some(signed(device))).collect()),
        Column::bytes(newest.values().map(|&state| state.clone())),
    ];
    let columns = Columns::new(["device", "state"], newest.len(), columns);
    let replace = "ON CONFLICT (device) DO UPDATE SET state = excluded.state";
    bulk::insert(connection, "chain", columns, replace).await.map(|_| ())
}

pub(super) async fn chains(readers: &PgPool) -> Result<Vec<(DeviceId, Vec<u8>)>, StoreError> {
    let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as("SELECT device, state FROM chain ORDER BY device")
        .fetch_all(readers)
        .await
        .map_err(failed("read the chains' state"))?;
    Ok(rows.into_iter().map(|(device, state)| (DeviceId::new(unsigned(device)), state)).collect())
}

pub(super) async fn committed(readers: &PgPool) -> Result<Vec<Committed>, StoreError> {
    let rows = sqlx::query("SELECT device, epoch, ranges FROM committed ORDER BY device, epoch")
        .fetch_all(readers)
        .await
        .map_err(failed("read the committed frames"))?;
    rows.iter().map(read_committed).collect()
}

fn read_committed(row: &PgRow) -> Result<Committed, StoreError> {
    let failed = failed("read the committed frames");
    let bytes: &[u8] = row.try_get("ranges").map_err(failed)?;
    let corrupt = |error: crate::ranges::RangesError| StoreError::Corrupt {
        what: "a set of committed frames",
        detail: error.to_string(),
    };
    Ok(Committed {
        device: DeviceId::new(unsigned(row.try_get("device").map_err(failed)?)),
        epoch: Epoch(narrow(row, "epoch").map_err(failed)?),
        ranges: SeqRanges::from_bytes(bytes).map_err(corrupt)?,
    })
}

pub(super) async fn snapshots(readers: &PgPool) -> Result<Vec<(WearerId, Vec<u8>)>, StoreError> {
    let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as("SELECT wearer, state FROM snapshot ORDER BY wearer")
        .fetch_all(readers)
        .await
        .map_err(failed("read the monitors' state"))?;
    Ok(rows.into_iter().map(|(wearer, state)| (WearerId(unsigned(wearer)), state)).collect())
}

pub(super) async fn device_last(readers: &PgPool) -> Result<Vec<DeviceLast>, StoreError> {
    packed::all(readers).await.map_err(failed("read the devices' last state"))
}
