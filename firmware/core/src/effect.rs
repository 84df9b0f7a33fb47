//! What the core asks of a board, in a bounded queue.

use crate::Uptime;
use crate::beacon::Challenge;
use lenke_wire::{DeviceId, FrameId, Lane, UnixMillis, downlink::NoticeCode};

/// How much of the receiver is to be powered between the samples that are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GnssPower {
    /// Nothing, not even its memory of the orbits.
    Off,
    /// Its backup domain: the next start is a hot one.
    Backup,
    /// All of it: samples are so frequent that it goes on tracking.
    Tracking,
}

/// One thing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Send [`crate::Input::Timer`] at this time, or at once if it has passed; replaces the last such wish.
    WakeAt(Uptime),
    /// Get a position; answer with [`crate::Input::Fix`] or [`crate::Input::NoFix`].
    SampleGnss,
    /// Power the receiver like this between samples, from now on.
    PowerGnss(GnssPower),
    /// Sample the strap's loop so often a second from now on; 0: not at all.
    SampleStrap {
        /// Samples a second.
        hertz: u8,
    },
    /// Publish this frame of the journal on the topic of this lane; answer with [`crate::Input::PubAck`].
    Transmit {
        /// The frame to read from the journal.
        frame: FrameId,
        /// The topic to publish it on.
        lane: Lane,
    },
    /// Connect to the centre; answer with [`crate::Input::LinkUp`] or [`crate::Input::LinkDown`].
    Connect,
    /// End the connection and switch the modem off; answer with [`crate::Input::LinkDown`].
    Disconnect,
    /// Send this challenge to a beacon by radio; its answer comes as [`crate::Input::BeaconAnswer`].
    ChallengeBeacon {
        /// Which.
        beacon: DeviceId,
        /// What to send.
        challenge: Challenge,
    },
    /// Tell the wearer.
    Notice {
        /// What.
        code: NoticeCode,
        /// A time that goes with it: when the battery will be flat.
        at: Option<UnixMillis>,
    },
    /// Fetch the image of [`crate::Tag::update`] into the other slot; answer with [`crate::Input::Update`].
    FetchUpdate,
    /// Mark the fetched image for a trial at the next start, and start again.
    StartUpdate,
}

/// Most effects waiting for the board. One input causes fewer; a board that drains the queue after each never fills it.
pub const EFFECTS_MAX: usize = 24;

/// Effects in the order in which they are to be done.
#[derive(Clone, Debug)]
pub struct Effects {
    queue: [Effect; EFFECTS_MAX],
    first: usize,
    length: usize,
    dropped: u32,
}

impl Default for Effects {
    fn default() -> Self {
        Self::new()
    }
}

impl Effects {
    /// Nothing to do.
    pub const fn new() -> Self {
        Self { queue: [Effect::SampleGnss; EFFECTS_MAX], first: 0, length: 0, dropped: 0 }
    }

    /// Takes the next effect.
    pub fn pop(&mut self) -> Option<Effect> {
        if self.length == 0 {
            return None;
        }
        let effect = self.queue[self.first];
        self.first = (self.first + 1) % EFFECTS_MAX;
        self.length -= 1;
        Some(effect)
    }

    /// Effects that found no room since the start.
    pub const fn dropped(&self) -> u32 {
        self.dropped
    }

    /// Room for this many more.
    pub(crate) const fn room(&self) -> usize {
        EFFECTS_MAX - self.length
    }

    pub(crate) fn push(&mut self, effect: Effect) {
        if self.room() == 0 {
            self.dropped = self.dropped.saturating_add(1);
            return;
        }
        self.queue[(self.first + self.length) % EFFECTS_MAX] = effect;
        self.length += 1;
    }
}

impl Iterator for &mut Effects {
    type Item = Effect;

    fn next(&mut self) -> Option<Effect> {
        self.pop()
    }
}
