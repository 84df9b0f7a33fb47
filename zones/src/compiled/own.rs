//! A wearer's own zones in one block: their shapes one after the other, so that all distances are one walk.

use crate::{
    Circle, Geometry, Zone,
    boundary::{Boundary, Edge, Extent, Vertex},
    distance::signed_distance_to_boundary_m,
    earth::{Frame, wrapped_e7},
};
use lenke_wire::Position;
use std::{ops::Range, sync::Arc};

/// The own zones of one wearer, by id.
#[derive(Clone, Debug, Default)]
pub(super) struct OwnBlock {
    zones: Box<[Arc<Zone>]>,
    shapes: Box<[Shape]>,
    edges: Box<[Edge]>,
    groups: Box<[Extent]>,
}

#[derive(Clone, Debug)]
enum Shape {
    Circle(Circle),
    Polygons { origin_e7: i64, extent: Extent, edges: Range<u32>, groups: Range<u32> },
}

impl OwnBlock {
    pub(super) fn new<'a>(zones: impl IntoIterator<Item = &'a Arc<Zone>>) -> Self {
        let mut zones: Vec<Arc<Zone>> = zones.into_iter().map(Arc::clone).collect();
        zones.sort_unstable_by_key(|zone| zone.id);
        let (mut edges, mut groups) = (Vec::new(), Vec::new());
        let shape = |zone: &Arc<Zone>| match &zone.geometry {
            Geometry::Circle(circle) => Shape::Circle(*circle),
            Geometry::Polygons(polygons) => {
                let boundary = polygons.boundary();
                let (first_edge, first_group) = (edges.len() as u32, groups.len() as u32);
                edges.extend_from_slice(boundary.edges);
                groups.extend_from_slice(boundary.groups);
                Shape::Polygons {
                    origin_e7: polygons.origin_e7(),
                    extent: boundary.extent,
                    edges: first_edge..edges.len() as u32,
                    groups: first_group..groups.len() as u32,
                }
            }
        };
        let shapes = zones.iter().map(shape).collect();
        Self { zones: zones.into(), shapes, edges: edges.into(), groups: groups.into() }
    }

    pub(super) fn zones(&self) -> &[Arc<Zone>] {
        &self.zones
    }

    /// The signed distance to each zone, metres, in the zones' order.
    pub(super) fn distances(&self, frame: &Frame, position: Position) -> impl Iterator<Item = f64> {
        self.shapes.iter().map(move |shape| match shape {
            Shape::Circle(circle) => circle.signed_distance_m(position),
            Shape::Polygons { origin_e7, extent, edges, groups } => {
                let boundary = Boundary {
                    edges: &self.edges[edges.start as usize..edges.end as usize],
                    groups: &self.groups[groups.start as usize..groups.end as usize],
                    extent: *extent,
                };
                let x = wrapped_e7(i64::from(position.lon_e7()) - origin_e7) as i32;
                let at = Vertex { x, y: position.lat_e7() };
                signed_distance_to_boundary_m(boundary, frame, at, *origin_e7)
            }
        })
    }
}
