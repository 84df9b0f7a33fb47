//! `lenke db import`: an exported folder into an empty database, reconciled.
//!
//! First every file is held against its hash, then nothing but whole pages are written, then all of it is read back and
//! held against the manifest. An error names the file, and the row where there is one.

use super::{
    PAGE_ROWS,
    csv::Reader,
    manifest::{FileEntry, Manifest, RowSum},
};
use crate::{
    keys,
    place::{Opened, Place},
    terminal::{self, LiveLine, grouped},
};
use anyhow::{Context, Result, bail, ensure};
use lenke_store::{
    Custody, StoreSnapshot,
    entities::{ENTITIES, Entity, Row},
};
use sha2::{Digest as _, Sha256};
use std::{
    fs::File,
    io::{BufRead, BufReader, Read as _},
    path::{Path, PathBuf},
};

/// Bytes that are hashed at a time.
const CHUNK_BYTES: usize = 1 << 16;

/// A file of the folder with what it holds.
struct Source<'a> {
    entity: &'static Entity,
    entry: &'a FileEntry,
    path: PathBuf,
}

pub(super) async fn run(folder: &Path, json: bool, place: &Place) -> Result<()> {
    let manifest = Manifest::read(folder)?;
    let sources = sources(folder, &manifest)?;
    for source in &sources {
        source.check_hash()?;
    }
    let opened = place.begin().await?;
    refuse_filled(&*opened.store).await?;
    let (mut line, mut done) = (LiveLine::new(), 0);
    for source in &sources {
        source
            .bring(&*opened.store, |rows| {
                line.show(&format!("{} rows, at {}", grouped(done + rows), source.name()))
            })
            .await?;
        done += source.entry.rows;
    }
    line.finish();
    reconcile(&opened, &sources).await?;
    let detail = format!("{} rows of an export begun at {}", manifest.rows(), manifest.begun_at);
    opened.audit("db.import", "all", &detail).await?;
    if json {
        println!("{}", serde_json::to_string(&manifest)?);
        return Ok(());
    }
    let rows: Vec<_> = manifest.files.iter().map(|file| (file.file.clone(), grouped(file.rows))).collect();
    println!("{}", terminal::table("imported, counts and sums are equal", &rows));
    println!(
        "next: copy authority.key and subject-keys/ of the old data folder into the new one, if you have them"
    );
    Ok(())
}

/// The manifest's files in the order in which rows can be added.
fn sources<'a>(folder: &Path, manifest: &'a Manifest) -> Result<Vec<Source<'a>>> {
    let mut sources = Vec::new();
    for entity in ENTITIES {
        let entry = manifest.files.iter().find(|file| file.entity == entity.name);
        let entry = entry.with_context(|| format!("the manifest names no file of `{}`", entity.name))?;
        ensure!(
            entry.file == format!("{}.csv", entity.name),
            "the manifest names `{}` as the file of `{}`",
            entry.file,
            entity.name
        );
        sources.push(Source { entity, entry, path: folder.join(&entry.file) });
    }
    let known = |file: &&FileEntry| Entity::named(&file.entity).is_some();
    match manifest.files.iter().find(|file| !known(file)) {
        Some(unknown) => bail!("the manifest names `{}`, which this program does not know", unknown.entity),
        None => Ok(sources),
    }
}

pub(super) async fn refuse_filled(store: &dyn Custody) -> Result<()> {
    let mut snapshot = store.snapshot().await?;
    for entity in ENTITIES {
        let rows = snapshot.read_rows(entity, None, 1).await?;
        ensure!(
            rows.is_empty(),
            "the database is not empty (`{}` holds rows): import into a new one",
            entity.name
        );
    }
    Ok(())
}

