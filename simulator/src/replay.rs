//! Replays: a recording played through one firmware core over MQTT, as one of the scenario's spare tags.
//!
//! Times are shifted so that the recording ends now plus what is left of it at the chosen speed: with start = now + duration /
//! speed - duration the scenario's time meets the wall clock at the last fix. At speed 0 it is played as fast as the centre takes
//! it, and ends now.

mod recording;
mod summary;
mod track;

pub use recording::{FILE_BYTES_MAX, Findings, GAP_S, Messages, Recording, RecordingError};
pub use summary::{Contents, Progress, Summary};
pub use track::{ACCURACY_M, ACCURACY_PER_HDOP_M, TIMELESS_S};

use crate::clock::{RunningClock, SimClock};
use crate::fleet::config::Faults;
use crate::fleet::stats::Tally;
use crate::scenario::{SPARE_TAGS, spare_tag};
use crate::station::{Setup, Station};
use lenke_firmware_core::settings::BUILT_IN_PLAN;
use lenke_firmware_core::{GnssFix, Input, ResetCause, Settings};
use lenke_wire::downlink::Plan;
use lenke_wire::{BatteryState, UnixMillis};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Time to connect before the replay is given up.
const CONNECT_PATIENCE: Duration = Duration::from_secs(15);
/// Time that one report may take at speed 0 before the next is made.
const REPORT_PATIENCE: Duration = Duration::from_secs(5);
/// Frames that may wait for the centre's acknowledgement at speed 0: a tag whose flash fills thins its trail.
const UNACKNOWLEDGED_MAX: u32 = 64;
/// Time at the end for the centre's acknowledgements.
const DRAIN: Duration = Duration::from_secs(30);
/// Longest step through a gap of the recording, seconds.
const GAP_STEP_S: i64 = 60;
/// Progress is told so often.
const TELL_EVERY: Duration = Duration::from_millis(200);
/// Longest wait before the core is looked at again.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Seconds without progress of the centre's acknowledgement until frames are sent again, real time.
const ACK_REAL_S: u32 = 10;
/// The same at speed 0, where the recording's time means nothing.
const ACK_AT_ONCE_S: u32 = 86_400;
/// What the battery of a spare tag has.
const BATTERY: BatteryState =
    BatteryState { percent: 88, millivolts: 4_100, charging: false, empty_at: None };

/// How a recording is played.
#[derive(Clone, Debug)]
pub struct ReplayConfig {
    /// `host:port` of the front door or broker.
    pub target: String,
    /// Spare tag that plays it, 1 to [`SPARE_TAGS`].
    pub spare_tag: u32,
    /// Seed that the scenario was enrolled with.
    pub seed: u64,
    /// So many times faster than recorded; 0 for as fast as it goes.
    pub speed: u32,
    /// Boot counter: greater than in any earlier run of this tag.
    pub epoch: u32,
    /// Seconds between fixes: denser recordings are thinned.
    pub collect_s: u32,
    /// Seconds between reports.
    pub transmit_s: u32,
}

impl Default for ReplayConfig {
    fn default() -> Self {
        Self {
            target: "127.0.0.1:1883".to_owned(),
            spare_tag: 1,
            seed: 1,
            speed: 1,
            epoch: 1,
            collect_s: 1,
            transmit_s: 10,
        }
    }
}

/// Why a replay did not happen.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// There are [`SPARE_TAGS`].
    #[error("there is no spare tag {0}: they are 1 to {SPARE_TAGS}")]
    SpareTag(u32),
    /// Nobody answered, or did not take the tag.
    #[error("no connection to {target} within {} s ({refused} times refused: is the tag enrolled with this seed?)", CONNECT_PATIENCE.as_secs())]
    Unreachable {
        /// Where.
        target: String,
        /// Connections that the centre refused.
        refused: u64,
    },
}

/// Plays `recording` and tells how it goes; ends early when `stop` is cancelled.
///
/// # Errors
/// The spare tag does not exist, or there is no connection at the start.
pub async fn run(
    recording: Recording,
    config: ReplayConfig,
    mut tell: impl FnMut(&Progress),
    stop: CancellationToken,
) -> Result<Summary, ReplayError> {
    if !(1..=SPARE_TAGS).contains(&config.spare_tag) {
        return Err(ReplayError::SpareTag(config.spare_tag));
    }
    let begin = start_at(wall_clock(), recording.duration_ms(), config.speed);
    let mut player = Player::new(&config, begin);
    player.connect(&config).await?;
    let clock = SimClock { origin: begin, speed: config.speed }.start();
    let pace = if config.speed == 0 { Pace::AtOnce } else { Pace::Clock(clock) };
    let mut told_at = Instant::now();
    let mut played = 0;
    for fix in recording.fixes() {
        if stop.is_cancelled() {
            break;
        }
        let at = begin.plus_ms(fix.at.since_ms(recording.begin()));
        player.pass_until(at, &pace, &stop).await;
        player.play(GnssFix { at, ..*fix }, &pace).await;
        played += 1;
        if told_at.elapsed() >= TELL_EVERY {
            told_at = Instant::now();
            tell(&player.progress(played, &recording));
        }
    }
    let end = player.now.plus_s(i64::from(config.transmit_s) + 1);
    player.pass_until(end, &pace, &stop).await;
    player.drain(&pace).await;
    tell(&player.progress(played, &recording));
    Ok(player.end(&recording).await)
}

