//! `lenke db copy`: a SQLite database into an empty PostgreSQL one, reconciled: a trial becomes production.
//!
//! Both sides are read once more after the copy and held against each other, table by table: counts, and sums over the
//! rows that do not depend on their order.

use super::{PAGE_ROWS, manifest::RowSum};
use crate::{
    lock,
    place::Place,
    terminal::{self, LiveLine, grouped},
};
use anyhow::{Context, Result, ensure};
use lenke_store::{
    Custody, SqliteStore, StoreSnapshot,
    entities::{ENTITIES, Entity},
};
use serde_json::json;
use std::path::Path;

pub(super) async fn run(source: &Path, as_json: bool, place: &Place) -> Result<()> {
    ensure!(
        place.settings()?.store.database.is_some(),
        "where to? name a PostgreSQL database with --database URL, in the configuration or in LENKE_STORE_DATABASE"
    );
    ensure!(source.is_file(), "{} is no file: give the lenke.db of the data folder", source.display());
    let folder = source.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // What a running centre took in while this runs would be missing.
    let _idle = lock::take(folder)?;
    let from =
        SqliteStore::open(source).await.with_context(|| format!("cannot open {}", source.display()))?;
    let opened = place.begin().await?;
    let mut snapshot = from.snapshot().await?;
    super::import::refuse_filled(&*opened.store).await?;
    let (mut line, mut done) = (LiveLine::new(), 0);
    for entity in ENTITIES {
        let mut last = None;
        loop {
            let page = snapshot.read_rows(entity, last.as_ref(), PAGE_ROWS).await?;
            if page.is_empty() {
                break;
            }
            let written = opened.store.write_rows(entity, &page).await;
            written.with_context(|| format!("the database does not take rows of `{}`", entity.name))?;
            done += page.len() as u64;
            line.show(&format!("{} rows, at {}", grouped(done), entity.name));
            last = page.into_iter().next_back();
        }
    }
    line.finish();
    let tables = reconcile(&mut *snapshot, &*opened.store).await?;
    drop(snapshot);
    let detail = format!("{done} rows of {}", source.display());
    opened.audit("db.copy", "all", &detail).await?;
    if as_json {
        let tables: Vec<_> = tables
            .iter()
            .map(|(entity, sum)| json!({ "entity": entity.name, "rows": sum.rows, "rows_sum": sum.text() }))
            .collect();
        println!("{}", json!({ "rows": done, "tables": tables }));
        return Ok(());
    }
    let rows: Vec<_> =
        tables.iter().map(|(entity, sum)| (entity.name.to_owned(), grouped(sum.rows))).collect();
    println!("{}", terminal::table("copied, counts and sums are equal", &rows));
    println!(
        "next: run `lenke serve --database URL` with the same data folder (its keys and its journal go on), and keep {} until you trust the new one",
        source.display()
    );
    Ok(())
}

/// Everything once more, on both sides. The copy is looked at when all of the source is summed, and then without a pause:
/// a server ends a transaction in which nothing happens.
async fn reconcile(from: &mut dyn StoreSnapshot, to: &dyn Custody) -> Result<Vec<(&'static Entity, RowSum)>> {
    let mut tables = Vec::with_capacity(ENTITIES.len());
    for entity in ENTITIES {
        tables.push((entity, RowSum::of(from, entity).await?));
    }
    let mut copied = to.snapshot().await?;
    for (entity, expected) in &tables {
        let found = RowSum::of(&mut *copied, entity).await?;
        ensure!(
            *expected == found,
            "`{}` differs: {} rows with sum {} in the source, {} with {} in the copy",
            entity.name,
            expected.rows,
            expected.text(),
            found.rows,
            found.text()
        );
    }
    Ok(tables)
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_trait::async_trait;
    use lenke_store::{PostgresConfig, PostgresStore, Store as _, StoreError, entities::Row};
    use lenke_test_cluster::Cluster;
    use std::time::Duration;

    /// A source that takes its time.
    struct Slow(Box<dyn StoreSnapshot>);

    #[async_trait]
    impl StoreSnapshot for Slow {
        async fn read_rows(
            &mut self,
            entity: &'static Entity,
            after: Option<&Row>,
            limit: u32,
        ) -> Result<Vec<Row>, StoreError> {
            if entity.name == "meta" && after.is_none() {
                tokio::time::sleep(Duration::from_millis(1_200)).await;
            }
            self.0.read_rows(entity, after, limit).await
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_source_that_takes_longer_than_the_server_waits_is_compared_all_the_same() {
        let (cluster, folder) = (Cluster::start().await, tempfile::tempdir().unwrap());
        let url = cluster.database("slow").await;
        let config = PostgresConfig::new(url).with_idle_max(Duration::from_millis(300));
        let to = PostgresStore::open(&config).await.unwrap();
        let from = SqliteStore::open(&folder.path().join("lenke.db")).await.unwrap();
        to.set_meta("a", "b").await.unwrap();
        from.set_meta("a", "b").await.unwrap();
        let mut slow = Slow(from.snapshot().await.unwrap());
        let tables = reconcile(&mut slow, &to).await.unwrap();
        assert_eq!(tables.iter().map(|(_, sum)| sum.rows).sum::<u64>(), 1);
        to.set_meta("a", "c").await.unwrap();
        let differs = reconcile(&mut slow, &to).await.unwrap_err().to_string();
        assert!(differs.starts_with("`meta` differs: 1 rows"), "{differs}");
    }
}
