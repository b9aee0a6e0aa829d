//! Completion sources: who completes.

use super::outcome::Outcome;
use super::task::status_of;
use super::{BoxError, Fault, Task, TaskError, TaskStatus};
use crate::cancel::{CancellationToken, Cancelled};
use crate::raw::cell::{Callbacks, Completer, Divert};
use crate::spawn::Spawner;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::panic::{RefUnwindSafe, UnwindSafe};

/// The producing side of a [`Task`]: completes it, once, by hand.
///
/// Clones are handles of the same source. The first call that completes the task decides; every other one gets its
/// value back. When the last source goes and the task has not ended, it ends as
/// [`Abandoned`](TaskError::Abandoned), so that nobody waits for ever; [`leave_pending`](Self::leave_pending) opts out.
///
/// Completing wakes those who wait and calls what continues the task, in the order in which they came. What panics
/// there does not stop the others: the first panic comes out of the call at its end.
///
/// A source may be dropped, and its task be completed, inside any of these calls. None of them waits; an error is
/// allocated, with a value nothing is. Since none waits, a call that another thread was faster than may return a moment
/// before the task has ended, with [`is_completed`](Task::is_completed) still false; .NET spins until it has. Who awaits the
/// task sees what the faster one has set.
///
/// # Examples
///
/// ```
/// use taskcell::TaskCompletionSource;
///
/// let (source, task) = TaskCompletionSource::<_, std::io::Error>::pair();
/// std::thread::spawn(move || source.set_result("done"));
/// # smol::block_on(async {
/// assert_eq!(task.await.unwrap(), "done");
/// # });
/// ```
///
/// A callback that may come twice, or never:
///
/// ```
/// use taskcell::{CancellationTokenSource, TaskCompletionSource, TaskStatus};
///
/// let (source, task) = TaskCompletionSource::<u32, &str>::pair();
/// let user = CancellationTokenSource::new();
/// let (on_cancel, token) = (source.clone(), user.token());
/// user.token().register(move || _ = on_cancel.try_set_cancelled(&token)).detach();
///
/// assert_eq!((source.status(), source.is_closed()), (TaskStatus::Pending, false));
/// source.try_set_result(7).unwrap();
/// assert_eq!(source.try_set_result(8), Err(8)); // the first one counts
/// assert_eq!(source.try_set_error("too late"), Err("too late"));
/// user.cancel(); // changes nothing any more
/// assert_eq!(task.try_result().unwrap().unwrap(), &7);
/// ```
#[doc(alias = "Promise")]
#[doc(alias = "oneshot")]
pub struct TaskCompletionSource<T, E = BoxError>(pub(super) Completer<Outcome<T, E>>);

