//! What a person does on one date, and with it where they are at any moment.
//!
//! A day begins and ends at home at local midnight, so that every day is a pure function of (seed, person, date) and
//! time may run at any speed or jump. Out of the house between [`OUT_MIN`] and [`HOME_BY_MIN`] minutes of the local day
//! ([`OUT_EARLY_MIN`] for early shifts): curfews that begin later and end earlier are kept.

use crate::draw::{Draw, Stream};
use crate::person::{Occupation, Person, Place};
use crate::route::{Mode, Route};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use lenke_wire::{Position, UnixMillis};

/// Earliest minute of the day out of the house.
pub const OUT_MIN: u16 = 6 * 60 + 30;
/// Earliest minute of the day out of the house for an early shift.
pub const OUT_EARLY_MIN: u16 = 5 * 60 + 10;
/// Minute of the day by which everybody is home.
pub const HOME_BY_MIN: u16 = 20 * 60 + 15;

/// What surrounds a person, as far as satellites and radio care.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Surroundings {
    /// In their own home, where its home unit is heard.
    Home,
    /// In some other building.
    Indoor,
    /// In a street or vehicle.
    Street,
    /// In a tunnel.
    Tunnel,
}

/// Where somebody truly is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Truth {
    /// Where.
    pub position: Position,
    /// Speed over ground.
    pub speed_m_s: f64,
    /// Direction, degrees clockwise from north.
    pub course_deg: f64,
    /// What surrounds them.
    pub surroundings: Surroundings,
}

impl Truth {
    /// Standing still at `position`.
    pub const fn still(position: Position, surroundings: Surroundings) -> Self {
        Self { position, speed_m_s: 0.0, course_deg: 0.0, surroundings }
    }
}

#[derive(Clone, Debug)]
enum Doing {
    Staying(Truth),
    Travelling { route: Route, speed_m_s: f64 },
}

/// One date of one person's life.
#[derive(Clone, Debug)]
pub struct Day {
    /// Begin of each thing done, in order; the first is local midnight.
    doings: Vec<(UnixMillis, Doing)>,
    /// First moment of the next day.
    until: UnixMillis,
}

impl Day {
    /// The day of `person` that contains `at`.
    pub fn containing(person: &Person, zone: &TimeZone, at: UnixMillis) -> Self {
        Self::plan(person, zone, local_date(zone, at))
    }

    /// What `person` does on `date`.
    pub fn plan(person: &Person, zone: &TimeZone, date: Date) -> Self {
        let day_number =
            u64::from(date.year().unsigned_abs()) * 512 + u64::from(date.day_of_year().unsigned_abs());
        let draw = Draw::new(person.seed, Stream::Day, person.number, day_number);
        let weekday = date.weekday().to_monday_one_offset() <= 5;
        let mut plan = Planner { person, draw, steps: Vec::new(), here: Place::Home, clock_s: 0.0 };
        match (weekday, person.occupation) {
            (true, Occupation::DayWork) => plan.workday(7.6 * 3600.0, 1800.0, 7.8 * 3600.0),
            (true, Occupation::EarlyShift) => plan.workday(6.1 * 3600.0, 300.0, 7.6 * 3600.0),
            (true, Occupation::School) => plan.workday(8.2 * 3600.0, 600.0, 5.8 * 3600.0),
            (true, Occupation::Free) | (false, _) => plan.free_day(),
        }
        plan.evening();
        let begin = |seconds: f64| moment(zone, date, seconds);
        let mut doings = vec![(begin(0.0), staying(person, Place::Home))];
        doings.extend(plan.steps.into_iter().map(|(seconds, doing)| (begin(seconds), doing)));
        Self { doings, until: begin(86_400.0) }
    }

    /// Whether `at` lies in this day.
    pub fn holds(&self, at: UnixMillis) -> bool {
        self.doings.first().is_some_and(|(begin, _)| *begin <= at) && at < self.until
    }

