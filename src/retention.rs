//! How long a wearer's history is kept, and its end: the same erasure by a person, by a command and by the daily task.
//!
//! A wearer is due when the last activation ended so many days ago (the order's own number of days, else the setting's).
//! Nobody is erased who is held, who has an open alert, or who still carries a device. Erasing: the audit entry first, then
//! the history in small transactions, then name, zones and conditions, then the key. Cut short anywhere, the next run
//! finishes it. What a tag still brings of an erased wearer's time goes with the next run.

mod daily;
mod erasure;
mod plan;
#[cfg(test)]
mod tests;

pub(crate) use daily::Daily;
pub(crate) use erasure::{Eraser, Limits};
pub(crate) use plan::{Obstacle, Plan};

use crate::{
    place::{Place, WearerName},
    subject_keys::SubjectKeys,
    terminal::{self, grouped},
};
use anyhow::{Context, Result, bail, ensure};
use lenke_store::Clock;

#[derive(clap::Args)]
#[group(id = "what", required = true, multiple = false)]
pub(crate) struct What {
    /// Say who is due and how much there is of them; change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Erase who is due.
    #[arg(long)]
    apply: bool,
    /// Keep the history of --wearer so many days after the order has ended, in the place of the setting.
    #[arg(long, value_name = "N", requires = "wearer")]
    keep_days: Option<u32>,
}

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    what: What,
    /// Whom --keep-days is about.
    #[arg(long, value_name = "W-00042")]
    wearer: Option<WearerName>,
    #[command(flatten)]
    place: Place,
}

pub(crate) async fn run(args: Args) -> Result<()> {
    let opened = args.place.open().await?;
    if let (Some(days), Some(WearerName(wearer))) = (args.what.keep_days, args.wearer) {
        ensure!(days > 0, "--keep-days is at least 1");
        opened.refuse_unknown(wearer).await?;
        opened.audit("retention.set", &wearer.to_string(), &format!("{days} days")).await?;
        opened.store.set_keep_days(wearer, Some(days)).await?;
        println!("the history of {wearer} is kept for {days} days after the order has ended");
        return Ok(());
    }
    let keys = SubjectKeys::of(&opened.settings.data.dir);
    let now = Clock::wall().now();
    let plan = Plan::make(&*opened.store, &keys, opened.settings.retention.days, now).await?;
    if args.what.dry_run {
        opened.audit("retention.plan", "all", "").await?;
        let mut rows = Vec::new();
        for due in &plan.due {
            let history = opened.store.history(due.wearer, due.before).await?;
            rows.push((due.wearer.to_string(), format!("{} rows", grouped(history.rows()))));
        }
        rows.extend(plan.kept.iter().map(|(wearer, why)| (wearer.to_string(), why.to_string())));
        println!("{}", terminal::table("due", &rows));
        println!("nothing was changed (--dry-run)");
        return Ok(());
    }
    let eraser = Eraser { store: &*opened.store, keys: &keys, limits: Limits::COMMAND };
    let mut rows = Vec::new();
    for due in &plan.due {
        opened.audit("retention.erase", &due.wearer.to_string(), &due.why()).await?;
        let (deleted, _) = eraser.erase(due, now).await?;
        rows.push((due.wearer.to_string(), format!("{} rows deleted", grouped(deleted.rows()))));
    }
    rows.extend(plan.kept.iter().map(|(wearer, why)| (wearer.to_string(), why.to_string())));
    println!("{}", terminal::table("erased", &rows));
    Ok(())
}

/// `lenke erase`.
#[derive(clap::Args)]
pub(crate) struct Erase {
    /// Whom.
    #[arg(long, value_name = "W-00042")]
    wearer: WearerName,
    /// Why: stays in the audit log. No name.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    place: Place,
}

pub(crate) async fn erase(args: Erase) -> Result<()> {
    let (wearer, reason) = (args.wearer.0, args.reason.trim());
    ensure!(!reason.is_empty(), "--reason: nobody is erased without one");
    let opened = args.place.open().await?;
    let now = Clock::wall().now();
    let due = match plan::check(&*opened.store, wearer, now).await? {
        Ok(due) => due,
        Err(Obstacle::Unknown) => bail!("there is no wearer {wearer}"),
        Err(obstacle) => bail!("{wearer} is not erased: {obstacle}"),
    };
    opened.audit("erase", &wearer.to_string(), reason).await?;
    let keys = SubjectKeys::of(&opened.settings.data.dir);
    let eraser = Eraser { store: &*opened.store, keys: &keys, limits: Limits::COMMAND };
    let (deleted, _) = eraser.erase(&due, now).await.context("not finished: run it again")?;
    println!(
        "{wearer} is erased: {} rows deleted, the key destroyed. Older backups hold the rows until they expire.",
        grouped(deleted.rows())
    );
    Ok(())
}
