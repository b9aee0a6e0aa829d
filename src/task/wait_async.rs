//! Waiting for a task, but not for ever.

use super::{Task, TaskError, WaitForTask};
use crate::cancel::{CancellationToken, Cancelled, WaitForCancelledOwned};
#[cfg(feature = "std")]
use crate::context::WouldDeadlock;
use crate::time::{Delay, Elapsed, TimeProvider, delay_on};
#[cfg(not(feature = "std"))]
use core::convert::Infallible as WouldDeadlock;
use core::error::Error;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;
use futures_core::FusedFuture;

/// Why somebody stopped waiting for a task. The task itself goes on.
///
/// # Examples
///
/// ```
/// use taskcell::{CancellationTokenSource, TaskCompletionSource, WaitError};
///
/// let (source, task) = TaskCompletionSource::<u32>::pair();
/// let user = CancellationTokenSource::new();
/// user.cancel();
/// # smol::block_on(async {
/// let error = task.wait_async(&user.token()).await.unwrap_err();
/// assert_eq!(error.cancelled().unwrap().token(), &user.token());
/// assert!(!matches!(error, WaitError::Elapsed(_)));
/// # });
/// # drop(source);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum WaitError {
    /// The token was cancelled.
    Cancelled(Cancelled),
    /// The time was up.
    #[doc(alias = "TimeoutException")]
    Elapsed(Elapsed),
    /// This thread must not block. Said only by waits that block, so never without the feature `std`.
    WouldDeadlock(WouldDeadlock),
}

impl WaitError {
    /// Which token was cancelled, if that is why.
    #[must_use]
    pub fn cancelled(&self) -> Option<&Cancelled> {
        match self {
            Self::Cancelled(cancelled) => Some(cancelled),
            Self::Elapsed(_) | Self::WouldDeadlock(_) => None,
        }
    }
}

impl fmt::Display for WaitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cancelled(cancelled) => fmt::Display::fmt(cancelled, f),
            Self::Elapsed(elapsed) => fmt::Display::fmt(elapsed, f),
            Self::WouldDeadlock(refused) => fmt::Display::fmt(refused, f),
        }
    }
}

impl Error for WaitError {}

impl From<Cancelled> for WaitError {
    fn from(cancelled: Cancelled) -> Self {
        Self::Cancelled(cancelled)
    }
}

impl From<Elapsed> for WaitError {
    fn from(elapsed: Elapsed) -> Self {
        Self::Elapsed(elapsed)
    }
}

#[cfg(feature = "std")]
impl From<WouldDeadlock> for WaitError {
    fn from(refused: WouldDeadlock) -> Self {
        Self::WouldDeadlock(refused)
    }
}

/// What waiting gives: the task's outcome, or why nobody waited for it.
type Waited<'a, T, E> = Result<Result<&'a T, &'a TaskError<E>>, WaitError>;

impl<T, E> Task<T, E> {
    /// Waits until the task has ended or `token` is cancelled. Neither that nor a timeout that is added stops the task.
    ///
    /// Each poll looks at the task first: if it has ended, a token that is cancelled and a time that is up no longer
    /// matter. Then the token, then the clock. With [`CancellationToken::NONE`] it is as cheap as awaiting the task.
    ///
    /// # Cancel safety
    ///
    /// Dropping it leaves nothing behind, neither with the task nor with the token nor with a clock; nor does its end,
    /// in whatever way.
    ///
    /// # Errors
    ///
    /// [`WaitError`]. The task's own error is inside the `Ok`.
    ///
    /// # Panics
    ///
    /// If polled after it was ready.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use taskcell::time::ManualClock;
    /// use taskcell::{CancellationToken, TaskCompletionSource, WaitError};
    ///
    /// let (source, task) = TaskCompletionSource::<u32>::pair();
    /// # smol::block_on(async {
    /// let late = task.wait_async(&CancellationToken::new(true)).await;
    /// assert!(matches!(late, Err(WaitError::Cancelled(_))));
    ///
    /// let clock = ManualClock::new();
    /// let wait = task.wait_async(&CancellationToken::NONE).with_timeout_on(&clock, Duration::from_secs(3));
    /// clock.advance(Duration::from_secs(3));
    /// assert!(matches!(wait.await, Err(WaitError::Elapsed(_))));
    ///
    /// source.set_result(7);
    /// assert_eq!(task.wait_async(&CancellationToken::new(true)).await.unwrap().unwrap(), &7);
    /// # });
    /// ```
    #[doc(alias = "WaitAsync")]
    pub fn wait_async(&self, token: &CancellationToken) -> WaitAsync<'_, T, E> {
        let cancelled = token.can_be_cancelled().then(|| token.clone().cancelled_owned());
        WaitAsync { waits: Some(Waits { task: self.into_future(), cancelled }) }
    }
}

