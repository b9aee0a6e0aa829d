//! What a retry is told before it starts.

use core::fmt;
use core::future::IntoFuture;
use core::num::NonZeroU32;
use core::time::Duration;

use super::gap::{AtOnce, Gap, Until, Verdict};
use super::rules::{Accept, Always, AnyValue, Hear, Hint, Judge, NoDelay, NoHint, Rules, Silent, Unless};
use super::stop::{NoToken, OnToken, Stop};
use super::{Backoff, Delays, RetryAttempt, RetryEvent, Retrying};
use crate::cancel::Cancellation;
use crate::time::TimeProvider;

/// Does an operation again and again until it succeeds, three times at most and at once unless told otherwise, on the
/// system's clock.
///
/// See [`retry_on`], which says it all.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use taskcell::{Backoff, Jitter, retry};
///
/// # smol::block_on(async {
/// let answer = retry(async |attempt| if attempt.number < 2 { Err("busy") } else { Ok(42) })
///     .backoff(Backoff::exponential(Duration::from_millis(1)).jitter(Jitter::Full))
///     .await;
/// assert_eq!(answer.unwrap(), 42);
/// # })
/// ```
#[cfg(feature = "std")]
#[doc(alias = "RetryOnFault")]
#[doc(alias = "WaitAndRetry")]
#[doc(alias = "WaitAndRetryAsync")]
#[doc(alias = "RetryStrategyOptions")]
#[inline]
pub fn retry<F, Fut, T, E>(attempt: F) -> Retry<F, crate::time::SystemClock>
where
    F: FnMut(RetryAttempt) -> Fut,
    Fut: IntoFuture<Output = Result<T, E>>,
{
    retry_on(crate::time::SystemClock, attempt)
}

/// Does an operation again and again until it succeeds, three times at most and at once unless told otherwise, on `clock`.
///
/// `attempt` makes the future of each attempt; it is called once the attempt before has ended and has been dropped. It may
/// be an async closure that changes nothing of what it captures; one that does is a closure that gives an async block. No
/// future of an attempt can borrow mutably what the closure has captured: it makes its own, as a reader of a channel, or goes
/// through a cell. What comes back is a builder, to be awaited when all is said:
///
/// | method | says | otherwise |
/// |---|---|---|
/// | [`max_attempts`](Retry::max_attempts), [`for_ever`](Retry::for_ever) | how often, the first time counted | 3 |
/// | [`when`](Retry::when) | which errors are worth another attempt | all |
/// | [`when_value`](Retry::when_value) | which values count as failures | none |
/// | `backoff`, [`backoff_seeded`](Retry::backoff_seeded), [`delays`](Retry::delays) | how long between attempts | at once |
/// | [`delay_from`](Retry::delay_from) | what an error says about that | nothing |
/// | [`retry_when`](Retry::retry_when) | what else is awaited between attempts | nothing |
/// | [`attempt_timeout`](Retry::attempt_timeout) | how long an attempt may take | for ever |
/// | [`deadline`](Retry::deadline) | how long the whole may take | for ever |
/// | [`token`](Retry::token), [`drop_when_cancelled`](Retry::drop_when_cancelled) | what ends it | nothing |
/// | [`on_retry`](Retry::on_retry) | who hears of each retry | nobody |
/// | `collect_errors` | that all errors are kept | the last alone |
///
/// When an attempt has failed, these are asked in this order, and the first no ends it: the predicate (errors alone, not
/// values, nor an attempt that took too long), the number of attempts, the token, the delays, the deadline. Then come the
/// hook, the delay and what `retry_when` gave. Everything counts from the first poll.
///
/// Nothing is allocated, except by `collect_errors`. A timer is armed only for a delay that is not zero and for an attempt
/// that is pending and has a limit. An operation that fails for ever without waiting does not starve its executor: after 32
/// attempts in one poll the task wakes itself and lets others go first.
///
/// # Cancel safety
///
/// Dropping it drops the attempt, and releases timer and slot.
///
/// # Panics
///
/// A panic of an attempt or closure goes to the caller; what was registered goes with the drop. Polled after its end, also
/// after a panic of a closure, it panics. So it does if the clock cannot serve its timer, of which it has one at a time.
///
/// # Errors
///
/// [`RetryError`](super::RetryError) says why it gave up, and has the last error.
///
/// # Examples
///
/// ```
/// use core::num::NonZeroU32;
/// use core::time::Duration;
/// use taskcell::{Backoff, RetryErrorKind, retry_on, time::ManualClock};
///
/// const SECOND: Duration = Duration::from_secs(1);
/// let clock = ManualClock::new();
/// clock.set_auto_advance(true);
/// let failed = clock.block_on(async {
///     retry_on(&clock, async |_| Err::<(), _>("busy"))
///         .max_attempts(NonZeroU32::new(5).unwrap())
///         .backoff_seeded(Backoff::exponential(SECOND), 0)
///         .await
///         .unwrap_err()
/// });
/// assert_eq!(failed.kind(), RetryErrorKind::Exhausted);
/// assert_eq!((failed.attempts(), failed.elapsed()), (5, 15 * SECOND));
/// assert_eq!(failed.to_string(), "gave up after 5 attempts: busy");
/// assert_eq!(failed.into_inner(), Some("busy"));
/// ```
#[doc(alias = "RetryOnFault")]
#[doc(alias = "WaitAndRetry")]
#[doc(alias = "RetryStrategyOptions")]
#[inline]
pub fn retry_on<C, F, Fut, T, E>(clock: C, attempt: F) -> Retry<F, C>
where
    C: TimeProvider,
    F: FnMut(RetryAttempt) -> Fut,
    Fut: IntoFuture<Output = Result<T, E>>,
{
    Retry {
        attempt,
        clock,
        rules: Rules { when: Always, value: AnyValue, hint: NoHint, hear: Silent },
        delays: NoDelay,
        gap: AtOnce,
        stop: NoToken,
        limits: Limits { attempts: 3, attempt: Duration::MAX, whole: Duration::MAX, keep: false, drop: false },
    }
}

