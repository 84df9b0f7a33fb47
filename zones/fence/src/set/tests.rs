//! Sets come back as they were; nothing else is taken for a set.

use super::*;
use crate::Encoder;
use proptest::prelude::*;
use std::{vec, vec::Vec};

fn place(lat_e7: i32, lon_e7: i32) -> Position {
    Position::from_e7(lat_e7, lon_e7).unwrap()
}

fn head(id: u64) -> Head {
    Head { id, version: 3, kind: Kind::Exclusion, is_scheduled: false, buffer_m: 200 }
}

/// A circle, and a square with a hole over the antimeridian.
fn sample(buffer: &mut [u8]) -> &[u8] {
    let square = |half: i32| {
        [(-half, -half), (-half, half), (half, half), (half, -half)].map(|(lat, lon)| {
            let lon = 1_800_000_000 + i64::from(lon);
            place(-170_000_000 + lat, if lon > 1_800_000_000 { lon - 3_600_000_000 } else { lon } as i32)
        })
    };
    let mut encoder = Encoder::new(buffer).unwrap();
    encoder.put_circle(head(1), place(599_138_689, 107_522_454), 500_000).unwrap();
    let home = Head { kind: Kind::Inclusion, is_scheduled: true, buffer_m: 0, ..head(70_000) };
    encoder.put_polygons(home, &[square(10_000), square(1_000)]).unwrap();
    encoder.finish().unwrap()
}

/// Puts the right checksum at the end.
fn sealed(mut content: Vec<u8>) -> Vec<u8> {
    let sum = checksum(&content);
    content.extend(sum.to_le_bytes());
    content
}

#[test]
fn a_set_has_these_bytes() {
    let mut buffer = [0; 200];
    let bytes = sample(&mut buffer);
    let circle = [1, 1, 3, 2, 200, 1, 0x81, 0x21, 0xB6, 0x23, 0x96, 0xA9, 0x68, 0x06, 0xA0, 0xC2, 0x1E];
    assert_eq!(bytes[..circle.len()], circle);
    assert_eq!(bytes.len(), 73);
}

#[test]
fn zones_come_back() {
    let mut buffer = [0; 200];
    let set = ZoneSet::parse(sample(&mut buffer)).unwrap();
    let zones: Vec<Zone<'_>> = set.zones().collect();
    assert_eq!(zones.iter().map(Zone::id).collect::<Vec<_>>(), [1, 70_000]);
    assert_eq!(zones[0].head, head(1));
    assert_eq!((zones[1].kind(), zones[1].is_scheduled(), zones[1].buffer_m()), (Kind::Inclusion, true, 0));
    let Shape::Circle(circle) = zones[0].shape else { panic!("a circle") };
    assert_eq!((circle.centre(), circle.radius_mm()), (place(599_138_689, 107_522_454), 500_000));
    let square = zones[1];
    for (lat, lon, inside) in [
        (-170_000_000, -1_799_998_000, true),
        (-170_000_000, 1_799_998_000, true),
        (-170_000_000, 1_800_000_000, false),
        (-170_000_000, -1_800_000_000, false),
        (-170_005_000, 1_800_000_000, true),
        (-170_020_000, 1_800_000_000, false),
        (170_000_000, 1_799_998_000, false),
        (-170_000_000, 0, false),
    ] {
        assert_eq!(square.contains(place(lat, lon)), inside, "{lat} {lon}");
        assert_eq!(square.signed_distance(place(lat, lon)) >= Decimetres(0), inside, "{lat} {lon}");
    }
}

#[test]
fn every_truncation_and_every_changed_bit_is_found() {
    let mut buffer = [0; 200];
    let bytes = sample(&mut buffer).to_vec();
    for length in 0..bytes.len() {
        assert!(ZoneSet::parse(&bytes[..length]).is_err(), "{length}");
    }
    for bit in 0..bytes.len() * 8 {
        let mut changed = bytes.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let error = ZoneSet::parse(&changed).unwrap_err();
        assert!(matches!(error, FenceError::Checksum | FenceError::Format(_)), "{bit}: {error:?}");
    }
}

