//! What the core asks of a board, in a bounded queue.

use lenke_wire::{FrameId, Lane, UnixMillis, downlink::NoticeCode};

/// One thing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Send [`crate::Input::Timer`] at this time, or at once if it has passed; replaces the last such wish.
    WakeAt(UnixMillis),
    /// Get a position; answer with [`crate::Input::Fix`] or [`crate::Input::NoFix`].
    SampleGnss,
    /// Publish this frame of the journal on the topic of this lane; answer with [`crate::Input::PubAck`].
    Transmit {
        /// The frame to read from the journal.
        frame: FrameId,
        /// The topic to publish it on.
        lane: Lane,
    },
    /// Connect to the centre; answer with [`crate::Input::LinkUp`] or [`crate::Input::LinkDown`].
    Connect,
    /// Tell the wearer.
    Notice(NoticeCode),
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
