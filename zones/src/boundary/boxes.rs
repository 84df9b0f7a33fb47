//! Boxes of runs, a word each, and how near each of them may come to a place.

use super::{Extent, LANES, Line, Vertex};
use crate::earth::Frame;

/// Where the head has the number of its runs, the boxes' steps, and room for whoever keeps it.
pub(crate) const HEAD_RUNS: usize = 5;
const STEPS: usize = 6;
pub(crate) const HEAD_SPARE: usize = 7;
/// No side of a box is more steps from the low corner than fit a byte.
const STEPS_MAX: i64 = 255;
/// Boxes that are looked at together, in eights.
const EIGHTS: usize = 4;
/// Low bits of a rank that hold the number of its run.
const INDEX_MASK: i32 = (EIGHTS * LANES) as i32 - 1;
/// Steps of more bits are those of a large boundary: beyond 0.4 degrees.
const SMALL_BITS: u32 = 14;
/// A share that the scale may be smaller than its tangent says, on the way to a place within the plane.
const BEND: f32 = 4e-3;

/// Writes the head of a boundary with these runs.
pub(super) fn head_of(runs: &[Line], origin_e7: i64, extent: Extent) -> Vec<Line> {
    let Extent { low, high } = extent;
    let span = |low: i32, high: i32| i64::from(high) - i64::from(low);
    let bits = |span: i64| (0..31).find(|bits| (span + (1 << bits) - 1) >> bits <= STEPS_MAX).unwrap_or(31);
    let (x_bits, y_bits) = (bits(span(low.x, high.x)), bits(span(low.y, high.y)));
    let word = |run: &Line| {
        let ends = |values: &[i32; LANES]| {
            values.iter().fold((i32::MAX, i32::MIN), |(min, max), &value| (min.min(value), max.max(value)))
        };
        let down = |value: i32, low: i32, bits: i32| (span(low, value) >> bits) as i32;
        let up = |value: i32, low: i32, bits: i32| ((span(low, value) + (1 << bits) - 1) >> bits) as i32;
        let ((west, east), (south, north)) = (ends(&run.x), ends(&run.y));
        down(west, low.x, x_bits)
            | down(south, low.y, y_bits) << 8
            | up(east, low.x, x_bits) << 16
            | up(north, low.y, y_bits) << 24
    };
    // Absent ones are the last one's again, so that the first of the nearest exists.
    let boxes = |first: usize| {
        let run = |lane: usize| runs.get((first + lane).min(runs.len() - 1));
        std::array::from_fn(|lane| run(lane).map_or(0, word))
    };
    let head = [origin_e7 as i32, low.x, low.y, high.x, high.y, runs.len() as i32, x_bits | y_bits << 8, 0];
    let mut lines = vec![Line { x: head, y: boxes(0) }];
    lines.extend(
        (LANES..runs.len()).step_by(2 * LANES).map(|first| Line { x: boxes(first), y: boxes(first + LANES) }),
    );
    lines
}

/// Lines of a head.
pub(crate) const fn head_lines(runs: usize) -> usize {
    (runs + LANES).div_ceil(2 * LANES)
}

/// A head somewhere in memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Boxes<'a> {
    lines: &'a [Line],
}

impl<'a> Boxes<'a> {
    #[inline(always)]
    pub(super) const fn new(lines: &'a [Line]) -> Self {
        Self { lines }
    }