/// A retry that has not started; made by `retry` and [`retry_on`], which says what it can be told. It starts when awaited.
///
/// # Examples
///
/// A call over a network, with all that may be said:
///
/// ```
/// use core::time::Duration;
/// use taskcell::{Backoff, CancellationTokenSource, Jitter, ManualClock, RetryEvent, retry};
///
/// # #[derive(Debug, PartialEq)]
/// enum Failed { Busy(Option<Duration>), Forbidden } // with what it says in `Retry-After`
/// let (clock, user) = (ManualClock::new(), CancellationTokenSource::new());
/// clock.set_auto_advance(true);
/// let answer = clock.block_on(async {
///     retry(async |attempt| match attempt.number {
///         0 => Err(Failed::Busy(Some(Duration::from_secs(2)))),
///         1 => Ok(503), // no error, but no answer either
///         _ => Ok(200),
///     })
///     .on_clock(&clock)
///     .for_ever()
///     .backoff(Backoff::exponential(Duration::from_millis(200)).jitter(Jitter::Full))
///     .when(|error| *error != Failed::Forbidden)
///     .when_value(|status| *status == 503)
///     .delay_from(|error| if let Failed::Busy(retry_after) = error { *retry_after } else { None })
///     .attempt_timeout(Duration::from_secs(3))
///     .deadline(Duration::from_secs(30))
///     .token(&user.token())
///     .drop_when_cancelled() // the attempts know no tokens
///     .on_retry(|event: RetryEvent<'_, Failed>| println!("again in {:?}", event.delay))
///     .collect_errors()
///     .await
/// });
/// assert_eq!(answer.unwrap(), 200);
/// ```
#[must_use = "it does nothing unless you `.await` it"]
pub struct Retry<F, C, R = Rules, B = NoDelay, G = AtOnce, S = NoToken> {
    pub(super) attempt: F,
    pub(super) clock: C,
    pub(super) rules: R,
    pub(super) delays: B,
    pub(super) gap: G,
    pub(super) stop: S,
    pub(super) limits: Limits,
}

/// The limits, and what is a yes or no.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// Zero: for ever.
    pub(super) attempts: u32,
    pub(super) attempt: Duration,
    pub(super) whole: Duration,
    /// All errors are kept.
    pub(super) keep: bool,
    /// An attempt is dropped when the token is cancelled.
    pub(super) drop: bool,
}

impl<F, C, R, B, G, S> Retry<F, C, R, B, G, S> {
    /// So many attempts, the first counted, and no more.
    #[doc(alias = "MaxRetryAttempts")]
    #[doc(alias = "maxTries")]
    #[inline]
    pub fn max_attempts(mut self, attempts: NonZeroU32) -> Self {
        self.limits.attempts = attempts.get();
        self
    }

    /// As many attempts as it takes.
    #[doc(alias = "RetryForever")]
    #[doc(alias = "WaitAndRetryForever")]
    #[inline]
    pub fn for_ever(mut self) -> Self {
        self.limits.attempts = 0;
        self
    }

