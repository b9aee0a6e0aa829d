//! SplitMix64, by Guy Steele, Doug Lea and Christine Flood ("Fast splittable pseudorandom number generators", 2014), with
//! the constants of Sebastiano Vigna's <https://prng.di.unimi.it/splitmix64.c>, which he gave to the public domain.

/// Numbers that look random, and are the same for the same seed. Every seed is a good one.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub(super) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both included, each as likely as the others to one part in `2^64 / (high - low)`.
    /// It is `low` if `high` is less.
    pub(super) const fn between(&mut self, low: u64, high: u64) -> u64 {
        let width = high.saturating_sub(low) as u128 + 1;
        low + ((self.next() as u128 * width) >> 64) as u64
    }
}
