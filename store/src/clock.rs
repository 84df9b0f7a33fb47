//! The server's clock: the one place of its crates that reads the time.
//!
//! Two kinds: the wall clock, and a scaled one that runs so many times faster from a chosen origin (demonstrations,
//! replays). Both are monotone: deadlines and silence clocks may rely on it.
//!
//! The wall clock follows the system's steps forward at once (a machine that slept). When the system's clock is set
//! back, time goes on at half speed until the system has caught up: an hour never happens twice.

use lenke_wire::UnixMillis;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// Time for the server's crates; clones share it.
#[derive(Clone, Debug)]
pub struct Clock {
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Wall(Arc<Mutex<Wall>>),
    Scaled { origin: UnixMillis, started: Instant, speed: u32 },
}

/// The wall clock's last reading.
#[derive(Debug)]
struct Wall {
    /// Nanoseconds of Unix time given out last.
    now_ns: i64,
    /// The monotonic clock at that moment.
    read_at: Instant,
}

impl Clock {
    /// The system's time.
    pub fn wall() -> Self {
        let wall = Wall { now_ns: system_ns(), read_at: instant() };
        Self { kind: Kind::Wall(Arc::new(Mutex::new(wall))) }
    }

    /// `speed` times as fast as real time, beginning at `origin` now. A `speed` of 0 counts as 1.
    pub fn scaled(origin: UnixMillis, speed: u32) -> Self {
        Self { kind: Kind::Scaled { origin, started: instant(), speed: speed.max(1) } }
    }

    /// What time it is. Never earlier than the answer before.
    pub fn now(&self) -> UnixMillis {
        match &self.kind {
            Kind::Wall(wall) => {
                let (system_ns, read_at) = (system_ns(), instant());
                let mut wall = wall.lock().unwrap_or_else(PoisonError::into_inner);
                let elapsed = read_at.saturating_duration_since(wall.read_at);
                wall.now_ns = advanced_ns(wall.now_ns, elapsed, system_ns);
                wall.read_at = wall.read_at.max(read_at);
                UnixMillis(wall.now_ns / 1_000_000)
            }
            Kind::Scaled { origin, started, speed } => {
                let elapsed_ms =
                    instant().saturating_duration_since(*started).as_nanos() * u128::from(*speed) / 1_000_000;
                origin.plus_ms(i64::try_from(elapsed_ms).unwrap_or(i64::MAX))
            }
        }
    }

    /// The real time that `span` of this clock takes: what a timer has to sleep.
    pub fn real(&self, span: Duration) -> Duration {
        span / self.speed()
    }

    /// How many times faster than real time this clock runs.
    pub const fn speed(&self) -> u32 {
        match &self.kind {
            Kind::Wall(_) => 1,
            Kind::Scaled { speed, .. } => *speed,
        }
    }
}

/// The next reading of a wall clock that gave `now_ns` out `elapsed` ago while the system says `system_ns`.
fn advanced_ns(now_ns: i64, elapsed: Duration, system_ns: i64) -> i64 {
    if system_ns >= now_ns {
        return system_ns;
    }
    now_ns.saturating_add(i64::try_from(elapsed.as_nanos() / 2).unwrap_or(i64::MAX))
}

#[expect(clippy::disallowed_methods, reason = "this is the clock")]
fn instant() -> Instant {
    Instant::now()
}

/// The system's Unix time; 0 for a clock set before 1970, the largest value after 2262.
#[expect(clippy::disallowed_methods, reason = "this is the clock")]
fn system_ns() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND_NS: i64 = 1_000_000_000;

    #[test]
    fn wall_clock_follows_forward_and_slows_when_set_back() {
        let second = Duration::from_secs(1);
        let ahead = advanced_ns(100 * SECOND_NS, second, 500 * SECOND_NS);
        assert_eq!(ahead, 500 * SECOND_NS);
        let set_back = advanced_ns(ahead, second, 400 * SECOND_NS);
        assert_eq!(set_back, 500 * SECOND_NS + SECOND_NS / 2);
        assert_eq!(advanced_ns(set_back, second, 501 * SECOND_NS), 501 * SECOND_NS);
    }

    #[test]
    fn scaled_clock_starts_at_its_origin_and_runs_faster() {
        let clock = Clock::scaled(UnixMillis(1_000), 1_000);
        let first = clock.now();
        std::thread::sleep(Duration::from_millis(20));
        let second = clock.now();
        assert!(first.0 >= 1_000 && second.since_ms(first) >= 20_000, "{first:?} {second:?}");
        assert_eq!(clock.real(Duration::from_secs(60)), Duration::from_millis(60));
        assert_eq!(Clock::scaled(UnixMillis(0), 0).speed(), 1);
    }

    #[test]
    fn wall_clock_is_monotone_over_threads() {
        let clock = Clock::wall();
        let readers: Vec<_> = (0..4)
            .map(|_| {
                let clock = clock.clone();
                std::thread::spawn(move || {
                    let mut last = clock.now();
                    for _ in 0..10_000 {
                        let now = clock.now();
                        assert!(now >= last);
                        last = now;
                    }
                })
            })
            .collect();
        readers.into_iter().for_each(|reader| reader.join().unwrap());
    }
}
