//! The register's version, identities given out, which only rise, and totals that would take a scan to count.

use super::convert::{failed, unsigned};
use crate::{Counts, StoreError};
use sqlx::{Row, SqliteConnection, SqliteExecutor};

pub(super) const REGISTER_VERSION: &str = "register_version";
pub(super) const ZONE_ID: &str = "zone_id";
pub(super) const FRAMES: &str = "frames";
pub(super) const FIXES: &str = "fixes";
pub(super) const SIGHTINGS: &str = "sightings";
pub(super) const EVENTS: &str = "events";
pub(super) const HEALTH: &str = "health";
pub(super) const QUARANTINED: &str = "quarantined";
pub(super) const QUARANTINE_DROPPED: &str = "quarantine_dropped";
pub(super) const DOWNLINK_EPOCH: &str = "downlink_epoch";

/// Adds `count` to the counter and answers its new value.
pub(super) async fn add(
    connection: &mut SqliteConnection,
    name: &str,
    count: i64,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(
        "INSERT INTO counter (name, value) VALUES (?, ?)
         ON CONFLICT (name) DO UPDATE SET value = value + excluded.value RETURNING value",
    )
    .bind(name)
    .bind(count)
    .fetch_one(connection)
    .await
}

/// The counter's value; 0 if nothing was ever added.
pub(super) async fn value(executor: impl SqliteExecutor<'_>, name: &str) -> Result<i64, sqlx::Error> {
    let value = sqlx::query_scalar("SELECT value FROM counter WHERE name = ?").bind(name);
    Ok(value.fetch_optional(executor).await?.unwrap_or(0))
}

/// An epoch that was never given out before, counted from 1.
pub(super) async fn next_downlink_epoch(connection: &mut SqliteConnection) -> Result<u32, StoreError> {
    let epoch = add(connection, DOWNLINK_EPOCH, 1).await.map_err(failed("reserve a downlink epoch"))?;
    u32::try_from(epoch)
        .map_err(|_| StoreError::Corrupt { what: "a downlink epoch", detail: epoch.to_string() })
}

/// Totals from the counters, and counts of the tables that stay small.
pub(super) async fn counts(connection: &mut SqliteConnection) -> Result<Counts, StoreError> {
    let failed = failed("count");
    let mut counts = Counts::default();
    let counters =
        sqlx::query("SELECT name, value FROM counter").fetch_all(&mut *connection).await.map_err(failed)?;
    for row in counters {
        let value = unsigned(row.try_get("value").map_err(failed)?);
        match row.try_get("name").map_err(failed)? {
            FRAMES => counts.frames = value,
            FIXES => counts.fixes = value,
            SIGHTINGS => counts.sightings = value,
            EVENTS => counts.events = value,
            HEALTH => counts.health = value,
            QUARANTINED => counts.quarantined = value,
            QUARANTINE_DROPPED => counts.quarantine_dropped = value,
            _ => {}
        }
    }
    let row = sqlx::query(
        "SELECT (SELECT count(*) FROM alert), (SELECT count(*) FROM alert WHERE state IN ('raised', 'acknowledged')),
                (SELECT count(*) FROM wearer), (SELECT count(*) FROM device), (SELECT count(DISTINCT id) FROM zone)",
    )
    .fetch_one(connection)
    .await
    .map_err(failed)?;
    let number = |index: usize| row.try_get(index).map(unsigned).map_err(failed);
    counts.alerts = number(0)?;
    counts.alerts_open = number(1)?;
    counts.wearers = number(2)?;
    counts.devices = number(3)?;
    counts.zones = number(4)?;
    Ok(counts)
}
