//! Custody of a PostgreSQL database.

use super::{PostgresStore, Turn, audit, audit_heads, convert::failed, copies, history, subjects};
use crate::{
    AuditHead, AuditQuery, AuditRecord, Custody, History, Hold, StoreError, StoreSnapshot, Subject,
    entities::{Entity, Row},
};
use async_trait::async_trait;
use lenke_wire::UnixMillis;
use lenke_zones::WearerId;

#[async_trait]
impl Custody for PostgresStore {
    async fn search_audit(&self, query: &AuditQuery) -> Result<Vec<AuditRecord>, StoreError> {
        audit::search(&self.readers, query).await
    }

    async fn audit_from(&self, after: u64, limit: u32) -> Result<Vec<AuditRecord>, StoreError> {
        audit::from(&self.readers, after, limit).await
    }

    async fn put_audit_head(&self, head: &AuditHead) -> Result<(), StoreError> {
        const ACTION: &str = "write a head of the audit log";
        let mut transaction = self.begin(Turn::Audit, ACTION).await?;
        audit_heads::put(&mut transaction, head).await?;
        transaction.commit().await.map_err(failed(ACTION))
    }

    async fn audit_heads(&self, after: u64, limit: u32) -> Result<Vec<AuditHead>, StoreError> {
        audit_heads::from(&self.readers, after, limit).await
    }

    async fn last_audit_head(&self) -> Result<Option<AuditHead>, StoreError> {
        audit_heads::last(&self.readers).await
    }

    async fn snapshot(&self) -> Result<Box<dyn StoreSnapshot>, StoreError> {
        Ok(Box::new(copies::Snapshot(self.begin_read("read everything").await?)))
    }

    async fn write_rows(&self, entity: &'static Entity, rows: &[Row]) -> Result<(), StoreError> {
        const ACTION: &str = "write rows of another store";
        self.make_room(copies::weeks(entity, rows)).await?;
        let mut transaction = self.writers.begin().await.map_err(failed(ACTION))?;
        copies::write(&mut transaction, entity, rows).await?;
        transaction.commit().await.map_err(failed(ACTION))
    }

    async fn subject(&self, wearer: WearerId) -> Result<Option<Subject>, StoreError> {
        subjects::one(&self.readers, wearer).await
    }

    async fn subjects(&self) -> Result<Vec<Subject>, StoreError> {
        subjects::all(&self.readers).await
    }

    async fn set_person(&self, wearer: WearerId, sealed: &[u8]) -> Result<(), StoreError> {
        const ACTION: &str = "write who a wearer is";
        let mut transaction = self.begin(Turn::Batch, ACTION).await?;
        subjects::set_person(&mut transaction, wearer, sealed).await?;
        transaction.commit().await.map_err(failed(ACTION))
    }

    async fn clear_person(&self, wearer: WearerId) -> Result<(), StoreError> {
        const ACTION: &str = "take out who a wearer is";
        let mut transaction = self.begin(Turn::Batch, ACTION).await?;
        subjects::clear_person(&mut transaction, wearer).await?;
        transaction.commit().await.map_err(failed(ACTION))
    }

    async fn set_keep_days(&self, wearer: WearerId, days: Option<u32>) -> Result<(), StoreError> {
        const ACTION: &str = "write how long a wearer's history is kept";
        let mut transaction = self.begin(Turn::Batch, ACTION).await?;
        subjects::set_keep_days(&mut transaction, wearer, days).await?;
        transaction.commit().await.map_err(failed(ACTION))
    }

    async fn set_hold(&self, wearer: WearerId, hold: &Hold) -> Result<(), StoreError> {
        const ACTION: &str = "hold a wearer";
        let mut transaction = self.begin(Turn::Batch, ACTION).await?;
        subjects::set_hold(&mut transaction, wearer, hold).await?;
        transaction.commit().await.map_err(failed(ACTION))
    }

    async fn release_hold(&self, wearer: WearerId) -> Result<bool, StoreError> {
        const ACTION: &str = "release a wearer";
        let mut transaction = self.begin(Turn::Batch, ACTION).await?;
        let done = subjects::release_hold(&mut transaction, wearer).await?;
        transaction.commit().await.map_err(failed(ACTION))?;
        Ok(done)
    }

    async fn history(&self, wearer: WearerId, before: UnixMillis) -> Result<History, StoreError> {
        let mut snapshot = self.begin_read("count a wearer's history").await?;
        history::count(&mut snapshot, wearer, before).await
    }

    async fn has_history(&self, wearer: WearerId, before: UnixMillis) -> Result<bool, StoreError> {
        let mut snapshot = self.begin_read("look for a wearer's history").await?;
        history::exists(&mut snapshot, wearer, before).await
    }

    async fn delete_history(
        &self,
        wearer: WearerId,
        before: UnixMillis,
        rows_max: u32,
    ) -> Result<History, StoreError> {
        const ACTION: &str = "delete a wearer's history";
        let mut transaction = self.begin(Turn::Batch, ACTION).await?;
        let deleted = history::delete(&mut transaction, wearer, before, rows_max).await?;
        transaction.commit().await.map_err(failed(ACTION))?;
        Ok(deleted)
    }

    async fn forget(&self, wearer: WearerId, at: UnixMillis) -> Result<(), StoreError> {
        const ACTION: &str = "forget a wearer";
        // What a batch and what an enrolment writes: in this order wherever both are taken.
        let mut transaction = self.begin(Turn::Batch, ACTION).await?;
        self.take(Turn::Register, &mut transaction, ACTION).await?;
        subjects::forget(&mut transaction, wearer, at).await?;
        transaction.commit().await.map_err(failed(ACTION))
    }
}
