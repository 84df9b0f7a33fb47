//! The audit log's head, signed now and then with the centre's key.
//!
//! The chain shows what was changed within it; that records are missing at its end only a head shows that was kept
//! elsewhere. What is signed, numbers as 8 bytes big-endian:
//!
//! ```text
//! "lenke audit head v1\n" | seq | hash | at
//! ```

use ed25519_dalek::{Signature, VerifyingKey};
use lenke_wire::UnixMillis;

/// Keeps these signatures from serving another purpose.
const DOMAIN: &[u8] = b"lenke audit head v1\n";

/// The chain up to one record, signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditHead {
    /// Number of the newest record.
    pub seq: u64,
    /// Its hash.
    pub hash: [u8; 32],
    /// When it was signed.
    pub at: UnixMillis,
    /// Ed25519 key that signed.
    pub key: [u8; 32],
    /// Its signature.
    pub signature: [u8; 64],
}

impl AuditHead {
    /// The head of a chain that ends with record `seq` of this hash, signed by `sign` with the secret of `key`.
    pub fn signed(
        seq: u64,
        hash: [u8; 32],
        at: UnixMillis,
        key: [u8; 32],
        sign: impl FnOnce(&[u8]) -> [u8; 64],
    ) -> Self {
        Self { seq, hash, at, key, signature: sign(&message(seq, &hash, at)) }
    }

    /// Whether the signature is right and by this head's key.
    pub fn is_genuine(&self) -> bool {
        let message = message(self.seq, &self.hash, self.at);
        let signature = Signature::from_bytes(&self.signature);
        VerifyingKey::from_bytes(&self.key).is_ok_and(|key| key.verify_strict(&message, &signature).is_ok())
    }
}

fn message(seq: u64, hash: &[u8; 32], at: UnixMillis) -> Vec<u8> {
    [DOMAIN, &seq.to_be_bytes(), hash, &at.0.to_be_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::{Signer as _, SigningKey};

    #[test]
    fn a_head_is_genuine_only_as_it_was_signed() {
        let key = SigningKey::from_bytes(&[3; 32]);
        let public = key.verifying_key().to_bytes();
        let head = AuditHead::signed(9, [7; 32], UnixMillis(5), public, |bytes| key.sign(bytes).to_bytes());
        assert!(head.is_genuine());
        let mut other_hash = head;
        other_hash.hash[31] ^= 1;
        let other_key = SigningKey::from_bytes(&[4; 32]).verifying_key().to_bytes();
        for changed in [
            AuditHead { seq: 8, ..head },
            AuditHead { at: UnixMillis(6), ..head },
            AuditHead { key: other_key, ..head },
            AuditHead { key: [0; 32], ..head },
            other_hash,
        ] {
            assert!(!changed.is_genuine(), "{changed:?}");
        }
    }
}
