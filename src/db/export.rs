//! `lenke db export`: everything, as of one moment, a page of rows at a time.

use super::{
    PAGE_ROWS,
    manifest::{FileEntry, Manifest, RowSum},
};
use crate::{
    keys,
    place::Place,
    terminal::{self, LiveLine, grouped},
};
use anyhow::{Context, Result, ensure};
use lenke_store::{
    Clock, StoreSnapshot,
    entities::{ENTITIES, Entity},
};
use sha2::{Digest as _, Sha256};
use std::{
    fs::OpenOptions,
    io::{BufWriter, Write as _},
    path::Path,
};

pub(super) async fn run(out: &Path, reason: &str, json: bool, place: &Place) -> Result<()> {
    ensure!(!reason.trim().is_empty(), "--reason: a history is not handed out without one");
    make_private_folder(out)?;
    let opened = place.open().await?;
    opened.audit("db.export", "all", reason.trim()).await?;
    let mut snapshot = opened.store.snapshot().await?;
    let mut manifest = Manifest::new(Clock::wall().now().0);
    let mut line = LiveLine::new();
    for entity in ENTITIES {
        let before = manifest.rows();
        let progress = |rows: u64| line_of(entity, before + rows);
        let entry = write_entity(&mut *snapshot, entity, out, |rows| line.show(&progress(rows))).await?;
        manifest.files.push(entry);
    }
    line.finish();
    // Last: a folder without it was not finished.
    manifest.write(out)?;
    if json {
        println!("{}", serde_json::to_string(&manifest)?);
        return Ok(());
    }
    let rows: Vec<_> = manifest.files.iter().map(|file| (file.file.clone(), grouped(file.rows))).collect();
    println!("{}", terminal::table("exported", &rows));
    println!("next: lenke db import {} --data-dir NEW_FOLDER", out.display());
    Ok(())
}

fn line_of(entity: &Entity, rows: u64) -> String {
    format!("{} rows, at {}", grouped(rows), entity.name)
}

fn make_private_folder(out: &Path) -> Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(out).with_context(|| format!("cannot make the folder {}", out.display()))
}

async fn write_entity(
    snapshot: &mut dyn StoreSnapshot,
    entity: &'static Entity,
    folder: &Path,
    mut progress: impl FnMut(u64),
) -> Result<FileEntry> {
    let name = format!("{}.csv", entity.name);
    let path = folder.join(&name);
    let cannot = || format!("cannot write {}", path.display());
    keys::write_secret(&path, b"").with_context(cannot)?;
    let file = OpenOptions::new().append(true).open(&path).with_context(cannot)?;
    let (mut file, mut hasher, mut bytes, mut sum) =
        (BufWriter::new(file), Sha256::new(), 0, RowSum::default());
    let mut text = format!("{}\n", entity.names().replace(' ', ""));
    let mut last = None;
    loop {
        let page = snapshot.read_rows(entity, last.as_ref(), PAGE_ROWS).await?;
        for row in &page {
            let line = entity.to_csv(row);
            sum.add_line(&line);
            text.push_str(&line);
            text.push('\n');
        }
        hasher.update(&text);
        bytes += text.len() as u64;
        file.write_all(text.as_bytes()).with_context(cannot)?;
        text.clear();
        progress(sum.rows);
        match page.into_iter().next_back() {
            Some(row) => last = Some(row),
            None => break,
        }
    }
    file.into_inner()
        .map_err(|error| error.into_error())
        .and_then(|file| file.sync_all())
        .with_context(cannot)?;
    Ok(FileEntry {
        entity: entity.name.to_owned(),
        file: name,
        rows: sum.rows,
        bytes,
        sha256: keys::hex(&hasher.finalize()),
        rows_sum: sum.text(),
    })
}
