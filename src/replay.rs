//! `lenke replay`: a recorded track or a receiver's raw log, played through the tag's own core.

use crate::{
    logging,
    settings::LogFormat,
    signals,
    simulate::{broker_address, next_epoch},
    terminal::{self, LiveLine, grouped},
};
use anyhow::{Context, Result, bail};
use lenke_simulator::replay::{self, Contents, Recording, ReplayConfig};
use std::path::PathBuf;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// A GPX track, or a receiver's raw output (NMEA, UBX NAV-PVT).
    file: PathBuf,
    /// Front door or broker.
    #[arg(long, value_name = "mqtt://HOST:PORT", required_unless_present = "dry_run")]
    connect: Option<String>,
    /// Only read the file and say what it holds.
    #[arg(long, conflicts_with = "connect")]
    dry_run: bool,
    /// So many times faster than it was recorded; 0 for as fast as it goes.
    #[arg(long, value_name = "K", default_value_t = 1)]
    speed: u32,
    /// Which of the fleet's spare tags plays it, 1 to 8.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=8))]
    tag: u32,
    /// Seed that the fleet was enrolled with.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Print the summary as one JSON object.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(args: Args) -> Result<()> {
    logging::start("warn", LogFormat::Text)?;
    let recording =
        Recording::read(&args.file).with_context(|| format!("cannot play {}", args.file.display()))?;
    let Some(connect) = &args.connect else {
        return print_contents(&args, &Contents::of(&recording));
    };
    let target = broker_address(connect)?;
    let stop = signals::stop_on_signal();
    let config = ReplayConfig {
        target,
        spare_tag: args.tag,
        seed: args.seed,
        speed: args.speed,
        epoch: next_epoch().await,
        ..ReplayConfig::default()
    };
    let mut line = LiveLine::new();
    let summary = replay::run(recording, config, |progress| line.show(&format!("{progress}")), stop).await?;
    line.finish();
    if args.json {
        println!("{}", serde_json::to_string(&summary)?);
    } else {
        let rows: Vec<_> =
            summary.rows().into_iter().map(|(name, value)| (name.to_owned(), grouped(value))).collect();
        println!("{}", terminal::table(&args.file.display().to_string(), &rows));
    }
    if summary.unacknowledged > 0 {
        bail!("{} reports were not acknowledged by the centre", summary.unacknowledged);
    }
    Ok(())
}

fn print_contents(args: &Args, contents: &Contents) -> Result<()> {
    if args.json {
        println!("{}", serde_json::to_string(contents)?);
        return Ok(());
    }
    let rows: Vec<_> =
        contents.rows().into_iter().map(|(name, value)| (name.to_owned(), grouped(value))).collect();
    println!("{}", terminal::table(&args.file.display().to_string(), &rows));
    Ok(())
}
