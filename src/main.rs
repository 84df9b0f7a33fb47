//! The `lenke` program: composition only, one small file a subcommand.
//!
//! Invariant: nothing here decides about a wearer; it reads arguments, starts parts and prints what they say.
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line program talks to its user")]

mod audit;
mod compliance;
mod config;
mod db;
mod demo;
mod device;
mod enrol;
mod evidence;
mod find;
mod heads;
mod hold;
mod keys;
mod latency;
mod lines;
mod lock;
mod logging;
mod officer;
mod openapi;
mod person;
mod place;
mod replay;
mod retention;
mod serve;
mod server;
mod settings;
mod signals;
mod simulate;
mod span;
mod subject_keys;
mod terminal;
mod trail;
mod upkeep;
mod user;
mod victims;
mod zones;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Open electronic monitoring: tag telemetry over MQTT, court-ordered zones and curfews, alerts that reach a person in time.
#[derive(Parser)]
#[command(version, propagate_version = true, max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Everything in one process with a simulated fleet: see it work.
    Demo(demo::Args),
    /// The monitoring centre: devices in, console out.
    Serve(serve::Args),
    /// A fleet of simulated tags against a front door or a broker.
    Simulate(simulate::Args),
    /// Play a GPX track or a receiver's raw log as one tag.
    Replay(replay::Args),
    /// Bring zones into the register.
    #[command(subcommand)]
    Zones(zones::Command),
    /// Register a device for a wearer: keys, activation, and what the device is provisioned with.
    Enrol(enrol::Args),
    /// What a device holds, and orders for it: pursuit, a question, a notice, a cleared latch, a firmware.
    #[command(subcommand)]
    Device(device::Command),
    /// Those who may clear latches, and their keys.
    #[command(subcommand)]
    Officer(officer::Command),
    /// Bundles that a court can check, and the check.
    #[command(subcommand)]
    Evidence(evidence::Command),
    /// People who may use the console.
    #[command(subcommand)]
    User(user::Command),
    /// Questions about the past: who was at a place, what is missing of a trail, which alerts there were.
    #[command(subcommand)]
    Find(find::Command),
    /// What each moment of a wearer's order was: compliant, violating, unknown or exempt, and why.
    Compliance(compliance::Args),
    /// A wearer's recorded path as GPX, GeoJSON or CSV.
    Trail(trail::Args),
    /// The record of who looked at what and who did what.
    #[command(subcommand)]
    Audit(audit::Command),
    /// Who a wearer is: the name, under a key of its own.
    #[command(subcommand)]
    Person(person::Command),
    /// Legal holds: nothing of a held wearer is deleted.
    #[command(subcommand)]
    Hold(hold::Command),
    /// Erase whose time is over, or say who that is.
    Retention(retention::Args),
    /// Erase one wearer for good: history, name, zones, and the key.
    Erase(retention::Erase),
    /// The database as a whole.
    #[command(subcommand)]
    Db(db::Command),
    /// The configuration file.
    #[command(subcommand)]
    Config(config::Command),
    /// Print the HTTP API's description (OpenAPI 3.1).
    Openapi,
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Demo(args) => demo::run(args).await,
        Command::Serve(args) => serve::run(args).await,
        Command::Simulate(args) => simulate::run(args).await,
        Command::Replay(args) => replay::run(args).await,
        Command::Zones(command) => zones::run(command).await,
        Command::Enrol(args) => enrol::run(args).await,
        Command::Device(command) => device::run(command).await,
        Command::Officer(command) => officer::run(command).await,
        Command::Evidence(command) => evidence::run(command).await,
        Command::User(command) => user::run(command).await,
        Command::Find(command) => find::run(command).await,
        Command::Compliance(args) => compliance::run(args).await,
        Command::Trail(args) => trail::run(args).await,
        Command::Audit(command) => audit::run(command).await,
        Command::Person(command) => person::run(command).await,
        Command::Hold(command) => hold::run(command).await,
        Command::Retention(args) => retention::run(args).await,
        Command::Erase(args) => retention::erase(args).await,
        Command::Db(command) => db::run(command).await,
        Command::Config(command) => config::run(&command),
        Command::Openapi => openapi::run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            terminal::print_error(&error);
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn every_command_line_is_well_formed() {
        Cli::command().debug_assert();
        for line in [
            "lenke enrol simulated --tags 2",
            "lenke officer key new --name anna --out anna.key",
            "lenke device clear-latch lk000042 --latch strap --key anna.key --event 3/17",
            "lenke device ota lk000042 --manifest firmware.json",
            "lenke enrol --wearer W-00042 --device lk000042 --new-wearer",
            "lenke evidence export --wearer W-00042 --from 2026-11-21 --to 2026-11-22 --out x",
        ] {
            if let Err(error) = Cli::try_parse_from(line.split(' ')) {
                panic!("{line}: {error}");
            }
        }
        assert!(Cli::try_parse_from(["lenke", "enrol", "--device", "lk000042"]).is_err(), "for whom?");
    }
}
