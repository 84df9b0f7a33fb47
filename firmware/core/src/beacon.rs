//! The home beacon proves that it is at home: challenge and response over the radio, under a key from enrolment.
//!
//! | message | bytes |
//! |---|---|
//! | heartbeat, beacon to all | `01`, beacon number (8) |
//! | challenge, tag to beacon | `02`, beacon number (8), tag number (8), challenge (8) |
//! | answer, beacon to tag | `03`, beacon number (8), tag number (8), answer (8) |
//!
//! Numbers are big-endian; each message fits the 31 bytes of a Bluetooth LE advertisement.
//!
//! ```text
//! challenge = HMAC-SHA256(key, "lenke beacon challenge v1" || beacon || tag || epoch (4) || counter (4))[0..8]
//! answer    = HMAC-SHA256(key, "lenke beacon v1"           || beacon || tag || challenge)[0..8]
//! ```
//!
//! The challenge needs no source of randomness: an epoch is never used twice, so no challenge is, and without the key nobody can
//! tell the next one. A heartbeat alone proves nothing; a recorded answer fits no later challenge; an answer that
//! comes later than [`ANSWER_MS_MAX`] is refused, which leaves a relay little time. A fast relay remains possible, so a proven
//! beacon does not silence GNSS for ever: see `location`.

use crate::Uptime;
use hmac::{Hmac, KeyInit, Mac};
use lenke_wire::{DeviceId, Epoch};
use sha2::Sha256;

/// Bytes of a challenge and of an answer.
pub const PROOF_BYTES: usize = 8;
/// An answer that comes later than this proves nothing.
pub const ANSWER_MS_MAX: i64 = 1_000;
/// A beacon that has proven itself is asked again after this time.
const PROVEN_MS: i64 = 60_000;
/// A beacon that did not answer is asked again at its next heartbeat after this time.
const RETRY_MS: i64 = 5_000;
/// Bytes of the longest message.
pub const MESSAGE_BYTES_MAX: usize = 1 + 8 + 8 + PROOF_BYTES;

/// What a tag asks.
pub type Challenge = [u8; PROOF_BYTES];
/// What a beacon proves itself with.
pub type Answer = [u8; PROOF_BYTES];

/// The key that a home beacon shares with the one tag that it serves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct BeaconKey([u8; 16]);

impl core::fmt::Debug for BeaconKey {
    /// Never the bytes.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("BeaconKey(..)")
    }
}

impl BeaconKey {
    /// From its 16 bytes.
    pub const fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The proof that `beacon` gives `tag` for `challenge`: the beacon's side.
    pub fn answer(&self, beacon: DeviceId, tag: DeviceId, challenge: &Challenge) -> Answer {
        let mac = self.mac(b"lenke beacon v1", beacon, tag).chain_update(challenge);
        truncated(mac)
    }

    fn challenge(&self, beacon: DeviceId, tag: DeviceId, epoch: Epoch, counter: u32) -> Challenge {
        let mac = self.mac(b"lenke beacon challenge v1", beacon, tag);
        truncated(mac.chain_update(epoch.0.to_be_bytes()).chain_update(counter.to_be_bytes()))
    }

    fn is_answer(&self, beacon: DeviceId, tag: DeviceId, challenge: &Challenge, answer: &Answer) -> bool {
        let mac = self.mac(b"lenke beacon v1", beacon, tag).chain_update(challenge);
        mac.verify_truncated_left(answer).is_ok()
    }

    fn mac(&self, label: &[u8], beacon: DeviceId, tag: DeviceId) -> Hmac<Sha256> {
        Hmac::<Sha256>::new(&padded(self.0).into())
            .chain_update(label)
            .chain_update(beacon.number().to_be_bytes())
            .chain_update(tag.number().to_be_bytes())
    }
}

/// HMAC fills a shorter key up with zeros to the block of its hash.
const fn padded(key: [u8; 16]) -> [u8; 64] {
    let mut block = [0; 64];
    let mut at = 0;
    while at < key.len() {
        block[at] = key[at];
        at += 1;
    }
    block
}

fn truncated(mac: Hmac<Sha256>) -> [u8; PROOF_BYTES] {
    let mut proof = [0; PROOF_BYTES];
    proof.copy_from_slice(&mac.finalize().into_bytes()[..PROOF_BYTES]);
    proof
}

