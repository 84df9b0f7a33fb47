//! A tag's zones: parts, forms, crossings.

use super::*;
use crate::journal::Ring;
use lenke_fence::{Encoder, Head};
use lenke_wire::Position;
use std::{vec, vec::Vec};

type Store = Ring<64, 64>;

/// 1e-5 degrees of latitude are 1.11 m.
fn place(north_m: i32) -> Position {
    Position::from_e7(599_138_689 + (f64::from(north_m) / 0.011_132) as i32, 107_522_454).unwrap()
}

fn head(id: u64, kind: Kind) -> Head {
    Head { id, version: 1, kind, is_scheduled: false, buffer_m: 100 }
}

fn set(zones: &[Head]) -> Vec<u8> {
    let mut buffer = vec![0; 40_000];
    let mut encoder = Encoder::new(&mut buffer).unwrap();
    for head in zones {
        encoder.put_circle(*head, place(0), 1_000_000).unwrap();
    }
    encoder.finish().unwrap().to_vec()
}

fn zone_set_head(version: u32, base_version: u32, set: &[u8]) -> ZoneSetHead {
    ZoneSetHead { version, base_version, size: set.len() as u32, hash: Sha256::digest(set).into() }
}

/// Hands in all parts, in this order.
fn hand_in(zones: &mut Zones, store: &mut Store, head: &ZoneSetHead, set: &[u8], order: &[u8]) -> Vec<Part> {
    order
        .iter()
        .map(|&part| zones.handle_part(head, part, &set[head.part_range(part).unwrap()], store))
        .collect()
}

fn in_force(zones: &[Head]) -> (Zones, Store) {
    let (set, mut store, mut tag) = (set(zones), Store::new(), Zones::new());
    let told = hand_in(&mut tag, &mut store, &zone_set_head(1, 0, &set), &set, &[0]);
    let [Part::Complete(set)] = told[..] else { panic!("{told:?}") };
    tag.put_in_force(set);
    (tag, store)
}

fn events(zones: &mut Zones, north_m: i32, accuracy_dm: u16) -> Vec<(EventKind, i32)> {
    let mut told = Vec::new();
    zones.handle_position(place(north_m), accuracy_dm, |crossing| {
        told.push((crossing.event, crossing.zone));
        true
    });
    told
}

#[test]
fn an_exclusion_zone_is_told_of_in_its_strip_inside_and_clearly_outside() {
    let (mut zones, _) = in_force(&[head(7, Kind::Exclusion)]);
    use EventKind::{ZoneEntered, ZoneLeft, ZoneNear};
    for (north_m, expected, near) in [
        (3_000, vec![], false),
        (1_550, vec![], true),
        (1_090, vec![(ZoneNear, 7)], true),
        (1_050, vec![], true),
        (990, vec![(ZoneEntered, 7)], true),
        (10, vec![], true),
        (1_005, vec![], true),
        (1_015, vec![(ZoneLeft, 7)], true),
        (3_000, vec![], false),
        (990, vec![(ZoneEntered, 7)], true),
    ] {
        assert_eq!(events(&mut zones, north_m, 50), expected, "{north_m}");
        assert_eq!(zones.is_near(), near, "{north_m}");
    }
}

#[test]
fn leaving_an_inclusion_zone_needs_more_than_the_accuracy_and_coming_back_does_not() {
    let (mut zones, _) = in_force(&[head(9, Kind::Inclusion)]);
    use EventKind::{ZoneEntered, ZoneLeft};
    assert_eq!(events(&mut zones, 0, 300), []);
    assert!(!zones.is_near(), "the middle of where the wearer must be");
    assert_eq!(events(&mut zones, 1_025, 300), []);
    assert_eq!(events(&mut zones, 1_035, 300), [(ZoneLeft, 9)]);
    assert_eq!(events(&mut zones, 1_035, 300), []);
    assert_eq!(events(&mut zones, 999, 300), [(ZoneEntered, 9)]);
}

