//! `lenke audit`: the record of who looked at what and who did what.

use crate::{heads, keys, place::Place};
use anyhow::{Context, Result, bail};
use lenke_store::audit::verify::{self, Verified};
use std::path::PathBuf;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Check the whole log: every entry against the one before, every signed head against its entry. Names what does
    /// not fit first, and ends badly then.
    Verify {
        /// Heads that were kept elsewhere, besides those in the database and in the data folder.
        #[arg(long, value_name = "FILE")]
        heads: Vec<PathBuf>,
        /// A key whose heads are trusted too, such as the centre's former one: 64 hexadecimal digits.
        #[arg(long, value_name = "HEX")]
        key: Vec<String>,
        /// Print the finding as one JSON object.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
}

pub(crate) async fn run(command: Command) -> Result<()> {
    let Command::Verify { heads, key, json, place } = command;
    let opened = place.open().await?;
    let mut kept = opened.heads.kept()?;
    for path in heads {
        kept.extend(heads::read(&path)?);
    }
    let mut trusted = vec![opened.heads.public()];
    for key in key {
        trusted.push(keys::parse_hex(&key).with_context(|| format!("`{key}` is no key"))?);
    }
    let found = verify::verify(&*opened.store, kept, &trusted).await.context("cannot read the audit log")?;
    match json {
        true => println!("{}", serde_json::to_string(&found)?),
        false => println!("{}", words(&found)),
    }
    match found.broken {
        Some(fault) => bail!("the audit log is not whole: {fault}"),
        None => Ok(()),
    }
}

fn words(found: &Verified) -> String {
    let unsigned = found.entries.saturating_sub(found.signed_up_to);
    let ending = match unsigned {
        0 => String::new(),
        rest => format!("; the newest {rest} are not signed yet"),
    };
    format!("{} entries and {} signed heads fit{ending}", found.entries, found.heads)
}
