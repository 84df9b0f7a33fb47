//! The mobile network as a tag has it: mostly there, now and then gone for minutes. A pure function of time.

use crate::draw::{Draw, Stream};
use lenke_wire::UnixMillis;

/// Time is cut into slots; each has at most one outage, which ends within it.
const SLOT_S: i64 = 6 * 3600;
/// Share of the slots with an outage.
const OUTAGE_CHANCE: f64 = 0.15;
/// Shortest and longest outage, seconds; with the time between two signs of life below the silence that a plan allows.
pub const OUTAGE_S: (f64, f64) = (30.0, 240.0);

/// The network around one device.
#[derive(Clone, Copy, Debug)]
pub struct Network {
    seed: u64,
    number: u64,
}

impl Network {
    /// Around device number `number` under `seed`.
    pub const fn new(seed: u64, number: u64) -> Self {
        Self { seed, number }
    }

    /// The outage of the slot that holds `at`: its first moment and the first one after.
    pub fn outage(&self, at: UnixMillis) -> Option<(UnixMillis, UnixMillis)> {
        let slot = at.0.div_euclid(SLOT_S * 1000);
        let mut draw = Draw::new(self.seed, Stream::Radio, self.number, slot.unsigned_abs());
        draw.chance(OUTAGE_CHANCE).then(|| {
            let length_s = draw.between(OUTAGE_S.0, OUTAGE_S.1);
            let begin_s = draw.between(0.0, SLOT_S as f64 - length_s);
            let begin = UnixMillis(slot * SLOT_S * 1000).plus_ms((begin_s * 1000.0) as i64);
            (begin, begin.plus_ms((length_s * 1000.0) as i64))
        })
    }

    /// Whether the network is there at `at`.
    pub fn is_up(&self, at: UnixMillis) -> bool {
        self.outage(at).is_none_or(|(begin, end)| at < begin || at >= end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outages_are_rare_and_shorter_than_the_longest() {
        let mut outages = 0;
        for number in 0..40 {
            let network = Network::new(1, number);
            let mut down_s = 0;
            for second in (0..7 * 86_400).step_by(10) {
                down_s = if network.is_up(UnixMillis::from_seconds(second)) { 0 } else { down_s + 10 };
                assert!(f64::from(down_s) <= OUTAGE_S.1 + 10.0);
                outages += usize::from(down_s == 10);
            }
        }
        assert!((80..260).contains(&outages), "{outages} outages in 280 device days");
    }
}
