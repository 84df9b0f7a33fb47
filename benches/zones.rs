//! The zone engine beside its peers: the same questions in the same run, with equal answers.
//!
//! `cargo bench --bench zones` (add `-- --quick` for a minute's run). One core. Each `ratio` line is a peer's time
//! divided by ours, or a stated figure. The `shared_vs_` lines take our form for batches, the peers are asked one by one
//! as their interfaces have it; `shared_one_by_one_` is ours asked likewise. Times are the thread's time on a processor
//! where the system tells it (Linux), so that a busy machine slows but does not distort.
//!
//! Workload: 100 000 shared zones over Norway and Denmark (60 % circles of 100 to 2 000 m, 40 % polygons of 8 to 200
//! vertices, sizes log-uniform) around 200 town centres; fixes of 20 000 random walks, minute by minute, 90 % around
//! towns and 10 % uniform; 20 000 wearers with 6 zones of their own.
#![expect(clippy::print_stdout, clippy::unwrap_used, clippy::disallowed_methods, reason = "a bench program")]

use geo::{Contains, Distance, Euclidean, Intersects, PreparedGeometry, Relate};
use lenke_wire::{Position, UnixMillis};
use lenke_zones::{Assignment, Compiled, Geometry, LiveZones, WearerId, Zone, ZoneIndex};
use packed_spatial_index::{Box2D, Index2DBuilder};
use rstar::{
    AABB, RTree,
    primitives::{GeomWithData, Rectangle},
};
use std::{
    hint::black_box,
    time::{Duration, Instant},
};

#[path = "zones/personal.rs"]
mod personal;
#[path = "zones/workload.rs"]
mod workload;
use personal::personal;
use workload::{
    Dice, GROUP, OWN_ZONES, SHARED_ZONES, TOWNS, WEARERS, geometry, moved, place, towns, walks, zone,
};

/// A zone as a peer keeps it: in whole units of 1e-7 degrees, so that its answers are exact as well.
enum Peer {
    /// All peers measure circles as we do; the peers' own part is finding them.
    Circle(lenke_zones::Circle),
    Polygon(geo::Polygon),
}

fn unit_coordinates(geometry: &Geometry) -> Vec<(f64, f64)> {
    let Geometry::Polygons(polygons) = geometry else { return Vec::new() };
    let ring = polygons.coordinates().remove(0).remove(0);
    ring.into_iter().map(|[lon, lat]| ((lon * 1e7).round(), (lat * 1e7).round())).collect()
}

fn peer(zone: &Zone) -> Peer {
    match &zone.geometry {
        Geometry::Circle(circle) => Peer::Circle(*circle),
        polygons @ Geometry::Polygons(_) => {
            Peer::Polygon(geo::Polygon::new(unit_coordinates(polygons).into(), Vec::new()))
        }
    }
}

fn unit_box(zone: &Zone) -> [f64; 4] {
    let bounds = zone.geometry.bounds();
    [bounds.west * 1e7, bounds.south * 1e7, bounds.east * 1e7, bounds.north * 1e7]
}

fn unit_point(position: Position) -> (f64, f64) {
    (f64::from(position.lon_e7()), f64::from(position.lat_e7()))
}

/// The ray casting loop that a peer would write (W. R. Franklin's pnpoly).
fn ray_cast(ring: &[(f64, f64)], (x, y): (f64, f64)) -> bool {
    let mut inside = false;
    for pair in ring.windows(2) {
        let ((ax, ay), (bx, by)) = (pair[0], pair[1]);
        if (ay > y) != (by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax {
            inside = !inside;
        }
    }
    inside
}

/// Time this thread has spent on a processor, so that a busy machine does not count; else the time that went by.
fn now(start: Instant) -> Duration {
    let spent = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = spent.and_then(|text| text.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| start.elapsed(), Duration::from_nanos)
}

/// Best of three runs, per item.
fn time(items: usize, mut run: impl FnMut() -> u64) -> (Duration, u64) {
    let mut best: Option<(Duration, u64)> = None;
    for _ in 0..3 {
        let clock = Instant::now();
        let start = now(clock);
        let sum = black_box(run());
        let taken = now(clock) - start;
        if best.is_none_or(|(shortest, _)| taken < shortest) {
            best = Some((taken, sum));
        }
    }
    let (taken, sum) = best.unwrap();
    (taken.div_f64(items as f64), sum)
}

fn show(name: &str, each: Duration, sum: u64) {
    println!("{name:<44} {:>10.1} ns  sum {sum:016x}", each.as_secs_f64() * 1e9);
}

fn ratio(name: &str, peer: Duration, ours: Duration, goal: f64) {
    println!("ratio {name} {:.2} goal {goal}", peer.as_secs_f64() / ours.as_secs_f64());
}

/// Order does not matter to it: engines give the zones in any order.
fn mix(id: u64) -> u64 {
    Dice(id).next()
}

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let mut dice = Dice(20_261_121);
    let towns = towns(&mut dice);
    let zones: Vec<Zone> = (0..SHARED_ZONES)
        .map(|id| {
            let (east, north) = dice.normal();
            let centre = moved(towns[id as usize % TOWNS], 3_000.0 * east, 3_000.0 * north);
            zone(id + 1, geometry(&mut dice, centre), Assignment::Shared(GROUP.to_vec()))
        })
        .collect();
    let fixes = walks(&mut dice, &towns, if quick { 10 } else { 50 });
    println!(
        "{} shared zones, {} fixes, one core{}",
        zones.len(),
        fixes.len(),
        if quick { ", quick" } else { "" }
    );
    shared(&zones, &fixes);
    edits(&zones, &mut dice, &towns);
    personal(&mut dice, &towns, &fixes);
}

