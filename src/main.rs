//! The `lenke` program: composition only, one small file a subcommand.
//!
//! Invariant: nothing here decides about a wearer; it reads arguments, starts parts and prints what they say.
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line program talks to its user")]

mod config;
mod demo;
mod enrol;
mod keys;
mod latency;
mod lock;
mod logging;
mod openapi;
mod replay;
mod serve;
mod server;
mod settings;
mod signals;
mod simulate;
mod span;
mod terminal;
mod user;
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
    /// Register devices and wearers.
    #[command(subcommand)]
    Enrol(enrol::Command),
    /// People who may use the console.
    #[command(subcommand)]
    User(user::Command),
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
        Command::Enrol(command) => enrol::run(command).await,
        Command::User(command) => user::run(command).await,
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