    /// So long between attempts, each with a seed of its own from std's entropy if there is jitter. The first delay comes
    /// after the first attempt. A delay of zero arms no timer, one of [`Duration::MAX`] never ends.
    #[cfg(feature = "std")]
    #[doc(alias = "WaitAndRetry")]
    #[doc(alias = "sleepDurationProvider")]
    #[inline]
    pub fn backoff(self, backoff: Backoff) -> Retry<F, C, R, super::entropy::RandomDelays, G, S> {
        self.delays(super::entropy::RandomDelays::new(backoff))
    }

    /// So long between attempts; the seed is for the jitter. Where there is no std there is no entropy either, and the
    /// same seed everywhere would defeat the purpose: make it from the device's number, say.
    #[inline]
    pub fn backoff_seeded(self, backoff: Backoff, seed: u64) -> Retry<F, C, R, Delays, G, S> {
        self.delays(backoff.delays(seed))
    }

    /// As long between attempts as an iterator says; when it has no more, there are no more attempts.
    #[inline]
    pub fn delays<I: IntoIterator<Item = Duration>>(self, delays: I) -> Retry<F, C, R, I::IntoIter, G, S> {
        let Self { attempt, clock, rules, delays: _, gap, stop, limits } = self;
        Retry { attempt, clock, rules, delays: delays.into_iter(), gap, stop, limits }
    }

    /// Waits for a future between attempts, after the delay: never before the first attempt, nor after the last. The
    /// closure is told which attempt has failed; the future answers nothing, or false if there is to be no other attempt.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::{cell::Cell, time::Duration};
    /// use taskcell::retry;
    ///
    /// let connected = Cell::new(false);
    /// # smol::block_on(async {
    /// let answer = retry(async |_| if connected.get() { Ok(7) } else { Err("not connected") })
    ///     .delays([Duration::from_millis(1)]) // one delay, so two attempts
    ///     .retry_when(async |_| connected.set(true)) // connect, and then once more
    ///     .await;
    /// assert_eq!(answer.unwrap(), 7);
    /// # });
    /// ```
    #[doc(alias = "retryWhen")]
    #[inline]
    pub fn retry_when<W, Fut>(self, wait: W) -> Retry<F, C, R, B, Until<W>, S>
    where
        W: FnMut(RetryAttempt) -> Fut,
        Fut: IntoFuture<Output: Verdict>,
    {
        let Self { attempt, clock, rules, delays, gap: _, stop, limits } = self;
        Retry { attempt, clock, rules, delays, gap: Until(wait), stop, limits }
    }

    /// An attempt is dropped when it has taken so long, and counts as failed; there may be another. Zero: each is polled
    /// once.
    #[doc(alias = "AttemptTimeout")]
    #[inline]
    pub fn attempt_timeout(mut self, time: Duration) -> Self {
        self.limits.attempt = time;
        self
    }

    /// The whole may take so long, attempts and delays together. What takes longer is dropped; a delay that would leave no
    /// time for another attempt is not slept, and the last error comes out at once. The first attempt is polled once at
    /// least.
    #[doc(alias = "TotalRequestTimeout")]
    #[inline]
    pub fn deadline(mut self, time: Duration) -> Self {
        self.limits.whole = time;
        self
    }

    /// Ends when `token` is cancelled.
    ///
    /// If it is cancelled from the start nothing is tried. Between attempts it ends at once, whatever the delay is. During
    /// an attempt it is the attempt that decides, as everywhere in this pattern: give it the token, too (the closure can
    /// capture it). A success counts though the token is cancelled; so does an error that would have ended the retry
    /// anyway; after any other the retry ends. See [`drop_when_cancelled`](Self::drop_when_cancelled) for attempts that
    /// know no tokens.
    ///
    /// A slot of the token is taken at the first poll, and kept to the end.
    #[doc(alias = "CancellationToken")]
    #[inline]
    pub fn token<K: Cancellation>(self, token: &K) -> Retry<F, C, R, B, G, OnToken<'_, K>> {
        let Self { attempt, clock, rules, delays, gap, stop: _, limits } = self;
        Retry { attempt, clock, rules, delays, gap, stop: OnToken::new(token), limits }
    }

    /// An attempt that is pending when the token is cancelled is dropped, instead of being waited for.
    #[inline]
    pub fn drop_when_cancelled(mut self) -> Self {
        self.limits.drop = true;
        self
    }

    /// Keeps the errors of all attempts, for [`RetryError::errors`](super::RetryError::errors). They are as many as there
    /// are attempts.
    #[cfg(feature = "alloc")]
    #[inline]
    pub fn collect_errors(mut self) -> Self {
        self.limits.keep = true;
        self
    }

    /// On another clock.
    #[doc(alias = "TimeProvider")]
    #[inline]
    pub fn on_clock<D: TimeProvider>(self, clock: D) -> Retry<F, D, R, B, G, S> {
        let Self { attempt, clock: _, rules, delays, gap, stop, limits } = self;
        Retry { attempt, clock, rules, delays, gap, stop, limits }
    }
}

