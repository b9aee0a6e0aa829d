//! A task that is cancelled when nobody looks at it any more.

use super::{BoxError, Task, TaskError, WaitForOutcome};
use crate::cancel::{CancellationTokenSource, DropGuard};
use core::fmt;
use core::future::Future;
use core::ops::Deref;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use futures_core::FusedFuture;

impl<T, E> Task<T, E> {
    /// Has `source` cancelled when what is returned is dropped, unless the task has ended by then. (Dropping a plain task
    /// cancels nothing.) It is for the work behind the task to look at the source's token, and to end.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::{CancellationTokenSource, TaskCompletionSource};
    ///
    /// let (source, task) = TaskCompletionSource::<u32>::pair();
    /// let cancellation = CancellationTokenSource::new();
    /// let token = cancellation.token();
    /// let task = task.cancel_on_drop(cancellation);
    /// assert!(!task.is_completed());
    /// drop(task);
    /// assert!(token.is_cancelled());
    /// # drop(source);
    /// ```
    pub fn cancel_on_drop(self, source: CancellationTokenSource) -> CancelOnDrop<T, E> {
        CancelOnDrop { parts: Some((self, source)) }
    }
}

/// A task, and a source that is cancelled with its drop; made by [`Task::cancel_on_drop`].
///
/// It dereferences to the task, and is awaited as that is. The future cancels, too, if it is dropped before the end.
///
/// # Panics
///
/// Its drop, as [`CancellationTokenSource::cancel`].
///
/// # Examples
///
/// ```
/// use taskcell::{CancellationTokenSource, TaskCompletionSource};
///
/// let (source, task) = TaskCompletionSource::<u32>::pair();
/// let cancellation = CancellationTokenSource::new();
/// let token = cancellation.token();
/// let task = task.cancel_on_drop(cancellation).disarm(); // changed one's mind
/// source.set_result(7);
/// # smol::block_on(async {
/// assert_eq!(task.await.unwrap(), 7);
/// assert!(!token.is_cancelled());
/// # });
/// ```
#[must_use = "dropping it cancels at once"]
pub struct CancelOnDrop<T, E = BoxError> {
    /// None once they have been taken, by value.
    parts: Option<(Task<T, E>, CancellationTokenSource)>,
}

impl<T, E> CancelOnDrop<T, E> {
    /// The task alone; the source is dropped, not cancelled.
    pub fn disarm(mut self) -> Task<T, E> {
        self.take().0
    }

    fn take(&mut self) -> (Task<T, E>, CancellationTokenSource) {
        self.parts.take().expect("taken by value only")
    }
}

impl<T, E> Deref for CancelOnDrop<T, E> {
    type Target = Task<T, E>;

    fn deref(&self) -> &Task<T, E> {
        let (task, _) = self.parts.as_ref().expect("taken by value only");
        task
    }
}

impl<T, E> Drop for CancelOnDrop<T, E> {
    fn drop(&mut self) {
        if let Some((task, source)) = self.parts.take() {
            let _guard = guard(source, task.is_completed());
            drop(task);
        }
    }
}

/// What cancels at the end of the caller, whatever panics until then.
fn guard(source: CancellationTokenSource, ended: bool) -> Option<DropGuard> {
    (!ended).then(|| source.drop_guard())
}

impl<T, E> fmt::Debug for CancelOnDrop<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancelOnDrop").field("status", &self.status()).finish_non_exhaustive()
    }
}

impl<T: Clone, E: 'static> IntoFuture for CancelOnDrop<T, E> {
    type Output = Result<T, TaskError<E>>;
    type IntoFuture = WaitOrCancel<T, E>;

    fn into_future(mut self) -> WaitOrCancel<T, E> {
        let (task, source) = self.take();
        WaitOrCancel { parts: Some((task.into_future(), source)) }
    }
}

/// Ready with the outcome once the task has ended; cancels if it is dropped before; made by awaiting a [`CancelOnDrop`].
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use taskcell::{CancellationTokenSource, ManualClock, TaskCompletionSource, timeout_on};
///
/// let (source, task) = TaskCompletionSource::<u32>::pair();
/// let cancellation = CancellationTokenSource::new();
/// let token = cancellation.token();
/// let clock = ManualClock::new();
/// clock.set_auto_advance(true);
/// clock.block_on(async {
///     let task = task.cancel_on_drop(cancellation);
///     assert!(timeout_on(&clock, Duration::from_secs(3), task).await.is_err());
///     assert!(token.is_cancelled()); // the timeout dropped what waited, and that cancels
/// });
/// # drop(source);
/// ```
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct WaitOrCancel<T, E> {
    /// None once it was ready.
    parts: Option<(WaitForOutcome<T, E>, CancellationTokenSource)>,
}

impl<T: Clone, E: 'static> Future for WaitOrCancel<T, E> {
    type Output = Result<T, TaskError<E>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let (wait, _) = self.parts.as_mut().expect("a task's future polled after it was ready");
        let outcome = ready!(Pin::new(wait).poll(cx));
        self.parts = None;
        Poll::Ready(outcome)
    }
}

impl<T: Clone, E: 'static> FusedFuture for WaitOrCancel<T, E> {
    fn is_terminated(&self) -> bool {
        self.parts.is_none()
    }
}

impl<T, E> Drop for WaitOrCancel<T, E> {
    fn drop(&mut self) {
        if let Some((wait, source)) = self.parts.take() {
            let _guard = guard(source, wait.has_ended());
            // First, so that the cancellation does not wake whoever drops this.
            drop(wait);
        }
    }
}

impl<T, E> fmt::Debug for WaitOrCancel<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitOrCancel").field("was_ready", &self.parts.is_none()).finish_non_exhaustive()
    }
}
