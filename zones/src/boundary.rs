//! The boundary of polygons as runs of edges with boxes, so that containment and the nearest edge look at few of them,
//! and at those side by side.
//!
//! ```text
//! lines = boxes of four runs x ceil(runs / 4), then one line a run
//! boxes = low x: 4, high x: 4, low y: 4, high y: 4
//! run   = x: 8, y: 8    eight vertices of up to seven edges one after the other; a shorter run repeats its last
//! ```
//! Lines are as long as the processor's. Everything is exact or agrees bit for bit wherever a boundary is kept: in a
//! zone's geometry or in a wearer's compiled block. Loops over the eight places of a line have no branches: they become
//! vector instructions of whatever width the target has.

use crate::earth::Frame;
pub(crate) use lenke_fence::Vertex;
use lenke_fence::is_edge_east_of;

/// Edges in a run.
const RUN_EDGES: usize = 7;
/// Vertices in a run.
const LANES: usize = 8;
/// Runs whose boxes share a line.
const BOXES: usize = 4;
/// Lines of boxes that are looked at together.
const STRIDE: usize = 8;
/// A share that the scale may be smaller than its tangent says, on the way to a place within the plane.
const BEND: f32 = 4e-3;
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

/// Writes a boundary's lines; says how many runs they hold.
pub(crate) fn lines_of(edges: &[Edge]) -> (Vec<Line>, usize) {
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
    let mut lines: Vec<Line> = runs.chunks(BOXES).map(boxes_of).collect();
    lines.extend_from_slice(&runs);
    (lines, runs.len())
}

/// The boxes of up to four runs; the last one's again where there are fewer.
fn boxes_of(runs: &[Line]) -> Line {
    let run = |index: usize| &runs[(index % BOXES).min(runs.len() - 1)];
    let end = |values: &[i32; LANES], low: bool| {
        let ends = values.iter().fold((i32::MAX, i32::MIN), |(min, max), &v| (min.min(v), max.max(v)));
        if low { ends.0 } else { ends.1 }
    };
    Line {
        x: std::array::from_fn(|index| end(&run(index).x, index < BOXES)),
        y: std::array::from_fn(|index| end(&run(index).y, index < BOXES)),
    }
}

/// A boundary somewhere in memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Boundary<'a> {
    boxes: &'a [Line],
    runs: &'a [Line],
    /// The box of all.
    pub(crate) extent: Extent,
}

/// How near each of a boundary's first boxes may come to a place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ranking {
    /// Squared, square metres.
    least: [f32; STRIDE * BOXES],
    /// The nearest of them.
    first: usize,
}

/// Lines that hold the boxes of so many runs.
pub(crate) const fn box_lines(runs: usize) -> usize {
    runs.div_ceil(BOXES)
}

impl<'a> Boundary<'a> {
    /// A boundary whose boxes and runs [`lines_of`] wrote.
    pub(crate) const fn new(boxes: &'a [Line], runs: &'a [Line], extent: Extent) -> Self {
        Self { boxes, runs, extent }
    }

    /// Each run's box with its edges.
    pub(crate) fn runs(&self) -> impl Iterator<Item = (Extent, &'a Line)> + use<'a> {
        let boxes = self.boxes;
        self.runs.iter().enumerate().map(move |(index, run)| {
            let (boxes, lane) = (&boxes[index / BOXES], index % BOXES);
            let end = |lane: usize| Vertex { x: boxes.x[lane], y: boxes.y[lane] };
            (Extent { low: end(lane), high: end(lane + BOXES) }, run)
        })
    }

    /// All edges.
    pub(crate) fn edges(&self) -> impl Iterator<Item = Edge> + use<'a> {
        self.runs.iter().flat_map(Line::edges)
    }

    /// Whether a place is inside: the even-odd rule, exact and that of tags; a place on the boundary is in exactly one
    /// of two zones that share it.
    pub(crate) fn contains(&self, at: Vertex) -> bool {
        if !self.extent.contains(at) {
            return false;
        }
        self.runs()
            .filter(|(extent, _)| extent.low.y <= at.y && at.y <= extent.high.y && at.x <= extent.high.x)
            .fold(false, |inside, (_, run)| inside ^ run.is_crossed_from(at))
    }