impl<T: 'static, E: 'static> TaskCompletionSource<T, E> {
    /// A source whose task is pending. One allocation.
    ///
    /// # Examples
    ///
    /// ```
    /// let source = taskcell::TaskCompletionSource::<u32>::new();
    /// let task = source.task(); // as many as one likes
    /// source.set_result(7);
    /// assert!(task.is_completed_successfully());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self(Completer::new())
    }

    /// The same, with its task: one atomic operation less.
    pub fn pair() -> (Self, Task<T, E>) {
        let (completer, shared) = Completer::pair();
        (Self(completer), Task(shared))
    }

    /// Ends the task with `value`.
    ///
    /// # Panics
    ///
    /// It has ended already.
    #[track_caller]
    #[doc(alias = "SetResult")]
    pub fn set_result(&self, value: T) {
        assert!(self.try_set_result(value).is_ok(), "the task has ended already");
    }

    /// Ends the task with an error. A [`Cancelled`] is an error like any other here.
    ///
    /// # Panics
    ///
    /// It has ended already.
    ///
    /// # Examples
    ///
    /// ```
    /// let (source, task) = taskcell::TaskCompletionSource::<u32, &str>::pair();
    /// source.set_error("no paper");
    /// assert_eq!(task.try_result().unwrap().unwrap_err().fault(), Some(&"no paper"));
    /// ```
    #[track_caller]
    #[doc(alias = "SetException")]
    pub fn set_error(&self, error: E) {
        assert!(self.try_set_error(error).is_ok(), "the task has ended already");
    }

    /// Ends the task as cancelled by `token`; see [`try_set_cancelled`](Self::try_set_cancelled).
    ///
    /// # Panics
    ///
    /// It has ended already.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::{CancellationTokenSource, TaskCompletionSource};
    ///
    /// let (source, task) = TaskCompletionSource::<u32>::pair();
    /// let user = CancellationTokenSource::new();
    /// user.cancel();
    /// source.set_cancelled(&user.token());
    /// let error = task.try_result().unwrap().unwrap_err();
    /// assert_eq!(error.cancelled().unwrap().token(), &user.token());
    /// ```
    #[track_caller]
    #[doc(alias = "SetCanceled")]
    pub fn set_cancelled(&self, token: &CancellationToken) {
        assert!(self.try_set_cancelled(token), "the task has ended already");
    }

    /// Ends the task with `value`.
    ///
    /// # Errors
    ///
    /// The value, if the task has ended already.
    #[inline]
    pub fn try_set_result(&self, value: T) -> Result<(), T> {
        match self.0.try_set(Outcome::Own(Ok(value))) {
            Err(Outcome::Own(Ok(value))) => Err(value),
            _ => Ok(()),
        }
    }

    /// Ends the task with an error.
    ///
    /// # Errors
    ///
    /// The error, if the task has ended already.
    #[doc(alias = "TrySetException")]
    pub fn try_set_error(&self, error: E) -> Result<(), E> {
        self.try_set_errors([error]).map_err(|mut errors| errors.remove(0))
    }

    /// Ends the task with several errors; an await gives the first, [`TaskError::errors`] all of them.
    ///
    /// # Errors
    ///
    /// The errors, if the task has ended already, or if there are none.
    ///
    /// # Examples
    ///
    /// ```
    /// let (source, task) = taskcell::TaskCompletionSource::<u32, &str>::pair();
    /// source.try_set_errors(["no paper", "no ink"]).unwrap();
    /// let error = task.try_result().unwrap().unwrap_err();
    /// assert_eq!((error.fault(), error.errors().len()), (Some(&"no paper"), 2));
    /// ```
    #[doc(alias = "TrySetException")]
    pub fn try_set_errors(&self, errors: impl IntoIterator<Item = E>) -> Result<(), Vec<E>> {
        let mut errors = errors.into_iter();
        let Some(first) = errors.next() else { return Err(Vec::new()) };
        let fault = Fault::from_errors(first, errors.collect());
        match self.0.try_set(Outcome::Own(Err(TaskError::Faulted(fault)))) {
            Err(Outcome::Own(Err(TaskError::Faulted(fault)))) => Err(fault.into_errors()),
            _ => Ok(()),
        }
    }

    /// Ends the task as cancelled by `token`, which may be [`CancellationToken::NONE`] and need not be cancelled. False:
    /// the task has ended already.
    #[doc(alias = "TrySetCanceled")]
    pub fn try_set_cancelled(&self, token: &CancellationToken) -> bool {
        self.try_set_outcome(Err(TaskError::Cancelled(Cancelled::new(token.clone())))).is_ok()
    }

    /// Ends the task like this.
    ///
    /// # Errors
    ///
    /// The outcome, if the task has ended already.
    ///
    /// # Examples
    ///
    /// ```
    /// let (source, task) = taskcell::TaskCompletionSource::<u32>::pair();
    /// let outcome = smol::block_on(async { "7".parse::<u32>() });
    /// source.try_set_outcome(outcome.map_err(|error| taskcell::TaskError::faulted(error.into()))).unwrap();
    /// assert!(task.is_completed_successfully());
    /// ```
    pub fn try_set_outcome(&self, outcome: Result<T, TaskError<E>>) -> Result<(), Result<T, TaskError<E>>> {
        match self.0.try_set(Outcome::Own(outcome)) {
            Err(Outcome::Own(outcome)) => Err(outcome),
            _ => Ok(()),
        }
    }

    /// Ends the task as `task` has ended: both share one outcome, whatever `T` is. False: the source's task has ended
    /// already, or `task` is pending.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::{Task, TaskCompletionSource};
    ///
    /// let (source, task) = TaskCompletionSource::<u32>::pair();
    /// let pending = TaskCompletionSource::<u32>::new();
    /// assert!(!source.try_set_from_task(&pending.task()));
    /// assert!(source.try_set_from_task(&Task::from_result(7)));
    /// assert_eq!(task.try_result().unwrap().unwrap(), &7);
    /// ```
    #[doc(alias = "SetFromTask")]
    #[doc(alias = "TrySetFromTask")]
    pub fn try_set_from_task(&self, task: &Task<T, E>) -> bool {
        let shared = task.is_completed() && self.0.try_set(Outcome::share_unseen(&task.0)).is_ok();
        if shared {
            task.observe();
        }
        shared
    }

    /// Begins anew with a task of its own: the cell is used again, and nothing is allocated. False, and nothing
    /// changes: somebody else has a source or a task of it.
    ///
    /// A pending task that something continues goes on as it is. A fault that nobody has seen is reported.
    ///
    /// # Examples
    ///
    /// One cell for all rounds of a loop:
    ///
    /// ```
    /// use taskcell::TaskCompletionSource;
    ///
    /// let mut source = TaskCompletionSource::<u32>::new();
    /// # smol::block_on(async {
    /// for round in 0..3 {
    ///     let task = source.task();
    ///     source.set_result(round);
    ///     assert_eq!(task.await.unwrap(), round);
    ///     assert!(source.try_reset()); // nobody has a task of it any more
    /// }
    /// # });
    /// ```
    #[doc(alias = "IValueTaskSource")]
    #[doc(alias = "ManualResetValueTaskSourceCore")]
    pub fn try_reset(&mut self) -> bool {
        self.0.try_reset()
    }
}

