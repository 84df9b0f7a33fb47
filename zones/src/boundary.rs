//! The boundary of polygons as runs of edges with boxes, so that containment and the nearest edge look at few of them,
//! and at those side by side.
//!
//! ```text
//! head = x: origin, low x, low y, high x, high y, runs, steps, spare    y: boxes of the first eight runs
//!        then lines of boxes of sixteen more runs each
//! box  = west | south << 8 | east << 16 | north << 24    in steps of a power of two from the low corner, outwards
//! run  = x: 8, y: 8    eight vertices of up to seven edges one after the other; a shorter run repeats its last
//! ```
//! Lines are as long as the processor's: the head of most zones is one, a run is one. Everything is exact or agrees bit
//! for bit wherever a boundary is kept: in a zone's geometry or in a wearer's compiled block. Loops over the eight places
//! of a line have no branches: they become vector instructions of whatever width the processor has.

mod boxes;

use crate::{earth::Frame, wide};
use boxes::{Boxes, Reach};
pub(crate) use boxes::{HEAD_RUNS, HEAD_SPARE, Ranking, head_lines};
pub(crate) use lenke_fence::Vertex;
use lenke_fence::is_edge_east_of;

/// Edges in a run.
const RUN_EDGES: usize = 7;
/// Vertices in a run.
const LANES: usize = 8;
/// Lower bounds of distances beyond say no more, metres.
const LEAST_M_MAX: f64 = 100_000.0;
/// A share of a cross product that rounding may amount to, generous.
const ROUNDING: f64 = 1e-15;

/// One piece of the boundary. Its ends are offsets from the origin's longitude, and latitudes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Edge {
    pub(crate) a: Vertex,
    pub(crate) b: Vertex,
}

/// A box of places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    pub(crate) low: Vertex,
    pub(crate) high: Vertex,
}

impl Extent {
    /// Whether a place is in the box or on its edge.
    pub(crate) const fn contains(&self, at: Vertex) -> bool {
        at.x >= self.low.x && at.x <= self.high.x && at.y >= self.low.y && at.y <= self.high.y
    }
}

/// Eight numbers and eight more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(C, align(64))]
pub(crate) struct Line {
    pub(crate) x: [i32; LANES],
    pub(crate) y: [i32; LANES],
}

/// Writes a boundary's head and its runs; `extent` holds all edges.
pub(crate) fn lines_of(edges: &[Edge], origin_e7: i64, extent: Extent) -> (Vec<Line>, Vec<Line>) {
    let mut runs: Vec<Line> = Vec::new();
    let mut rest = edges;
    while let Some(first) = rest.first() {
        let follows = |pair: &&[Edge]| pair[0].b == pair[1].a;
        let length = 1 + rest.windows(2).take(RUN_EDGES - 1).take_while(follows).count();
        let (run, after) = rest.split_at(length);
        let vertex = |index: usize| if index == 0 { first.a } else { run[index.min(length) - 1].b };
        runs.push(Line {
            x: std::array::from_fn(|index| vertex(index).x),
            y: std::array::from_fn(|index| vertex(index).y),
        });
        rest = after;
    }
    (boxes::head_of(&runs, origin_e7, extent), runs)
}

/// A boundary somewhere in memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Boundary<'a> {
    boxes: Boxes<'a>,
    runs: &'a [Line],
}

impl<'a> Boundary<'a> {
    /// A boundary that [`lines_of`] wrote.
    #[inline(always)]
    pub(crate) const fn new(head: &'a [Line], runs: &'a [Line]) -> Self {
        Self { boxes: Boxes::new(head), runs }
    }

    /// The box of all.
    #[inline(always)]
    pub(crate) const fn extent(&self) -> Extent {
        self.boxes.extent()
    }

    /// Each run's box with its edges; the box may be a little larger than needed.
    pub(crate) fn runs(&self) -> impl Iterator<Item = (Extent, &'a Line)> + use<'a> {
        let boxes = self.boxes;
        self.runs.iter().enumerate().map(move |(index, run)| (boxes.of(index), run))
    }

    /// All edges.
    pub(crate) fn edges(&self) -> impl Iterator<Item = Edge> + use<'a> {
        self.runs.iter().flat_map(Line::edges)
    }

    /// Whether a place is inside: the even-odd rule, exact and that of tags; a place on the boundary is in exactly one
    /// of two zones that share it.
    #[inline(always)]
    pub(crate) fn contains(&self, at: Vertex) -> bool {
        self.extent().contains(at) && self.crossed_odd(at)
    }

