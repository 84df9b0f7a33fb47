//! Downlinks against golden bytes, themselves, and hostile bytes.

use super::*;
use crate::{
    DeviceId,
    codec::FRAME_BYTES_MAX,
    command::{BODY_BYTES_MAX, ClearLatch, Latch, Officer, Rates, ZONE_PART_BYTES_MAX, ZONE_SET_BYTES_MAX},
    frame::{DeviceKey, Direction, seal},
    sign::KeyPair,
};
use proptest::{collection::vec, prelude::*};
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

fn encoded(downlink: &Downlink<'_>) -> Vec<u8> {
    let mut out = [0; INNER_BYTES_MAX];
    let length = encode_downlink(downlink, &mut out).unwrap();
    out[..length].to_vec()
}

fn unsigned_golden() -> [(Downlink<'static>, &'static [u8]); 4] {
    let until = UnixMillis(1_800_000_000_123);
    [
        (Downlink::Ack(FrameId::new(3, 300)), b"\xa4\x00\x01\x01\x10\x03\x03\x04\x19\x01\x2c"),
        (Downlink::Notice(NoticeCode::Charge), b"\xa3\x00\x01\x01\x12\x03\x01"),
        (Downlink::Query, b"\xa2\x00\x01\x01\x13"),
        (
            Downlink::Pursuit(Pursuit { on: true, until }),
            b"\xa4\x00\x01\x01\x15\x03\xf5\x04\x1b\x00\x00\x01\xa3\x18\x5c\x50\x7b",
        ),
    ]
}

/// Runs `test` on one downlink of each kind.
fn for_each_kind(mut test: impl FnMut(&Downlink<'_>)) {
    for (downlink, _) in unsigned_golden() {
        test(&downlink);
    }
    let (authority, officer) = (KeyPair::from_secret(&[1; 32]), KeyPair::from_secret(&[2; 32]));
    let mut body = [0; BODY_BYTES_MAX];
    test(&Downlink::Plan(Signed::sign(PLAN, DEVICE, &authority, &mut body).unwrap()));
    let head = ZoneSetHead { version: 3, base_version: 2, size: 1_030, hash: [0xb5; 32] };
    let mut body = [0; BODY_BYTES_MAX];
    let head = Signed::sign(head, DEVICE, &authority, &mut body).unwrap();
    test(&Downlink::Zones(ZonesPart { head, part: 1, bytes: b"zones." }));
    let clear = ClearLatch { latch: Latch::Case, event: FrameId::new(3, 77) };
    let certificate = Officer {
        number: 9,
        public_key: officer.public(),
        from: UnixMillis(0),
        until: UnixMillis(1_900_000_000_000),
    };
    let (mut body, mut other) = ([0; BODY_BYTES_MAX], [0; BODY_BYTES_MAX]);
    test(&Downlink::ClearLatch(OfficerOrder {
        order: Signed::sign(clear, DEVICE, &officer, &mut body).unwrap(),
        certificate: Signed::sign(certificate, DEVICE, &authority, &mut other).unwrap(),
    }));
    let manifest = Manifest { board: 1, version: 3, size: 90_000, hash: [0xf0; 32], min_version: 2 };
    let mut body = [0; BODY_BYTES_MAX];
    test(&Downlink::Ota(Signed::sign(manifest, DEVICE, &authority, &mut body).unwrap()));
}

#[test]
fn golden_bytes_are_pinned() {
    for (downlink, bytes) in unsigned_golden() {
        assert_eq!(encoded(&downlink), bytes, "{downlink:?}");
        assert_eq!(decode_downlink(bytes), Ok(downlink));
    }
    let mut body = [0; BODY_BYTES_MAX];
    let plan = Signed::sign(PLAN, DEVICE, &KeyPair::from_secret(&[1; 32]), &mut body).unwrap();
    let golden = b"\xac\x03\x07\x04\x06\x05\x18\x3c\x06\x19\x02\x58\x07\x19\x03\x84\x08\x18\x19\x09\x0a\x0a\x19\x02\x58\x0b\x0a\x0c\x05\x0d\x19\x0e\x10\x0e\x04";
    assert_eq!(plan.body(), golden);
    let inner = encoded(&Downlink::Plan(plan));
    assert_eq!(inner[..8], *b"\xa4\x00\x01\x01\x11\x03\x58\x23");
    assert_eq!(inner[8..43], *golden);
    assert_eq!(inner[43..46], *b"\x04\x58\x40");
    assert_eq!(inner[46..], *plan.signature());
}

#[test]
fn every_kind_reads_back() {
    let mut kinds = Vec::new();
    for_each_kind(|downlink| {
        assert_eq!(decode_downlink(&encoded(downlink)), Ok(*downlink));
        kinds.push(downlink.kind());
    });
    assert!(CommandKind::ALL.iter().all(|kind| kinds.contains(kind)), "{kinds:?}");
}

#[test]
fn a_downlink_cut_anywhere_is_truncated() {
    for_each_kind(|downlink| {
        let bytes = encoded(downlink);
        for length in 0..bytes.len() {
            assert_eq!(decode_downlink(&bytes[..length]), Err(DecodeError::Truncated), "{downlink:?}");
        }
        assert_eq!(decode_downlink(&[&bytes[..], &[0]].concat()), Err(DecodeError::Trailing));
    });
}

#[test]
fn a_flipped_bit_never_reads_as_the_same() {
    for_each_kind(|downlink| {
        let bytes = encoded(downlink);
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_ne!(decode_downlink(&damaged), Ok(*downlink), "bit {bit}");
        }
    });
}