fn shared(zones: &[Zone], fixes: &[(usize, Position)]) {
    let clock = Instant::now();
    let start = now(clock);
    let index = ZoneIndex::build(zones.iter().cloned());
    let built = now(clock);
    let compiled = Compiled::of(&index);
    let (index_s, compiled_s) = ((built - start).as_secs_f64(), (now(clock) - built).as_secs_f64());
    let megabytes = compiled.grid_bytes() as f64 / 1e6;
    println!("index built in {index_s:.2} s, compiled in {compiled_s:.2} s to {megabytes:.0} MB");
    let mut holding = Vec::new();
    let (ours, our_sum) = time(fixes.len(), || {
        let mut sum = 0;
        for (_, position) in fixes {
            compiled.containing(&GROUP, *position, &mut holding);
            sum += holding.len() as u64;
        }
        sum
    });
    show("lenke containing (count)", ours, our_sum);
    let positions: Vec<Position> = fixes.iter().map(|(_, position)| *position).collect();
    let (each, sum) = time(fixes.len(), || {
        let mut sum = 0;
        compiled.containing_each(&GROUP, &positions, |_, _| sum += 1);
        sum
    });
    show("lenke containing, in batches (count)", each, sum);
    assert_eq!(sum, our_sum, "equal checksums");
    let (_, our_ids) = time(fixes.len(), || {
        let mut sum = 0_u64;
        for (_, position) in fixes {
            compiled.containing(&GROUP, *position, &mut holding);
            for &zone in &holding {
                sum = sum.wrapping_add(mix(compiled.shared_zone(zone).unwrap().id.0));
            }
        }
        sum
    });
    let peers: Vec<Peer> = zones.iter().map(peer).collect();
    let rings: Vec<Vec<(f64, f64)>> = zones.iter().map(|zone| unit_coordinates(&zone.geometry)).collect();
    let boxes: Vec<[f64; 4]> = zones.iter().map(unit_box).collect();

    let entry = |(number, [west, south, east, north]): (usize, &[f64; 4])| {
        GeomWithData::new(Rectangle::from_corners([*west, *south], [*east, *north]), number)
    };
    let tree: RTree<_> = RTree::bulk_load(boxes.iter().enumerate().map(entry).collect());
    let by_tree = |position: Position, found: &mut dyn FnMut(usize)| {
        let (x, y) = unit_point(position);
        for candidate in tree.locate_in_envelope_intersecting(AABB::from_point([x, y])) {
            let inside = match &peers[candidate.data] {
                Peer::Circle(circle) => circle.signed_distance_m(position) > 0.0,
                Peer::Polygon(polygon) => polygon.contains(&geo::Point::new(x, y)),
            };
            if inside {
                found(candidate.data);
            }
        }
    };
    let (rstar, sum) = time(fixes.len(), || {
        let mut sum = 0;
        fixes.iter().for_each(|(_, position)| by_tree(*position, &mut |_| sum += 1));
        sum
    });
    show("rstar + geo Contains (count)", rstar, sum);
    assert_eq!(sum, our_sum, "equal checksums");
    let mut ids = 0_u64;
    fixes.iter().for_each(|(_, position)| {
        by_tree(*position, &mut |number| ids = ids.wrapping_add(mix(zones[number].id.0)));
    });
    println!("checksum of ids: ours {our_ids:016x} rstar + geo {ids:016x}");
    assert_eq!(ids, our_ids, "equal checksums");

    let mut builder = Index2DBuilder::new(boxes.len());
    for [west, south, east, north] in &boxes {
        builder.add(Box2D::new(*west, *south, *east, *north));
    }
    let packed = builder.finish_simd().unwrap();
    let mut candidates = Vec::new();
    let (packed, sum) = time(fixes.len(), || {
        let mut sum = 0;
        for (_, position) in fixes {
            let (x, y) = unit_point(*position);
            packed.search_into(Box2D::new(x, y, x, y), &mut candidates);
            for &number in &candidates {
                sum += u64::from(match &peers[number] {
                    Peer::Circle(circle) => circle.signed_distance_m(*position) > 0.0,
                    Peer::Polygon(_) => ray_cast(&rings[number], (x, y)),
                });
            }
        }
        sum
    });
    show("packed_spatial_index + ray cast (count)", packed, sum);
    assert_eq!(sum, our_sum, "equal checksums");

    // One fix in fifty: it is slow.
    let prepared: Vec<Option<PreparedGeometry<'_, &geo::Polygon>>> = peers
        .iter()
        .map(|peer| match peer {
            Peer::Circle(_) => None,
            Peer::Polygon(polygon) => Some(PreparedGeometry::from(polygon)),
        })
        .collect();
    let few: Vec<_> = fixes.iter().step_by(50).collect();
    let (prepared, sum) = time(few.len(), || {
        let mut sum = 0;
        for (_, position) in &few {
            let (x, y) = unit_point(*position);
            for candidate in tree.locate_in_envelope_intersecting(AABB::from_point([x, y])) {
                sum += u64::from(match (&peers[candidate.data], &prepared[candidate.data]) {
                    (Peer::Polygon(_), Some(prepared)) => {
                        prepared.relate(&geo::Point::new(x, y)).is_contains()
                    }
                    (Peer::Circle(circle), _) => circle.signed_distance_m(*position) > 0.0,
                    (Peer::Polygon(_), None) => false,
                });
            }
        }
        sum
    });
    show("rstar + geo PreparedGeometry (count, 1 in 50)", prepared, sum);
    let ours_few: usize = few
        .iter()
        .map(|(_, position)| {
            compiled.containing(&GROUP, *position, &mut holding);
            holding.len()
        })
        .sum();
    assert_eq!(sum, ours_few as u64, "equal checksums");

    let mut meetings = Vec::new();
    let (by_index, sum) = time(fixes.len(), || {
        let mut sum = 0;
        for (_, position) in fixes {
            index.meet(WearerId(1), &GROUP, *position, 10.0, &mut meetings);
            sum += meetings.len() as u64;
        }
        sum
    });
    show("lenke index: verdicts of all zones near", by_index, sum);
    let (by_compiled, same) = time(fixes.len(), || {
        let mut sum = 0;
        for (_, position) in fixes {
            compiled.meet(WearerId(1), &GROUP, *position, 10.0, &mut meetings);
            sum += meetings.len() as u64;
        }
        sum
    });
    show("lenke compiled: verdicts of all zones near", by_compiled, same);
    assert_eq!(sum, same, "both forms agree");

    let swept = swept(&index, &compiled, &peers, &tree, fixes);
    ratio("shared_one_by_one_vs_packed_ray_cast", packed, ours, 10.0);
    ratio("shared_vs_packed_ray_cast", packed, each, 10.0);
    ratio("shared_vs_rstar_geo", rstar, each, 20.0);
    ratio("shared_vs_geo_prepared", prepared, each, 20.0);
    ratio("swept_vs_rstar_geo", swept.0, swept.1, 8.0);
    println!("ratio grid_megabytes {megabytes:.0} goal 200");
}

