//! Bytes read as a downlink or end in a typed error; what reads is written as the same, but for keys of later versions.

use lenke_wire::{
    DeviceId,
    codec::INNER_BYTES_MAX,
    downlink::{Downlink, decode_downlink, encode_downlink},
    sign::Ed25519,
};

/// Panics where an input breaks what must hold.
pub fn check(inner: &[u8]) {
    let Ok(downlink) = decode_downlink(inner) else { return };
    let mut out = [0; INNER_BYTES_MAX];
    let length = encode_downlink(&downlink, &mut out).expect("what was read can be written");
    assert_eq!(decode_downlink(&out[..length]), Ok(downlink));
    let device = DeviceId::new(42);
    match downlink {
        Downlink::Plan(plan) => {
            assert!(plan.unverified().is_valid());
            assert!(plan.verify(&[3; 32], device, &Ed25519).is_err(), "nobody signed this");
        }
        Downlink::Zones(part) => {
            let range = part.head.unverified().part_range(part.part).expect("a part that the set has");
            assert_eq!(range.len(), part.bytes.len());
        }
        Downlink::Ack(_)
        | Downlink::Notice(_)
        | Downlink::Query
        | Downlink::Pursuit(_)
        | Downlink::ClearLatch(_)
        | Downlink::Ota(_) => {}
    }
}
