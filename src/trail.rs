//! `lenke trail`: a wearer's recorded path as a file for other programs.

use crate::{
    keys,
    place::{Moment, Place, WearerName},
    terminal::grouped,
};
use anyhow::{Context, Result, bail, ensure};
use lenke_console::trail::{TrailFormat, TrailWriter};
use lenke_store::{TrailPoint, store::PAGE_ROWS_MAX};
use std::{io::Write, path::PathBuf};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Whose.
    #[arg(long, value_name = "W-00042")]
    wearer: WearerName,
    /// From this moment on, such as 2026-11-21T14:00Z; without an offset in this machine's time zone.
    #[arg(long, value_name = "TIME")]
    from: Moment,
    /// Before this moment.
    #[arg(long, value_name = "TIME")]
    to: Moment,
    /// gpx, geojson or csv.
    #[arg(long, default_value = "gpx")]
    format: TrailFormat,
    /// Why, and for whom: goes into the audit log. No name.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// File to make, for its owner's eyes only; standard output otherwise.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

pub(crate) async fn run(args: Args) -> Result<()> {
    let (from, to) = (args.from.0, args.to.0);
    ensure!(from < to, "--from lies after --to");
    ensure!(!args.reason.trim().is_empty(), "--reason: a trail is not handed out without one");
    let opened = args.place.open().await?;
    let wearer = args.wearer.0;
    let register = opened.store.load_register().await?;
    if !register.wearers.iter().any(|known| known.id == wearer) || register.protected().contains(&wearer) {
        bail!("no wearer {wearer} is monitored");
    }
    if let Some(path) = args.out.as_ref().filter(|path| path.exists()) {
        bail!("cannot make {}: it exists, and nothing is overwritten", path.display());
    }
    let detail = format!("{} from {} to {}: {}", args.format, from.0, to.0, args.reason.trim());
    opened.audit("trail.export", &wearer.to_string(), &detail).await?;
    let mut file: Box<dyn Write> = match &args.out {
        Some(path) => {
            keys::write_secret(path, b"").with_context(|| format!("cannot make {}", path.display()))?;
            let file = std::fs::OpenOptions::new().append(true).open(path);
            Box::new(std::io::BufWriter::new(
                file.with_context(|| format!("cannot write {}", path.display()))?,
            ))
        }
        None => Box::new(std::io::stdout().lock()),
    };
    let mut writer = TrailWriter::new(args.format, wearer);
    let mut text = writer.begin();
    let mut after = None;
    loop {
        let page = opened.store.trail(wearer, from, to, after, PAGE_ROWS_MAX).await?;
        let Some(last) = page.last().map(TrailPoint::key) else { break };
        after = Some(last);
        page.iter().for_each(|point| writer.write(point, &mut text));
        file.write_all(text.as_bytes())?;
        text.clear();
    }
    text.push_str(&writer.end());
    file.write_all(text.as_bytes())?;
    file.flush()?;
    if let Some(path) = &args.out {
        eprintln!("{} points of {wearer} are in {}", grouped(writer.points()), path.display());
    }
    Ok(())
}
