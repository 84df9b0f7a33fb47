//! Signed heads of the audit log. The table's triggers refuse every change but an append.

use super::convert::{array, failed, signed, unsigned};
use crate::{AuditHead, StoreError, store::PAGE_ROWS_MAX};
use lenke_wire::UnixMillis;
use sqlx::{Row, SqliteConnection, SqlitePool, sqlite::SqliteRow};

const READ: &str = "read the audit log's heads";

pub(super) async fn put(connection: &mut SqliteConnection, head: &AuditHead) -> Result<(), StoreError> {
    let failed = failed("write a head of the audit log");
    let known: Option<i64> = sqlx::query_scalar("SELECT seq FROM audit_head WHERE seq = ?")
        .bind(signed(head.seq))
        .fetch_optional(&mut *connection)
        .await
        .map_err(failed)?;
    if known.is_some() {
        return Ok(());
    }
    sqlx::query("INSERT INTO audit_head (seq, hash, at, key, signature) VALUES (?, ?, ?, ?, ?)")
        .bind(signed(head.seq))
        .bind(&head.hash[..])
        .bind(head.at.0)
        .bind(&head.key[..])
        .bind(&head.signature[..])
        .execute(connection)
        .await
        .map_err(failed)?;
    Ok(())
}

pub(super) async fn from(readers: &SqlitePool, after: u64, limit: u32) -> Result<Vec<AuditHead>, StoreError> {
    sqlx::query("SELECT * FROM audit_head WHERE seq > ? ORDER BY seq LIMIT ?")
        .bind(signed(after))
        .bind(limit.min(PAGE_ROWS_MAX))
        .fetch_all(readers)
        .await
        .map_err(failed(READ))?
        .iter()
        .map(read)
        .collect()
}

pub(super) async fn last(readers: &SqlitePool) -> Result<Option<AuditHead>, StoreError> {
    let row = sqlx::query("SELECT * FROM audit_head ORDER BY seq DESC LIMIT 1").fetch_optional(readers).await;
    row.map_err(failed(READ))?.as_ref().map(read).transpose()
}

fn read(row: &SqliteRow) -> Result<AuditHead, StoreError> {
    const WHAT: &str = "a head of the audit log";
    let failed = failed(READ);
    Ok(AuditHead {
        seq: unsigned(row.try_get("seq").map_err(failed)?),
        hash: array(WHAT, row.try_get("hash").map_err(failed)?)?,
        at: UnixMillis(row.try_get("at").map_err(failed)?),
        key: array(WHAT, row.try_get("key").map_err(failed)?)?,
        signature: array(WHAT, row.try_get("signature").map_err(failed)?)?,
    })
}
