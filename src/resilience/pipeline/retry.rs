//! The strategy of doing it again.

use core::fmt;
use core::num::NonZeroU32;
use core::time::Duration;

#[cfg(feature = "std")]
use super::plan::Random;
use super::plan::{DelayPlan, Each, Seeded};
use super::rules::{DelayAdvice, FailedValue, Failures, NoAdvice, NoValue, Nobody, OnRetry, ShouldHandle};
use super::strategy::apart_if;
use super::timeout::OnClock;
use super::{PipelineError, PipelineNext, Strategy, TimedOut};
use crate::adapt::{Backoff, RetryErrorKind, RetryEvent, retry_on};
use crate::cancel::{CancellationToken, Cancelled};
use crate::resilience::Rejected;
use crate::time::TimeProvider;

/// Another attempt when one fails; see [`Pipeline::retry`](super::Pipeline::retry).
///
/// | method | says | otherwise |
/// |---|---|---|
/// | [`max_attempts`](Self::max_attempts), [`for_ever`](Self::for_ever) | how often, the first time counted | 3 |
/// | [`when`](Self::when) | which errors are worth another attempt | the operation's, and timeouts |
/// | [`when_value`](Self::when_value) | which values count as failures | none |
/// | [`delay_from`](Self::delay_from) | what an error says about the delay | nothing |
/// | [`wait_for_circuit`](Self::wait_for_circuit) | that an open circuit is waited for | it is not |
/// | [`deadline`](Self::deadline) | how long it may take, no delay slept in vain | for ever |
/// | [`on_retry`](Self::on_retry) | who hears of each retry | nobody |
///
/// What it gives when it gives up is what the last attempt gave, with the number of
/// [`attempts`](PipelineError::attempts); a value that counts as a failure comes out as the value that it is. If the
/// caller's token is cancelled between attempts, it is [`Cancelled`].
///
/// It is [`retry_on`] underneath, which says the rest.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use taskcell::{Backoff, ManualClock, Pipeline, PipelineError, RetryStrategy};
///
/// # #[derive(Debug)]
/// enum Failed {
///     Busy { retry_after: Duration },
///     Forbidden,
/// }
/// let second = Duration::from_secs(1);
/// let clock = ManualClock::new();
/// clock.set_auto_advance(true);
/// let patient = RetryStrategy::seeded(Backoff::exponential(second), 7) // `new` draws the seed
///     .for_ever()
///     .deadline(60 * second)
///     .wait_for_circuit(10 * second)
///     .when(|error: &PipelineError<Failed>| !matches!(error.error(), Some(Failed::Forbidden)))
///     .when_value(|status: &u16| *status == 503)
///     .delay_from(|error: &PipelineError<Failed>| match error.error() {
///         Some(Failed::Busy { retry_after }) => Some(*retry_after),
///         _ => None,
///     });
/// let pipeline = Pipeline::new_on(&clock).retry(patient);
/// let answers = core::cell::RefCell::new(vec![Ok(200), Ok(503), Err(Failed::Busy { retry_after: 5 * second })]);
/// let answer = clock.block_on(pipeline.call(async |_| answers.borrow_mut().pop().unwrap()));
/// assert_eq!(answer.unwrap(), 200);
///
/// // Three delays, so four attempts.
/// let listed = RetryStrategy::with_delays(|| [second, second, 5 * second]).max_attempts(9.try_into().unwrap());
/// let answer = clock.block_on(Pipeline::new_on(&clock).retry(listed).call(async |_| Err::<(), _>("busy")));
/// assert_eq!(answer.unwrap_err().attempts(), 4);
/// ```
#[doc(alias = "RetryStrategyOptions")]
#[doc(alias = "RetryResilienceStrategy")]
#[derive(Clone)]
pub struct RetryStrategy<P, W = Failures, V = NoValue, D = NoAdvice, H = Nobody> {
    plan: P,
    when: W,
    value: V,
    advice: D,
    hear: H,
    limits: Limits,
}

