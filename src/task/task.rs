//! Tasks: who observes.

use super::outcome::Outcome;
use super::{BoxError, Settled, TaskError, TaskStatus};
use crate::cancel::{CancellationToken, Cancelled};
use crate::raw::cell::Shared;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::panic::{RefUnwindSafe, UnwindSafe};

/// A task: something that is under way, or has ended, whoever looks.
///
/// Dropping a task cancels nothing: it only stops looking. (That is how .NET's tasks behave, and unlike smol's; a token
/// cancels, and [`cancel_on_drop`](Task::cancel_on_drop) gives the other habit.) Any number of clones, on any executors
/// and threads, see the same outcome: a value, or a [`TaskError`].
///
/// Await it by reference (`(&task).await`) for a reference to the outcome, whatever `T` is; or by value (`task.await`)
/// for the value itself, which is moved out if nobody else has a handle, and cloned otherwise. It becomes a future when
/// it is awaited: where a future is asked for, say `task.into_future()` or `async { task.await }`.
///
/// It is one word, in an `Option` too. Two tasks are equal if they are the same.
///
/// # Examples
///
/// ```
/// use taskcell::TaskCompletionSource;
///
/// let source = TaskCompletionSource::<u32>::new();
/// let task = source.task();
/// source.set_result(7);
/// # smol::block_on(async {
/// assert_eq!((&task).await.unwrap(), &7);
/// assert_eq!(task.await.unwrap(), 7);
/// # });
/// ```
///
/// To look without waiting:
///
/// ```
/// use taskcell::{CancellationToken, Task, TaskError, TaskStatus};
///
/// let (done, failed) = (Task::<u32>::from_result(7), Task::<u32>::from_error("no paper".into()));
/// let cancelled = Task::<u32>::from_cancelled(&CancellationToken::NONE);
/// assert!(done.is_completed_successfully() && failed.is_faulted() && cancelled.is_cancelled());
/// assert_eq!(failed.status(), TaskStatus::Faulted);
/// assert_eq!(done.try_result().unwrap().unwrap(), &7);
/// assert_eq!(done.listeners(), 0);
/// failed.ignore(); // it may fail, and nobody has to hear of it
///
/// let outcome = done.try_unwrap().expect("it has ended, and there is no other handle");
/// assert_eq!(outcome.unwrap(), 7);
/// let abandoned = Task::<u32>::from_outcome(Err(TaskError::Abandoned));
/// assert!(abandoned.is_faulted());
/// ```
#[doc(alias = "Task<TResult>")]
#[doc(alias = "SetOnce")]
#[doc(alias = "JoinHandle")]
#[doc(alias = "Shared")]
#[must_use = "a task that nobody looks at may fail unseen; `ignore` says that this is meant"]
pub struct Task<T, E = BoxError>(pub(super) Shared<Outcome<T, E>>);

/// The outcome of a cell that is complete. A fault has been observed with this.
#[inline(always)]
pub(super) fn result_of<T, E>(cell: &Shared<Outcome<T, E>>) -> Result<&T, &TaskError<E>> {
    match cell.get() {
        Some(outcome) => look(cell, outcome),
        None => unreachable!("asked for after the end only"),
    }
}

/// A cell's outcome. A fault has been observed with this.
#[inline(always)]
pub(super) fn look<'a, T, E>(
    cell: &Shared<Outcome<T, E>>,
    outcome: &'a Outcome<T, E>,
) -> Result<&'a T, &'a TaskError<E>> {
    let result = outcome.get();
    if result.is_err() {
        cell.observe();
    }
    result.as_ref()
}

/// How far a cell is.
pub(super) fn status_of<T, E>(cell: &Shared<Outcome<T, E>>) -> TaskStatus {
    cell.get().map_or(TaskStatus::Pending, status_in)
}

/// How a cell with this outcome has ended.
pub(super) fn status_in<T, E>(outcome: &Outcome<T, E>) -> TaskStatus {
    outcome.get().as_ref().map_or_else(TaskError::status, |_| TaskStatus::RanToCompletion)
}

impl<T, E> Task<T, E> {
    #[inline(always)]
    pub(super) fn outcome(&self) -> Option<&Outcome<T, E>> {
        self.0.get()
    }

    /// The outcome, once there is one; nobody is told that it was seen.
    #[inline(always)]
    pub(super) fn peek(&self) -> Option<&Result<T, TaskError<E>>> {
        self.outcome().map(Outcome::get)
    }

    /// Notes that a fault has been seen.
    pub(super) fn observe(&self) {
        self.0.observe();
    }

    /// The outcome of a task that is complete; see [`result_of`].
    pub(super) fn result(&self) -> Result<&T, &TaskError<E>> {
        result_of(&self.0)
    }

    /// How far it is. Does not count as looking at a fault.
    #[must_use]
    pub fn status(&self) -> TaskStatus {
        status_of(&self.0)
    }

    /// True once it has ended, in whatever way.
    #[must_use]
    #[doc(alias = "IsCompleted")]
    pub fn is_completed(&self) -> bool {
        self.outcome().is_some()
    }

    /// True once it has ended with a value.
    #[must_use]
    #[doc(alias = "IsCompletedSuccessfully")]
    pub fn is_completed_successfully(&self) -> bool {
        self.status() == TaskStatus::RanToCompletion
    }