/// The beacon at home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HomeBeacon {
    /// Which.
    pub device: DeviceId,
    /// What it proves itself with.
    pub key: BeaconKey,
}

/// What goes over the radio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// A beacon is there, or something that says so.
    Heartbeat {
        /// Whose.
        beacon: DeviceId,
    },
    /// A tag wants proof.
    Challenge {
        /// Of whom.
        beacon: DeviceId,
        /// Which tag.
        tag: DeviceId,
        /// For what.
        challenge: Challenge,
    },
    /// A beacon gives it.
    Answer {
        /// Which.
        beacon: DeviceId,
        /// To whom.
        tag: DeviceId,
        /// The proof.
        answer: Answer,
    },
}

impl Message {
    /// Writes the message; returns the bytes in use.
    pub fn encode(self, out: &mut [u8; MESSAGE_BYTES_MAX]) -> &[u8] {
        let (kind, beacon, rest) = match self {
            Self::Heartbeat { beacon } => (1, beacon, None),
            Self::Challenge { beacon, tag, challenge } => (2, beacon, Some((tag, challenge))),
            Self::Answer { beacon, tag, answer } => (3, beacon, Some((tag, answer))),
        };
        out[0] = kind;
        out[1..9].copy_from_slice(&beacon.number().to_be_bytes());
        let Some((tag, proof)) = rest else { return &out[..9] };
        out[9..17].copy_from_slice(&tag.number().to_be_bytes());
        out[17..].copy_from_slice(&proof);
        &out[..]
    }

    /// Reads a message; `None` if it is none of these.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (&kind, rest) = bytes.split_first()?;
        let (beacon, rest) = rest.split_first_chunk()?;
        let beacon = DeviceId::new(u64::from_be_bytes(*beacon));
        if kind == 1 && rest.is_empty() {
            return Some(Self::Heartbeat { beacon });
        }
        let (tag, proof) = rest.split_first_chunk()?;
        let tag = DeviceId::new(u64::from_be_bytes(*tag));
        let proof = proof.try_into().ok()?;
        match kind {
            2 => Some(Self::Challenge { beacon, tag, challenge: proof }),
            3 => Some(Self::Answer { beacon, tag, answer: proof }),
            _ => None,
        }
    }
}

/// What an answer proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// The home beacon is near.
    Home,
    /// Something answers in its name without its key.
    Forged,
    /// Nothing: nobody asked, or it came too late.
    Nothing,
}

/// The tag's side: whom it asked, and what it makes of the answers.
pub(crate) struct Prover {
    epoch: Epoch,
    counter: u32,
    asked: Option<(Challenge, Uptime)>,
    ask_from: Uptime,
}

impl Prover {
    pub(crate) const fn new(epoch: Epoch) -> Self {
        Self { epoch, counter: 0, asked: None, ask_from: Uptime::START }
    }

    /// The home beacon's heartbeat was heard: what to ask it, if it is time to.
    pub(crate) fn handle_heartbeat(
        &mut self,
        home: &HomeBeacon,
        tag: DeviceId,
        now: Uptime,
    ) -> Option<Challenge> {
        if now < self.ask_from {
            return None;
        }
        // Used up after 680 years of questions; until then no challenge comes twice.
        self.counter = self.counter.checked_add(1)?;
        let challenge = home.key.challenge(home.device, tag, self.epoch, self.counter);
        self.asked = Some((challenge, now));
        self.ask_from = now.plus_ms(RETRY_MS);
        Some(challenge)
    }

