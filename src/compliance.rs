//! `lenke compliance`: what each moment of an order was.

use crate::{
    place::{Moment, Place, WearerName},
    terminal::bold,
};
use anyhow::{Result, ensure};
use comfy_table::{CellAlignment, Table, presets::UTF8_FULL_CONDENSED};
use lenke_console::compliance::{self, ComplianceView, StateView, StretchView, TotalsView};
use lenke_store::Clock;
use lenke_wire::UnixMillis;
use lenke_zones::Interval;

/// Causes that are listed without `--causes-all`.
const CAUSES_SHOWN: usize = 60;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Whose.
    #[arg(long, value_name = "W-00042")]
    wearer: WearerName,
    /// From this moment on, such as 2026-11-15 or 2026-11-21T14:00Z; without an offset in this machine's time zone.
    #[arg(long, value_name = "TIME")]
    from: Moment,
    /// Before this moment; now if absent.
    #[arg(long, value_name = "TIME")]
    to: Option<Moment>,
    /// List every cause, not the first 60.
    #[arg(long)]
    causes_all: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

pub(crate) async fn run(args: Args) -> Result<()> {
    let from = args.from.0;
    let to = args.to.map_or(UnixMillis(i64::MAX), |to| to.0);
    ensure!(from < to, "--from lies after --to");
    let opened = args.place.open().await?;
    let wearer = args.wearer.0;
    let until = args.to.map_or_else(|| "now".to_owned(), |to| to.0.0.to_string());
    opened.audit("compliance.read", &wearer.to_string(), &format!("from {} to {until}", from.0)).await?;
    let span = Interval::new(from, to);
    let account = compliance::read(&*opened.store, wearer, span, Clock::wall().now()).await?;
    if args.json {
        println!("{}", serde_json::to_string(&account)?);
    } else {
        print_account(&account, args.causes_all);
    }
    Ok(())
}

fn print_account(account: &ComplianceView, causes_all: bool) {
    let ComplianceView { wearer, order, order_version, time_zone, .. } = account;
    println!("{}", bold(&format!("{wearer}, order {order} version {order_version}, {time_zone}")));
    if account.days.is_empty() {
        println!("the order has no time here: no tag was activated");
        return;
    }
    let days = account.days.iter().map(|day| (day.date.clone(), &day.totals));
    let whole = [("all days".to_owned(), &account.totals)];
    println!("{}", totals_table("day", days.chain(whole)));
    let lines = account.lines.iter().map(|line| {
        let zone = line.zone_name.as_deref().map_or_else(String::new, |name| format!(" ({name})"));
        (format!("{} {}{zone}", line.clause, line.rule), &line.totals)
    });
    println!("{}", totals_table("condition", lines));
    print_causes(account, causes_all);
}

fn totals_table<'a>(title: &str, rows: impl Iterator<Item = (String, &'a TotalsView)>) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED);
    table.set_header([title, "compliant", "violating", "of that uncertain", "unknown", "exempt", "sum"]);
    for (name, totals) in rows {
        let TotalsView { compliant_ms, exempt_ms, unknown_ms, violating_ms, uncertain_ms } = *totals;
        let sum_ms = compliant_ms + exempt_ms + unknown_ms + violating_ms;
        let figures = [compliant_ms, violating_ms, uncertain_ms, unknown_ms, exempt_ms, sum_ms];
        table.add_row(std::iter::once(name).chain(figures.into_iter().map(span)));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// What was not compliant, and why.
fn print_causes(account: &ComplianceView, all: bool) {
    let causes: Vec<_> = account
        .lines
        .iter()
        .flat_map(|line| line.stretches.iter().map(move |stretch| (line, stretch)))
        .filter(|(_, stretch)| stretch.state != StateView::Compliant)
        .collect();
    if causes.is_empty() {
        println!("all of it was compliant");
        return;
    }
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED);
    table.set_header(["condition", "state", "cause", "from", "to", "for"]);
    let shown = if all { causes.len() } else { CAUSES_SHOWN.min(causes.len()) };
    for (line, stretch) in causes.iter().take(shown) {
        table.add_row([
            format!("{} {}", line.clause, line.rule),
            state(stretch).to_owned(),
            stretch.cause.replace('_', " "),
            stretch.local_from.clone(),
            stretch.local_to.clone(),
            span(stretch.to - stretch.from),
        ]);
    }
    println!("{table}");
    if shown < causes.len() {
        println!("and {} more: --causes-all", causes.len() - shown);
    }
}

const fn state(stretch: &StretchView) -> &'static str {
    match stretch.state {
        StateView::Compliant => "compliant",
        StateView::Exempt => "exempt",
        StateView::Unknown => "unknown",
        StateView::Violating if stretch.uncertain => "violating, uncertain",
        StateView::Violating => "violating",
    }
}

/// Milliseconds as hours, minutes and seconds; what is over goes to milliseconds, so that sums can be checked.
fn span(ms: i64) -> String {
    let (seconds, rest_ms) = (ms / 1000, ms % 1000);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let fraction = if rest_ms == 0 { String::new() } else { format!(".{rest_ms:03}") };
    if ms == 0 { "-".to_owned() } else { format!("{hours}:{minutes:02}:{seconds:02}{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_written_to_the_millisecond() {
        assert_eq!(span(0), "-");
        assert_eq!(span(59_000), "0:00:59");
        assert_eq!(span(25 * 3_600_000 + 61_001), "25:01:01.001");
    }
}
