//! From GeoJSON's coordinates to rings of integers: ranges, snapping to 1e-7 degrees, the antimeridian, closing.

use super::{GeometryError, GeometryFault};
use crate::earth::{FULL_TURN_E7, LATITUDE_MAX, wrapped_e7};

/// A last vertex this near to the first, in 1e-7 degrees, closes the ring: it was meant to.
const CLOSING_GAP_E7: i64 = 2;

/// A vertex in 1e-7 degrees; `x` is the longitude, without a jump at the antimeridian.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Corner {
    pub(super) x: i64,
    pub(super) y: i64,
}

/// A ring on its way to validation: not closed, no vertex twice in a row.
#[derive(Clone, Debug)]
pub(super) struct RawRing {
    /// Index of its polygon.
    pub(super) polygon: usize,
    /// Index within its polygon; 0 is the outline.
    pub(super) ring: usize,
    pub(super) corners: Vec<Corner>,
    /// Index of each corner in the coordinates as given.
    pub(super) given: Vec<usize>,
}

impl RawRing {
    /// Reads, snaps and repairs one ring.
    pub(super) fn read(polygon: usize, ring: usize, coordinates: &[[f64; 2]]) -> Result<Self, GeometryError> {
        let mut read = Self { polygon, ring, corners: Vec::new(), given: Vec::new() };
        let mut last = None;
        for (index, &coordinate) in coordinates.iter().enumerate() {
            let corner = corner(coordinate, last).map_err(|fault| fault.at(polygon, ring, index))?;
            if last != Some(corner) {
                read.corners.push(corner);
                read.given.push(index);
            }
            last = Some(corner);
        }
        read.close(coordinates.len())?;
        read.check_size()?;
        Ok(read)
    }

    /// Drops the last corner, which must be the first again.
    fn close(&mut self, given: usize) -> Result<(), GeometryError> {
        let (Some(first), Some(last)) = (self.corners.first(), self.corners.last()) else {
            return Err(GeometryFault::TooFewVertices.of_ring(self.polygon, self.ring));
        };
        let place = given.saturating_sub(1);
        if (last.x - first.x).abs() >= FULL_TURN_E7 - CLOSING_GAP_E7 {
            return Err(GeometryFault::AroundPole.at(self.polygon, self.ring, place));
        }
        if given < 2 || (last.x - first.x).abs().max((last.y - first.y).abs()) > CLOSING_GAP_E7 {
            return Err(GeometryFault::NotClosed.at(self.polygon, self.ring, place));
        }
        if self.corners.len() > 1 {
            self.corners.pop();
            self.given.pop();
        }
        Ok(())
    }

    fn check_size(&self) -> Result<(), GeometryError> {
        let mut distinct = self.corners.clone();
        distinct.sort_unstable();
        distinct.dedup();
        let [a, b, ..] = distinct[..] else {
            return Err(GeometryFault::TooFewVertices.of_ring(self.polygon, self.ring));
        };
        if distinct.len() < 3 {
            return Err(GeometryFault::TooFewVertices.of_ring(self.polygon, self.ring));
        }
        if distinct.iter().all(|&c| side(a, b, c) == 0) {
            return Err(GeometryFault::ZeroArea.of_ring(self.polygon, self.ring));
        }
        Ok(())
    }

    /// Twice the signed area; positive if counter-clockwise.
    pub(super) fn area_doubled(&self) -> i128 {
        let next = self.corners.iter().cycle().skip(1);
        self.corners
            .iter()
            .zip(next)
            .map(|(a, b)| i128::from(a.x) * i128::from(b.y) - i128::from(b.x) * i128::from(a.y))
            .sum()
    }

    /// Moves the ring by full turns, so that it lies as near to `x` as it can.
    pub(super) fn turn_towards(&mut self, x: i64) {
        let Some(first) = self.corners.first() else { return };
        let turn = x + wrapped_e7(first.x - x) - first.x;
        for corner in &mut self.corners {
            corner.x += turn;
        }
    }

    /// Edges as pairs of corners, with the index of the first.
    pub(super) fn edges(&self) -> impl Iterator<Item = (usize, Corner, Corner)> + '_ {
        let next = self.corners.iter().cycle().skip(1);
        self.corners.iter().zip(next).enumerate().map(|(index, (&a, &b))| (index, a, b))
    }
}

/// One coordinate, its longitude continued from the corner before by the shorter way.
fn corner([lon, lat]: [f64; 2], before: Option<Corner>) -> Result<Corner, GeometryFault> {
    if !lon.is_finite() || !lat.is_finite() {
        return Err(GeometryFault::NotANumber);
    }
    if lat.abs() > 90.0 {
        return Err(GeometryFault::LatitudeOutOfRange);
    }
    if lon.abs() > 180.0 {
        return Err(GeometryFault::LongitudeOutOfRange);
    }
    if lat.abs() > LATITUDE_MAX {
        return Err(GeometryFault::NearPole);
    }
    let (x, y) = ((lon * 1e7).round() as i64, (lat * 1e7).round() as i64);
    let x = before.map_or(x, |before| before.x + wrapped_e7(x - before.x));
    Ok(Corner { x, y })
}

/// On which side of the line from `a` to `b` the corner `c` lies: positive left, 0 on it. Exact: twice the triangle's
/// area, below 2^63 for everything that [`super::WIDTH_DEGREES_MAX`] allows.
pub(super) fn side(a: Corner, b: Corner, c: Corner) -> i128 {
    i128::from(b.x - a.x) * i128::from(c.y - a.y) - i128::from(c.x - a.x) * i128::from(b.y - a.y)
}
