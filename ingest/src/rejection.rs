//! Why a frame is refused. Each has a code that is counted, logged and kept with the frame in quarantine.

use std::fmt;

/// The rule that a frame broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rejection {
    /// No frame at all.
    Garbage,
    /// A frame that ends too early.
    Truncated,
    /// Longer than a frame can be.
    Oversized,
    /// The topic names a device that is not enrolled.
    UnknownDevice,
    /// Not sealed with this device's key for this direction.
    WrongKey,
    /// Authentic, but its report cannot be read.
    Undecodable,
    /// Authentic, but seen, committed and acknowledged to the device long ago.
    Replayed,
    /// Authentic, but other bytes are known under its (epoch, seq).
    ConflictingBytes,
    /// Says that it comes from the future.
    ClockAhead,
    /// Says that it is older than the device's enrolment.
    BeforeEnrolment,
    /// Nobody carried the device at that time.
    NoActivation,
    /// A checkpoint whose signature is not the device's.
    BadCheckpoint,
    /// Published to the topic of another device, or to none of ours.
    ForeignTopic,
}

impl Rejection {
    /// All of them, in order.
    pub const ALL: [Self; 13] = [
        Self::Garbage,
        Self::Truncated,
        Self::Oversized,
        Self::UnknownDevice,
        Self::WrongKey,
        Self::Undecodable,
        Self::Replayed,
        Self::ConflictingBytes,
        Self::ClockAhead,
        Self::BeforeEnrolment,
        Self::NoActivation,
        Self::BadCheckpoint,
        Self::ForeignTopic,
    ];

    /// The code in counters, logs and quarantine.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Garbage => "garbage",
            Self::Truncated => "truncated",
            Self::Oversized => "oversized",
            Self::UnknownDevice => "unknown_device",
            Self::WrongKey => "wrong_key",
            Self::Undecodable => "undecodable",
            Self::Replayed => "replayed",
            Self::ConflictingBytes => "conflicting_bytes",
            Self::ClockAhead => "clock_ahead",
            Self::BeforeEnrolment => "before_enrolment",
            Self::NoActivation => "no_activation",
            Self::BadCheckpoint => "bad_checkpoint",
            Self::ForeignTopic => "foreign_topic",
        }
    }

    /// The device's own key sealed the frame. Such a frame is quarantined and counts as committed, so that the
    /// device's cumulative acknowledgement can pass it; any other is quarantined and nothing else.
    pub const fn is_authentic(self) -> bool {
        match self {
            Self::Garbage
            | Self::Truncated
            | Self::Oversized
            | Self::UnknownDevice
            | Self::WrongKey
            | Self::ForeignTopic => false,
            Self::Undecodable
            | Self::Replayed
            | Self::ConflictingBytes
            | Self::ClockAhead
            | Self::BeforeEnrolment
            | Self::NoActivation
            | Self::BadCheckpoint => true,
        }
    }

    /// Somebody may be tampering: the wearer's monitor is told.
    pub const fn is_security_event(self) -> bool {
        matches!(self, Self::WrongKey | Self::ConflictingBytes | Self::BadCheckpoint)
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A rejection and what exactly was wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The rule.
    pub rejection: Rejection,
    /// For a person to read; never a position.
    pub detail: String,
}

impl Refusal {
    /// `rejection` because of `detail`.
    pub fn new(rejection: Rejection, detail: impl Into<String>) -> Self {
        Self { rejection, detail: detail.into() }
    }
}
