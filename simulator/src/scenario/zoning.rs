//! Where the zones of a scenario lie: where the ways of those they hold for never lead.

use crate::draw::{Draw, Stream};
use crate::ground::{Offset, shifted};
use crate::person::Person;
use crate::route::Route;
use crate::town::{TOWNS, Town};
use lenke_wire::Position;
use lenke_zones::{Geometry, GroupId, Metres};

/// Metres between the warning strip of a zone and any way of a wearer it holds for: more than satellites err.
pub(super) const MARGIN_M: f64 = 450.0;
/// Places tried for one zone before its wearer gets none.
const TRIES: usize = 60;
/// Farthest a zone lies from the centre of its town, in the town's radii.
const REACH_RADII: f64 = 2.5;
/// Share of the zones that are polygons.
const POLYGON_SHARE: f64 = 0.4;
/// Vertices of a polygon.
const VERTICES: u32 = 9;
/// Towns with a shared zone: those with so many thousand inhabitants.
const SHARED_WEIGHT_MIN: u32 = 100;

/// A zone that holds for a group.
pub(super) struct Shared {
    pub(super) town: &'static str,
    pub(super) group: GroupId,
    pub(super) name: String,
    pub(super) geometry: Geometry,
    pub(super) buffer_m: f64,
    centre: Position,
    radius_m: f64,
}

impl Shared {
    pub(super) fn is_clear_of(&self, person: &Person) -> bool {
        let keep_m = self.radius_m + self.buffer_m + MARGIN_M;
        person.ways().all(|way| way.distance_m(self.centre) > keep_m)
    }
}

/// One zone in each big town, for the group of the same number.
pub(super) fn shared(seed: u64) -> Vec<Shared> {
    let big = TOWNS.iter().filter(|town| town.weight >= SHARED_WEIGHT_MIN);
    let zones = (1..).zip(big).filter_map(|(number, town)| {
        let mut draw = Draw::new(seed, Stream::Order, number, 1);
        let centre = town.place(&mut draw, 0.0, 0.5);
        let radius_m = draw.between(150.0, 350.0).min(town.radius_m / 4.0);
        let geometry = circle(centre, radius_m)?;
        let name = format!("Stadium, {}", town.name);
        Some(Shared {
            town: town.name,
            group: GroupId(number),
            name,
            geometry,
            buffer_m: 100.0,
            centre,
            radius_m,
        })
    });
    zones.collect()
}

/// A zone and its warning strip where `person` never comes, if there is room.
pub(super) fn clear_of(person: &Person, draw: &mut Draw) -> Option<(Geometry, f64)> {
    let radius_m = draw.between(150.0, 450.0);
    let buffer_m = draw.between(1.0, 3.99).floor() * 100.0;
    let ways: Vec<Route> = person.ways().collect();
    let centre = site(person.town, &ways, radius_m + buffer_m + MARGIN_M, draw)?;
    let shape =
        if draw.chance(POLYGON_SHARE) { polygon(centre, radius_m, draw) } else { circle(centre, radius_m) };
    Some((shape?, buffer_m))
}

fn site(town: &Town, ways: &[Route], keep_m: f64, draw: &mut Draw) -> Option<Position> {
    (0..TRIES)
        .map(|_| town.place(draw, 0.0, REACH_RADII))
        .find(|place| ways.iter().all(|way| way.distance_m(*place) > keep_m))
}

pub(super) fn circle(centre: Position, radius_m: f64) -> Option<Geometry> {
    Geometry::circle(centre, Metres(radius_m)).ok()
}

/// An irregular polygon around `centre`, nowhere farther than `radius_m` from it.
pub(super) fn polygon(centre: Position, radius_m: f64, draw: &mut Draw) -> Option<Geometry> {
    let mut ring: Vec<[f64; 2]> = (0..VERTICES)
        .map(|vertex| {
            let bearing = 360.0 * f64::from(vertex) / f64::from(VERTICES);
            let place = shifted(centre, Offset::polar(-bearing, radius_m * draw.between(0.82, 1.0)));
            [place.lon(), place.lat()]
        })
        .collect();
    ring.push(*ring.first()?);
    Geometry::polygons(vec![vec![ring]]).ok()
}