    #[inline(never)]
    fn crossed_odd(&self, at: Vertex) -> bool {
        self.runs()
            .filter(|(extent, _)| extent.low.y <= at.y && at.y <= extent.high.y && at.x <= extent.high.x)
            .fold(false, |inside, (_, run)| inside ^ run.is_crossed_from(at))
    }

    /// Distance to the nearest edge in the plane around a place, metres; beyond 200 km it only says so much. Which edge is
    /// the nearest is told in single precision: to a millionth, and to a centimetre for zones up to half a degree; larger
    /// ones are looked at in double precision.
    #[inline(always)]
    pub(crate) fn distance_m(&self, frame: &Frame, at: Vertex, ranking: &Ranking) -> f64 {
        let squared = if self.boxes.are_small() && self.runs.len() <= Ranking::RUNS {
            self.nearest_squared(frame, at, ranking)
        } else {
            self.nearest_squared_of_large(frame, at)
        };
        squared.sqrt()
    }

    /// Where to begin with the search for the nearest edge.
    #[inline(always)]
    pub(crate) fn rank(&self, frame: &Frame, at: Vertex) -> Ranking {
        self.boxes.rank(0, &Reach::around(frame, at))
    }

    /// Fetches the runs that a search will begin with, so that several searches' waits overlap.
    #[inline(always)]
    pub(crate) fn fetch(&self, ranking: &Ranking) {
        let (first, second) = ranking.nearest_two();
        wide::fetch(&self.runs[first]);
        wide::fetch(&self.runs[second]);
    }

    /// Squared distance to the nearest edge. The two runs with the nearest boxes are looked at side by side: only seldom
    /// can a third hold the nearest edge.
    #[inline(always)]
    fn nearest_squared(&self, frame: &Frame, at: Vertex, ranking: &Ranking) -> f64 {
        let plane = Plane::around(frame, at);
        let (first, second) = ranking.nearest_two();
        let mut pair = [first, second];
        let mut nearest = plane.nearest(pair.map(|run| &self.runs[run]));
        let bar = nearest.squared_most();
        for index in ranking.within(bar, pair) {
            let other = plane.nearest([&self.runs[index]; 2]);
            if other < nearest {
                (nearest, pair) = (other, [index; 2]);
            }
        }
        let (run, lane) = nearest.place();
        self.runs[pair[run]].edge_squared(lane, frame, at)
    }

    /// The same in double precision, run by run.
    #[inline(never)]
    fn nearest_squared_of_large(&self, frame: &Frame, at: Vertex) -> f64 {
        let reach = Reach::around(frame, at);
        let mut best = f64::INFINITY;
        for first in (0..self.runs.len()).step_by(Ranking::RUNS) {
            let (ranking, runs) = (self.boxes.rank(first, &reach), &self.runs[first..]);
            // The nearest box first: it sets the bar for the others.
            let (nearest, _) = ranking.nearest_two();
            if ranking.least_squared(nearest) <= best {
                best = lesser_f64(best, runs[nearest].nearest_squared(frame, at));
            }
            for index in ranking.within(best, [nearest; 2]) {
                if ranking.least_squared(index) <= best {
                    best = lesser_f64(best, runs[index].nearest_squared(frame, at));
                }
            }
        }
        best
    }

    /// A distance that no edge is nearer than, metres, from a place that is not near a pole; no more than 100 km.
    #[inline(always)]
    pub(crate) fn distance_least_m(&self, frame: &Frame, at: Vertex) -> f64 {
        let reach = Reach::around(frame, at);
        let strides = (0..self.runs.len()).step_by(Ranking::RUNS);
        let squared = strides.map(|first| {
            let ranking = self.boxes.rank(first, &reach);
            ranking.least_squared(ranking.nearest_two().0)
        });
        squared.fold(f64::INFINITY, lesser_f64).sqrt().min(LEAST_M_MAX)
    }

