//! Still or moving, by the accelerometer's own detection.
//!
//! Still counts after [`STILL_MS`] without motion. A tag whose accelerometer never said anything counts as moving: silence of a
//! sensor must not slow supervision down.

use crate::Uptime;

/// Without motion for this long the tag is still.
const STILL_MS: i64 = 300_000;

pub(crate) struct Motion {
    /// Since when nothing, or something, moves it; `None`: never said.
    told: Option<(bool, Uptime)>,
}

impl Motion {
    pub(crate) const fn new() -> Self {
        Self { told: None }
    }

    pub(crate) fn handle_motion(&mut self, moving: bool, now: Uptime) {
        if self.told.is_none_or(|(before, _)| before != moving) {
            self.told = Some((moving, now));
        }
    }

    pub(crate) fn is_still(&self, now: Uptime) -> bool {
        self.resting_ms(now) >= STILL_MS
    }

    /// Milliseconds without motion.
    pub(crate) fn resting_ms(&self, now: Uptime) -> i64 {
        match self.told {
            Some((false, since)) => now.since_ms(since),
            Some((true, _)) | None => 0,
        }
    }

    /// Milliseconds of motion, as the accelerometer says.
    pub(crate) fn moving_ms(&self, now: Uptime) -> i64 {
        match self.told {
            Some((true, since)) => now.since_ms(since),
            Some((false, _)) | None => 0,
        }
    }

    /// When the tag becomes still if nothing moves it.
    pub(crate) fn deadline(&self, now: Uptime) -> Option<Uptime> {
        let (moving, since) = self.told?;
        let still_at = since.plus_ms(STILL_MS);
        (!moving && still_at > now).then_some(still_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_minutes_without_motion_are_still_and_a_silent_sensor_is_not() {
        let at = |seconds| Uptime::START.plus_s(seconds);
        let mut motion = Motion::new();
        assert!(!motion.is_still(at(10_000)));
        motion.handle_motion(false, at(100));
        motion.handle_motion(false, at(200));
        assert_eq!(motion.deadline(at(200)), Some(at(400)));
        assert!(!motion.is_still(at(399)) && motion.is_still(at(400)));
        motion.handle_motion(true, at(500));
        assert!(!motion.is_still(at(500)));
        assert_eq!((motion.moving_ms(at(560)), motion.resting_ms(at(560))), (60_000, 0));
    }
}
