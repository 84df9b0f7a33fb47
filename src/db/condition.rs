//! `lenke db migrate`, `check` and `stats`: how the database is.

use crate::{
    place::{Opened, Place},
    terminal::{self, grouped},
};
use anyhow::{Context, Result, bail};
use lenke_store::{
    Clock,
    upkeep::{Condition, Headroom, Level},
};
use serde_json::json;
use std::path::Path;

/// Free bytes at which the disk counts as used up: a journal of hours of outage, and what the database writes meanwhile.
const DISK_BYTES_MIN: u64 = 2 << 30;

/// Brings the schema up to date, which opening does, and says which one it is.
pub(super) async fn migrate(as_json: bool, place: &Place) -> Result<()> {
    place.begin().await?;
    let (condition, _) = look(place).await?;
    if as_json {
        println!("{}", json!({ "database": condition.database, "schema_version": condition.schema_version }));
    } else {
        println!("{}: schema {} ({})", condition.database, condition.schema_version, condition.layout);
    }
    Ok(())
}

/// Says how far every limit is used up; fails if one will be met.
pub(super) async fn check(as_json: bool, place: &Place) -> Result<()> {
    let (condition, limits) = look(place).await?;
    let worst = limits.iter().map(Headroom::level).max().unwrap_or(Level::Good);
    if as_json {
        let limits: Vec<_> = limits
            .iter()
            .map(|limit| {
                json!({ "what": limit.what, "used": limit.used, "level": limit.level(), "detail": limit.detail })
            })
            .collect();
        let answer = json!({
            "database": condition.database,
            "layout": condition.layout,
            "schema_version": condition.schema_version,
            "level": worst,
            "headroom": limits,
        });
        println!("{answer}");
    } else {
        let mut rows = vec![
            ("database".to_owned(), condition.database),
            ("telemetry".to_owned(), condition.layout),
            ("schema".to_owned(), condition.schema_version.to_string()),
        ];
        rows.extend(limits.iter().map(|limit| (limit.what.to_owned(), in_words(limit))));
        println!("{}", terminal::table("database", &rows));
    }
    if worst == Level::Bad {
        bail!("a limit is nearly met: see docs/operations.md, Room left");
    }
    Ok(())
}

/// Says how large every table is.
pub(super) async fn stats(as_json: bool, place: &Place) -> Result<()> {
    let (condition, _) = look(place).await?;
    if as_json {
        println!("{}", serde_json::to_string(&condition)?);
        return Ok(());
    }
    let mut rows = vec![("all".to_owned(), bytes_text(condition.bytes))];
    for table in condition.tables {
        let mut parts = Vec::new();
        parts.extend(table.rows.map(|rows| format!("{} rows", grouped(rows))));
        parts.extend(table.bytes.map(bytes_text));
        if table.parts > 1 {
            parts.push(format!("{} parts", grouped(table.parts)));
        }
        rows.push((table.name, parts.join(", ")));
    }
    println!("{}", terminal::table(&condition.database, &rows));
    Ok(())
}

async fn look(place: &Place) -> Result<(Condition, Vec<Headroom>)> {
    let Opened { settings, store, .. } = place.open().await?;
    let condition = store.condition(Clock::wall().now()).await?;
    let mut limits = condition.headroom.clone();
    limits.push(disk(&settings.data.dir)?);
    Ok((condition, limits))
}

/// How full the disk of the data folder is. That of a database server elsewhere is to be watched there.
pub(crate) fn disk(folder: &Path) -> Result<Headroom> {
    let disk = rustix::fs::statvfs(folder)
        .with_context(|| format!("cannot look at the disk of {}", folder.display()))?;
    let (size, free) = (disk.f_blocks * disk.f_frsize, disk.f_bavail * disk.f_frsize);
    let detail = format!("{} free of {}", bytes_text(free), bytes_text(size));
    // What counts is what is free: a large disk may be nearly full and still hold months.
    Ok(Headroom::of("disk of the data folder", DISK_BYTES_MIN as f64, free as f64, detail))
}

fn in_words(limit: &Headroom) -> String {
    let level = match limit.level() {
        Level::Good => "",
        Level::Warn => "  LOOK AT IT",
        Level::Bad => "  ACT NOW",
    };
    format!("{:.1} % used ({}){level}", limit.used * 100.0, limit.detail)
}

fn bytes_text(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}
