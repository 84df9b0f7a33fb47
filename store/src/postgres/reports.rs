//! What a wearer's devices told beside positions: along each table's key, device by device, as a trail is.

use super::{
    cells::Cells,
    convert::{Moment, failed, signed},
    trail::{Worn, place_in_device, worn},
};
use crate::{
    StoreError, TrailKey,
    convert::{read_event_kind, read_state, time_source},
    reports::{Report, ReportKind, Told},
    store::PAGE_ROWS_MAX,
};
use lenke_wire::{BatteryState, DeviceId, Event, Health, Position, Sighting, UnixMillis};
use lenke_zones::WearerId;
use sqlx::{AssertSqlSafe, PgConnection};
use std::sync::Arc;

const EVENTS: &str =
    "device, epoch, seq, 0, received_at, at, kind, value, time_source, lat_e7, lon_e7 FROM event";
const HEALTH: &str = "device, epoch, seq, 0, received_at, at, percent, millivolts, charging, empty_at, strap_latched,
    case_latched, plan_version, unacknowledged, signal_dbm, temperature_c, firmware, zones_version, state FROM health";
const SIGHTINGS: &str =
    "device, epoch, seq, idx, received_at, at, heard, rssi_dbm, authenticated FROM sighting";

pub(super) async fn reports(
    connection: &mut PgConnection,
    wearer: WearerId,
    kind: ReportKind,
    (from, to): (UnixMillis, UnixMillis),
    after: Option<TrailKey>,
    limit: u32,
) -> Result<Vec<Report>, StoreError> {
    let failed = failed("read what devices told");
    let limit = limit.min(PAGE_ROWS_MAX);
    let from = after.map_or(from, |after| from.max(after.at));
    let (columns, index) = match kind {
        ReportKind::Events => (EVENTS, ""),
        ReportKind::Health => (HEALTH, ""),
        ReportKind::Sightings => (SIGHTINGS, ", idx"),
    };
    let place = if index.is_empty() { "0" } else { "idx" };
    let sql: Arc<str> = format!(
        "SELECT {columns} WHERE device = $1 AND at >= $2 AND at < $3 AND (at, epoch, seq, {place}) > ($4, $5, $6, $7)
         ORDER BY at, epoch, seq{index} LIMIT $8"
    )
    .into();
    let mut reports = Vec::new();
    for Worn { device, from, to } in worn(connection, wearer, from, to).await.map_err(failed)? {
        let (time, epoch, seq, place) = place_in_device(device, after);
        let rows = sqlx::query(AssertSqlSafe(sql.clone()))
            .bind(signed(device.number()))
            .bind(Moment::from(from))
            .bind(Moment::from(to))
            .bind(Moment::from(time))
            .bind(epoch)
            .bind(seq)
            .bind(place)
            .bind(i64::from(limit))
            .fetch_all(&mut *connection)
            .await
            .map_err(failed)?;
        for row in &rows {
            reports.push(read(kind, &mut Cells::of(row)).map_err(failed)?);
        }
    }
    reports.sort_unstable_by_key(Report::key);
    reports.truncate(limit as usize);
    Ok(reports)
}

fn read(kind: ReportKind, cells: &mut Cells<'_>) -> Result<Report, sqlx::Error> {
    Ok(Report {
        device: DeviceId::new(cells.id()?),
        frame: cells.frame()?,
        index: cells.number()?,
        received_at: cells.time()?,
        told: match kind {
            ReportKind::Events => Told::Event(event(cells)?),
            ReportKind::Health => Told::Health(health(cells)?),
            ReportKind::Sightings => Told::Sighting(sighting(cells)?),
        },
    })
}

fn event(cells: &mut Cells<'_>) -> Result<Event, sqlx::Error> {
    Ok(Event {
        at: cells.time()?,
        kind: read_event_kind(cells.number()?)?,
        value: cells.number()?,
        time_source: time_source(cells.number()?)?,
        position: match (cells.optional()?, cells.optional()?) {
            (Some(lat), Some(lon)) => {
                Some(Position::from_e7(lat, lon).map_err(|error| sqlx::Error::Decode(error.into()))?)
            }
            _ => None,
        },
    })
}

fn health(cells: &mut Cells<'_>) -> Result<Health, sqlx::Error> {
    Ok(Health {
        at: cells.time()?,
        battery: BatteryState {
            percent: cells.number()?,
            millivolts: cells.number()?,
            charging: cells.flag()?,
            empty_at: cells.optional()?.map(|micros: i64| Moment::from_micros(micros).into()),
        },
        strap_latched: cells.flag()?,
        case_latched: cells.flag()?,
        plan_version: cells.number()?,
        unacknowledged: cells.number()?,
        signal_dbm: cells.number()?,
        temperature_c: cells.number()?,
        firmware: cells.number()?,
        zones_version: cells.number()?,
        state: cells.optional()?.map(read_state).transpose()?,
    })
}

fn sighting(cells: &mut Cells<'_>) -> Result<Sighting, sqlx::Error> {
    Ok(Sighting {
        at: cells.time()?,
        heard: DeviceId::new(cells.id()?),
        rssi_dbm: cells.number()?,
        authenticated: cells.flag()?,
    })
}
