//! `lenke audit`: the record of who looked at what and who did what.

use crate::{
    heads, keys,
    place::{Moment, Place},
    terminal::{self, LiveLine, grouped},
};
use anyhow::{Context, Result, bail, ensure};
use lenke_store::{
    AuditEntry, AuditQuery, AuditRecord,
    audit::verify::{self, Verified},
};
use lenke_wire::UnixMillis;
use std::path::PathBuf;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Check the whole log: every entry against the one before, every signed head against its entry. Names what does
    /// not fit first, and ends badly then.
    Verify {
        /// Heads that were kept elsewhere, besides those in the database and in the data folder.
        #[arg(long, value_name = "FILE")]
        heads: Vec<PathBuf>,
        /// A key whose heads are trusted too, such as the centre's former one: 64 hexadecimal digits.
        #[arg(long, value_name = "HEX")]
        key: Vec<String>,
        /// Print the finding as one JSON object.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Search the log, newest first. The search is written down too.
    Search(Search),
}

#[derive(clap::Args)]
pub(crate) struct Search {
    /// About a wearer and all that is of one (W-00042), one alert of one (W-00042/ID), or `all` for what concerned
    /// everybody.
    #[arg(long, value_name = "TEXT")]
    about: Option<String>,
    /// By this user, such as kari or cli:ola.
    #[arg(long, value_name = "NAME")]
    actor: Option<String>,
    /// This was done, or what is of its kind: trail finds trail.read and trail.export.
    #[arg(long, value_name = "CODE")]
    action: Option<String>,
    /// From this moment on, such as 2026-11-21T14:00Z; without an offset in this machine's time zone.
    #[arg(long, value_name = "TIME")]
    from: Option<Moment>,
    /// Before this moment.
    #[arg(long, value_name = "TIME")]
    to: Option<Moment>,
    /// Before this entry: the next page, as the end of a page says.
    #[arg(long, value_name = "NUMBER")]
    before: Option<u64>,
    /// At most so many.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    /// Print one JSON object a line.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

/// What `lenke audit verify` is told.
struct Verify {
    heads: Vec<PathBuf>,
    key: Vec<String>,
    json: bool,
}

pub(crate) async fn run(command: Command) -> Result<()> {
    match command {
        Command::Verify { heads, key, json, place } => verify(Verify { heads, key, json }, &place).await,
        Command::Search(asked) => search(asked).await,
    }
}

async fn search(asked: Search) -> Result<()> {
    let query = AuditQuery {
        object: asked.about,
        actor: asked.actor,
        action: asked.action,
        from: asked.from.map(|moment| moment.0),
        to: asked.to.map(|moment| moment.0),
        before: asked.before,
        limit: asked.limit,
    };
    if let (Some(from), Some(to)) = (query.from, query.to) {
        ensure!(from < to, "--from lies after --to");
    }
    let opened = asked.place.open().await?;
    opened.audit("audit.read", query.object.as_deref().unwrap_or("all"), &query.in_words()).await?;
    let found = opened.store.search_audit(&query).await.context("cannot read the audit log")?;
    if asked.json {
        for record in &found {
            println!("{}", line(record)?);
        }
        return Ok(());
    }
    let rows: Vec<_> = found
        .iter()
        .map(|record| {
            let AuditEntry { at, actor, action, object, detail } = record.entry.clone();
            vec![record.seq.to_string(), moment(at), actor, action, object, detail]
        })
        .collect();
    println!("{}", terminal::grid(&["entry", "time", "who", "what", "about", "why or how"], &rows));
    match found.last() {
        Some(last) if found.len() as u64 >= u64::from(query.limit) => {
            println!("older ones: the same with --before {}", last.seq);
        }
        Some(_) => {}
        None => println!("no entry fits"),
    }
    Ok(())
}

fn line(record: &AuditRecord) -> Result<String> {
    let mut line = serde_json::to_value(&record.entry)?;
    line["seq"] = record.seq.into();
    line["hash"] = keys::hex(&record.hash).into();
    Ok(line.to_string())
}

fn moment(at: UnixMillis) -> String {
    jiff::Timestamp::from_millisecond(at.0).map_or_else(|_| at.0.to_string(), |at| format!("{at:.0}"))
}

async fn verify(Verify { heads, key, json }: Verify, place: &Place) -> Result<()> {
    let opened = place.open().await?;
    let mut kept = opened.heads.kept()?;
    for path in heads {
        kept.extend(heads::read(&path)?);
    }
    let mut trusted = vec![opened.heads.public()];
    for key in key {
        trusted.push(keys::parse_hex(&key).with_context(|| format!("`{key}` is no key"))?);
    }
    let newest = opened.store.audit_page(None, 1).await?;
    let all = grouped(newest.first().map_or(0, |record| record.seq));
    let mut progress = LiveLine::new();
    let mut tell = |entries| progress.show(&format!("{} of {all} entries", grouped(entries)));
    let found = verify::verify_telling(&*opened.store, kept, &trusted, &mut tell);
    let found = found.await.context("cannot read the audit log")?;
    progress.finish();
    match json {
        true => println!("{}", serde_json::to_string(&found)?),
        false => println!("{}", words(&found)),
    }
    match found.broken {
        Some(fault) => bail!("the audit log is not whole: {fault}"),
        None => Ok(()),
    }
}

fn words(found: &Verified) -> String {
    let unsigned = found.entries.saturating_sub(found.signed_up_to);
    let ending = match unsigned {
        0 => String::new(),
        rest => format!("; the newest {rest} are not signed yet"),
    };
    format!("{} entries and {} signed heads fit{ending}", found.entries, found.heads)
}
