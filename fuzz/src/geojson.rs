//! Any text ends in zones or in an error that names the place. What it becomes is valid: it serializes and comes back as
//! it was, and the tag has the same opinion of every corner of it.

use lenke_fence::ZoneSet;
use lenke_wire::Position;
use lenke_zones::{Assignment, FenceRoom, Geometry, WearerId, ZoneId, fence_set, geojson, verdict};

/// Panics where an input breaks what must hold.
pub fn check(text: &str) {
    let Ok(drafts) = geojson::read_zones(text) else { return };
    for draft in drafts.into_iter().take(4) {
        let Ok(zone) = draft.into_zone(ZoneId(1), 1, Assignment::Personal(WearerId(1))) else { continue };
        let json = serde_json::to_string(&zone).expect("a zone serializes");
        let again = serde_json::from_str(&json).expect("a zone comes back");
        assert_eq!(zone, again);
        let room = FenceRoom { bytes: lenke_fence::set::SET_BYTES_MAX, zones: 1 };
        let set = fence_set([&zone], room).expect("room for one");
        if !set.left_out.is_empty() {
            continue;
        }
        let parsed = ZoneSet::parse(&set.bytes).expect("what is encoded is valid");
        let on_tag = parsed.zones().next().expect("one zone");
        for place in corners(&zone.geometry) {
            let inside = zone.geometry.contains(place);
            assert_eq!(on_tag.contains(place), inside, "{place:?}");
            assert_eq!(on_tag.signed_distance(place).0 >= 0, inside, "{place:?}");
            assert_eq!(verdict(&zone, place, 0.0).probability > 0.5, inside, "{place:?}");
        }
    }
}

/// The first corners of a geometry, and places a unit beside them.
fn corners(geometry: &Geometry) -> Vec<Position> {
    let corners: Vec<Position> = match geometry {
        Geometry::Circle(circle) => vec![circle.centre()],
        Geometry::Polygons(polygons) => {
            let all = polygons.coordinates();
            let all = all.iter().flatten().flatten().take(32);
            all.filter_map(|[lon, lat]| Position::from_degrees(*lat, *lon).ok()).collect()
        }
    };
    let beside = |at: Position, (y, x): (i32, i32)| Position::from_e7(at.lat_e7() + y, at.lon_e7() + x).ok();
    let steps = [(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)];
    corners.iter().flat_map(|at| steps.iter().filter_map(|step| beside(*at, *step))).collect()
}
