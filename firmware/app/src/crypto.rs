//! Ed25519 on the device, with `salty`: the smallest of the measured implementations.

use lenke_wire::chain::Sign;
use salty::Keypair;

/// The tag's signing key, from its 32-byte seed.
pub struct SigningKey(Keypair);

impl SigningKey {
    /// From the provisioned seed.
    pub fn new(seed: &[u8; 32]) -> Self {
        Self(Keypair::from(seed))
    }

    /// What the centre checks signatures with.
    pub fn public_key(&self) -> [u8; 32] {
        *self.0.public.as_bytes()
    }
}

impl Sign for SigningKey {
    fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}
