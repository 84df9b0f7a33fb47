//! Geometry of a zone: a circle or polygons with holes, on WGS 84.
//!
//! A value that exists is valid: the constructors and deserialization refuse what [`GeometryFault`] lists. Edges of
//! polygons are straight in longitude and latitude (RFC 7946, section 3.1.1). Vertices are kept as integers of 1e-7
//! degrees, so that "inside" is decided exactly.

mod circle;
mod error;
mod polygons;
mod rings;
mod validation;

pub use circle::{CIRCLE_RADIUS_M_MAX, Circle};
pub(crate) use circle::{is_in_doubt, sided};
pub use error::{GeometryError, GeometryFault, Place};
pub use polygons::Polygons;
pub use validation::{VERTICES_MAX, WIDTH_DEGREES_MAX};

use crate::{Metres, earth::Bounds, wide};
use lenke_wire::Position;
use serde::{Deserialize, Serialize};

/// Where a zone is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Geometry {
    /// A circle.
    Circle(Circle),
    /// One polygon or more, with holes.
    Polygons(Polygons),
}

impl Geometry {
    /// Begins to fetch what asking it will read.
    pub(crate) fn fetch(&self) {
        const RUNS_FETCHED: usize = 8;
        if let Self::Polygons(polygons) = self {
            let (head, runs) = polygons.lines();
            head.iter().chain(runs.iter().take(RUNS_FETCHED)).for_each(wide::fetch);
        }
    }

    /// All points within `radius` of `centre`.
    ///
    /// # Errors
    /// The radius is not a positive number below [`CIRCLE_RADIUS_M_MAX`], or the circle reaches too near to a pole.
    pub fn circle(centre: Position, radius: Metres) -> Result<Self, GeometryError> {
        Circle::new(centre, radius).map(Self::Circle)
    }

    /// Polygons in GeoJSON's coordinates `[polygon][ring][vertex][lon, lat]` in degrees: rings closed, the first ring
    /// of a polygon its outline, the others holes. An edge that spans more than 180 degrees of longitude goes over the
    /// antimeridian; polygons cut there (RFC 7946, section 3.1.9) are joined again.
    ///
    /// # Errors
    /// What is wrong and at which polygon, ring and vertex.
    pub fn polygons(coordinates: Vec<Vec<Vec<[f64; 2]>>>) -> Result<Self, GeometryError> {
        Polygons::new(&coordinates).map(Self::Polygons)
    }

    /// Whether a place is inside: exact, and the same as on a tag. A place on an edge is in exactly one of two zones
    /// that share it.
    pub fn contains(&self, position: Position) -> bool {
        match self {
            Self::Circle(circle) => circle.contains(position),
            Self::Polygons(polygons) => polygons.contains(position),
        }
    }

    /// The box around it.
    pub fn bounds(&self) -> Bounds {
        match self {
            Self::Circle(circle) => circle.bounds(),
            Self::Polygons(polygons) => polygons.bounds(),
        }
    }

    /// A GeoJSON geometry: a circle as a polygon of 64 vertices. Longitudes do not jump at the antimeridian (they may
    /// pass 180), as maps want them.
    pub fn to_geojson(&self) -> serde_json::Value {
        let coordinates = match self {
            Self::Circle(circle) => return crate::geojson::polygon(&[vec![circle.outline()]]),
            Self::Polygons(polygons) => polygons.coordinates_unwrapped(),
        };
        crate::geojson::polygon(&coordinates)
    }
}

#[cfg(test)]
mod tests;
