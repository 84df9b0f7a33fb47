//! `lenke demo`: everything in one process with a simulated fleet, so that a newcomer sees it work.
//!
//! The fleet speaks the real protocol over real TCP to the real front door; the figures are measured where an operator's
//! browser would be.

use crate::{
    enrol::TAGS_MAX,
    latency::{self, Meter, Seen},
    logging,
    server::{self, AddressHints, Server, install_metrics, open_store},
    settings::{LogFormat, Settings},
    signals,
    span::TimeSpan,
    terminal::{self, LiveLine, grouped},
    user::{self, Login},
};
use anyhow::{Context, Result, ensure};
use lenke_simulator::{Fleet, FleetConfig, FleetStats, Scenario, SimClock};
use lenke_store::{Clock, Role, Store};
use lenke_wire::UnixMillis;
use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

/// Name of the demo's login: it may see every page.
const LOGIN: &str = "demo";
/// How often the line of figures is rewritten.
const TICK: Duration = Duration::from_secs(1);
/// How long the fleet may take to hand in what it still holds.
const FLEET_DRAIN: Duration = Duration::from_secs(15);
/// Store key under which the demo's time is kept, so that a second start never goes back.
const TIME_KEY: &str = "demo.time_ms";
/// Store key under which the fleet's seed is kept: another seed is another fleet, with other keys.
const SEED_KEY: &str = "demo.seed";

const HINTS: AddressHints = AddressHints { mqtt: "--mqtt ADDR", http: "--http ADDR" };

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folder of the database and the journal; a second start goes on where the first ended.
    #[arg(long, value_name = "DIR", default_value = "lenke-data")]
    data_dir: PathBuf,
    /// PostgreSQL database in the place of the folder's SQLite: postgres://USER@HOST/DATABASE.
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Simulated wearers, among them the scripted cast.
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=i64::from(TAGS_MAX)))]
    wearers: u32,
    /// Time runs so many times faster.
    #[arg(long, value_name = "K", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=60))]
    speed: u32,
    /// End after this time and print a summary, such as 60s or 5m.
    #[arg(long = "for", value_name = "TIME")]
    duration: Option<TimeSpan>,
    /// Seed of the fleet; kept with the data.
    #[arg(long, value_name = "SEED")]
    seed: Option<u64>,
    /// Address for devices; port 0 picks a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:1883")]
    mqtt: String,
    /// Address of the console; port 0 picks a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    http: String,
    /// Print the summary as one JSON object on standard output.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(args: Args) -> Result<()> {
    logging::start("warn", LogFormat::Text)?;
    let started = latency::now();
    let stop = signals::stop_on_signal();
    let settings = demo_settings(&args);
    let store = open_store(&settings).await?;
    let seed = agreed_seed(&*store, args.seed).await?;
    let clock = demo_clock(&*store, args.speed).await?;
    let scenario = Scenario::build(seed, args.wearers, clock.now());
    server::enrol(&*store, scenario.register.clone()).await?;
    let login = user::set_login(&*store, LOGIN, Role::Administrator).await?;
    let server = Server::start(&settings, store, clock.clone(), install_metrics()?, &HINTS).await?;

    let meter = Arc::new(Meter::new(started));
    let watch = tokio::spawn({
        let (meter, http, stop) = (Arc::clone(&meter), server.http, server.failed());
        let (name, password) = (login.name.clone(), login.password.clone());
        async move { meter.follow(http, &name, &password, stop).await }
    });
    let fleet = start_fleet(scenario, &server, &clock, Arc::clone(&meter)).await?;
    print_banner(&args, &server, &login);

    let demo = Demo { server, fleet, meter, clock, started };
    let end = args.duration.map(|span| started + span.0);
    demo.show_until(end, &stop).await?;
    let summary = demo.finish().await?;
    if let Err(error) = watch.await.context("the measurement broke")? {
        tracing::warn!(%error, "the console's stream could not be followed to the end");
    }
    summary.print(args.json);
    Ok(())
}

