//! Batches of telemetry, and what is loaded from them at a start.
//!
//! Rows are sorted by their table's key before they are inserted: neighbours then land on one page of the tree.

mod last;
mod rows;

pub(super) use rows::{BUCKET_MS, bucket};

use super::{
    bulk::Insert,
    convert::{Bound, failed, signed, unsigned},
    counter, intervals, quarantine,
};
use crate::{
    Batch, Committed, DeviceLast, SeqRanges, StoreError, Stored,
    batch::{Ranges, merged, named},
};
use lenke_wire::{DeviceId, Epoch};
use lenke_zones::WearerId;
use sqlx::{AssertSqlSafe, Row, SqliteConnection, SqlitePool, sqlite::SqliteRow};

/// Keys that one lookup asks for.
const LOOKUP_KEYS: usize = 64;

/// Writes a batch within the caller's transaction.
pub(super) async fn commit(connection: &mut SqliteConnection, batch: &Batch) -> Result<Stored, StoreError> {
    const ACTION: &str = "commit a batch";
    let before = load_ranges(connection, batch).await?;
    let (after, mut stored) = merged(&before, &batch.committed);
    stored.rows = rows::insert(connection, batch, &before).await.map_err(failed(ACTION))?;
    let written = async {
        write_ranges(connection, &after).await?;
        counter::add(connection, counter::FRAMES, signed(stored.frames)).await?;
        write_snapshots(connection, &batch.snapshots).await?;
        write_chains(connection, &batch.chains).await?;
        intervals::write(connection, &batch.intervals).await?;
        quarantine::add(connection, &batch.quarantined).await
    };
    written.await.map_err(failed(ACTION))?;
    last::merge(connection, &batch.last).await.map_err(failed(ACTION))?;
    Ok(stored)
}

/// The sets of every device and epoch that the batch names.
async fn load_ranges(connection: &mut SqliteConnection, batch: &Batch) -> Result<Ranges, StoreError> {
    let mut ranges = named(batch);
    let keys: Vec<_> = ranges.keys().copied().collect();
    for chunk in keys.chunks(LOOKUP_KEYS) {
        let sql = format!(
            "WITH wanted (device, epoch) AS (VALUES {})
             SELECT committed.device, committed.epoch, ranges
             FROM wanted CROSS JOIN committed USING (device, epoch)",
            vec!["(?,?)"; chunk.len()].join(",")
        );
        let query = chunk.iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, (device, epoch)| {
            query.bind(signed(device.number())).bind(epoch.0)
        });
        let rows = query.fetch_all(&mut *connection).await.map_err(failed("read the committed frames"))?;
        for row in &rows {
            let found = read_committed(row)?;
            ranges.insert((found.device, found.epoch), found.ranges);
        }
    }
    Ok(ranges)
}

async fn write_ranges(connection: &mut SqliteConnection, ranges: &Ranges) -> Result<(), sqlx::Error> {
    let rows: Vec<_> = ranges.iter().collect();
    let insert = Insert {
        head: "INSERT INTO committed (device, epoch, ranges)",
        columns: 3,
        tail: "ON CONFLICT (device, epoch) DO UPDATE SET ranges = excluded.ranges",
    };
    let bind = |query: Bound<'static>, row: &(&(DeviceId, Epoch), &SeqRanges)| {
        let ((device, epoch), ranges) = row;
        query.bind(signed(device.number())).bind(epoch.0).bind(ranges.to_bytes())
    };
    insert.run(connection, &rows, bind).await.map(|_| ())
}

async fn write_snapshots(
    connection: &mut SqliteConnection,
    snapshots: &[(WearerId, Vec<u8>)],
) -> Result<(), sqlx::Error> {
    let insert = Insert {
        head: "INSERT INTO snapshot (wearer, state)",
        columns: 2,
        tail: "ON CONFLICT (wearer) DO UPDATE SET state = excluded.state",
    };
    let bind =
        |query: Bound<'static>, row: &(WearerId, Vec<u8>)| query.bind(signed(row.0.0)).bind(row.1.clone());
    insert.run(connection, snapshots, bind).await.map(|_| ())
}

async fn write_chains(
    connection: &mut SqliteConnection,
    chains: &[(DeviceId, Vec<u8>)],
) -> Result<(), sqlx::Error> {
    let insert = Insert {
        head: "INSERT INTO chain (device, state)",
        columns: 2,
        tail: "ON CONFLICT (device) DO UPDATE SET state = excluded.state",
    };
    let bind = |query: Bound<'static>, row: &(DeviceId, Vec<u8>)| {
        query.bind(signed(row.0.number())).bind(row.1.clone())
    };
    insert.run(connection, chains, bind).await.map(|_| ())
}

pub(super) async fn chains(readers: &SqlitePool) -> Result<Vec<(DeviceId, Vec<u8>)>, StoreError> {
    let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as("SELECT device, state FROM chain ORDER BY device")
        .fetch_all(readers)
        .await
        .map_err(failed("read the chains' state"))?;
    Ok(rows.into_iter().map(|(device, state)| (DeviceId::new(unsigned(device)), state)).collect())
}

pub(super) async fn committed(readers: &SqlitePool) -> Result<Vec<Committed>, StoreError> {
    let rows = sqlx::query("SELECT device, epoch, ranges FROM committed ORDER BY device, epoch")
        .fetch_all(readers)
        .await
        .map_err(failed("read the committed frames"))?;
    rows.iter().map(read_committed).collect()
}

fn read_committed(row: &SqliteRow) -> Result<Committed, StoreError> {
    let failed = failed("read the committed frames");
    let bytes: &[u8] = row.try_get("ranges").map_err(failed)?;
    let corrupt = |error: crate::ranges::RangesError| StoreError::Corrupt {
        what: "a set of committed frames",
        detail: error.to_string(),
    };
    Ok(Committed {
        device: DeviceId::new(unsigned(row.try_get("device").map_err(failed)?)),
        epoch: Epoch(row.try_get("epoch").map_err(failed)?),
        ranges: SeqRanges::from_bytes(bytes).map_err(corrupt)?,
    })
}

pub(super) async fn snapshots(readers: &SqlitePool) -> Result<Vec<(WearerId, Vec<u8>)>, StoreError> {
    let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as("SELECT wearer, state FROM snapshot ORDER BY wearer")
        .fetch_all(readers)
        .await
        .map_err(failed("read the monitors' state"))?;
    Ok(rows.into_iter().map(|(wearer, state)| (WearerId(unsigned(wearer)), state)).collect())
}

pub(super) async fn device_last(readers: &SqlitePool) -> Result<Vec<DeviceLast>, StoreError> {
    let failed = failed("read the devices' last state");
    let sql = format!("SELECT {} FROM device_last ORDER BY device", last::columns());
    let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(readers).await.map_err(failed)?;
    rows.iter().map(|row| last::read(row).map_err(failed)).collect()
}
