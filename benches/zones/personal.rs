//! Each wearer's own zones: all signed distances, beside `geo` in metres around each zone.

use super::{
    clock::{Ns, show, time},
    report::Report,
    workload::{Dice, OWN_ZONES, TOWNS, geometry, moved, place, zone},
};
use geo::{Contains, Distance, Euclidean};
use lenke_wire::Position;
use lenke_zones::{Assignment, Circle, Compiled, Geometry, Meeting, OwnZones, WearerId, Zone, ZoneIndex};

/// Accuracy that fixes claim, metres.
const ACCURACY_M: f64 = 10.0;

/// A zone as a peer keeps it: a polygon in metres around its own middle, projected once; circles as they are, since all
/// peers measure them as we do.
enum Projected {
    Circle(Circle),
    Polygon { middle: (f64, f64), metres: (f64, f64), polygon: geo::Polygon },
}

impl Projected {
    fn new(geometry: &Geometry) -> Self {
        let polygons = match geometry {
            Geometry::Circle(circle) => return Self::Circle(*circle),
            Geometry::Polygons(polygons) => polygons,
        };
        let bounds = geometry.bounds();
        let middle = (f64::midpoint(bounds.south, bounds.north), f64::midpoint(bounds.west, bounds.east));
        // Metres in a degree there: the same ellipsoid as ours.
        let length = |a: (f64, f64), b: (f64, f64)| lenke_zones::distance_m(place(a), place(b)) / 0.02;
        let metres = (
            length((middle.0 - 0.01, middle.1), (middle.0 + 0.01, middle.1)),
            length((middle.0, middle.1 - 0.01), (middle.0, middle.1 + 0.01)),
        );
        let ring = polygons.coordinates().remove(0).remove(0);
        let ring: Vec<(f64, f64)> =
            ring.into_iter().map(|[lon, lat]| plane(middle, metres, (lat, lon))).collect();
        Self::Polygon { middle, metres, polygon: geo::Polygon::new(ring.into(), Vec::new()) }
    }

    fn signed_distance(&self, position: Position) -> f64 {
        match self {
            Self::Circle(circle) => circle.signed_distance_m(position),
            Self::Polygon { middle, metres, polygon } => {
                let point = geo::Point::from(plane(*middle, *metres, (position.lat(), position.lon())));
                let distance = Euclidean.distance(&point, polygon.exterior());
                if polygon.contains(&point) { distance } else { -distance }
            }
        }
    }
}

fn plane(middle: (f64, f64), metres: (f64, f64), (lat, lon): (f64, f64)) -> (f64, f64) {
    ((lon - middle.1) * metres.1, (lat - middle.0) * metres.0)
}

/// So many wearers with six zones each around their town.
pub(crate) fn own_zones(dice: &mut Dice, towns: &[(f64, f64)], wearers: usize) -> Vec<Zone> {
    let mut zones = Vec::with_capacity(wearers * OWN_ZONES as usize);
    for wearer in 0..wearers {
        for number in 0..OWN_ZONES {
            let (east, north) = dice.normal();
            let centre = moved(towns[wearer % TOWNS], 3_000.0 * east, 3_000.0 * north);
            let assignment = Assignment::Personal(WearerId(wearer as u64));
            zones.push(zone(wearer as u64 * OWN_ZONES + number + 1, geometry(dice, centre), assignment));
        }
    }
    zones
}