/// What is waited for, released together.
struct Waits<'a, T, E> {
    task: WaitForTask<'a, T, E>,
    /// None: it can never be cancelled.
    cancelled: Option<WaitForCancelledOwned>,
}

/// The future of [`Task::wait_async`].
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct WaitAsync<'a, T, E> {
    /// None once it was ready.
    waits: Option<Waits<'a, T, E>>,
}

impl<'a, T, E> WaitAsync<'a, T, E> {
    /// Gives up after so much of the time of `clock`, counted from this call. With zero a task that is pending is
    /// [`Elapsed`] at the first poll; [`Duration::MAX`] is no limit. A timer is armed at the first poll that is pending.
    pub fn with_timeout_on<C: TimeProvider>(self, clock: C, timeout: Duration) -> WaitAsyncFor<'a, T, E, C> {
        WaitAsyncFor { parts: Some((self, delay_on(clock, timeout))) }
    }

    /// The same in the system's time.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use taskcell::{CancellationToken, TaskCompletionSource, WaitError};
    ///
    /// let (source, task) = TaskCompletionSource::<u32>::pair();
    /// # smol::block_on(async {
    /// let wait = task.wait_async(&CancellationToken::NONE).with_timeout(Duration::from_millis(5));
    /// assert!(matches!(wait.await, Err(WaitError::Elapsed(_)))); // the task goes on
    /// # });
    /// # drop(source);
    /// ```
    #[cfg(feature = "std")]
    pub fn with_timeout(self, timeout: Duration) -> WaitAsyncFor<'a, T, E, crate::time::SystemClock> {
        self.with_timeout_on(crate::time::SystemClock, timeout)
    }
}

impl<'a, T, E> Future for WaitAsync<'a, T, E> {
    type Output = Waited<'a, T, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let waits = self.waits.as_mut().expect("`wait_async` polled after it was ready");
        let waited = if let Poll::Ready(outcome) = Pin::new(&mut waits.task).poll(cx) {
            Ok(outcome)
        } else {
            let Some(cancelled) = &mut waits.cancelled else { return Poll::Pending };
            ready!(Pin::new(&mut *cancelled).poll(cx));
            Err(Cancelled::new(cancelled.token()).into())
        };
        self.waits = None;
        Poll::Ready(waited)
    }
}

impl<T, E> FusedFuture for WaitAsync<'_, T, E> {
    fn is_terminated(&self) -> bool {
        self.waits.is_none()
    }
}

impl<T, E> fmt::Debug for WaitAsync<'_, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitAsync").field("was_ready", &self.waits.is_none()).finish_non_exhaustive()
    }
}

/// The future of [`WaitAsync::with_timeout_on`].
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct WaitAsyncFor<'a, T, E, C> {
    /// None once it was ready.
    parts: Option<(WaitAsync<'a, T, E>, Delay<C>)>,
}

// The clock is only called by reference, never pinned.
impl<T, E, C> Unpin for WaitAsyncFor<'_, T, E, C> {}

impl<'a, T, E, C: TimeProvider> Future for WaitAsyncFor<'a, T, E, C> {
    type Output = Waited<'a, T, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let (wait, delay) = self.parts.as_mut().expect("`wait_async` polled after it was ready");
        let waited = match Pin::new(wait).poll(cx) {
            Poll::Ready(waited) => waited,
            Poll::Pending if Pin::new(delay).poll(cx).is_ready() => Err(Elapsed(()).into()),
            Poll::Pending => return Poll::Pending,
        };
        self.parts = None;
        Poll::Ready(waited)
    }
}

impl<T, E, C: TimeProvider> FusedFuture for WaitAsyncFor<'_, T, E, C> {
    fn is_terminated(&self) -> bool {
        self.parts.is_none()
    }
}

impl<T, E, C> fmt::Debug for WaitAsyncFor<'_, T, E, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitAsyncFor").field("was_ready", &self.parts.is_none()).finish_non_exhaustive()
    }
}
