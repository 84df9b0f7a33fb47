//! Signed commands against every other key, device, kind and byte.

use super::*;
use crate::{
    FrameId, UnixMillis,
    sign::{Ed25519, KeyPair},
};
use std::vec::Vec;

const DEVICE: DeviceId = DeviceId::new(42);

const PLAN: Plan = Plan {
    version: 7,
    base_version: 6,
    collect_s: 60,
    transmit_s: 600,
    no_fix_s: 900,
    battery_low: 25,
    battery_critical: 10,
    rates: Rates::DEFAULT,
};
const HEAD: ZoneSetHead = ZoneSetHead { version: 3, base_version: 2, size: 1_500, hash: [0xb5; 32] };
const MANIFEST: Manifest =
    Manifest { board: 1, version: 0x0001_0203, size: 90_000, hash: [0xf0; 32], min_version: 0x0001_0000 };
const CLEAR: ClearLatch = ClearLatch { latch: Latch::Strap, event: FrameId::new(3, 77) };

fn key(seed: u8) -> KeyPair {
    KeyPair::from_secret(&[seed; 32])
}

fn public(seed: u8) -> [u8; 32] {
    key(seed).public()
}

fn officer() -> Officer {
    Officer {
        number: 9,
        public_key: public(2),
        from: UnixMillis::from_seconds(1_000),
        until: UnixMillis::from_seconds(2_000),
    }
}

/// Signs, reads back, and refuses every other key and every changed byte.
fn assert_holds<T: Body + PartialEq + fmt::Debug>(value: T) {
    let mut buffer = [0; BODY_BYTES_MAX];
    let signed = Signed::sign(value, DEVICE, &key(1), &mut buffer).unwrap();
    let read = Signed::<T>::read(signed.body(), *signed.signature()).unwrap();
    assert_eq!(read, signed);
    assert_eq!(read.verify(&public(1), DEVICE, &Ed25519), Ok(value));
    assert_eq!(*read.unverified(), value);
    assert_eq!(read.verify(&public(2), DEVICE, &Ed25519), Err(CommandError::Signature));
    for bit in 0..signed.body().len() * 8 {
        let mut body = signed.body().to_vec();
        body[bit / 8] ^= 1 << (bit % 8);
        if let Ok(other) = Signed::<T>::read(&body, *signed.signature()) {
            let refused = other.verify(&public(1), DEVICE, &Ed25519);
            assert_eq!(refused, Err(CommandError::Signature), "bit {bit} of {value:?}");
        }
    }
    for bit in 0..512 {
        let mut signature = *signed.signature();
        signature[bit / 8] ^= 1 << (bit % 8);
        let other = Signed::<T>::read(signed.body(), signature).unwrap();
        assert_eq!(other.verify(&public(1), DEVICE, &Ed25519), Err(CommandError::Signature), "bit {bit}");
    }
    for length in 0..signed.body().len() {
        let cut = Signed::<T>::read(&signed.body()[..length], *signed.signature());
        assert_eq!(cut.unwrap_err(), DecodeError::Truncated, "{value:?} cut at {length}");
    }
}

#[test]
fn every_body_holds_for_its_bytes_and_its_signer_only() {
    assert_holds(PLAN);
    assert_holds(HEAD);
    assert_holds(CLEAR);
    assert_holds(officer());
    assert_holds(MANIFEST);
}

#[test]
fn commands_hold_for_one_device_and_releases_for_all() {
    let other = DeviceId::new(43);
    let mut buffer = [0; BODY_BYTES_MAX];
    let plan = Signed::sign(PLAN, DEVICE, &key(1), &mut buffer).unwrap();
    assert_eq!(plan.verify(&public(1), other, &Ed25519), Err(CommandError::Signature));
    let mut buffer = [0; BODY_BYTES_MAX];
    let manifest = Signed::sign(MANIFEST, DEVICE, &key(1), &mut buffer).unwrap();
    assert_eq!(manifest.verify(&public(1), other, &Ed25519), Ok(MANIFEST));
}

#[test]
fn a_signature_over_one_kind_does_not_serve_another() {
    // The bytes of a plan's body are also those of an order with keys of a later version.
    let body = b"\xa3\x03\x01\x04\x03\x05\x18\x4d";
    let as_zones = Message::new(
        COMMAND_DOMAIN,
        [&DEVICE.number().to_be_bytes(), &[crate::downlink::CommandKind::Zones as u8], body],
    );
    let signature = Sign::sign(&key(1), as_zones.unwrap().as_bytes());
    let order = Signed::<ClearLatch>::read(body, signature).unwrap();
    assert_eq!(*order.unverified(), CLEAR);
    assert_eq!(order.verify(&public(1), DEVICE, &Ed25519), Err(CommandError::Signature));
}

#[test]
fn keys_of_later_versions_are_skipped_and_signed() {
    let body: Vec<u8> = [&b"\xa4\x03\x01\x04\x03\x05\x18\x4d"[..], b"\x06\x61x"].concat();
    let message = message::<ClearLatch>(DEVICE, &body).unwrap();
    let signature = Sign::sign(&key(1), message.as_bytes());
    let order = Signed::<ClearLatch>::read(&body, signature).unwrap();
    assert_eq!(order.verify(&public(1), DEVICE, &Ed25519), Ok(CLEAR));
}

