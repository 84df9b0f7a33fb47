//! The rows of a batch into their tables, those of frames that are already committed left out.

use super::super::{
    bulk,
    columns::{Column, Columns},
    convert::{Moment, event_kind, lane, signed},
    counter,
};
use crate::{
    Batch, EventRow, FixRow, FrameRow, HealthRow, SightingRow,
    batch::{Key, Ranges, key, sorted},
    postgres::layout::week,
};
use lenke_wire::{DeviceId, FrameId, UnixMillis};
use sqlx::PgConnection;
use std::collections::BTreeSet;

/// Every week of which the batch has rows.
pub(crate) fn weeks(batch: &Batch) -> BTreeSet<i64> {
    let fixes = batch.fixes.iter().map(|row| row.fix.at);
    fixes
        .chain(batch.sightings.iter().map(|row| row.sighting.at))
        .chain(batch.events.iter().map(|row| row.event.at))
        .chain(batch.health.iter().map(|row| row.health.at))
        .chain(batch.frames.iter().map(|row| row.received_at))
        .map(week)
        .collect()
}

/// Inserts the rows of frames that are not in `before`; answers how many.
pub(super) async fn insert(
    connection: &mut PgConnection,
    batch: &Batch,
    before: &Ranges,
) -> Result<u64, sqlx::Error> {
    // The tables' keys begin with the device.
    let by = |device: DeviceId, at: UnixMillis, frame: FrameId, index: u16| -> Key {
        key(signed(device.number()), at, device, frame, index)
    };
    let fixes = sorted(&batch.fixes, |row| by(row.device, row.fix.at, row.frame, row.index), before);
    let sightings =
        sorted(&batch.sightings, |row| by(row.device, row.sighting.at, row.frame, row.index), before);
    let events = sorted(&batch.events, |row| by(row.device, row.event.at, row.frame, 0), before);
    let health = sorted(&batch.health, |row| by(row.device, row.health.at, row.frame, 0), before);
    let frames = sorted(&batch.frames, |row| by(row.device, row.received_at, row.frame, 0), before);
    let mut total = 0;
    for (table, name, columns) in [
        ("fix", counter::FIXES, fix_columns(&fixes)),
        ("sighting", counter::SIGHTINGS, sighting_columns(&sightings)),
        ("event", counter::EVENTS, event_columns(&events)),
        ("health", counter::HEALTH, health_columns(&health)),
    ] {
        if columns.rows() == 0 {
            continue;
        }
        let written = bulk::write(connection, table, columns).await?;
        counter::add(&mut *connection, name, signed(written)).await?;
        total += written;
    }
    bulk::write(connection, "frame", frame_columns(&frames)).await?;
    Ok(total)
}

fn i64s<T>(rows: &[&T], value: impl Fn(&T) -> i64) -> Column {
    Column::I64(rows.iter().map(|row| Some(value(row))).collect())
}

fn i32s<T>(rows: &[&T], value: impl Fn(&T) -> i32) -> Column {
    Column::I32(rows.iter().map(|row| Some(value(row))).collect())
}

fn i16s<T>(rows: &[&T], value: impl Fn(&T) -> i16) -> Column {
    Column::I16(rows.iter().map(|row| Some(value(row))).collect())
}

fn bools<T>(rows: &[&T], value: impl Fn(&T) -> bool) -> Column {
    Column::Bool(rows.iter().map(|row| Some(value(row))).collect())
}

fn times<T>(rows: &[&T], value: impl Fn(&T) -> UnixMillis) -> Column {
    Column::Time(rows.iter().map(|row| Some(value(row).into())).collect())
}

/// Device, time, epoch and seq, with which every table begins.
fn head<T>(rows: &[&T], part: impl Fn(&T) -> (DeviceId, UnixMillis, FrameId)) -> Vec<Column> {
    vec![
        i64s(rows, |row| signed(part(row).0.number())),
        times(rows, |row| part(row).1),
        i64s(rows, |row| part(row).2.epoch.0.into()),
        i64s(rows, |row| part(row).2.seq.0.into()),
    ]
}