    /// Where the person is at `at` (at its ends for moments outside the day).
    pub fn truth(&self, at: UnixMillis) -> Truth {
        let next = self.doings.partition_point(|(begin, _)| *begin <= at);
        let (begin, doing) = &self.doings[next.saturating_sub(1)];
        match doing {
            Doing::Staying(truth) => *truth,
            Doing::Travelling { route, speed_m_s } => {
                let metres = at.since_s(*begin).max(0.0) * speed_m_s;
                let waypoint = route.at(metres);
                let moving = metres < route.length_m();
                let surroundings =
                    if waypoint.in_tunnel { Surroundings::Tunnel } else { Surroundings::Street };
                Truth {
                    position: waypoint.position,
                    speed_m_s: if moving { *speed_m_s } else { 0.0 },
                    course_deg: waypoint.course_deg,
                    surroundings,
                }
            }
        }
    }

    /// Moments at which something else begins.
    pub fn changes(&self) -> impl Iterator<Item = UnixMillis> + '_ {
        self.doings.iter().map(|(begin, _)| *begin)
    }
}

fn staying(person: &Person, place: Place) -> Doing {
    let surroundings = if place == Place::Home { Surroundings::Home } else { Surroundings::Indoor };
    Doing::Staying(Truth::still(person.position(place), surroundings))
}

/// The date at `at` in `zone`.
pub fn local_date(zone: &TimeZone, at: UnixMillis) -> Date {
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.to_zoned(zone.clone()).date()
}

/// `seconds` of the wall clock into `date`; clock changes are the zone's.
fn moment(zone: &TimeZone, date: Date, seconds: f64) -> UnixMillis {
    let civil =
        date.at(0, 0, 0, 0).saturating_add(jiff::SignedDuration::from_millis((seconds * 1000.0) as i64));
    UnixMillis(zone.to_ambiguous_timestamp(civil).compatible().map_or(0, |at| at.as_millisecond()))
}

struct Planner<'a> {
    person: &'a Person,
    draw: Draw,
    steps: Vec<(f64, Doing)>,
    here: Place,
    /// Wall-clock second of the day reached so far.
    clock_s: f64,
}

