//! `lenke zones rehearse`: proposed zones over a stored trail, beside today's.
//!
//! A zone of the file takes the place of the wearer's own zone of the same name, if there is one; the others come
//! in addition. Nothing is written but the entry in the audit log: a trail was read.

use crate::{
    place::{Moment, Place, WearerName},
    terminal,
};
use anyhow::{Context, Result, ensure};
use comfy_table::{ContentArrangement, Table, presets::UTF8_FULL_CONDENSED};
use lenke_alerts::{Register, Wearer};
use lenke_store::Database;
use lenke_wire::{Fix, UnixMillis};
use lenke_zones::{
    Assignment, Rehearsal, WearerId, Zone, ZoneId, ZoneIndex, ZoneKind, geojson, rehearse, rehearse::Stays,
};
use serde::Serialize;
use std::{collections::BTreeMap, path::PathBuf};

/// Points of a trail read at once.
const PAGE_ROWS: u32 = 10_000;
/// No trail of more points is rehearsed: a year of fixes every ten seconds.
const FIXES_MAX: usize = 3_200_000;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// GeoJSON file with the proposed zones, as for `zones import`.
    file: PathBuf,
    /// Whose trail.
    #[arg(long, value_name = "W-00042")]
    wearer: WearerName,
    /// Begin of the trail: 2026-03-01 or 2026-03-01T08:00:00+01:00.
    #[arg(long, value_name = "TIME")]
    from: Moment,
    /// First moment after it.
    #[arg(long, value_name = "TIME")]
    to: Moment,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

/// One zone, for programs.
#[derive(Serialize)]
struct Row {
    /// As the register calls it; `new` if the file brings it.
    zone: String,
    name: String,
    kind: ZoneKind,
    today: Figures,
    proposed: Figures,
}

/// What happened in it.
#[derive(Serialize)]
struct Figures {
    entries: u32,
    exits: u32,
    minutes: f64,
    /// Gaps in which the wearer could have been there unseen.
    possible: u32,
}

impl From<Stays> for Figures {
    fn from(stays: Stays) -> Self {
        let Stays { entries, exits, inside_ms, possible } = stays;
        Self { entries, exits, minutes: (inside_ms as f64 / 6_000.0).round() / 10.0, possible }
    }
}

/// All of it, for programs.
#[derive(Serialize)]
struct Report {
    wearer: String,
    fixes: u64,
    out_of_order: u64,
    zones: Vec<Row>,
}

pub(super) async fn run(args: Args) -> Result<()> {
    let Args { file, wearer: WearerName(id), from, to, json, place } = args;
    ensure!(from.0 < to.0, "--to must lie after --from");
    let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let drafts = geojson::read_zones(&text).with_context(|| format!("in {}", file.display()))?;
    let opened = place.open().await?;
    let register = opened.store.load_register().await.context("cannot read the register")?;
    let person = register.wearers.iter().find(|known| known.id == id);
    let person = person.with_context(|| format!("there is no wearer {id}"))?;
    ensure!(!register.protected().contains(&id), "{id} is a protected person: there is no trail");

    let (today, proposed) =
        zone_sets(&register, person, drafts).with_context(|| format!("in {}", file.display()))?;
    let known = |zone: &Zone| today.iter().any(|own| own.id == zone.id);
    let called = |zone: &Zone| if known(zone) { zone.id.to_string() } else { "new".to_owned() };
    let of = |zone: &Zone| (zone.id, Named { zone: called(zone), name: zone.name.clone(), kind: zone.kind });
    let names: BTreeMap<ZoneId, Named> = today.iter().chain(&proposed).map(of).collect();
    let detail = format!("{} to {} over {}", from.0.0, to.0.0, file.display());
    opened.audit("trail.rehearse", &id.to_string(), &detail).await?;
    let trail = trail(&*opened.store, id, from.0, to.0).await?;
    let rehearsal =
        rehearse(&ZoneIndex::build(today), &ZoneIndex::build(proposed), id, &person.groups, trail);
    let report = report(id, &rehearsal, &names);
    if json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        show(&report);
    }
    Ok(())
}

/// What a zone is called.
struct Named {
    zone: String,
    name: String,
    kind: ZoneKind,
}

