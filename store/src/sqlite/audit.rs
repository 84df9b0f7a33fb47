//! The audit log. The table's triggers refuse every change but an append.

use super::convert::{array, failed, signed, unsigned};
use crate::{AuditEntry, AuditQuery, AuditRecord, StoreError, store::PAGE_ROWS_MAX};
use lenke_wire::UnixMillis;
use sqlx::{AssertSqlSafe, Row, SqliteConnection, SqlitePool, sqlite::SqliteRow};

pub(super) async fn append(
    connection: &mut SqliteConnection,
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
        "INSERT INTO audit (seq, prev_hash, hash, at, actor, action, object, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
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
    readers: &SqlitePool,
    before: Option<u64>,
    limit: u32,
) -> Result<Vec<AuditRecord>, StoreError> {
    sqlx::query("SELECT * FROM audit WHERE seq < ? ORDER BY seq DESC LIMIT ?")
        .bind(before.map_or(i64::MAX, signed))
        .bind(limit.min(PAGE_ROWS_MAX))
        .fetch_all(readers)
        .await
        .map_err(failed("read the audit log"))?
        .iter()
        .map(read)
        .collect()
}

pub(super) async fn search(readers: &SqlitePool, query: &AuditQuery) -> Result<Vec<AuditRecord>, StoreError> {
    let failed = failed("search the audit log");
    // One statement for each set of conditions, so that each uses its index.
    let mut sql = String::from("SELECT * FROM audit WHERE seq < ?");
    let (parts, kinds) = (query.parts_of_object(), query.kinds_of_action());
    for (asked, condition) in [
        (parts.is_some(), " AND (object = ? OR (object >= ? AND object < ?))"),
        (query.actor.is_some(), " AND actor = ?"),
        (query.action.is_some() && kinds.is_none(), " AND action = ?"),
        (kinds.is_some(), " AND (action = ? OR (action >= ? AND action < ?))"),
        (query.from.is_some(), " AND at >= ?"),
        (query.to.is_some(), " AND at < ?"),
    ] {
        if asked {
            sql.push_str(condition);
        }
    }
    sql.push_str(" ORDER BY seq DESC LIMIT ?");
    let mut bound = sqlx::query(AssertSqlSafe(sql)).bind(query.before.map_or(i64::MAX, signed));
    if let (Some(object), Some((begin, end))) = (&query.object, parts) {
        bound = bound.bind(object).bind(begin).bind(end);
    }
    if let Some(actor) = &query.actor {
        bound = bound.bind(actor);
    }
    if let Some(action) = &query.action {
        bound = bound.bind(action);
    }
    if let Some((begin, end)) = kinds {
        bound = bound.bind(begin).bind(end);
    }
    for moment in [query.from, query.to].into_iter().flatten() {
        bound = bound.bind(moment.0);
    }
    let rows = bound.bind(query.limit.min(PAGE_ROWS_MAX)).fetch_all(readers).await.map_err(failed)?;
    rows.iter().map(read).collect()
}

pub(super) async fn from(
    readers: &SqlitePool,
    after: u64,
    limit: u32,
) -> Result<Vec<AuditRecord>, StoreError> {
    sqlx::query("SELECT * FROM audit WHERE seq > ? ORDER BY seq LIMIT ?")
        .bind(signed(after))
        .bind(limit.min(PAGE_ROWS_MAX))
        .fetch_all(readers)
        .await
        .map_err(failed("read the audit log"))?
        .iter()
        .map(read)
        .collect()
}

fn read(row: &SqliteRow) -> Result<AuditRecord, StoreError> {
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
