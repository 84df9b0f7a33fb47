//! Each wearer's own zones: all signed distances, beside `geo` in metres around each zone.

use super::{Dice, OWN_ZONES, TOWNS, WEARERS, geometry, moved, ratio, show, time, zone};
use geo::{Contains, Distance, Euclidean};
use lenke_wire::Position;
use lenke_zones::{Assignment, Calm, Compiled, Geometry, WearerId, ZoneIndex};

/// A zone in metres around its own centre, as a peer would project it once.
struct Projected {
    centre: (f64, f64),
    cos: f64,
    radius: f64,
    polygon: Option<geo::Polygon>,
}

impl Projected {
    fn new(geometry: &Geometry) -> Self {
        match geometry {
            Geometry::Circle(circle) => {
                let centre = (circle.centre().lat(), circle.centre().lon());
                Self { centre, cos: centre.0.to_radians().cos(), radius: circle.radius().0, polygon: None }
            }
            Geometry::Polygons(polygons) => {
                let bounds = geometry.bounds();
                let centre =
                    (f64::midpoint(bounds.south, bounds.north), f64::midpoint(bounds.west, bounds.east));
                let mut projected =
                    Self { centre, cos: centre.0.to_radians().cos(), radius: 0.0, polygon: None };
                let ring = polygons.coordinates().remove(0).remove(0);
                let ring: Vec<(f64, f64)> =
                    ring.into_iter().map(|[lon, lat]| projected.plane(lat, lon)).collect();
                projected.polygon = Some(geo::Polygon::new(ring.into(), Vec::new()));
                projected
            }
        }
    }

    fn plane(&self, lat: f64, lon: f64) -> (f64, f64) {
        ((lon - self.centre.1) * 111_400.0 * self.cos, (lat - self.centre.0) * 111_400.0)
    }

    fn signed_distance(&self, position: Position) -> f64 {
        let (x, y) = self.plane(position.lat(), position.lon());
        let Some(polygon) = &self.polygon else { return self.radius - x.hypot(y) };
        let point = geo::Point::new(x, y);
        let distance = Euclidean.distance(&point, polygon.exterior());
        if polygon.contains(&point) { distance } else { -distance }
    }
}

/// Each wearer's own six zones: all signed distances, with and without skipping fixes that cannot matter.
pub(crate) fn personal(dice: &mut Dice, towns: &[(f64, f64)], fixes: &[(usize, Position)]) {
    let mut zones = Vec::new();
    for wearer in 0..WEARERS {
        for number in 0..OWN_ZONES {
            let (east, north) = dice.normal();
            let centre = moved(towns[wearer % TOWNS], 3_000.0 * east, 3_000.0 * north);
            let assignment = Assignment::Personal(WearerId(wearer as u64));
            zones.push(zone(wearer as u64 * OWN_ZONES + number + 1, geometry(dice, centre), assignment));
        }
    }
    let compiled = Compiled::of(&ZoneIndex::build(zones.iter().cloned()));
    let fixes: Vec<_> = fixes.iter().filter(|(_, at)| at.lat() > 0.0).collect();
    let mut distances = Vec::new();
    let (ours, sum) = time(fixes.len(), || {
        let mut inside = 0;
        for (wearer, position) in &fixes {
            compiled.own_distances(WearerId(*wearer as u64), *position, &mut distances);
            inside += distances.iter().filter(|distance| **distance > 0.0).count() as u64;
        }
        inside
    });
    show("lenke: six signed distances", ours, sum);
    let projected: Vec<Projected> = zones.iter().map(|zone| Projected::new(&zone.geometry)).collect();
    let some: Vec<_> = fixes.iter().step_by(5).collect();
    let (geo_time, geo_sum) = time(some.len(), || {
        let mut inside = 0;
        for (wearer, position) in &some {
            let own = &projected[wearer * OWN_ZONES as usize..][..OWN_ZONES as usize];
            inside += own.iter().filter(|zone| zone.signed_distance(*position) > 0.0).count() as u64;
        }
        inside
    });
    show("geo: six signed distances (1 in 5)", geo_time, geo_sum);
    let (mut near, mut worst) = (0_u64, 0.0_f64);
    let mut same = 0_u64;
    for (wearer, position) in &some {
        compiled.own_distances(WearerId(*wearer as u64), *position, &mut distances);
        same += distances.iter().filter(|distance| **distance > 0.0).count() as u64;
        let own = &projected[wearer * OWN_ZONES as usize..][..OWN_ZONES as usize];
        for (ours, zone) in distances.iter().zip(own) {
            let theirs = zone.signed_distance(*position);
            if theirs.abs() < 5_000.0 {
                near += 1;
                worst = worst.max((ours - theirs).abs() / theirs.abs().max(2_000.0));
            }
        }
    }
    println!(
        "inside: ours {same}, geo {geo_sum} (a plane differs within metres of a boundary); within 5 km the worst of {near} distances differs by {:.2} %",
        worst * 100.0
    );
    assert!(same.abs_diff(geo_sum) as f64 <= geo_sum as f64 * 1e-2, "the same zones");
    let mut calm: Vec<Option<Calm>> = vec![None; WEARERS];
    let mut judged = 0_u64;
    let (skipping, _) = time(fixes.len(), || {
        judged = 0;
        calm.fill(None);
        for (wearer, position) in &fixes {
            let covered = calm[*wearer].as_ref().is_some_and(|calm| calm.covers(*position, 10.0));
            if !covered {
                judged += 1;
                calm[*wearer] = Some(compiled.calm(WearerId(*wearer as u64), &[], *position, 10.0));
            }
        }
        judged
    });
    show("lenke: with skipping", skipping, judged);
    println!("{judged} of {} fixes were judged", fixes.len());
    ratio("personal_vs_geo", geo_time, ours, 20.0);
    ratio("personal_skipping_vs_geo", geo_time, skipping, 60.0);
}
