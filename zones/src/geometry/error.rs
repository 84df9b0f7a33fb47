//! What is wrong with a geometry, and where.

use std::fmt;

/// Where in a geometry: indices count from 0 as in JSON arrays; the text counts from 1 as people do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which polygon.
    pub polygon: usize,
    /// Which of its rings; 0 is the outline.
    pub ring: Option<usize>,
    /// Which of the ring's vertices.
    pub vertex: Option<usize>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "polygon {}", self.polygon + 1)?;
        if let Some(ring) = self.ring {
            write!(f, ", ring {}", ring + 1)?;
        }
        if let Some(vertex) = self.vertex {
            write!(f, ", vertex {}", vertex + 1)?;
        }
        Ok(())
    }
}

/// A geometry that is refused.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GeometryError {
    /// Where, if it is about a place in polygons.
    pub at: Option<Place>,
    /// What.
    pub fault: GeometryFault,
}

impl fmt::Display for GeometryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            Some(place) => write!(f, "{place}: {}", self.fault),
            None => self.fault.fmt(f),
        }
    }
}

impl std::error::Error for GeometryError {}

/// What can be wrong with a geometry.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum GeometryFault {
    /// A coordinate is NaN or infinite.
    #[error("a coordinate is not a number")]
    NotANumber,
    /// Latitude beyond +-90 degrees.
    #[error("the latitude is not within -90 to 90 degrees (GeoJSON puts the longitude first)")]
    LatitudeOutOfRange,
    /// Longitude beyond +-180 degrees.
    #[error("the longitude is not within -180 to 180 degrees")]
    LongitudeOutOfRange,
    /// Nearer to a pole than zones may lie.
    #[error("zones may not lie beyond 85 degrees of latitude")]
    NearPole,
    /// The ring goes round a pole.
    #[error("the ring goes round the earth")]
    AroundPole,
    /// Wider than zones may be.
    #[error("the zone spans more than {} degrees of longitude", super::WIDTH_DEGREES_MAX)]
    TooWide,
    /// No polygon, or a polygon without a ring.
    #[error("there is no ring")]
    Empty,
    /// Fewer than three different vertices.
    #[error("the ring has fewer than 3 different vertices")]
    TooFewVertices,
    /// More vertices than allowed.
    #[error("the zone has more than {} vertices", super::VERTICES_MAX)]
    TooManyVertices,
    /// The last vertex is not the first.
    #[error("the ring is not closed: its last vertex is not its first")]
    NotClosed,
    /// All vertices lie on one line.
    #[error("the ring encloses no area")]
    ZeroArea,
    /// The ring crosses or touches itself, or turns back on itself.
    #[error("the ring meets itself again at its edge from vertex {other}", other = .other + 1)]
    SelfIntersection {
        /// First vertex of the other edge of the same ring.
        other: usize,
    },
    /// Two rings cross, overlap along an edge, or a vertex of one lies on an edge of the other.
    #[error("the ring meets ring {} of polygon {} other than in a common vertex", .ring + 1, .polygon + 1)]
    RingsMeet {
        /// Polygon of the other ring.
        polygon: usize,
        /// The other ring.
        ring: usize,
    },
    /// A hole lies outside of its polygon's outline.
    #[error("the hole is not inside its polygon's outline")]
    HoleOutside,
    /// Two holes, or two polygons, lie within each other.
    #[error("the ring lies within ring {} of polygon {}", .ring + 1, .polygon + 1)]
    RingsOverlap {
        /// Polygon of the other ring.
        polygon: usize,
        /// The other ring.
        ring: usize,
    },
    /// A circle's radius is not a positive number, or too large.
    #[error("the radius {0} m is not above 0 and at most {max} m", max = super::CIRCLE_RADIUS_M_MAX)]
    Radius(f64),
}

impl GeometryFault {
    /// This fault at a place.
    pub(super) const fn at(self, polygon: usize, ring: usize, vertex: usize) -> GeometryError {
        GeometryError { at: Some(Place { polygon, ring: Some(ring), vertex: Some(vertex) }), fault: self }
    }

    /// This fault of a whole ring.
    pub(super) const fn of_ring(self, polygon: usize, ring: usize) -> GeometryError {
        GeometryError { at: Some(Place { polygon, ring: Some(ring), vertex: None }), fault: self }
    }

    /// This fault of the whole geometry.
    pub(super) const fn of_all(self) -> GeometryError {
        GeometryError { at: None, fault: self }
    }
}