impl Planner<'_> {
    fn travel_s(&self, to: Place) -> f64 {
        let (route, mode) = self.person.way(self.here, to);
        route.length_m() / mode.speed_m_s()
    }

    /// Leaves at `leave_s` (or as soon as possible after) for `to`.
    fn go(&mut self, leave_s: f64, to: Place) {
        let (route, mode): (Route, Mode) = self.person.way(self.here, to);
        let leave_s = leave_s.max(self.clock_s);
        let speed_m_s = mode.speed_m_s() * self.draw.between(0.9, 1.1);
        self.clock_s = leave_s + route.length_m() / speed_m_s;
        self.steps.push((leave_s, Doing::Travelling { route, speed_m_s }));
        self.steps.push((self.clock_s, staying(self.person, to)));
        self.here = to;
    }

    fn workday(&mut self, arrive_s: f64, spread_s: f64, length_s: f64) {
        let earliest = match self.person.occupation {
            Occupation::EarlyShift => f64::from(OUT_EARLY_MIN),
            Occupation::DayWork | Occupation::School | Occupation::Free => f64::from(OUT_MIN),
        };
        let arrive_s = arrive_s + self.draw.between(-spread_s, spread_s);
        let leave_s = (arrive_s - self.travel_s(Place::Work)).max(earliest * 60.0);
        self.go(leave_s, Place::Work);
        let end_s = arrive_s.max(self.clock_s) + length_s + self.draw.between(-900.0, 1_800.0);
        if !self.person.commutes && self.draw.chance(0.4) {
            self.go(end_s, Place::Shop);
            let stay_s = self.draw.between(900.0, 2_100.0);
            self.go(self.clock_s + stay_s, Place::Home);
        } else {
            self.go(end_s, Place::Home);
        }
    }

    fn free_day(&mut self) {
        let leave_s = self.draw.between(9.5, 12.0) * 3600.0;
        if self.draw.chance(0.8) {
            self.go(leave_s, Place::Shop);
            let stay_s = self.draw.between(900.0, 3_000.0);
            self.go(self.clock_s + stay_s, Place::Home);
        }
        if self.draw.chance(0.5) {
            let leave_s = self.draw.between(13.5, 15.0) * 3600.0;
            self.outing(leave_s);
        }
    }

    fn evening(&mut self) {
        if self.draw.chance(0.35) {
            let leave_s = self.clock_s.max(17.2 * 3600.0) + self.draw.between(300.0, 2_700.0);
            self.outing(leave_s);
        }
    }

    /// To one of the leisure places and back, only if that fits before everybody is home.
    fn outing(&mut self, leave_s: f64) {
        let to = Place::Leisure(u8::from(self.draw.chance(0.5)));
        let stay_s = self.draw.between(2_400.0, 6_000.0);
        // 1.2: the slowest draw of `go` and a little slack
        let back_s = leave_s + stay_s + 2.0 * 1.2 * self.travel_s(to);
        if back_s <= f64::from(HOME_BY_MIN) * 60.0 {
            self.go(leave_s, to);
            self.go(self.clock_s + stay_s, Place::Home);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ground::distance_m;

    fn zone(person: &Person) -> TimeZone {
        TimeZone::get(person.town.country.time_zone()).unwrap()
    }

    fn minutes_away(person: &Person, date: Date) -> Vec<u16> {
        let zone = zone(person);
        let day = Day::plan(person, &zone, date);
        let home = person.position(Place::Home);
        (0..1_440)
            .filter(|&minute| {
                let at = moment(&zone, date, f64::from(minute) * 60.0);
                distance_m(day.truth(at).position, home) > 5.0
            })
            .collect()
    }

    #[test]
    fn everybody_is_home_outside_the_promised_hours() {
        for number in 0..300 {
            let person = Person::new(9, number);
            let early = person.occupation == Occupation::EarlyShift;
            let earliest = if early { OUT_EARLY_MIN } else { OUT_MIN };
            for day in 1..=7 {
                let away = minutes_away(&person, Date::constant(2026, 11, 15 + day));
                let within = away.iter().all(|minute| (earliest..=HOME_BY_MIN).contains(minute));
                assert!(within, "person {number} day {day}: {away:?}");
            }
        }
    }

    #[test]
    fn workers_work_on_weekdays_and_rest_on_sundays() {
        let person = (0..).map(|n| Person::new(9, n)).find(|p| p.occupation == Occupation::DayWork).unwrap();
        let at_noon = |date: Date| {
            Day::plan(&person, &zone(&person), date).truth(moment(&zone(&person), date, 43_200.0))
        };
        let work = person.position(Place::Work);
        assert_eq!(at_noon(Date::constant(2026, 11, 18)).position, work);
        assert_ne!(at_noon(Date::constant(2026, 11, 22)).position, work);
    }

    #[test]
    fn nobody_jumps_within_a_day_or_over_midnight() {
        for number in 0..40 {
            let person = Person::new(3, number);
            let zone = zone(&person);
            let begin = moment(&zone, Date::constant(2026, 3, 27), 0.0);
            let mut last: Option<Truth> = None;
            // 27 to 30 March 2026 holds the change to summer time
            for minute in 0..4 * 1_440 {
                let at = begin.plus_s(minute * 60);
                let truth = Day::containing(&person, &zone, at).truth(at);
                if let Some(last) = last {
                    let speed = distance_m(last.position, truth.position) / 60.0;
                    assert!(speed < 27.0, "person {number} minute {minute}: {speed} m/s");
                }
                last = Some(truth);
            }
        }
    }

    #[test]
    fn each_date_of_a_person_is_a_day_of_its_own() {
        let person = (0..).map(|n| Person::new(9, n)).find(|p| p.occupation == Occupation::Free).unwrap();
        let days: std::collections::HashSet<Vec<u16>> =
            (1..=10).map(|day| minutes_away(&person, Date::constant(2026, 11, day))).collect();
        assert!(days.len() > 5);
    }
}
