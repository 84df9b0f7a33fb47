//! The password of a device's MQTT CONNECT, derived from its key; client id and username are the device id's text.
//!
//! `hex(HMAC-SHA256(key, "lenke mqtt password v1" || device number, 8 bytes big-endian)[..16])`, lower case. The label
//! keeps it apart from every other use of the key.

use crate::{DeviceId, frame::DeviceKey};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

const DOMAIN: &[u8] = b"lenke mqtt password v1";
const BEACON_DOMAIN: &[u8] = b"lenke beacon key v1";

/// Bytes of a password: 128 bits in hexadecimal.
pub const PASSWORD_BYTES: usize = 32;

/// The password of `device`, lower-case hexadecimal ASCII.
pub fn mqtt_password(key: &DeviceKey, device: DeviceId) -> [u8; PASSWORD_BYTES] {
    let mut mac =
        <Hmac<Sha256> as KeyInit>::new_from_slice(key.bytes()).expect("HMAC takes keys of any length");
    mac.update(DOMAIN);
    mac.update(&device.number().to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let mut password = [0; PASSWORD_BYTES];
    for (pair, byte) in password.chunks_exact_mut(2).zip(digest) {
        pair.copy_from_slice(&[hex_digit(byte >> 4), hex_digit(byte & 0xf)]);
    }
    password
}

/// The key by which the home unit `home` proves itself to `tag`, derived from the home unit's key: the tag learns nothing of
/// that, and other tags have other keys. `HMAC-SHA256(key, "lenke beacon key v1" || home's number || tag's number)[..16]`.
pub fn beacon_key(key: &DeviceKey, home: DeviceId, tag: DeviceId) -> [u8; 16] {
    let mut mac =
        <Hmac<Sha256> as KeyInit>::new_from_slice(key.bytes()).expect("HMAC takes keys of any length");
    mac.update(BEACON_DOMAIN);
    mac.update(&home.number().to_be_bytes());
    mac.update(&tag.number().to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let mut derived = [0; 16];
    derived.copy_from_slice(&digest[..16]);
    derived
}

/// Is `given` the password of `device`? Takes the same time whichever byte differs.
pub fn is_mqtt_password(key: &DeviceKey, device: DeviceId, given: &[u8]) -> bool {
    mqtt_password(key, device).ct_eq(given).into()
}

const fn hex_digit(nibble: u8) -> u8 {
    if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_pinned_and_belongs_to_one_key_and_device() {
        let key = DeviceKey::new([7; 16]);
        let device = DeviceId::new(42);
        let password = mqtt_password(&key, device);
        assert_eq!(core::str::from_utf8(&password), Ok("74d7f5048c2fe6b9f4a8e88e834684a8"));
        assert!(is_mqtt_password(&key, device, &password));
        assert!(!is_mqtt_password(&key, DeviceId::new(43), &password));
        assert!(!is_mqtt_password(&DeviceKey::new([8; 16]), device, &password));
        assert!(!is_mqtt_password(&key, device, &password[..31]));
    }
}