impl<F, Fut, T, E, C, W, V, D, H, B, G, S> Retry<F, C, Rules<W, V, D, H>, B, G, S>
where
    F: FnMut(RetryAttempt) -> Fut,
    Fut: IntoFuture<Output = Result<T, E>>,
{
    /// Which errors are worth another attempt.
    #[doc(alias = "ShouldHandle")]
    #[doc(alias = "Handle")]
    #[inline]
    pub fn when<X: FnMut(&E) -> bool>(self, when: X) -> Retry<F, C, Rules<X, V, D, H>, B, G, S> {
        let Self { attempt, clock, rules: Rules { when: _, value, hint, hear }, delays, gap, stop, limits } = self;
        Retry { attempt, clock, rules: Rules { when, value, hint, hear }, delays, gap, stop, limits }
    }

    /// Which values count as failures, as a response of 503 may. The last of them comes back in the error:
    /// [`RetryError::into_rejected`](super::RetryError::into_rejected).
    #[doc(alias = "HandleResult")]
    #[expect(clippy::type_complexity, reason = "each part has its place")]
    #[doc(alias = "OrResult")]
    #[inline]
    pub fn when_value<X: FnMut(&T) -> bool>(self, failed: X) -> Retry<F, C, Rules<W, Unless<X>, D, H>, B, G, S> {
        let Self { attempt, clock, rules: Rules { when, value: _, hint, hear }, delays, gap, stop, limits } = self;
        Retry { attempt, clock, rules: Rules { when, value: Unless(failed), hint, hear }, delays, gap, stop, limits }
    }

    /// The delay that an error asks for, as a `Retry-After` of HTTP does. It goes before the backoff, whose next delay
    /// stays the next; and it is as long as it says, so take the lesser of it and of what you are ready to wait.
    #[doc(alias = "DelayGenerator")]
    #[doc(alias = "RetryAfter")]
    #[inline]
    pub fn delay_from<X>(self, hint: X) -> Retry<F, C, Rules<W, V, X, H>, B, G, S>
    where
        X: FnMut(&E) -> Option<Duration>,
    {
        let Self { attempt, clock, rules: Rules { when, value, hint: _, hear }, delays, gap, stop, limits } = self;
        Retry { attempt, clock, rules: Rules { when, value, hint, hear }, delays, gap, stop, limits }
    }

    /// Called when an attempt has failed and there will be another, before the delay.
    #[doc(alias = "OnRetry")]
    #[inline]
    pub fn on_retry<X: FnMut(RetryEvent<'_, E>)>(self, hear: X) -> Retry<F, C, Rules<W, V, D, X>, B, G, S> {
        let Self { attempt, clock, rules: Rules { when, value, hint, hear: _ }, delays, gap, stop, limits } = self;
        Retry { attempt, clock, rules: Rules { when, value, hint, hear }, delays, gap, stop, limits }
    }
}

impl<F, Fut, T, E, C, W, V, D, H, B, G, S> IntoFuture for Retry<F, C, Rules<W, V, D, H>, B, G, S>
where
    F: FnMut(RetryAttempt) -> Fut,
    Fut: IntoFuture<Output = Result<T, E>>,
    C: TimeProvider,
    W: Judge<E>,
    V: Accept<T>,
    D: Hint<E>,
    H: Hear<E>,
    B: Iterator<Item = Duration>,
    G: Gap,
    S: Stop,
{
    type Output = Result<T, super::RetryError<E, V::Rejected>>;
    type IntoFuture = Retrying<Self, Fut::IntoFuture, G::Future, E, V::Rejected>;

    #[inline]
    fn into_future(self) -> Self::IntoFuture {
        Retrying::new(self)
    }
}

impl<F, C, R, B, G, S> fmt::Debug for Retry<F, C, R, B, G, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Limits { attempts, attempt, whole, .. } = self.limits;
        let mut debug = f.debug_struct("Retry");
        debug.field("max_attempts", &attempts).field("attempt_timeout", &attempt).field("deadline", &whole);
        debug.finish_non_exhaustive()
    }
}
