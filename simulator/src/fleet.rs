//! Fleets: thousands of firmware cores, each with its own MQTT connection over real TCP, in one process.
//!
//! Each device is a light task that sleeps until its core, its world or the centre wants something. Queues are the core's own:
//! its journal, and the few frames it lets fly. A fleet ends in two steps: [`Fleet::stop`] lets every tag hand in what it
//! has, and gives up when the time is over.

pub(crate) mod config;
pub(crate) mod connection;
pub(crate) mod mischief;
pub(crate) mod stats;
mod tag;

pub use config::{Faults, FleetConfig, Probe};
pub use mischief::Mischief;
pub use stats::FleetStats;

use crate::clock::RunningClock;
use crate::draw::{Draw, Stream};
use crate::keys::Keys;
use crate::scenario::{Scenario, tag as tag_id};
use crate::station::{Setup, Station};
use crate::world::World;
use lenke_alerts::SupervisionPlan;
use lenke_firmware_core::settings::BUILT_IN_PLAN;
use lenke_firmware_core::{HomeBeacon, Settings};
use lenke_wire::downlink::Plan;
use lenke_wire::{DeviceId, UnixMillis};
use stats::Tally;
use std::sync::Arc;
use std::time::Duration;
use tag::{Ending, Runner, Seen};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Tags are switched on within one interval, but within this real time ...
const BEGIN_REAL_MAX: Duration = Duration::from_secs(20);
/// ... and not all at once, however fast the time runs: every start is a TCP connection and four reports.
const BEGIN_REAL_MIN: Duration = Duration::from_secs(3);
/// The cast and the victim unit are switched on within this time, milliseconds.
const BEGIN_CAST_MS: f64 = 500.0;
/// Shortest time for the centre's acknowledgement, real seconds: a fast clock must not make a busy centre look dead.
const ACK_REAL_S: u32 = 5;
/// A health report so often is a sign of life where satellites give nothing to report: half of the silence that plans allow.
const HEALTH_S: u32 = 300;
/// Time that tasks get to end after they were told to.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// A running fleet.
#[derive(Debug)]
pub struct Fleet {
    tally: Arc<Tally>,
    tasks: TaskTracker,
    ending: Ending,
}

struct Launch {
    scenario: Scenario,
    config: FleetConfig,
    clock: RunningClock,
    tally: Arc<Tally>,
}

impl Fleet {
    /// Starts all devices of `scenario`; needs a tokio runtime. They end when `stop` is cancelled.
    pub fn start(scenario: Scenario, config: FleetConfig, stop: CancellationToken) -> Self {
        let tally = Arc::new(Tally::default());
        let tasks = TaskTracker::new();
        let ending = Ending { drain: CancellationToken::new(), stop: stop.child_token() };
        let clock = config.clock.start();
        let hostile = hostile(&scenario, &config.mischief);
        let strangers =
            hostile.iter().filter(|(_, mischief)| mischief.stranger().is_some()).map(|(id, _)| *id);
        let devices: Vec<DeviceId> = scenario.devices().chain(strangers).collect();
        tally.tags.add(devices.len() as u64);
        let launch = Arc::new(Launch { scenario, config, clock, tally: Arc::clone(&tally) });
        for device in devices {
            let mischief = hostile.iter().find(|(id, _)| *id == device).map(|(_, mischief)| *mischief);
            let (launch, ending) = (Arc::clone(&launch), ending.clone());
            tasks.spawn(async move { launch.runner(device, mischief).run(ending).await });
        }
        tasks.close();
        Self { tally, tasks, ending }
    }

    /// The figures so far.
    pub fn stats(&self) -> FleetStats {
        self.tally.stats()
    }

    /// Takes no more fixes, waits up to `drain` until the centre has acknowledged every frame, and ends.
    pub async fn stop(self, drain: Duration) -> FleetStats {
        self.ending.drain.cancel();
        if timeout(drain, self.tasks.wait()).await.is_err() {
            self.ending.stop.cancel();
            if timeout(LAST_WORDS, self.tasks.wait()).await.is_err() {
                tracing::warn!(tasks = self.tasks.len(), "some simulated tags did not end in time");
            }
        }
        self.tally.stats()
    }
}

