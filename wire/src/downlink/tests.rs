//! Downlinks against golden bytes, themselves, and hostile bytes.

use super::*;
use crate::codec::INNER_BYTES_MAX;
use proptest::{collection::vec, prelude::*};
use std::vec::Vec;

const PLAN: Plan = Plan {
    version: 7,
    base_version: 6,
    collect_s: 60,
    transmit_s: 600,
    no_fix_s: 900,
    battery_low: 25,
    battery_critical: 10,
};

fn encoded(downlink: &Downlink) -> Vec<u8> {
    let mut out = [0; INNER_BYTES_MAX];
    let length = encode_downlink(downlink, &mut out).unwrap();
    out[..length].to_vec()
}

fn golden() -> [(Downlink, &'static [u8]); 4] {
    [
        (Downlink::Ack(FrameId::new(3, 300)), b"\xa4\x00\x01\x01\x10\x03\x03\x04\x19\x01\x2c"),
        (
            Downlink::Plan(PLAN),
            b"\xa9\x00\x01\x01\x11\x03\x07\x04\x06\x05\x18\x3c\x06\x19\x02\x58\x07\x19\x03\x84\x08\x18\x19\x09\x0a",
        ),
        (Downlink::Notice(NoticeCode::Charge), b"\xa3\x00\x01\x01\x12\x03\x01"),
        (Downlink::Query, b"\xa2\x00\x01\x01\x13"),
    ]
}

#[test]
fn golden_bytes_are_pinned() {
    for (downlink, bytes) in golden() {
        assert_eq!(encoded(&downlink), bytes, "{downlink:?}");
        assert_eq!(decode_downlink(bytes), Ok(downlink));
    }
}

#[test]
fn a_downlink_cut_anywhere_is_truncated() {
    for (_, bytes) in golden() {
        for length in 0..bytes.len() {
            assert_eq!(decode_downlink(&bytes[..length]), Err(DecodeError::Truncated));
        }
        assert_eq!(decode_downlink(&[bytes, &[0]].concat()), Err(DecodeError::Trailing));
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
        (b"\xa3\x00\x01\x01\x10\x03\x03", DecodeError::Missing(4)),
        (b"\xa3\x00\x01\x01\x12\x03\x18\x63", DecodeError::Value(3)),
        (b"\xa3\x00\x01\x01\x12\x04\x01", DecodeError::Missing(3)),
        (b"\xa4\x00\x01\x01\x10\x03\x20\x04\x01", DecodeError::Value(3)),
        (&[0; INNER_BYTES_MAX + 1], DecodeError::TooLong),
    ] {
        assert_eq!(decode_downlink(bytes), Err(error), "{bytes:x?}");
    }
}

#[test]
fn a_plan_that_no_device_could_follow_is_neither_written_nor_read() {
    for plan in [
        Plan { collect_s: 0, ..PLAN },
        Plan { collect_s: 601, ..PLAN },
        Plan { transmit_s: 86_401, ..PLAN },
        Plan { no_fix_s: 0, ..PLAN },
        Plan { battery_low: 101, ..PLAN },
        Plan { battery_critical: 25, ..PLAN },
    ] {
        assert_eq!(encode_downlink(&Downlink::Plan(plan), &mut [0; 99]), Err(EncodeError::Value), "{plan:?}");
    }
    // Collect and transmit intervals of 60 and 30 s.
    let contradictory =
        b"\xa9\x00\x01\x01\x11\x03\x07\x04\x06\x05\x18\x3c\x06\x18\x1e\x07\x19\x03\x84\x08\x18\x19\x09\x0a";
    assert_eq!(decode_downlink(contradictory), Err(DecodeError::Plan));
}

proptest! {
    #[test]
    fn acks_read_back(epoch: u32, seq: u32) {
        let ack = Downlink::Ack(FrameId::new(epoch, seq));
        prop_assert_eq!(decode_downlink(&encoded(&ack)), Ok(ack));
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in vec(any::<u8>(), 0..60)) {
        if let Ok(Downlink::Plan(plan)) = decode_downlink(&bytes) {
            prop_assert!(plan.is_valid());
        }
    }
}
