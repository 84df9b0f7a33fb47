//! The provisioning record: who a tag is and whom it talks to, written into its flash in the factory.
//!
//! | at | bytes | what |
//! |---|---|---|
//! | 0 | 4 | `LKP1` |
//! | 4 | 8 | device number |
//! | 12 | 16 | device key |
//! | 28 | 32 | Ed25519 secret key |
//! | 60 | 32 | the authority's Ed25519 public key; zeros: none |
//! | 92 | 8 | device number of the home beacon; 0: none |
//! | 100 | 16 | home beacon's key |
//! | 116 | 8 | time of provisioning, ms of Unix time |
//! | 124 | 2 | the broker's port |
//! | 126 | 1 | flags: bit 0 TLS |
//! | 127 | 65 | length and bytes of the broker's host |
//! | 192 | 33 | length and bytes of the access point's name |
//! | 225 | 27 | zeros |
//! | 252 | 4 | CRC-32 (IEEE) of what is before |
//!
//! Integers are little-endian. A record has one encoding: unused bytes are zeros and are checked.

use core::fmt;
use lenke_wire::{DeviceId, UnixMillis};

/// Bytes of a record.
pub const PROVISION_BYTES: usize = 256;
/// Bytes of a broker's host name at most.
pub const HOST_BYTES_MAX: usize = 64;
/// Bytes of an access point's name at most.
pub const APN_BYTES_MAX: usize = 32;

const MAGIC: [u8; 4] = *b"LKP1";
const FLAG_TLS: u8 = 1;

/// A short name of visible ASCII characters without quotes, so that it can stand between quotes anywhere.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Name<const N: usize> {
    bytes: [u8; N],
    length: usize,
}

impl<const N: usize> Name<N> {
    /// `None` if it is too long or has another character.
    pub fn new(text: &str) -> Option<Self> {
        Self::from_bytes(text.as_bytes())
    }

    fn from_bytes(text: &[u8]) -> Option<Self> {
        let mut bytes = [0; N];
        bytes.get_mut(..text.len())?.copy_from_slice(text);
        let visible = |&byte: &u8| byte.is_ascii_graphic() && byte != b'"';
        text.iter().all(visible).then_some(Self { bytes, length: text.len() })
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

impl<const N: usize> fmt::Debug for Name<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

/// What a tag is delivered with.
#[derive(Clone, PartialEq, Eq)]
pub struct Provision {
    /// The device.
    pub device: DeviceId,
    /// The key that it shares with the centre.
    pub key: [u8; 16],
    /// The seed of its Ed25519 key.
    pub secret: [u8; 32],
    /// The public key of the authority that signs plans, clearances and updates.
    pub authority: Option<[u8; 32]>,
    /// The beacon at home, and its key.
    pub beacon: Option<(DeviceId, [u8; 16])>,
    /// When the record was made: a clock never shows less.
    pub at: UnixMillis,
    /// Where the broker listens.
    pub host: Name<HOST_BYTES_MAX>,
    /// Its port.
    pub port: u16,
    /// MQTT over TLS.
    pub tls: bool,
    /// The mobile network's access point.
    pub apn: Name<APN_BYTES_MAX>,
}

impl fmt::Debug for Provision {
    /// Never the keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provision")
            .field("device", &self.device)
            .field("at", &self.at)
            .field("host", &self.host)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

/// Why bytes are no provisioning record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProvisionError {
    /// They do not start like one: the flash is blank, or holds something else.
    Magic,
    /// The checksum is wrong.
    Checksum,
    /// A value that no record has.
    Value,
}

impl fmt::Display for ProvisionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Magic => "there is no provisioning record",
            Self::Checksum => "the provisioning record's checksum is wrong",
            Self::Value => "the provisioning record holds a value that no record has",
        })
    }
}

impl core::error::Error for ProvisionError {}

impl Provision {
    /// The record's bytes.
    pub fn encode(&self) -> [u8; PROVISION_BYTES] {
        let mut out = [0; PROVISION_BYTES];
        let mut writer = Writer { out: &mut out, at: 0 };
        let (beacon, beacon_key) = self.beacon.unwrap_or((DeviceId::new(0), [0; 16]));
        writer.put(&MAGIC);
        writer.put(&self.device.number().to_le_bytes());
        writer.put(&self.key);
        writer.put(&self.secret);
        writer.put(&self.authority.unwrap_or_default());
        writer.put(&beacon.number().to_le_bytes());
        writer.put(&beacon_key);
        writer.put(&self.at.0.to_le_bytes());
        writer.put(&self.port.to_le_bytes());
        writer.put(&[if self.tls { FLAG_TLS } else { 0 }]);
        // Both lengths are below 256.
        writer.put(&[self.host.length as u8]);
        writer.put(&self.host.bytes);
        writer.put(&[self.apn.length as u8]);
        writer.put(&self.apn.bytes);
        let (body, sum) = out.split_at_mut(PROVISION_BYTES - 4);
        sum.copy_from_slice(&crc32(body).to_le_bytes());
        out
    }

