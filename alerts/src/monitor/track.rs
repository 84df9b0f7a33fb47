//! Plausibility before violation: which fixes may confirm anything.
//!
//! A fix that is too inaccurate, implies an impossible speed, or carries a clock that is unset, ahead or runs
//! backwards is kept by the store but confirms nothing here. One bad fix does not poison the following: a jump is
//! believed when the next fix agrees with it rather than with what was before.

use super::note::Note;
use super::scene::Scene;
use crate::SupervisionPlan;
use lenke_wire::{DeviceId, FrameId, TimeSource, UnixMillis};
use lenke_zones::distance_m;
use serde::{Deserialize, Serialize};

/// Faster than this nobody travels on the ground, metres a second.
const SPEED_MAX_M_S: f64 = 90.0;
/// 68 % radii of either end that a jump is forgiven.
const SPEED_SLACK_ACCURACIES: f64 = 2.0;
/// A device's clock may be ahead of the centre's by this, seconds.
const CLOCK_AHEAD_MAX_S: i64 = 120;

/// How a fix was judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// May confirm.
    Good,
    /// Older than the newest: belongs to the late track.
    Late,
    /// As new as the newest: known already.
    Duplicate,
    /// Confirms nothing.
    Implausible,
}

/// The newest of one person's fixes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Track {
    /// Time and frame of the newest fix of any quality.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    head: Option<(UnixMillis, DeviceId, FrameId)>,
    /// The newest good fix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    good: Option<Note>,
    /// A fix that is too far from `good`: believed if the next one agrees with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rival: Option<Note>,
}

impl Track {
    /// The newest good fix.
    pub(super) fn good(&self) -> Option<&Note> {
        self.good.as_ref()
    }

    /// Judges a fix and, if it is ahead of all others, moves on to it.
    pub(super) fn handle_fix(&mut self, note: &Note, source: TimeSource, scene: &Scene<'_>) -> Mark {
        let (plan, now) = (&scene.context.wearer.plan, scene.now);
        if !clock_is_plausible(note, source, now) {
            return Mark::Implausible;
        }
        if let Some((at, device, frame)) = self.head {
            if note.at == at {
                return Mark::Duplicate;
            }
            if note.at < at {
                // A backlog is older by its nature, whatever the numbers of its frames are.
                let ran_backwards = !scene.backlog && device == note.device && note.frame > frame;
                return if ran_backwards { Mark::Implausible } else { Mark::Late };
            }
        }
        self.head = Some((note.at, note.device, note.frame));
        if !accuracy_is_plausible(note, plan) {
            return Mark::Implausible;
        }
        if let Some(good) = &self.good
            && !speed_is_plausible(good, note)
        {
            let agreed = self.rival.as_ref().is_some_and(|rival| speed_is_plausible(rival, note));
            if !agreed {
                self.rival = Some(*note);
                return Mark::Implausible;
            }
        }
        self.rival = None;
        self.good = Some(*note);
        Mark::Good
    }
}

/// The device knew the time, and it is not ahead of ours.
pub(super) fn clock_is_plausible(note: &Note, source: TimeSource, now: UnixMillis) -> bool {
    source != TimeSource::Unset && note.at <= now.plus_s(CLOCK_AHEAD_MAX_S)
}

/// As accurate as the plan asks for.
pub(super) fn accuracy_is_plausible(note: &Note, plan: &SupervisionPlan) -> bool {
    note.accuracy_m() <= plan.accuracy_max_m
}

/// One could have come from the one to the other in the time between them.
pub(super) fn speed_is_plausible(a: &Note, b: &Note) -> bool {
    let seconds = (b.at.since_s(a.at)).abs().max(1.0);
    let slack_m = SPEED_SLACK_ACCURACIES * (a.accuracy_m() + b.accuracy_m());
    distance_m(a.position, b.position) - slack_m <= SPEED_MAX_M_S * seconds
}
