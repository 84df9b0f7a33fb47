//! `lenke hold`: nothing of a held wearer is deleted, by nobody and no task.

use crate::{
    place::{Place, WearerName, actor},
    terminal,
};
use anyhow::{Context as _, Result, ensure};
use lenke_store::{Clock, Hold};

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Keep everything of a wearer until the hold is released.
    Set {
        /// Whom.
        #[arg(long, value_name = "W-00042")]
        wearer: WearerName,
        /// Why, such as the case's number. No name.
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        place: Place,
    },
    /// Release a wearer from the hold.
    Release {
        /// Whom.
        #[arg(long, value_name = "W-00042")]
        wearer: WearerName,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        place: Place,
    },
    /// List who is held.
    List {
        #[command(flatten)]
        place: Place,
    },
}

pub(crate) async fn run(command: Command) -> Result<()> {
    match command {
        Command::Set { wearer, reason, place } => change(wearer, &reason, &place, true).await,
        Command::Release { wearer, reason, place } => change(wearer, &reason, &place, false).await,
        Command::List { place } => list(&place).await,
    }
}

async fn change(WearerName(wearer): WearerName, reason: &str, place: &Place, hold: bool) -> Result<()> {
    let reason = reason.trim();
    ensure!(!reason.is_empty(), "--reason: a hold needs one");
    let opened = place.open().await?;
    opened.refuse_unknown(wearer).await?;
    let known = opened.store.subject(wearer).await?;
    let held = known.is_some_and(|subject| subject.hold.is_some());
    ensure!(held != hold, "{wearer} {}", if held { "is held already" } else { "is not held" });
    let action = if hold { "hold.set" } else { "hold.release" };
    opened.audit(action, &wearer.to_string(), reason).await?;
    if !hold {
        ensure!(opened.store.release_hold(wearer).await?, "{wearer} is not held: somebody was faster");
        println!("{wearer} is no longer held");
        return Ok(());
    }
    let new = Hold { since: Clock::wall().now(), by: actor(), reason: reason.to_owned() };
    opened.store.set_hold(wearer, &new).await.with_context(|| format!("{wearer} is not held by this"))?;
    println!("{wearer} is held: nothing is deleted");
    Ok(())
}

async fn list(place: &Place) -> Result<()> {
    let opened = place.open().await?;
    opened.audit("hold.list", "all", "").await?;
    let held = opened.store.subjects().await?.into_iter();
    let rows: Vec<_> = held
        .filter_map(|subject| {
            subject.hold.map(|hold| (subject.wearer.to_string(), format!("{}, by {}", hold.reason, hold.by)))
        })
        .collect();
    println!("{}", terminal::table("held", &rows));
    Ok(())
}
