//! Hostile devices: bytes and behaviour that the centre must refuse, count and survive.

use crate::draw::{Draw, Stream};
use crate::keys::Keys;
use bytes::Bytes;
use lenke_wire::codec::{Content, FRAME_BYTES_MAX, INNER_BYTES_MAX, encode};
use lenke_wire::frame::{Direction, seal};
use lenke_wire::topic::{Lane, up};
use lenke_wire::{DeviceId, Event, EventKind, FrameId, TimeSource, UnixMillis};
use std::time::Duration;

/// Bytes of an oversized payload.
const OVERSIZED_BYTES: usize = 4 * FRAME_BYTES_MAX;
/// Bytes of garbage.
const GARBAGE_BYTES: usize = 90;
/// A clock far off is ahead by so much, ms.
const AHEAD_MS: i64 = 30 * 86_400_000;
/// A device that drops its connection does so this often.
const DROP_EVERY: Duration = Duration::from_secs(2);
/// Number of the device that nobody enrolled.
const UNKNOWN_NUMBER: u64 = 999_901;

/// One kind of hostile behaviour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mischief {
    /// Random bytes beside each report.
    Garbage,
    /// The first half of each report beside it.
    Truncated,
    /// More bytes than any report has beside each.
    Oversized,
    /// Seals with a key that is not its own.
    WrongKey,
    /// Sends each report again a little later.
    Replay,
    /// Other bytes under the (epoch, seq) of each report beside it.
    ConflictingBytes,
    /// Its clock is 30 days ahead.
    ClockAhead,
    /// Sends each report on the topic of another device as well.
    ForeignTopic,
    /// Nobody enrolled it.
    UnknownDevice,
    /// Sends each packet twice.
    Duplicate,
    /// Breaks its connection every two seconds.
    DropConnection,
}

impl Mischief {
    /// All kinds.
    pub const ALL: [Self; 11] = [
        Self::Garbage,
        Self::Truncated,
        Self::Oversized,
        Self::WrongKey,
        Self::Replay,
        Self::ConflictingBytes,
        Self::ClockAhead,
        Self::ForeignTopic,
        Self::UnknownDevice,
        Self::Duplicate,
        Self::DropConnection,
    ];

    /// The centre can never acknowledge what such a device reports.
    pub const fn dooms(self) -> bool {
        matches!(self, Self::WrongKey | Self::ClockAhead | Self::UnknownDevice)
    }

    /// The device that plays it, where that is no tag of the scenario.
    pub(crate) const fn stranger(self) -> Option<DeviceId> {
        match self {
            Self::UnknownDevice => Some(DeviceId::new(UNKNOWN_NUMBER)),
            Self::Garbage
            | Self::Truncated
            | Self::Oversized
            | Self::WrongKey
            | Self::Replay
            | Self::ConflictingBytes
            | Self::ClockAhead
            | Self::ForeignTopic
            | Self::Duplicate
            | Self::DropConnection => None,
        }
    }

    /// How far its clock is ahead, ms.
    pub(crate) const fn ahead_ms(self) -> i64 {
        if matches!(self, Self::ClockAhead) { AHEAD_MS } else { 0 }
    }

    /// How often it breaks its connection.
    pub(crate) const fn drops_every(self) -> Option<Duration> {
        if matches!(self, Self::DropConnection) { Some(DROP_EVERY) } else { None }
    }

    /// The keys it seals with.
    pub(crate) fn sealing_keys(self, seed: u64, device: DeviceId) -> Keys {
        Keys::derive(if matches!(self, Self::WrongKey) { seed ^ 0x5eed } else { seed }, device)
    }
}

/// A publish that no honest device would make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HostilePublish {
    pub(crate) topic: String,
    pub(crate) payload: Bytes,
}

/// Makes the hostile publishes of one device.
#[derive(Debug)]
pub(crate) struct Prankster {
    mischief: Mischief,
    device: DeviceId,
    keys: Keys,
    draw: Draw,
    last: Option<Bytes>,
}

impl Prankster {
    pub(crate) fn new(mischief: Mischief, seed: u64, device: DeviceId) -> Self {
        let keys = Keys::derive(seed, device);
        let draw = Draw::new(seed, Stream::Mischief, device.number(), 0);
        Self { mischief, device, keys, draw, last: None }
    }

