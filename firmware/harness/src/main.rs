//! Runs the tag's real image in QEMU against a real centre, cuts its power, and counts what is lost.
//!
//! | module | what it is |
//! |---|---|
//! | `run` | a run: lives over one flash, and the comparison in the end |
//! | `life` | between two power cuts: the lock-step with the image |
//! | `machine` | QEMU, its sockets and lines |
//! | `modem`, `broker` | AT commands, and the MQTT connection behind them |
//! | `receiver`, `walk` | GNSS, and where the wearer goes |
//! | `radio` | the home unit |
//! | `flash` | the flash's file, read back by the tag's own journal |
//! | `cuts`, `chance` | what the seed decides |
//! | `centre`, `image`, `report` | `lenke serve`; builds; figures |
//!
//! **Invariant**: the tag's time stands still while the host waits for the centre, and what the centre says reaches the tag at a
//! time that the seed decides: the same seed gives the same bytes, however fast the machine is.

mod broker;
mod centre;
mod chance;
mod cuts;
mod flash;
mod image;
mod life;
mod machine;
mod modem;
mod radio;
mod receiver;
mod report;
mod run;
mod walk;

use anyhow::{Result, ensure};
use clap::Parser;
use std::{path::PathBuf, process::ExitCode};

const FIXES_MAX: usize = 20_000;
const POWER_CUTS_MAX: usize = 5_000;

/// Runs the tag's image in QEMU against a real centre and cuts its power; fails if a record is lost or doubled.
#[derive(Parser)]
struct Arguments {
    /// Positions that the tag takes.
    #[arg(long, default_value_t = 100)]
    fixes: usize,
    /// Power cuts, at moments that the seed decides.
    #[arg(long, default_value_t = 0)]
    power_cuts: usize,
    /// What everything random follows from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Runs it twice: both must publish the same bytes.
    #[arg(long)]
    repeat: bool,
    /// One JSON object in the place of the table.
    #[arg(long)]
    json: bool,
    /// The program `lenke`, if it is not to be built.
    #[arg(long, value_name = "FILE")]
    centre: Option<PathBuf>,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    ensure!((1..=FIXES_MAX).contains(&arguments.fixes), "--fixes must be 1 to {FIXES_MAX}");
    ensure!(arguments.power_cuts <= POWER_CUTS_MAX, "--power-cuts must be at most {POWER_CUTS_MAX}");
    machine::require_qemu()?;
    let centre = match arguments.centre {
        Some(path) => path,
        None => image::build_centre()?,
    };
    let image = image::build()?;
    let Arguments { fixes, power_cuts, seed, repeat, json, .. } = arguments;
    let config = run::Config { fixes, power_cuts, seed, image, centre };
    let report = run::run(&config, tempfile::tempdir()?.path())?;
    print(&report, json)?;
    if repeat {
        let again = run::run(&config, tempfile::tempdir()?.path())?;
        print(&again, json)?;
        ensure!(report.published_sha256 == again.published_sha256, "the second run published other bytes");
    }
    Ok(if report.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[expect(clippy::print_stdout, reason = "this is what the command says")]
fn print(report: &report::Report, json: bool) -> Result<()> {
    if json {
        println!("{}", serde_json::to_string(report)?);
    } else {
        println!("{}", report.table());
    }
    Ok(())
}
