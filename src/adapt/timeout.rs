//! `timeout`: a future that is given only so much time.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;

use pin_project::pin_project;

use crate::time::{Delay, Elapsed, TimeProvider, delay_on};

/// Gives a future so much of the system's time, counted from this call.
///
/// See [`timeout_on`], which says it all.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use taskcell::timeout;
///
/// # smol::block_on(async {
/// let late = timeout(Duration::from_millis(5), core::future::pending::<()>()).await;
/// assert!(late.is_err());
/// # })
/// ```
#[doc(alias = "TimeoutAfter")]
#[doc(alias = "WithTimeout")]
#[cfg(feature = "std")]
#[doc(alias = "WaitAsync")]
#[doc(alias = "TimeoutException")]
#[inline]
pub fn timeout<F: IntoFuture>(duration: Duration, future: F) -> Timeout<F::IntoFuture, crate::time::SystemClock> {
    timeout_on(crate::time::SystemClock, duration, future)
}

/// Gives a future so much of the time of `clock`, counted from this call.
///
/// The output is the future's, or [`Elapsed`]. Each poll polls the future
/// first and looks at the clock only if it is pending: a future that is ready
/// is never late, even with a `duration` of zero. With zero a pending future is
/// [`Elapsed`] at the first poll, and no timer is armed; with
/// [`Duration::MAX`] it never is, and none is armed either. Otherwise there is
/// one timer, from the first pending poll on.
///
/// A future that never lets its task go (a loop that does not wait) is never
/// interrupted: time passes only between polls.
///
/// Nothing is allocated beside what the clock needs for a timer.
///
/// # Cancel safety
///
/// Dropping it drops the future and disarms the timer. When the time is up the
/// future stays where it is, is not polled again and is dropped with the
/// `Timeout`; `.await` drops both at once.
///
/// # Panics
///
/// Polled again after its end it polls the future again if that had ended, and
/// panics if the future does so; after [`Elapsed`] it answers [`Elapsed`]. If
/// the clock cannot serve the timer it panics, as [`delay_on`] does.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use taskcell::{time::ManualClock, timeout_on};
///
/// # smol::block_on(async {
/// let clock = ManualClock::new();
/// assert_eq!(timeout_on(&clock, Duration::ZERO, async { 1 }).await, Ok(1));
///
/// let late = timeout_on(&clock, Duration::from_secs(3), core::future::pending::<()>());
/// clock.advance(Duration::from_secs(3));
/// assert_eq!(late.await.unwrap_err().to_string(), "the time is up");
/// # })
/// ```
#[doc(alias = "TimeoutAfter")]
#[doc(alias = "WithTimeout")]
#[doc(alias = "WaitAsync")]
#[doc(alias = "TimeoutException")]
#[inline]
pub fn timeout_on<C: TimeProvider, F: IntoFuture>(
    clock: C,
    duration: Duration,
    future: F,
) -> Timeout<F::IntoFuture, C> {
    Timeout { future: future.into_future(), delay: delay_on(clock, duration), elapsed: false }
}

/// The future of `timeout` and [`timeout_on`].
#[must_use = "futures do nothing unless you `.await` or poll them"]
#[pin_project]
pub struct Timeout<F, C> {
    #[pin]
    future: F,
    delay: Delay<C>,
    elapsed: bool,
}

impl<F: Future, C: TimeProvider> Future for Timeout<F, C> {
    type Output = Result<F::Output, Elapsed>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if *this.elapsed {
            return Poll::Ready(Err(Elapsed(())));
        }
        if let Poll::Ready(output) = this.future.poll(cx) {
            return Poll::Ready(Ok(output));
        }
        Pin::new(this.delay).poll(cx).map(|()| {
            *this.elapsed = true;
            Err(Elapsed(()))
        })
    }
}

impl<F, C> fmt::Debug for Timeout<F, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timeout").field("elapsed", &self.elapsed).finish_non_exhaustive()
    }
}
