//! Alerts: a row each with what is searched by, and the alert itself, timeline included, as JSON.

use super::convert::{alert_state, failed, from_json, signed, to_json};
use crate::{AlertPage, AlertSave, StoreError, store::PAGE_ROWS_MAX};
use lenke_alerts::{Alert, AlertId};
use lenke_wire::UnixMillis;
use sqlx::{PgConnection, PgPool};

/// Writes alerts and the findings they took in. An older version never replaces a newer one.
pub(super) async fn save(connection: &mut PgConnection, saves: &[AlertSave]) -> Result<(), StoreError> {
    const ACTION: &str = "save alerts";
    let failed = failed(ACTION);
    for AlertSave { alert, merged } in saves {
        sqlx::query(
            "INSERT INTO alert (id, wearer, state, raised_at, version, body) VALUES ($1, $2, $3, $4, $5, $6::json)
             ON CONFLICT (id) DO UPDATE SET state = excluded.state, version = excluded.version, body = excluded.body
             WHERE excluded.version >= alert.version",
        )
        .bind(&alert.id.0[..])
        .bind(signed(alert.wearer.0))
        .bind(alert_state(alert.state))
        .bind(alert.raised_at.0)
        .bind(i64::from(alert.version))
        .bind(to_json(ACTION, &**alert)?)
        .execute(&mut *connection)
        .await
        .map_err(failed)?;
        if merged.is_empty() {
            continue;
        }
        let ids: Vec<_> = merged.iter().map(|id| id.0.to_vec()).collect();
        sqlx::query(
            "INSERT INTO alert_merged (id, alert) SELECT unnest($1::bytea[]), $2 ON CONFLICT (id) DO NOTHING",
        )
        .bind(ids)
        .bind(&alert.id.0[..])
        .execute(&mut *connection)
        .await
        .map_err(failed)?;
    }
    Ok(())
}

pub(super) async fn one(readers: &PgPool, id: AlertId) -> Result<Option<Alert>, StoreError> {
    let body: Option<String> = sqlx::query_scalar(
        "SELECT body::text FROM alert WHERE id = coalesce((SELECT alert FROM alert_merged WHERE id = $1), $1)",
    )
    .bind(&id.0[..])
    .fetch_optional(readers)
    .await
    .map_err(failed("read an alert"))?;
    body.map(|body| from_json("an alert", &body)).transpose()
}

pub(super) async fn open(readers: &PgPool) -> Result<Vec<Alert>, StoreError> {
    let bodies: Vec<String> = sqlx::query_scalar(
        "SELECT body::text FROM alert WHERE state IN ('raised', 'acknowledged') ORDER BY raised_at, id",
    )
    .fetch_all(readers)
    .await
    .map_err(failed("read the open alerts"))?;
    bodies.iter().map(|body| from_json("an alert", body)).collect()
}

pub(super) async fn page(readers: &PgPool, page: AlertPage) -> Result<Vec<Alert>, StoreError> {
    let (raised_at, id) =
        page.before.map_or((UnixMillis(i64::MAX), AlertId([0xff; 16])), |key| (key.raised_at, key.id));
    let bodies: Vec<String> = sqlx::query_scalar(
        "SELECT body::text FROM alert WHERE state = $1 AND (raised_at, id) < ($2, $3)
         ORDER BY raised_at DESC, id DESC LIMIT $4",
    )
    .bind(alert_state(page.state))
    .bind(raised_at.0)
    .bind(&id.0[..])
    .bind(i64::from(page.limit.min(PAGE_ROWS_MAX)))
    .fetch_all(readers)
    .await
    .map_err(failed("read the alert history"))?;
    bodies.iter().map(|body| from_json("an alert", body)).collect()
}