#[test]
fn a_reset_hides_no_breach_but_tells_nothing_of_zones_that_only_sometimes_hold() {
    let sometimes = Head { is_scheduled: true, ..head(3, Kind::Inclusion) };
    let (mut zones, mut store) = in_force(&[head(1, Kind::Exclusion), head(2, Kind::Inclusion), sometimes]);
    assert_eq!(events(&mut zones, 0, 50), [(EventKind::ZoneEntered, 1)]);
    let saved = zones.in_force;
    let mut after = Zones::new();
    assert!(after.restore(saved, &mut store));
    assert_eq!(events(&mut after, 0, 50), [(EventKind::ZoneEntered, 1)]);
    let mut elsewhere = Zones::new();
    assert!(elsewhere.restore(saved, &mut store));
    assert_eq!(events(&mut elsewhere, 5_000, 50), [(EventKind::ZoneLeft, 2)]);
}

#[test]
fn only_zones_that_always_hold_are_breached() {
    let sometimes = Head { is_scheduled: true, ..head(3, Kind::Exclusion) };
    let (mut zones, _) = in_force(&[head(1, Kind::Exclusion), sometimes]);
    let mut breaches = Vec::new();
    zones.handle_position(place(0), 50, |crossing| {
        breaches.push((crossing.zone, crossing.is_breach));
        true
    });
    assert_eq!(breaches, [(1, true), (3, false)]);
}

#[test]
fn what_there_was_no_room_to_tell_is_told_next_time() {
    let (mut zones, _) = in_force(&[head(1, Kind::Exclusion), head(2, Kind::Exclusion)]);
    let mut told = Vec::new();
    zones.handle_position(place(0), 50, |crossing| {
        let has_room = told.is_empty();
        if has_room {
            told.push(crossing.zone);
        }
        has_room
    });
    assert_eq!(told, [1]);
    assert_eq!(events(&mut zones, 0, 50), [(EventKind::ZoneEntered, 2)]);
}

/// A set of three parts.
fn long_set() -> Vec<u8> {
    let mut buffer = vec![0; 40_000];
    let mut encoder = Encoder::new(&mut buffer).unwrap();
    let ring: Vec<Position> = (0..700)
        .map(|step| {
            let turn = f64::from(step) / 700.0 * core::f64::consts::TAU;
            let (lat, lon) = (59.9 + 0.01 * turn.sin(), 10.7 + 0.02 * turn.cos());
            Position::from_degrees(lat, lon).unwrap()
        })
        .collect();
    encoder.put_polygons(head(4, Kind::Exclusion), &[ring]).unwrap();
    let set = encoder.finish().unwrap().to_vec();
    assert_eq!(set.len().div_ceil(ZONE_PART_BYTES_MAX), 3, "{}", set.len());
    set
}

#[test]
fn parts_come_in_any_order_and_take_effect_together() {
    for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
        let (mut zones, mut store) = in_force(&[head(1, Kind::Exclusion)]);
        let set = long_set();
        let told = hand_in(&mut zones, &mut store, &zone_set_head(2, 1, &set), &set, &order);
        let [Part::Kept, Part::Kept, Part::Complete(new)] = told[..] else { panic!("{told:?}") };
        assert_eq!(zones.version(), 1, "not in force before the saved state says so");
        zones.put_in_force(new);
        assert_eq!((zones.version(), zones.hash()), (2, Sha256::digest(&set).into()));
        let mut after = Zones::new();
        assert!(after.restore(Some(new), &mut store));
        assert_eq!(after.version(), 2);
    }
}

