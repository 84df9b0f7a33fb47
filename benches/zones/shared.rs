//! Which of 100 000 shared zones hold a place: beside `rstar` and a packed index, with `geo` and a ray casting loop.

use super::{
    clock::{once, show, time},
    peers::{Peer, candidates, ray_cast, tree, unit_box, unit_coordinates, unit_point},
    report::Report,
    swept::{swept, ways},
    workload::{Dice, GROUP},
};
use geo::{Contains, PreparedGeometry, Relate};
use lenke_wire::Position;
use lenke_zones::{Compiled, WearerId, Zone, ZoneIndex};
use packed_spatial_index::{Box2D, Index2DBuilder};

/// Order does not matter to it: engines give the zones in any order.
fn mix(id: u64) -> u64 {
    Dice(id).next()
}

/// One fix in so many is asked of the prepared geometries: they are slow.
const PREPARED_STEP: usize = 50;

pub(crate) fn shared(zones: &[Zone], fixes: &[(usize, Position)], wearers: usize, report: &mut Report) {
    let (index_time, index) = once(|| ZoneIndex::build(zones.iter().cloned()));
    let (compiled_time, compiled) = once(|| Compiled::of(&index));
    let megabytes = compiled.grid_bytes() as f64 / 1e6;
    let (index_s, compiled_s) = (index_time.as_secs_f64(), compiled_time.as_secs_f64());
    report.say(format!(
        "index built in {index_s:.2} s, compiled in {compiled_s:.2} s to {megabytes:.0} MB (grid, not the geometry)"
    ));
    report.figure("grid_megabytes", megabytes, 200.0);

    let mut holding = Vec::new();
    let (single, our_sum) = time(fixes.len(), || {
        let mut sum = 0;
        for (_, position) in fixes {
            compiled.containing(&GROUP, *position, &mut holding);
            sum += holding.len() as u64;
        }
        sum
    });
    show("lenke containing, one by one", single, our_sum);
    let positions: Vec<Position> = fixes.iter().map(|(_, position)| *position).collect();
    let (batch, sum) = time(fixes.len(), || {
        let mut sum = 0;
        compiled.containing_each(&GROUP, &positions, |_, _| sum += 1);
        sum
    });
    show("lenke containing, in batches", batch, sum);
    assert_eq!(sum, our_sum, "equal checksums");
    let mut our_ids = 0_u64;
    compiled.containing_each(&GROUP, &positions, |_, zone| {
        our_ids = our_ids.wrapping_add(mix(compiled.shared_zone(zone).unwrap().id.0));
    });

    let peers: Vec<Peer> = zones.iter().map(Peer::new).collect();
    let boxes: Vec<[f64; 4]> = zones.iter().map(unit_box).collect();
    let tree = tree(&boxes);
    let holds = |number: usize, position: Position| match &peers[number] {
        Peer::Circle(circle) => circle.signed_distance_m(position) > 0.0,
        Peer::Polygon(polygon) => polygon.contains(&geo::Point::from(unit_point(position))),
    };
    let (rstar, sum) = time(fixes.len(), || {
        let mut sum = 0;
        for (_, position) in fixes {
            let found = candidates(&tree, unit_point(*position)).filter(|&number| holds(number, *position));
            sum += found.count() as u64;
        }
        sum
    });
    show("rstar + geo Contains", rstar, sum);
    assert_eq!(sum, our_sum, "equal checksums");
    let mut ids = 0_u64;
    for (_, position) in fixes {
        for number in candidates(&tree, unit_point(*position)).filter(|&number| holds(number, *position)) {
            ids = ids.wrapping_add(mix(zones[number].id.0));
        }
    }
    report.say(format!("checksum of ids: ours {our_ids:016x}, rstar + geo {ids:016x}"));
    assert_eq!(ids, our_ids, "equal checksums");

    let rings: Vec<Vec<(f64, f64)>> = zones.iter().map(|zone| unit_coordinates(&zone.geometry)).collect();
    let mut builder = Index2DBuilder::new(boxes.len());
    for [west, south, east, north] in &boxes {
        builder.add(Box2D::new(*west, *south, *east, *north));
    }
    let packed = builder.finish_simd().unwrap();
    let mut found = Vec::new();
    let (packed, sum) = time(fixes.len(), || {
        let mut sum = 0;
        for (_, position) in fixes {
            let (x, y) = unit_point(*position);
            packed.search_into(Box2D::new(x, y, x, y), &mut found);
            for &number in &found {
                sum += u64::from(match &peers[number] {
                    Peer::Circle(circle) => circle.signed_distance_m(*position) > 0.0,
                    Peer::Polygon(_) => ray_cast(&rings[number], (x, y)),
                });
            }
        }
        sum
    });
    show("packed_spatial_index + ray cast", packed, sum);
    assert_eq!(sum, our_sum, "equal checksums");

    // In `rstar`'s order, with what `geo` prepares for relating.
    let prepared: Vec<Option<PreparedGeometry<'_, &geo::Polygon>>> = peers
        .iter()
        .map(|peer| match peer {
            Peer::Circle(_) => None,
            Peer::Polygon(polygon) => Some(PreparedGeometry::from(polygon)),
        })
        .collect();
    let few: Vec<Position> = positions.iter().copied().step_by(PREPARED_STEP).collect();
    let (prepared, sum) = time(few.len(), || {
        let mut sum = 0;
        for &position in &few {
            for number in candidates(&tree, unit_point(position)) {
                sum += u64::from(match &prepared[number] {
                    Some(prepared) => prepared.relate(&geo::Point::from(unit_point(position))).is_contains(),
                    None => holds(number, position),
                });
            }
        }
        sum
    });
    show("rstar + geo PreparedGeometry (1 in 50)", prepared, sum);
    let mut few_sum = 0;
    compiled.containing_each(&GROUP, &few, |_, _| few_sum += 1);
    assert_eq!(sum, few_sum, "equal checksums");

    verdicts(&index, &compiled, fixes);
    let ways = ways(fixes, wearers);
    swept(&index, &compiled, &peers, &tree, &ways, report);
    report.ratio("shared_vs_packed_ray_cast", packed, batch, 10.0);
    report.ratio("shared_one_by_one_vs_packed_ray_cast", packed, single, 10.0);
    report.ratio("shared_vs_rstar_geo", rstar, batch, 20.0);
    report.ratio("shared_vs_geo_prepared", prepared, batch, 20.0);
}

/// What evaluation asks: distances and probabilities of all zones near a fix, by both forms.
fn verdicts(index: &ZoneIndex, compiled: &Compiled, fixes: &[(usize, Position)]) {
    let few: Vec<Position> = fixes.iter().map(|(_, position)| *position).step_by(7).collect();
    let mut meetings = Vec::new();
    let (by_index, sum) = time(few.len(), || {
        let mut sum = 0;
        for position in &few {
            index.meet(WearerId(1), &GROUP, *position, 10.0, &mut meetings);
            sum += meetings.len() as u64;
        }
        sum
    });
    show("lenke index: what evaluation asks, shared zones", by_index, sum);
    let (by_compiled, same) = time(few.len(), || {
        let mut sum = 0;
        for position in &few {
            compiled.meet(WearerId(1), &GROUP, *position, 10.0, &mut meetings);
            sum += meetings.len() as u64;
        }
        sum
    });
    show("lenke: what evaluation asks, shared zones", by_compiled, same);
    assert_eq!(sum, same, "both forms agree");
}
