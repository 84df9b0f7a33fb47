//! Towns of Norway and Denmark where simulated wearers live: public names and hand-picked sectors that lie on land.
//!
//! A place is drawn at a bearing within the sector and a distance within the radius, so that nobody lives in a fjord.
//! Every sector is either at most 180 degrees wide (convex: the ways between its places stay within) or the whole circle.

use crate::draw::Draw;
use crate::ground::{Offset, distance_m, shifted};
use lenke_wire::Position;

/// Whose law and clock a town has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Country {
    /// Norway.
    Norway,
    /// Denmark.
    Denmark,
}

impl Country {
    /// IANA name of its time zone.
    pub const fn time_zone(self) -> &'static str {
        match self {
            Self::Norway => "Europe/Oslo",
            Self::Denmark => "Europe/Copenhagen",
        }
    }
}

/// A town: the middle of its built-up land and where around it people live.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Town {
    /// Its public name.
    pub name: &'static str,
    /// Whose law and clock it has.
    pub country: Country,
    /// Centre, degrees north and east.
    centre: (f64, f64),
    /// Farthest home from the centre, metres.
    pub radius_m: f64,
    /// Bearings from the centre that are land, degrees, clockwise from the first to the second.
    sector: (f64, f64),
    /// Share of the population, thousands of people.
    pub weight: u32,
}

const WHOLE: (f64, f64) = (0.0, 360.0);

const fn norway(
    name: &'static str,
    centre: (f64, f64),
    radius_m: f64,
    sector: (f64, f64),
    weight: u32,
) -> Town {
    Town { name, country: Country::Norway, centre, radius_m, sector, weight }
}

const fn denmark(
    name: &'static str,
    centre: (f64, f64),
    radius_m: f64,
    sector: (f64, f64),
    weight: u32,
) -> Town {
    Town { name, country: Country::Denmark, centre, radius_m, sector, weight }
}

/// All towns.
pub const TOWNS: [Town; 30] = [
    norway("Oslo", (59.9200, 10.7500), 4_200.0, (280.0, 440.0), 700),
    norway("Bergen", (60.3750, 5.3480), 1_600.0, (90.0, 230.0), 285),
    norway("Trondheim", (63.4160, 10.3960), 3_200.0, (110.0, 250.0), 210),
    norway("Stavanger", (58.9440, 5.7020), 1_000.0, (90.0, 200.0), 145),
    norway("Drammen", (59.7500, 10.2000), 1_600.0, (290.0, 430.0), 100),
    norway("Kristiansand", (58.1580, 7.9700), 1_400.0, (260.0, 340.0), 110),
    norway("Fredrikstad", (59.2240, 10.9250), 1_500.0, (280.0, 370.0), 83),
    norway("Sarpsborg", (59.2870, 11.1080), 1_700.0, (330.0, 450.0), 58),
    norway("Skien", (59.2110, 9.6120), 1_900.0, (0.0, 100.0), 55),
    norway("Tønsberg", (59.2780, 10.4080), 1_700.0, (320.0, 390.0), 57),
    norway("Lillestrøm", (59.9570, 11.0520), 1_500.0, (0.0, 80.0), 88),
    norway("Hamar", (60.7990, 11.0830), 2_300.0, (0.0, 90.0), 32),
    norway("Gjøvik", (60.7970, 10.6780), 1_900.0, (210.0, 320.0), 31),
    norway("Lillehammer", (61.1170, 10.4740), 1_900.0, (10.0, 110.0), 28),
    norway("Elverum", (60.8830, 11.5720), 1_500.0, (50.0, 150.0), 21),
    norway("Kongsberg", (59.6690, 9.6420), 1_400.0, (190.0, 300.0), 28),
    norway("Bodø", (67.2810, 14.4120), 1_200.0, (40.0, 100.0), 53),
    norway("Tromsø", (69.6500, 18.9370), 650.0, (170.0, 290.0), 78),
    denmark("København", (55.6860, 12.5450), 4_000.0, (230.0, 350.0), 660),
    denmark("Aarhus", (56.1570, 10.1980), 3_300.0, (200.0, 330.0), 290),
    denmark("Odense", (55.3960, 10.3850), 3_300.0, WHOLE, 182),
    denmark("Aalborg", (57.0380, 9.9270), 2_800.0, (120.0, 240.0), 120),
    denmark("Esbjerg", (55.4770, 8.4620), 2_800.0, (0.0, 110.0), 72),
    denmark("Randers", (56.4650, 10.0350), 2_000.0, (290.0, 430.0), 63),
    denmark("Kolding", (55.4950, 9.4650), 2_100.0, (180.0, 330.0), 62),
    denmark("Vejle", (55.7130, 9.5290), 1_800.0, (240.0, 350.0), 61),
    denmark("Horsens", (55.8640, 9.8390), 1_900.0, (230.0, 350.0), 62),
    denmark("Roskilde", (55.6370, 12.0840), 2_300.0, (100.0, 250.0), 52),
    denmark("Herning", (56.1370, 8.9740), 2_800.0, WHOLE, 51),
    denmark("Slagelse", (55.4030, 11.3550), 1_900.0, WHOLE, 35),
];