    /// Distance to the nearest edge in the plane around a place, metres; beyond 200 km it only says so much.
    pub(crate) fn distance_m(&self, frame: &Frame, at: Vertex, ranking: &Ranking) -> f64 {
        let mut best = self.nearest_squared(0, ranking, frame, at, f64::INFINITY);
        let reach = Reach::around(frame, at);
        for first in (STRIDE..self.boxes.len()).step_by(STRIDE) {
            best = self.nearest_squared(first, &self.rank_from(first, &reach), frame, at, best);
        }
        best.sqrt()
    }

    /// Where to begin with the search for the nearest edge.
    pub(crate) fn rank(&self, frame: &Frame, at: Vertex) -> Ranking {
        self.rank_from(0, &Reach::around(frame, at))
    }

    /// Loads the runs that a search will begin with, so that several searches' loads overlap.
    pub(crate) fn touch(&self, ranking: &Ranking) -> i32 {
        let runs = ranking.first.saturating_sub(1)..self.runs.len().min(ranking.first + 2);
        self.runs[runs].iter().fold(0, |all, run| all ^ run.x[0])
    }

    fn rank_from(&self, first_box: usize, reach: &Reach) -> Ranking {
        let mut ranking = Ranking { least: [f32::INFINITY; STRIDE * BOXES], first: 0 };
        let boxes = &self.boxes[first_box..];
        for (least, boxes) in ranking.least.as_chunks_mut::<BOXES>().0.iter_mut().zip(boxes) {
            reach.least_squared(boxes, least);
        }
        let count = ranking.least.len().min(self.runs.len() - first_box * BOXES);
        // An absent run's box is the last one's again, so that the first of the nearest exists.
        let mut nearest = f32::INFINITY;
        for (index, &least) in ranking.least[..count].iter().enumerate() {
            ranking.first = if least < nearest { index } else { ranking.first };
            nearest = lesser(least, nearest);
        }
        ranking
    }

    /// The least of `best` and of the squared distances to the runs that are ranked.
    fn nearest_squared(
        &self,
        first_box: usize,
        ranking: &Ranking,
        frame: &Frame,
        at: Vertex,
        best: f64,
    ) -> f64 {
        let runs = &self.runs[first_box * BOXES..];
        let mut best = best;
        // The nearest box first: it sets the bar for the others.
        if f64::from(ranking.least[ranking.first]) <= best {
            best = lesser_f64(best, runs[ranking.first].nearest_squared(frame, at));
        }
        for (index, (run, &least)) in runs.iter().zip(&ranking.least).enumerate() {
            if f64::from(least) <= best && index != ranking.first {
                best = lesser_f64(best, run.nearest_squared(frame, at));
            }
        }
        best
    }

    /// A distance that no edge is nearer than, metres, from a place that is not near a pole; no more than 100 km.
    pub(crate) fn distance_least_m(&self, frame: &Frame, at: Vertex) -> f64 {
        let squared = Reach::around(frame, at).least_squared_of(self.extent.low, self.extent.high);
        f64::from(squared).sqrt().min(LEAST_M_MAX)
    }

    /// The vertex that lies farthest in a direction, which is given in longitude and latitude.
    pub(crate) fn farthest_towards(&self, east: f64, north: f64) -> (f64, f64) {
        let mut farthest = (f64::NEG_INFINITY, (0.0, 0.0));
        for (boxes, runs) in self.boxes.iter().zip(self.runs.chunks(BOXES)) {
            let mut limits = [0.0; BOXES];
            for (lane, limit) in limits.iter_mut().enumerate() {
                let most =
                    |low: i32, high: i32, way: f64| greater_f64(f64::from(low) * way, f64::from(high) * way);
                *limit = most(boxes.x[lane], boxes.x[lane + BOXES], east)
                    + most(boxes.y[lane], boxes.y[lane + BOXES], north);
            }
            for (run, limit) in runs.iter().zip(limits) {
                if limit < farthest.0 {
                    continue;
                }
                for (&x, &y) in run.x.iter().zip(&run.y) {
                    let (x, y) = (f64::from(x), f64::from(y));
                    let towards = x * east + y * north;
                    if towards > farthest.0 {
                        farthest = (towards, (x, y));
                    }
                }
            }
        }
        farthest.1
    }
}

