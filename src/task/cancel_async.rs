//! Cancelling with the callbacks on an executor, as a task.

use super::Task;
use super::caught::outcome_of;
use super::outcome::Outcome;
use super::run::started;
use crate::cancel::{CancellationTokenSource, DeferredCallbacks};
use crate::raw::cell::{Completer, Driver, Shared};
use crate::spawn::Spawner;
use alloc::boxed::Box;
use core::convert::Infallible;

impl CancellationTokenSource {
    /// Cancels, and wakes all waiting futures; the callbacks run on an executor, in one future, last in first out. The
    /// task ends when they have run; it has ended already, if there are none.
    ///
    /// If a waker or callback panics, all others still run, then the task ends with the first panic as
    /// [`Panicked`](crate::TaskError::Panicked) (with the feature `std`). If the spawner drops the future, the callbacks run
    /// where it is dropped. Until they run they can still be unregistered.
    ///
    /// A second cancellation finds no callbacks, and does not wait for those of the first.
    ///
    /// # Panics
    ///
    /// If the spawner panics.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::{BoxFuture, CancellationTokenSource};
    ///
    /// let smol = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
    /// let source = CancellationTokenSource::new();
    /// source.token().register(|| println!("stop")).detach();
    /// let callbacks = source.cancel_async(&smol);
    /// assert!(source.is_cancelled());
    /// # smol::block_on(async {
    /// callbacks.await.unwrap(); // "stop" has been printed
    /// # });
    /// ```
    #[doc(alias = "CancelAsync")]
    pub fn cancel_async<S: Spawner + ?Sized>(&self, spawner: &S) -> Task<(), Infallible> {
        let callbacks = self.cancel_deferred();
        if !callbacks.has_callbacks() {
            return Task(Shared::complete(run(callbacks)));
        }
        let (to, task) = Completer::pair();
        let job = Job(Some((callbacks, to)));
        started(spawner, Box::pin(async move { drop(job) }), Task(task))
    }
}

fn run(callbacks: DeferredCallbacks) -> Outcome<(), Infallible> {
    outcome_of(|| {
        callbacks.run();
        Ok(())
    })
}

/// Runs the callbacks, wherever it is dropped.
struct Job(Option<(DeferredCallbacks, Completer<Outcome<(), Infallible>>)>);

impl Drop for Job {
    fn drop(&mut self) {
        let Some((callbacks, to)) = self.0.take() else { return };
        let outcome = run(callbacks);
        Driver::run(|driver| to.set_in(outcome, driver));
    }
}
