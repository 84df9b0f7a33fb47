//! The audit log. The table's trigger refuses every change but an append.

use super::convert::{array, failed, signed, unsigned};
use crate::{AuditEntry, AuditQuery, AuditRecord, StoreError, store::PAGE_ROWS_MAX};
use lenke_wire::UnixMillis;
use sqlx::{PgConnection, PgPool, QueryBuilder, Row, postgres::PgRow};

/// Appends; the caller's transaction holds the log's lock.
pub(super) async fn append(
    connection: &mut PgConnection,
    entry: AuditEntry,
) -> Result<AuditRecord, StoreError> {
    let failed = failed("append to the audit log");
    let entry = entry.storable();
    let last = sqlx::query("SELECT * FROM audit ORDER BY seq DESC LIMIT 1")
        .fetch_optional(&mut *connection)
        .await
        .map_err(failed)?;
    let last = last.as_ref().map(read).transpose()?;
    let record = AuditRecord::after(last.as_ref(), entry);
    sqlx::query(
        "INSERT INTO audit (seq, prev_hash, hash, at, actor, action, object, detail)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(signed(record.seq))
    .bind(&record.prev_hash[..])
    .bind(&record.hash[..])
    .bind(record.entry.at.0)
    .bind(&record.entry.actor)
    .bind(&record.entry.action)
    .bind(&record.entry.object)
    .bind(&record.entry.detail)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(record)
}

pub(super) async fn page(
    readers: &PgPool,
    before: Option<u64>,
    limit: u32,
) -> Result<Vec<AuditRecord>, StoreError> {
    sqlx::query("SELECT * FROM audit WHERE seq < $1 ORDER BY seq DESC LIMIT $2")
        .bind(before.map_or(i64::MAX, signed))
        .bind(i64::from(limit.min(PAGE_ROWS_MAX)))
        .fetch_all(readers)
        .await
        .map_err(failed("read the audit log"))?
        .iter()
        .map(read)
        .collect()
}

pub(super) async fn search(readers: &PgPool, query: &AuditQuery) -> Result<Vec<AuditRecord>, StoreError> {
    let failed = failed("search the audit log");
    // One statement for each set of conditions, so that each uses its index.
    let mut sql = QueryBuilder::new("SELECT * FROM audit WHERE seq < ");
    sql.push_bind(query.before.map_or(i64::MAX, signed));
    if let (Some(object), Some((begin, end))) = (&query.object, query.parts_of_object()) {
        sql.push(" AND (object = ").push_bind(object.clone()).push(" OR (object >= ").push_bind(begin);
        sql.push(" AND object < ").push_bind(end).push("))");
    }
    if let Some(actor) = &query.actor {
        sql.push(" AND actor = ").push_bind(actor.clone());
    }
    if let Some(action) = &query.action {
        sql.push(" AND (action COLLATE \"C\" = ").push_bind(action.clone());
        if let Some((begin, end)) = query.kinds_of_action() {
            sql.push(" OR (action COLLATE \"C\" >= ").push_bind(begin);
            sql.push(" AND action COLLATE \"C\" < ").push_bind(end).push(")");
        }
        sql.push(")");
    }
    if let Some(from) = query.from {
        sql.push(" AND at >= ").push_bind(from.0);
    }
    if let Some(to) = query.to {
        sql.push(" AND at < ").push_bind(to.0);
    }
    sql.push(" ORDER BY seq DESC LIMIT ").push_bind(i64::from(query.limit.min(PAGE_ROWS_MAX)));
    let rows = sql.build().fetch_all(readers).await.map_err(failed)?;
    rows.iter().map(read).collect()
}

pub(super) async fn from(readers: &PgPool, after: u64, limit: u32) -> Result<Vec<AuditRecord>, StoreError> {
    sqlx::query("SELECT * FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2")
        .bind(signed(after))
        .bind(i64::from(limit.min(PAGE_ROWS_MAX)))
        .fetch_all(readers)
        .await
        .map_err(failed("read the audit log"))?
        .iter()
        .map(read)
        .collect()
}

fn read(row: &PgRow) -> Result<AuditRecord, StoreError> {
    let failed = failed("read the audit log");
    Ok(AuditRecord {
        seq: unsigned(row.try_get("seq").map_err(failed)?),
        prev_hash: array("an audit hash", row.try_get("prev_hash").map_err(failed)?)?,
        hash: array("an audit hash", row.try_get("hash").map_err(failed)?)?,
        entry: AuditEntry {
            at: UnixMillis(row.try_get("at").map_err(failed)?),
            actor: row.try_get("actor").map_err(failed)?,
            action: row.try_get("action").map_err(failed)?,
            object: row.try_get("object").map_err(failed)?,
            detail: row.try_get("detail").map_err(failed)?,
        },
    })
}
