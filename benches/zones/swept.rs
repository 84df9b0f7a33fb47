//! Ways of a minute between fixes of one walk: which zones does the way cross, with both its ends outside?

use super::{
    clock::{show, time},
    peers::{Peer, Plane, Tree, unit_point},
    report::Report,
    workload::GROUP,
};
use geo::{Contains, Intersects};
use lenke_wire::{Position, UnixMillis};
use lenke_zones::{Compiled, WearerId, ZoneIndex};
use rstar::AABB;
use std::collections::BTreeSet;

/// Longer ways are not walks but lost fixes, metres.
const WAY_M_MAX: f64 = 5_000.0;
/// Minutes of each walk.
const MINUTES_MAX: usize = 11;
/// Only circles may count for one and not for the other, and by no more than this, metres: a straight way in longitude
/// and latitude is not quite straight in the peer's plane, which projects each end by its own latitude, and an end that
/// lies right at the edge may seem inside there or here. On the quick run six of 43 216 differ, by up to 9.8 m.
const GRAZING_M: f64 = 25.0;

/// Ways between neighbouring fixes of each wearer.
pub(crate) fn ways(fixes: &[(usize, Position)], wearers: usize) -> Vec<(Position, Position)> {
    let minutes = (fixes.len() / wearers).min(MINUTES_MAX);
    (0..wearers)
        .flat_map(|wearer| (1..minutes).map(move |minute| (minute, wearer)))
        .map(|(minute, wearer)| {
            (fixes[(minute - 1) * wearers + wearer].1, fixes[minute * wearers + wearer].1)
        })
        .filter(|(from, to)| lenke_zones::distance_m(*from, *to) < WAY_M_MAX)
        .collect()
}

pub(crate) fn swept(
    index: &ZoneIndex,
    compiled: &Compiled,
    peers: &[Peer],
    tree: &Tree,
    ways: &[(Position, Position)],
    report: &mut Report,
) {
    let (from, to) = (UnixMillis(0), UnixMillis(60_000));
    let mut crossings = Vec::new();
    let (ours, sum) = time(ways.len(), || {
        let mut sum = 0;
        for way in ways {
            compiled.cross(WearerId(1), &GROUP, (way.0, from), (way.1, to), &mut crossings);
            sum += crossings.len() as u64;
        }
        sum
    });
    show("lenke: swept ways, one by one", ours, sum);
    let single = ours;
    let waypoints: Vec<_> = ways.iter().map(|way| ((way.0, from), (way.1, to))).collect();
    let (ours, same) = time(ways.len(), || {
        let mut sum = 0;
        compiled.cross_shared_each(&GROUP, &waypoints, |_, _| sum += 1);
        sum
    });
    show("lenke: swept ways, in batches", ours, same);
    assert_eq!(sum, same, "equal checksums");
    let (by_index, same) = time(ways.len(), || {
        let mut sum = 0;
        for way in ways {
            index.cross(WearerId(1), &GROUP, (way.0, from), (way.1, to), &mut crossings);
            sum += crossings.len() as u64;
        }
        sum
    });
    show("lenke index: swept ways", by_index, same);
    assert_eq!(sum, same, "both forms agree");
    let planes: Vec<Option<Plane>> = peers
        .iter()
        .map(|peer| match peer {
            Peer::Circle(circle) => Some(Plane::new(*circle)),
            Peer::Polygon(_) => None,
        })
        .collect();
    let cross = |way: &(Position, Position), f: &mut dyn FnMut(usize)| {
        let ((ax, ay), (bx, by)) = (unit_point(way.0), unit_point(way.1));
        let envelope = AABB::from_corners([ax.min(bx), ay.min(by)], [ax.max(bx), ay.max(by)]);
        let line = geo::Line::new((ax, ay), (bx, by));
        let candidates = tree.locate_in_envelope_intersecting(envelope).map(|candidate| candidate.data);
        let crossed = candidates.filter(|&number| match (&peers[number], &planes[number]) {
            (Peer::Circle(_), plane) => plane.as_ref().is_some_and(|plane| plane.is_crossed(way.0, way.1)),
            (Peer::Polygon(polygon), _) => {
                polygon.intersects(&line)
                    && !polygon.contains(&geo::Point::new(ax, ay))
                    && !polygon.contains(&geo::Point::new(bx, by))
            }
        });
        crossed.for_each(f);
    };
    let (theirs, their_sum) = time(ways.len(), || {
        let mut sum = 0;
        ways.iter().for_each(|way| cross(way, &mut |_| sum += 1));
        sum
    });
    show("rstar + geo: swept ways", theirs, their_sum);
    let mut ours_found = BTreeSet::new();
    compiled.cross_shared_each(&GROUP, &waypoints, |way, crossing| {
        ours_found.insert((way, crossing.zone.id.0 as usize - 1));
    });
    let mut theirs_found = BTreeSet::new();
    for (index, way) in ways.iter().enumerate() {
        cross(way, &mut |number| {
            theirs_found.insert((index, number));
        });
    }
    let grazing = ours_found.symmetric_difference(&theirs_found).map(|&(way, number)| {
        let depth_m = planes[number].as_ref().map(|plane| plane.depth_m(ways[way].0, ways[way].1));
        depth_m.map_or(f64::INFINITY, f64::abs)
    });
    let (count, most_m) = grazing.fold((0, 0.0_f64), |(count, most), depth| (count + 1, most.max(depth)));
    report.say(format!("{count} of {sum} crossings differ, all of circles grazed by at most {most_m:.2} m"));
    assert!(most_m <= GRAZING_M, "the same crossings");
    report.ratio("swept_vs_rstar_geo", theirs, ours, 8.0);
    report.ratio("swept_one_by_one_vs_rstar_geo", theirs, single, 8.0);
}
