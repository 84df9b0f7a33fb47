//! What the tests of several modules share.

use crate::{Assignment, ConfirmPolicy, Geometry, GroupId, Metres, WearerId, Zone, ZoneId, ZoneKind};
use lenke_wire::Position;
use std::f64::consts::TAU;

pub(crate) fn place(lat: f64, lon: f64) -> Position {
    Position::from_degrees(lat, wrapped(lon)).unwrap()
}

pub(crate) fn wrapped(lon: f64) -> f64 {
    (lon + 180.0).rem_euclid(360.0) - 180.0
}

/// A star-shaped polygon: corners in even turns, at these distances in degrees of latitude.
pub(crate) fn star(lat: f64, lon: f64, radii: &[f64]) -> Geometry {
    Geometry::polygons(vec![vec![star_ring(lat, lon, radii)]]).unwrap()
}

pub(crate) fn star_ring(lat: f64, lon: f64, radii: &[f64]) -> Vec<[f64; 2]> {
    let corner = |(index, radius): (usize, &f64)| {
        let (sin, cos) = (TAU * index as f64 / radii.len() as f64).sin_cos();
        [wrapped(lon + radius * cos / lat.to_radians().cos()), lat + radius * sin]
    };
    let open: Vec<[f64; 2]> = radii.iter().enumerate().map(corner).collect();
    open.iter().chain(open.first()).copied().collect()
}

pub(crate) fn personal(id: u64, wearer: u64, geometry: Geometry) -> Zone {
    Zone {
        id: ZoneId(id),
        version: 1,
        name: format!("zone {id}"),
        kind: ZoneKind::Exclusion,
        geometry,
        buffer: Metres(100.0),
        policy: ConfirmPolicy::default(),
        schedule: None,
        assignment: Assignment::Personal(WearerId(wearer)),
    }
}

pub(crate) fn shared(id: u64, groups: &[u64], geometry: Geometry) -> Zone {
    let groups = groups.iter().map(|&group| GroupId(group)).collect();
    Zone { assignment: Assignment::Shared(groups), ..personal(id, 0, geometry) }
}
