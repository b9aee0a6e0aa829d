//! `Pipeline`: strategies in a row, and how they are put there.

use core::fmt;
use core::future::IntoFuture;

use super::fallback::{FromError, To, Value};
use super::strategy::{Around, Bare};
use super::timeout::OnClock;
use super::{BreakerStrategy, BulkheadStrategy, FallbackStrategy, HedgeStrategy, PipelineError, RetryStrategy};
use super::{Strategy, TimeoutStrategy};
use crate::cancel::CancellationToken;
use crate::resilience::{Bulkhead, CircuitBreaker};
use crate::time::TimeProvider;

/// Strategies around one call, the first that was added outermost.
///
/// See [the module](crate::resilience), which shows what is made of it, and [`call`](Self::call), which does it. `S` are
/// the strategies, `C` is the clock of those that need one.
///
/// It is plain data: it allocates nothing, is shared by reference or in an `Arc`, and cloned where its parts can be. Any
/// number of calls may be under way at the same time; what they share is what the strategies share, such as a breaker.
///
/// # Examples
///
/// With a breaker and a bulkhead, on a clock of a test's:
///
/// ```
/// use core::num::NonZeroUsize;
/// use core::time::Duration;
/// use taskcell::{Bulkhead, CancellationTokenSource, CircuitBreaker, ManualClock, Pipeline, PipelineError};
///
/// let clock = ManualClock::new();
/// let breaker = CircuitBreaker::builder_on(clock.clone()).build();
/// let bulkhead = Bulkhead::new(NonZeroUsize::new(8).unwrap(), 8);
/// let pipeline = Pipeline::new_on(clock)
///     .fallback_with(|error: PipelineError<&str>| format!("no answer: {error}"))
///     .circuit_breaker(&breaker)
///     .bulkhead(&bulkhead)
///     .timeout(Duration::from_secs(3))
///     .wait_when_cancelled();
/// let user = CancellationTokenSource::new();
/// # smol::block_on(async {
/// let answer = pipeline.call_with(&user.token(), async |_token| Ok::<_, &str>("hello".to_owned())).await;
/// assert_eq!(answer.unwrap(), "hello");
/// let answer = pipeline.call(async |_token| Err("no route")).await;
/// assert_eq!(answer.unwrap(), "no answer: no route");
/// # });
/// assert_eq!((breaker.stats().successes, breaker.stats().failures), (1, 1));
/// ```
#[derive(Clone)]
#[doc(alias = "ResiliencePipelineBuilder")]
#[doc(alias = "ResiliencePipeline")]
#[doc(alias = "PolicyWrap")]
#[doc(alias = "ServiceBuilder")]
pub struct Pipeline<S = Bare, C = DefaultClock> {
    pub(super) strategies: S,
    clock: C,
    pub(super) patient: bool,
}

/// The clock of a [`Pipeline`] that was told of none.
#[cfg(feature = "std")]
pub type DefaultClock = crate::time::SystemClock;
/// The clock of a [`Pipeline`] that was told of none: there is none.
#[cfg(not(feature = "std"))]
pub type DefaultClock = core::convert::Infallible;

#[cfg(feature = "std")]
impl Pipeline {
    /// No strategy yet; on the system's clock.
    #[must_use]
    pub fn new() -> Self {
        Self::new_on(crate::time::SystemClock)
    }
}

#[cfg(feature = "std")]
impl Default for Pipeline {
    fn default() -> Self {
        Self::new()
    }
}

impl<C: TimeProvider + Clone> Pipeline<Bare, C> {
    /// No strategy yet; on `clock`, a reference or a handle, which is cloned for each strategy that needs one.
    #[must_use]
    pub fn new_on(clock: C) -> Self {
        Self { strategies: Bare, clock, patient: false }
    }
}

impl<S, C: TimeProvider + Clone> Pipeline<S, C> {
    /// Adds a strategy inside of those that are there: one of somebody else's, one that was told more than the methods
    /// below can say, or another pipeline.
    #[doc(alias = "AddStrategy")]
    #[doc(alias = "AddPipeline")]
    #[must_use]
    pub fn with<N>(self, strategy: N) -> Pipeline<Around<S, N>, C> {
        let Self { strategies: outer, clock, patient } = self;
        Pipeline { strategies: Around { outer, inner: strategy }, clock, patient }
    }

    fn add_on_clock<N>(self, strategy: N) -> Pipeline<Around<S, OnClock<N, C>>, C> {
        let clock = self.clock.clone();
        self.with(OnClock { strategy, clock })
    }

    /// So much time for what is inside: a [`Duration`](core::time::Duration), or a [`TimeoutStrategy`] that was told more.
    ///
    /// Outside of a retry it is the time of all attempts together, inside of one that of each.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use taskcell::{Backoff, Pipeline, TimeoutStrategy};
    ///
    /// let pipeline = Pipeline::new()
    ///     .timeout(Duration::from_secs(10)) // all of it
    ///     .retry(Backoff::NONE)
    ///     .timeout(TimeoutStrategy::new(Duration::from_secs(2)).on_timeout(|late| eprintln!("{late}"))); // each attempt
    /// # smol::block_on(async { assert!(pipeline.call(async |_| Ok::<_, ()>(())).await.is_ok()) });
    /// ```
    #[doc(alias = "AddTimeout")]
    #[must_use]
    pub fn timeout<H>(
        self,
        timeout: impl Into<TimeoutStrategy<H>>,
    ) -> Pipeline<Around<S, OnClock<TimeoutStrategy<H>, C>>, C> {
        self.add_on_clock(timeout.into())
    }

