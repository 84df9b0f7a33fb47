//! `lenke find`: questions about the past, each audited before it is answered.

use crate::{
    place::{Moment, Place, WearerName, actor},
    terminal::{self, grouped},
};
use anyhow::{Context, Result, bail, ensure};
use lenke_store::{
    Clock, Report, ReportKind, Told,
    inquiry::{AlertSearch, LegalBasis, PlaceSearch},
    store::PAGE_ROWS_MAX,
};
use lenke_wire::UnixMillis;
use lenke_zones::{WearerId, geojson};
use serde_json::json;
use std::{collections::BTreeMap, path::PathBuf};

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Who was inside an area within a time of at most 7 days. It looks at everybody: the legal basis goes into the audit
    /// log first.
    #[command(name = "place")]
    InArea {
        /// GeoJSON file with one polygon, or one point with a `radius_m`.
        #[arg(long, value_name = "FILE")]
        area: PathBuf,
        /// From this moment on, such as 2026-11-21T14:00Z; without an offset in this machine's time zone.
        #[arg(long, value_name = "TIME")]
        from: Moment,
        /// Before this moment.
        #[arg(long, value_name = "TIME")]
        to: Moment,
        /// Case and decision that allow the search.
        #[arg(long, value_name = "TEXT")]
        basis: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// What is missing of a wearer's trail within a time of at most 31 days.
    Gaps {
        /// Whose.
        #[arg(long, value_name = "W-00042")]
        wearer: WearerName,
        /// From this moment on.
        #[arg(long, value_name = "TIME")]
        from: Moment,
        /// Before this moment.
        #[arg(long, value_name = "TIME")]
        to: Moment,
        /// Shorter times without a position are not told.
        #[arg(long, value_name = "SECONDS", default_value_t = 600)]
        longer_than: u32,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// How much of what the plans promise came in, of everybody, within at most 31 days in whole hours: the least complete
    /// first.
    Coverage {
        /// From this hour on.
        #[arg(long, value_name = "TIME")]
        from: Moment,
        /// Before this hour.
        #[arg(long, value_name = "TIME")]
        to: Moment,
        /// Only those of whom less came.
        #[arg(long, value_name = "PERCENT", default_value_t = 100.0)]
        below: f64,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// What a wearer's devices told beside positions: events, their reports on themselves, whom they heard.
    Reports {
        /// Whose.
        #[arg(long, value_name = "W-00042")]
        wearer: WearerName,
        /// events, health or sightings.
        #[arg(long, default_value = "events")]
        kind: ReportKind,
        /// From this moment on.
        #[arg(long, value_name = "TIME")]
        from: Moment,
        /// Before this moment.
        #[arg(long, value_name = "TIME")]
        to: Moment,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// A wearer's alerts, newest first.
    Alerts {
        /// Whose.
        #[arg(long, value_name = "W-00042")]
        wearer: WearerName,
        /// Raised from this moment on.
        #[arg(long, value_name = "TIME")]
        from: Option<Moment>,
        /// Raised before this moment.
        #[arg(long, value_name = "TIME")]
        to: Option<Moment>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
}

pub(crate) async fn run(command: Command) -> Result<()> {
    match command {
        Command::InArea { area, from, to, basis, json, place } => {
            find_place(&area, (from.0, to.0), basis, json, &place).await
        }
        Command::Gaps { wearer, from, to, longer_than, json, place } => {
            find_gaps(wearer.0, (from.0, to.0), longer_than, json, &place).await
        }
        Command::Coverage { from, to, below, json, place } => {
            find_coverage((from.0, to.0), below, json, &place).await
        }
        Command::Reports { wearer, kind, from, to, json, place } => {
            find_reports(wearer.0, kind, (from.0, to.0), json, &place).await
        }
        Command::Alerts { wearer, from, to, json, place } => {
            let search = AlertSearch {
                wearer: Some(wearer.0),
                from: from.map(|from| from.0),
                to: to.map(|to| to.0),
                limit: PAGE_ROWS_MAX,
                ..AlertSearch::default()
            };
            find_alerts(search, json, &place).await
        }
    }
}

/// When somebody was inside.
struct Stay {
    first: UnixMillis,
    last: UnixMillis,
    positions: u64,
}

async fn find_place(
    area: &PathBuf,
    (from, to): (UnixMillis, UnixMillis),
    basis: String,
    as_json: bool,
    place: &Place,
) -> Result<()> {
    ensure!(from < to, "--from lies after --to");
    let text = std::fs::read_to_string(area).with_context(|| format!("cannot read {}", area.display()))?;
    let mut drafts = geojson::read_zones(&text).with_context(|| format!("in {}", area.display()))?;
    let (Some(draft), true) = (drafts.pop(), drafts.is_empty()) else {
        bail!("{} holds several areas: search one at a time", area.display());
    };
    let opened = place.open().await?;
    let basis = LegalBasis { actor: actor(), reason: basis, at: Clock::wall().now() };
    let mut search = PlaceSearch { area: draft.geometry, from, to, after: None, limit: PAGE_ROWS_MAX };
    let mut stays: BTreeMap<WearerId, Stay> = BTreeMap::new();
    loop {
        let page = opened.store.search_place(&search, &basis).await?;
        for presence in page.inside {
            let at = presence.point.fix.at;
            let stay = stays.entry(presence.wearer).or_insert(Stay { first: at, last: at, positions: 0 });
            stay.last = at;
            stay.positions += 1;
        }
        match page.next {
            Some(next) => search.after = Some(next),
            None => break,
        }
    }
    if as_json {
        let stays: Vec<_> = stays
            .iter()
            .map(|(wearer, stay)| {
                json!({
                    "wearer": wearer.to_string(),
                    "first": text_of(stay.first),
                    "last": text_of(stay.last),
                    "positions": stay.positions,
                })
            })
            .collect();
        println!("{}", json!({ "wearers": stays }));
        return Ok(());
    }
    let rows: Vec<_> = stays
        .iter()
        .map(|(wearer, stay)| {
            let span = format!("{} to {}", text_of(stay.first), text_of(stay.last));
            (wearer.to_string(), format!("{span}, {} positions", grouped(stay.positions)))
        })
        .collect();
    println!("{}", terminal::table("inside the area", &rows));
    println!("a position has its accuracy: this says who may have been there, a court decides who was");
    Ok(())
}

async fn find_gaps(
    wearer: WearerId,
    (from, to): (UnixMillis, UnixMillis),
    longer_than_s: u32,
    as_json: bool,
    place: &Place,
) -> Result<()> {
    ensure!(from < to, "--from lies after --to");
    let opened = place.open().await?;
    opened.refuse_unknown(wearer).await?;
    opened.audit("trail.gaps", &wearer.to_string(), &format!("{} to {}", text_of(from), text_of(to))).await?;
    let coverage = opened.store.coverage(wearer, from, to, longer_than_s).await?;
    if as_json {
        let gaps: Vec<_> = coverage
            .gaps
            .iter()
            .map(|gap| json!({ "from": text_of(gap.from), "to": text_of(gap.to) }))
            .collect();
        let answer = json!({
            "wearer": wearer.to_string(),
            "received": coverage.received,
            "expected": coverage.expected,
            "gaps": gaps,
            "gaps_left_out": coverage.gaps_left_out,
        });
        println!("{answer}");
        return Ok(());
    }
    let mut rows = vec![
        ("positions".to_owned(), grouped(coverage.received)),
        ("by the plan".to_owned(), grouped(coverage.expected)),
    ];
    rows.extend(coverage.gaps.iter().map(|gap| {
        let minutes = gap.to.since_ms(gap.from) / 60_000;
        (text_of(gap.from), format!("to {}, {minutes} min", text_of(gap.to)))
    }));
    if coverage.gaps_left_out > 0 {
        rows.push(("further gaps".to_owned(), grouped(coverage.gaps_left_out)));
    }
    println!("{}", terminal::table(&format!("trail of {wearer}"), &rows));
    Ok(())
}

async fn find_coverage(
    (from, to): (UnixMillis, UnixMillis),
    below: f64,
    as_json: bool,
    place: &Place,
) -> Result<()> {
    ensure!(from < to, "--from lies after --to");
    let opened = place.open().await?;
    opened.audit("coverage.read", "all", &format!("{} to {}", text_of(from), text_of(to))).await?;
    let mut all = opened.store.reception(from, to).await?;
    let everybody = all.len();
    all.retain(|reception| reception.part() * 100.0 < below);
    if as_json {
        let wearers: Vec<_> = all
            .iter()
            .map(|reception| {
                json!({
                    "wearer": reception.wearer.to_string(),
                    "received": reception.received,
                    "late": reception.late,
                    "expected": reception.expected,
                })
            })
            .collect();
        println!("{}", json!({ "of": everybody, "wearers": wearers }));
        return Ok(());
    }
    let rows: Vec<_> = all
        .iter()
        .map(|reception| {
            let (received, expected) = (grouped(reception.received), grouped(reception.expected));
            let words = format!(
                "{:.1} %, {received} of {expected}, {} late",
                reception.part() * 100.0,
                grouped(reception.late)
            );
            (reception.wearer.to_string(), words)
        })
        .collect();
    println!("{}", terminal::table(&format!("{} of {everybody} below {below} %", all.len()), &rows));
    Ok(())
}

async fn find_reports(
    wearer: WearerId,
    kind: ReportKind,
    span: (UnixMillis, UnixMillis),
    as_json: bool,
    place: &Place,
) -> Result<()> {
    ensure!(span.0 < span.1, "--from lies after --to");
    let opened = place.open().await?;
    let detail = format!("{} {} to {}", kind.name(), text_of(span.0), text_of(span.1));
    opened.audit("reports.read", &wearer.to_string(), &detail).await?;
    let mut rows = Vec::new();
    let mut told = Vec::new();
    let mut after = None;
    loop {
        let page = opened.store.reports(wearer, kind, span, after, PAGE_ROWS_MAX).await?;
        after = page.last().map(Report::key);
        for report in &page {
            let what = match &report.told {
                Told::Event(event) => serde_json::to_value(event)?,
                Told::Health(health) => serde_json::to_value(health)?,
                Told::Sighting(sighting) => serde_json::to_value(sighting)?,
            };
            if as_json {
                told.push(json!({
                    "device": report.device.to_string(),
                    "at": text_of(report.told.at()),
                    "received_at": text_of(report.received_at),
                    "told": what,
                }));
            } else {
                rows.push((text_of(report.told.at()), in_words(&report.told)));
            }
        }
        if page.len() < PAGE_ROWS_MAX as usize {
            break;
        }
    }
    match as_json {
        true => println!("{}", json!({ "wearer": wearer.to_string(), "reports": told })),
        false => println!("{}", terminal::table(&format!("{} of {wearer}", kind.name()), &rows)),
    }
    Ok(())
}

fn in_words(told: &Told) -> String {
    match told {
        Told::Event(event) => format!("{:?} {}", event.kind, event.value),
        Told::Health(health) => {
            let latches =
                [(health.strap_latched, ", strap latched"), (health.case_latched, ", case latched")];
            let set: String = latches.into_iter().filter(|(set, _)| *set).map(|(_, word)| word).collect();
            let state = health.state.map(|state| format!(", {state:?}")).unwrap_or_default();
            format!(
                "{} %, {} dBm, plan {}{state}{set}",
                health.battery.percent, health.signal_dbm, health.plan_version
            )
        }
        Told::Sighting(sighting) => {
            let proof = if sighting.authenticated { "proved" } else { "not proved" };
            format!("{} at {} dBm, {proof}", sighting.heard, sighting.rssi_dbm)
        }
    }
}

async fn find_alerts(mut search: AlertSearch, as_json: bool, place: &Place) -> Result<()> {
    let opened = place.open().await?;
    let object = search.wearer.map_or_else(|| "all".to_owned(), |wearer| wearer.to_string());
    opened.audit("alert.history", &object, "").await?;
    let mut alerts = Vec::new();
    loop {
        let page = opened.store.search_alerts(&search).await?;
        search.before = page.last().map(lenke_store::AlertKey::of);
        let full = page.len() >= PAGE_ROWS_MAX as usize;
        alerts.extend(page);
        if !full {
            break;
        }
    }
    if as_json {
        println!("{}", serde_json::to_string(&alerts)?);
        return Ok(());
    }
    let rows: Vec<_> = alerts
        .iter()
        .map(|alert| (text_of(alert.raised_at), format!("{:?}, {:?}", alert.kind, alert.state)))
        .collect();
    println!("{}", terminal::table(&format!("alerts of {object}"), &rows));
    Ok(())
}

/// RFC 3339 in UTC.
fn text_of(at: UnixMillis) -> String {
    jiff::Timestamp::from_millisecond(at.0).map_or_else(|_| at.0.to_string(), |at| at.to_string())
}
