//! What a wearer's devices told beside positions: along each table's key, a day at a time, as a trail is.

use super::{
    convert::{failed, signed, unsigned},
    telemetry::bucket,
    trail::{DAY_BUCKETS, Window, extent, worn},
};
use crate::{
    StoreError, TrailKey,
    convert::{read_event_kind, read_state, time_source},
    reports::{Report, ReportKind, Told},
    store::PAGE_ROWS_MAX,
};
use lenke_wire::{BatteryState, DeviceId, Event, FrameId, Health, Position, Sighting, UnixMillis};
use lenke_zones::WearerId;
use sqlx::{AssertSqlSafe, Row, SqliteConnection, sqlite::SqliteRow};

const ACTION: &str = "read what devices told";
const EVENTS: &str = "device, epoch, seq, 0, received_at, at, kind, value, time_source, lat_e7, lon_e7";
const HEALTH: &str =
    "device, epoch, seq, 0, received_at, at, percent, millivolts, charging, empty_at, strap_latched,
    case_latched, plan_version, unacknowledged, signal_dbm, temperature_c, firmware, zones_version, state";
const SIGHTINGS: &str = "device, epoch, seq, idx, received_at, at, heard, rssi_dbm, authenticated";

pub(super) async fn reports(
    connection: &mut SqliteConnection,
    wearer: WearerId,
    kind: ReportKind,
    (from, to): (UnixMillis, UnixMillis),
    after: Option<TrailKey>,
    limit: u32,
) -> Result<Vec<Report>, StoreError> {
    let failed = failed(ACTION);
    let limit = limit.min(PAGE_ROWS_MAX);
    let from = after.map_or(from, |after| from.max(after.at));
    let Some((oldest, newest)) = extent(connection, table(kind).0).await.map_err(failed)? else {
        return Ok(Vec::new());
    };
    let mut reports = Vec::new();
    for window in worn(connection, wearer, from.max(oldest), to.min(newest)).await.map_err(failed)? {
        reports.extend(scan(connection, &window, kind, after, limit).await.map_err(failed)?);
    }
    reports.sort_unstable_by_key(Report::key);
    reports.truncate(limit as usize);
    Ok(reports)
}

/// Table, columns and what else rows of one frame are ordered by.
const fn table(kind: ReportKind) -> (&'static str, &'static str, &'static str) {
    match kind {
        ReportKind::Events => ("event", EVENTS, ""),
        ReportKind::Health => ("health", HEALTH, ""),
        ReportKind::Sightings => ("sighting", SIGHTINGS, ", idx"),
    }
}

async fn scan(
    connection: &mut SqliteConnection,
    window: &Window,
    kind: ReportKind,
    after: Option<TrailKey>,
    limit: u32,
) -> Result<Vec<Report>, sqlx::Error> {
    let (table, columns, index) = table(kind);
    let place = if index.is_empty() { "0" } else { "idx" };
    let sql: std::sync::Arc<str> = format!(
        "WITH RECURSIVE span (n) AS (VALUES (?1) UNION ALL SELECT n + 1 FROM span WHERE n < ?2)
         SELECT {columns} FROM span CROSS JOIN {table}
         WHERE bucket = n AND device = ?3 AND at >= ?4 AND at < ?5 AND (at, epoch, seq, {place}) > (?6, ?7, ?8, ?9)
         ORDER BY at, epoch, seq{index} LIMIT ?10"
    )
    .into();
    let (at, epoch, seq, in_frame) = window.position_of(after);
    let last = bucket(window.to);
    let mut begin = bucket(window.from);
    let mut reports = Vec::new();
    while begin <= last && reports.len() < limit as usize {
        let end = last.min(begin.saturating_add(DAY_BUCKETS - 1));
        let rows = sqlx::query(AssertSqlSafe(sql.clone()))
            .bind(begin)
            .bind(end)
            .bind(signed(window.device.number()))
            .bind(window.from.0)
            .bind(window.to.0)
            .bind(at)
            .bind(epoch)
            .bind(seq)
            .bind(in_frame)
            .bind(limit)
            .fetch_all(&mut *connection)
            .await?;
        for row in &rows {
            reports.push(read(kind, row)?);
        }
        begin = end.saturating_add(1);
    }
    Ok(reports)
}

fn read(kind: ReportKind, row: &SqliteRow) -> Result<Report, sqlx::Error> {
    Ok(Report {
        device: DeviceId::new(unsigned(row.try_get(0)?)),
        frame: FrameId::new(row.try_get(1)?, row.try_get(2)?),
        index: row.try_get(3)?,
        received_at: UnixMillis(row.try_get(4)?),
        told: match kind {
            ReportKind::Events => Told::Event(event(row)?),
            ReportKind::Health => Told::Health(health(row)?),
            ReportKind::Sightings => Told::Sighting(sighting(row)?),
        },
    })
}

fn event(row: &SqliteRow) -> Result<Event, sqlx::Error> {
    let place: (Option<i32>, Option<i32>) = (row.try_get(9)?, row.try_get(10)?);
    Ok(Event {
        at: UnixMillis(row.try_get(5)?),
        kind: read_event_kind(row.try_get(6)?)?,
        value: row.try_get(7)?,
        time_source: time_source(row.try_get(8)?)?,
        position: match place {
            (Some(lat), Some(lon)) => {
                Some(Position::from_e7(lat, lon).map_err(|error| sqlx::Error::Decode(error.into()))?)
            }
            _ => None,
        },
    })
}

fn health(row: &SqliteRow) -> Result<Health, sqlx::Error> {
    Ok(Health {
        at: UnixMillis(row.try_get(5)?),
        battery: BatteryState {
            percent: row.try_get(6)?,
            millivolts: row.try_get(7)?,
            charging: row.try_get(8)?,
            empty_at: row.try_get::<Option<i64>, _>(9)?.map(UnixMillis),
        },
        strap_latched: row.try_get(10)?,
        case_latched: row.try_get(11)?,
        plan_version: row.try_get(12)?,
        unacknowledged: row.try_get(13)?,
        signal_dbm: row.try_get(14)?,
        temperature_c: row.try_get(15)?,
        firmware: row.try_get(16)?,
        zones_version: row.try_get(17)?,
        state: row.try_get::<Option<u8>, _>(18)?.map(read_state).transpose()?,
    })
}

fn sighting(row: &SqliteRow) -> Result<Sighting, sqlx::Error> {
    Ok(Sighting {
        at: UnixMillis(row.try_get(5)?),
        heard: DeviceId::new(unsigned(row.try_get(6)?)),
        rssi_dbm: row.try_get(7)?,
        authenticated: row.try_get(8)?,
    })
}
