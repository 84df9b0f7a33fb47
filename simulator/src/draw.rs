//! Seeded draws: every random decision of the simulator names its stream, so that one more draw in one place never
//! shifts another, and the same (seed, subject, day) gives the same life again.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::f64::consts::TAU;

/// What a draw is for; the numbers are part of the seed and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Stream {
    /// Where a person lives, works and shops.
    Person = 1,
    /// What a person does on one date.
    Day = 2,
    /// The way between two places.
    Route = 3,
    /// GNSS noise.
    Gnss = 4,
    /// Network outages.
    Radio = 5,
    /// Battery.
    Battery = 6,
    /// Orders, conditions and zones.
    Order = 7,
    /// The scripted cast.
    Cast = 8,
    /// Back-off and phase of a device in the fleet.
    Fleet = 9,
    /// Hostile bytes.
    Mischief = 10,
    /// Device keys.
    Key = 11,
}

/// A stream of draws.
#[derive(Clone, Debug)]
pub struct Draw(ChaCha8Rng);

impl Draw {
    /// The draws of `stream` for subject `subject` and occasion `occasion` under `seed`.
    pub fn new(seed: u64, stream: Stream, subject: u64, occasion: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&subject.to_le_bytes());
        key[16..24].copy_from_slice(&occasion.to_le_bytes());
        key[24..28].copy_from_slice(&(stream as u32).to_le_bytes());
        Self(ChaCha8Rng::from_seed(key))
    }

    /// True with probability `p` (clamped to 0..=1).
    pub fn chance(&mut self, p: f64) -> bool {
        self.0.random_bool(p.clamp(0.0, 1.0))
    }

    /// Uniform in `low..high`; `low` when the range is empty.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        if low < high { self.0.random_range(low..high) } else { low }
    }

    /// Uniform in `0..count`; 0 when `count` is 0.
    pub fn index(&mut self, count: usize) -> usize {
        if count == 0 { 0 } else { self.0.random_range(0..count) }
    }

    /// Standard normal (Box-Muller).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.between(f64::MIN_POSITIVE, 1.0).ln()).sqrt();
        radius * (TAU * self.between(0.0, 1.0)).cos()
    }

    /// Exponential with mean `mean`.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * self.between(f64::MIN_POSITIVE, 1.0).ln()
    }

    /// Fills `bytes`.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        self.0.fill(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_names_draw_the_same_and_other_names_differ() {
        let draw = |subject| Draw::new(7, Stream::Person, subject, 0).between(0.0, 1.0);
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn normal_draws_have_mean_0_and_deviation_1() {
        let mut draw = Draw::new(1, Stream::Gnss, 0, 0);
        let values: Vec<f64> = (0..20_000).map(|_| draw.normal()).collect();
        let mean = values.iter().sum::<f64>() / 20_000.0;
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 20_000.0;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.05, "mean {mean} variance {variance}");
    }
}
