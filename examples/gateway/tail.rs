//! How long a service takes to answer: a seeded distribution with a heavy tail.
//!
//! 97 % of the answers are log-normal (median 8 ms, sigma 0.3), 3 % take 300 to 900 ms: the shape that a
//! garbage collection, a cold cache or a lost packet gives to a service that is otherwise fast.

use std::{f64::consts::TAU, time::Duration};

/// The part of the answers that is slow.
const SLOW_SHARE: f64 = 0.03;
/// The slow answers take between these, in milliseconds.
const SLOW_MS: [f64; 2] = [300.0, 900.0];
/// Half of the other answers take less than this, in milliseconds.
const MEDIAN_MS: f64 = 8.0;
/// The spread of the logarithm of the other answers.
const SIGMA: f64 = 0.3;

/// A small deterministic generator: splitmix64.
#[derive(Clone, Debug)]
pub(crate) struct Rng(u64);

impl Rng {
    /// The generator that belongs to this list of numbers; another list gives an unrelated one.
    ///
    /// A draw keyed by (seed, service, product, attempt) does not depend on which call came first.
    pub(crate) fn keyed(keys: &[u64]) -> Rng {
        keys.iter().fold(Rng(0), |rng, &key| Rng(Rng(rng.0 ^ key).next()))
    }

    /// The next 64 random bits.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform in 0 (included) to 1 (excluded).
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Standard normal (Box-Muller).
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (TAU * self.unit()).cos()
    }

    /// How long this answer takes.
    pub(crate) fn latency(&mut self) -> Duration {
        let [low, high] = SLOW_MS;
        millis(match self.unit() < SLOW_SHARE {
            true => low + (high - low) * self.unit(),
            false => MEDIAN_MS * (SIGMA * self.normal()).exp(),
        })
    }
}

/// The longest that an answer takes.
pub(crate) fn slowest() -> Duration {
    millis(SLOW_MS[1])
}

fn millis(ms: f64) -> Duration {
    Duration::from_secs_f64(ms / 1000.0)
}