/// When the recording begins, so that it ends at the wall clock's time.
const fn start_at(now: UnixMillis, duration_ms: i64, speed: u32) -> UnixMillis {
    let left_ms = if speed == 0 { 0 } else { duration_ms / speed as i64 };
    now.plus_ms(left_ms - duration_ms)
}

fn wall_clock() -> UnixMillis {
    #[expect(clippy::disallowed_methods, reason = "a replay is a shell: it ends at the wall clock's time")]
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// What makes time pass.
enum Pace {
    /// A clock that runs.
    Clock(RunningClock),
    /// The recording itself, as fast as the centre takes it.
    AtOnce,
}

struct Player {
    station: Station,
    tally: Arc<Tally>,
    /// The recording's time, shifted.
    now: UnixMillis,
}

impl Player {
    fn new(config: &ReplayConfig, begin: UnixMillis) -> Self {
        let tally = Arc::new(Tally::default());
        // under the register's version the centre lets this plan be
        let plan = Plan {
            version: lenke_alerts::SupervisionPlan::default().version,
            collect_s: config.collect_s.max(1),
            transmit_s: config.transmit_s.max(config.collect_s).max(1),
            ..BUILT_IN_PLAN
        };
        let ack_timeout_s = match config.speed {
            0 => ACK_AT_ONCE_S,
            speed => Settings::default().ack_timeout_s.max(ACK_REAL_S.saturating_mul(speed)),
        };
        let station = Station::new(Setup {
            target: config.target.clone(),
            seed: config.seed,
            device: spare_tag(config.spare_tag),
            epoch: config.epoch,
            settings: Settings { plan, ack_timeout_s, ..Settings::default() },
            keep_alive: Duration::from_secs(60),
            faults: Faults::default(),
            mischief: None,
            probe: None,
            tally: Arc::clone(&tally),
        });
        Self { station, tally, now: begin }
    }

    async fn connect(&mut self, config: &ReplayConfig) -> Result<(), ReplayError> {
        self.station.handle(Input::Started { cause: ResetCause::Power, rtc: Some(self.now) }, self.now);
        self.station.handle(Input::Battery(BATTERY), self.now);
        let deadline = Instant::now() + CONNECT_PATIENCE;
        while !self.station.is_connected() {
            if Instant::now() >= deadline {
                let refused = self.tally.stats().refused;
                return Err(ReplayError::Unreachable { target: config.target.clone(), refused });
            }
            self.station.hurry();
            self.attend(Instant::now() + LOOK_EVERY).await;
        }
        Ok(())
    }

    /// Publishes what is due and waits for one thing that the centre says, at most until `until`.
    async fn attend(&mut self, until: Instant) {
        self.station.carry_out(self.now).await;
        let happening = self.station.wait(until).await;
        self.station.handle_happening(happening, self.now).await;
    }

    /// Lets time pass until `at`.
    async fn pass_until(&mut self, at: UnixMillis, pace: &Pace, stop: &CancellationToken) {
        while self.now < at && !stop.is_cancelled() {
            match pace {
                Pace::AtOnce => {
                    self.now = self.now.plus_s(GAP_STEP_S).min(at);
                    self.station.wake(self.now);
                    self.settle().await;
                }
                Pace::Clock(clock) => {
                    let wake_at = self.station.wake_at().map_or(at, |wake| wake.min(at));
                    let soonest = Instant::now() + Duration::from_millis(1);
                    let until = clock.real(wake_at).clamp(soonest, Instant::now() + LOOK_EVERY);
                    self.attend(until).await;
                    self.now = clock.now().clamp(self.now, at);
                    self.station.wake(self.now);
                }
            }
        }
    }

    async fn play(&mut self, fix: GnssFix, pace: &Pace) {
        self.station.handle(Input::Fix(fix), self.now);
        match pace {
            Pace::AtOnce => self.settle().await,
            Pace::Clock(_) => self.station.carry_out(self.now).await,
        }
    }

    /// Waits until the centre has taken what was published and committed most of it: its pace is ours.
    async fn settle(&mut self) {
        self.station.carry_out(self.now).await;
        let deadline = Instant::now() + REPORT_PATIENCE;
        let full = |station: &Station| station.unacknowledged() > UNACKNOWLEDGED_MAX;
        while (self.station.is_busy() || full(&self.station)) && Instant::now() < deadline {
            self.attend(deadline.min(Instant::now() + LOOK_EVERY)).await;
        }
    }

    /// Waits for the centre's acknowledgements.
    async fn drain(&mut self, pace: &Pace) {
        let deadline = Instant::now() + DRAIN;
        while self.station.unacknowledged() > 0 && Instant::now() < deadline {
            self.station.hurry();
            self.attend(deadline.min(Instant::now() + LOOK_EVERY)).await;
            if let Pace::Clock(clock) = pace {
                self.now = clock.now().max(self.now);
                self.station.wake(self.now);
            }
        }
    }

    fn progress(&self, played: u64, recording: &Recording) -> Progress {
        let stats = self.tally.stats();
        Progress {
            played,
            of: recording.fixes().len() as u64,
            published: stats.published,
            acknowledged: stats.acknowledged,
        }
    }

    async fn end(self, recording: &Recording) -> Summary {
        let summary = Summary::new(*recording.findings(), &self.tally.stats());
        self.station.close().await;
        summary
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recording_ends_when_the_wall_clock_meets_it() {
        let now = UnixMillis(1_000_000_000);
        assert_eq!(start_at(now, 600_000, 1), now);
        assert_eq!(start_at(now, 600_000, 10), now.plus_ms(60_000 - 600_000));
        assert_eq!(start_at(now, 600_000, 0), now.plus_ms(-600_000));
    }
}
