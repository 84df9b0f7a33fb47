//! `lenke device`: what a device holds, and orders for it. A running centre carries them out within a second.

mod clear_latch;
mod firmware;
mod show;

use crate::place::{Opened, Place, actor};
use anyhow::{Context, Result};
use clap::ValueEnum;
use lenke_alerts::Register;
use lenke_store::{
    Clock,
    outbox::{
        Command as Ordered,
        ordering::{OrderRefusal, Target},
    },
};
use lenke_wire::{DeviceId, UnixMillis, downlink::NoticeCode};

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Which plan and zones a device holds, which it should hold, and what was ordered for it.
    Show(Whom),
    /// Follow a tag closely for a time, or no longer. It ends by itself.
    Pursuit {
        #[command(flatten)]
        whom: Whom,
        /// For how long, up to 12h.
        #[arg(long = "for", value_name = "TIME", required_unless_present = "off", conflicts_with = "off")]
        duration: Option<crate::span::TimeSpan>,
        /// End it.
        #[arg(long)]
        off: bool,
        #[command(flatten)]
        why: Why,
    },
    /// Ask a tag for its position now.
    Query {
        #[command(flatten)]
        whom: Whom,
        #[command(flatten)]
        why: Why,
    },
    /// Tell the wearer something, by vibration, light or text.
    Notice {
        #[command(flatten)]
        whom: Whom,
        /// What.
        #[arg(long, value_enum)]
        code: NoticeName,
        #[command(flatten)]
        why: Why,
    },
    /// Clear a tag's latch with an officer's key, because of the event that the officer has dealt with.
    ClearLatch(clear_latch::Args),
    /// Offer a tag a firmware: signs its manifest with the centre's key.
    Ota(firmware::OtaArgs),
    /// Write the manifest of a firmware image.
    #[command(disable_version_flag = true)]
    Manifest(firmware::ManifestArgs),
}

/// Which device, of which centre.
#[derive(clap::Args)]
pub(crate) struct Whom {
    /// The device, as in lk000042.
    device: DeviceId,
    /// Print JSON, errors included.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(clap::Args)]
pub(crate) struct Why {
    /// Why, for the audit log. No name.
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum NoticeName {
    Charge,
    CallCentre,
    LeaveArea,
    GoHome,
    CheckStrap,
    HelpNotified,
}

impl From<NoticeName> for NoticeCode {
    fn from(name: NoticeName) -> Self {
        match name {
            NoticeName::Charge => Self::Charge,
            NoticeName::CallCentre => Self::CallCentre,
            NoticeName::LeaveArea => Self::LeaveArea,
            NoticeName::GoHome => Self::GoHome,
            NoticeName::CheckStrap => Self::CheckStrap,
            NoticeName::HelpNotified => Self::HelpNotified,
        }
    }
}

pub(crate) async fn run(command: Command) -> Result<()> {
    let json = match &command {
        Command::Show(whom)
        | Command::Pursuit { whom, .. }
        | Command::Query { whom, .. }
        | Command::Notice { whom, .. } => whom.json,
        Command::ClearLatch(args) => args.whom.json,
        Command::Ota(args) => args.whom.json,
        Command::Manifest(_) => false,
    };
    let done = carry_out(command).await;
    if let (true, Err(error)) = (json, &done) {
        let code = error.downcast_ref::<OrderRefusal>().map_or("failed", OrderRefusal::code);
        println!("{}", serde_json::json!({ "error": { "code": code, "message": error.to_string() } }));
    }
    done
}

async fn carry_out(command: Command) -> Result<()> {
    match command {
        Command::Show(whom) => show::run(&whom).await,
        Command::Pursuit { whom, duration, off, why } => {
            let seconds =
                duration.filter(|_| !off).map(|span| i64::try_from(span.0.as_secs()).unwrap_or(i64::MAX));
            order(&whom, &why.reason, |target, now, by| Ok(target.pursuit(seconds, by, now)?)).await
        }
        Command::Query { whom, why } => {
            order(&whom, &why.reason, |target, now, by| Ok(target.query(by, now))).await
        }
        Command::Notice { whom, code, why } => {
            order(&whom, &why.reason, |target, now, by| Ok(target.notice(code.into(), by, now))).await
        }
        Command::ClearLatch(args) => clear_latch::run(args).await,
        Command::Ota(args) => firmware::offer(args).await,
        Command::Manifest(args) => firmware::write_manifest(&args),
    }
}

/// Orders what `make` makes of the tag, if somebody carries it.
async fn order(
    whom: &Whom,
    reason: &str,
    make: impl FnOnce(&Target<'_>, UnixMillis, &str) -> Result<Ordered>,
) -> Result<()> {
    let opened = whom.place.open().await?;
    let register = opened.store.load_register().await?;
    let command = made(&register, whom.device, make)?;
    place_order(&opened, command, reason, whom.json).await
}

fn made(
    register: &Register,
    device: DeviceId,
    make: impl FnOnce(&Target<'_>, UnixMillis, &str) -> Result<Ordered>,
) -> Result<Ordered> {
    let now = Clock::wall().now();
    make(&Target::find(register, device, now)?, now, &actor())
}

/// Writes the order down, in the audit log first.
async fn place_order(opened: &Opened, command: Ordered, reason: &str, json: bool) -> Result<()> {
    let (device, kind) = (command.device, command.order.kind_code());
    let detail = [format!("{device}"), reason.trim().to_owned()].join(" ");
    opened.audit(&format!("device.{kind}"), &command.wearer.to_string(), detail.trim()).await?;
    let command = opened.store.add_command(command).await.context("the order is not taken")?;
    if json {
        println!("{}", show::command_json(&command));
    } else {
        println!(
            "order {}: {kind} for {device}; `lenke device show {device}` says what became of it",
            command.id
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{CommandFactory as _, Parser};

    #[derive(Parser)]
    struct Line {
        #[command(subcommand)]
        command: Command,
    }

    #[test]
    fn a_pursuit_needs_a_length_or_an_end() {
        Line::command().debug_assert();
        let parse = |line: &str| Line::try_parse_from(line.split(' '));
        assert!(parse("device pursuit lk000042 --for 30m").is_ok());
        assert!(parse("device pursuit lk000042 --off").is_ok());
        assert!(parse("device pursuit lk000042").is_err());
        assert!(parse("device pursuit lk000042 --off --for 30m").is_err());
        assert!(parse("device notice lk000042 --code go-home").is_ok());
        assert!(parse("device notice lk000042").is_err());
    }
}