    /// True once it has ended with an error or a panic, or was abandoned.
    #[must_use]
    #[doc(alias = "IsFaulted")]
    pub fn is_faulted(&self) -> bool {
        self.status() == TaskStatus::Faulted
    }

    /// True once it was cancelled.
    #[must_use]
    #[doc(alias = "IsCanceled")]
    pub fn is_cancelled(&self) -> bool {
        self.status() == TaskStatus::Cancelled
    }

    /// The outcome, once there is one.
    #[must_use]
    #[doc(alias = "Result")]
    #[doc(alias = "Exception")]
    pub fn try_result(&self) -> Option<Result<&T, &TaskError<E>>> {
        self.outcome().map(|_| self.result())
    }

    /// Ready with the status once the task has ended; a fault counts as seen.
    ///
    /// # Cancel safety
    ///
    /// Dropping it leaves nothing behind.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::{Task, TaskStatus};
    ///
    /// let task = Task::<u32>::from_error("no paper".into());
    /// # smol::block_on(async {
    /// assert_eq!(task.settled().await, TaskStatus::Faulted);
    /// # });
    /// ```
    #[doc(alias = "ConfigureAwait")]
    #[doc(alias = "SuppressThrowing")]
    pub fn settled(&self) -> Settled<'_, T, E> {
        Settled::new(self)
    }

    /// Stops looking, and says that a fault may go unseen: nobody is told of it.
    #[doc(alias = "IgnoreExceptions")]
    pub fn ignore(self) {
        self.observe();
    }

    /// How many wait for it or are to be called at its end. Racy: for diagnostics only.
    #[must_use]
    pub fn listeners(&self) -> usize {
        self.0.listeners()
    }
}

impl<T: 'static, E: 'static> Task<T, E> {
    /// A task that has ended with `value`.
    #[doc(alias = "FromResult")]
    #[doc(alias = "CompletedTask")]
    pub fn from_result(value: T) -> Self {
        Self::from_outcome(Ok(value))
    }

    /// A task that has failed with `error`.
    #[doc(alias = "FromException")]
    pub fn from_error(error: E) -> Self {
        Self::from_outcome(Err(TaskError::faulted(error)))
    }

    /// A task that was cancelled by `token`, or by nobody in particular ([`CancellationToken::NONE`]). The token need
    /// not be cancelled.
    #[doc(alias = "FromCanceled")]
    pub fn from_cancelled(token: &CancellationToken) -> Self {
        Self::from_outcome(Err(TaskError::Cancelled(Cancelled::new(token.clone()))))
    }

    /// A task that has ended like this.
    pub fn from_outcome(outcome: Result<T, TaskError<E>>) -> Self {
        Self(Shared::complete(Outcome::Own(outcome)))
    }
}

impl<T, E: 'static> Task<T, E> {
    /// The outcome itself, if the task has ended and this is its only handle. Sources are handles, too, and so is a
    /// source that is still calling those who waited.
    ///
    /// # Errors
    ///
    /// The task, otherwise.
    #[inline]
    pub fn try_unwrap(self) -> Result<Result<T, TaskError<E>>, Self> {
        // Of a shared outcome both handles go, or none: that of the other task is ours alone to copy.
        let may = |outcome: &Outcome<T, E>| match outcome {
            Outcome::Own(_) => true,
            Outcome::Shared(task) => task.0.is_alone(),
        };
        match self.0.try_take(may) {
            Ok(Outcome::Own(result)) => Ok(result),
            Ok(Outcome::Shared(task)) => task.unwrap_shared(),
            Err(shared) => Err(Self(shared)),
        }
    }

    /// The same for the task whose outcome another one shared.
    #[cold]
    #[inline(never)]
    fn unwrap_shared(self) -> Result<Result<T, TaskError<E>>, Self> {
        self.try_unwrap()
    }

    /// The outcome of a task that is complete: moved out, or cloned.
    #[inline(always)]
    pub(super) fn into_outcome(self) -> Result<T, TaskError<E>>
    where
        T: Clone,
    {
        match self.0.try_take(|outcome| matches!(outcome, Outcome::Own(_))) {
            Ok(Outcome::Own(outcome)) => outcome,
            Ok(Outcome::Shared(task)) => task.into_clone(),
            Err(cell) => Self(cell).into_clone(),
        }
    }

    /// The same where others have handles, or the outcome is another task's.
    #[cold]
    #[inline(never)]
    fn into_clone(self) -> Result<T, TaskError<E>>
    where
        T: Clone,
    {
        self.try_unwrap().unwrap_or_else(|task| task.result().cloned().map_err(TaskError::clone))
    }
}

// A cell is as good after a panic as before, whatever it holds.
impl<T, E> UnwindSafe for Task<T, E> {}
impl<T, E> RefUnwindSafe for Task<T, E> {}

impl<T, E> Clone for Task<T, E> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T, E> PartialEq for Task<T, E> {
    fn eq(&self, other: &Self) -> bool {
        self.0.address() == other.0.address()
    }
}

impl<T, E> Eq for Task<T, E> {}

impl<T, E> Hash for Task<T, E> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.address().hash(state);
    }
}

impl<T, E> fmt::Debug for Task<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").field("status", &self.status()).finish_non_exhaustive()
    }
}