/// Pairs of towns that people commute between by train, over land all the way.
pub const TRAIN_LINES: [(&str, &str); 5] = [
    ("Lillestrøm", "Oslo"),
    ("Sarpsborg", "Fredrikstad"),
    ("Roskilde", "København"),
    ("Randers", "Aarhus"),
    ("Horsens", "Vejle"),
];

impl Town {
    /// The town called `name`.
    pub fn named(name: &str) -> Option<&'static Self> {
        TOWNS.iter().find(|town| town.name == name)
    }

    /// A town, the bigger the likelier.
    pub fn draw(draw: &mut Draw) -> &'static Self {
        let total: u32 = TOWNS.iter().map(|town| town.weight).sum();
        let mut left = draw.between(0.0, f64::from(total));
        let chosen = TOWNS.iter().find(|town| {
            left -= f64::from(town.weight);
            left < 0.0
        });
        chosen.unwrap_or(&TOWNS[0])
    }

    /// Its middle.
    pub fn centre(&self) -> Position {
        Position::from_degrees(self.centre.0, self.centre.1).expect("the table holds valid coordinates")
    }

    /// A place on land between `from` and `to` radii (1.0 is the farthest home) from the centre, even by area.
    pub fn place(&self, draw: &mut Draw, from: f64, to: f64) -> Position {
        let bearing = draw.between(self.sector.0, self.sector.1);
        let share = draw.between(from * from, to * to).sqrt();
        shifted(self.centre(), Offset::polar(bearing, share * self.radius_m))
    }

    /// A bearing towards the middle of the land.
    pub fn inland_deg(&self) -> f64 {
        f64::midpoint(self.sector.0, self.sector.1).rem_euclid(360.0)
    }

    /// Whether `position` lies within its sector and `radii` times its radius.
    pub fn holds(&self, position: Position, radii: f64) -> bool {
        let away = crate::ground::offset(self.centre(), position);
        let turn = (away.bearing_deg() - self.sector.0).rem_euclid(360.0);
        distance_m(self.centre(), position) <= radii * self.radius_m && turn <= self.sector.1 - self.sector.0
    }

    /// The town at the other end of its train line, if it has one.
    pub fn neighbour(&self) -> Option<&'static Self> {
        TRAIN_LINES.iter().find_map(|&(a, b)| match self.name {
            name if name == a => Self::named(b),
            name if name == b => Self::named(a),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Stream;

    #[test]
    fn every_sector_is_convex_or_the_whole_circle() {
        for town in &TOWNS {
            let width = town.sector.1 - town.sector.0;
            assert!(width > 0.0 && (width <= 180.0 || town.sector == WHOLE), "{}", town.name);
        }
    }

    #[test]
    fn every_place_lies_in_its_towns_sector() {
        for (number, town) in (0..).zip(&TOWNS) {
            let mut draw = Draw::new(3, Stream::Person, number, 0);
            for _ in 0..200 {
                let place = town.place(&mut draw, 0.1, 1.0);
                assert!(town.holds(place, 1.01), "{} {place:?}", town.name);
            }
        }
    }

    #[test]
    fn bigger_towns_are_drawn_more_often() {
        let mut draw = Draw::new(5, Stream::Person, 0, 0);
        let drawn: Vec<&str> = (0..4_000).map(|_| Town::draw(&mut draw).name).collect();
        let count = |name| drawn.iter().filter(|&&drawn| drawn == name).count();
        assert!(count("Oslo") > count("Bergen") && count("Bergen") > count("Hamar"));
    }

    #[test]
    fn train_lines_join_towns_of_the_table_less_than_50_km_apart() {
        for (a, b) in TRAIN_LINES {
            let (a, b) = (Town::named(a).unwrap(), Town::named(b).unwrap());
            assert!(distance_m(a.centre(), b.centre()) < 50_000.0);
            assert_eq!(a.neighbour().map(|town| town.name), Some(b.name));
        }
    }
}
