//! Signed heads of the audit log. The table's triggers refuse every change but an append.

use super::convert::{array, failed, signed, unsigned};
use crate::{AuditHead, StoreError, store::PAGE_ROWS_MAX};
use lenke_wire::UnixMillis;
use sqlx::{PgConnection, PgPool, Row, postgres::PgRow};

const READ: &str = "read the audit log's heads";

/// Adds a head, once; the caller's transaction holds the log's lock.
pub(super) async fn put(connection: &mut PgConnection, head: &AuditHead) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO audit_head (seq, hash, at, key, signature) SELECT $1, $2, $3, $4, $5
         WHERE NOT EXISTS (SELECT FROM audit_head WHERE seq = $1)",
    )
    .bind(signed(head.seq))
    .bind(&head.hash[..])
    .bind(head.at.0)
    .bind(&head.key[..])
    .bind(&head.signature[..])
    .execute(connection)
    .await
    .map_err(failed("write a head of the audit log"))?;
    Ok(())
}

pub(super) async fn from(readers: &PgPool, after: u64, limit: u32) -> Result<Vec<AuditHead>, StoreError> {
    sqlx::query("SELECT * FROM audit_head WHERE seq > $1 ORDER BY seq LIMIT $2")
        .bind(signed(after))
        .bind(i64::from(limit.min(PAGE_ROWS_MAX)))
        .fetch_all(readers)
        .await
        .map_err(failed(READ))?
        .iter()
        .map(read)
        .collect()
}

pub(super) async fn last(readers: &PgPool) -> Result<Option<AuditHead>, StoreError> {
    let row = sqlx::query("SELECT * FROM audit_head ORDER BY seq DESC LIMIT 1").fetch_optional(readers).await;
    row.map_err(failed(READ))?.as_ref().map(read).transpose()
}

fn read(row: &PgRow) -> Result<AuditHead, StoreError> {
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