/// Each wearer's own six zones: all signed distances, with and without skipping fixes that cannot matter.
pub(crate) fn personal(
    dice: &mut Dice,
    towns: &[(f64, f64)],
    wearers: usize,
    fixes: &[(usize, Position)],
    report: &mut Report,
) {
    let zones = own_zones(dice, towns, wearers);
    let projected: Vec<Projected> = zones.iter().map(|zone| Projected::new(&zone.geometry)).collect();
    let compiled = Compiled::of(&ZoneIndex::build(zones));
    let megabytes = compiled.own_bytes() as f64 / 1e6;
    let own = |wearer: usize| &projected[wearer * OWN_ZONES as usize..][..OWN_ZONES as usize];
    report.say(format!("{wearers} wearers with {OWN_ZONES} zones each: blocks of {megabytes:.0} MB"));

    let (geo_time, geo_sum) = time(fixes.len(), || {
        let mut inside = 0;
        for (wearer, position) in fixes {
            inside += own(*wearer).iter().filter(|zone| zone.signed_distance(*position) > 0.0).count() as u64;
        }
        inside
    });
    show("geo: six signed distances", geo_time, geo_sum);
    // As the peers have each wearer's zones at hand, so have we.
    let at_hand: Vec<OwnZones> = (0..wearers).map(|wearer| compiled.own(WearerId(wearer as u64))).collect();
    let mut distances = Vec::new();
    let (single, sum) = time(fixes.len(), || {
        let mut inside = 0;
        for (wearer, position) in fixes {
            at_hand[*wearer].distances(*position, &mut distances);
            inside += distances.iter().filter(|distance| **distance > 0.0).count() as u64;
        }
        inside
    });
    show("lenke: six signed distances, one by one", single, sum);
    assert_eq!(sum, geo_sum, "equal checksums");
    let (batch, sum) = time(fixes.len(), || {
        let mut inside = 0;
        let asked = fixes.iter().map(|(wearer, position)| (&at_hand[*wearer], *position));
        OwnZones::distances_each(asked, |_, distances| {
            inside += distances.iter().filter(|distance| **distance > 0.0).count() as u64;
        });
        inside
    });
    show("lenke: six signed distances, in batches", batch, sum);
    assert_eq!(sum, geo_sum, "equal checksums");
    let worst = worst_difference(&at_hand, own, fixes);
    report.say(format!("distances up to 5 km differ from geo's plane by at most {:.2} %", worst * 100.0));
    let (judging, sum) = meetings_of(fixes, |_, wearer, position, meetings| {
        compiled.meet(WearerId(wearer as u64), &[], position, ACCURACY_M, meetings);
    });
    show("lenke: what evaluation asks, every fix judged", judging, sum);
    assert_eq!(sum, geo_sum, "equal checksums");
    let mut own_zones = Vec::new();
    let (skipping, sum) = meetings_of(fixes, |index, wearer, position, meetings| {
        // Each run begins with wearers of whom nothing is known.
        if index == 0 {
            own_zones.clone_from(&at_hand);
        }
        own_zones[wearer].meet(&compiled, &[], position, ACCURACY_M, meetings);
    });
    show("lenke: the same, with skipping", skipping, sum);
    assert_eq!(sum, geo_sum, "equal checksums");
    report.ratio("personal_vs_geo", geo_time, batch, 20.0);
    report.ratio("personal_one_by_one_vs_geo", geo_time, single, 20.0);
    report.ratio("personal_skipping_vs_geo", geo_time, skipping, 60.0);
}

/// What evaluation does with each fix: the zones it meets, with distance and probability. How many hold it.
fn meetings_of(
    fixes: &[(usize, Position)],
    mut meet: impl FnMut(usize, usize, Position, &mut Vec<Meeting>),
) -> (Ns, u64) {
    let mut meetings = Vec::new();
    time(fixes.len(), || {
        let mut inside = 0;
        for (index, (wearer, position)) in fixes.iter().enumerate() {
            meet(index, *wearer, *position, &mut meetings);
            inside +=
                meetings.iter().filter(|meeting| meeting.verdict.signed_distance.0 > 0.0).count() as u64;
        }
        inside
    })
}

/// The largest share that two distances up to 5 km differ by; below 2 km, share of that.
fn worst_difference<'a>(
    at_hand: &[OwnZones],
    own: impl Fn(usize) -> &'a [Projected],
    fixes: &[(usize, Position)],
) -> f64 {
    let (mut worst, mut distances) = (0.0_f64, Vec::new());
    for (wearer, position) in fixes.iter().step_by(7) {
        at_hand[*wearer].distances(*position, &mut distances);
        for (ours, zone) in distances.iter().zip(at_hand[*wearer].zones()) {
            let number = (zone.id.0 - 1) as usize % OWN_ZONES as usize;
            let theirs = own(*wearer)[number].signed_distance(*position);
            if theirs.abs() < 5_000.0 {
                worst = worst.max((ours - theirs).abs() / theirs.abs().max(2_000.0));
            }
        }
    }
    worst
}