    #[inline(always)]
    const fn head(&self) -> &'a [i32; LANES] {
        &self.lines[0].x
    }

    /// The box of all.
    #[inline(always)]
    pub(super) const fn extent(&self) -> Extent {
        let &[_, west, south, east, north, ..] = self.head();
        Extent { low: Vertex { x: west, y: south }, high: Vertex { x: east, y: north } }
    }

    /// The boxes of eight runs.
    #[inline(always)]
    const fn eight(&self, number: usize) -> &'a [i32; LANES] {
        let line = &self.lines[number.div_ceil(2)];
        if number.is_multiple_of(2) { &line.y } else { &line.x }
    }

    #[inline(always)]
    const fn bits(&self) -> (u32, u32) {
        let steps = self.head()[STEPS] as u32;
        (steps & 31, steps >> 8 & 31)
    }

    /// The box of a run.
    pub(super) fn of(&self, run: usize) -> Extent {
        let (low, (x_bits, y_bits)) = (self.extent().low, self.bits());
        let [west, south, east, north] = self.eight(run / LANES)[run % LANES].to_le_bytes().map(i32::from);
        // Steps are below 2^24: a box ends less than one beyond the box of all.
        let at = |x: i32, y: i32| Vertex {
            x: low.x.wrapping_add(x << x_bits),
            y: low.y.wrapping_add(y << y_bits),
        };
        Extent { low: at(west, south), high: at(east, north) }
    }

    /// Whether all offsets between the vertices are small enough to be exact in single precision, with room to spare.
    #[inline(always)]
    pub(super) const fn are_small(&self) -> bool {
        let (x_bits, y_bits) = self.bits();
        x_bits <= SMALL_BITS && y_bits <= SMALL_BITS
    }

    /// How far a run's box reaches in a direction, from the low corner.
    #[inline(always)]
    pub(super) fn reach_towards(&self, run: usize, east: f32, north: f32) -> f32 {
        reach_towards(self.eight(run / LANES)[run % LANES], self.bits(), east, north)
    }

    /// The run whose box reaches farthest in a direction.
    #[inline(always)]
    pub(super) fn farthest_towards(&self, east: f32, north: f32) -> usize {
        let (count, bits) = (self.head()[HEAD_RUNS] as usize, self.bits());
        let mut farthest = (f32::NEG_INFINITY, 0);
        for number in 0..count.div_ceil(LANES) {
            let eight = self.eight(number);
            let mut reach = [0.0; LANES];
            for lane in 0..LANES {
                reach[lane] = reach_towards(eight[lane], bits, east, north);
            }
            for (lane, reach) in reach.into_iter().enumerate() {
                farthest = if reach > farthest.0 { (reach, number * LANES + lane) } else { farthest };
            }
        }
        farthest.1.min(count.saturating_sub(1))
    }

    /// Ranks the runs from this one on.
    #[inline(always)]
    pub(super) fn rank(&self, first_run: usize, reach: &Reach) -> Ranking {
        let count = (self.head()[HEAD_RUNS] as usize - first_run).min(Ranking::RUNS);
        let mut ranking = Ranking { ranks: [[i32::MAX; LANES]; EIGHTS], count };
        let (low, bits) = (self.extent().low, self.bits());
        let base = (low.x.wrapping_sub(reach.at.x), low.y.wrapping_sub(reach.at.y));
        for (number, ranks) in ranking.ranks.iter_mut().enumerate().take(count.div_ceil(LANES)) {
            let eight = self.eight(first_run / LANES + number);
            for lane in 0..LANES {
                let least = reach.least_squared(eight[lane], base, bits);
                ranks[lane] = least.to_bits() as i32 & !INDEX_MASK | (number * LANES + lane) as i32;
            }
        }
        ranking
    }
}

#[inline(always)]
fn reach_towards(sides: i32, (x_bits, y_bits): (u32, u32), east: f32, north: f32) -> f32 {
    let side = |shift: u32, bits: u32| ((sides >> shift & 0xff) << bits) as f32;
    greater(side(0, x_bits) * east, side(16, x_bits) * east)
        + greater(side(8, y_bits) * north, side(24, y_bits) * north)
}

/// How near each of some runs may come to a place: the squared distance in square metres, as the bits of an `f32`, whose
/// lowest bits are the run's number. Bits of positive numbers are in order, and fewer of them mean nearer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ranking {
    ranks: [[i32; LANES]; EIGHTS],
    count: usize,
}

impl Ranking {
    /// Runs that are ranked together.
    pub(super) const RUNS: usize = EIGHTS * LANES;

