//! What a breaker is told before it is made.

use super::CircuitBreaker;
use super::change::CircuitChange;
use super::rules::{DEFAULT_LENGTH, Length, Ratio, Rules};
use super::shared::{Hooks, Shared};
use crate::time::TimeProvider;
use alloc::boxed::Box;
use core::fmt;
use core::num::NonZeroU32;
use core::time::Duration;

/// A breaker that is not made yet; from `CircuitBreaker::builder` or [`CircuitBreaker::builder_on`].
///
/// | method | says | otherwise |
/// |---|---|---|
/// | [`consecutive_failures`](Self::consecutive_failures) | so many failures in a row open it | 5, if there is no ratio |
/// | [`failure_ratio`](Self::failure_ratio) | such a share of failures opens it | no share does |
/// | [`break_for`](Self::break_for), [`break_by`](Self::break_by) | how long it stays open | 5 s |
/// | [`probes`](Self::probes) | how many calls are made at once when it is half-open | 1 |
/// | [`successes_to_close`](Self::successes_to_close) | how many successes close it then | as many as there are probes |
/// | [`probe_timeout`](Self::probe_timeout) | when a probe that does not end is given up | never |
/// | [`on_opened`](Self::on_opened), [`on_closed`](Self::on_closed), [`on_half_open`](Self::on_half_open) | who hears of it | nobody |
///
/// With both rules the first that applies opens it.
///
/// # Examples
///
/// ```
/// use core::num::NonZeroU32;
/// use core::time::Duration;
/// use taskcell::{CircuitBreaker, CircuitBreakerBuilder, CircuitChange, CircuitState, ManualClock};
///
/// let n = |n| NonZeroU32::new(n).unwrap();
/// let clock = ManualClock::new();
/// let builder: CircuitBreakerBuilder = CircuitBreaker::builder_on(clock.clone())
///     .failure_ratio(0.5, Duration::from_secs(10), n(4)) // half of at least four calls in ten seconds
///     .break_for(Duration::from_secs(30))
///     .probes(n(2))
///     .successes_to_close(n(2))
///     .probe_timeout(Duration::from_secs(5))
///     .on_opened(|change: CircuitChange<'_>| println!("{} since {:?}", change.to(), change.break_duration()))
///     .on_half_open(|change| println!("break {} is over", change.breaks()))
///     .on_closed(|change| println!("{} after {} breaks", change.breaker().state(), change.breaks()));
/// let breaker = builder.build();
/// for _ in 0..2 {
///     breaker.try_acquire()?.success();
///     breaker.try_acquire()?.failure();
/// }
/// assert_eq!(breaker.state(), CircuitState::Open);
/// clock.advance(Duration::from_secs(30));
/// let (one, two) = (breaker.try_acquire()?, breaker.try_acquire()?);
/// assert!(breaker.try_acquire().is_err()); // both probes are out
/// one.success();
/// two.success();
/// assert_eq!(breaker.state(), CircuitState::Closed);
/// # Ok::<(), taskcell::Rejected>(())
/// ```
#[must_use = "it makes nothing until `build`"]
#[doc(alias = "CircuitBreakerStrategyOptions")]
#[doc(alias = "CircuitBreakerConfig")]
pub struct CircuitBreakerBuilder {
    rules: Rules,
    clock: Box<dyn TimeProvider>,
    hooks: Hooks,
}

impl CircuitBreakerBuilder {
    pub(super) fn new(clock: Box<dyn TimeProvider>) -> Self {
        let rules = Rules {
            in_a_row: None,
            ratio: None,
            length: Length::Fixed(DEFAULT_LENGTH),
            probes: NonZeroU32::MIN,
            successes: None,
            probe_timeout: Duration::MAX,
        };
        Self { rules, clock, hooks: Hooks::default() }
    }

    /// So many failures in a row open it: with no success between them, however much time.
    #[doc(alias = "HandledEventsAllowedBeforeBreaking")]
    pub fn consecutive_failures(mut self, failures: NonZeroU32) -> Self {
        self.rules.in_a_row = Some(failures);
        self
    }

    /// It opens when at least `minimum` calls have ended in the last `window`, and this share of them, or more, failed.
    /// With a `ratio` of zero any failure is too much, with one only if there is no success.
    ///
    /// The window moves on in ten steps, so it reaches back between nine tenths of its length and all of it. It looks again
    /// at each result, a success as well: that may be the one that brings the number up to the minimum. A `window` of zero
    /// remembers what comes at the very same time, one of [`Duration::MAX`] everything. What was before the last change of
    /// state is forgotten.
    ///
    /// # Panics
    ///
    /// Unless `ratio` is from 0 to 1.
    #[doc(alias = "FailureRatio")]
    #[doc(alias = "MinimumThroughput")]
    #[doc(alias = "SamplingDuration")]
    #[doc(alias = "failureRateThreshold")]
    #[doc(alias = "slidingWindow")]
    pub fn failure_ratio(mut self, ratio: f64, window: Duration, minimum: NonZeroU32) -> Self {
        assert!((0.0..=1.0).contains(&ratio), "a ratio is from 0 to 1");
        self.rules.ratio = Some(Ratio { ratio, window, minimum });
        self
    }

