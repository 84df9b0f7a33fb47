//! The sealed frame: COSE_Encrypt0 (RFC 9052) with AES-CCM-16-128-128, in one fixed form.
//!
//! ```text
//! d0                      tag 16, COSE_Encrypt0
//! 83                      array of 3
//!    44 a1 01 18 1e       protected {1: 30}: algorithm AES-CCM-16-128-128
//!    a1 06 48 eeeeeeee ssssssss    unprotected {6: Partial IV}: epoch, seq, big-endian
//!    58 nn ...            ciphertext: the report, then 16 bytes of tag
//! ```
//!
//! | part | bytes |
//! |---|---|
//! | nonce (13) | direction (0 up, 1 down), 4 zeros, epoch (4), seq (4): the Partial IV over a context IV of the direction |
//! | external AAD (9) | device number (8, big-endian), direction |
//! | AAD | `Enc_structure ["Encrypt0", protected, external AAD]` |
//!
//! Invariants: a frame has one encoding; any changed bit is refused; (epoch, seq) must never seal two different reports
//! under one key and direction, which the caller keeps.

use crate::{
    DeviceId, FrameId,
    codec::{FRAME_BYTES_MAX, INNER_BYTES_MAX},
};
use aes::Aes128;
use ccm::{
    AeadInOut, Ccm, KeyInit,
    aead::inout::InOutBuf,
    consts::{U13, U16},
};
use core::fmt;

type Cipher = Ccm<Aes128, U16, U13>;

const HEAD: [u8; 10] = [0xd0, 0x83, 0x44, 0xa1, 0x01, 0x18, 0x1e, 0xa1, 0x06, 0x48];
const PARTIAL_IV_BYTES: usize = 8;
const TAG_BYTES: usize = 16;
/// `Enc_structure` up to the external AAD's content: array of 3, "Encrypt0", protected header, head of 9 bytes.
const ENC_STRUCTURE: [u8; 16] =
    [0x83, 0x68, b'E', b'n', b'c', b'r', b'y', b'p', b't', b'0', 0x44, 0xa1, 0x01, 0x18, 0x1e, 0x49];
const AAD_BYTES: usize = ENC_STRUCTURE.len() + 9;
/// Bytes before the ciphertext's content at most: head, Partial IV, length in three bytes.
const BEFORE_BYTES_MAX: usize = HEAD.len() + PARTIAL_IV_BYTES + 3;

const _: () = assert!(BEFORE_BYTES_MAX + INNER_BYTES_MAX + TAG_BYTES <= FRAME_BYTES_MAX);

/// The AES-128 key that one device shares with the centre, ready for use.
#[derive(Clone)]
pub struct DeviceKey {
    bytes: [u8; 16],
    cipher: Cipher,
}

impl DeviceKey {
    /// From its 16 bytes.
    pub fn new(bytes: [u8; 16]) -> Self {
        Self { bytes, cipher: Cipher::new(&bytes.into()) }
    }

    pub(crate) const fn bytes(&self) -> &[u8; 16] {
        &self.bytes
    }
}

impl fmt::Debug for DeviceKey {
    /// Never the bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceKey(..)")
    }
}

/// Which way a frame goes. Part of nonce and AAD: a frame never opens the other way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Device to centre.
    Up,
    /// Centre to device.
    Down,
}

impl Direction {
    const fn byte(self) -> u8 {
        match self {
            Self::Up => 0,
            Self::Down => 1,
        }
    }
}

/// Why a frame is refused or cannot be sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameError {
    /// More than [`FRAME_BYTES_MAX`] bytes, or a report of more than [`INNER_BYTES_MAX`].
    TooLong,
    /// The bytes end before the frame does.
    Truncated,
    /// Bytes follow the frame.
    Trailing,
    /// Not a COSE_Encrypt0 in the form above.
    Header,
    /// Wrong key, device or direction, or changed bytes.
    Authentication,
    /// The output buffer is too small.
    Space,
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "longer than any frame",
            Self::Truncated => "the bytes end before the frame does",
            Self::Trailing => "bytes follow the frame",
            Self::Header => "not a COSE_Encrypt0 with AES-CCM-16-128-128 and an 8-byte Partial IV",
            Self::Authentication => "wrong key, device or direction, or changed bytes",
            Self::Space => "the output buffer is too small",
        })
    }
}

impl core::error::Error for FrameError {}

/// Seals the report `inner` as frame `id` of `device`; returns the frame's length in `out`.
///
/// # Errors
/// The report is too long, or `out` too small.
pub fn seal(
    key: &DeviceKey,
    device: DeviceId,
    direction: Direction,
    id: FrameId,
    inner: &[u8],
    out: &mut [u8],
) -> Result<usize, FrameError> {
    if inner.len() > INNER_BYTES_MAX {
        return Err(FrameError::TooLong);
    }
    let partial_iv = partial_iv(id);
    let mut before = [0; BEFORE_BYTES_MAX];
    let before_length = write_before(&mut before, &partial_iv, inner.len() + TAG_BYTES);
    let total = before_length + inner.len() + TAG_BYTES;
    let out = out.get_mut(..total).ok_or(FrameError::Space)?;
    let (head, sealed) = out.split_at_mut(before_length);
    head.copy_from_slice(&before[..before_length]);
    let (text, tag) = sealed.split_at_mut(inner.len());
    let buffer = InOutBuf::new(inner, text).map_err(|_| FrameError::Space)?;
    let computed = key
        .cipher
        .encrypt_inout_detached(&nonce(direction, &partial_iv).into(), &aad(device, direction), buffer)
        .map_err(|_| FrameError::TooLong)?;
    tag.copy_from_slice(&computed);
    Ok(total)
}

