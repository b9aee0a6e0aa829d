//! One row of delays.

use core::time::Duration;

use super::backoff::Shape;
use super::random::Random;
use super::{Backoff, Jitter};

/// The delays of a [`Backoff`], one after the other, without end; made by [`Backoff::delays`].
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use taskcell::{Backoff, Delays};
///
/// let mut delays: Delays = Backoff::linear(Duration::from_secs(1)).delays(0);
/// assert_eq!(delays.next(), Some(Duration::from_secs(1)));
/// assert_eq!(delays.next(), Some(Duration::from_secs(2)));
/// ```
#[derive(Clone, Debug)]
pub struct Delays {
    backoff: Backoff,
    /// The next delay before jitter, and the one after it where two are needed; at most the longest.
    next: u64,
    after: u64,
    /// The last delay after jitter.
    last: u64,
    random: Random,
}

impl Delays {
    pub(super) const fn new(backoff: Backoff, seed: u64) -> Self {
        let base = if backoff.base < backoff.max { backoff.base } else { backoff.max };
        Self { backoff, next: base, after: base, last: base, random: Random::new(seed) }
    }

    /// The delay before jitter, and on to the next.
    fn step(&mut self) -> u64 {
        let Backoff { shape, base, max, .. } = self.backoff;
        let delay = self.next;
        self.next = match shape {
            Shape::Constant => delay,
            Shape::Linear => delay.saturating_add(base).min(max),
            Shape::Exponential(numerator, denominator) => {
                let (numerator, denominator) = (u64::from(numerator), u64::from(denominator.get()));
                // Whole denominators and the rest apart: the rest is so small that its product is exact.
                let (whole, rest) = (delay / denominator, delay % denominator);
                let grown = whole.saturating_mul(numerator).saturating_add((rest * numerator).div_ceil(denominator));
                grown.min(max)
            }
            Shape::Fibonacci => {
                let next = self.after;
                self.after = delay.saturating_add(next).min(max);
                next
            }
        };
        delay
    }
}

impl Iterator for Delays {
    type Item = Duration;

    /// Never `None`.
    fn next(&mut self) -> Option<Duration> {
        let delay = self.step();
        let Backoff { base, max, jitter, .. } = self.backoff;
        let delay = match jitter {
            Jitter::None => delay,
            Jitter::Full => self.random.between(0, delay),
            Jitter::Equal => self.random.between(delay / 2, delay),
            Jitter::Decorrelated => self.random.between(base, self.last.saturating_mul(3)),
        };
        // Last of all: what chance has made longer is too long, too.
        self.last = delay.min(max);
        Some(Duration::from_nanos(self.last))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (usize::MAX, None)
    }
}
