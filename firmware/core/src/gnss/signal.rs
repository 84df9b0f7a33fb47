//! How strong the satellites are, and what the receiver's own detectors say: from GSV, UBX NAV-SAT, NAV-STATUS and MON-RF.

/// What the receiver's own detector says about forged signals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum SpoofingState {
    /// It says nothing.
    #[default]
    Unknown,
    /// None seen.
    None,
    /// Something points to it.
    Indicated,
    /// Several things do.
    Multiple,
}

/// The signals of one epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Signal {
    /// Satellites whose signal is measured.
    pub tracked: u8,
    /// Mean C/N0 of the four strongest, dB-Hz (of fewer, if there are fewer; 0 without any).
    pub strongest_dbhz: u8,
    /// Strongest less weakest of them all, dB.
    pub spread_db: u8,
    /// The receiver's measure of interference, percent, where it has one.
    pub jamming_percent: Option<u8>,
    /// The receiver's word on forged signals.
    pub spoofing: SpoofingState,
}

/// Collects C/N0 of one epoch.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sky {
    tracked: u8,
    /// Descending.
    strongest: [u8; 4],
    weakest: u8,
}

impl Sky {
    pub(super) fn add(&mut self, dbhz: u8) {
        if dbhz == 0 {
            return;
        }
        self.weakest = if self.tracked == 0 { dbhz } else { self.weakest.min(dbhz) };
        self.tracked = self.tracked.saturating_add(1);
        if let Some(place) = self.strongest.iter().position(|&known| known < dbhz) {
            self.strongest[place..].rotate_right(1);
            self.strongest[place] = dbhz;
        }
    }

    pub(super) fn signal(&self, jamming_percent: Option<u8>, spoofing: SpoofingState) -> Signal {
        let measured = u16::from(self.tracked.min(4)).max(1);
        let sum: u16 = self.strongest.iter().map(|&dbhz| u16::from(dbhz)).sum();
        Signal {
            tracked: self.tracked,
            // A mean of bytes.
            strongest_dbhz: (sum / measured) as u8,
            spread_db: self.strongest[0].saturating_sub(self.weakest),
            jamming_percent,
            spoofing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_strongest_and_the_spread_of_all_count() {
        let mut sky = Sky::default();
        for dbhz in [0, 20, 41, 35, 0, 44, 38, 29] {
            sky.add(dbhz);
        }
        let signal = sky.signal(Some(7), SpoofingState::None);
        assert_eq!(
            (signal.tracked, signal.strongest_dbhz, signal.spread_db),
            (6, (41 + 35 + 44 + 38) / 4, 24)
        );
        let nothing = Sky::default().signal(None, SpoofingState::Unknown);
        assert_eq!(nothing, Signal::default());
    }
}
