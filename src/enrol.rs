//! `lenke enrol`: devices and wearers into the register.

mod device;
mod provisioning;

use crate::{
    keys, logging,
    place::{self, Place},
    server,
};
use anyhow::{Result, ensure};
use lenke_simulator::Scenario;
use lenke_store::Clock;

/// Most simulated tags; ids above are kept for victim units and replays.
pub(crate) const TAGS_MAX: u32 = 500_000;

#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    device: device::DeviceArgs,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Register a simulated fleet, so that `lenke simulate` and `lenke replay` with the same seed are known. Its keys follow from
    /// the seed: for trials only.
    Simulated {
        /// Number of tags.
        #[arg(long, default_value_t = 200)]
        tags: u32,
        /// Seed of the fleet.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        #[command(flatten)]
        place: Place,
    },
}

pub(crate) async fn run(args: Args) -> Result<()> {
    match args.command {
        Some(Command::Simulated { tags, seed, place }) => simulated(tags, seed, &place).await,
        None => device::run(args.device).await,
    }
}

async fn simulated(tags: u32, seed: u64, place: &Place) -> Result<()> {
    ensure!((1..=TAGS_MAX).contains(&tags), "--tags must be 1 to {TAGS_MAX}, not {tags}");
    let settings = place.settings()?;
    logging::start("warn", settings.log.format)?;
    let store = server::open_store(&settings).await?;
    let scenario = Scenario::build(seed, tags, Clock::wall().now());
    let (wearers, devices) = (scenario.register.wearers.len(), scenario.register.devices.len());
    server::enrol(&*store, scenario.register).await?;
    println!(
        "enrolled {devices} simulated devices and {wearers} wearers; a running centre knows them within a second"
    );
    let authority = keys::load_or_create(&place::authority(&settings))?.public();
    println!(
        "next: lenke simulate --connect mqtt://127.0.0.1:1883 --tags {tags} --seed {seed} --authority {}",
        keys::hex(&authority)
    );
    Ok(())
}
