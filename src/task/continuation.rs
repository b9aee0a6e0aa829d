//! Continuations: what is done when a task has ended, as a task of its own.

use super::caught::{outcome_of, panicked, refuse};
use super::flow::Flow;
use super::options::{ContinuationOptions, ContinueOn, Filter};
use super::outcome::Outcome;
use super::task::status_of;
use super::{Task, race};
use crate::cancel::CancellationToken;
use crate::raw::cell::{Completer, Driver, Link, Shared, link};
use crate::shim::thread::catch;
use crate::spawn::BoxFuture;
use alloc::boxed::Box;

impl<T, E> Task<T, E>
where
    T: Send + Sync + 'static,
    E: Send + Sync + 'static,
{
    /// Has `f` called with this task once it has ended, and returns a task for what `f` makes of it.
    ///
    /// Where `f` runs, after which endings, and what cancels it, say the [options](ContinuationOptions). If it does not
    /// run, its task ends as cancelled. What `f` returns is not unwrapped; [`then`](Task::then) does that. A
    /// [`Cancelled`](crate::Cancelled) that it returns as an error ends its task as cancelled, by whatever token (.NET asks
    /// that it be the continuation's own), and a panic of `f` as [`Panicked`](crate::TaskError::Panicked) (with the feature
    /// `std`). `f` is dropped before its task ends.
    ///
    /// With the feature `std`, `f` runs in the context of this call, not of the one that ends the task.
    ///
    /// A continuation that was called counts as having seen the fault of this task, whatever it does with it.
    ///
    /// A spawner that drops the continuation abandons its task; one that panics is what its task panicked with.
    ///
    /// A continuation whose token has been cancelled already ends at once, and `f` never runs; with
    /// [`lazy_cancellation`](ContinuationOptions::lazy_cancellation) when this task has ended. Once `f` runs the token
    /// means nothing any more.
    ///
    /// One allocation for the task and what continues it; for a spawner a box more; for a token that can be cancelled,
    /// two more, and a callback that is taken back when this task ends first.
    ///
    /// # Panics
    ///
    /// If `f` is dropped here, or its task continued, and that panics.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::{ContinuationOptions, Task, TaskCompletionSource, TaskError};
    ///
    /// let (source, task) = TaskCompletionSource::<u32>::pair();
    /// let doubled: Task<u32> = task.continue_with(ContinuationOptions::EXECUTE_SYNCHRONOUSLY, |task| {
    ///     Ok(task.try_result().unwrap().map_err(TaskError::clone)? * 2)
    /// });
    /// source.set_result(21);
    /// assert_eq!(doubled.try_result().unwrap().unwrap(), &42);
    /// ```
    #[doc(alias = "ContinueWith")]
    pub fn continue_with<S, U, E2, F>(&self, options: ContinuationOptions<S>, f: F) -> Task<U, E2>
    where
        S: ContinueOn,
        U: Send + Sync + 'static,
        E2: Send + Sync + 'static,
        F: FnOnce(&Self) -> Result<U, E2> + Send + 'static,
    {
        let flow = Flow::capture();
        if flow.is_empty() {
            return self.continued(options, f);
        }
        self.continued(options, |task| flow.run(|| f(task)))
    }

    /// The same without a context of its own.
    #[inline(always)]
    fn continued<S, U, E2, F>(&self, options: ContinuationOptions<S>, f: F) -> Task<U, E2>
    where
        S: ContinueOn,
        U: Send + Sync + 'static,
        E2: Send + Sync + 'static,
        F: FnOnce(&Self) -> Result<U, E2> + Send + 'static,
    {
        let ContinuationOptions { place, filter, lazy, token } = options;
        if !lazy && token.is_cancelled() {
            drop(f);
            return Task::from_cancelled(&token);
        }
        if !lazy && token.can_be_cancelled() {
            return race::continue_with(self, place, filter, token, f);
        }
        Task(link(&self.0, Continue { f, place, filter, token }))
    }
}

/// A continuation that nothing cancels while it waits.
struct Continue<F, S> {
    f: F,
    place: S,
    filter: Filter,
    token: CancellationToken,
}

impl<T, E, U, E2, F, S> Link<Outcome<T, E>, Outcome<U, E2>> for Continue<F, S>
where
    T: Send + Sync + 'static,
    E: Send + Sync + 'static,
    U: Send + Sync + 'static,
    E2: Send + Sync + 'static,
    F: FnOnce(&Task<T, E>) -> Result<U, E2> + Send + 'static,
    S: ContinueOn,
{
    fn run(self, from: &Shared<Outcome<T, E>>, to: Completer<Outcome<U, E2>>, driver: &mut Driver) {
        let Self { f, place, filter, token } = self;
        if !filter.admits(status_of(from)) {
            refuse(f, to, &CancellationToken::NONE, driver);
        } else if S::INLINE || token.is_cancelled() {
            from.lend(Task, |from| run(f, from, &token, to, driver));
        } else {
            let job = Job { f, to: to.clone(), from: Task(from.clone()), token };
            return start(place, Box::pin(async move { job.run() }), to, driver);
        }
        driver.discard(place);
    }
}

/// Calls `f` and ends its task; the thread's context is not the closure's.
pub(super) fn run<T, E, U, E2: 'static>(
    f: impl FnOnce(&Task<T, E>) -> Result<U, E2>,
    from: &Task<T, E>,
    token: &CancellationToken,
    to: Completer<Outcome<U, E2>>,
    driver: &mut Driver,
) {
    if token.is_cancelled() {
        return refuse(f, to, token, driver);
    }
    let _apart = Flow::isolate();
    from.observe();
    to.set_in(outcome_of(|| f(from)), driver);
}

/// Hands a future that ends a task to its executor. `spare` is another source of that task.
pub(super) fn start<S: ContinueOn, U, E2: 'static>(
    place: S,
    future: BoxFuture<'static, ()>,
    spare: Completer<Outcome<U, E2>>,
    driver: &mut Driver,
) {
    match catch(|| place.start(future)) {
        Ok(()) => spare.drop_in(driver),
        Err(payload) => spare.set_in(panicked(payload), driver),
    }
    driver.discard(place);
}

/// A continuation on its way through an executor. Dropped before it has run it abandons its task, after `f` is gone.
struct Job<F, T, E, U, E2: 'static> {
    f: F,
    to: Completer<Outcome<U, E2>>,
    from: Task<T, E>,
    token: CancellationToken,
}

impl<F, T, E, U, E2> Job<F, T, E, U, E2>
where
    F: FnOnce(&Task<T, E>) -> Result<U, E2>,
{
    fn run(self) {
        let Self { f, to, from, token } = self;
        Driver::run(|driver| run(f, &from, &token, to, driver));
    }
}
