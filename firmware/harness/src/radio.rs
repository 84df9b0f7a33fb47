//! The beacon radio: hears the home unit's heartbeat while the wearer is at home, and carries challenges to it.

use crate::walk::moment;
use hmac::{Hmac, KeyInit, Mac};
use lenke_wire::{DeviceId, UnixMillis};
use sha2::Sha256;

const HEARTBEAT_US: u64 = 20_000_000;
/// From challenge to answer.
const ANSWER_US: u64 = 90_000;
const DOMAIN: &[u8] = b"lenke beacon v1";
const RESPONSE_BYTES: usize = 8;

/// A home unit and the radio that hears it.
pub(crate) struct Radio {
    beacon: DeviceId,
    key: [u8; 16],
    tag: DeviceId,
    next_at: u64,
    line: Vec<u8>,
}

impl Radio {
    pub(crate) const fn new(beacon: DeviceId, key: [u8; 16], tag: DeviceId) -> Self {
        Self { beacon, key, tag, next_at: HEARTBEAT_US / 2, line: Vec::new() }
    }

    /// When the next heartbeat is due.
    pub(crate) const fn next_at(&self) -> u64 {
        self.next_at
    }

    /// The heartbeat at `now`, if it can be heard.
    pub(crate) fn heartbeat(&mut self, now: u64, at: UnixMillis) -> Option<Vec<u8>> {
        self.next_at = now + HEARTBEAT_US;
        moment(at).at_home.then(|| format!("+HB {} -61\n", self.beacon.number()).into_bytes())
    }

    /// What the tag says; returns answers, and after how many microseconds they come.
    pub(crate) fn hear(&mut self, bytes: &[u8], at: UnixMillis) -> Vec<(u64, Vec<u8>)> {
        let mut answers = Vec::new();
        for &byte in bytes {
            if byte != b'\n' {
                self.line.push(byte);
                continue;
            }
            let line = std::mem::take(&mut self.line);
            if let Some(answer) = self.answer(&line).filter(|_| moment(at).at_home) {
                answers.push((ANSWER_US, answer));
            }
        }
        answers
    }

    fn answer(&self, line: &[u8]) -> Option<Vec<u8>> {
        let mut words = std::str::from_utf8(line).ok()?.split(' ');
        let (Some("CH"), Some(number), Some(nonce), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return None;
        };
        if number.parse() != Ok(self.beacon.number()) || nonce.len() != 16 {
            return None;
        }
        let nonce = u64::from_str_radix(nonce, 16).ok()?;
        let mut mac =
            <Hmac<Sha256> as KeyInit>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.update(DOMAIN);
        for number in [self.beacon.number(), self.tag.number(), nonce] {
            mac.update(&number.to_be_bytes());
        }
        let digest = mac.finalize().into_bytes();
        let response: String = digest[..RESPONSE_BYTES].iter().map(|byte| format!("{byte:02x}")).collect();
        Some(format!("+CR {number} -62 {response}\n").into_bytes())
    }
}
