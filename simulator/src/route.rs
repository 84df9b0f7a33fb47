//! Ways between two places: a staircase along the town's street grid, or a railway line.

use crate::draw::{Draw, Stream};
use crate::ground::{Offset, between, distance_m, distance_to_segment_m, offset, shifted};
use lenke_wire::Position;

/// How a person travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// On foot.
    Foot,
    /// By bike.
    Bike,
    /// By bus, stops included.
    Bus,
    /// By car in town.
    Car,
    /// By train between towns.
    Train,
}

impl Mode {
    /// Mean speed on the way.
    pub const fn speed_m_s(self) -> f64 {
        match self {
            Self::Foot => 1.35,
            Self::Bike => 4.2,
            Self::Bus => 6.5,
            Self::Car => 9.5,
            Self::Train => 22.0,
        }
    }

    /// How people cover `distance_m` within a town; `drives` of those who own a car.
    pub fn within_town(distance_m: f64, drives: bool) -> Self {
        match distance_m {
            d if d < 1_200.0 => Self::Foot,
            _ if drives => Self::Car,
            d if d < 3_000.0 => Self::Bike,
            _ => Self::Bus,
        }
    }
}

/// Longest side step of the staircase, metres.
const BLOCK_M: f64 = 420.0;
/// Steps of the staircase at most.
const STEPS_MAX: usize = 12;
/// Share of the railway lines and main roads with a tunnel.
const TUNNEL_SHARE: f64 = 0.3;
/// Shortest way that may have a tunnel, metres.
const TUNNEL_WAY_M_MIN: f64 = 2_500.0;

/// A way as a line of points with the metres to each.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    points: Vec<(f64, Position)>,
    tunnel: Option<(f64, f64)>,
}

/// A moment on a way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Waypoint {
    /// Where.
    pub position: Position,
    /// Direction of travel, degrees clockwise from north.
    pub course_deg: f64,
    /// Under ground.
    pub in_tunnel: bool,
}

impl Route {
    /// The way along `points`, which are at least one.
    pub fn along(points: impl IntoIterator<Item = Position>) -> Self {
        let mut measured: Vec<(f64, Position)> = Vec::new();
        for point in points {
            let travelled = measured.last().map_or(0.0, |&(metres, last)| metres + distance_m(last, point));
            measured.push((travelled, point));
        }
        Self { points: measured, tunnel: None }
    }

    /// Streets from `from` to `to` on a grid turned by `grid_deg`; the same `draw` gives the same streets.
    pub fn streets(from: Position, to: Position, grid_deg: f64, draw: &mut Draw) -> Self {
        let way = offset(from, to);
        let (length, turn) = (way.length_m(), (way.bearing_deg() - grid_deg).to_radians());
        let (ahead, aside) = (length * turn.cos(), length * turn.sin());
        let steps = ((ahead.abs().min(aside.abs()) / BLOCK_M).ceil() as usize).clamp(1, STEPS_MAX);
        let ahead_first = draw.chance(0.5);
        let mut points = vec![from];
        for step in 0..steps {
            let (done, next) = (step as f64 / steps as f64, (step + 1) as f64 / steps as f64);
            let (a, b) = if ahead_first { (next, done) } else { (done, next) };
            points.push(grid_point(from, grid_deg, ahead * a, aside * b));
            points.push(grid_point(from, grid_deg, ahead * next, aside * next));
        }
        *points.last_mut().expect("a way has two ends") = to;
        Self::along(points).with_tunnel(draw)
    }

    /// A railway line from `from` to `to`: nearly straight.
    pub fn railway(from: Position, to: Position, draw: &mut Draw) -> Self {
        let way = offset(from, to);
        let bend = draw.between(-0.02, 0.02) * way.length_m();
        let middle = shifted(between(from, to, 0.5), Offset::polar(way.bearing_deg() + 90.0, bend));
        Self::along([from, middle, to]).with_tunnel(draw)
    }

    fn with_tunnel(mut self, draw: &mut Draw) -> Self {
        let length = self.length_m();
        if length >= TUNNEL_WAY_M_MIN && draw.chance(TUNNEL_SHARE) {
            let begin = draw.between(0.3, 0.6) * length;
            self.tunnel = Some((begin, begin + draw.between(200.0, 900.0).min(0.2 * length)));
        }
        self
    }

