//! Callbacks that wait for a task's end, and taking them back.

use super::outcome::Outcome;
use super::{BoxError, Task, TaskError};
use crate::raw::cell::Watch;
use core::fmt;
use core::panic::{RefUnwindSafe, UnwindSafe};

/// A callback that waits for the end of a task; made by [`Task::on_completed`].
///
/// Dropping it takes the callback back if it has not started, and never waits.
///
/// # Examples
///
/// ```
/// use taskcell::TaskCompletionSource;
///
/// let (source, task) = TaskCompletionSource::<u32>::pair();
/// let mut taken_back = task.on_completed(|_| unreachable!());
/// assert!(taken_back.unregister());
/// task.on_completed(|task| assert!(task.is_completed())).detach(); // stays, whoever holds what
/// source.set_result(7);
/// ```
#[must_use = "dropping it takes the callback back; `detach` leaves it"]
pub struct CompletionRegistration<T, E = BoxError>(Watch<Outcome<T, E>>);

impl<T, E> UnwindSafe for CompletionRegistration<T, E> {}
impl<T, E> RefUnwindSafe for CompletionRegistration<T, E> {}

impl<T, E> CompletionRegistration<T, E> {
    /// Takes the callback back; never waits. True if it had not started and now never will; what it captured has been
    /// dropped then. False if it runs, or has run; or if the task is pending for good, which has dropped it.
    pub fn unregister(&mut self) -> bool {
        self.0.unregister()
    }

    /// Leaves the callback where it is: it runs when the task ends, or is dropped when that has become impossible.
    pub fn detach(self) {
        self.0.detach();
    }
}

impl<T, E> fmt::Debug for CompletionRegistration<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompletionRegistration").finish_non_exhaustive()
    }
}

impl<T: 'static, E: 'static> Task<T, E> {
    /// Has `callback` called once the task has ended: on the thread that ends it, inside the call that does, in the order
    /// of those who wait. If it has ended already, `callback` runs before this returns.
    ///
    /// The callback is taken back when the registration is dropped; [`detach`](CompletionRegistration::detach) leaves it
    /// there. It does not count as having seen a fault unless it looks.
    ///
    /// O(1). A callback that captures at most one word allocates nothing in the steady state; a larger one is boxed.
    ///
    /// # Panics
    ///
    /// If `callback` runs here and panics. A panic of one that runs later comes out of the call that ends the task.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::TaskCompletionSource;
    ///
    /// let (source, task) = TaskCompletionSource::<u32>::pair();
    /// let mut first = task.on_completed(|_| unreachable!());
    /// task.on_completed(|task| println!("{:?}", task.status())).detach();
    /// assert!(first.unregister());
    /// source.set_result(1); // prints "RanToCompletion"
    /// ```
    #[doc(alias = "UnsafeOnCompleted")]
    #[doc(alias = "OnCompleted")]
    #[doc(alias = "GetAwaiter")]
    pub fn on_completed(&self, callback: impl FnOnce(&Self) + Send + 'static) -> CompletionRegistration<T, E> {
        CompletionRegistration(Watch::new(&self.0, move |cell| cell.lend(Self, |task| callback(task))))
    }

    /// Has `f` called if the task ends with an error or a panic, or is abandoned; not if it is cancelled. The fault
    /// counts as seen then. Where `f` runs is as for [`on_completed`](Self::on_completed); nothing takes it back.
    ///
    /// # Panics
    ///
    /// As for [`on_completed`](Self::on_completed).
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::TaskCompletionSource;
    ///
    /// let (source, task) = TaskCompletionSource::<u32>::pair();
    /// task.log_fault(|error| eprintln!("{error}"));
    /// source.set_error("no paper".into()); // prints "no paper"
    /// ```
    #[doc(alias = "LogCompletionIfFailed")]
    #[doc(alias = "ContinueWith")]
    #[doc(alias = "OnlyOnFaulted")]
    pub fn log_fault(&self, f: impl FnOnce(&TaskError<E>) + Send + 'static) {
        let callback = |task: &Self| {
            if let Some(Err(error)) = task.peek().filter(|_| task.is_faulted()) {
                task.observe();
                f(error);
            }
        };
        self.on_completed(callback).detach();
    }
}
