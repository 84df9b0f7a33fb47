//! What a replay tells: on the way, and at the end.

use super::recording::{Findings, Messages, Recording};
use crate::fleet::FleetStats;
use serde::Serialize;
use std::fmt;

/// How far a replay is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Fixes played.
    pub played: u64,
    /// Fixes of the recording.
    pub of: u64,
    /// Frames published.
    pub published: u64,
    /// Frames that the centre acknowledged.
    pub acknowledged: u64,
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { played, of, published, acknowledged } = self;
        write!(f, "{played} of {of} fixes played  {published} reports  {acknowledged} acknowledged")
    }
}

/// What a replay came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// What was found while reading.
    #[serde(flatten)]
    pub recording: Findings,
    /// Fixes that the firmware core reported.
    pub fixes: u64,
    /// Frames published, each counted once.
    pub published: u64,
    /// Frames published again.
    pub resent: u64,
    /// Frames that the centre acknowledged.
    pub acknowledged: u64,
    /// Frames that it has not acknowledged.
    pub unacknowledged: u64,
}

impl Summary {
    pub(super) fn new(recording: Findings, stats: &FleetStats) -> Self {
        Self {
            recording,
            fixes: stats.fixes,
            published: stats.published,
            resent: stats.resent,
            acknowledged: stats.acknowledged,
            unacknowledged: stats.unacknowledged,
        }
    }

    /// Names and figures, for a table.
    pub fn rows(&self) -> Vec<(&'static str, u64)> {
        let Findings { points, without_fix, gaps, rejected, out_of_order, without_time } = self.recording;
        vec![
            ("points read", points),
            ("without position", without_fix),
            ("gaps over 60 s", gaps),
            ("messages rejected", rejected),
            ("out of order, left out", out_of_order),
            ("without time, one each 5 s", without_time),
            ("fixes reported", self.fixes),
            ("reports published", self.published),
            ("resent", self.resent),
            ("acknowledged by the centre", self.acknowledged),
            ("not acknowledged", self.unacknowledged),
        ]
    }
}

/// What a recording holds, without playing it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Contents {
    /// What was found while reading.
    #[serde(flatten)]
    pub recording: Findings,
    /// Fixes that would be played.
    pub fixes: u64,
    /// Seconds from the first to the last.
    pub seconds: f64,
    /// What a receiver's raw output consists of.
    pub messages: Option<Messages>,
}

impl Contents {
    /// Of a recording.
    pub fn of(recording: &Recording) -> Self {
        Self {
            recording: *recording.findings(),
            fixes: recording.fixes().len() as u64,
            seconds: recording.duration_ms() as f64 / 1000.0,
            messages: recording.messages().copied(),
        }
    }

    /// Names and figures, for a table.
    pub fn rows(&self) -> Vec<(&'static str, u64)> {
        let Findings { points, without_fix, gaps, rejected, out_of_order, without_time } = self.recording;
        let mut rows = vec![
            ("points read", points),
            ("without position", without_fix),
            ("gaps over 60 s", gaps),
            ("messages rejected", rejected),
            ("out of order, left out", out_of_order),
            ("without time", without_time),
            ("fixes", self.fixes),
            ("seconds", self.seconds as u64),
        ];
        if let Some(messages) = self.messages {
            rows.extend([
                ("NMEA sentences", messages.nmea),
                ("NMEA sentences rejected", messages.nmea_rejected),
                ("UBX messages", messages.ubx),
                ("UBX messages rejected", messages.ubx_rejected),
                ("SiRF messages", messages.sirf),
                ("SiRF messages rejected", messages.sirf_rejected),
                ("implausible", messages.implausible),
                ("words about signals", messages.signals),
            ]);
        }
        rows
    }
}
