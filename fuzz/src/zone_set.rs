//! Any bytes under a right checksum end in an error or in a set whose zones answer, and that has this one form only.

use lenke_fence::{Encoder, Shape, Vertex, ZoneSet, checksum};
use lenke_wire::Position;

/// Panics where an input breaks what must hold.
pub fn check(data: &[u8]) {
    // Without the right checksum first: only an error, or a set that brings it.
    if let Ok(set) = ZoneSet::parse(data) {
        assert!(set.zones().count() <= data.len());
    }
    let Some((place, content)) = data.split_first_chunk::<8>() else { return };
    let [lat, lon] =
        [0, 4].map(|at| i32::from_le_bytes([place[at], place[at + 1], place[at + 2], place[at + 3]]));
    let bytes: Vec<u8> = content.iter().copied().chain(checksum(content).to_le_bytes()).collect();
    let Ok(set) = ZoneSet::parse(&bytes) else { return };
    let place = Position::from_e7(lat % 900_000_001, lon % 1_800_000_001).expect("within the earth");
    let mut buffer = vec![0; bytes.len()];
    let mut encoder = Encoder::new(&mut buffer).expect("room for what was there");
    for zone in set.zones() {
        assert_eq!(zone.signed_distance(place).0 >= 0, zone.contains(place));
        if zone.contains(place) {
            assert!(zone.is_near(place, 0));
        }
        match zone.shape {
            Shape::Circle(circle) => {
                assert!(zone.contains(circle.centre()));
                encoder.put_circle(zone.head, circle.centre(), circle.radius_mm()).expect("as it was");
            }
            Shape::Polygons(polygons) => {
                let edges: Vec<(Vertex, Vertex)> = polygons.edges().collect();
                assert!(edges.len() >= 3);
                return;
            }
        }
    }
    assert_eq!(encoder.finish().expect("room for the checksum"), bytes);
}