    /// The same way in the other direction.
    #[must_use]
    pub fn reversed(&self) -> Self {
        let length = self.length_m();
        let points = self.points.iter().rev().map(|&(metres, point)| (length - metres, point)).collect();
        Self { points, tunnel: self.tunnel.map(|(begin, end)| (length - end, length - begin)) }
    }

    /// Its length.
    pub fn length_m(&self) -> f64 {
        self.points.last().map_or(0.0, |&(metres, _)| metres)
    }

    /// The moment after `metres`; its ends before and after.
    pub fn at(&self, metres: f64) -> Waypoint {
        let next = self.points.partition_point(|&(at, _)| at <= metres);
        let after = next.clamp(1, self.points.len().saturating_sub(1).max(1));
        let (begin_m, begin) = self.points[after - 1];
        let (end_m, end) = self.points.get(after).copied().unwrap_or((begin_m, begin));
        let fraction = if end_m > begin_m { (metres - begin_m) / (end_m - begin_m) } else { 1.0 };
        Waypoint {
            position: between(begin, end, fraction.clamp(0.0, 1.0)),
            course_deg: offset(begin, end).bearing_deg(),
            in_tunnel: self.tunnel.is_some_and(|(from, to)| (from..to).contains(&metres)),
        }
    }

    /// Distance from `point` to the nearest place of the way.
    pub fn distance_m(&self, point: Position) -> f64 {
        let single = self.points.first().map_or(f64::INFINITY, |&(_, only)| distance_m(point, only));
        self.points
            .windows(2)
            .fold(single, |nearest, pair| nearest.min(distance_to_segment_m(point, pair[0].1, pair[1].1)))
    }
}

fn grid_point(from: Position, grid_deg: f64, ahead: f64, aside: f64) -> Position {
    let (a, b) = (Offset::polar(grid_deg, ahead), Offset::polar(grid_deg + 90.0, aside));
    shifted(from, Offset { east_m: a.east_m + b.east_m, north_m: a.north_m + b.north_m })
}

/// Turn of the street grid of the town called `name`.
pub fn grid_deg(name: &str) -> f64 {
    let letters = name.bytes().fold(0_u64, |sum, letter| sum * 31 + u64::from(letter));
    Draw::new(letters, Stream::Route, 0, 0).between(0.0, 90.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(east_m: f64, north_m: f64) -> Position {
        shifted(Position::from_degrees(60.0, 10.0).unwrap(), Offset { east_m, north_m })
    }

    #[test]
    fn streets_begin_and_end_at_the_places_and_are_no_longer_than_the_grid_demands() {
        for number in 0..50 {
            let mut draw = Draw::new(number, Stream::Route, 0, 0);
            let (from, to) = (place(0.0, 0.0), place(draw.between(-4e3, 4e3), draw.between(-4e3, 4e3)));
            let route = Route::streets(from, to, 17.0, &mut draw);
            assert_eq!((route.at(-1.0).position, route.at(1e9).position), (from, to));
            let straight = distance_m(from, to);
            assert!((straight - 1.0..=straight * 1.42 + 2.0).contains(&route.length_m()));
        }
    }

    #[test]
    fn positions_on_a_way_never_jump() {
        let mut draw = Draw::new(1, Stream::Route, 0, 0);
        let route = Route::streets(place(0.0, 0.0), place(3_000.0, 1_700.0), 40.0, &mut draw);
        let points: Vec<Position> =
            (0..=1_000).map(|i| route.at(f64::from(i) * route.length_m() / 1e3).position).collect();
        let step = route.length_m() / 1_000.0;
        assert!(points.windows(2).all(|pair| distance_m(pair[0], pair[1]) <= step * 1.01 + 0.05));
    }

    #[test]
    fn the_way_back_is_the_same_way() {
        let mut draw = Draw::new(4, Stream::Route, 0, 0);
        let route = Route::streets(place(0.0, 0.0), place(2_000.0, 3_000.0), 5.0, &mut draw);
        let back = route.reversed();
        for metres in [0.0, 500.0, 2_345.0] {
            let there = route.at(metres).position;
            assert!(distance_m(there, back.at(route.length_m() - metres).position) < 0.5);
        }
    }

    #[test]
    fn a_way_of_one_point_stays_there() {
        let only = place(5.0, 5.0);
        let route = Route::along([only]);
        assert_eq!(route.at(10.0).position, only);
        assert!((route.distance_m(place(5.0, 105.0)) - 100.0).abs() < 0.5);
    }
}
