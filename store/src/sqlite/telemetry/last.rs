//! The newest that is known of each device: merged with what is there, so that a backlog does not move it back.

use super::{
    super::{
        bulk::Insert,
        convert::{Bound, FIX_COLUMNS, bind_fix, read_fix, signed, unsigned},
    },
    LOOKUP_KEYS,
};
use crate::{
    DeviceLast,
    batch::{devices, merge_last},
};
use lenke_wire::{BatteryState, DeviceId, FrameId, UnixMillis};
use lenke_zones::WearerId;
use sqlx::{AssertSqlSafe, Row, SqliteConnection, sqlite::SqliteRow};
use std::collections::BTreeMap;

/// Merges `news` into the table.
pub(super) async fn merge(connection: &mut SqliteConnection, news: &[DeviceLast]) -> Result<(), sqlx::Error> {
    let known = load(connection, &devices(news)).await?;
    let rows = merge_last(known, news);
    let head = format!("INSERT OR REPLACE INTO device_last ({})", columns());
    Insert { head: &head, columns: 17, tail: "" }.run(connection, &rows, bind).await?;
    Ok(())
}

async fn load(
    connection: &mut SqliteConnection,
    devices: &[DeviceId],
) -> Result<BTreeMap<DeviceId, DeviceLast>, sqlx::Error> {
    let mut known = BTreeMap::new();
    for chunk in devices.chunks(LOOKUP_KEYS) {
        let wanted = vec!["?"; chunk.len()].join(",");
        let sql = format!("SELECT {} FROM device_last WHERE device IN ({wanted})", columns());
        let query = chunk
            .iter()
            .fold(sqlx::query(AssertSqlSafe(sql)), |query, device| query.bind(signed(device.number())));
        for row in &query.fetch_all(&mut *connection).await? {
            let last = read(row)?;
            known.insert(last.device, last);
        }
    }
    Ok(known)
}

fn bind(query: Bound<'static>, last: &DeviceLast) -> Bound<'static> {
    let battery = last.battery;
    let query = query
        .bind(signed(last.device.number()))
        .bind(signed(last.wearer.0))
        .bind(last.frame.epoch.0)
        .bind(last.frame.seq.0)
        .bind(last.fix.map(|fix| fix.at.0));
    bind_fix(query, last.fix.as_ref())
        .bind(battery.map(|battery| battery.percent))
        .bind(battery.map(|battery| battery.millivolts))
        .bind(battery.map(|battery| battery.charging))
        .bind(battery.and_then(|battery| battery.empty_at).map(|at| at.0))
        .bind(last.heard_at.0)
}

/// The columns that [`read`] reads, and [`bind`] binds.
pub(super) fn columns() -> String {
    format!(
        "device, wearer, epoch, seq, fix_at, {FIX_COLUMNS}, percent, millivolts, charging, empty_at, heard_at"
    )
}

/// One row of the table.
pub(super) fn read(row: &SqliteRow) -> Result<DeviceLast, sqlx::Error> {
    let fix_at: Option<i64> = row.try_get(4)?;
    let percent: Option<u8> = row.try_get(12)?;
    let battery = |percent| -> Result<BatteryState, sqlx::Error> {
        Ok(BatteryState {
            percent,
            millivolts: row.try_get(13)?,
            charging: row.try_get(14)?,
            empty_at: row.try_get::<Option<i64>, _>(15)?.map(UnixMillis),
        })
    };
    Ok(DeviceLast {
        device: DeviceId::new(unsigned(row.try_get(0)?)),
        wearer: WearerId(unsigned(row.try_get(1)?)),
        frame: FrameId::new(row.try_get(2)?, row.try_get(3)?),
        fix: fix_at.map(|at| read_fix(row, UnixMillis(at), 5)).transpose()?,
        battery: percent.map(battery).transpose()?,
        heard_at: UnixMillis(row.try_get(16)?),
    })
}