#[test]
fn an_order_needs_an_officer_that_the_authority_vouches_for() {
    let (mut order, mut certificate) = ([0; BODY_BYTES_MAX], [0; BODY_BYTES_MAX]);
    let good = OfficerOrder {
        order: Signed::sign(CLEAR, DEVICE, &key(2), &mut order).unwrap(),
        certificate: Signed::sign(officer(), DEVICE, &key(1), &mut certificate).unwrap(),
    };
    let at = |seconds| Some(UnixMillis::from_seconds(seconds));
    let verify = |authority: u8, device, now| good.verify(&public(authority), device, now, &Ed25519);
    assert_eq!(verify(1, DEVICE, at(1_000)), Ok((CLEAR, officer())));
    assert_eq!(verify(1, DEVICE, None), Ok((CLEAR, officer())));
    assert_eq!(verify(1, DEVICE, at(999)), Err(CommandError::Expired));
    assert_eq!(verify(1, DEVICE, at(2_000)), Err(CommandError::Expired));
    assert_eq!(verify(3, DEVICE, at(1_000)), Err(CommandError::Certificate));
    assert_eq!(verify(1, DeviceId::new(43), at(1_000)), Err(CommandError::Signature));
    // The authority itself is no officer.
    let mut order = [0; BODY_BYTES_MAX];
    let by_authority =
        OfficerOrder { order: Signed::sign(CLEAR, DEVICE, &key(1), &mut order).unwrap(), ..good };
    let refused = by_authority.verify(&public(1), DEVICE, None, &Ed25519);
    assert_eq!(refused, Err(CommandError::Signature));
}

#[test]
fn what_no_device_could_follow_is_neither_signed_nor_read() {
    fn refusal<T: Body + fmt::Debug>(value: T) -> EncodeError {
        Signed::sign(value, DEVICE, &key(1), &mut [0; BODY_BYTES_MAX]).unwrap_err()
    }
    let rates = Rates::DEFAULT;
    for plan in [
        Plan { collect_s: 0, ..PLAN },
        Plan { collect_s: 601, ..PLAN },
        Plan { transmit_s: 86_401, ..PLAN },
        Plan { no_fix_s: 0, ..PLAN },
        Plan { battery_low: 101, ..PLAN },
        Plan { battery_critical: 25, ..PLAN },
        Plan { rates: Rates { near_s: 0, ..rates }, ..PLAN },
        Plan { rates: Rates { home_check_s: 86_401, ..rates }, ..PLAN },
        Plan { rates: Rates { battery_reserve: 11, ..rates }, ..PLAN },
    ] {
        assert_eq!(refusal(plan), EncodeError::Value, "{plan:?}");
    }
    assert_eq!(refusal(ZoneSetHead { size: ZONE_SET_BYTES_MAX as u32 + 1, ..HEAD }), EncodeError::Value);
    assert_eq!(refusal(Manifest { size: 0, ..MANIFEST }), EncodeError::Value);
    assert_eq!(refusal(Manifest { min_version: MANIFEST.version + 1, ..MANIFEST }), EncodeError::Value);
    assert_eq!(refusal(Officer { from: UnixMillis(-1), ..officer() }), EncodeError::Value);
    let small = Signed::sign(PLAN, DEVICE, &key(1), &mut [0; 10]).unwrap_err();
    assert_eq!(small, EncodeError::Space);

    let read = |body: &[u8]| Signed::<Plan>::read(body, [0; 64]).unwrap_err();
    // Collect and transmit intervals of 60 and 30 s.
    let contradictory = b"\xac\x03\x07\x04\x06\x05\x18\x3c\x06\x18\x1e\x07\x19\x03\x84\x08\x18\x19\x09\x0a\x0a\x01\x0b\x01\x0c\x01\x0d\x01\x0e\x01";
    assert_eq!(read(contradictory), DecodeError::Plan);
    assert_eq!(read(b"\xa1\x03\x07"), DecodeError::Missing(4));
    assert_eq!(read(b"\xa1\x08\x18\x65"), DecodeError::Value(8));
    assert_eq!(read(&[0; BODY_BYTES_MAX + 1]), DecodeError::TooLong);
    let latch = Signed::<ClearLatch>::read(b"\xa3\x03\x03\x04\x03\x05\x01", [0; 64]);
    assert_eq!(latch.unwrap_err(), DecodeError::Value(3));
    let empty_image = Signed::<Manifest>::read(b"\xa3\x03\x01\x04\x01\x05\x00", [0; 64]);
    assert_eq!(empty_image.unwrap_err(), DecodeError::Value(5));
    let above = Signed::<Manifest>::read(b"\xa3\x03\x01\x04\x01\x07\x02", [0; 64]);
    assert_eq!(above.unwrap_err(), DecodeError::Value(7));
}

#[test]
fn a_set_is_cut_into_parts_without_gaps() {
    for (size, parts) in [(0, 1), (1, 1), (1_024, 1), (1_025, 2), (ZONE_SET_BYTES_MAX as u32, 16)] {
        let head = ZoneSetHead { size, ..HEAD };
        assert_eq!(head.parts(), parts);
        let mut end = 0;
        for part in 0..parts {
            let range = head.part_range(part).unwrap();
            assert_eq!(range.start, end);
            end = range.end;
        }
        assert_eq!(end, size as usize);
        assert_eq!(head.part_range(parts), None);
    }
}

#[test]
fn the_digest_is_the_bodys_sha_256() {
    let mut buffer = [0; BODY_BYTES_MAX];
    let plan = Signed::sign(PLAN, DEVICE, &key(1), &mut buffer).unwrap();
    assert_eq!(plan.digest(), <[u8; 32]>::from(Sha256::digest(plan.body())));
}
