//! Geometry of a zone: a circle or validated polygons.

use crate::Circle;
use serde::{Deserialize, Serialize};

/// Where a zone is. Polygons are GeoJSON coordinates `[polygon][ring][vertex][lon, lat]`, rings closed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Geometry {
    /// A circle.
    Circle(Circle),
    /// One polygon or more, with holes.
    Polygons(Vec<Vec<Vec<[f64; 2]>>>),
}