    pub(crate) fn handle_answer(
        &mut self,
        home: &HomeBeacon,
        tag: DeviceId,
        answer: &Answer,
        now: Uptime,
    ) -> Proof {
        let Some((challenge, since)) = self.asked else { return Proof::Nothing };
        if now.since_ms(since) > ANSWER_MS_MAX {
            self.asked = None;
            return Proof::Nothing;
        }
        if !home.key.is_answer(home.device, tag, &challenge, answer) {
            // The question stands: a forger must not keep the true answer from being heard.
            return Proof::Forged;
        }
        self.asked = None;
        self.ask_from = now.plus_ms(PROVEN_MS);
        Proof::Home
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAG: DeviceId = DeviceId::new(42);
    const HOME: HomeBeacon = HomeBeacon { device: DeviceId::new(700_001), key: BeaconKey::new([9; 16]) };

    fn ms(millis: i64) -> Uptime {
        Uptime::from_ms(millis)
    }

    #[test]
    fn messages_survive_the_radio_and_nothing_else_is_taken() {
        let messages = [
            Message::Heartbeat { beacon: HOME.device },
            Message::Challenge { beacon: HOME.device, tag: TAG, challenge: [1; 8] },
            Message::Answer { beacon: HOME.device, tag: TAG, answer: [2; 8] },
        ];
        for message in messages {
            let mut out = [0; MESSAGE_BYTES_MAX];
            let bytes = message.encode(&mut out);
            assert!(bytes.len() <= 31);
            assert_eq!(Message::decode(bytes), Some(message));
            for length in 0..bytes.len() {
                assert_eq!(Message::decode(&bytes[..length]).filter(|&read| read == message), None);
            }
        }
        assert_eq!(Message::decode(&[4; 25]), None);
    }

    #[test]
    fn the_true_beacon_proves_itself_once_for_each_challenge() {
        let mut prover = Prover::new(Epoch(3));
        let challenge = prover.handle_heartbeat(&HOME, TAG, ms(0)).unwrap();
        let answer = HOME.key.answer(HOME.device, TAG, &challenge);
        assert_eq!(prover.handle_answer(&HOME, TAG, &answer, ms(200)), Proof::Home);
        assert_eq!(prover.handle_answer(&HOME, TAG, &answer, ms(300)), Proof::Nothing);
        assert_eq!(prover.handle_heartbeat(&HOME, TAG, ms(30_000)), None, "proven for a minute");
        let next = prover.handle_heartbeat(&HOME, TAG, ms(60_200)).unwrap();
        assert_ne!(next, challenge);
        assert_eq!(prover.handle_answer(&HOME, TAG, &answer, ms(60_300)), Proof::Forged, "a recorded answer");
    }

    #[test]
    fn a_clone_without_the_key_cannot_answer_nor_silence_the_true_one() {
        let mut prover = Prover::new(Epoch(3));
        let challenge = prover.handle_heartbeat(&HOME, TAG, ms(0)).unwrap();
        let forged = BeaconKey::new([8; 16]).answer(HOME.device, TAG, &challenge);
        assert_eq!(prover.handle_answer(&HOME, TAG, &forged, ms(10)), Proof::Forged);
        let answer = HOME.key.answer(HOME.device, TAG, &challenge);
        assert_eq!(prover.handle_answer(&HOME, TAG, &answer, ms(20)), Proof::Home);
    }

    #[test]
    fn a_late_answer_proves_nothing_and_the_beacon_is_asked_again() {
        let mut prover = Prover::new(Epoch(3));
        let challenge = prover.handle_heartbeat(&HOME, TAG, ms(0)).unwrap();
        let answer = HOME.key.answer(HOME.device, TAG, &challenge);
        assert_eq!(prover.handle_answer(&HOME, TAG, &answer, ms(1_001)), Proof::Nothing);
        assert!(prover.handle_heartbeat(&HOME, TAG, ms(4_999)).is_none());
        assert!(prover.handle_heartbeat(&HOME, TAG, ms(5_000)).is_some());
    }

    #[test]
    fn challenges_differ_between_starts_and_tags() {
        let of = |epoch, tag| Prover::new(Epoch(epoch)).handle_heartbeat(&HOME, tag, ms(0)).unwrap();
        assert_ne!(of(1, TAG), of(2, TAG));
        assert_ne!(of(1, TAG), of(1, DeviceId::new(43)));
    }

    #[test]
    fn the_proof_is_hmac_sha256_and_pinned() {
        let answer = HOME.key.answer(HOME.device, TAG, &[1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(answer, PINNED);
    }

    /// By Python: hmac.digest(bytes([9] * 16), b"lenke beacon v1" + ..., "sha256")[:8].
    const PINNED: Answer = [253, 166, 148, 64, 33, 223, 127, 77];
}
