//! Everything random of a run, from its seed.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

/// A stream of random numbers that depends on the seed and its name only.
pub(crate) struct Chance(ChaCha8Rng);

impl Chance {
    /// The stream `name` of a seed.
    pub(crate) fn new(seed: u64, name: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(name);
        Self(rng)
    }

    /// From 0 up to and without `end`, which is not 0.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0.next_u64() % end
    }

    /// From `first` to `last`.
    pub(crate) fn within(&mut self, first: u64, last: u64) -> u64 {
        first + self.below(last - first + 1)
    }

    /// True in so many of a thousand cases.
    pub(crate) fn permille(&mut self, share: u64) -> bool {
        self.below(1_000) < share
    }
}
