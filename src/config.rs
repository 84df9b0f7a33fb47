//! `lenke config`: what a configuration file looks like.

use crate::settings::EXAMPLE;
use anyhow::Result;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Print a commented example with the defaults.
    Example,
}

#[expect(clippy::unnecessary_wraps, reason = "every subcommand answers alike")]
pub(crate) fn run(command: &Command) -> Result<()> {
    match command {
        Command::Example => print!("{EXAMPLE}"),
    }
    Ok(())
}
