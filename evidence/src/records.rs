//! Lines of a bundle that are made for it; wearers, zones and alerts stand in it as they are.

use lenke_alerts::DeviceKind;
use serde::{Deserialize, Serialize};

/// One frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrameRecord {
    /// Number of the device.
    pub device: u64,
    /// Epoch of the frame.
    pub epoch: u32,
    /// Number within the epoch.
    pub seq: u32,
    /// `live` or `backlog`.
    pub lane: String,
    /// When the centre took it, milliseconds of Unix time.
    pub received_at: i64,
    /// The report: the bytes that the chain runs over, hexadecimal.
    pub inner: String,
    /// The frame as it came, hexadecimal.
    pub sealed: String,
}

impl FrameRecord {
    /// What a finding calls it.
    pub fn name(&self) -> String {
        format!("frame {}/{} of device {}", self.epoch, self.seq, self.device)
    }
}

/// Frames in a row that are not the wearer's: another's, or nobody's. Nothing of them is told but where the chain stands after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WithheldRecord {
    /// Number of the device.
    pub device: u64,
    /// Epoch of the frames.
    pub epoch: u32,
    /// Number of the first within the epoch.
    pub first: u32,
    /// Number of the last.
    pub last: u32,
    /// The chain's head after the last, hexadecimal.
    pub after: String,
}

/// One device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceRecord {
    /// Its number.
    pub number: u64,
    /// What it is.
    pub kind: DeviceKind,
    /// Ed25519 public key, hexadecimal.
    pub public_key: String,
    /// The symmetric key, hexadecimal, if the bundle discloses it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// When it was enrolled, milliseconds of Unix time.
    pub enrolled_at: i64,
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What [`hex`] wrote: lower case, nothing else.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let nibble = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    if !text.len().is_multiple_of(2) {
        return None;
    }
    text.as_bytes().chunks(2).map(|pair| Some(nibble(pair[0])? << 4 | nibble(pair[1])?)).collect()
}

/// Exactly `N` bytes.
pub(crate) fn unhex_array<const N: usize>(text: &str) -> Option<[u8; N]> {
    unhex(text)?.try_into().ok()
}