fn fix_columns(rows: &[&FixRow]) -> Columns {
    const NAMES: &[&str] = &[
        "device",
        "at",
        "epoch",
        "seq",
        "received_at",
        "wearer",
        "lat_e7",
        "lon_e7",
        "idx",
        "accuracy_dm",
        "speed_cm_s",
        "course_cdeg",
        "satellites",
        "time_source",
        "late",
    ];
    let mut columns = head(rows, |row| (row.device, row.fix.at, row.frame));
    columns.extend([
        times(rows, |row| row.received_at),
        i64s(rows, |row| signed(row.wearer.0)),
        i32s(rows, |row| row.fix.position.lat_e7()),
        i32s(rows, |row| row.fix.position.lon_e7()),
        i32s(rows, |row| row.index.into()),
        i32s(rows, |row| row.fix.accuracy_dm.into()),
        i32s(rows, |row| row.fix.speed_cm_s.into()),
        i32s(rows, |row| row.fix.course_cdeg.into()),
        i16s(rows, |row| row.fix.satellites.into()),
        i16s(rows, |row| i16::from(row.fix.time_source as u8)),
        bools(rows, |row| row.late),
    ]);
    Columns::new(NAMES, rows.len(), columns)
}

fn sighting_columns(rows: &[&SightingRow]) -> Columns {
    const NAMES: &[&str] =
        &["device", "at", "epoch", "seq", "received_at", "heard", "idx", "rssi_dbm", "authenticated"];
    let mut columns = head(rows, |row| (row.device, row.sighting.at, row.frame));
    columns.extend([
        times(rows, |row| row.received_at),
        i64s(rows, |row| signed(row.sighting.heard.number())),
        i32s(rows, |row| row.index.into()),
        i16s(rows, |row| row.sighting.rssi_dbm.into()),
        bools(rows, |row| row.sighting.authenticated),
    ]);
    Columns::new(NAMES, rows.len(), columns)
}

fn event_columns(rows: &[&EventRow]) -> Columns {
    const NAMES: &[&str] =
        &["device", "at", "epoch", "seq", "received_at", "value", "lat_e7", "lon_e7", "kind", "time_source"];
    let mut columns = head(rows, |row| (row.device, row.event.at, row.frame));
    columns.extend([
        times(rows, |row| row.received_at),
        i32s(rows, |row| row.event.value),
        Column::I32(rows.iter().map(|row| row.event.position.map(|place| place.lat_e7())).collect()),
        Column::I32(rows.iter().map(|row| row.event.position.map(|place| place.lon_e7())).collect()),
        i16s(rows, |row| event_kind(row.event.kind).into()),
        i16s(rows, |row| i16::from(row.event.time_source as u8)),
    ]);
    Columns::new(NAMES, rows.len(), columns)
}

fn health_columns(rows: &[&HealthRow]) -> Columns {
    const NAMES: &[&str] = &[
        "device",
        "at",
        "epoch",
        "seq",
        "received_at",
        "empty_at",
        "plan_version",
        "unacknowledged",
        "firmware",
        "millivolts",
        "percent",
        "signal_dbm",
        "temperature_c",
        "charging",
        "strap_latched",
        "case_latched",
        "zones_version",
        "state",
    ];
    let mut columns = head(rows, |row| (row.device, row.health.at, row.frame));
    columns.extend([
        times(rows, |row| row.received_at),
        Column::Time(rows.iter().map(|row| row.health.battery.empty_at.map(Moment::from)).collect()),
        i64s(rows, |row| row.health.plan_version.into()),
        i64s(rows, |row| row.health.unacknowledged.into()),
        i64s(rows, |row| row.health.firmware.into()),
        i32s(rows, |row| row.health.battery.millivolts.into()),
        i16s(rows, |row| row.health.battery.percent.into()),
        i16s(rows, |row| row.health.signal_dbm),
        i16s(rows, |row| row.health.temperature_c.into()),
        bools(rows, |row| row.health.battery.charging),
        bools(rows, |row| row.health.strap_latched),
        bools(rows, |row| row.health.case_latched),
        i64s(rows, |row| row.health.zones_version.into()),
        Column::I16(rows.iter().map(|row| row.health.state.map(|state| i16::from(state as u8))).collect()),
    ]);
    Columns::new(NAMES, rows.len(), columns)
}

fn frame_columns(rows: &[&FrameRow]) -> Columns {
    const NAMES: &[&str] = &["device", "received_at", "epoch", "seq", "lane", "bytes"];
    let mut columns = head(rows, |row| (row.device, row.received_at, row.frame));
    columns.push(i16s(rows, |row| lane(row.lane).into()));
    columns.push(Column::bytes(rows.iter().map(|row| row.bytes.clone())));
    Columns::new(NAMES, rows.len(), columns)
}
