//! `lenke simulate`: a fleet of simulated tags against a front door or a broker.

use crate::{
    enrol::TAGS_MAX,
    keys, latency, logging,
    settings::LogFormat,
    signals,
    span::TimeSpan,
    terminal::{self, LiveLine, grouped},
};
use anyhow::{Context, Result, bail};
use lenke_simulator::energy::{BUILT_IN_PLAN, Report};
use lenke_simulator::{Fleet, FleetConfig, FleetStats, Mischief, Scenario, SimClock};
use lenke_store::Clock;
use lenke_wire::command::Plan;
use std::time::{Duration, Instant};

/// Port of MQTT without TLS.
const MQTT_PORT: u16 = 1883;
/// How long the fleet may take to hand in what it still holds.
const DRAIN: Duration = Duration::from_secs(60);

#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// Front door or broker.
    #[arg(long, value_name = "mqtt://HOST:PORT", required = true)]
    connect: Option<String>,
    /// Number of tags; `lenke enrol simulated` registers them.
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=i64::from(TAGS_MAX)))]
    tags: u32,
    /// Each tag takes and sends a fix so often.
    #[arg(long, value_name = "TIME", default_value = "60s")]
    interval: TimeSpan,
    /// End after this time; without it, at Ctrl-C.
    #[arg(long = "for", value_name = "TIME")]
    duration: Option<TimeSpan>,
    /// Seed of the fleet.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The centre's public key, 64 hexadecimal digits, as `lenke enrol simulated` prints it: the tags follow plans, zones and orders
    /// that it signed, and refuse all without it.
    #[arg(long, value_name = "HEX", value_parser = authority)]
    authority: Option<PublicKey>,
    /// The last tags misbehave, one kind each (garbage, truncated, oversized, wrong key, replay, foreign topic, clock far off, ...).
    #[arg(long)]
    mischief: bool,
    /// Print the summary as one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(clap::Subcommand)]
enum Command {
    /// What each state of a tag costs its battery, by the worst figures of its parts' data sheets.
    Energy(EnergyArgs),
}

#[derive(clap::Args)]
struct EnergyArgs {
    /// Time from fix to fix.
    #[arg(long, value_name = "TIME", default_value = "60s")]
    collect: TimeSpan,
    /// Time from report to report.
    #[arg(long, value_name = "TIME", default_value = "600s")]
    transmit: TimeSpan,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// An Ed25519 public key on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct PublicKey([u8; 32]);

fn authority(text: &str) -> Result<PublicKey, String> {
    let key = keys::parse_hex(text).filter(lenke_wire::sign::is_public_key);
    key.map(PublicKey).ok_or_else(|| format!("`{text}` is no Ed25519 key of 64 hexadecimal digits"))
}

/// `mqtt://host:port` as `host:port`.
///
/// # Errors
/// Another scheme, or no host.
pub(crate) fn broker_address(url: &str) -> Result<String> {
    let rest = url
        .strip_prefix("mqtt://")
        .with_context(|| {
            format!("`{url}` is not of the form mqtt://HOST:PORT (TLS ends at a proxy for now)")
        })?
        .trim_end_matches('/');
    match rest.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => Ok(rest.to_owned()),
        None if !rest.is_empty() => Ok(format!("{rest}:{MQTT_PORT}")),
        Some(_) | None => bail!("`{url}` names no host and port"),
    }
}

/// Epoch of devices that keep none: the next full second of real time, which this waits for. A run that starts after this one
/// has another, however short this one is: an epoch that is used twice would seal two reports under one nonce.
pub(crate) async fn next_epoch() -> u32 {
    let clock = Clock::wall();
    let epoch = clock.now().0.div_euclid(1000) + 1;
    while clock.now().0 < epoch * 1000 {
        let left_ms = epoch * 1000 - clock.now().0;
        tokio::time::sleep(Duration::from_millis(u64::try_from(left_ms).unwrap_or(0))).await;
    }
    u32::try_from(epoch).unwrap_or(u32::MAX)
}