impl<T, E> TaskCompletionSource<T, E>
where
    T: Send + Sync + 'static,
    E: Send + Sync + 'static,
{
    /// A source that runs no callback and no continuation inside the call that ends its task, not even one that asks
    /// for it: they run in order, in one future on `spawner`. Futures that wait are woken as ever.
    ///
    /// If the spawner drops that future, they run where it is dropped: none is lost. One that panics does so in the
    /// future then, or where that is dropped. What is added to a task that has ended runs at once, as ever.
    ///
    /// One allocation; when the task ends with something to run, one for the job and one or a few for the list.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::{BoxFuture, TaskCompletionSource};
    ///
    /// let smol = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
    /// let source = TaskCompletionSource::<u32>::run_continuations_on(smol);
    /// let next = source.task().then(|n| Ok(n + 1));
    /// source.set_result(1); // does not run the closure
    /// # smol::block_on(async {
    /// assert_eq!(next.await.unwrap(), 2);
    /// # });
    /// ```
    #[doc(alias = "RunContinuationsAsynchronously")]
    #[must_use]
    pub fn run_continuations_on(spawner: impl Spawner + Send + Sync + 'static) -> Self {
        Self(Completer::diverted(Elsewhere(spawner)))
    }
}

/// Runs callbacks on an executor.
struct Elsewhere<S>(S);

impl<S: Spawner + Send + Sync + 'static> Divert for Elsewhere<S> {
    fn divert(&self, callbacks: Callbacks) {
        self.0.spawn(Box::pin(async move { callbacks.run() }));
    }
}

impl<T, E> TaskCompletionSource<T, E> {
    /// The task; always the same.
    #[doc(alias = "Task")]
    pub fn task(&self) -> Task<T, E> {
        Task(self.0.share())
    }

    /// True if nobody has the task at the moment and nothing continues it, so that nobody would see a result. Racy where
    /// there are several sources.
    ///
    /// # Examples
    ///
    /// ```
    /// let (source, task) = taskcell::TaskCompletionSource::<u32>::pair();
    /// drop(task);
    /// if source.is_closed() {
    ///     // nobody is interested: the work can be left
    /// }
    /// # assert!(source.is_closed());
    /// ```
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.0.is_closed()
    }

    /// How far the task is.
    #[must_use]
    pub fn status(&self) -> TaskStatus {
        status_of(&self.0.view())
    }

    /// Gives the source up. If it is the last one and the task has not ended, that stays pending for good: whoever
    /// waits waits for ever, and what was to continue it is dropped and stays pending likewise.
    ///
    /// # Examples
    ///
    /// ```
    /// let (source, task) = taskcell::TaskCompletionSource::<u32>::pair();
    /// source.leave_pending();
    /// assert!(!task.is_completed()); // nor ever will be, and nobody is told
    /// ```
    pub fn leave_pending(self) {
        self.0.leave_pending();
    }
}

impl<T: 'static, E: 'static> Default for TaskCompletionSource<T, E> {
    fn default() -> Self {
        Self::new()
    }
}

// As for `Task`.
impl<T, E> UnwindSafe for TaskCompletionSource<T, E> {}
impl<T, E> RefUnwindSafe for TaskCompletionSource<T, E> {}

impl<T, E> Clone for TaskCompletionSource<T, E> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T, E> fmt::Debug for TaskCompletionSource<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskCompletionSource").field("status", &self.status()).finish_non_exhaustive()
    }
}