impl Launch {
    fn runner(&self, device: DeviceId, mischief: Option<Mischief>) -> Runner {
        let Self { scenario, config, clock, tally } = self;
        let world = scenario.world(device);
        let settings = Settings {
            authority: config.authority,
            ..tag_settings(&world, scenario.seed, device, config.interval_s, config.clock.speed)
        };
        let begin = self.begin(device, settings.plan.collect_s);
        let station = Station::new(Setup {
            target: config.target.clone(),
            seed: scenario.seed,
            device,
            epoch: config.epoch,
            settings,
            keep_alive: config.keep_alive,
            faults: config.faults,
            mischief,
            probe: config.probe.clone(),
            tally: Arc::clone(tally),
        });
        let (ahead_ms, doomed) =
            mischief.map_or((0, false), |mischief| (mischief.ahead_ms(), mischief.dooms()));
        Runner { station, world, clock: *clock, begin, ahead_ms, doomed, seen: Seen::default() }
    }

    /// When `device` is switched on: the cast at once, the others spread over an interval.
    fn begin(&self, device: DeviceId, interval_s: u32) -> UnixMillis {
        let mut draw = Draw::new(self.scenario.seed, Stream::Fleet, device.number(), 0);
        let at_once = self.scenario.role(device).is_some() || device == crate::scenario::victim_unit();
        let sim_ms = |real| self.clock.sim_duration(real).as_secs_f64() * 1000.0;
        let spread_ms =
            (f64::from(interval_s) * 1000.0).clamp(sim_ms(BEGIN_REAL_MIN), sim_ms(BEGIN_REAL_MAX));
        let within_ms = if at_once { BEGIN_CAST_MS } else { spread_ms };
        self.config.clock.origin.plus_ms(draw.between(0.0, within_ms) as i64)
    }
}

/// What the tag of `world` is delivered with, in a scenario that runs `speed` times faster than real time.
///
/// It has the register's plan under version 0, so that the centre sends it; with an interval of the fleet's own, under the
/// register's version, so that the centre lets it be.
pub fn tag_settings(
    world: &World,
    seed: u64,
    device: DeviceId,
    interval_s: Option<u32>,
    speed: u32,
) -> Settings {
    let wearer = SupervisionPlan::default();
    let plan = Plan {
        version: interval_s.map_or(BUILT_IN_PLAN.version, |_| wearer.version),
        collect_s: interval_s.unwrap_or(wearer.collect_s),
        transmit_s: interval_s.unwrap_or(wearer.transmit_s),
        no_fix_s: wearer.no_fix_s,
        battery_low: wearer.battery_low,
        battery_critical: wearer.battery_critical,
        ..BUILT_IN_PLAN
    };
    let defaults = Settings::default();
    Settings {
        plan,
        home_beacon: world.home_unit().map(|unit| home_beacon(seed, device, unit)),
        health_s: HEALTH_S,
        ack_timeout_s: defaults.ack_timeout_s.max(ACK_REAL_S.saturating_mul(speed)),
        ..defaults
    }
}

/// The home unit of `device`, with the key that both were given.
fn home_beacon(seed: u64, device: DeviceId, unit: DeviceId) -> HomeBeacon {
    HomeBeacon { device: unit, key: Keys::derive(seed, device).beacon_key() }
}

/// Who plays which mischief: strangers by their own id, the others the last tags of the scenario.
fn hostile(scenario: &Scenario, mischief: &[Mischief]) -> Vec<(DeviceId, Mischief)> {
    let mut last = scenario.tags;
    let mut cast = Vec::with_capacity(mischief.len());
    for &mischief in mischief {
        if let Some(stranger) = mischief.stranger() {
            cast.push((stranger, mischief));
        } else if last > 0 {
            cast.push((tag_id(last), mischief));
            last -= 1;
        } else {
            tracing::warn!(?mischief, "the fleet has no tag left to play this");
        }
    }
    cast
}

#[cfg(test)]
mod tests;
