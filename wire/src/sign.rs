//! Ed25519 as this protocol uses it: the traits that a board, a simulator or the centre fills in, and what is signed.
//!
//! Every signature is that of a COSE_Sign1 (RFC 9052, EdDSA) with a detached payload: over the CBOR of
//! `["Signature1", {1: -8}, domain, payload]`. The domain, as external AAD, keeps signatures of one purpose from serving another.
//!
//! Invariants: no allocation; the crate brings no Ed25519 to a device (a board chooses its own); with feature `std`
//! [`Ed25519`] verifies strictly.

/// An Ed25519 key, wherever it lives: in a secure element, in flash, in a file or in a simulator.
pub trait Sign {
    /// The Ed25519 signature of `message`.
    fn sign(&self, message: &[u8]) -> [u8; 64];
}

/// An implementation of Ed25519's verification.
pub trait Verify {
    /// Whether `signature` is that of `public_key` over `message`. Small-order keys and malleable signatures must be refused.
    fn verify(&self, public_key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool;
}

/// `["Signature1", {1: -8}, ` up to the domain.
const HEAD: &[u8; 16] = b"\x84\x6aSignature1\x43\xa1\x01\x27";

/// Longest domain.
const DOMAIN_BYTES_MAX: usize = 23;
/// Longest payload of a [`Message`].
pub const PAYLOAD_BYTES_MAX: usize = 255;
/// Head, domain with its one-byte head, payload with its two-byte head.
const MESSAGE_BYTES_MAX: usize = HEAD.len() + 1 + DOMAIN_BYTES_MAX + 2 + PAYLOAD_BYTES_MAX;

/// What is signed, as one piece of bytes.
#[derive(Clone, Debug)]
pub struct Message {
    bytes: [u8; MESSAGE_BYTES_MAX],
    length: usize,
}

impl Message {
    /// The message of `domain` whose payload is `parts` one after the other; `None` if that is longer than any payload.
    pub fn new(domain: &[u8], parts: [&[u8]; 3]) -> Option<Self> {
        let payload_length: usize = parts.iter().map(|part| part.len()).sum();
        let mut message = Self { bytes: [0; MESSAGE_BYTES_MAX], length: 0 };
        message.push(HEAD)?;
        message.push_head(domain.len())?;
        message.push(domain)?;
        message.push_head(payload_length)?;
        for part in parts {
            message.push(part)?;
        }
        Some(message)
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    fn push(&mut self, bytes: &[u8]) -> Option<()> {
        let end = self.length.checked_add(bytes.len())?;
        self.bytes.get_mut(self.length..end)?.copy_from_slice(bytes);
        self.length = end;
        Some(())
    }

    /// The head of a byte string, in its shortest form.
    fn push_head(&mut self, length: usize) -> Option<()> {
        match u8::try_from(length).ok()? {
            short @ 0..24 => self.push(&[0x40 | short]),
            long => self.push(&[0x58, long]),
        }
    }
}

#[cfg(feature = "std")]
mod verification {
    use super::Verify;
    use ed25519_dalek::{Signature, VerifyingKey};

    /// Ed25519 of `ed25519-dalek`, strict (no small-order keys, no malleable signatures).
    #[derive(Clone, Copy, Debug, Default)]
    pub struct Ed25519;

    impl Verify for Ed25519 {
        fn verify(&self, public_key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
            VerifyingKey::from_bytes(public_key)
                .is_ok_and(|key| key.verify_strict(message, &Signature::from_bytes(signature)).is_ok())
        }
    }

