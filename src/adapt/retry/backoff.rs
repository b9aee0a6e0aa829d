//! How long the delays between attempts are.

use core::num::NonZeroU32;
use core::time::Duration;

use super::Delays;
use crate::time::Timestamp;

/// How long the delays between attempts are: a shape, a longest delay, and jitter. A few words, to copy.
///
/// | shape | delays for a base of `b` |
/// |---|---|
/// | [`constant`](Self::constant) | `b`, `b`, `b`, .. |
/// | [`linear`](Self::linear) | `b`, `2 b`, `3 b`, .. |
/// | [`exponential`](Self::exponential) | `b`, `2 b`, `4 b`, .. or another factor |
/// | [`fibonacci`](Self::fibonacci) | `b`, `b`, `2 b`, `3 b`, `5 b`, .. |
/// | [`decorrelated`](Self::decorrelated) | each between `b` and three times the one before |
///
/// Delays are whole nanoseconds and arithmetic saturates; there is no floating point, so nothing is negative or not a
/// number, after however many attempts. Without [`max_delay`](Self::max_delay) a growing delay grows up to `u64::MAX`
/// nanoseconds, which is never: give one. The longest delay is enforced last, after jitter.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use taskcell::{Backoff, Jitter};
///
/// const MS: Duration = Duration::from_millis(1);
/// let plain = Backoff::exponential(100 * MS).max_delay(500 * MS);
/// let delays: Vec<_> = plain.delays(0).take(4).collect();
/// assert_eq!(delays, [100 * MS, 200 * MS, 400 * MS, 500 * MS]);
///
/// let jittered = plain.jitter(Jitter::Full);
/// assert!(jittered.delays(7).take(1000).all(|delay| delay <= 500 * MS));
/// assert!(jittered.delays(7).take(9).eq(jittered.delays(7).take(9))); // the same seed, the same delays
/// ```
///
/// The shapes:
///
/// ```
/// use core::num::NonZeroU32;
/// use core::time::Duration;
/// use taskcell::Backoff;
///
/// fn first_five(backoff: Backoff) -> Vec<u128> {
///     backoff.delays(0).take(5).map(|delay| delay.as_millis()).collect()
/// }
/// const B: Duration = Duration::from_millis(100);
/// assert_eq!(first_five(Backoff::NONE), [0; 5]);
/// assert_eq!(first_five(Backoff::constant(B)), [100; 5]);
/// assert_eq!(first_five(Backoff::linear(B)), [100, 200, 300, 400, 500]);
/// assert_eq!(first_five(Backoff::exponential(B).factor(3)), [100, 300, 900, 2_700, 8_100]);
/// let by_half = Backoff::exponential(B).factor_ratio(3, NonZeroU32::new(2).unwrap());
/// assert_eq!(first_five(by_half), [100, 150, 225, 337, 506]);
/// assert_eq!(first_five(Backoff::fibonacci(B)), [100, 100, 200, 300, 500]);
/// assert!(first_five(Backoff::decorrelated(B, 4 * B)).iter().all(|delay| (100..=400).contains(delay)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[doc(alias = "DelayBackoffType")]
pub struct Backoff {
    pub(super) shape: Shape,
    /// All three in nanoseconds.
    pub(super) base: u64,
    pub(super) max: u64,
    pub(super) jitter: Jitter,
}

/// How the delays grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Shape {
    Constant,
    Linear,
    /// By a factor of so many over so many.
    Exponential(u32, NonZeroU32),
    Fibonacci,
}

/// What chance does to a delay, so that those who failed together do not come back together.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use taskcell::{Backoff, Jitter};
///
/// let second = Duration::from_secs(1);
/// let equal = Backoff::constant(second).jitter(Jitter::Equal);
/// assert!(equal.delays(7).take(100).all(|delay| delay >= second / 2 && delay <= second));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Jitter {
    /// Nothing.
    #[default]
    None,
    /// Anything from nothing to the delay.
    Full,
    /// Half of the delay, and anything from nothing to the other half.
    Equal,
    /// Anything from the base to three times the delay before, whatever the shape is; see
    /// [`Backoff::decorrelated`].
    #[doc(alias = "DecorrelatedJitterBackoffV2")]
    Decorrelated,
}

impl Backoff {
    /// No delay at all.
    pub const NONE: Self = Self::constant(Duration::ZERO);

    const fn new(shape: Shape, base: Duration) -> Self {
        Self { shape, base: nanos(base), max: u64::MAX, jitter: Jitter::None }
    }

    /// Always `delay`.
    #[must_use]
    pub const fn constant(delay: Duration) -> Self {
        Self::new(Shape::Constant, delay)
    }

    /// First `step`, and then longer by `step` each time.
    #[must_use]
    pub const fn linear(step: Duration) -> Self {
        Self::new(Shape::Linear, step)
    }

    /// First `base`, and then twice as long each time, or by another [`factor`](Self::factor).
    #[must_use]
    pub const fn exponential(base: Duration) -> Self {
        Self::new(Shape::Exponential(2, NonZeroU32::MIN), base)
    }

    /// First `base`, `base` again, and then each as long as the two before together.
    #[must_use]
    pub const fn fibonacci(base: Duration) -> Self {
        Self::new(Shape::Fibonacci, base)
    }

    /// Each delay is anything from `base` to three times the one before, the first from `base` to three times `base`, and
    /// none is longer than `max`. The "decorrelated jitter" of the AWS Architecture Blog, "Exponential Backoff And Jitter".
    #[must_use]
    #[doc(alias = "DecorrelatedJitterBackoffV2")]
    pub const fn decorrelated(base: Duration, max: Duration) -> Self {
        Self::exponential(base).max_delay(max).jitter(Jitter::Decorrelated)
    }

    /// The factor by which [`exponential`](Self::exponential) delays grow; others have none, and stay as they are.
    #[must_use]
    pub const fn factor(self, factor: u32) -> Self {
        self.factor_ratio(factor, NonZeroU32::MIN)
    }

    /// The same for a factor that is not whole: 3 and 2 for 1.5. A delay is rounded up to whole nanoseconds.
    #[must_use]
    pub const fn factor_ratio(mut self, numerator: u32, denominator: NonZeroU32) -> Self {
        if let Shape::Exponential(..) = self.shape {
            self.shape = Shape::Exponential(numerator, denominator);
        }
        self
    }

    /// The longest delay there is, whatever the jitter. [`Duration::MAX`]: there is none, as from the start.
    #[must_use]
    pub const fn max_delay(mut self, max: Duration) -> Self {
        self.max = nanos(max);
        self
    }

    /// What chance does to the delays.
    #[must_use]
    pub const fn jitter(mut self, jitter: Jitter) -> Self {
        self.jitter = jitter;
        self
    }

    /// The delays, one after the other, without end. The same seed gives the same delays; any seed is good; without jitter
    /// it means nothing.
    #[must_use]
    pub const fn delays(&self, seed: u64) -> Delays {
        Delays::new(*self, seed)
    }
}

const fn nanos(duration: Duration) -> u64 {
    Timestamp::ZERO.saturating_add(duration).as_nanos()
}
