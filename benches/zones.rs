//! The zone engine beside its peers: the same questions in the same run, with equal answers.
//!
//! `cargo bench --bench zones`; `-- --quick` for well under a minute on a fifth of the fixes, `-- --million` for a million
//! wearers (some 12 GB and minutes of building). One core. Each `ratio` line is a peer's time divided by ours, or a stated
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
use workload::{Dice, GROUP, SHARED_ZONES, TOWNS, WEARERS, geometry, moved, walks, zone};

/// Minutes of each walk, and of a quick run's.
const MINUTES: usize = 50;
const MINUTES_QUICK: usize = 10;
/// Wearers and minutes of the long run.
const MILLION: usize = 1_000_000;
const MINUTES_MILLION: usize = 3;

fn main() {
    let has = |name: &str| std::env::args().any(|argument| argument == name);
    let mut report = report::Report::default();
    let mut dice = Dice(20_261_121);
    let towns = workload::towns(&mut dice);
    report.say(format!("built for {}", features()));
    if has("--million") {
        let fixes = walks(&mut dice, &towns, MILLION, MINUTES_MILLION);
        personal::personal(&mut dice, &towns, MILLION, &fixes, &mut report);
        return report.finish();
    }
    let zones: Vec<Zone> = (0..SHARED_ZONES)
        .map(|id| {
            let (east, north) = dice.normal();
            let centre = moved(towns[id as usize % TOWNS], 3_000.0 * east, 3_000.0 * north);
            zone(id + 1, geometry(&mut dice, centre), Assignment::Shared(GROUP.to_vec()))
        })
        .collect();
    let minutes = if has("--quick") { MINUTES_QUICK } else { MINUTES };
    let fixes = walks(&mut dice, &towns, WEARERS, minutes);
    report.say(format!("{} shared zones, {} fixes, one core", zones.len(), fixes.len()));
    shared::shared(&zones, &fixes, &mut report);
    edits::edits(&zones, &mut dice, &towns, &mut report);
    personal::personal(&mut dice, &towns, WEARERS, &fixes, &mut report);
    report.finish();
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
