//! The rows of a batch into their tables, those of frames that are already committed left out.

use super::super::{
    bulk::Insert,
    convert::{Bound, FIX_COLUMNS, bind_fix, event_kind, lane, signed},
    counter,
};
use crate::{
    Batch, EventRow, FixRow, FrameRow, HealthRow, SightingRow,
    batch::{Ranges, key, sorted},
};
use lenke_wire::{DeviceId, FrameId, UnixMillis};
use sqlx::SqliteConnection;

/// Milliseconds of one bucket, the leading column of every telemetry table's key.
pub(crate) const BUCKET_MS: i64 = 10 * 60 * 1000;

/// The bucket of a moment.
pub(crate) const fn bucket(at: UnixMillis) -> i64 {
    at.0.div_euclid(BUCKET_MS)
}

/// Inserts the rows of frames that are not in `before`; answers how many.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    batch: &Batch,
    before: &Ranges,
) -> Result<u64, sqlx::Error> {
    let fix_head = format!(
        "INSERT INTO fix (bucket, device, at, epoch, seq, idx, wearer, {FIX_COLUMNS}, received_at, late)"
    );
    let key = |at, device, frame, index| key(bucket(at), at, device, frame, index);
    let fixes = sorted(&batch.fixes, |row| key(row.fix.at, row.device, row.frame, row.index), before);
    let sightings =
        sorted(&batch.sightings, |row| key(row.sighting.at, row.device, row.frame, row.index), before);
    let events = sorted(&batch.events, |row| key(row.event.at, row.device, row.frame, 0), before);
    let health = sorted(&batch.health, |row| key(row.health.at, row.device, row.frame, 0), before);
    let frames = sorted(&batch.frames, |row| key(row.received_at, row.device, row.frame, 0), before);
    let mut total = 0;
    total += add(connection, counter::FIXES, &fix_head, 16, &fixes, bind_fix_row).await?;
    total += add(connection, counter::SIGHTINGS, SIGHTING_HEAD, 10, &sightings, bind_sighting).await?;
    total += add(connection, counter::EVENTS, EVENT_HEAD, 11, &events, bind_event).await?;
    total += add(connection, counter::HEALTH, HEALTH_HEAD, 19, &health, bind_health).await?;
    let insert = Insert { head: FRAME_HEAD, columns: 7, tail: "ON CONFLICT DO NOTHING" };
    insert.run(connection, &frames, |query, row| bind_frame(query, row)).await?;
    Ok(total)
}

/// Inserts `rows` and adds their number to the table's total.
async fn add<T: Sync>(
    connection: &mut SqliteConnection,
    total: &str,
    head: &str,
    columns: usize,
    rows: &[&T],
    bind: fn(Bound<'static>, &T) -> Bound<'static>,
) -> Result<u64, sqlx::Error> {
    if rows.is_empty() {
        return Ok(0);
    }
    let insert = Insert { head, columns, tail: "ON CONFLICT DO NOTHING" };
    let inserted = insert.run(connection, rows, |query, row| bind(query, row)).await?;
    counter::add(connection, total, signed(inserted)).await?;
    Ok(inserted)
}

/// Binds bucket, device, time, epoch and seq, with which every key begins.
fn bind_key(query: Bound<'static>, at: UnixMillis, device: DeviceId, frame: FrameId) -> Bound<'static> {
    query.bind(bucket(at)).bind(signed(device.number())).bind(at.0).bind(frame.epoch.0).bind(frame.seq.0)
}

fn bind_fix_row(query: Bound<'static>, row: &FixRow) -> Bound<'static> {
    let query = bind_key(query, row.fix.at, row.device, row.frame).bind(row.index).bind(signed(row.wearer.0));
    bind_fix(query, Some(&row.fix)).bind(row.received_at.0).bind(row.late)
}

const SIGHTING_HEAD: &str = "INSERT INTO sighting
    (bucket, device, at, epoch, seq, idx, heard, rssi_dbm, authenticated, received_at)";

fn bind_sighting(query: Bound<'static>, row: &SightingRow) -> Bound<'static> {
    let sighting = &row.sighting;
    bind_key(query, sighting.at, row.device, row.frame)
        .bind(row.index)
        .bind(signed(sighting.heard.number()))
        .bind(sighting.rssi_dbm)
        .bind(sighting.authenticated)
        .bind(row.received_at.0)
}

const EVENT_HEAD: &str = "INSERT INTO event
    (bucket, device, at, epoch, seq, kind, value, lat_e7, lon_e7, time_source, received_at)";

fn bind_event(query: Bound<'static>, row: &EventRow) -> Bound<'static> {
    let event = &row.event;
    bind_key(query, event.at, row.device, row.frame)
        .bind(event_kind(event.kind))
        .bind(event.value)
        .bind(event.position.map(|position| position.lat_e7()))
        .bind(event.position.map(|position| position.lon_e7()))
        .bind(event.time_source as u8)
        .bind(row.received_at.0)
}

const HEALTH_HEAD: &str = "INSERT INTO health
    (bucket, device, at, epoch, seq, percent, millivolts, charging, empty_at, strap_latched, case_latched,
     plan_version, unacknowledged, signal_dbm, temperature_c, firmware, zones_version, state, received_at)";

fn bind_health(query: Bound<'static>, row: &HealthRow) -> Bound<'static> {
    let health = &row.health;
    bind_key(query, health.at, row.device, row.frame)
        .bind(health.battery.percent)
        .bind(health.battery.millivolts)
        .bind(health.battery.charging)
        .bind(health.battery.empty_at.map(|at| at.0))
        .bind(health.strap_latched)
        .bind(health.case_latched)
        .bind(health.plan_version)
        .bind(health.unacknowledged)
        .bind(health.signal_dbm)
        .bind(health.temperature_c)
        .bind(health.firmware)
        .bind(health.zones_version)
        .bind(health.state.map(|state| state as u8))
        .bind(row.received_at.0)
}

const FRAME_HEAD: &str = "INSERT INTO frame (bucket, device, epoch, seq, lane, received_at, bytes)";

fn bind_frame(query: Bound<'static>, row: &FrameRow) -> Bound<'static> {
    query
        .bind(bucket(row.received_at))
        .bind(signed(row.device.number()))
        .bind(row.frame.epoch.0)
        .bind(row.frame.seq.0)
        .bind(lane(row.lane))
        .bind(row.received_at.0)
        .bind(row.bytes.clone())
}
