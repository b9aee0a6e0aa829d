//! The strategy of another attempt beside one that is slow.

use core::fmt;
use core::num::NonZeroU32;
use core::ops::Deref;
use core::time::Duration;

use super::rules::{AllButCancellation, ShouldHandle};
use super::timeout::OnClock;
use super::{PipelineError, PipelineNext, Strategy};
use crate::adapt::{Attempt, HedgeDelay, Losers, ObservedLatency, Observing, RedundancyError, hedge_on};
use crate::cancel::{CancellationToken, Cancelled};
use crate::time::TimeProvider;

/// Another attempt beside one that takes too long, or in place of one that failed; see
/// [`Pipeline::hedge`](super::Pipeline::hedge).
///
/// | method | says | otherwise |
/// |---|---|---|
/// | [`max_attempts`](Self::max_attempts) | how many, the first one counted | 2 |
/// | [`when`](Self::when) | which errors another attempt follows, or makes up for | all but cancellations |
/// | [`observe`](Self::observe) | where it is recorded how long calls take | nowhere |
/// | [`await_losers`](Self::await_losers) | that losers run to their end | they are dropped |
/// | [`on_hedge`](Self::on_hedge) | who hears of each attempt but the first | nobody |
///
/// The delay is a [`Duration`], a closure of the attempt's number, or an [`ObservedLatency`](crate::ObservedLatency) in an
/// `Arc`: whatever is a [`HedgeDelay`] and can be cloned, once for each call. Each attempt has a token of its own, and those
/// that have lost are cancelled. If the call's own token is cancelled no other follows, and those that run may come to an end.
/// If all have failed, the error of the one that was started last comes out, of those that
/// were not rejected if there are such.
///
/// It is [`hedge_on`] underneath, which says the rest, and for which operations it is not.
///
/// # Examples
///
/// ```
/// use core::num::NonZeroU32;
/// use core::time::Duration;
/// use taskcell::{HedgeStrategy, Pipeline, PipelineError};
///
/// let strategy = HedgeStrategy::new(Duration::from_millis(50))
///     .max_attempts(NonZeroU32::new(3).unwrap())
///     .when(|error: &PipelineError<&str>| error.error() != Some(&"no such user")) // another server knows none either
///     .await_losers()
///     .on_hedge(|number| println!("attempt {number}"));
/// # smol::block_on(async {
/// let error = Pipeline::new().hedge(strategy).call(async |_| Err::<(), _>("no such user")).await.unwrap_err();
/// assert_eq!(error.attempts(), 1);
/// # });
/// ```
#[derive(Clone, Copy)]
#[doc(alias = "HedgingStrategyOptions")]
#[doc(alias = "HedgingResilienceStrategy")]
pub struct HedgeStrategy<D = Duration, W = AllButCancellation, H = fn(u32)> {
    delay: D,
    attempts: NonZeroU32,
    await_losers: bool,
    when: W,
    hear: H,
}

impl<D: HedgeDelay + Clone> HedgeStrategy<D> {
    /// Another attempt when the last one has taken so long.
    #[must_use]
    pub fn new(delay: D) -> Self {
        let attempts = const { NonZeroU32::new(2).unwrap() };
        Self { delay, attempts, await_losers: false, when: AllButCancellation, hear: |_| () }
    }
}

impl<D, W, H> HedgeStrategy<D, W, H> {
    /// How many attempts there are at most, with the first one: Polly's `MaxHedgedAttempts` and one.
    #[doc(alias = "MaxHedgedAttempts")]
    #[must_use]
    pub fn max_attempts(mut self, attempts: NonZeroU32) -> Self {
        self.attempts = attempts;
        self
    }

    /// Cancels the losers and waits for them before the result is given, as Polly does, instead of dropping them.
    #[must_use]
    pub fn await_losers(mut self) -> Self {
        self.await_losers = true;
        self
    }

