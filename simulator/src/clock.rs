//! The scenario's time: starts at a given moment and runs a whole number of times faster than real time.

use lenke_wire::UnixMillis;
use std::time::Duration;
use tokio::time::Instant;

/// Where the scenario's time starts and how fast it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SimClock {
    /// The scenario's time at the start.
    pub origin: UnixMillis,
    /// Scenario seconds per real second; 0 counts as 1.
    pub speed: u32,
}

impl Default for SimClock {
    fn default() -> Self {
        Self { origin: UnixMillis(0), speed: 1 }
    }
}

impl SimClock {
    /// Lets it run from now on.
    pub fn start(self) -> RunningClock {
        RunningClock { origin: self.origin, speed: self.speed.max(1), started: Instant::now() }
    }
}

/// A clock that runs.
#[derive(Clone, Copy, Debug)]
pub struct RunningClock {
    origin: UnixMillis,
    speed: u32,
    started: Instant,
}

impl RunningClock {
    /// The scenario's time.
    pub fn now(&self) -> UnixMillis {
        let real_ms = self.started.elapsed().as_secs_f64() * 1000.0;
        self.origin.plus_ms((real_ms * f64::from(self.speed)) as i64)
    }

    /// When, in real time, the scenario's time will be `at`; now if it has been.
    pub fn real(&self, at: UnixMillis) -> Instant {
        let sim_ms = at.since_ms(self.origin).max(0) as f64;
        // beyond a year nobody waits
        self.started + Duration::from_secs_f64((sim_ms / 1000.0 / f64::from(self.speed)).min(3.2e7))
    }

    /// The real time that `sim` takes.
    pub fn real_duration(&self, sim: Duration) -> Duration {
        sim / self.speed
    }

    /// The scenario's time that passes in `real`.
    pub fn sim_duration(&self, real: Duration) -> Duration {
        real.saturating_mul(self.speed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_runs_as_many_times_faster_as_asked() {
        let clock = SimClock { origin: UnixMillis(1_000_000), speed: 60 }.start();
        assert_eq!(
            clock.real(UnixMillis(1_180_000)) - clock.real(UnixMillis(1_120_000)),
            Duration::from_secs(1)
        );
        assert_eq!(clock.real_duration(Duration::from_secs(60)), Duration::from_secs(1));
        assert_eq!(clock.sim_duration(Duration::from_secs(1)), Duration::from_secs(60));
        assert!(clock.now() >= UnixMillis(1_000_000));
    }

    #[test]
    fn a_speed_of_zero_counts_as_one() {
        let clock = SimClock::default().start();
        assert_eq!(clock.real_duration(Duration::from_secs(5)), Duration::from_secs(5));
    }
}
