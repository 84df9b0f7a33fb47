//! Signed distances to four circles side by side.

use super::CIRCLES;
use crate::{
    boundary::Line,
    earth::{Frame, LATITUDE_MAX, MIDDLE_LATITUDE_M_MAX},
    geometry::{is_in_doubt, sided},
    space::SpacePoint,
};
use lenke_wire::Position;

const FULL_TURN: f64 = 3.6e9;
const HALF_TURN: f64 = 1.8e9;

/// Signed distances to the four circles of a line: the same as [`crate::Circle`]'s, bit for bit.
#[inline(always)]
pub(super) fn distances_to_circles(line: &Line, frame: &Frame, position: Position) -> [f64; CIRCLES] {
    let (lat, lon) = (f64::from(position.lat_e7()), f64::from(position.lon_e7()));
    let mut lengths = [0.0; CIRCLES];
    for (lane, length) in lengths.iter_mut().enumerate() {
        let north = f64::from(line.x[lane]) - lat;
        let east = f64::from(line.x[lane + CIRCLES]) - lon;
        let east = if east >= HALF_TURN { east - FULL_TURN } else { east };
        let east = if east < -HALF_TURN { east + FULL_TURN } else { east };
        *length = frame.half_way_near(north / 2.0).length_m(east, north);
    }
    let near_pole = position.lat().abs() > LATITUDE_MAX;
    let mut is_far = false;
    for length in lengths {
        is_far |= length > MIDDLE_LATITUDE_M_MAX;
    }
    if near_pole | is_far {
        lengths = long_lines_to(line, position, lengths, near_pole);
    }
    let mut distances = lengths;
    let mut is_doubtful = false;
    for lane in 0..CIRCLES {
        distances[lane] = radius_m(line, lane) - lengths[lane];
        is_doubtful |= is_in_doubt(radius_m(line, lane), distances[lane]);
    }
    if is_doubtful {
        for (lane, distance) in distances.iter_mut().enumerate() {
            let centre = Position::from_e7(line.x[lane], line.x[lane + CIRCLES]);
            let radius_m = radius_m(line, lane);
            *distance = centre.map_or(*distance, |centre| sided(centre, radius_m, lengths[lane], position));
        }
    }
    distances
}

#[inline(always)]
fn radius_m(line: &Line, lane: usize) -> f64 {
    f64::from_bits(u64::from(line.y[lane] as u32) | u64::from(line.y[lane + CIRCLES] as u32) << 32)
}

/// The lengths, of which those that are too long, or all near a pole, are measured by the chord.
#[inline(never)]
fn long_lines_to(
    line: &Line,
    position: Position,
    lengths: [f64; CIRCLES],
    near_pole: bool,
) -> [f64; CIRCLES] {
    let place = (position.lon(), position.lat());
    let here = SpacePoint::of(place);
    std::array::from_fn(|lane| {
        if near_pole || lengths[lane] > MIDDLE_LATITUDE_M_MAX {
            let there = (f64::from(line.x[lane + CIRCLES]) / 1e7, f64::from(line.x[lane]) / 1e7);
            here.long_line_m(place, there)
        } else {
            lengths[lane]
        }
    })
}