#[test]
fn the_largest_part_fits_a_frame() {
    let head = ZoneSetHead {
        version: u32::MAX,
        base_version: u32::MAX - 1,
        size: ZONE_SET_BYTES_MAX as u32,
        hash: [0xff; 32],
    };
    let mut body = [0; BODY_BYTES_MAX];
    let head = Signed::sign(head, DEVICE, &KeyPair::from_secret(&[1; 32]), &mut body).unwrap();
    let part = ZonesPart { head, part: 15, bytes: &[0x5a; ZONE_PART_BYTES_MAX] };
    let inner = encoded(&Downlink::Zones(part));
    let mut frame = [0; FRAME_BYTES_MAX];
    let key = DeviceKey::new([1; 16]);
    seal(&key, DEVICE, Direction::Down, FrameId::new(1, 1), &inner, &mut frame).unwrap();
    for wrong in [
        ZonesPart { part: 16, ..part },
        ZonesPart { bytes: &[0; ZONE_PART_BYTES_MAX - 1], ..part },
        ZonesPart { bytes: &[], ..part },
    ] {
        let refused = encode_downlink(&Downlink::Zones(wrong), &mut [0; INNER_BYTES_MAX]);
        assert_eq!(refused, Err(EncodeError::Value));
    }
}

#[test]
fn a_part_that_the_set_does_not_have_is_refused() {
    let head = ZoneSetHead { version: 3, base_version: 2, size: 5, hash: [0xb5; 32] };
    let mut body = [0; BODY_BYTES_MAX];
    let head = Signed::sign(head, DEVICE, &KeyPair::from_secret(&[1; 32]), &mut body).unwrap();
    let good = encoded(&Downlink::Zones(ZonesPart { head, part: 0, bytes: b"zones" }));
    let (tail, before) = (b"\x05\x00\x06\x45zones", good.len() - 9);
    assert_eq!(good[before..], *tail);
    for tail in [&b"\x05\x01\x06\x45zones"[..], b"\x05\x00\x06\x44zone", b"\x05\x00\x06\x46zones!"] {
        let bad = [&good[..before], tail].concat();
        assert_eq!(decode_downlink(&bad), Err(DecodeError::Part), "{tail:x?}");
    }
}

#[test]
fn keys_of_later_versions_are_skipped() {
    assert_eq!(decode_downlink(b"\xa3\x00\x01\x01\x13\x18\x63\x82\x01\x02"), Ok(Downlink::Query));
    assert_eq!(
        decode_downlink(b"\xa4\x00\x01\x01\x12\x03\x01\x04\x60"),
        Ok(Downlink::Notice(NoticeCode::Charge))
    );
}

#[test]
fn each_rule_has_its_own_rejection() {
    for (bytes, error) in [
        (&b"\xa2\x00\x02\x01\x13"[..], DecodeError::Version(2)),
        (b"\xa2\x00\x01\x01\x02", DecodeError::Kind(2)),
        (b"\xa2\x00\x01\x01\x18\x18", DecodeError::Kind(24)),
        (b"\xa3\x00\x01\x01\x10\x03\x03", DecodeError::Missing(4)),
        (b"\xa3\x00\x01\x01\x12\x03\x18\x63", DecodeError::Value(3)),
        (b"\xa3\x00\x01\x01\x12\x04\x01", DecodeError::Missing(3)),
        (b"\xa4\x00\x01\x01\x10\x03\x20\x04\x01", DecodeError::Value(3)),
        (b"\xa3\x00\x01\x01\x11\x03\x41\xa0", DecodeError::Missing(4)),
        (b"\xa4\x00\x01\x01\x11\x03\x41\xa0\x04\x41\x00", DecodeError::Value(4)),
        (b"\xa3\x00\x01\x01\x14\x03\x41\xa0", DecodeError::Missing(4)),
        (b"\xa4\x00\x01\x01\x15\x03\x01\x04\x00", DecodeError::WrongType),
        (b"\xa4\x00\x01\x01\x15\x03\xf5\x04\x20", DecodeError::Value(4)),
        (b"\xa3\x00\x01\x01\x16\x03\x41\xa0", DecodeError::Missing(4)),
        (b"\xa2\x00\x01\x01\x17", DecodeError::Missing(3)),
        (&[0; INNER_BYTES_MAX + 1], DecodeError::TooLong),
    ] {
        assert_eq!(decode_downlink(bytes), Err(error), "{bytes:x?}");
    }
}

proptest! {
    #[test]
    fn acks_read_back(epoch: u32, seq: u32) {
        let ack = Downlink::Ack(FrameId::new(epoch, seq));
        let inner = encoded(&ack);
        prop_assert_eq!(decode_downlink(&inner), Ok(ack));
    }

    #[test]
    fn arbitrary_bytes_never_panic_and_what_they_say_is_valid(
        kind in 16_u8..24,
        bytes in vec(any::<u8>(), 0..60),
    ) {
        let inner = [&[0xa4, 0, 1, 1, kind][..], &bytes].concat();
        if let Ok(Downlink::Plan(plan)) = decode_downlink(&inner) {
            prop_assert!(plan.unverified().is_valid());
        }
    }
}