    /// The vertex that lies farthest in a direction, which is given in longitude and latitude.
    #[inline(always)]
    pub(crate) fn farthest_towards(&self, east: f64, north: f64) -> (f64, f64) {
        let (east, north) = (east as f32, north as f32);
        let low = self.extent().low;
        let mut farthest = (f32::NEG_INFINITY, low);
        let mut look = |index: usize| {
            let run = &self.runs[index];
            for (&x, &y) in run.x.iter().zip(&run.y) {
                let (from_west, from_south) = (x.wrapping_sub(low.x) as f32, y.wrapping_sub(low.y) as f32);
                let towards = from_west * east + from_south * north;
                farthest = if towards > farthest.0 { (towards, Vertex { x, y }) } else { farthest };
            }
            farthest.0
        };
        // The run whose box reaches farthest first: few others reach beyond what it has.
        let first = self.boxes.farthest_towards(east, north);
        let mut reached = look(first);
        for index in 0..self.runs.len() {
            if index != first && self.boxes.reach_towards(index, east, north) > reached {
                reached = look(index);
            }
        }
        (f64::from(farthest.1.x), f64::from(farthest.1.y))
    }
}

/// The plane around a place in single precision: which of sixteen edges is the nearest.
struct Plane {
    at: Vertex,
    east: [f32; 3],
    north: [f32; 2],
}

/// The nearest of sixteen edges: its squared distance as the bits of an `f32`, whose lowest are the edge's number.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
struct Nearest(i32);

impl Nearest {
    const NUMBER: i32 = 2 * LANES as i32 - 1;

    /// Run and edge.
    const fn place(self) -> (usize, usize) {
        let number = (self.0 & Self::NUMBER) as usize;
        (number / LANES, number % LANES)
    }

    /// What no edge that matters is beyond, square metres.
    fn squared_most(self) -> f64 {
        f64::from(f32::from_bits((self.0 | Self::NUMBER) as u32))
    }
}

impl Plane {
    #[inline(always)]
    fn around(frame: &Frame, at: Vertex) -> Self {
        let (east, north) = frame.half_way_series();
        Self { at, east: east.map(|term| term as f32), north: north.map(|term| term as f32) }
    }

    #[inline(always)]
    fn nearest(&self, [first, second]: [&Line; 2]) -> Nearest {
        const BOTH: usize = 2 * LANES;
        let mut ends = [[0.0_f32; BOTH]; 4];
        let [ax, ay, bx, by] = &mut ends;
        for lane in 0..LANES {
            ax[lane] = first.x[lane].wrapping_sub(self.at.x) as f32;
            ay[lane] = first.y[lane].wrapping_sub(self.at.y) as f32;
            ax[lane + LANES] = second.x[lane].wrapping_sub(self.at.x) as f32;
            ay[lane + LANES] = second.y[lane].wrapping_sub(self.at.y) as f32;
        }
        for lane in 0..BOTH {
            // The last of a run is an edge without a length.
            let next = if lane % LANES == LANES - 1 { lane } else { lane + 1 };
            bx[lane] = ax[next];
            by[lane] = ay[next];
        }
        let ([east_m, east_change, east_bend], [north_m, north_change]) = (self.east, self.north);
        let mut squared = [0_i32; BOTH];
        for lane in 0..BOTH {
            let (east, north) = (bx[lane] - ax[lane], by[lane] - ay[lane]);
            let (dx, dy) = (east * east_m, north * north_m);
            let (x, y) = (ax[lane] * east_m, ay[lane] * north_m);
            let length_squared = dx * dx + dy * dy;
            let length_squared = if length_squared > 1e-6 { length_squared } else { 1.0 };
            let along = -(x * dx + y * dy) / length_squared;
            let along = if along > 0.0 { along } else { 0.0 };
            let along = if along < 1.0 { along } else { 1.0 };
            let (x, y) = (ax[lane] + along * east, ay[lane] + along * north);
            let x = x * (east_m + y * (east_change + y * east_bend));
            let y = y * (north_m + y * north_change);
            squared[lane] = (x * x + y * y).to_bits() as i32 & !Nearest::NUMBER | lane as i32;
        }
        Nearest(squared.into_iter().fold(i32::MAX, |a, b| if a < b { a } else { b }))
    }
}

