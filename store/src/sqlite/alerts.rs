//! Alerts: a row each with what is searched by, and the alert itself, timeline included, as JSON.

use super::convert::{alert_state, failed, from_json, signed, to_json};
use crate::{AlertPage, AlertSave, StoreError, store::PAGE_ROWS_MAX};
use lenke_alerts::{Alert, AlertId};
use lenke_wire::UnixMillis;
use sqlx::{SqliteConnection, SqlitePool};

/// Writes alerts and the findings they took in. An older version never replaces a newer one.
pub(super) async fn save(connection: &mut SqliteConnection, saves: &[AlertSave]) -> Result<(), StoreError> {
    const ACTION: &str = "save alerts";
    let failed = failed(ACTION);
    for AlertSave { alert, merged } in saves {
        sqlx::query(
            "INSERT INTO alert (id, wearer, state, raised_at, version, body) VALUES (?, ?, ?, ?, ?, ?)
             ON CONFLICT (id) DO UPDATE SET state = excluded.state, version = excluded.version, body = excluded.body
             WHERE excluded.version >= version",
        )
        .bind(&alert.id.0[..])
        .bind(signed(alert.wearer.0))
        .bind(alert_state(alert.state))
        .bind(alert.raised_at.0)
        .bind(alert.version)
        .bind(to_json(ACTION, &**alert)?)
        .execute(&mut *connection)
        .await
        .map_err(failed)?;
        for id in merged {
            sqlx::query("INSERT INTO alert_merged (id, alert) VALUES (?, ?) ON CONFLICT (id) DO NOTHING")
                .bind(&id.0[..])
                .bind(&alert.id.0[..])
                .execute(&mut *connection)
                .await
                .map_err(failed)?;
        }
    }
    Ok(())
}

pub(super) async fn one(readers: &SqlitePool, id: AlertId) -> Result<Option<Alert>, StoreError> {
    let body: Option<String> = sqlx::query_scalar(
        "SELECT body FROM alert WHERE id = coalesce((SELECT alert FROM alert_merged WHERE id = ?1), ?1)",
    )
    .bind(&id.0[..])
    .fetch_optional(readers)
    .await
    .map_err(failed("read an alert"))?;
    body.map(|body| from_json("an alert", &body)).transpose()
}

pub(super) async fn open(readers: &SqlitePool) -> Result<Vec<Alert>, StoreError> {
    let bodies: Vec<String> = sqlx::query_scalar(
        "SELECT body FROM alert WHERE state IN ('raised', 'acknowledged') ORDER BY raised_at, id",
    )
    .fetch_all(readers)
    .await
    .map_err(failed("read the open alerts"))?;
    bodies.iter().map(|body| from_json("an alert", body)).collect()
}

pub(super) async fn page(readers: &SqlitePool, page: AlertPage) -> Result<Vec<Alert>, StoreError> {
    let (raised_at, id) =
        page.before.map_or((UnixMillis(i64::MAX), AlertId([0xff; 16])), |key| (key.raised_at, key.id));
    let bodies: Vec<String> = sqlx::query_scalar(
        "SELECT body FROM alert WHERE state = ? AND (raised_at, id) < (?, ?) ORDER BY raised_at DESC, id DESC LIMIT ?",
    )
    .bind(alert_state(page.state))
    .bind(raised_at.0)
    .bind(&id.0[..])
    .bind(page.limit.min(PAGE_ROWS_MAX))
    .fetch_all(readers)
    .await
    .map_err(failed("read the alert history"))?;
    bodies.iter().map(|body| from_json("an alert", body)).collect()
}
