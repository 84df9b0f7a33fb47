//! The hash chain over a device's reports, and the checkpoints that sign its head.
//!
//! ```text
//! h(-1) = SHA-256("lenke chain v1" || device number, 8 bytes || epoch, 4 bytes)
//! h(i)  = SHA-256(h(i-1) || inner bytes of frame i)
//! ```
//!
//! A checkpoint is the signature of a COSE_Sign1 (RFC 9052, EdDSA) with detached payload `device number || epoch || seq || h`
//! (48 bytes, big-endian) and external AAD "lenke checkpoint v1"; [`checkpoint_message`] is its `Sig_structure`. The
//! centre holds only the public key: it can check the trail, but not forge it.

use crate::{DeviceId, Epoch, FrameId};
use sha2::{Digest, Sha256};

const CHAIN_DOMAIN: &[u8] = b"lenke chain v1";

/// `["Signature1", {1: -8}, "lenke checkpoint v1", payload]` up to the payload's content.
const SIG_STRUCTURE: &[u8; 38] = b"\x84\x6aSignature1\x43\xa1\x01\x27\x53lenke checkpoint v1\x58\x30";

const PAYLOAD_BYTES: usize = 8 + 4 + 4 + 32;

/// Bytes of [`checkpoint_message`].
pub const CHECKPOINT_MESSAGE_BYTES: usize = SIG_STRUCTURE.len() + PAYLOAD_BYTES;

/// Head of one device's chain within one epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chain([u8; 32]);

impl Chain {
    /// Before the first frame of `epoch`.
    pub fn start(device: DeviceId, epoch: Epoch) -> Self {
        let hash = Sha256::new()
            .chain_update(CHAIN_DOMAIN)
            .chain_update(device.number().to_be_bytes())
            .chain_update(epoch.0.to_be_bytes());
        Self(hash.finalize().into())
    }

    /// A head that was kept.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The head after the frame with these inner bytes.
    #[must_use]
    pub fn advance(self, inner: &[u8]) -> Self {
        Self(Sha256::new().chain_update(self.0).chain_update(inner).finalize().into())
    }

    /// The hash.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// What a checkpoint that covers the frames up to `covers`, with chain head `chain`, signs.
pub fn checkpoint_message(
    device: DeviceId,
    covers: FrameId,
    chain: &[u8; 32],
) -> [u8; CHECKPOINT_MESSAGE_BYTES] {
    let mut message = [0; CHECKPOINT_MESSAGE_BYTES];
    let (structure, payload) = message.split_at_mut(SIG_STRUCTURE.len());
    structure.copy_from_slice(SIG_STRUCTURE);
    payload[..8].copy_from_slice(&device.number().to_be_bytes());
    payload[8..12].copy_from_slice(&covers.epoch.0.to_be_bytes());
    payload[12..16].copy_from_slice(&covers.seq.0.to_be_bytes());
    payload[16..].copy_from_slice(chain);
    message
}

pub use crate::sign::Sign;

#[cfg(feature = "std")]
mod verification {
    use super::checkpoint_message;
    use crate::{Checkpoint, DeviceId};
    use core::fmt;
    use ed25519_dalek::{Signature, VerifyingKey};

    /// Why a checkpoint does not hold.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum CheckpointError {
        /// The 32 bytes are not a public key.
        PublicKey,
        /// The signature is not this device's over this head.
        Signature,
    }

    impl fmt::Display for CheckpointError {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(match self {
                Self::PublicKey => "the device's public key is not an Ed25519 key",
                Self::Signature => "the checkpoint's signature is not this device's",
            })
        }
    }

    impl core::error::Error for CheckpointError {}

    /// Checks a checkpoint's signature, strictly (no small-order keys, no malleable signatures).
    ///
    /// # Errors
    /// The key is none, or did not sign this.
    pub fn verify_checkpoint(
        public_key: &[u8; 32],
        device: DeviceId,
        checkpoint: &Checkpoint,
    ) -> Result<(), CheckpointError> {
        let key = VerifyingKey::from_bytes(public_key).map_err(|_| CheckpointError::PublicKey)?;
        let message = checkpoint_message(device, checkpoint.covers, &checkpoint.chain);
        key.verify_strict(&message, &Signature::from_bytes(&checkpoint.signature))
            .map_err(|_| CheckpointError::Signature)
    }
}

