//! The published workload: towns, zones around them, walks through them. The same dice give the same workload.

use lenke_wire::Position;
use lenke_zones::{Assignment, ConfirmPolicy, Geometry, GroupId, Metres, Zone, ZoneId, ZoneKind};
use std::f64::consts::TAU;

pub(crate) const TOWNS: usize = 200;
pub(crate) const OWN_ZONES: u64 = 6;
pub(crate) const GROUP: [GroupId; 1] = [GroupId(1)];

/// SplitMix64 (Steele, Lea, Flood 2014).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    pub(crate) fn log_between(&mut self, low: f64, high: f64) -> f64 {
        low * (high / low).powf(self.unit())
    }

    /// Two normal deviates (Box and Muller).
    pub(crate) fn normal(&mut self) -> (f64, f64) {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        let (sin, cos) = (TAU * self.unit()).sin_cos();
        (radius * cos, radius * sin)
    }
}

/// Metres away from a place.
pub(crate) fn moved(from: (f64, f64), east_m: f64, north_m: f64) -> (f64, f64) {
    (from.0 + north_m / 111_300.0, from.1 + east_m / (111_300.0 * from.0.to_radians().cos()))
}

pub(crate) fn place((lat, lon): (f64, f64)) -> Position {
    Position::from_degrees(lat, lon).unwrap()
}

pub(crate) fn towns(dice: &mut Dice) -> Vec<(f64, f64)> {
    (0..TOWNS)
        .map(|index| {
            if index % 4 == 0 {
                (dice.between(54.8, 57.6), dice.between(8.2, 12.6))
            } else {
                let lat = dice.between(58.0, 70.0);
                let lon = 5.5 + (lat - 58.0) * 1.2 + dice.between(0.0, 5.5);
                (lat, lon)
            }
        })
        .collect()
}

pub(crate) fn geometry(dice: &mut Dice, centre: (f64, f64)) -> Geometry {
    let radius = dice.log_between(100.0, 2_000.0);
    if dice.unit() < 0.6 {
        return Geometry::circle(place(centre), Metres(radius)).unwrap();
    }
    let vertices = dice.log_between(8.0, 200.0) as usize;
    let mut ring: Vec<[f64; 2]> = (0..vertices)
        .map(|vertex| {
            let (sin, cos) = (TAU * vertex as f64 / vertices as f64).sin_cos();
            let radius = radius * dice.between(0.7, 1.0);
            let (lat, lon) = moved(centre, radius * cos, radius * sin);
            [lon, lat]
        })
        .collect();
    ring.push(ring[0]);
    Geometry::polygons(vec![vec![ring]]).unwrap()
}

pub(crate) fn zone(id: u64, geometry: Geometry, assignment: Assignment) -> Zone {
    Zone {
        id: ZoneId(id),
        version: 1,
        name: format!("zone {id}"),
        kind: ZoneKind::Exclusion,
        geometry,
        buffer: Metres(0.0),
        policy: ConfirmPolicy::default(),
        schedule: None,
        assignment,
    }
}

/// Each wearer's place, minute by minute, all wearers in turn.
pub(crate) fn walks(
    dice: &mut Dice,
    towns: &[(f64, f64)],
    wearers: usize,
    minutes: usize,
) -> Vec<(usize, Position)> {
    let mut at: Vec<((f64, f64), f64)> = (0..wearers)
        .map(|wearer| {
            let (east, north) = dice.normal();
            let speed = if wearer % 10 == 0 { 1_500.0 } else { dice.log_between(5.0, 120.0) };
            (moved(towns[wearer % TOWNS], 3_000.0 * east, 3_000.0 * north), speed)
        })
        .collect();
    let mut fixes = Vec::with_capacity(minutes * wearers);
    for _ in 0..minutes {
        for (wearer, (place_now, speed)) in at.iter_mut().enumerate() {
            let (east, north) = dice.normal();
            *place_now = moved(*place_now, *speed * east, *speed * north);
            let lost = dice.unit() < 0.1;
            let shown = if lost { (dice.between(54.8, 70.5), dice.between(5.0, 25.0)) } else { *place_now };
            fixes.push((wearer, place(shown)));
        }
    }
    fixes
}
