//! The strategy of so much time: the call is dropped, or told and given a grace.

use core::fmt;
use core::time::Duration;

use super::strategy::apart;
use super::{PipelineError, PipelineNext, Strategy, TimedOut};
use crate::adapt::{TimeoutOutcome, timeout_cooperative_on, timeout_on};
use crate::cancel::{CancellationToken, Cancelled};
use crate::time::TimeProvider;

/// So much time for what is inside; see [`Pipeline::timeout`](super::Pipeline::timeout).
///
/// When the time is up the token is cancelled, what is inside is dropped, and the call fails with [`TimedOut`]. With a
/// [`grace`](Self::grace) it is told by its token first, and may come to an end: a value that it gives in its grace counts,
/// an error is taken for a consequence of having been told, and the call fails with [`TimedOut`]. If the call's own token
/// was cancelled before the time was up, it fails with [`Cancelled`].
///
/// It is counted anew for each call: outside of a retry it is the time for all attempts and their delays, inside of one it
/// is the time of each attempt. A time of zero is one poll; [`Duration::MAX`] is for ever.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use taskcell::{CancellationToken, ManualClock, Pipeline, TimeoutStrategy};
///
/// let clock = ManualClock::new();
/// clock.set_auto_advance(true);
/// let limit = TimeoutStrategy::new(Duration::from_secs(3)).grace(Duration::from_secs(1));
/// let answer = clock.block_on(Pipeline::new_on(&clock).timeout(limit).call(async |token: CancellationToken| {
///     token.cancelled().await; // told that the time is up
///     Ok::<_, ()>("half of it")
/// }));
/// assert_eq!(answer, Ok("half of it"));
/// ```
#[derive(Clone, Copy)]
#[doc(alias = "TimeoutStrategyOptions")]
#[doc(alias = "TimeoutResilienceStrategy")]
pub struct TimeoutStrategy<H = fn(&TimedOut)> {
    time: Duration,
    grace: Option<Duration>,
    hear: H,
}

impl TimeoutStrategy {
    /// So much time.
    #[must_use]
    pub fn new(time: Duration) -> Self {
        Self { time, grace: None, hear: |_| () }
    }
}

impl<H> TimeoutStrategy<H> {
    /// Lets it come to an end for so long once it was told; see [`timeout_cooperative_on`].
    #[doc(alias = "TimeoutStrategy.Optimistic")]
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = Some(grace);
        self
    }

    /// Has `hook` called when the time was up, after what was inside has gone.
    #[doc(alias = "OnTimeout")]
    #[must_use]
    pub fn on_timeout<X: Fn(&TimedOut)>(self, hook: X) -> TimeoutStrategy<X> {
        TimeoutStrategy { time: self.time, grace: self.grace, hear: hook }
    }
}

impl From<Duration> for TimeoutStrategy {
    fn from(time: Duration) -> Self {
        Self::new(time)
    }
}

impl<H> fmt::Debug for TimeoutStrategy<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "timeout({:?})", self.time)
    }
}

/// A strategy that needs a clock, and its clock.
#[derive(Clone, Copy)]
pub struct OnClock<S, C> {
    pub(super) strategy: S,
    pub(super) clock: C,
}

impl<S: fmt::Debug, C> fmt::Debug for OnClock<S, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.strategy.fmt(f)
    }
}

impl<T, E, C: TimeProvider, H: Fn(&TimedOut)> Strategy<T, E> for OnClock<TimeoutStrategy<H>, C> {
    async fn execute<N: PipelineNext<T, E>>(&self, next: N, token: CancellationToken) -> Result<T, PipelineError<E>> {
        let Self { strategy: TimeoutStrategy { time, grace, hear }, clock } = self;
        let outcome = match *grace {
            None => timeout_on(clock, *time, apart(&token, |token| next.call(token))).await.ok(),
            Some(grace) => {
                let work = timeout_cooperative_on(clock, *time, grace, |told| next.call(told)).token(&token).await;
                match work {
                    TimeoutOutcome::InTime(result) | TimeoutOutcome::Told(result @ Ok(_)) => Some(result),
                    TimeoutOutcome::Told(error) if token.is_cancelled() => Some(error),
                    _ => None,
                }
            }
        };
        match outcome {
            Some(result) => result,
            None if token.is_cancelled() => Err(Cancelled::new(token).into()),
            None => {
                let timed_out = TimedOut::new(*time);
                hear(&timed_out);
                Err(timed_out.into())
            }
        }
    }
}
