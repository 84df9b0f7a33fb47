//! The newest that is known of each device: merged with what is there, so that a backlog does not move it back.

use super::{
    super::{
        bulk,
        columns::{Column, Columns},
        convert::{Moment, signed},
    },
    packed::Packed,
};
use crate::{
    DeviceLast,
    batch::{devices, merge_last},
};
use lenke_wire::{DeviceId, Fix, UnixMillis};
use sqlx::PgConnection;
use std::collections::BTreeMap;

const NAMES: &[&str] = &[
    "device",
    "wearer",
    "epoch",
    "seq",
    "fix_at",
    "lat_e7",
    "lon_e7",
    "accuracy_dm",
    "speed_cm_s",
    "course_cdeg",
    "satellites",
    "time_source",
    "percent",
    "millivolts",
    "charging",
    "empty_at",
    "heard_at",
];
const REPLACE: &str = "ON CONFLICT (device) DO UPDATE SET wearer = excluded.wearer, epoch = excluded.epoch,
    seq = excluded.seq, fix_at = excluded.fix_at, lat_e7 = excluded.lat_e7, lon_e7 = excluded.lon_e7,
    accuracy_dm = excluded.accuracy_dm, speed_cm_s = excluded.speed_cm_s, course_cdeg = excluded.course_cdeg,
    satellites = excluded.satellites, time_source = excluded.time_source, percent = excluded.percent,
    millivolts = excluded.millivolts, charging = excluded.charging, empty_at = excluded.empty_at,
    heard_at = excluded.heard_at";

/// Merges `news` into the table.
pub(super) async fn merge(connection: &mut PgConnection, news: &[DeviceLast]) -> Result<(), sqlx::Error> {
    if news.is_empty() {
        return Ok(());
    }
    let known = load(connection, &devices(news)).await?;
    let rows = merge_last(known, news);
    bulk::insert(connection, "device_last", columns(&rows), REPLACE).await.map(|_| ())
}

async fn load(
    connection: &mut PgConnection,
    devices: &[DeviceId],
) -> Result<BTreeMap<DeviceId, DeviceLast>, sqlx::Error> {
    let numbers: Vec<_> = devices.iter().map(|device| signed(device.number())).collect();
    let rows: Vec<Vec<u8>> = sqlx::query_scalar("SELECT packed FROM device_last WHERE device = ANY($1)")
        .bind(numbers)
        .fetch_all(connection)
        .await?;
    rows.iter().map(|bytes| Packed(bytes).read().map(|last| (last.device, last))).collect()
}

fn columns(rows: &[DeviceLast]) -> Columns {
    let fix_i32 =
        |value: fn(&Fix) -> i32| Column::I32(rows.iter().map(|row| row.fix.as_ref().map(value)).collect());
    let fix_i16 =
        |value: fn(&Fix) -> i16| Column::I16(rows.iter().map(|row| row.fix.as_ref().map(value)).collect());
    let time = |value: fn(&DeviceLast) -> Option<UnixMillis>| {
        Column::Time(rows.iter().map(|row| value(row).map(Moment::from)).collect())
    };
    let columns = vec![
        Column::I64(rows.iter().map(|row| Some(signed(row.device.number()))).collect()),
        Column::I64(rows.iter().map(|row| Some(signed(row.wearer.0))).collect()),
        Column::I64(rows.iter().map(|row| Some(row.frame.epoch.0.into())).collect()),
        Column::I64(rows.iter().map(|row| Some(row.frame.seq.0.into())).collect()),
        time(|row| row.fix.map(|fix| fix.at)),
        fix_i32(|fix| fix.position.lat_e7()),
        fix_i32(|fix| fix.position.lon_e7()),
        fix_i32(|fix| fix.accuracy_dm.into()),
        fix_i32(|fix| fix.speed_cm_s.into()),
        fix_i32(|fix| fix.course_cdeg.into()),
        fix_i16(|fix| fix.satellites.into()),
        fix_i16(|fix| i16::from(fix.time_source as u8)),
        Column::I16(rows.iter().map(|row| row.battery.map(|battery| battery.percent.into())).collect()),
        Column::I32(rows.iter().map(|row| row.battery.map(|battery| battery.millivolts.into())).collect()),
        Column::Bool(rows.iter().map(|row| row.battery.map(|battery| battery.charging)).collect()),
        time(|row| row.battery.and_then(|battery| battery.empty_at)),
        time(|row| Some(row.heard_at)),
    ];
    Columns::new(NAMES, rows.len(), columns)
}
