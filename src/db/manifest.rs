//! What an exported folder says of itself.
//!
//! Two sums of each file: SHA-256 of its bytes, which shows that the file is as it was written, and a sum over its
//! rows that does not depend on their order (the first 16 bytes of each row's SHA-256, added modulo 2^128), which
//! can be made again from the rows of any database.

use super::PAGE_ROWS;
use crate::keys;
use anyhow::{Context, Result, ensure};
use lenke_store::{
    StoreError, StoreSnapshot,
    entities::{Entity, Row, VERSION},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::path::Path;

/// Name of the file in the folder.
const FILE: &str = "manifest.json";
/// What the folder is.
const FORMAT: &str = "lenke-export/1";

/// An exported folder.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    format: String,
    /// Version of the entities and their columns.
    schema: u32,
    /// Program that wrote it.
    program: String,
    /// When it was begun, milliseconds of Unix time.
    pub(super) begun_at: i64,
    pub(super) files: Vec<FileEntry>,
}

/// One file of the folder.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileEntry {
    pub(super) entity: String,
    pub(super) file: String,
    pub(super) rows: u64,
    pub(super) bytes: u64,
    pub(super) sha256: String,
    pub(super) rows_sum: String,
}

impl Manifest {
    pub(super) fn new(begun_at: i64) -> Self {
        Self {
            format: FORMAT.to_owned(),
            schema: VERSION,
            program: format!("lenke {}", env!("CARGO_PKG_VERSION")),
            begun_at,
            files: Vec::new(),
        }
    }

    pub(super) fn rows(&self) -> u64 {
        self.files.iter().map(|file| file.rows).sum()
    }

    pub(super) fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(FILE);
        let text =
            std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let manifest: Self = serde_json::from_str(&text).with_context(|| format!("in {}", path.display()))?;
        ensure!(manifest.format == FORMAT, "{} is `{}`, not {FORMAT}", path.display(), manifest.format);
        ensure!(
            manifest.schema == VERSION,
            "{} is of schema {}, this program reads {VERSION}: use the program that wrote it ({})",
            path.display(),
            manifest.schema,
            manifest.program
        );
        Ok(manifest)
    }

    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        let path = folder.join(FILE);
        let text = serde_json::to_string_pretty(self)?;
        keys::write_secret(&path, text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))
    }
}

/// Adds up rows, in whatever order they come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct RowSum {
    pub(super) rows: u64,
    sum: u128,
}

impl RowSum {
    /// All rows of `entity`, a page at a time.
    ///
    /// # Errors
    /// The store does not answer.
    pub(super) async fn of(
        snapshot: &mut dyn StoreSnapshot,
        entity: &'static Entity,
    ) -> Result<Self, StoreError> {
        let (mut sum, mut last) = (Self::default(), None);
        loop {
            let page = snapshot.read_rows(entity, last.as_ref(), PAGE_ROWS).await?;
            page.iter().for_each(|row| sum.add(entity, row));
            match page.into_iter().next_back() {
                Some(row) => last = Some(row),
                None => return Ok(sum),
            }
        }
    }

    fn add(&mut self, entity: &Entity, row: &Row) {
        self.add_line(&entity.to_csv(row));
    }

    pub(super) fn add_line(&mut self, line: &str) {
        let hash: [u8; 32] = Sha256::digest(line.as_bytes()).into();
        let (first, _) = hash.split_at(16);
        let number = first.iter().fold(0, |number: u128, byte| number << 8 | u128::from(*byte));
        self.sum = self.sum.wrapping_add(number);
        self.rows += 1;
    }

    pub(super) fn text(&self) -> String {
        format!("{:032x}", self.sum)
    }
}