    #[inline(always)]
    fn eights(&self) -> &[[i32; LANES]] {
        &self.ranks[..self.count.div_ceil(LANES)]
    }

    /// The nearest of them, and the nearest of the others; the same if there is but one.
    #[inline(always)]
    pub(super) fn nearest_two(&self) -> (usize, usize) {
        let first = self.least_but(i32::MAX);
        let second = self.least_but(first);
        // Ranks of absent runs are the last one's again, but for the number.
        let index = |rank: i32| ((rank & INDEX_MASK) as usize).min(self.count - 1);
        (index(first), if second == i32::MAX { index(first) } else { index(second) })
    }

    #[inline(always)]
    fn least_but(&self, known: i32) -> i32 {
        let mut least = [i32::MAX; LANES];
        for ranks in self.eights() {
            for lane in 0..LANES {
                let rank = if ranks[lane] == known { i32::MAX } else { ranks[lane] };
                least[lane] = if rank < least[lane] { rank } else { least[lane] };
            }
        }
        least.into_iter().fold(i32::MAX, |a, b| if a < b { a } else { b })
    }

    /// A squared distance that the run is not nearer than, square metres.
    #[inline(always)]
    pub(super) fn least_squared(&self, index: usize) -> f64 {
        let rank = self.ranks[index / LANES % EIGHTS][index % LANES];
        f64::from(f32::from_bits((rank & !INDEX_MASK) as u32))
    }

    /// The runs that may be as near as this, square metres, but for two that are known.
    #[inline(always)]
    pub(super) fn within(&self, squared: f64, known: [usize; 2]) -> impl Iterator<Item = usize> + use<> {
        let bar = (squared as f32).next_up().to_bits() as i32 | INDEX_MASK;
        let mut left = 0_u32;
        for (number, ranks) in self.eights().iter().enumerate() {
            let mut bits = 0_u32;
            for (lane, &rank) in ranks.iter().enumerate() {
                bits |= u32::from(rank <= bar) << lane;
            }
            left |= bits << (number * LANES);
        }
        // Absent runs count for nothing.
        left &= u32::MAX >> (Self::RUNS - self.count.clamp(1, Self::RUNS));
        left &= !(1 << known[0] | 1 << known[1]);
        std::iter::from_fn(move || {
            let index = left.trailing_zeros() as usize;
            left &= left.wrapping_sub(1);
            (index < Self::RUNS).then_some(index)
        })
    }
}

/// How near a box may come to a place, roughly but never too far.
pub(super) struct Reach {
    at: Vertex,
    east: f32,
    shrinking: f32,
    north: f32,
}

impl Reach {
    #[inline(always)]
    pub(super) fn around(frame: &Frame, at: Vertex) -> Self {
        Self {
            at,
            east: frame.own.east as f32 * (1.0 - BEND),
            shrinking: (frame.shrinking() / 2.0) as f32,
            north: frame.own.north as f32 * (1.0 - BEND),
        }
    }

    /// Squared, square metres. `base` is the low corner as seen from the place. Half-way to any place of the box the
    /// eastern scale is at least what it would be half-way to its farther edge.
    #[inline(always)]
    fn least_squared(&self, sides: i32, base: (i32, i32), (x_bits, y_bits): (u32, u32)) -> f32 {
        let side =
            |shift: u32, base: i32, bits: u32| base.wrapping_add((sides >> shift & 0xff) << bits) as f32;
        let (west, south) = (side(0, base.0, x_bits), side(8, base.1, y_bits));
        let (east, north) = (side(16, base.0, x_bits), side(24, base.1, y_bits));
        let farthest = greater(south.abs(), north.abs());
        let scale = greater(self.east - self.shrinking * farthest, 0.0);
        let x = greater(greater(west, -east), 0.0) * scale;
        let y = greater(greater(south, -north), 0.0) * self.north;
        x * x + y * y
    }
}

const fn greater(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}