    /// What goes out beside the report `frame`, whose bytes are `sealed`.
    pub(crate) fn beside(
        &mut self,
        frame: FrameId,
        sealed: &Bytes,
        now: UnixMillis,
    ) -> Option<HostilePublish> {
        let own = up(self.device, Lane::Live).to_string();
        let (topic, payload) = match self.mischief {
            Mischief::Garbage => {
                let mut bytes = vec![0; GARBAGE_BYTES];
                self.draw.fill(&mut bytes);
                (own, bytes.into())
            }
            Mischief::Truncated => (own, sealed.slice(..sealed.len() / 2)),
            Mischief::Oversized => (own, vec![0xd0; OVERSIZED_BYTES].into()),
            Mischief::Replay => (own, self.last.replace(sealed.clone())?),
            Mischief::ConflictingBytes => (own, self.other_bytes(frame, now)?),
            Mischief::ForeignTopic => {
                (up(DeviceId::new(self.device.number() + 1), Lane::Live).to_string(), sealed.clone())
            }
            Mischief::Duplicate => (own, sealed.clone()),
            Mischief::WrongKey
            | Mischief::ClockAhead
            | Mischief::UnknownDevice
            | Mischief::DropConnection => {
                return None;
            }
        };
        Some(HostilePublish { topic, payload })
    }

    fn other_bytes(&self, frame: FrameId, now: UnixMillis) -> Option<Bytes> {
        let event = Event {
            at: now,
            time_source: TimeSource::Gnss,
            kind: EventKind::StrapClosed,
            value: 0,
            position: None,
        };
        let (mut inner, mut sealed) = ([0; INNER_BYTES_MAX], [0; FRAME_BYTES_MAX]);
        let length = encode(&Content::Event(&event), &mut inner).ok()?;
        let key = self.keys.device_key();
        let length = seal(&key, self.device, Direction::Up, frame, &inner[..length], &mut sealed).ok()?;
        Some(Bytes::copy_from_slice(&sealed[..length]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lenke_wire::frame::open;

    const DEVICE: DeviceId = DeviceId::new(30);

    fn beside(mischief: Mischief, sealed: &'static [u8]) -> Option<HostilePublish> {
        let mut prankster = Prankster::new(mischief, 1, DEVICE);
        prankster.beside(FrameId::new(1, 7), &Bytes::from_static(sealed), UnixMillis(1_795_293_600_000))
    }

    #[test]
    fn conflicting_bytes_open_under_the_same_number() {
        let hostile = beside(Mischief::ConflictingBytes, b"the honest report").unwrap();
        let mut inner = [0; FRAME_BYTES_MAX];
        let key = Keys::derive(1, DEVICE).device_key();
        let (frame, _) = open(&key, DEVICE, Direction::Up, &hostile.payload, &mut inner).unwrap();
        assert_eq!(frame, FrameId::new(1, 7));
        assert_eq!(hostile.topic, "lenke/v1/lk000030/up/live");
    }

    #[test]
    fn each_kind_does_what_its_name_says() {
        let sealed = b"0123456789";
        assert_eq!(beside(Mischief::Truncated, sealed).unwrap().payload, b"01234"[..]);
        assert_eq!(beside(Mischief::ForeignTopic, sealed).unwrap().topic, "lenke/v1/lk000031/up/live");
        assert!(beside(Mischief::Oversized, sealed).unwrap().payload.len() > FRAME_BYTES_MAX);
        assert_eq!(beside(Mischief::Duplicate, sealed).unwrap().payload, sealed[..]);
        assert_eq!(beside(Mischief::DropConnection, sealed), None);
        assert_ne!(
            Mischief::WrongKey.sealing_keys(1, DEVICE).symmetric(),
            Keys::derive(1, DEVICE).symmetric()
        );
    }

    #[test]
    fn a_replay_comes_one_report_later() {
        let mut prankster = Prankster::new(Mischief::Replay, 1, DEVICE);
        let (first, second) = (Bytes::from_static(b"first"), Bytes::from_static(b"second"));
        assert_eq!(prankster.beside(FrameId::new(1, 0), &first, UnixMillis(0)), None);
        assert_eq!(prankster.beside(FrameId::new(1, 1), &second, UnixMillis(0)).unwrap().payload, first);
    }
}
