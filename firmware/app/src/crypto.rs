//! Ed25519 on the device, with `salty`: the smallest of the implementations that were measured.

use lenke_wire::sign::{Sign, Verify};
use salty::{CompressedY, Keypair, PublicKey, Signature};

/// The tag's signing key, and the checks of other people's signatures.
pub struct DeviceKeys(Keypair);

impl DeviceKeys {
    /// From the provisioned seed.
    pub fn new(seed: &[u8; 32]) -> Self {
        Self(Keypair::from(seed))
    }

    /// What the centre checks signatures with.
    pub fn public_key(&self) -> [u8; 32] {
        *self.0.public.as_bytes()
    }
}

impl Sign for DeviceKeys {
    fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

impl Verify for DeviceKeys {
    /// What `salty` does not look at, is refused here: a scalar beyond the group's order, of which each signature has several
    /// forms, and keys of small order, under which one signature fits many messages.
    fn verify(&self, public_key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
        let Some((_, scalar)) = signature.split_last_chunk::<32>() else { return false };
        let Ok(key) = PublicKey::try_from(public_key) else { return false };
        is_reduced(scalar)
            && !has_small_order(public_key)
            && key.verify(message, &Signature::from(signature)).is_ok()
    }
}

/// The group's order 2^252 + 27742317777372353535851937790883648493, little-endian (RFC 8032, 5.1).
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

fn is_reduced(scalar: &[u8; 32]) -> bool {
    scalar.iter().rev().lt(ORDER.iter().rev())
}

/// Eight times the point is the neutral element, (0, 1).
fn has_small_order(point: &[u8; 32]) -> bool {
    let Ok(mut point) = CompressedY(*point).decompressed() else { return true };
    for _ in 0..3 {
        point = &point + &point;
    }
    let mut neutral = [0; 32];
    neutral[0] = 1;
    *point.compressed().as_bytes() == neutral
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::{Signature as Reference, Signer, SigningKey, VerifyingKey};

    #[test]
    fn signatures_are_those_of_the_reference() {
        for number in 0..20_u8 {
            let (ours, theirs) = (DeviceKeys::new(&[number; 32]), SigningKey::from_bytes(&[number; 32]));
            assert_eq!(ours.public_key(), theirs.verifying_key().to_bytes());
            let message = [number; 77];
            assert_eq!(ours.sign(&message), theirs.sign(&message).to_bytes());
            assert!(ours.verify(&ours.public_key(), &message, &ours.sign(&message)));
        }
    }

    #[test]
    fn every_changed_bit_is_refused_as_the_reference_does() {
        let keys = DeviceKeys::new(&[5; 32]);
        let key = keys.public_key();
        let signature = keys.sign(b"open the latch");
        for bit in 0..64 * 8 {
            let mut changed = signature;
            changed[bit / 8] ^= 1 << (bit % 8);
            let reference = VerifyingKey::from_bytes(&key).unwrap();
            let theirs = reference.verify_strict(b"open the latch", &Reference::from_bytes(&changed)).is_ok();
            assert_eq!(keys.verify(&key, b"open the latch", &changed), theirs, "bit {bit}");
            assert!(!theirs);
        }
        assert!(!keys.verify(&key, b"open the latch!", &signature));
        assert!(!keys.verify(&[6; 32], b"open the latch", &signature));
    }

    #[test]
    fn the_other_form_of_a_good_signature_is_refused() {
        let keys = DeviceKeys::new(&[5; 32]);
        let mut signature = keys.sign(b"order");
        let mut carry = 0;
        for (byte, order) in signature[32..].iter_mut().zip(ORDER) {
            let sum = u16::from(*byte) + u16::from(order) + carry;
            *byte = sum as u8;
            carry = sum >> 8;
        }
        assert!(!keys.verify(&keys.public_key(), b"order", &signature));
        assert!(!is_reduced(&ORDER) && is_reduced(&[0; 32]));
    }

    #[test]
    fn keys_of_small_order_sign_nothing() {
        let keys = DeviceKeys::new(&[5; 32]);
        let (mut neutral, mut minus_one) = ([0; 32], [0xff; 32]);
        neutral[0] = 1;
        minus_one[0] = 0xec;
        minus_one[31] = 0x7f;
        for point in [neutral, minus_one, [0; 32]] {
            assert!(has_small_order(&point));
            let mut signature = [0; 64];
            signature[..32].copy_from_slice(&point);
            assert!(!keys.verify(&point, b"anything", &signature));
        }
        assert!(!has_small_order(&keys.public_key()));
    }
}