#[cfg(feature = "std")]
pub use verification::{CheckpointError, verify_checkpoint};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Checkpoint;
    use ed25519_dalek::{Signer, SigningKey};

    const DEVICE: DeviceId = DeviceId::new(42);

    struct Key(SigningKey);

    impl Sign for Key {
        fn sign(&self, message: &[u8]) -> [u8; 64] {
            self.0.sign(message).to_bytes()
        }
    }

    fn checkpoint(key: &Key) -> Checkpoint {
        let chain = *Chain::start(DEVICE, Epoch(3)).advance(b"one").advance(b"two").bytes();
        let covers = FrameId::new(3, 1);
        Checkpoint { covers, chain, signature: key.sign(&checkpoint_message(DEVICE, covers, &chain)) }
    }

    #[test]
    fn the_chain_is_pinned_and_depends_on_everything_before() {
        let start = Chain::start(DEVICE, Epoch(3));
        assert_eq!(start.bytes()[..8], [105, 229, 100, 195, 79, 178, 217, 162]);
        let chain = start.advance(b"one").advance(b"two");
        assert_eq!(chain.bytes()[..8], [164, 78, 17, 51, 193, 53, 138, 129]);
        assert_ne!(chain, start.advance(b"two").advance(b"one"));
        assert_ne!(chain, Chain::start(DEVICE, Epoch(4)).advance(b"one").advance(b"two"));
        assert_ne!(chain, Chain::start(DeviceId::new(43), Epoch(3)).advance(b"one").advance(b"two"));
        assert_eq!(Chain::from_bytes(*chain.bytes()), chain);
    }

    #[test]
    fn the_message_is_a_cose_sig_structure() {
        let message = checkpoint_message(DEVICE, FrameId::new(3, 1), &[0xc4; 32]);
        let mut decoder = minicbor::Decoder::new(&message);
        assert_eq!(decoder.array().unwrap(), Some(4));
        assert_eq!(decoder.str().unwrap(), "Signature1");
        assert_eq!(decoder.bytes().unwrap(), [0xa1, 1, 0x27]);
        assert_eq!(decoder.bytes().unwrap(), b"lenke checkpoint v1");
        let payload = decoder.bytes().unwrap();
        assert_eq!(payload[..16], [0, 0, 0, 0, 0, 0, 0, 42, 0, 0, 0, 3, 0, 0, 0, 1]);
        assert_eq!(payload[16..], [0xc4; 32]);
        assert_eq!(decoder.position(), CHECKPOINT_MESSAGE_BYTES);
    }

    #[test]
    fn a_checkpoint_holds_for_its_key_device_number_and_head_only() {
        let key = Key(SigningKey::from_bytes(&[5; 32]));
        let public = key.0.verifying_key().to_bytes();
        let good = checkpoint(&key);
        assert_eq!(verify_checkpoint(&public, DEVICE, &good), Ok(()));
        let refused = Err(CheckpointError::Signature);
        assert_eq!(verify_checkpoint(&public, DeviceId::new(43), &good), refused);
        let other = SigningKey::from_bytes(&[6; 32]).verifying_key().to_bytes();
        assert_eq!(verify_checkpoint(&other, DEVICE, &good), refused);
        let moved = Checkpoint { covers: FrameId::new(3, 2), ..good };
        assert_eq!(verify_checkpoint(&public, DEVICE, &moved), refused);
        for byte in 0..64 {
            let mut forged = good;
            forged.signature[byte] ^= 0x10;
            assert_eq!(verify_checkpoint(&public, DEVICE, &forged), refused);
        }
        for byte in 0..32 {
            let mut forged = good;
            forged.chain[byte] ^= 1;
            assert_eq!(verify_checkpoint(&public, DEVICE, &forged), refused);
        }
        let mut no_point = [0; 32];
        no_point[0] = 2;
        assert_eq!(verify_checkpoint(&no_point, DEVICE, &good), Err(CheckpointError::PublicKey));
    }
}