#[test]
fn what_does_not_hold_together_is_refused_by_name_and_the_old_set_stays() {
    let (mut zones, mut store) = in_force(&[head(1, Kind::Exclusion)]);
    let good = set(&[head(2, Kind::Exclusion)]);
    let mut offer = |head: ZoneSetHead, bytes: &[u8]| zones.handle_part(&head, 0, bytes, &mut store);
    let head_of = zone_set_head(2, 1, &good);
    let old = set(&[head(1, Kind::Exclusion)]);
    let big = vec![0; ZONE_BYTES_MAX + 1];
    let mut broken = good.clone();
    broken[3] ^= 1;
    let refused = Part::Refused;
    assert_eq!(offer(zone_set_head(1, 0, &old), &old), refused(Outcome::Applied));
    assert_eq!(offer(zone_set_head(1, 0, &good), &good), refused(Outcome::Rollback));
    assert_eq!(offer(zone_set_head(3, 2, &good), &good), refused(Outcome::Base));
    assert_eq!(offer(zone_set_head(2, 1, &big), &big[..1_024]), refused(Outcome::Size));
    assert_eq!(offer(head_of, &good[1..]), refused(Outcome::Content));
    assert_eq!(offer(head_of, &broken), refused(Outcome::Content), "the hash is another one");
    assert_eq!(offer(zone_set_head(2, 1, &broken), &broken), refused(Outcome::Content), "no set");
    assert_eq!(zones.version(), 1);
    assert_eq!(events(&mut zones, 0, 50), [(EventKind::ZoneEntered, 1)], "the old set is back in memory");
}

#[test]
fn more_zones_than_there_are_bits_are_refused() {
    let heads: Vec<Head> = (1..=ZONES_MAX as u64 + 1).map(|id| head(id, Kind::Exclusion)).collect();
    let (set, mut store, mut zones) = (set(&heads), Store::new(), Zones::new());
    let order: Vec<u8> = (0..set.len().div_ceil(ZONE_PART_BYTES_MAX) as u8).collect();
    let told = hand_in(&mut zones, &mut store, &zone_set_head(1, 0, &set), &set, &order);
    assert_eq!(told.last(), Some(&Part::Refused(Outcome::Content)));
}

#[test]
fn a_set_of_no_bytes_ends_all_zones() {
    let (mut zones, mut store) = in_force(&[head(1, Kind::Exclusion)]);
    let told = hand_in(&mut zones, &mut store, &zone_set_head(2, 1, &[]), &[], &[0]);
    let [Part::Complete(none)] = told[..] else { panic!("{told:?}") };
    zones.put_in_force(none);
    assert_eq!(events(&mut zones, 0, 50), []);
    assert!(!zones.is_near());
}

#[test]
fn a_set_that_was_not_kept_well_is_none() {
    let (zones, mut store) = in_force(&[head(1, Kind::Exclusion)]);
    let saved = zones.in_force;
    store.keep(Item::ZonePart { slot: 0, part: 0 }, &[1, 2, 3]).unwrap();
    let mut after = Zones::new();
    assert!(!after.restore(saved, &mut store));
    assert_eq!(after.version(), 0);
    assert!(after.restore(None, &mut store), "having none is fine");
}

#[test]
fn a_part_that_comes_again_is_answered_with_what_is_there_and_nothing_changes_before_all_are() {
    let circles: Vec<Head> = (1..=64).map(|id| head(id, Kind::Exclusion)).collect();
    let polygons = set(&circles);
    assert!(polygons.len() < 1_024, "one part is enough for circles");
    // Three parts of something that is no set: only the parts matter here.
    let bytes = vec![7; 2_100];
    let (mut tag, mut store) = in_force(&circles);
    let before = (tag.version(), tag.hash());
    let head = zone_set_head(2, 1, &bytes);
    assert_eq!(hand_in(&mut tag, &mut store, &head, &bytes, &[2, 0]), [Part::Kept; 2]);
    assert_eq!(tag.parts(), 0b101);
    assert_eq!(hand_in(&mut tag, &mut store, &head, &bytes, &[0]), [Part::Repeated]);
    assert_eq!((tag.parts(), (tag.version(), tag.hash())), (0b101, before));
    let whole = hand_in(&mut tag, &mut store, &head, &bytes, &[1]);
    assert_eq!(whole, [Part::Refused(Outcome::Content)], "it hashes right, and is no set");
    assert_eq!((tag.parts(), (tag.version(), tag.hash())), (0, before));
}
