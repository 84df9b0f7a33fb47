//! Identities on the wire. A value that exists is valid.

use core::{fmt, str::FromStr};

/// A device: tag, home unit or victim unit. Written `lk` and at least six decimal digits: `lk000042`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceId(u64);

impl DeviceId {
    /// Device number `number`, as it stands after `lk`.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number after `lk`.
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// Boot counter of a device, persisted before its first use: (epoch, seq) never repeats under one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Epoch(pub u32);

/// Number of a frame within its epoch, counted from 0 without gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Seq(pub u32);

/// A frame of one device: its order in the device's journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct FrameId {
    /// Boot counter.
    pub epoch: Epoch,
    /// Number within the epoch.
    pub seq: Seq,
}

impl FrameId {
    /// Frame `seq` of epoch `epoch`.
    pub const fn new(epoch: u32, seq: u32) -> Self {
        Self { epoch: Epoch(epoch), seq: Seq(seq) }
    }
}

impl fmt::Display for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "lk{:06}", self.0)
    }
}

impl fmt::Debug for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for FrameId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.epoch.0, self.seq.0)
    }
}

/// The text is not `lk` followed by 6 to 19 digits in the one canonical form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceIdError;

impl fmt::Display for DeviceIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a device id is `lk` and at least six digits, as in lk000042")
    }
}

impl core::error::Error for DeviceIdError {}

impl FromStr for DeviceId {
    type Err = DeviceIdError;

    /// Only the form that `Display` writes is taken: two texts never name one device.
    fn from_str(text: &str) -> Result<Self, DeviceIdError> {
        let digits = text.strip_prefix("lk").ok_or(DeviceIdError)?;
        let canonical = digits.len() == 6 || (digits.len() > 6 && !digits.starts_with('0'));
        if !canonical || digits.len() > 19 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(DeviceIdError);
        }
        digits.parse().map(Self).map_err(|_| DeviceIdError)
    }
}

#[cfg(feature = "std")]
mod serialized {
    use super::DeviceId;
    use core::fmt;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

    impl Serialize for DeviceId {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_str(self)
        }
    }

    struct Text;

    impl de::Visitor<'_> for Text {
        type Value = DeviceId;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a device id such as lk000042")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<DeviceId, E> {
            text.parse().map_err(E::custom)
        }
    }

    impl<'de> Deserialize<'de> for DeviceId {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_str(Text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn device_id_text_round_trips_and_is_canonical() {
        for number in [0, 42, 999_999, 1_000_000, 9_999_999_999_999_999_999_u64 / 10] {
            let id = DeviceId::new(number);
            assert_eq!(id.to_string().parse(), Ok(id));
        }
        for bad in ["", "lk", "lk42", "lk0000042", "LK000042", "lk00004x", "lk99999999999999999999"] {
            assert_eq!(bad.parse::<DeviceId>(), Err(DeviceIdError), "{bad}");
        }
    }
}
