//! Firmware updates: what is checked before an image is fetched, before it is started, and after it did or did not run.
//!
//! ```text
//! manifest --signature, board, version, size, battery, no alarm--> fetching --hash--> ready --no alarm--> started on trial
//!     `-- refused, receipt                                 `-- failed, receipt             after the start: applied or failed, event
//! ```
//!
//! The boot loader verifies the image again at every start and goes back to the one before if the new one does not confirm
//! itself; this module keeps the lowest version that may ever be taken, which rises only once the new firmware runs.

use crate::{Uptime, settings::Settings};
use lenke_wire::{FrameId, Outcome, command::Manifest};

/// An image that is not there after this time is given up.
const FETCH_S_MAX: u32 = 3_600;
/// With less than this an update is refused, unless the charger is connected.
const PERCENT_MIN: u8 = 30;

/// An image on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Update {
    /// What was ordered.
    pub manifest: Manifest,
    /// The order's counter.
    pub order: FrameId,
    since: Uptime,
    ready: bool,
}

/// What the tag is like, as far as an update cares.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Circumstances {
    pub(crate) alarm: bool,
    pub(crate) percent: Option<u8>,
    pub(crate) charging: bool,
    /// Nothing below this version is taken.
    pub(crate) version_min: u32,
}

/// Why a manifest whose signature holds is refused.
pub(crate) fn refusal(manifest: &Manifest, settings: &Settings, now: Circumstances) -> Option<Outcome> {
    if settings.update_bytes_max == 0 {
        return Some(Outcome::Unsupported);
    }
    if manifest.board != settings.board {
        return Some(Outcome::Board);
    }
    if manifest.version <= settings.firmware || manifest.version < now.version_min {
        return Some(Outcome::Rollback);
    }
    if manifest.size > settings.update_bytes_max {
        return Some(Outcome::Size);
    }
    if now.alarm {
        return Some(Outcome::Alarm);
    }
    let powered = now.charging || now.percent.is_some_and(|percent| percent >= PERCENT_MIN);
    (!powered).then_some(Outcome::Battery)
}

impl Update {
    pub(crate) const fn new(manifest: Manifest, order: FrameId, now: Uptime) -> Self {
        Self { manifest, order, since: now, ready: false }
    }

    /// The board has the image; whether it is the right one.
    pub(crate) fn handle_fetched(&mut self, hash: &[u8; 32]) -> bool {
        self.ready = *hash == self.manifest.hash;
        self.ready
    }

    pub(crate) const fn is_ready(&self) -> bool {
        self.ready
    }

    pub(crate) fn is_overdue(&self, now: Uptime) -> bool {
        !self.ready && now >= self.deadline()
    }

    pub(crate) const fn deadline(&self) -> Uptime {
        self.since.plus_s(FETCH_S_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: Settings = Settings {
        plan: crate::settings::BUILT_IN_PLAN,
        stage: crate::state::Stage::Worn,
        authority: None,
        home_beacon: None,
        health_s: 3_600,
        ack_timeout_s: 120,
        firmware: 0x0001_0200,
        board: 5,
        update_bytes_max: 100_000,
    };
    const MANIFEST: Manifest =
        Manifest { board: 5, version: 0x0001_0300, size: 90_000, hash: [7; 32], min_version: 0x0001_0000 };
    const FINE: Circumstances =
        Circumstances { alarm: false, percent: Some(80), charging: false, version_min: 0x0001_0100 };

    #[test]
    fn each_circumstance_refuses_by_its_name() {
        let refused = |manifest, now| refusal(&manifest, &SETTINGS, now);
        for (manifest, now, outcome) in [
            (MANIFEST, FINE, None),
            (Manifest { board: 6, ..MANIFEST }, FINE, Some(Outcome::Board)),
            (Manifest { version: 0x0001_0200, ..MANIFEST }, FINE, Some(Outcome::Rollback)),
            (Manifest { version: 0x0001_0201, ..MANIFEST }, FINE, None),
            (MANIFEST, Circumstances { version_min: 0x0001_0301, ..FINE }, Some(Outcome::Rollback)),
            (Manifest { size: 100_001, ..MANIFEST }, FINE, Some(Outcome::Size)),
            (MANIFEST, Circumstances { alarm: true, ..FINE }, Some(Outcome::Alarm)),
            (MANIFEST, Circumstances { percent: Some(29), ..FINE }, Some(Outcome::Battery)),
            (MANIFEST, Circumstances { percent: None, ..FINE }, Some(Outcome::Battery)),
            (MANIFEST, Circumstances { percent: Some(9), charging: true, ..FINE }, None),
        ] {
            assert_eq!(refused(manifest, now), outcome, "{manifest:?} {now:?}");
        }
        let none = Settings { update_bytes_max: 0, ..SETTINGS };
        assert_eq!(refusal(&MANIFEST, &none, FINE), Some(Outcome::Unsupported));
    }

    #[test]
    fn only_the_right_image_is_ready_and_a_slow_one_is_given_up() {
        let mut update = Update::new(MANIFEST, FrameId::new(1, 1), Uptime::START);
        assert!(!update.handle_fetched(&[8; 32]) && !update.is_ready());
        assert!(update.is_overdue(update.deadline()));
        assert!(update.handle_fetched(&[7; 32]) && !update.is_overdue(update.deadline()));
    }
}