// Unlike `min`, these do not care for what is not a number, and are one instruction.
const fn lesser(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

const fn greater(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

const fn lesser_f64(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

const fn greater_f64(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

/// How near a box may come to a place, roughly but never too far.
struct Reach {
    at: Vertex,
    east: f32,
    shrinking: f32,
    north: f32,
}

impl Reach {
    fn around(frame: &Frame, at: Vertex) -> Self {
        Self {
            at,
            east: frame.own.east as f32 * (1.0 - BEND),
            shrinking: (frame.shrinking() / 2.0) as f32,
            north: frame.own.north as f32 * (1.0 - BEND),
        }
    }

    /// Squared, square metres, for four boxes.
    fn least_squared(&self, boxes: &Line, least: &mut [f32; BOXES]) {
        for (lane, least) in least.iter_mut().enumerate() {
            let low = Vertex { x: boxes.x[lane], y: boxes.y[lane] };
            let high = Vertex { x: boxes.x[lane + BOXES], y: boxes.y[lane + BOXES] };
            *least = self.least_squared_of(low, high);
        }
    }

    /// The same for one box. Half-way to any place of it the eastern scale is at least what it would be half-way to its
    /// farther edge.
    #[inline]
    fn least_squared_of(&self, low: Vertex, high: Vertex) -> f32 {
        let gap = |low: i32, high: i32, at: i32| (low.wrapping_sub(at) as f32, at.wrapping_sub(high) as f32);
        let (west, east) = gap(low.x, high.x, self.at.x);
        let (south, north) = gap(low.y, high.y, self.at.y);
        let farthest = greater(south.abs(), north.abs());
        let scale = greater(self.east - self.shrinking * farthest, 0.0);
        let x = greater(greater(west, east), 0.0) * scale;
        let y = greater(greater(south, north), 0.0) * self.north;
        x * x + y * y
    }
}

/// What follows each; the last again after the last.
#[inline]
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
    #[inline]
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

    /// Squared distance from a place to the nearest edge, square metres. The nearest point of an edge is found with the
    /// place's own scale, and measured with the scale half-way to it.
    fn nearest_squared(&self, frame: &Frame, at: Vertex) -> f64 {
        let [ax, ay, bx, by] = self.offsets(at);
        let mut squared = [0.0; LANES];
        for lane in 0..LANES {
            let (east, north) = (bx[lane] - ax[lane], by[lane] - ay[lane]);
            let (dx, dy) = (east * frame.own.east, north * frame.own.north);
            let (x, y) = (ax[lane] * frame.own.east, ay[lane] * frame.own.north);
            let length_squared = dx * dx + dy * dy;
            // A run's repeated vertex is an edge without a length.
            let length_squared = if length_squared > 1e-12 { length_squared } else { 1.0 };
            let along = -(x * dx + y * dy) / length_squared;
            let along = if along > 0.0 { along } else { 0.0 };
            let along = if along < 1.0 { along } else { 1.0 };
            let (x, y) = (ax[lane] + along * east, ay[lane] + along * north);
            let scale = frame.half_way_near(y * 0.5);
            let (x, y) = (x * scale.east, y * scale.north);
            squared[lane] = x * x + y * y;
        }
        squared.into_iter().fold(f64::INFINITY, lesser_f64)
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

impl Edge {
    /// Whether the ray from `at` to the east crosses the edge. The width limit of zones keeps the products within 64
    /// bits.
    pub(crate) const fn is_right_of(&self, at: Vertex) -> bool {
        is_edge_east_of(self.a, self.b, at)
    }
}
