//! Edits while the compiled form is in use: in the index alone, and until the next fix sees them.

use super::{
    report::Report,
    workload::{Dice, GROUP, TOWNS, geometry, moved, zone},
};
use lenke_zones::{Assignment, LiveZones, Zone, ZoneIndex};
use std::time::{Duration, Instant};

/// Edits in a pass, and passes: the best pass counts.
const EDITS: usize = 500;
const PASSES: usize = 3;

pub(crate) fn edits(zones: &[Zone], dice: &mut Dice, towns: &[(f64, f64)], report: &mut Report) {
    let mut index = ZoneIndex::build(zones.iter().cloned());
    let in_index = best_pass(zones.len(), dice, towns, |zone| index.insert(zone));
    let live = LiveZones::new(index);
    let visible = best_pass(zones.len(), dice, towns, |zone| live.insert(zone));
    let us = |time: Duration| time.as_secs_f64() * 1e6;
    let [in_index, in_index_p99] = in_index.map(us);
    let [visible, visible_p99] = visible.map(us);
    report.say(format!(
        "an edit takes {in_index:.1} us in the index (p99 {in_index_p99:.1}) and is visible after {visible:.0} us (p99 {visible_p99:.0})"
    ));
    report.figure("edit_index_us", in_index, 50.0);
    report.figure("edit_visible_us_p99", visible_p99, 1_000.0);
}

/// Median and 99th percentile of the time an edit takes, of the pass with the least of the latter.
fn best_pass(
    zones: usize,
    dice: &mut Dice,
    towns: &[(f64, f64)],
    mut edit: impl FnMut(Zone),
) -> [Duration; 2] {
    let mut pass = || {
        let mut taken: Vec<Duration> = (0..EDITS)
            .map(|_| {
                let id = dice.next() % zones as u64 + 1;
                let (east, north) = dice.normal();
                let centre = moved(towns[id as usize % TOWNS], 3_000.0 * east, 3_000.0 * north);
                let zone = zone(id, geometry(dice, centre), Assignment::Shared(GROUP.to_vec()));
                let start = Instant::now();
                edit(zone);
                start.elapsed()
            })
            .collect();
        taken.sort_unstable();
        [taken[EDITS / 2], taken[EDITS - EDITS / 100]]
    };
    (0..PASSES).map(|_| pass()).min_by_key(|[_, p99]| *p99).unwrap()
}
