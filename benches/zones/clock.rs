//! Times: of this thread on a processor where the system tells it, so that a busy machine slows but does not distort.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

/// Runs of everything that is timed; the best counts.
const RUNS: usize = 5;

/// Time this thread has spent on a processor, else the time that went by.
fn now(start: Instant) -> Duration {
    let spent = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = spent.and_then(|text| text.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| start.elapsed(), Duration::from_nanos)
}

/// The best of some runs, per item, and what each of them gave.
pub(crate) fn time(items: usize, mut run: impl FnMut() -> u64) -> (Duration, u64) {
    let mut best: Option<(Duration, u64)> = None;
    for _ in 0..RUNS {
        let (taken, sum) = once(|| black_box(run()));
        best = Some(best.map_or((taken, sum), |(shortest, first)| {
            assert_eq!(first, sum, "each run gives the same");
            (shortest.min(taken), sum)
        }));
    }
    let (taken, sum) = best.unwrap();
    (taken.div_f64(items as f64), sum)
}

/// One run.
pub(crate) fn once<T>(run: impl FnOnce() -> T) -> (Duration, T) {
    let clock = Instant::now();
    let start = now(clock);
    let result = run();
    (now(clock).saturating_sub(start), result)
}

pub(crate) fn show(name: &str, each: Duration, sum: u64) {
    println!("{name:<48} {:>10.1} ns  sum {sum:016x}", each.as_secs_f64() * 1e9);
}
