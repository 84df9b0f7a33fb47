//! A frame as it reaches the centre: whoever brought it has established which device's topic it came on, no more.

use bytes::Bytes;
use lenke_wire::{DeviceId, topic::Lane};
use std::{fmt, sync::Arc};

/// Largest frame that is looked at at all; anything above is refused unread and only its head is kept.
pub const ARRIVAL_BYTES_MAX: usize = 16 << 10;

/// Longest source text that is kept.
const SOURCE_BYTES_MAX: usize = 200;

/// Where a frame came from, for logs and quarantine: a peer address or a broker and topic.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Source(Arc<str>);

impl Source {
    /// `text`, cut at a character boundary if it is long.
    pub fn new(text: &str) -> Self {
        let end =
            text.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= SOURCE_BYTES_MAX);
        Self(text.get(..end.last().unwrap_or(0)).unwrap_or_default().into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

/// One frame on one device's topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Whose topic it came on.
    pub device: DeviceId,
    /// Which of the device's topics.
    pub lane: Lane,
    /// Who brought it.
    pub source: Source,
    /// The sealed frame.
    pub bytes: Bytes,
}