#[derive(Clone, Copy)]
struct Limits {
    attempts: Option<NonZeroU32>,
    deadline: Duration,
    /// So long an open circuit is waited for.
    circuit: Option<Duration>,
}

impl<P> RetryStrategy<P> {
    fn with_plan(plan: P) -> Self {
        let limits = Limits { attempts: NonZeroU32::new(3), deadline: Duration::MAX, circuit: None };
        Self { plan, when: Failures, value: NoValue, advice: NoAdvice, hear: Nobody, limits }
    }
}

#[cfg(feature = "std")]
impl RetryStrategy<Random> {
    /// So long between attempts, each call with a seed of its own from std's entropy if there is jitter.
    #[must_use]
    pub fn new(backoff: Backoff) -> Self {
        Self::with_plan(Random(backoff))
    }
}

#[cfg(feature = "std")]
impl From<Backoff> for RetryStrategy<Random> {
    fn from(backoff: Backoff) -> Self {
        Self::new(backoff)
    }
}

impl RetryStrategy<Seeded> {
    /// So long between attempts; the first call has the jitter of this seed, the next one that of the next. For where
    /// there is no std, and for tests.
    #[must_use]
    pub fn seeded(backoff: Backoff, seed: u64) -> Self {
        Self::with_plan(Seeded::new(backoff, seed))
    }
}

impl<I: IntoIterator<Item = Duration>, G: Fn() -> I> RetryStrategy<Each<G>> {
    /// As long between attempts as the iterators say that the closure makes, one for each call; when one has no more,
    /// there are no more attempts.
    #[must_use]
    pub fn with_delays(delays: G) -> Self {
        Self::with_plan(Each(delays))
    }
}

impl<P, W, V, D, H> RetryStrategy<P, W, V, D, H> {
    /// So many attempts, the first counted: Polly's `MaxRetryAttempts` and one.
    #[doc(alias = "MaxRetryAttempts")]
    #[must_use]
    pub fn max_attempts(mut self, attempts: NonZeroU32) -> Self {
        self.limits.attempts = Some(attempts);
        self
    }

    /// As many attempts as it takes.
    #[doc(alias = "RetryForever")]
    #[must_use]
    pub fn for_ever(mut self) -> Self {
        self.limits.attempts = None;
        self
    }

    /// The whole may take so long. An attempt that takes longer is given up, and the error is that of the one before, or
    /// [`TimedOut`] if there was none; a delay that would leave no time for another attempt is not slept, where a
    /// [`timeout`](super::Pipeline::timeout) outside would wait in vain.
    #[doc(alias = "TotalRequestTimeout")]
    #[must_use]
    pub fn deadline(mut self, time: Duration) -> Self {
        self.limits.deadline = time;
        self
    }

    /// An open circuit is worth another attempt, too, when it may be tried again, if that is within `longest`; otherwise,
    /// and if it stays open for ever, its rejection comes out at once. The backoff is asked when all its probes are out, since nobody knows then for how
    /// long.
    #[doc(alias = "BrokenCircuitException.RetryAfter")]
    #[must_use]
    pub fn wait_for_circuit(mut self, longest: Duration) -> Self {
        self.limits.circuit = Some(longest);
        self
    }

    /// Which errors are worth another attempt; without it [those of the operation, and timeouts](Failures).
    #[doc(alias = "ShouldHandle")]
    #[must_use]
    pub fn when<E, X: Fn(&PipelineError<E>) -> bool>(self, when: X) -> RetryStrategy<P, X, V, D, H> {
        let Self { plan, when: _, value, advice, hear, limits } = self;
        RetryStrategy { plan, when, value, advice, hear, limits }
    }

    /// Which values count as failures. The last of them comes out, as the value that it is.
    #[doc(alias = "HandleResult")]
    #[must_use]
    pub fn when_value<T, X: Fn(&T) -> bool>(self, failed: X) -> RetryStrategy<P, W, X, D, H> {
        let Self { plan, when, value: _, advice, hear, limits } = self;
        RetryStrategy { plan, when, value: failed, advice, hear, limits }
    }

