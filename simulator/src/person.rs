//! Who a wearer is, as far as movement goes: home, work or school, shop, leisure, and how they get around.

use crate::draw::{Draw, Stream};
use crate::ground::distance_m;
use crate::route::{Mode, Route, grid_deg};
use crate::town::Town;
use lenke_wire::Position;

/// What fills a person's weekdays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Occupation {
    /// Work from about eight to four.
    DayWork,
    /// Work from six to two.
    EarlyShift,
    /// School or course.
    School,
    /// No fixed hours.
    Free,
}

/// A place in a person's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// Where they sleep.
    Home,
    /// Work, school or course.
    Work,
    /// Where they buy food.
    Shop,
    /// Gym, friends, library: one of two.
    Leisure(u8),
}

/// The ways that days are made of; each is also travelled backwards.
pub const WAYS: [(Place, Place); 5] = [
    (Place::Home, Place::Work),
    (Place::Work, Place::Shop),
    (Place::Home, Place::Shop),
    (Place::Home, Place::Leisure(0)),
    (Place::Home, Place::Leisure(1)),
];

/// Share of people who drive.
const DRIVES: f64 = 0.45;
/// Share of people in a town with a train line who work at its other end.
const COMMUTES: f64 = 0.25;

/// A person: a pure function of (seed, number).
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// Seed of the world.
    pub seed: u64,
    /// Number of the person.
    pub number: u64,
    /// Where they live.
    pub town: &'static Town,
    /// What fills their weekdays.
    pub occupation: Occupation,
    /// Owns a car.
    pub drives: bool,
    /// Works in another town, by train.
    pub commutes: bool,
    home: Position,
    work: Position,
    shop: Position,
    leisure: [Position; 2],
}

impl Person {
    /// Person `number` of the world `seed`.
    pub fn new(seed: u64, number: u64) -> Self {
        let mut draw = Draw::new(seed, Stream::Person, number, 0);
        let town = Town::draw(&mut draw);
        Self::in_town(seed, number, town, &mut draw)
    }

    /// Person `number` of the world `seed`, who lives in `town`.
    pub fn living_in(seed: u64, number: u64, town: &'static Town) -> Self {
        Self::in_town(seed, number, town, &mut Draw::new(seed, Stream::Person, number, 1))
    }

    fn in_town(seed: u64, number: u64, town: &'static Town, draw: &mut Draw) -> Self {
        let occupation = match draw.between(0.0, 1.0) {
            p if p < 0.5 => Occupation::DayWork,
            p if p < 0.65 => Occupation::EarlyShift,
            p if p < 0.8 => Occupation::School,
            _ => Occupation::Free,
        };
        let home = town.place(draw, 0.2, 1.0);
        let neighbour = town.neighbour().filter(|_| occupation == Occupation::DayWork);
        let commuting_to = neighbour.filter(|_| draw.chance(COMMUTES));
        let work = commuting_to.unwrap_or(town).place(draw, 0.05, 0.8);
        let shop = (0..6)
            .map(|_| town.place(draw, 0.0, 1.0))
            .min_by(|a, b| distance_m(*a, home).total_cmp(&distance_m(*b, home)))
            .unwrap_or(home);
        let leisure = [town.place(draw, 0.0, 0.9), town.place(draw, 0.0, 0.9)];
        let drives = draw.chance(DRIVES);
        let commutes = commuting_to.is_some();
        Self { seed, number, town, occupation, drives, commutes, home, work, shop, leisure }
    }

    /// Where `place` is.
    pub fn position(&self, place: Place) -> Position {
        match place {
            Place::Home => self.home,
            Place::Work => self.work,
            Place::Shop => self.shop,
            Place::Leisure(which) => self.leisure[usize::from(which % 2)],
        }
    }

    /// The way from `from` to `to` and how it is travelled; always the same one.
    pub fn way(&self, from: Place, to: Place) -> (Route, Mode) {
        let backwards = rank(from) > rank(to);
        let (a, b) = if backwards { (to, from) } else { (from, to) };
        let (start, end) = (self.position(a), self.position(b));
        let mut draw =
            Draw::new(self.seed, Stream::Route, self.number, u64::from(rank(a)) << 8 | u64::from(rank(b)));
        let by_train = self.commutes && (a == Place::Work) != (b == Place::Work);
        let (route, mode) = if by_train {
            (Route::railway(start, end, &mut draw), Mode::Train)
        } else {
            let route = Route::streets(start, end, grid_deg(self.town.name), &mut draw);
            let mode = Mode::within_town(route.length_m(), self.drives);
            (route, mode)
        };
        (if backwards { route.reversed() } else { route }, mode)
    }

    /// All ways this person ever takes.
    pub fn ways(&self) -> impl Iterator<Item = Route> + '_ {
        WAYS.iter().map(|&(from, to)| self.way(from, to).0)
    }
}

const fn rank(place: Place) -> u8 {
    match place {
        Place::Home => 0,
        Place::Work => 1,
        Place::Shop => 2,
        Place::Leisure(which) => 3 + which,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_a_function_of_seed_and_number() {
        assert_eq!(Person::new(7, 42), Person::new(7, 42));
        assert_ne!(Person::new(7, 42).home, Person::new(7, 43).home);
        assert_ne!(Person::new(7, 42).home, Person::new(8, 42).home);
    }

    #[test]
    fn homes_lie_on_their_towns_land() {
        for number in 0..500 {
            let person = Person::new(1, number);
            assert!(person.town.holds(person.home, 1.01), "{number} {}", person.town.name);
        }
    }

    #[test]
    fn ways_join_their_places_in_both_directions() {
        for number in 0..100 {
            let person = Person::new(2, number);
            for (from, to) in WAYS {
                let (there, mode) = person.way(from, to);
                let (back, mode_back) = person.way(to, from);
                assert_eq!(there.at(0.0).position, person.position(from));
                assert_eq!(back.at(0.0).position, person.position(to));
                assert!((there.length_m() - back.length_m()).abs() < 1e-6);
                assert_eq!(mode, mode_back);
            }
        }
    }

    #[test]
    fn every_way_of_travel_occurs() {
        let modes: std::collections::HashSet<Mode> = (0..300)
            .map(|number| Person::new(1, number))
            .flat_map(|person| WAYS.map(|(from, to)| person.way(from, to).1))
            .collect();
        assert_eq!(modes.len(), 5);
    }
}
