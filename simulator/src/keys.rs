//! Keys of simulated devices, derived from the world's seed: for trials only, anybody who knows the seed knows them.

use ed25519_dalek::{Signer, SigningKey};
use lenke_firmware_core::BeaconKey;
use lenke_wire::DeviceId;
use lenke_wire::frame::DeviceKey;
use lenke_wire::sign::{Ed25519, Sign, Verify};
use sha2::{Digest, Sha256};

/// The keys of one device.
#[derive(Clone)]
pub struct Keys {
    symmetric: [u8; 16],
    signing: SigningKey,
    beacon: [u8; 16],
}

impl Keys {
    /// The keys of `device` under `seed`.
    pub fn derive(seed: u64, device: DeviceId) -> Self {
        let digest = |label: &[u8]| -> [u8; 32] {
            let hash = Sha256::new().chain_update(b"lenke simulated key v1").chain_update(label);
            hash.chain_update(seed.to_be_bytes())
                .chain_update(device.number().to_be_bytes())
                .finalize()
                .into()
        };
        let half = |label: &[u8]| {
            let mut key = [0; 16];
            key.copy_from_slice(&digest(label)[..16]);
            key
        };
        Self {
            symmetric: half(b"seal"),
            signing: SigningKey::from_bytes(&digest(b"sign")),
            beacon: half(b"beacon"),
        }
    }

    /// The AES-128 key's bytes, for the register.
    pub const fn symmetric(&self) -> [u8; 16] {
        self.symmetric
    }

    /// The AES-128 key, ready for use.
    pub fn device_key(&self) -> DeviceKey {
        DeviceKey::new(self.symmetric)
    }

    /// The seed of the Ed25519 key, for a device's provisioning.
    pub fn secret(&self) -> [u8; 32] {
        self.signing.to_bytes()
    }

    /// The key by which this device's home unit proves itself.
    pub const fn beacon_key(&self) -> BeaconKey {
        BeaconKey::new(self.beacon)
    }

    /// The Ed25519 key that checks what this device signs.
    pub fn public(&self) -> [u8; 32] {
        self.signing.verifying_key().to_bytes()
    }
}

impl std::fmt::Debug for Keys {
    /// Never the keys.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(..)")
    }
}

impl Sign for Keys {
    fn sign(&self, message: &[u8]) -> [u8; 64] {
        Signer::sign(&self.signing, message).to_bytes()
    }
}

impl Verify for Keys {
    fn verify(&self, public_key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
        Ed25519.verify(public_key, message, signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_belong_to_one_seed_and_device_and_sign() {
        let keys = Keys::derive(1, DeviceId::new(42));
        assert_ne!(keys.symmetric(), Keys::derive(2, DeviceId::new(42)).symmetric());
        assert_ne!(keys.public(), Keys::derive(1, DeviceId::new(43)).public());
        let public = ed25519_dalek::VerifyingKey::from_bytes(&keys.public()).unwrap();
        let signature = ed25519_dalek::Signature::from_bytes(&keys.sign(b"message"));
        assert!(public.verify_strict(b"message", &signature).is_ok());
    }
}
