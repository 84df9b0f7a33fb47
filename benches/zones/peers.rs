//! Zones as the peers keep them, and the loops a peer would write.

use super::workload::place;
use geo::{Distance, Euclidean};
use lenke_wire::Position;
use lenke_zones::{Circle, Geometry, Zone};
use rstar::{
    AABB, RTree,
    primitives::{GeomWithData, Rectangle},
};

/// In whole units of 1e-7 degrees, so that a peer's answers are exact as well.
pub(crate) enum Peer {
    /// All peers measure circles as we do; the peers' own part is finding them.
    Circle(Circle),
    Polygon(geo::Polygon),
}

pub(crate) type Tree = RTree<GeomWithData<Rectangle<[f64; 2]>, usize>>;

impl Peer {
    pub(crate) fn new(zone: &Zone) -> Self {
        match &zone.geometry {
            Geometry::Circle(circle) => Self::Circle(*circle),
            polygons @ Geometry::Polygons(_) => {
                Self::Polygon(geo::Polygon::new(unit_coordinates(polygons).into(), Vec::new()))
            }
        }
    }
}

pub(crate) fn tree(boxes: &[[f64; 4]]) -> Tree {
    let entry = |(number, [west, south, east, north]): (usize, &[f64; 4])| {
        GeomWithData::new(Rectangle::from_corners([*west, *south], [*east, *north]), number)
    };
    RTree::bulk_load(boxes.iter().enumerate().map(entry).collect())
}

/// Numbers of the zones whose box holds a place.
pub(crate) fn candidates(tree: &Tree, (x, y): (f64, f64)) -> impl Iterator<Item = usize> + '_ {
    tree.locate_in_envelope_intersecting(AABB::from_point([x, y])).map(|entry| entry.data)
}

pub(crate) fn unit_coordinates(geometry: &Geometry) -> Vec<(f64, f64)> {
    let Geometry::Polygons(polygons) = geometry else { return Vec::new() };
    let ring = polygons.coordinates().remove(0).remove(0);
    ring.into_iter().map(|[lon, lat]| ((lon * 1e7).round(), (lat * 1e7).round())).collect()
}

pub(crate) fn unit_box(zone: &Zone) -> [f64; 4] {
    let bounds = zone.geometry.bounds();
    [bounds.west * 1e7, bounds.south * 1e7, bounds.east * 1e7, bounds.north * 1e7]
}

pub(crate) fn unit_point(position: Position) -> (f64, f64) {
    (f64::from(position.lon_e7()), f64::from(position.lat_e7()))
}

/// The ray casting loop that a peer would write (W. R. Franklin's pnpoly).
pub(crate) fn ray_cast(ring: &[(f64, f64)], (x, y): (f64, f64)) -> bool {
    let mut inside = false;
    for pair in ring.windows(2) {
        let ((ax, ay), (bx, by)) = (pair[0], pair[1]);
        if (ay > y) != (by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax {
            inside = !inside;
        }
    }
    inside
}

/// A circle as a peer would project it once: metres per degree at its centre, and their change to the north.
pub(crate) struct Plane {
    circle: Circle,
    lon_m: f64,
    lon_m_per_degree: f64,
    lat_m: f64,
}

impl Plane {
    pub(crate) fn new(circle: Circle) -> Self {
        let (lat, lon) = (circle.centre().lat(), circle.centre().lon());
        let across =
            |lat: f64| lenke_zones::distance_m(place((lat, lon - 0.01)), place((lat, lon + 0.01))) / 0.02;
        let lat_m = lenke_zones::distance_m(place((lat - 0.01, lon)), place((lat + 0.01, lon))) / 0.02;
        let change = (across(lat + 0.1) - across(lat - 0.1)) / 0.2;
        Self { circle, lon_m: across(lat), lon_m_per_degree: change, lat_m }
    }

    /// Whether the way between two places outside leads through the circle.
    pub(crate) fn is_crossed(&self, from: Position, to: Position) -> bool {
        self.depth_m(from, to) > 0.0
            && self.circle.signed_distance_m(from) < 0.0
            && self.circle.signed_distance_m(to) < 0.0
    }

    /// How far the way reaches into the circle, metres; below zero if it passes by.
    pub(crate) fn depth_m(&self, from: Position, to: Position) -> f64 {
        let centre = self.circle.centre();
        let plane = |at: Position| {
            let north = at.lat() - centre.lat();
            let lon_m = self.lon_m + self.lon_m_per_degree * north / 2.0;
            ((at.lon() - centre.lon()) * lon_m, north * self.lat_m)
        };
        let line = geo::Line::new(plane(from), plane(to));
        self.circle.radius().0 - Euclidean.distance(&geo::Point::new(0.0, 0.0), &line)
    }
}