    /// The delay that an error asks for, before the backoff is asked.
    #[doc(alias = "DelayGenerator")]
    #[must_use]
    pub fn delay_from<E, X>(self, advice: X) -> RetryStrategy<P, W, V, X, H>
    where
        X: Fn(&PipelineError<E>) -> Option<Duration>,
    {
        let Self { plan, when, value, advice: _, hear, limits } = self;
        RetryStrategy { plan, when, value, advice, hear, limits }
    }

    /// Has `hook` called when an attempt has failed and there will be another, before the delay. The event's
    /// `attempt.number` is that of the attempt that failed, from zero; [`PipelineError::attempts`] counts them, from one.
    #[doc(alias = "OnRetry")]
    #[must_use]
    pub fn on_retry<E, X>(self, hook: X) -> RetryStrategy<P, W, V, D, X>
    where
        X: Fn(RetryEvent<'_, PipelineError<E>>),
    {
        let Self { plan, when, value, advice, hear: _, limits } = self;
        RetryStrategy { plan, when, value, advice, hear: hook, limits }
    }
}

impl Limits {
    /// How long until the circuit may be tried again, if that is why it failed and is waited for.
    fn circuit<E>(&self, error: &PipelineError<E>) -> Option<Duration> {
        match error.rejected()? {
            // For ever is no time at which it may be tried again.
            Rejected::CircuitOpen { retry_after } if retry_after <= self.circuit? && retry_after != Duration::MAX => {
                Some(retry_after)
            }
            _ => None,
        }
    }
}

impl<P, W, V, D, H> fmt::Debug for RetryStrategy<P, W, V, D, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.limits.attempts {
            Some(attempts) => write!(f, "retry({attempts})"),
            None => f.write_str("retry(for ever)"),
        }
    }
}

impl<T, E, P, W, V, D, H, C> Strategy<T, E> for OnClock<RetryStrategy<P, W, V, D, H>, C>
where
    P: DelayPlan,
    W: ShouldHandle<E>,
    V: FailedValue<T>,
    D: DelayAdvice<E>,
    H: OnRetry<E>,
    C: TimeProvider,
{
    async fn execute<N: PipelineNext<T, E>>(&self, next: N, token: CancellationToken) -> Result<T, PipelineError<E>> {
        let Self { strategy: RetryStrategy { plan, when, value, advice, hear, limits }, clock } = self;
        // Without a deadline none is given up: the token of the call is theirs.
        let is_limited = limits.deadline != Duration::MAX;
        let retry = retry_on(clock, |_| apart_if(is_limited, &token, |token| next.call(token)))
            .delays(plan.delays())
            .deadline(limits.deadline)
            .when(|error: &_| limits.circuit(error).is_some() || when.handles(error))
            .when_value(|given: &_| value.is_failure(given))
            .delay_from(|error: &_| match limits.circuit(error) {
                Some(retry_after) if !retry_after.is_zero() => Some(retry_after),
                _ => advice.advise(error),
            })
            .on_retry(|event: RetryEvent<'_, _>| hear.hear(event))
            .token(&token);
        let retry = match limits.attempts {
            Some(attempts) => retry.max_attempts(attempts),
            None => retry.for_ever(),
        };
        let gave_up = match retry.await {
            Ok(value) => return Ok(value),
            Err(gave_up) => gave_up,
        };
        let attempts = gave_up.attempts();
        if matches!(gave_up.kind(), RetryErrorKind::Cancelled) {
            return Err(PipelineError::from(Cancelled::new(token.clone())).after(attempts.max(1)));
        }
        if gave_up.rejected().is_some() {
            return Ok(gave_up.into_rejected().expect("just looked at"));
        }
        let last = gave_up.into_inner().unwrap_or_else(|| TimedOut::new(limits.deadline).into());
        Err(last.after(attempts))
    }
}