    /// Reads a record.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn decode(bytes: &[u8; PROVISION_BYTES]) -> Result<Self, ProvisionError> {
        let mut reader = Reader { bytes, at: 0 };
        if reader.take::<4>() != MAGIC {
            return Err(ProvisionError::Magic);
        }
        let sum = Reader { bytes, at: PROVISION_BYTES - 4 }.take();
        if crc32(&bytes[..PROVISION_BYTES - 4]) != u32::from_le_bytes(sum) {
            return Err(ProvisionError::Checksum);
        }
        let device = DeviceId::new(u64::from_le_bytes(reader.take()));
        let (key, secret, authority) = (reader.take(), reader.take(), reader.take());
        let beacon = DeviceId::new(u64::from_le_bytes(reader.take()));
        let beacon_key = reader.take();
        let at = UnixMillis(i64::from_le_bytes(reader.take()));
        let port = u16::from_le_bytes(reader.take());
        let [flags] = reader.take();
        let record = Self {
            device,
            key,
            secret,
            authority: (authority != [0; 32]).then_some(authority),
            beacon: (beacon.number() != 0).then_some((beacon, beacon_key)),
            at,
            port,
            tls: flags & FLAG_TLS != 0,
            host: reader.name().ok_or(ProvisionError::Value)?,
            apn: reader.name().ok_or(ProvisionError::Value)?,
        };
        if record.encode() == *bytes { Ok(record) } else { Err(ProvisionError::Value) }
    }
}

struct Writer<'a> {
    out: &'a mut [u8; PROVISION_BYTES],
    at: usize,
}

impl Writer<'_> {
    fn put(&mut self, bytes: &[u8]) {
        let end = self.at + bytes.len();
        self.out[self.at..end].copy_from_slice(bytes);
        self.at = end;
    }
}

struct Reader<'a> {
    bytes: &'a [u8; PROVISION_BYTES],
    at: usize,
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let mut out = [0; N];
        out.copy_from_slice(&self.bytes[self.at..self.at + N]);
        self.at += N;
        out
    }

    fn name<const N: usize>(&mut self) -> Option<Name<N>> {
        let [length] = self.take();
        let bytes = self.take::<N>();
        Name::from_bytes(bytes.get(..usize::from(length))?)
    }
}

/// CRC-32 as in Ethernet and zip, bit by bit: it runs once a boot.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, &byte| {
        (0..8).fold(sum ^ u32::from(byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 & 0_u32.wrapping_sub(sum & 1)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;

    fn record() -> Provision {
        Provision {
            device: DeviceId::new(42),
            key: [1; 16],
            secret: [2; 32],
            authority: Some([3; 32]),
            beacon: Some((DeviceId::new(900), [4; 16])),
            at: UnixMillis(1_795_293_600_000),
            host: Name::new("broker.example").unwrap(),
            port: 8883,
            tls: true,
            apn: Name::new("iot").unwrap(),
        }
    }

    #[test]
    fn a_record_round_trips_with_and_without_its_optional_parts() {
        for record in [record(), Provision { authority: None, beacon: None, tls: false, ..record() }] {
            assert_eq!(Provision::decode(&record.encode()), Ok(record));
        }
    }

    #[test]
    fn the_layout_is_the_documented_one() {
        let bytes = record().encode();
        assert_eq!(bytes[..12], *b"LKP1\x2a\0\0\0\0\0\0\0");
        assert_eq!((bytes[12], bytes[28], bytes[60], bytes[100]), (1, 2, 3, 4));
        assert_eq!(bytes[92..100], 900_u64.to_le_bytes());
        assert_eq!(bytes[124..127], [0xb3, 0x22, 1]);
        assert_eq!((bytes[127], &bytes[128..142]), (14, &b"broker.example"[..]));
        assert_eq!((bytes[192], &bytes[193..196]), (3, &b"iot"[..]));
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn blank_flash_and_every_changed_bit_are_refused() {
        assert_eq!(Provision::decode(&[0xff; PROVISION_BYTES]), Err(ProvisionError::Magic));
        let good = record().encode();
        for bit in 0..PROVISION_BYTES * 8 {
            let mut bytes = good;
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(Provision::decode(&bytes).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn a_record_with_a_quote_in_a_name_is_refused_although_its_sum_is_right() {
        let mut bytes = record().encode();
        bytes[130] = b'"';
        let sum = crc32(&bytes[..252]);
        bytes[252..].copy_from_slice(&sum.to_le_bytes());
        assert_eq!(Provision::decode(&bytes), Err(ProvisionError::Value));
        assert_eq!(Name::<8>::new("nine char"), None);
    }

    #[test]
    fn keys_do_not_show_in_debug_output() {
        let text = format!("{:?}", record());
        assert!(text.contains("broker.example") && !text.contains("secret") && !text.contains("key"));
    }
}