    /// Whether all of these signatures hold: public key, message, signature. About half the work of verifying them one by one,
    /// and as strict about who signed; only one by one tells which does not hold, or whether a key's owner made it in a
    /// malleable form. Keys must have passed [`is_public_key`].
    pub fn verify_all<M: AsRef<[u8]>>(claims: &[([u8; 32], M, [u8; 64])]) -> bool {
        let keys: Result<std::vec::Vec<_>, _> =
            claims.iter().map(|(key, ..)| VerifyingKey::from_bytes(key)).collect();
        let messages: std::vec::Vec<&[u8]> = claims.iter().map(|(_, message, _)| message.as_ref()).collect();
        let signatures: std::vec::Vec<_> =
            claims.iter().map(|(.., signature)| Signature::from_bytes(signature)).collect();
        keys.is_ok_and(|keys| ed25519_dalek::verify_batch(&messages, &signatures, &keys).is_ok())
    }

    /// Whether these bytes are a public key that may be trusted with a device: a point, and not of small order.
    pub fn is_public_key(bytes: &[u8; 32]) -> bool {
        VerifyingKey::from_bytes(bytes).is_ok_and(|key| !key.is_weak())
    }

    /// An Ed25519 key that can sign.
    #[derive(Clone)]
    pub struct KeyPair(ed25519_dalek::SigningKey);

    impl KeyPair {
        /// From the 32 secret bytes, which should be random.
        pub fn from_secret(secret: &[u8; 32]) -> Self {
            Self(ed25519_dalek::SigningKey::from_bytes(secret))
        }

        /// The 32 secret bytes.
        pub fn secret(&self) -> &[u8; 32] {
            self.0.as_bytes()
        }

        /// The key that verifies what this one signs.
        pub fn public(&self) -> [u8; 32] {
            self.0.verifying_key().to_bytes()
        }
    }

    impl core::fmt::Debug for KeyPair {
        /// Never the secret.
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            f.write_str("KeyPair(..)")
        }
    }

    impl super::Sign for KeyPair {
        fn sign(&self, message: &[u8]) -> [u8; 64] {
            ed25519_dalek::Signer::sign(&self.0, message).to_bytes()
        }
    }
}

#[cfg(feature = "std")]
pub use verification::{Ed25519, KeyPair, is_public_key, verify_all};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_a_cose_sig_structure_with_shortest_heads() {
        for length in [0, 1, 22, 23, 24, 255] {
            let payload = std::vec![7; length];
            let message =
                Message::new(b"lenke test v1", [&payload[..length / 2], &[], &payload[length / 2..]])
                    .unwrap();
            let mut decoder = minicbor::Decoder::new(message.as_bytes());
            assert_eq!(decoder.array().unwrap(), Some(4));
            assert_eq!(decoder.str().unwrap(), "Signature1");
            assert_eq!(decoder.bytes().unwrap(), [0xa1, 1, 0x27]);
            assert_eq!(decoder.bytes().unwrap(), b"lenke test v1");
            assert_eq!(decoder.bytes().unwrap(), payload);
            assert_eq!(decoder.position(), message.as_bytes().len());
            let head = if length < 24 { 1 } else { 2 };
            assert_eq!(message.as_bytes().len(), HEAD.len() + 14 + head + length);
        }
    }

    #[test]
    fn a_batch_holds_if_every_signature_does() {
        let claim = |seed: u8| {
            let pair = KeyPair::from_secret(&[seed; 32]);
            let message = std::vec![seed; usize::from(seed)];
            let signature = pair.sign(&message);
            (pair.public(), message, signature)
        };
        let mut claims: std::vec::Vec<_> = (1..65).map(claim).collect();
        assert!(verify_all(&claims));
        assert!(verify_all::<[u8; 0]>(&[]));
        for place in [0, 31, 63] {
            claims[place].2[10] ^= 1;
            assert!(!verify_all(&claims), "{place}");
            claims[place].2[10] ^= 1;
        }
        claims[5].0 = [0xff; 32];
        assert!(!verify_all(&claims));
    }

    #[test]
    fn what_is_longer_than_any_payload_is_no_message() {
        assert!(Message::new(b"d", [&[0; 256], &[], &[]]).is_none());
        assert!(Message::new(&[b'd'; 200], [&[0; 255], &[], &[]]).is_none());
    }
}
