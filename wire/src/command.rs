//! Commands that somebody has to sign, so that neither a broker nor who has got a device's symmetric key can give them.
//!
//! ```text
//! authority key (in the device since enrolment)
//!   |-- signs plans and zone sets, each for one device
//!   |-- signs firmware manifests, for every device of a board
//!   `-- signs officers' certificates
//!         `-- an officer's key signs the clearing of a latch, for one device
//! ```
//!
//! A signed command is a byte string, the body (deterministic CBOR, as reports), and the signature of a
//! COSE_Sign1 with detached payload, see [`crate::sign`]:
//!
//! | body | domain | payload |
//! |---|---|---|
//! | [`Plan`], [`ZoneSetHead`], [`ClearLatch`] | `lenke command v1` | device number (8), kind (1), body |
//! | [`Manifest`] | `lenke release v1` | body |
//! | [`Officer`] | `lenke officer v1` | body |
//!
//! Invariants: the signature covers the body's bytes, keys of later versions included; a [`Signed`] gives its value
//! only through [`Signed::verify`], or [`Signed::unverified`], which says what it is.

mod bodies;
mod plan;

pub use bodies::{
    ClearLatch, Latch, Manifest, Officer, ZONE_PART_BYTES_MAX, ZONE_SET_BYTES_MAX, ZoneSetHead,
};
pub use plan::{INTERVAL_S_MAX, INTERVAL_S_MIN, Plan, Rates};

use crate::{
    DeviceId,
    codec::{DecodeError, EncodeError, Writer},
    sign::{Message, Sign, Verify},
};
use core::fmt;
use minicbor::{Encoder, encode::write::Cursor};
use sha2::{Digest, Sha256};

/// Most bytes of a signed body.
pub const BODY_BYTES_MAX: usize = 192;

/// What a signed body can be.
pub trait Body: Copy + sealed::Body {}

pub(crate) mod sealed {
    use super::{DecodeError, EncodeError, Writer};

    pub trait Body: Sized {
        /// Keeps signatures of different purposes apart.
        const DOMAIN: &'static [u8];
        /// The kind, if the command is for one device: number and kind are then signed too.
        const KIND: Option<u8>;

        fn encode(&self, writer: &mut Writer<'_>) -> Result<(), EncodeError>;
        fn decode(body: &[u8]) -> Result<Self, DecodeError>;
    }
}

pub(crate) const COMMAND_DOMAIN: &[u8] = b"lenke command v1";

impl<T: Copy + sealed::Body> Body for T {}

/// Why a signed command does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandError {
    /// The signature is not that of this key over this body for this device.
    Signature,
    /// The officer's certificate is not the authority's.
    Certificate,
    /// The officer's certificate holds at another time.
    Expired,
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Signature => "the signature is not that of this key over this command for this device",
            Self::Certificate => "the officer's certificate is not the authority's",
            Self::Expired => "the officer's certificate holds at another time",
        })
    }
}

impl core::error::Error for CommandError {}

/// A body, what it says, and a signature that is still to be verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signed<'a, T> {
    body: &'a [u8],
    signature: [u8; 64],
    value: T,
}

impl<'a, T: Body> Signed<'a, T> {
    /// Writes `value` into `body`, of which [`BODY_BYTES_MAX`] bytes always suffice, and signs it for `device`.
    ///
    /// # Errors
    /// `body` is too small, or a value is out of its range.
    pub fn sign(
        value: T,
        device: DeviceId,
        signer: &impl Sign,
        body: &'a mut [u8],
    ) -> Result<Self, EncodeError> {
        let space = body.len().min(BODY_BYTES_MAX);
        let mut writer = Encoder::new(Cursor::new(&mut body[..space]));
        value.encode(&mut writer)?;
        let length = writer.writer().position();
        let body = &body[..length];
        let message = message::<T>(device, body).ok_or(EncodeError::Space)?;
        Ok(Self { body, signature: signer.sign(message.as_bytes()), value })
    }

    /// Reads a body that came with `signature`.
    ///
    /// # Errors
    /// The first rule that the body breaks.
    pub fn read(body: &'a [u8], signature: [u8; 64]) -> Result<Self, DecodeError> {
        if body.len() > BODY_BYTES_MAX {
            return Err(DecodeError::TooLong);
        }
        Ok(Self { body, signature, value: T::decode(body)? })
    }

    /// The value, if `public_key` signed it for `device`.
    ///
    /// # Errors
    /// It did not.
    pub fn verify(
        &self,
        public_key: &[u8; 32],
        device: DeviceId,
        verifier: &impl Verify,
    ) -> Result<T, CommandError> {
        message::<T>(device, self.body)
            .filter(|message| verifier.verify(public_key, message.as_bytes(), &self.signature))
            .map(|_| self.value)
            .ok_or(CommandError::Signature)
    }

    /// What the body says, whoever signed it.
    pub const fn unverified(&self) -> &T {
        &self.value
    }

    /// The body's bytes.
    pub const fn body(&self) -> &'a [u8] {
        self.body
    }

    /// The signature.
    pub const fn signature(&self) -> &[u8; 64] {
        &self.signature
    }

    /// SHA-256 of the body: how a [`crate::Receipt`] names what is in force.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.body).into()
    }
}

fn message<T: Body>(device: DeviceId, body: &[u8]) -> Option<Message> {
    match T::KIND {
        Some(kind) => Message::new(T::DOMAIN, [&device.number().to_be_bytes(), &[kind], body]),
        None => Message::new(T::DOMAIN, [body, &[], &[]]),
    }
}

/// An officer's order to clear a latch, with the certificate that makes the officer one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfficerOrder<'a> {
    /// Signed with the officer's key.
    pub order: Signed<'a, ClearLatch>,
    /// Signed with the authority's key.
    pub certificate: Signed<'a, Officer>,
}

impl OfficerOrder<'_> {
    /// The order and its officer, if `authority` vouches for the officer and the officer signed for `device`. The
    /// certificate's time is checked against `now`; a device that has no good time gives none.
    ///
    /// # Errors
    /// The first of the three that does not hold.
    pub fn verify(
        &self,
        authority: &[u8; 32],
        device: DeviceId,
        now: Option<crate::UnixMillis>,
        verifier: &impl Verify,
    ) -> Result<(ClearLatch, Officer), CommandError> {
        let officer =
            self.certificate.verify(authority, device, verifier).map_err(|_| CommandError::Certificate)?;
        if now.is_some_and(|now| now < officer.from || now >= officer.until) {
            return Err(CommandError::Expired);
        }
        Ok((self.order.verify(&officer.public_key, device, verifier)?, officer))
    }
}

#[cfg(test)]
mod tests;