#[test]
fn what_a_set_may_not_hold_is_refused_by_name() {
    let whole = |content: &[u8]| ZoneSet::parse(&sealed(content.to_vec())).map(|set| set.zones().count());
    let oslo = [0x01, 0x02, 0xB6, 0x23, 0x16, 0xA9, 0x68, 0x06];
    let circle = |start: &[u8], end: &[u8]| whole(&[&[1], start, &oslo, end].concat());
    assert_eq!(whole(&[1]), Ok(0));
    assert_eq!(circle(&[1, 1, 2, 0], &[5]), Ok(1));
    assert_eq!(whole(&[2]), Err(FenceError::Format(2)));
    assert_eq!(circle(&[1, 0, 2, 0], &[5]), Err(FenceError::Version));
    assert_eq!(circle(&[1, 1, 10, 0], &[5]), Err(FenceError::Flags(10)));
    assert_eq!(circle(&[1, 1, 2, 0xD1, 0x86, 3], &[5]), Err(FenceError::Buffer));
    assert_eq!(circle(&[1, 1, 2, 0], &[0]), Err(FenceError::Radius));
    assert_eq!(circle(&[1, 1, 2, 0], &[]), Err(FenceError::Truncated));
    assert_eq!(circle(&[1, 1, 2, 0], &[0x85, 0]), Err(FenceError::Number));
    assert_eq!(whole(&[1, 1, 1, 2, 0, 0, 0, 0, 127, 0, 0, 0, 0, 5]), Err(FenceError::Place));
    let two = [&[1, 1, 2, 0][..], &oslo, &[5, 1, 1, 2, 0], &oslo].concat();
    assert_eq!(circle(&two[..4], &[&[5][..], &two[13..], &[5]].concat()), Err(FenceError::Order));
    // Polygons: width, height, rings, vertices, steps.
    let polygons = |end: &[u8]| circle(&[1, 1, 0, 0], end);
    assert_eq!(polygons(&[2, 2, 1, 3, 0, 0, 4, 0, 0, 4]), Ok(1));
    assert_eq!(polygons(&[2, 2, 0]), Err(FenceError::NoRing));
    assert_eq!(polygons(&[2, 2, 1, 2, 0, 0, 4, 4]), Err(FenceError::Ring));
    assert_eq!(polygons(&[2, 2, 1, 3, 0, 0, 4, 0, 0, 6]), Err(FenceError::Extent));
    assert_eq!(polygons(&[3, 2, 1, 3, 0, 0, 4, 0, 0, 4]), Err(FenceError::Extent));
    assert_eq!(polygons(&[0x81, 0xD2, 0x93, 0xAD, 3, 2, 1]), Err(FenceError::Width));
    assert_eq!(polygons(&[2, 2, 1, 0x91, 0x4E]), Err(FenceError::Vertices));
    assert_eq!(ZoneSet::parse(&[1; SET_BYTES_MAX + 1]).unwrap_err(), FenceError::TooLong);
}

#[test]
fn a_zone_without_room_leaves_the_set_as_it_was() {
    for room in 0..40 {
        let mut buffer = vec![0; room];
        let Ok(mut encoder) = Encoder::new(&mut buffer) else {
            assert!(room < 5);
            continue;
        };
        let mut count = 0;
        for id in 0..3 {
            match encoder.put_circle(head(id), place(599_138_689, 107_522_454), 500_000) {
                Ok(()) => count += 1,
                Err(error) => assert_eq!(error, FenceError::NoRoom),
            }
        }
        let length = encoder.length();
        let bytes = encoder.finish().unwrap();
        assert_eq!(bytes.len(), length);
        assert_eq!(ZoneSet::parse(bytes).unwrap().zones().count(), count);
        assert_eq!(count, (room - 5) / 16);
    }
}

#[test]
fn ids_rise_and_heads_are_valid_in_what_is_written() {
    let mut buffer = [0; 200];
    let mut encoder = Encoder::new(&mut buffer).unwrap();
    let oslo = place(599_138_689, 107_522_454);
    encoder.put_circle(head(5), oslo, 1).unwrap();
    assert_eq!(encoder.put_circle(head(5), oslo, 1), Err(FenceError::Order));
    assert_eq!(encoder.put_circle(Head { version: 0, ..head(6) }, oslo, 1), Err(FenceError::Version));
    assert_eq!(encoder.put_circle(head(6), oslo, 0), Err(FenceError::Radius));
    assert_eq!(encoder.put_polygons(head(6), &[[oslo; 2]]), Err(FenceError::Ring));
    assert_eq!(encoder.put_polygons::<[Position; 3]>(head(6), &[]), Err(FenceError::NoRing));
    encoder.put_circle(head(6), oslo, 1).unwrap();
    assert_eq!(ZoneSet::parse(encoder.finish().unwrap()).unwrap().zones().count(), 2);
}

/// Writes the zones of a set again.
fn rewritten(set: &ZoneSet<'_>) -> Vec<u8> {
    let mut buffer = vec![0; SET_BYTES_MAX];
    let mut encoder = Encoder::new(&mut buffer).unwrap();
    for zone in set.zones() {
        match zone.shape {
            Shape::Circle(circle) => {
                encoder.put_circle(zone.head, circle.centre(), circle.radius_mm()).unwrap()
            }
            Shape::Polygons(polygons) => {
                let (mut rings, mut start): (Vec<Vec<Position>>, bool) = (Vec::new(), true);
                let mut first = None;
                for (a, b) in polygons.edges() {
                    let at = polygons.corner;
                    let lon = crate::earth::wrapped_e7(i64::from(at.1) + i64::from(a.x));
                    if start {
                        rings.push(Vec::new());
                        first = Some(a);
                    }
                    rings.last_mut().unwrap().push(place(at.0 + a.y, lon));
                    start = first == Some(b) && rings.last().unwrap().len() >= 3;
                }
                encoder.put_polygons(zone.head, &rings).unwrap();
            }
        }
    }
    encoder.finish().unwrap().to_vec()
}

#[test]
fn a_set_written_again_is_the_same_bytes() {
    let mut buffer = [0; 200];
    let bytes = sample(&mut buffer);
    assert_eq!(rewritten(&ZoneSet::parse(bytes).unwrap()), bytes);
}

proptest! {
    #[test]
    fn any_bytes_end_in_a_set_or_an_error(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        lat in -900_000_000..=900_000_000_i32, lon in -1_800_000_000..=1_800_000_000_i32,
    ) {
        let mut buffer = [0; 200];
        let bytes = sample(&mut buffer);
        let mut content = bytes[..bytes.len() - 4].to_vec();
        for (index, byte) in changes {
            let at = index.index(content.len());
            content[at] = byte;
        }
        if let Ok(set) = ZoneSet::parse(&sealed(content)) {
            for zone in set.zones() {
                let inside = zone.contains(place(lat, lon));
                prop_assert_eq!(zone.signed_distance(place(lat, lon)).0 >= 0, inside);
            }
        }
    }
}
