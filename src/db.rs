//! `lenke db`: the database as a whole.

mod backup;
pub(crate) mod condition;
mod copy;
mod csv;
mod export;
mod import;
mod manifest;

use crate::place::Place;
use anyhow::Result;
use std::path::PathBuf;

/// Rows that are in memory at a time.
const PAGE_ROWS: u32 = 1_000;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Bring the schema up to date, as every command does that opens the database, and say which one it is.
    Migrate {
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Say how far every limit of the database is used up; fails if one is nearly met.
    Check {
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Say how large the tables are.
    Stats {
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Copy a SQLite database into an empty PostgreSQL one, and compare the two: a trial becomes production.
    Copy {
        /// The lenke.db of a data folder whose centre is stopped.
        #[arg(value_name = "FILE")]
        source: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Write the whole history into a new folder: a CSV file for each entity, and a manifest with counts and hashes. It
    /// holds positions and the devices' keys.
    Export {
        /// Folder to make.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Why: goes into the audit log.
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// Print the manifest.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Bring an exported history into an empty database, and compare what is there then with the manifest.
    Import {
        /// Folder of the export.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// Print the manifest that was reconciled.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Copy a SQLite database into one new file while a centre runs on it.
    Backup {
        /// File to make.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        #[command(flatten)]
        place: Place,
    },
}

pub(crate) async fn run(command: Command) -> Result<()> {
    match command {
        Command::Migrate { json, place } => condition::migrate(json, &place).await,
        Command::Check { json, place } => condition::check(json, &place).await,
        Command::Stats { json, place } => condition::stats(json, &place).await,
        Command::Copy { source, json, place } => copy::run(&source, json, &place).await,
        Command::Export { out, reason, json, place } => export::run(&out, &reason, json, &place).await,
        Command::Import { folder, json, place } => import::run(&folder, json, &place).await,
        Command::Backup { out, place } => backup::run(&out, &place).await,
    }
}
