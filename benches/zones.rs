//! The zone engine beside its peers: the same questions in the same run, with equal answers.
//!
//! `cargo bench --bench zones`; `-- --quick` for well under a minute on a fifth of the fixes, `-- --smoke` for a small
//! workload that only shows that all checksums are equal (`./test` runs it), `-- --million` for the own zones of a million
//! wearers (some 12 GB and minutes of building); `-- --only shared|edits|own` a part. One core. Each `ratio` line is a peer's time divided by ours, or a stated
//! figure that is to stay below its goal. The plain names take our form for batches, the peers are asked one by one as
//! their interfaces have it; `one_by_one` is ours asked likewise. `benches/README.md` keeps what was measured.
//!
//! Workload: 100 000 shared zones over Norway and Denmark (60 % circles of 100 to 2 000 m, 40 % polygons of 8 to 200
//! vertices, sizes log-uniform) around 200 town centres; fixes of 20 000 random walks, minute by minute, 90 % around
//! towns and 10 % uniform; 20 000 wearers with 6 zones of their own.
#![expect(clippy::print_stdout, clippy::unwrap_used, clippy::disallowed_methods, reason = "a bench program")]

#[path = "zones/clock.rs"]
mod clock;
#[path = "zones/edits.rs"]
mod edits;
#[path = "zones/peers.rs"]
mod peers;
#[path = "zones/personal.rs"]
mod personal;
#[path = "zones/report.rs"]
mod report;
#[path = "zones/shared.rs"]
mod shared;
#[path = "zones/swept.rs"]
mod swept;
#[path = "zones/workload.rs"]
mod workload;

use lenke_zones::{Assignment, Zone};
use workload::{Dice, GROUP, TOWNS, geometry, moved, walks, zone};

/// How much there is of everything.
struct Size {
    shared_zones: u64,
    wearers: usize,
    minutes: usize,
}

const FULL: Size = Size { shared_zones: 100_000, wearers: 20_000, minutes: 50 };
const QUICK: Size = Size { minutes: 10, ..FULL };
const SMOKE: Size = Size { shared_zones: 5_000, wearers: 1_000, minutes: 4 };
const MILLION: Size = Size { shared_zones: 0, wearers: 1_000_000, minutes: 3 };

fn main() {
    let has = |name: &str| std::env::args().any(|argument| argument == name);
    let size = if has("--million") {
        MILLION
    } else if has("--smoke") {
        SMOKE
    } else if has("--quick") {
        QUICK
    } else {
        FULL
    };
    let mut report = report::Report::default();
    let mut dice = Dice(20_261_121);
    let towns = workload::towns(&mut dice);
    report.say(format!("built for {}", features()));
    let zones: Vec<Zone> = (0..size.shared_zones)
        .map(|id| {
            let (east, north) = dice.normal();
            let centre = moved(towns[id as usize % TOWNS], 3_000.0 * east, 3_000.0 * north);
            zone(id + 1, geometry(&mut dice, centre), Assignment::Shared(GROUP.to_vec()))
        })
        .collect();
    let fixes = walks(&mut dice, &towns, size.wearers, size.minutes);
    report.say(format!("{} shared zones, {} fixes, one core", zones.len(), fixes.len()));
    let only = std::env::args().skip_while(|argument| argument != "--only").nth(1);
    let asked = |part: &str| only.as_deref().is_none_or(|only| only == part);
    if !zones.is_empty() && asked("shared") {
        shared::shared(&zones, &fixes, size.wearers, &mut report);
    }
    if !zones.is_empty() && asked("edits") {
        edits::edits(&zones, &mut Dice(dice.0), &towns, &mut report);
    }
    if asked("own") {
        personal::personal(&mut dice, &towns, size.wearers, &fixes, &mut report);
    }
    report.finish(!has("--smoke"));
}

/// The vector instructions that the compiler was allowed to use.
fn features() -> &'static str {
    if cfg!(target_feature = "avx512f") {
        "AVX-512"
    } else if cfg!(target_feature = "avx2") {
        "AVX2"
    } else if cfg!(target_feature = "sse2") {
        "plain x86-64 (SSE2)"
    } else {
        "another processor"
    }
}