/// The seed of the data folder; another one given is refused, since its tags would not be known.
async fn agreed_seed(store: &dyn Store, given: Option<u64>) -> Result<u64> {
    let kept = store.get_meta(SEED_KEY).await?.and_then(|text| text.parse::<u64>().ok());
    match (kept, given) {
        (Some(kept), Some(given)) => {
            ensure!(
                kept == given,
                "this data folder holds the fleet of seed {kept}: leave --seed out, or give another --data-dir for seed {given}"
            );
            Ok(kept)
        }
        (Some(kept), None) => Ok(kept),
        (None, given) => {
            let seed = given.unwrap_or(1);
            store.set_meta(SEED_KEY, &seed.to_string()).await?;
            Ok(seed)
        }
    }
}

/// Runs from now, or from where an accelerated demo had come if that lies ahead.
async fn demo_clock(store: &dyn Store, speed: u32) -> Result<Clock> {
    let wall = Clock::wall().now();
    let kept = store.get_meta(TIME_KEY).await?.and_then(|text| text.parse().ok()).map(UnixMillis);
    Ok(Clock::scaled(kept.map_or(wall, |kept| kept.max(wall)), speed))
}

fn demo_settings(args: &Args) -> Settings {
    let mut settings = Settings::default();
    settings.data.dir.clone_from(&args.data_dir);
    settings.store.database.clone_from(&args.database);
    settings.mqtt.listen.clone_from(&args.mqtt);
    settings.console.listen.clone_from(&args.http);
    settings
}

async fn start_fleet(scenario: Scenario, server: &Server, clock: &Clock, meter: Arc<Meter>) -> Result<Fleet> {
    let target = server.mqtt.context("the demo has a front door")?.to_string();
    let config = FleetConfig {
        target,
        clock: SimClock { origin: clock.now(), speed: clock.speed() },
        epoch: server.store.next_downlink_epoch().await?,
        authority: Some(server.authority),
        probe: Some(Arc::new(move |device, frame, at: Instant| meter.handle_publish(device, frame, at))),
        ..FleetConfig::default()
    };
    Ok(Fleet::start(scenario, config, server.failed()))
}

fn print_banner(args: &Args, server: &Server, login: &Login) {
    let mqtt = server.mqtt.map_or_else(String::new, |address| format!("mqtt://{address}"));
    eprintln!("{}", terminal::bold("Lenke is running"));
    eprintln!("  console   http://{}", server.http);
    eprintln!("  login     {} / {}", login.name, login.password);
    eprintln!("  devices   {mqtt}, {} simulated wearers, time runs {}x", args.wearers, args.speed);
    eprintln!("  data      {}", args.data_dir.display());
    eprintln!(
        "  next      open the console; the first alerts come within seconds. Ctrl-C drains and keeps the data.\n"
    );
}

/// The running demo.
struct Demo {
    server: Server,
    fleet: Fleet,
    meter: Arc<Meter>,
    clock: Clock,
    started: Instant,
}

