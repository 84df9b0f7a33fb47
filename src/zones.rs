//! `lenke zones`: zones into the register, from GeoJSON.

use crate::{logging, server::open_store, settings::Settings, terminal};
use anyhow::{Context, Result, ensure};
use lenke_zones::{Assignment, GroupId, WearerId, geojson};
use std::path::PathBuf;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Import a GeoJSON file: polygons, or points with a `radius_m`; properties `name`, `kind` (exclusion or inclusion), `buffer_m`.
    Import {
        /// The file.
        file: PathBuf,
        /// The zones hold for this wearer only (its number: 42 for W-00042).
        #[arg(long, value_name = "NUMBER", conflicts_with = "group")]
        wearer: Option<u64>,
        /// The zones hold for every wearer of these groups.
        #[arg(long, value_name = "NUMBER", num_args = 1..)]
        group: Vec<u64>,
        /// Say what would be imported, and change nothing.
        #[arg(long)]
        dry_run: bool,
        /// Configuration file.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// Folder of the database, in the place of the configuration's.
        #[arg(long, value_name = "DIR")]
        data_dir: Option<PathBuf>,
    },
}

pub(crate) async fn run(command: Command) -> Result<()> {
    let Command::Import { file, wearer, group, dry_run, config, data_dir } = command;
    let settings = Settings::read(config.as_deref())?;
    logging::start("warn", settings.log.format)?;
    let assignment = match wearer {
        Some(wearer) => Assignment::Personal(WearerId(wearer)),
        None => {
            ensure!(!group.is_empty(), "for whom do the zones hold? give --wearer NUMBER or --group NUMBER");
            Assignment::Shared(group.into_iter().map(GroupId).collect())
        }
    };
    let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let drafts = geojson::read_zones(&text).with_context(|| format!("in {}", file.display()))?;
    let store = open_store(data_dir.as_deref().unwrap_or(&settings.data.dir)).await?;

    let mut zones = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let id = store.next_zone_id().await?;
        zones.push(
            draft.into_zone(id, 1, assignment.clone()).with_context(|| format!("in {}", file.display()))?,
        );
    }
    let rows: Vec<_> =
        zones.iter().map(|zone| (zone.id.to_string(), format!("{}, {:?}", zone.name, zone.kind))).collect();
    println!("{}", terminal::table("zones", &rows));
    if dry_run {
        println!("nothing was changed (--dry-run)");
        return Ok(());
    }
    store.put_zones(&zones).await.context("cannot store the zones")?;
    println!("imported {} zones; a running centre evaluates them within a second", zones.len());
    Ok(())
}