type Tree = RTree<GeomWithData<Rectangle<[f64; 2]>, usize>>;

/// Ways of a minute between fixes of one walk: which zones does the way cross, with both its ends outside?
fn swept(
    index: &ZoneIndex,
    compiled: &Compiled,
    peers: &[Peer],
    tree: &Tree,
    fixes: &[(usize, Position)],
) -> (Duration, Duration) {
    let minutes = fixes.len() / WEARERS;
    let ways: Vec<(Position, Position)> = (0..WEARERS)
        .flat_map(|wearer| (1..minutes.min(11)).map(move |minute| (minute, wearer)))
        .map(|(minute, wearer)| {
            (fixes[(minute - 1) * WEARERS + wearer].1, fixes[minute * WEARERS + wearer].1)
        })
        .filter(|(from, to)| lenke_zones::distance_m(*from, *to) < 5_000.0)
        .collect();
    let (from, to) = (UnixMillis(0), UnixMillis(60_000));
    let mut crossings = Vec::new();
    let (ours, sum) = time(ways.len(), || {
        let mut sum = 0;
        for way in &ways {
            compiled.cross(WearerId(1), &GROUP, (way.0, from), (way.1, to), &mut crossings);
            sum += crossings.len() as u64;
        }
        sum
    });
    show("lenke swept ways", ours, sum);
    let (by_index, same) = time(ways.len(), || {
        let mut sum = 0;
        for way in &ways {
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
    let (theirs, their_sum) = time(ways.len(), || {
        let mut sum = 0;
        for way in &ways {
            let ((ax, ay), (bx, by)) = (unit_point(way.0), unit_point(way.1));
            let envelope = AABB::from_corners([ax.min(bx), ay.min(by)], [ax.max(bx), ay.max(by)]);
            let line = geo::Line::new((ax, ay), (bx, by));
            for candidate in tree.locate_in_envelope_intersecting(envelope) {
                sum += u64::from(match (&peers[candidate.data], &planes[candidate.data]) {
                    (Peer::Circle(_), plane) => {
                        plane.as_ref().is_some_and(|plane| plane.is_crossed(way.0, way.1))
                    }
                    (Peer::Polygon(polygon), _) => {
                        polygon.intersects(&line)
                            && !polygon.contains(&geo::Point::new(ax, ay))
                            && !polygon.contains(&geo::Point::new(bx, by))
                    }
                });
            }
        }
        sum
    });
    show("rstar + geo: swept ways", theirs, their_sum);
    let difference = their_sum.abs_diff(sum) as f64 / sum.max(1) as f64;
    println!("swept ways: {} of {} crossings differ (ways that graze)", their_sum.abs_diff(sum), sum);
    assert!(difference < 5e-3, "the same crossings");
    (theirs, ours)
}

/// A circle as a peer would project it once: metres per degree at its centre, and their change to the north.
struct Plane {
    circle: lenke_zones::Circle,
    lon_m: f64,
    lon_m_per_degree: f64,
    lat_m: f64,
}

impl Plane {
    fn new(circle: lenke_zones::Circle) -> Self {
        let (lat, lon) = (circle.centre().lat(), circle.centre().lon());
        let across =
            |lat: f64| lenke_zones::distance_m(place((lat, lon - 0.01)), place((lat, lon + 0.01))) / 0.02;
        let lat_m = lenke_zones::distance_m(place((lat - 0.01, lon)), place((lat + 0.01, lon))) / 0.02;
        let change = (across(lat + 0.1) - across(lat - 0.1)) / 0.2;
        Self { circle, lon_m: across(lat), lon_m_per_degree: change, lat_m }
    }

    fn is_crossed(&self, from: Position, to: Position) -> bool {
        let centre = self.circle.centre();
        let plane = |at: Position| {
            let north = at.lat() - centre.lat();
            let lon_m = self.lon_m + self.lon_m_per_degree * north / 2.0;
            ((at.lon() - centre.lon()) * lon_m, north * self.lat_m)
        };
        let line = geo::Line::new(plane(from), plane(to));
        Euclidean.distance(&geo::Point::new(0.0, 0.0), &line) < self.circle.radius().0
            && self.circle.signed_distance_m(from) < 0.0
            && self.circle.signed_distance_m(to) < 0.0
    }
}

/// Edits while the compiled form is in use.
fn edits(zones: &[Zone], dice: &mut Dice, towns: &[(f64, f64)]) {
    let mut index = ZoneIndex::build(zones.iter().cloned());
    let changed: Vec<Zone> = (0..300)
        .map(|_| {
            let id = dice.next() % SHARED_ZONES + 1;
            let (east, north) = dice.normal();
            let centre = moved(towns[id as usize % TOWNS], 3_000.0 * east, 3_000.0 * north);
            zone(id, geometry(dice, centre), Assignment::Shared(GROUP.to_vec()))
        })
        .collect();
    let clock = Instant::now();
    let start = now(clock);
    changed.iter().for_each(|zone| index.insert(zone.clone()));
    let in_index = (now(clock) - start) / 300;
    let live = LiveZones::new(index);
    let mut taken: Vec<Duration> = Vec::new();
    for zone in changed {
        let start = Instant::now();
        live.insert(zone);
        taken.push(start.elapsed());
    }
    taken.sort_unstable();
    let (median, slow) = (taken[150].as_secs_f64() * 1e6, taken[297].as_secs_f64() * 1e6);
    println!(
        "an edit in the index {:.1} us; visible after {median:.0} us (median), {slow:.0} us (p99)",
        in_index.as_secs_f64() * 1e6
    );
    println!("ratio edit_index_us {:.1} goal 50", in_index.as_secs_f64() * 1e6);
    println!("ratio edit_visible_us_p99 {slow:.0} goal 1000");
}
