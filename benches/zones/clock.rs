//! Times: of this thread on a processor where the system tells it, so that a busy machine slows but does not distort.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

/// Runs of everything that is timed; the best counts.
const RUNS: usize = 5;

/// Time this thread has spent on a processor, else the time that went by.
#[cfg(target_os = "linux")]
fn now(_: Instant) -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    let spent = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(spent.tv_sec as u64, spent.tv_nsec as u32)
}

#[cfg(not(target_os = "linux"))]
fn now(start: Instant) -> Duration {
    start.elapsed()
}

/// Nanoseconds.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
pub(crate) struct Ns(pub(crate) f64);

/// The best of some runs, per item, and what each of them gave.
pub(crate) fn time(items: usize, mut run: impl FnMut() -> u64) -> (Ns, u64) {
    let mut best: Option<(Duration, u64)> = None;
    for _ in 0..RUNS {
        let (taken, sum) = once(|| black_box(run()));
        best = Some(best.map_or((taken, sum), |(shortest, first)| {
            assert_eq!(first, sum, "each run gives the same");
            (shortest.min(taken), sum)
        }));
    }
    let (taken, sum) = best.unwrap();
    (Ns(taken.as_nanos() as f64 / items as f64), sum)
}

/// One run.
pub(crate) fn once<T>(run: impl FnOnce() -> T) -> (Duration, T) {
    let clock = Instant::now();
    let start = now(clock);
    let result = run();
    (now(clock).saturating_sub(start), result)
}

pub(crate) fn show(name: &str, each: Ns, sum: u64) {
    println!("{name:<48} {:>10.1} ns  sum {sum:016x}", each.0);
}
