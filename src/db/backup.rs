//! `lenke db backup`: a copy of the database as of one moment, made while others write.

use crate::{place::Place, terminal::grouped};
use anyhow::{Context, Result, ensure};
use std::path::Path;

pub(super) async fn run(out: &Path, place: &Place) -> Result<()> {
    ensure!(!out.exists(), "{} exists already: a backup overwrites nothing", out.display());
    let opened = place.open().await?;
    ensure!(
        opened.settings.store.database.is_none(),
        "a PostgreSQL database has a means of its own: pg_dump --format=custom --file={} DATABASE",
        out.display()
    );
    opened.audit("db.backup", "all", "").await?;
    opened.store.backup(out).await.with_context(|| format!("cannot back up into {}", out.display()))?;
    let bytes = std::fs::metadata(out).with_context(|| format!("cannot read {}", out.display()))?.len();
    println!("{} holds {} bytes, checked", out.display(), grouped(bytes));
    println!("keep authority.key, subject-keys/ and audit-heads.jsonl of the data folder too, and elsewhere");
    Ok(())
}