    /// Which errors another attempt follows, or makes up for; any other is the result at once. Without it [all but
    /// cancellations](AllButCancellation): an attempt that a bulkhead has no place for does not end those that run.
    #[doc(alias = "ShouldHandle")]
    #[must_use]
    pub fn when<E, X: Fn(&PipelineError<E>) -> bool>(self, when: X) -> HedgeStrategy<D, X, H> {
        let Self { delay, attempts, await_losers, when: _, hear } = self;
        HedgeStrategy { delay, attempts, await_losers, when, hear }
    }

    /// Records in `latency`, a reference or an `Arc`, how long calls take that succeed, or fail with what no other attempt
    /// makes up for; see [`Hedge::observe`](crate::Hedge::observe).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use taskcell::{HedgeStrategy, ObservedLatency, Pipeline};
    ///
    /// let latency = Arc::new(ObservedLatency::percentile(95.0));
    /// let pipeline = Pipeline::new().hedge(HedgeStrategy::new(latency.clone()).observe(latency.clone()));
    /// # smol::block_on(async { assert!(pipeline.call(async |_| Ok::<_, ()>(())).await.is_ok()) });
    /// assert_eq!(latency.samples(), 1);
    /// ```
    #[must_use]
    pub fn observe<L>(self, latency: L) -> HedgeStrategy<Observing<D, L>, W, H>
    where
        L: Deref<Target = ObservedLatency> + Clone,
    {
        let Self { delay, attempts, await_losers, when, hear } = self;
        HedgeStrategy { delay: Observing { delay, latency }, attempts, await_losers, when, hear }
    }

    /// Has `hook` called before each attempt but the first, with its number, from one on.
    #[doc(alias = "OnHedging")]
    #[must_use]
    pub fn on_hedge<X: Fn(u32)>(self, hook: X) -> HedgeStrategy<D, W, X> {
        let Self { delay, attempts, await_losers, when, hear: _ } = self;
        HedgeStrategy { delay, attempts, await_losers, when, hear: hook }
    }
}

impl From<Duration> for HedgeStrategy {
    fn from(delay: Duration) -> Self {
        Self::new(delay)
    }
}

impl<D, W, H> fmt::Debug for HedgeStrategy<D, W, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hedge({})", self.attempts)
    }
}

/// An attempt whose error, unless another is to follow it, counts as a result.
async fn judged<T, E, N, W>(
    next: &N,
    when: &W,
    token: CancellationToken,
) -> Result<Result<T, PipelineError<E>>, PipelineError<E>>
where
    N: PipelineNext<T, E>,
    W: ShouldHandle<E>,
{
    match next.call(token).await {
        Err(error) if when.handles(&error) => Err(error),
        result => Ok(result),
    }
}

impl<T, E, D, W, H, C> Strategy<T, E> for OnClock<HedgeStrategy<D, W, H>, C>
where
    D: HedgeDelay + Clone,
    W: ShouldHandle<E>,
    H: Fn(u32),
    C: TimeProvider,
{
    async fn execute<N: PipelineNext<T, E>>(&self, next: N, token: CancellationToken) -> Result<T, PipelineError<E>> {
        let Self { strategy: HedgeStrategy { delay, attempts, await_losers, when, hear }, clock } = self;
        let mut hedge = hedge_on(clock, |attempt: Attempt| judged(&next, when, attempt.token))
            .delay(delay.clone())
            .max_attempts(attempts.get())
            .on_attempt(|attempt: &Attempt| {
                if attempt.number > 0 {
                    hear(attempt.number);
                }
            })
            .token(&token)
            .wait_when_cancelled()
            .losers(if *await_losers { Losers::CancelAndAwait } else { Losers::DropNow });
        let outcome = (&mut hedge).await;
        let attempts = hedge.started();
        match outcome {
            Ok(result) => result.map_err(|error| error.after(attempts)),
            Err(RedundancyError::Failed(errors)) => {
                let last = errors.into_iter().max_by_key(|(number, error)| (!error.is_rejected(), *number));
                let (_, last) = last.expect("an aggregate has an error at least");
                Err(last.after(attempts))
            }
            Err(_) => Err(PipelineError::from(Cancelled::new(token)).after(attempts.max(1))),
        }
    }
}
