//! A result that may be there already.

use super::{BoxError, Task, TaskError, TaskStatus, WaitForOutcome};
use crate::cancel::{CancellationToken, Cancelled};
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use futures_core::FusedFuture;

/// The outcome itself, if it is there already, or else a task: what a call returns that is often done at once, and then
/// is to allocate nothing.
///
/// It is awaited by value, so once at most, and by one. [`into_task`](Self::into_task) and [`as_task`](Self::as_task) make
/// a task of it, for many. An error that is there already and that nobody looks at is reported to nobody.
///
/// # Examples
///
/// ```
/// use taskcell::{TaskCompletionSource, ValueTask};
///
/// fn read(cached: Option<u32>, source: &TaskCompletionSource<u32>) -> ValueTask<u32> {
///     match cached {
///         Some(value) => value.into(),
///         None => source.task().into(),
///     }
/// }
///
/// let source = TaskCompletionSource::new();
/// # smol::block_on(async {
/// assert_eq!(read(Some(7), &source).await.unwrap(), 7);
/// let later = read(None, &source);
/// source.set_result(8);
/// assert_eq!(later.await.unwrap(), 8);
/// # });
/// ```
///
/// Without waiting, and for those who want a task after all:
///
/// ```
/// use taskcell::{CancellationToken, TaskStatus, ValueTask};
///
/// let ready = ValueTask::<u32, &str>::from(7);
/// assert!(ready.is_completed());
/// assert_eq!(ready.try_result().unwrap().unwrap(), &7);
/// assert_eq!(ValueTask::<u32, _>::from_error("no paper").status(), TaskStatus::Faulted);
/// let cancelled = ValueTask::<u32, &str>::from_cancelled(&CancellationToken::NONE);
/// assert!(cancelled.into_task().is_cancelled());
/// ```
#[doc(alias = "ValueTask<TResult>")]
#[must_use = "a task that nobody looks at may fail unseen"]
pub enum ValueTask<T, E = BoxError> {
    /// It has ended like this.
    Ready(Result<T, TaskError<E>>),
    /// It ends as this task does.
    Task(Task<T, E>),
}

impl<T, E> ValueTask<T, E> {
    /// That has failed with `error`.
    #[doc(alias = "FromException")]
    pub fn from_error(error: E) -> Self {
        Self::Ready(Err(TaskError::faulted(error)))
    }

    /// That was cancelled by `token`, or by nobody in particular ([`CancellationToken::NONE`]).
    #[doc(alias = "FromCanceled")]
    pub fn from_cancelled(token: &CancellationToken) -> Self {
        Self::Ready(Err(TaskError::Cancelled(Cancelled::new(token.clone()))))
    }

    /// How far it is. Does not count as looking at a fault.
    #[must_use]
    pub fn status(&self) -> TaskStatus {
        match self {
            Self::Ready(Ok(_)) => TaskStatus::RanToCompletion,
            Self::Ready(Err(error)) => error.status(),
            Self::Task(task) => task.status(),
        }
    }

    /// True once it has ended, in whatever way.
    #[must_use]
    #[doc(alias = "IsCompleted")]
    pub fn is_completed(&self) -> bool {
        self.status() != TaskStatus::Pending
    }

    /// The outcome, once there is one.
    #[must_use]
    #[doc(alias = "Result")]
    pub fn try_result(&self) -> Option<Result<&T, &TaskError<E>>> {
        match self {
            Self::Ready(outcome) => Some(outcome.as_ref()),
            Self::Task(task) => task.try_result(),
        }
    }
}

impl<T: 'static, E: 'static> ValueTask<T, E> {
    /// A task of it: the one it has, or a new one that has ended.
    #[doc(alias = "AsTask")]
    pub fn into_task(self) -> Task<T, E> {
        match self {
            Self::Ready(outcome) => Task::from_outcome(outcome),
            Self::Task(task) => task,
        }
    }

    /// The same, and it stays as it is, with that task.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::ValueTask;
    ///
    /// let mut value = ValueTask::<u32>::from(7);
    /// assert_eq!(value.as_task(), value.as_task());
    /// # smol::block_on(async {
    /// assert_eq!(value.await.unwrap(), 7);
    /// # });
    /// ```
    #[doc(alias = "AsTask")]
    #[doc(alias = "Preserve")]
    pub fn as_task(&mut self) -> Task<T, E> {
        let task = core::mem::replace(self, Self::Ready(Err(TaskError::Abandoned))).into_task();
        *self = Self::Task(task.clone());
        task
    }
}

impl<T, E> From<T> for ValueTask<T, E> {
    fn from(value: T) -> Self {
        Self::Ready(Ok(value))
    }
}

impl<T, E> From<Task<T, E>> for ValueTask<T, E> {
    fn from(task: Task<T, E>) -> Self {
        Self::Task(task)
    }
}

impl<T, E> From<Result<T, TaskError<E>>> for ValueTask<T, E> {
    fn from(outcome: Result<T, TaskError<E>>) -> Self {
        Self::Ready(outcome)
    }
}

impl<T, E> fmt::Debug for ValueTask<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ValueTask").field("status", &self.status()).finish_non_exhaustive()
    }
}

impl<T: Clone, E: 'static> IntoFuture for ValueTask<T, E> {
    type Output = Result<T, TaskError<E>>;
    type IntoFuture = WaitForValue<T, E>;

    #[inline]
    fn into_future(self) -> WaitForValue<T, E> {
        WaitForValue(match self {
            Self::Ready(outcome) => Waits::Ready(Some(outcome)),
            Self::Task(task) => Waits::Task(task.into_future()),
        })
    }
}

/// Ready with the outcome of a [`ValueTask`] once that has ended; made by `value_task.await`.
///
/// # Examples
///
/// ```
/// use taskcell::{ValueTask, WaitForValue};
///
/// let waits: WaitForValue<u32, &str> = ValueTask::from(7).into_future();
/// # smol::block_on(async {
/// assert_eq!(waits.await.unwrap(), 7);
/// # });
/// ```
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct WaitForValue<T, E>(Waits<T, E>);

enum Waits<T, E> {
    /// None once it was ready.
    Ready(Option<Result<T, TaskError<E>>>),
    Task(WaitForOutcome<T, E>),
}

// The value is moved out, never pinned.
impl<T, E> Unpin for WaitForValue<T, E> {}

impl<T: Clone, E: 'static> Future for WaitForValue<T, E> {
    type Output = Result<T, TaskError<E>>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            Waits::Ready(outcome) => Poll::Ready(outcome.take().expect("a task's future polled after it was ready")),
            Waits::Task(wait) => Pin::new(wait).poll(cx),
        }
    }
}

impl<T: Clone, E: 'static> FusedFuture for WaitForValue<T, E> {
    fn is_terminated(&self) -> bool {
        match &self.0 {
            Waits::Ready(outcome) => outcome.is_none(),
            Waits::Task(wait) => wait.is_terminated(),
        }
    }
}

impl<T, E> fmt::Debug for WaitForValue<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitForValue").finish_non_exhaustive()
    }
}
