//! `lenke zones`: zones from GeoJSON into the register, or beside it over a recorded trail.

mod rehearse;

use crate::{place::Place, terminal};
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
        #[command(flatten)]
        place: Place,
    },
    /// Show what a GeoJSON file's zones would have meant for a wearer's stored trail, beside today's zones; changes nothing.
    Rehearse(rehearse::Args),
}

pub(crate) async fn run(command: Command) -> Result<()> {
    let (file, wearer, group, dry_run, place) = match command {
        Command::Rehearse(args) => return rehearse::run(args).await,
        Command::Import { file, wearer, group, dry_run, place } => (file, wearer, group, dry_run, place),
    };
    let assignment = match wearer {
        Some(wearer) => Assignment::Personal(WearerId(wearer)),
        None => {
            ensure!(!group.is_empty(), "for whom do the zones hold? give --wearer NUMBER or --group NUMBER");
            Assignment::Shared(group.into_iter().map(GroupId).collect())
        }
    };
    let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let drafts = geojson::read_zones(&text).with_context(|| format!("in {}", file.display()))?;
    let opened = place.begin().await?;
    let store = &opened.store;

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
    let object = match &assignment {
        Assignment::Personal(wearer) => wearer.to_string(),
        Assignment::Shared(_) => "all".to_owned(),
    };
    opened.audit("zones.import", &object, &format!("{} zones", zones.len())).await?;
    store.put_zones(&zones).await.context("cannot store the zones")?;
    println!("imported {} zones; a running centre evaluates them within a second", zones.len());
    Ok(())
}
