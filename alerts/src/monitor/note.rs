//! Compact notes of fixes: what the state keeps of them, in whole numbers, so that a snapshot restores them exactly.

use crate::FixEvidence;
use lenke_wire::{DeviceId, Fix, FrameId, Position, UnixMillis};
use lenke_zones::{ConfirmPolicy, Verdict};
use serde::{Deserialize, Serialize};

/// A fix as the state keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "NoteRow", try_from = "NoteRow")]
pub(super) struct Note {
    pub(super) device: DeviceId,
    pub(super) frame: FrameId,
    pub(super) at: UnixMillis,
    pub(super) position: Position,
    pub(super) accuracy_dm: u16,
    pub(super) speed_cm_s: u16,
}

/// Device, epoch, seq, time, latitude, longitude, accuracy, speed.
type NoteRow = (u64, u32, u32, i64, i32, i32, u16, u16);

impl From<Note> for NoteRow {
    fn from(note: Note) -> Self {
        (
            note.device.number(),
            note.frame.epoch.0,
            note.frame.seq.0,
            note.at.0,
            note.position.lat_e7(),
            note.position.lon_e7(),
            note.accuracy_dm,
            note.speed_cm_s,
        )
    }
}

impl TryFrom<NoteRow> for Note {
    type Error = lenke_wire::position::PositionError;

    fn try_from(row: NoteRow) -> Result<Self, Self::Error> {
        let (device, epoch, seq, at, lat, lon, accuracy_dm, speed_cm_s) = row;
        Ok(Self {
            device: DeviceId::new(device),
            frame: FrameId::new(epoch, seq),
            at: UnixMillis(at),
            position: Position::from_e7(lat, lon)?,
            accuracy_dm,
            speed_cm_s,
        })
    }
}

impl Note {
    pub(super) fn new(device: DeviceId, frame: FrameId, fix: &Fix) -> Self {
        Self {
            device,
            frame,
            at: fix.at,
            position: fix.position,
            accuracy_dm: fix.accuracy_dm,
            speed_cm_s: fix.speed_cm_s,
        }
    }

    pub(super) fn accuracy_m(&self) -> f64 {
        f64::from(self.accuracy_dm) / 10.0
    }

    pub(super) fn speed_m_s(&self) -> f64 {
        f64::from(self.speed_cm_s) / 100.0
    }

    /// As evidence where no zone is concerned.
    pub(super) fn evidence(&self) -> FixEvidence {
        FixEvidence {
            device: self.device,
            frame: self.frame,
            at: self.at,
            position: self.position,
            accuracy_m: self.accuracy_m(),
            signed_distance_m: None,
            probability: None,
        }
    }
}

/// A fix with what one zone said of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Judged(pub(super) Note, i32, u16);

impl Judged {
    pub(super) fn new(note: Note, verdict: Verdict) -> Self {
        let probability = (verdict.probability.clamp(0.0, 1.0) * 1e4).round() as u16;
        Self(note, (verdict.signed_distance.0 * 10.0).round() as i32, probability)
    }

    /// To the zone's boundary, metres; positive inside.
    pub(super) fn signed_distance_m(&self) -> f64 {
        f64::from(self.1) / 10.0
    }

    /// Probability of having been inside.
    pub(super) fn probability(&self) -> f64 {
        f64::from(self.2) / 1e4
    }

    pub(super) fn evidence(&self) -> FixEvidence {
        FixEvidence {
            signed_distance_m: Some(self.signed_distance_m()),
            probability: Some(self.probability()),
            ..self.0.evidence()
        }
    }
}

/// Which of the last few fixes were hits, the latest in the lowest bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Hits(u8);

impl Hits {
    /// Fixes remembered at most; a policy's window is cut to this.
    pub(super) const WINDOW_MAX: u8 = 8;

    /// One more fix.
    pub(super) fn push(&mut self, hit: bool) {
        self.0 = self.0 << 1 | u8::from(hit);
    }

    /// Hits among the last `window` fixes.
    pub(super) fn of_last(self, window: u8) -> u8 {
        let window = window.clamp(1, Self::WINDOW_MAX);
        (self.0 & (u8::MAX >> (Self::WINDOW_MAX - window))).count_ones() as u8
    }

    /// Whether these are as many hits of the last fixes as the policy asks for.
    pub(super) fn confirm(self, policy: &ConfirmPolicy) -> bool {
        self.of_last(policy.window) >= policy.hits.min(Self::WINDOW_MAX)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0 == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hits_count_only_within_the_window() {
        let mut hits = Hits::default();
        for hit in [true, true, false, true] {
            hits.push(hit);
        }
        assert_eq!((hits.of_last(1), hits.of_last(3), hits.of_last(4), hits.of_last(200)), (1, 2, 3, 3));
    }
}