    /// How long a break is. Zero: the next call is a probe. [`Duration::MAX`]: until it is closed by hand.
    #[doc(alias = "BreakDuration")]
    #[doc(alias = "DurationOfBreak")]
    #[doc(alias = "waitDurationInOpenState")]
    pub fn break_for(mut self, length: Duration) -> Self {
        self.rules.length = Length::Fixed(length);
        self
    }

    /// How long the nth break in a row is, the first being 1: in a row are those between which the circuit was not closed.
    ///
    /// The closure is called outside of the lock, by the one whose failure opens the circuit, before it does so. Of two
    /// that fail at once both may ask, and one answer counts. If it panics the
    /// circuit opens for five seconds.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::num::NonZeroU32;
    /// use core::time::Duration;
    /// use taskcell::{CircuitBreaker, time::ManualClock};
    ///
    /// const SECOND: Duration = Duration::from_secs(1);
    /// let clock = ManualClock::new();
    /// let breaker = CircuitBreaker::builder_on(clock.clone())
    ///     .consecutive_failures(NonZeroU32::MIN)
    ///     .break_by(|nth| SECOND * 2u32.saturating_pow(nth.get() - 1).min(60))
    ///     .build();
    /// for seconds in [1, 2, 4, 8] {
    ///     breaker.try_acquire()?.failure();
    ///     assert_eq!(breaker.retry_after(), seconds * SECOND);
    ///     clock.advance(seconds * SECOND);
    /// }
    /// # Ok::<(), taskcell::Rejected>(())
    /// ```
    #[doc(alias = "BreakDurationGenerator")]
    #[doc(alias = "waitIntervalFunctionInOpenState")]
    pub fn break_by(mut self, length: impl Fn(NonZeroU32) -> Duration + Send + Sync + 'static) -> Self {
        self.rules.length = Length::By(Box::new(length));
        self
    }

    /// So many probes at a time when it is half-open.
    #[doc(alias = "permittedNumberOfCallsInHalfOpenState")]
    pub fn probes(mut self, probes: NonZeroU32) -> Self {
        self.rules.probes = probes;
        self
    }

    /// So many probes must succeed to close it; the first that fails opens it again. With fewer than there are probes it
    /// closes without waiting for the rest; with more, a place is used again, and never are more calls made than are
    /// needed.
    #[doc(alias = "successThreshold")]
    pub fn successes_to_close(mut self, successes: NonZeroU32) -> Self {
        self.rules.successes = Some(successes);
        self
    }

    /// When the places are taken and no probe was let through for so long, those that are out are given up, and others are
    /// let through. A permit that is dropped gives its place back anyway: this is for probes that hang, or were leaked.
    /// With zero a caller never finds the places taken; with [`Duration::MAX`] no probe is given up.
    pub fn probe_timeout(mut self, time: Duration) -> Self {
        self.rules.probe_timeout = time;
        self
    }

    /// Called when it has opened or was isolated; [`CircuitChange::to`] says which.
    #[doc(alias = "OnOpened")]
    #[doc(alias = "onBreak")]
    pub fn on_opened(mut self, hook: impl Fn(CircuitChange<'_>) + Send + Sync + 'static) -> Self {
        self.hooks.opened = Some(Box::new(hook));
        self
    }

    /// Called when it has closed.
    #[doc(alias = "OnClosed")]
    #[doc(alias = "onReset")]
    pub fn on_closed(mut self, hook: impl Fn(CircuitChange<'_>) + Send + Sync + 'static) -> Self {
        self.hooks.closed = Some(Box::new(hook));
        self
    }

    /// Called when it has become half-open, by the call that is the first probe, before it is made.
    #[doc(alias = "OnHalfOpened")]
    #[doc(alias = "onHalfOpen")]
    pub fn on_half_open(mut self, hook: impl Fn(CircuitChange<'_>) + Send + Sync + 'static) -> Self {
        self.hooks.half_open = Some(Box::new(hook));
        self
    }

    /// The breaker, closed.
    #[must_use]
    pub fn build(self) -> CircuitBreaker {
        let Self { mut rules, clock, hooks } = self;
        if rules.in_a_row.is_none() && rules.ratio.is_none() {
            rules.in_a_row = NonZeroU32::new(5);
        }
        CircuitBreaker::new(Shared::new(rules, clock, hooks))
    }
}

impl fmt::Debug for CircuitBreakerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("CircuitBreakerBuilder");
        debug.field("consecutive_failures", &self.rules.in_a_row).field("probes", &self.rules.probes);
        debug.finish_non_exhaustive()
    }
}