pub(crate) async fn run(args: Args) -> Result<()> {
    logging::start("warn", LogFormat::Text)?;
    if let Some(Command::Energy(args)) = &args.command {
        return print_energy(args);
    }
    let connect = args.connect.as_deref().unwrap_or_default();
    let target = broker_address(connect)?;
    let stop = signals::stop_on_signal();
    let interval_s = u32::try_from(args.interval.0.as_secs()).unwrap_or(u32::MAX).max(1);
    let epoch = next_epoch().await;
    let now = Clock::wall().now();
    let config = FleetConfig {
        target,
        clock: SimClock { origin: now, speed: 1 },
        epoch,
        interval_s: Some(interval_s),
        authority: args.authority.map(|PublicKey(key)| key),
        mischief: if args.mischief { Mischief::ALL.to_vec() } else { Vec::new() },
        ..FleetConfig::default()
    };
    let started = latency::now();
    let ended = tokio_util::sync::CancellationToken::new();
    let fleet = Fleet::start(Scenario::build(args.seed, args.tags, now), config, ended.clone());
    eprintln!("{} tags send a fix each {interval_s} s to {connect}", args.tags);

    let end = args.duration.map(|span| started + span.0);
    let mut line = LiveLine::new();
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    while !stop.is_cancelled() && end.is_none_or(|end| latency::now() < end) {
        tokio::select! {
            () = stop.cancelled() => {}
            _ = tick.tick() => line.show(&figures(&fleet.stats(), started)),
        }
    }
    line.finish();
    let stats = fleet.stop(DRAIN).await;
    ended.cancel();
    if args.json {
        println!("{}", serde_json::to_string(&stats)?);
    } else {
        println!("{}", table(&stats, started));
    }
    if stats.unacknowledged > 0 {
        bail!(
            "{} reports were not acknowledged by the centre within {} s",
            stats.unacknowledged,
            DRAIN.as_secs()
        );
    }
    Ok(())
}

fn print_energy(args: &EnergyArgs) -> Result<()> {
    let seconds = |span: TimeSpan| u32::try_from(span.0.as_secs()).unwrap_or(u32::MAX).max(1);
    let (collect_s, transmit_s) = (seconds(args.collect), seconds(args.transmit));
    let plan = Plan { collect_s, transmit_s, ..BUILT_IN_PLAN };
    if !plan.is_valid() {
        bail!("a fix each {collect_s} s and a report each {transmit_s} s make no plan that a tag can follow");
    }
    let report = Report::of(&plan);
    if args.json {
        println!("{}", serde_json::to_string(&report)?);
        return Ok(());
    }
    let name = format!(
        "A fix each {collect_s} s, a report each {transmit_s} s, {} mAh: mAh a day, hours",
        report.capacity_mah
    );
    let rows: Vec<(String, String)> = report
        .states
        .iter()
        .map(|row| (format!("{:?}", row.state), format!("{:>5} {:>6}", row.mah_a_day, row.hours)))
        .collect();
    println!("{}", terminal::table(&name, &rows));
    Ok(())
}

fn figures(stats: &FleetStats, started: Instant) -> String {
    let seconds = latency::now().saturating_duration_since(started).as_secs().max(1);
    format!(
        "{} of {} tags connected  {} reports ({}/s)  {} acknowledged  {} resent",
        stats.connected,
        stats.tags,
        grouped(stats.published),
        grouped(stats.published / seconds),
        grouped(stats.acknowledged),
        grouped(stats.resent),
    )
}

fn table(stats: &FleetStats, started: Instant) -> String {
    let seconds = latency::now().saturating_duration_since(started).as_secs_f64();
    let rows = [
        ("reports published", stats.published),
        ("acknowledged by the centre", stats.acknowledged),
        ("not acknowledged", stats.unacknowledged),
        ("resent", stats.resent),
        ("fixes", stats.fixes),
    ];
    terminal::table(
        &format!("{seconds:.0} s of {} tags", stats.tags),
        &rows.map(|(name, value)| (name.to_owned(), grouped(value))),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_is_a_key_in_hexadecimal_or_nothing() {
        let key = lenke_wire::sign::KeyPair::from_secret(&[7; 32]).public();
        assert_eq!(authority(&keys::hex(&key)), Ok(PublicKey(key)));
        for bad in ["", "00", &"0".repeat(64)] {
            assert!(authority(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn broker_addresses_have_a_scheme_a_host_and_perhaps_a_port() {
        assert_eq!(broker_address("mqtt://127.0.0.1:1884").unwrap(), "127.0.0.1:1884");
        assert_eq!(broker_address("mqtt://broker.example").unwrap(), "broker.example:1883");
        for bad in ["127.0.0.1:1884", "http://x:1", "mqtt://", "mqtt://:1883", "mqtt://host:seven"] {
            assert!(broker_address(bad).is_err(), "{bad}");
        }
    }
}
