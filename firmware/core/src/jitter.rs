//! Spread for back-off times: not secret, only different from device to device.

use lenke_wire::{DeviceId, Epoch};

/// A xorshift64* generator seeded by device and epoch.
#[derive(Clone, Debug)]
pub(crate) struct Jitter(u64);

impl Jitter {
    pub(crate) const fn new(device: DeviceId, epoch: Epoch) -> Self {
        // An odd multiplier spreads neighbouring device numbers; a xorshift state must not be 0.
        let seed = (device.number() ^ ((epoch.0 as u64) << 40)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Self(seed | 1)
    }

    /// `millis`, give or take a quarter.
    pub(crate) const fn spread(&mut self, millis: i64) -> i64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let per_mille = 750 + (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 40) as i64 % 501;
        millis.saturating_mul(per_mille) / 1000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spread_stays_within_a_quarter_and_differs_between_devices() {
        let mut neighbours = [1, 2].map(|number| Jitter::new(DeviceId::new(number), Epoch(1)));
        let mut equal = 0;
        for _ in 0..100 {
            let [a, b] = [neighbours[0].spread(100_000), neighbours[1].spread(100_000)];
            assert!((75_000..=125_000).contains(&a) && (75_000..=125_000).contains(&b));
            equal += u32::from(a == b);
        }
        assert!(equal < 10);
    }
}
