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
use anyhow::{Context, Result, bail, ensure};
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
    let opened = place.open().await?;
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

/// Everything once more, on both sides.
async fn reconcile(from: &mut dyn StoreSnapshot, to: &dyn Custody) -> Result<Vec<(&'static Entity, RowSum)>> {
    let mut copied = to.snapshot().await?;
    let mut tables = Vec::with_capacity(ENTITIES.len());
    for entity in ENTITIES {
        let (expected, found) = (sum(from, entity).await?, sum(&mut *copied, entity).await?);
        if expected != found {
            bail!(
                "`{}` differs: {} rows with sum {} in the source, {} with {} in the copy",
                entity.name,
                expected.rows,
                expected.text(),
                found.rows,
                found.text()
            );
        }
        tables.push((entity, expected));
    }
    Ok(tables)
}

async fn sum(snapshot: &mut dyn StoreSnapshot, entity: &'static Entity) -> Result<RowSum> {
    let (mut sum, mut last) = (RowSum::default(), None);
    loop {
        let page = snapshot.read_rows(entity, last.as_ref(), PAGE_ROWS).await?;
        page.iter().for_each(|row| sum.add(entity, row));
        match page.into_iter().next_back() {
            Some(row) => last = Some(row),
            None => return Ok(sum),
        }
    }
}