/// Everything once more, as the database has it now.
async fn reconcile(opened: &Opened, sources: &[Source<'_>]) -> Result<()> {
    let mut snapshot = opened.store.snapshot().await?;
    for source in sources {
        let sum = RowSum::of(&mut *snapshot, source.entity).await?;
        if (sum.rows, sum.text()) != (source.entry.rows, source.entry.rows_sum.clone()) {
            let place = source.first_difference(&mut *snapshot).await?;
            bail!(
                "{}: the database holds {} rows where the manifest says {}, or others; first difference at row {place}",
                source.path.display(),
                sum.rows,
                source.entry.rows
            );
        }
    }
    Ok(())
}

impl Source<'_> {
    const fn name(&self) -> &'static str {
        self.entity.name
    }

    fn open(&self) -> Result<BufReader<File>> {
        let file = File::open(&self.path).with_context(|| format!("cannot read {}", self.path.display()))?;
        Ok(BufReader::new(file))
    }

    fn check_hash(&self) -> Result<()> {
        let mut file = self.open()?;
        let (mut hasher, mut chunk) = (Sha256::new(), vec![0; CHUNK_BYTES]);
        loop {
            let read =
                file.read(&mut chunk).with_context(|| format!("cannot read {}", self.path.display()))?;
            if read == 0 {
                break;
            }
            hasher.update(chunk.get(..read).unwrap_or_default());
        }
        let found = keys::hex(&hasher.finalize());
        ensure!(
            found == self.entry.sha256,
            "{} is not the file that was exported: its SHA-256 is {found}, the manifest says {}",
            self.path.display(),
            self.entry.sha256
        );
        Ok(())
    }

    /// Its rows, behind the header.
    fn rows(&self) -> Result<Rows<'_>> {
        let mut input = self.open()?;
        let mut header = String::new();
        input.read_line(&mut header).with_context(|| format!("in {}", self.path.display()))?;
        let expected = self.entity.names().replace(' ', "");
        ensure!(header.trim_end() == expected, "{}: the header is not `{expected}`", self.path.display());
        Ok(Rows { source: self, reader: Reader::new(input), number: 0 })
    }

    async fn bring(&self, store: &dyn Custody, mut progress: impl FnMut(u64)) -> Result<()> {
        let mut rows = self.rows()?;
        loop {
            let first = rows.number + 1;
            let page = rows.page()?;
            if page.is_empty() {
                return Ok(());
            }
            if let Err(error) = store.write_rows(self.entity, &page).await {
                return Err(self.name_row(store, &page, first, error).await);
            }
            progress(rows.number);
        }
    }

    /// Which row of a page that was refused whole is at fault.
    async fn name_row(
        &self,
        store: &dyn Custody,
        page: &[Row],
        first: u64,
        error: lenke_store::StoreError,
    ) -> anyhow::Error {
        let path = self.path.display();
        for (row, number) in page.iter().zip(first..) {
            if let Err(error) = store.write_rows(self.entity, std::slice::from_ref(row)).await {
                return anyhow::Error::new(error)
                    .context(format!("{path}, row {number}: the database does not take it"));
            }
        }
        anyhow::Error::new(error).context(format!("{path}, rows {first} on: the database does not take them"))
    }

    /// The first row of the file that the database does not have in its place.
    async fn first_difference(&self, snapshot: &mut dyn StoreSnapshot) -> Result<u64> {
        let (mut rows, mut last) = (self.rows()?, None);
        loop {
            let first = rows.number + 1;
            let (expected, found) =
                (rows.page()?, snapshot.read_rows(self.entity, last.as_ref(), PAGE_ROWS).await?);
            let differs = expected.iter().zip(&found).position(|(expected, found)| expected != found);
            if let Some(place) = differs {
                return Ok(first + place as u64);
            }
            if expected.len() != found.len() || found.is_empty() {
                return Ok(first + expected.len().min(found.len()) as u64);
            }
            last = found.into_iter().next_back();
        }
    }
}

/// The rows of a file, counted from 1.
struct Rows<'a> {
    source: &'a Source<'a>,
    reader: Reader<BufReader<File>>,
    number: u64,
}

impl Rows<'_> {
    fn page(&mut self) -> Result<Vec<Row>> {
        let mut page = Vec::new();
        while page.len() < PAGE_ROWS as usize {
            let at = || format!("{}, row {}", self.source.path.display(), self.number + 1);
            let Some(fields) = self.reader.next_row().with_context(at)? else { break };
            let row = self.source.entity.from_csv(&fields).map_err(anyhow::Error::msg).with_context(at)?;
            page.push(row);
            self.number += 1;
        }
        Ok(page)
    }
}