impl Demo {
    /// A line of figures each second, until the time is over or somebody stops it.
    async fn show_until(
        &self,
        end: Option<Instant>,
        stop: &tokio_util::sync::CancellationToken,
    ) -> Result<()> {
        let mut line = LiveLine::new();
        let mut tick = tokio::time::interval(TICK);
        let failed = self.server.failed();
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                () = failed.cancelled() => anyhow::bail!("a part could not go on; the log says which and why"),
                _ = tick.tick() => {}
            }
            self.server.store.set_meta(TIME_KEY, &self.clock.now().0.to_string()).await?;
            line.show(&self.figures());
            if end.is_some_and(|end| latency::now() >= end) {
                break;
            }
        }
        line.finish();
        Ok(())
    }

    fn figures(&self) -> String {
        let (fleet, seen, counters) =
            (self.fleet.stats(), self.meter.seen(), self.server.pipeline.counters().snapshot());
        let seconds = latency::now().saturating_duration_since(self.started).as_secs().max(1);
        format!(
            "{}  {} of {} tags connected  {} reports ({}/s)  {} stored  {} alerts  publish to page p50 {} ms, p99 {} ms",
            clock_text(self.clock.now()),
            fleet.connected,
            fleet.tags,
            grouped(fleet.published),
            grouped(fleet.published / seconds),
            grouped(counters.stored),
            seen.alerts.values().sum::<u64>(),
            seen.p50_ms,
            seen.p99_ms,
        )
    }

    /// The fleet hands in what it holds, the centre stores it, then everything is added up.
    async fn finish(self) -> Result<Summary> {
        let fleet = self.fleet.stop(FLEET_DRAIN).await;
        self.server.store.set_meta(TIME_KEY, &self.clock.now().0.to_string()).await?;
        let pipeline = self.server.pipeline.clone();
        self.server.drain().await;
        let counters = pipeline.counters().snapshot();
        let real = latency::now().saturating_duration_since(self.started);
        Ok(Summary {
            fleet,
            received: counters.received,
            stored: counters.stored,
            duplicate: counters.duplicate,
            rejected: counters.rejected,
            seen: self.meter.seen(),
            real,
        })
    }
}

/// `21 Nov 14:03:07` in UTC.
fn clock_text(at: UnixMillis) -> String {
    jiff::Timestamp::from_millisecond(at.0)
        .map_or_else(|_| "?".to_owned(), |at| at.strftime("%d %b %H:%M:%S UTC").to_string())
}

/// What a bounded run comes to.
struct Summary {
    fleet: FleetStats,
    received: u64,
    stored: u64,
    duplicate: u64,
    rejected: u64,
    seen: Seen,
    real: Duration,
}

impl Summary {
    fn lost(&self) -> u64 {
        self.fleet.published.saturating_sub(self.fleet.acknowledged)
    }

    fn print(&self, json: bool) {
        if json {
            println!("{}", self.json());
        } else {
            println!("{}", self.table());
        }
    }

    fn json(&self) -> serde_json::Value {
        serde_json::json!({
            "reports": {
                "published": self.fleet.published,
                "received": self.received,
                "stored": self.stored,
                "lost": self.lost(),
                "duplicate": self.duplicate,
                "rejected": self.rejected,
            },
            "alerts": self.seen.alerts,
            "latency_reports": self.seen.reports,
            "latency_ms": { "p50": self.seen.p50_ms, "p99": self.seen.p99_ms },
            "first_alert_s": self.seen.first_alert.map(|time| time.as_secs_f64()),
            "seconds": self.real.as_secs_f64(),
        })
    }

    fn table(&self) -> String {
        let mut rows = vec![
            ("reports published".to_owned(), grouped(self.fleet.published)),
            ("received".to_owned(), grouped(self.received)),
            ("stored".to_owned(), grouped(self.stored)),
            ("lost".to_owned(), grouped(self.lost())),
            ("duplicate".to_owned(), grouped(self.duplicate)),
            ("rejected".to_owned(), grouped(self.rejected)),
            ("seen on the page".to_owned(), grouped(self.seen.reports)),
            ("publish to page, median".to_owned(), format!("{} ms", self.seen.p50_ms)),
            ("publish to page, 99 %".to_owned(), format!("{} ms", self.seen.p99_ms)),
            (
                "first alert after".to_owned(),
                self.seen
                    .first_alert
                    .map_or_else(|| "none".to_owned(), |time| format!("{:.1} s", time.as_secs_f64())),
            ),
        ];
        rows.extend(
            self.seen
                .alerts
                .iter()
                .map(|(kind, count)| (format!("alerts: {}", kind.replace('_', " ")), grouped(*count))),
        );
        terminal::table(&format!("{:.0} s of demo", self.real.as_secs_f64()), &rows)
    }
}