fn show(report: &Report) {
    let (fixes, wearer) = (terminal::grouped(report.fixes), &report.wearer);
    if report.fixes == 0 {
        println!("{wearer} has no fixes in that time: there is nothing to compare. Nothing was changed.");
        return;
    }
    if report.zones.is_empty() {
        println!(
            "In none of {fixes} fixes was {wearer} in one of the zones, today's or the file's. Nothing was changed."
        );
        return;
    }
    println!("{}", table(report));
    println!("{fixes} fixes; where two figures stand, the first is today's and the second the file's.");
    println!(
        "Gaps in reach: times without a fix in which the wearer could have been there unseen; they count for no stay."
    );
    println!("Zones that are not in the table were not entered. Nothing was changed.");
}

/// The wearer's zones as they are, and with the file's.
fn zone_sets(
    register: &Register,
    person: &Wearer,
    drafts: Vec<geojson::ZoneDraft>,
) -> Result<(Vec<Zone>, Vec<Zone>)> {
    let is_own = |zone: &&Zone| match &zone.assignment {
        Assignment::Personal(wearer) => *wearer == person.id,
        Assignment::Shared(groups) => groups.iter().any(|group| person.groups.contains(group)),
    };
    let today: Vec<Zone> = register.zones.iter().filter(is_own).cloned().collect();
    let mut proposed = today.clone();
    let mut next = register.zones.iter().map(|zone| zone.id.0).max().unwrap_or(0);
    for draft in drafts {
        let replaced = today
            .iter()
            .find(|zone| zone.name == draft.name && matches!(zone.assignment, Assignment::Personal(_)));
        let (id, version) = match replaced {
            Some(zone) => (zone.id, zone.version.saturating_add(1)),
            None => {
                next += 1;
                (ZoneId(next), 1)
            }
        };
        let zone = draft.into_zone(id, version, Assignment::Personal(person.id))?;
        proposed.retain(|known| known.id != id);
        proposed.push(zone);
    }
    Ok((today, proposed))
}

/// The stored fixes, oldest first.
async fn trail(store: &dyn Database, wearer: WearerId, from: UnixMillis, to: UnixMillis) -> Result<Vec<Fix>> {
    let mut fixes = Vec::new();
    let mut after = None;
    loop {
        let page = store.trail(wearer, from, to, after, PAGE_ROWS).await.context("cannot read the trail")?;
        let Some(last) = page.last() else { return Ok(fixes) };
        after = Some(last.key());
        fixes.extend(page.iter().map(|point| point.fix));
        ensure!(fixes.len() <= FIXES_MAX, "the trail is too long; choose a shorter time");
    }
}

fn report(wearer: WearerId, rehearsal: &Rehearsal, names: &BTreeMap<ZoneId, Named>) -> Report {
    let row = |(id, comparison): (&ZoneId, &lenke_zones::rehearse::Comparison)| {
        let Named { zone, name, kind } = names.get(id)?;
        let (today, proposed) = (comparison.today.into(), comparison.proposed.into());
        Some(Row { zone: zone.clone(), name: name.clone(), kind: *kind, today, proposed })
    };
    Report {
        wearer: wearer.to_string(),
        fixes: rehearsal.fixes,
        out_of_order: rehearsal.out_of_order,
        zones: rehearsal.zones.iter().filter_map(row).collect(),
    }
}

fn table(report: &Report) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(vec![
        report.wearer.as_str(),
        "kind",
        "entries",
        "exits",
        "minutes inside",
        "gaps in reach",
    ]);
    for row in &report.zones {
        let Row { today, proposed, .. } = row;
        let change = |today: String, proposed: String| {
            if today == proposed { today } else { format!("{today} -> {proposed}") }
        };
        let count = |a: u32, b: u32| change(a.to_string(), b.to_string());
        let kind = match row.kind {
            ZoneKind::Exclusion => "exclusion",
            ZoneKind::Inclusion => "inclusion",
        };
        table.add_row(vec![
            format!("{} {}", row.zone, row.name),
            kind.to_owned(),
            count(today.entries, proposed.entries),
            count(today.exits, proposed.exits),
            change(format!("{:.1}", today.minutes), format!("{:.1}", proposed.minutes)),
            count(today.possible, proposed.possible),
        ]);
    }
    table
}