// Unlike `min`, these do not care for what is not a number, and are one instruction.
const fn lesser_f64(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

/// What follows each; the last again after the last.
#[inline(always)]
const fn following(&[_, b, c, d, e, f, g, h]: &[f64; LANES]) -> [f64; LANES] {
    [b, c, d, e, f, g, h, h]
}

impl Line {
    /// The edges of a run.
    pub(crate) fn edges(&self) -> impl Iterator<Item = Edge> + use<'_> {
        let vertex = |index: usize| Vertex { x: self.x[index], y: self.y[index] };
        (0..RUN_EDGES)
            .map(move |index| Edge { a: vertex(index), b: vertex(index + 1) })
            .filter(|edge| edge.a != edge.b)
    }

    /// Offsets of the vertices from a place, and of those that follow them. A run within the plane around the place, or
    /// whose zone's box holds it, is less than 2^31 away.
    #[inline(always)]
    fn offsets(&self, at: Vertex) -> [[f64; LANES]; 4] {
        let mut offsets = [[0.0; LANES]; 4];
        let [ax, ay, bx, by] = &mut offsets;
        for lane in 0..LANES {
            ax[lane] = f64::from(self.x[lane].wrapping_sub(at.x));
            ay[lane] = f64::from(self.y[lane].wrapping_sub(at.y));
        }
        *bx = following(ax);
        *by = following(ay);
        offsets
    }

    /// Squared distance from a place to the nearest edge, square metres.
    #[inline(always)]
    fn nearest_squared(&self, frame: &Frame, at: Vertex) -> f64 {
        let [ax, ay, bx, by] = self.offsets(at);
        let mut squared = [0.0; LANES];
        for lane in 0..LANES {
            squared[lane] = edge_squared((ax[lane], ay[lane]), (bx[lane], by[lane]), frame);
        }
        squared.into_iter().fold(f64::INFINITY, lesser_f64)
    }

    /// The same of one of the edges.
    #[inline(always)]
    fn edge_squared(&self, lane: usize, frame: &Frame, at: Vertex) -> f64 {
        let next = (lane + 1).min(LANES - 1);
        let offset = |values: &[i32; LANES], lane: usize, at: i32| f64::from(values[lane].wrapping_sub(at));
        let (ax, ay) = (offset(&self.x, lane, at.x), offset(&self.y, lane, at.y));
        let (bx, by) = (offset(&self.x, next, at.x), offset(&self.y, next, at.y));
        edge_squared((ax, ay), (bx, by), frame)
    }

    /// Whether a ray from a place to the east crosses an odd number of the edges.
    fn is_crossed_from(&self, at: Vertex) -> bool {
        let [ax, ay, bx, by] = self.offsets(at);
        let (mut crossed, mut doubt) = ([0_u64; LANES], [0_u64; LANES]);
        for lane in 0..LANES {
            let (left, right) = (ax[lane] * by[lane], ay[lane] * bx[lane]);
            let turn = left - right;
            let straddles = (ay[lane] > 0.0) != (by[lane] > 0.0);
            let is_right = (turn > 0.0) == (by[lane] > ay[lane]);
            crossed[lane] = u64::from(straddles & is_right);
            doubt[lane] = u64::from(straddles & (turn.abs() <= ROUNDING * (left.abs() + right.abs())));
        }
        if doubt.iter().fold(0, |all, lane| all | lane) != 0 {
            return self.edges().fold(false, |inside, edge| inside ^ edge.is_right_of(at));
        }
        crossed.iter().fold(0, |all, lane| all ^ lane) != 0
    }
}

/// Squared distance from the origin to an edge between two offsets, square metres. Its nearest point is found with the
/// origin's own scale, and measured with the scale half-way to it.
#[inline(always)]
fn edge_squared((ax, ay): (f64, f64), (bx, by): (f64, f64), frame: &Frame) -> f64 {
    let (east, north) = (bx - ax, by - ay);
    let (dx, dy) = (east * frame.own.east, north * frame.own.north);
    let (x, y) = (ax * frame.own.east, ay * frame.own.north);
    let length_squared = dx * dx + dy * dy;
    // A run's repeated vertex is an edge without a length.
    let length_squared = if length_squared > 1e-12 { length_squared } else { 1.0 };
    let along = -(x * dx + y * dy) / length_squared;
    let along = if along > 0.0 { along } else { 0.0 };
    let along = if along < 1.0 { along } else { 1.0 };
    let (x, y) = (ax + along * east, ay + along * north);
    let scale = frame.half_way_near(y * 0.5);
    let (x, y) = (x * scale.east, y * scale.north);
    x * x + y * y
}

impl Edge {
    /// Whether the ray from `at` to the east crosses the edge. The width limit of zones keeps the products within 64
    /// bits.
    pub(crate) const fn is_right_of(&self, at: Vertex) -> bool {
        is_edge_east_of(self.a, self.b, at)
    }
}