    /// Another attempt when what is inside fails: a [`Backoff`](crate::Backoff) (with std, which has seeds for its jitter),
    /// or a [`RetryStrategy`] that was told more.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::num::NonZeroU32;
    /// use core::time::Duration;
    /// use taskcell::{Backoff, Jitter, Pipeline, PipelineError, RetryStrategy};
    ///
    /// let backoff = Backoff::exponential(Duration::from_millis(200)).max_delay(Duration::from_secs(5)).jitter(Jitter::Full);
    /// let pipeline = Pipeline::new().retry(
    ///     RetryStrategy::new(backoff)
    ///         .max_attempts(NonZeroU32::new(5).unwrap())
    ///         .when(|error: &PipelineError<std::io::Error>| !error.is_rejected())
    ///         .on_retry(|event| eprintln!("{:?}, again in {:?}", event.error, event.delay)),
    /// );
    /// # smol::block_on(async { assert!(pipeline.call(async |_| Ok::<_, std::io::Error>(())).await.is_ok()) });
    /// ```
    #[doc(alias = "AddRetry")]
    #[must_use]
    #[expect(clippy::type_complexity, reason = "each part has its place")]
    pub fn retry<P, W, V, D, H>(
        self,
        retry: impl Into<RetryStrategy<P, W, V, D, H>>,
    ) -> Pipeline<Around<S, OnClock<RetryStrategy<P, W, V, D, H>, C>>, C> {
        self.add_on_clock(retry.into())
    }

    /// Another attempt beside one that takes long: a [`Duration`](core::time::Duration), or a [`HedgeStrategy`] that was
    /// told more.
    #[doc(alias = "AddHedging")]
    #[must_use]
    #[expect(clippy::type_complexity, reason = "each part has its place")]
    pub fn hedge<D, W, H>(
        self,
        hedge: impl Into<HedgeStrategy<D, W, H>>,
    ) -> Pipeline<Around<S, OnClock<HedgeStrategy<D, W, H>, C>>, C> {
        self.add_on_clock(hedge.into())
    }

    /// Keeps calls from a service that fails, as long as `breaker` says; it is shared with whoever else has a clone.
    ///
    /// Which errors count says a [`BreakerStrategy`]; [`with`](Self::with) one to have it otherwise.
    #[doc(alias = "AddCircuitBreaker")]
    #[must_use]
    pub fn circuit_breaker(self, breaker: &CircuitBreaker) -> Pipeline<Around<S, BreakerStrategy>, C> {
        self.with(BreakerStrategy::new(breaker))
    }

    /// Lets through so many at a time as `bulkhead` says, which is shared with whoever else has a clone; others queue, or
    /// are rejected.
    #[doc(alias = "AddConcurrencyLimiter")]
    #[doc(alias = "AddRateLimiter")]
    #[must_use]
    pub fn bulkhead(self, bulkhead: &Bulkhead) -> Pipeline<Around<S, BulkheadStrategy>, C> {
        self.with(BulkheadStrategy::new(bulkhead))
    }

    /// A value that stands in when what is inside fails, for whatever reason but a cancellation.
    ///
    /// For some reasons only, or with a hook: [`with`](Self::with) a [`FallbackStrategy`].
    #[doc(alias = "AddFallback")]
    #[must_use]
    pub fn fallback<T: Clone>(self, value: T) -> Pipeline<Around<S, FallbackStrategy<Value<T>>>, C> {
        self.with(FallbackStrategy::value(value))
    }

    /// A value that stands in, made of the error.
    #[doc(alias = "AddFallback")]
    #[must_use]
    pub fn fallback_with<T, E, F>(self, make: F) -> Pipeline<Around<S, FallbackStrategy<FromError<F>>>, C>
    where
        F: Fn(PipelineError<E>) -> T,
    {
        self.with(FallbackStrategy::from_error(make))
    }

    /// Another source that stands in.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::{CancellationToken, Pipeline};
    ///
    /// # smol::block_on(async {
    /// let pipeline = Pipeline::new().fallback_to(async |_error, _token: CancellationToken| Ok("from the mirror"));
    /// assert_eq!(pipeline.call(async |_| Err("no route")).await, Ok("from the mirror"));
    /// # })
    /// ```
    #[doc(alias = "AddFallback")]
    #[doc(alias = "FallbackAction")]
    #[must_use]
    pub fn fallback_to<T, E, F, R>(self, source: F) -> Pipeline<Around<S, FallbackStrategy<To<F>>>, C>
    where
        F: Fn(PipelineError<E>, CancellationToken) -> R,
        R: IntoFuture<Output = Result<T, E>>,
    {
        self.with(FallbackStrategy::to(source))
    }

    /// Waits, when the caller's token is cancelled, until the operation has seen it and come to an end; otherwise it is
    /// dropped, unless it ends at once. All attempts of a hedge are waited for; of a timeout, its time or its grace at the
    /// most. Of pipelines in each other the one that is called says.
    #[must_use]
    pub fn wait_when_cancelled(mut self) -> Self {
        self.patient = true;
        self
    }
}

impl<S: fmt::Debug, C> fmt::Debug for Pipeline<S, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pipeline({:?}call)", self.strategies)
    }
}

impl<T, E, S: Strategy<T, E>, C> Strategy<T, E> for Pipeline<S, C> {
    fn execute<N: super::PipelineNext<T, E>>(
        &self,
        next: N,
        token: CancellationToken,
    ) -> impl Future<Output = Result<T, PipelineError<E>>> {
        self.strategies.execute(next, token)
    }
}