/// Reads the (epoch, seq) a frame claims, and checks its form; nothing of it is authenticated.
///
/// # Errors
/// The frame's form is broken.
pub fn peek(frame: &[u8]) -> Result<FrameId, FrameError> {
    parse(frame).map(|parts| frame_id(parts.partial_iv))
}

/// Opens a frame of `device`; the report lands in `out`, of which [`INNER_BYTES_MAX`] bytes always suffice.
///
/// # Errors
/// The frame's form is broken, or it is not the work of this device's key in this direction.
pub fn open<'o>(
    key: &DeviceKey,
    device: DeviceId,
    direction: Direction,
    frame: &[u8],
    out: &'o mut [u8],
) -> Result<(FrameId, &'o [u8]), FrameError> {
    let parts = parse(frame)?;
    let (text, tag) = parts.sealed.split_last_chunk::<TAG_BYTES>().ok_or(FrameError::Header)?;
    let inner = out.get_mut(..text.len()).ok_or(FrameError::Space)?;
    let buffer = InOutBuf::new(text, inner).map_err(|_| FrameError::Space)?;
    key.cipher
        .decrypt_inout_detached(
            &nonce(direction, parts.partial_iv).into(),
            &aad(device, direction),
            buffer,
            tag.into(),
        )
        .map_err(|_| FrameError::Authentication)?;
    Ok((frame_id(parts.partial_iv), inner))
}

struct Parts<'a> {
    partial_iv: &'a [u8; PARTIAL_IV_BYTES],
    sealed: &'a [u8],
}

fn parse(frame: &[u8]) -> Result<Parts<'_>, FrameError> {
    if frame.len() > FRAME_BYTES_MAX {
        return Err(FrameError::TooLong);
    }
    let Some((head, rest)) = frame.split_first_chunk::<{ HEAD.len() }>() else {
        return Err(if HEAD.starts_with(frame) { FrameError::Truncated } else { FrameError::Header });
    };
    if *head != HEAD {
        return Err(FrameError::Header);
    }
    let (partial_iv, rest) = rest.split_first_chunk().ok_or(FrameError::Truncated)?;
    let (length, sealed) = match *rest {
        [first @ 0x40..=0x57, ref rest @ ..] => (usize::from(first - 0x40), rest),
        [0x58, length, ref rest @ ..] if length >= 24 => (usize::from(length), rest),
        [0x59, high, low, ref rest @ ..] if high > 0 => (usize::from(u16::from_be_bytes([high, low])), rest),
        [] | [0x58] | [0x59] | [0x59, _] => return Err(FrameError::Truncated),
        _ => return Err(FrameError::Header),
    };
    if length < TAG_BYTES {
        return Err(FrameError::Header);
    }
    if length > TAG_BYTES + INNER_BYTES_MAX {
        return Err(FrameError::TooLong);
    }
    match sealed.len() {
        have if have < length => Err(FrameError::Truncated),
        have if have > length => Err(FrameError::Trailing),
        _ => Ok(Parts { partial_iv, sealed }),
    }
}

fn write_before(out: &mut [u8; BEFORE_BYTES_MAX], partial_iv: &[u8; 8], length: usize) -> usize {
    let fixed = HEAD.len() + PARTIAL_IV_BYTES;
    out[..HEAD.len()].copy_from_slice(&HEAD);
    out[HEAD.len()..fixed].copy_from_slice(partial_iv);
    // A report is at most INNER_BYTES_MAX long, so that its length fits two bytes.
    let [high, low] = (length as u16).to_be_bytes();
    match length {
        0..24 => {
            out[fixed] = 0x40 | low;
            fixed + 1
        }
        24..256 => {
            out[fixed..fixed + 2].copy_from_slice(&[0x58, low]);
            fixed + 2
        }
        _ => {
            out[fixed..].copy_from_slice(&[0x59, high, low]);
            fixed + 3
        }
    }
}

fn partial_iv(id: FrameId) -> [u8; PARTIAL_IV_BYTES] {
    (u64::from(id.epoch.0) << 32 | u64::from(id.seq.0)).to_be_bytes()
}

fn frame_id(partial_iv: &[u8; PARTIAL_IV_BYTES]) -> FrameId {
    let number = u64::from_be_bytes(*partial_iv);
    FrameId::new((number >> 32) as u32, number as u32)
}

fn nonce(direction: Direction, partial_iv: &[u8; PARTIAL_IV_BYTES]) -> [u8; 13] {
    let mut nonce = [0; 13];
    nonce[0] = direction.byte();
    nonce[5..].copy_from_slice(partial_iv);
    nonce
}

fn aad(device: DeviceId, direction: Direction) -> [u8; AAD_BYTES] {
    let mut aad = [0; AAD_BYTES];
    let (fixed, external) = aad.split_at_mut(ENC_STRUCTURE.len());
    fixed.copy_from_slice(&ENC_STRUCTURE);
    external[..8].copy_from_slice(&device.number().to_be_bytes());
    external[8] = direction.byte();
    aad
}

#[cfg(test)]
mod tests;
