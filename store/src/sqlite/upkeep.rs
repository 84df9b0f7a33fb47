//! How the file is. It needs no work in time: the write-ahead log is cut back by itself.

use super::{
    SqliteStore,
    convert::{failed, unsigned},
    counter,
};
use crate::{
    Store, StoreError,
    upkeep::{Condition, Headroom, Kept, TableSize, Upkeep},
};
use async_trait::async_trait;
use lenke_wire::UnixMillis;

#[async_trait]
impl Upkeep for SqliteStore {
    async fn condition(&self, _now: UnixMillis) -> Result<Condition, StoreError> {
        let failed = failed("look at the database");
        let counts = self.counts().await?;
        let mut snapshot = self.begin_read("look at the database").await?;
        let (version, pages, page_bytes, pages_max): (String, i64, i64, i64) = sqlx::query_as(
            "SELECT sqlite_version(), page_count, page_size, max_page_count
             FROM pragma_page_count, pragma_page_size, pragma_max_page_count",
        )
        .fetch_one(&mut *snapshot)
        .await
        .map_err(failed)?;
        let schema_version: i64 = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations")
            .fetch_one(&mut *snapshot)
            .await
            .map_err(failed)?;
        let epochs = counter::value(&mut *snapshot, counter::DOWNLINK_EPOCH).await.map_err(failed)?;
        let table =
            |name: &str, rows| TableSize { name: name.to_owned(), parts: 1, rows: Some(rows), bytes: None };
        let mut tables = vec![
            table("fix", counts.fixes),
            table("sighting", counts.sightings),
            table("event", counts.events),
            table("health", counts.health),
            table("alert", counts.alerts),
            table("wearer", counts.wearers),
            table("device", counts.devices),
        ];
        tables.sort_by_key(|table| std::cmp::Reverse(table.rows));
        Ok(Condition {
            database: format!("SQLite {version}"),
            layout: "one file".to_owned(),
            schema_version,
            bytes: unsigned(pages.saturating_mul(page_bytes)),
            tables,
            headroom: vec![
                Headroom::of(
                    "file size",
                    pages as f64,
                    pages_max as f64,
                    format!("{pages} of {pages_max} pages"),
                ),
                Headroom::of(
                    "downlink epochs",
                    epochs as f64,
                    f64::from(u32::MAX),
                    format!("{epochs} of {} given out", u32::MAX),
                ),
            ],
        })
    }

    async fn keep_up(&self, _now: UnixMillis) -> Result<Kept, StoreError> {
        Ok(Kept::default())
    }
}
