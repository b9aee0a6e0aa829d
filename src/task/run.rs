//! Tasks that an executor runs.

use super::caught::{cancelled, outcome_of, panicked};
use super::flow::{Flow, Flowing};
use super::outcome::Outcome;
use super::{Panic, Task, TaskError};
use crate::cancel::{CancellationToken, Cancelled};
use crate::raw::cell::{Completer, Driver};
use crate::shim::thread::catch;
use crate::spawn::{BoxFuture, Spawner};
use alloc::boxed::Box;
use core::any::Any;
use core::future::{Future, IntoFuture};
use core::mem::forget;
use core::pin::Pin;
use core::task::{Context, Poll};
use pin_project::pin_project;

impl<T, E> Task<T, E>
where
    T: Send + Sync + 'static,
    E: Send + Sync + 'static,
{
    /// Starts `future` on an executor; the task ends as it does.
    ///
    /// An error ends the task as [`TaskError::of_error`] says: as cancelled, if it means that. A panic ends it as
    /// [`Panicked`](TaskError::Panicked) (with the feature `std`), and does not reach the executor. A future that the
    /// executor drops leaves it abandoned. Dropping the task does not stop the future. Nothing is polled here, and the
    /// future is dropped before the task ends. With the feature `std` the context of this call flows into
    /// the future.
    ///
    /// One allocation for the task, one for the future.
    ///
    /// # Panics
    ///
    /// If the spawner panics.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::{BoxFuture, Task};
    ///
    /// let smol = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
    /// let task: Task<u32> = Task::run(&smol, async { Ok(7) });
    /// # smol::block_on(async {
    /// assert_eq!(task.await.unwrap(), 7);
    /// # });
    /// ```
    #[doc(alias = "Run")]
    #[doc(alias = "StartNew")]
    #[doc(alias = "spawn")]
    pub fn run<S, F>(spawner: &S, future: F) -> Self
    where
        S: Spawner + ?Sized,
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        Self::run_with(spawner, &CancellationToken::NONE, future)
    }

    /// [`run`](Self::run), unless `token` is cancelled before the first poll: then `future` is dropped, here or by the
    /// executor, and the task ends as cancelled by it. Once it has begun it has to look at the token itself.
    ///
    /// # Panics
    ///
    /// As for [`run`](Self::run).
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::{BoxFuture, CancellationToken, Task};
    ///
    /// let smol = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
    /// let token = CancellationToken::new(true);
    /// let task: Task<u32> = Task::run_with(&smol, &token, async { unreachable!() });
    /// assert!(task.is_cancelled());
    /// ```
    #[doc(alias = "Run")]
    pub fn run_with<S, F>(spawner: &S, token: &CancellationToken, future: F) -> Self
    where
        S: Spawner + ?Sized,
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        if token.is_cancelled() {
            drop(future);
            return Self::from_cancelled(token);
        }
        let (to, task) = Completer::pair();
        let future = Some(Flow::capture().around(future));
        let running = Running { future, to: Some(to), token: token.clone() };
        started(spawner, Box::pin(running), Self(task))
    }

    /// Has `f` called on an executor; the task ends as it does. What computes or blocks for long needs an executor that
    /// is made for it.
    ///
    /// Errors, panics, being dropped and the context are as for [`run`](Self::run).
    ///
    /// # Panics
    ///
    /// If the spawner panics.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::{BoxFuture, Task};
    ///
    /// let pool = |future: BoxFuture<'static, ()>| smol::unblock(|| smol::block_on(future)).detach();
    /// let task: Task<u64> = Task::run_fn(&pool, || Ok((1..=10).product()));
    /// # smol::block_on(async {
    /// assert_eq!(task.await.unwrap(), 3_628_800);
    /// # });
    /// ```
    #[doc(alias = "Run")]
    #[doc(alias = "StartNew")]
    #[doc(alias = "spawn_blocking")]
    pub fn run_fn<S, F>(spawner: &S, f: F) -> Self
    where
        S: Spawner + ?Sized,
        F: FnOnce() -> Result<T, E> + Send + 'static,
    {
        let (to, task) = Completer::pair();
        let flow = Flow::capture();
        let called = Called { f: || flow.run(f), to };
        started(spawner, Box::pin(async move { called.run(outcome_of) }), Self(task))
    }

    /// [`run_fn`](Self::run_fn), unless `token` is cancelled before `f` starts: then `f` is dropped, here or by the
    /// executor, and the task ends as cancelled by it.
    ///
    /// As with .NET's `Task.Run(Action, CancellationToken)`, a [`Cancelled`] that `f` returns as its error ends the task
    /// as cancelled if it is of this very token, and that is cancelled; any other is an error.
    ///
    /// # Panics
    ///
    /// If the spawner panics.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::{BoxFuture, CancellationTokenSource, Task};
    ///
    /// let pool = |future: BoxFuture<'static, ()>| smol::unblock(|| smol::block_on(future)).detach();
    /// let source = CancellationTokenSource::new();
    /// let token = source.token();
    /// let task: Task<()> = Task::run_fn_with(&pool, &source.token(), move || {
    ///     while token.check().is_ok() {
    ///         std::thread::yield_now();
    ///     }
    ///     Ok(token.check()?)
    /// });
    /// source.cancel();
    /// # smol::block_on(async {
    /// assert!(task.await.unwrap_err().is_cancelled());
    /// # });
    /// ```
    #[doc(alias = "Run")]
    pub fn run_fn_with<S, F>(spawner: &S, token: &CancellationToken, f: F) -> Self
    where
        S: Spawner + ?Sized,
        F: FnOnce() -> Result<T, E> + Send + 'static,
    {
        if token.is_cancelled() {
            drop(f);
            return Self::from_cancelled(token);
        }
        let (to, task) = Completer::pair();
        let flow = Flow::capture();
        let (called, token) = (Called { f: || flow.run(f), to }, token.clone());
        let future = Box::pin(async move {
            if token.is_cancelled() {
                return called.refuse(&token);
            }
            called.run(|f| match outcome_of_own(f) {
                Outcome::Own(Err(TaskError::Faulted(fault))) if is_of(&*fault, &token) => cancelled(&token),
                outcome => outcome,
            });
        });
        started(spawner, future, Self(task))
    }
}

/// Hands the future of `task` to an executor. If that panics nobody gets the task, and nobody has to see its fault.
pub(super) fn started<T, E, S>(spawner: &S, future: BoxFuture<'static, ()>, task: Task<T, E>) -> Task<T, E>
where
    S: Spawner + ?Sized,
{
    let unreturned = Unreturned(&task);
    spawner.spawn(future);
    forget(unreturned);
    task
}

struct Unreturned<'a, T, E>(&'a Task<T, E>);

impl<T, E> Drop for Unreturned<'_, T, E> {
    fn drop(&mut self) {
        self.0.observe();
    }
}

/// How a task ends whose closure this is; a cancellation is an error like any other.
fn outcome_of_own<T, E>(f: impl FnOnce() -> Result<T, E>) -> Outcome<T, E> {
    match catch(f) {
        Ok(result) => Outcome::Own(result.map_err(TaskError::faulted)),
        Err(payload) => panicked(payload),
    }
}

/// True if the error means that `token`, which is cancelled, has ended something.
fn is_of<E: 'static>(error: &E, token: &CancellationToken) -> bool {
    let any: &dyn Any = error;
    let boxed = || any.downcast_ref::<super::BoxError>()?.downcast_ref::<Cancelled>();
    let cancelled = any.downcast_ref::<Cancelled>().or_else(boxed);
    token.is_cancelled() && cancelled.is_some_and(|cancelled| cancelled.token() == token)
}

/// A closure that an executor calls. It goes before its source.
struct Called<F, T, E: 'static> {
    f: F,
    to: Completer<Outcome<T, E>>,
}

impl<F, T, E: 'static> Called<F, T, E> {
    fn run(self, call: impl FnOnce(F) -> Outcome<T, E>) {
        let Self { f, to } = self;
        let outcome = call(f);
        Driver::run(|driver| to.set_in(outcome, driver));
    }

    fn refuse(self, token: &CancellationToken) {
        let Self { f, to } = self;
        // The executor is to see no panic.
        let outcome = match catch(|| drop(f)) {
            Ok(()) => cancelled(token),
            Err(payload) => panicked(payload),
        };
        Driver::run(|driver| to.set_in(outcome, driver));
    }
}

/// A future that an executor runs. It goes before its source.
#[pin_project]
struct Running<F, T, E: 'static> {
    #[pin]
    future: Option<Flowing<F>>,
    /// None once the task has ended.
    to: Option<Completer<Outcome<T, E>>>,
    token: CancellationToken,
}

impl<F, T, E> Future for Running<F, T, E>
where
    F: Future<Output = Result<T, E>>,
    E: 'static,
{
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        // Once it has begun it looks at the token itself.
        let token = core::mem::take(this.token);
        let outcome = if token.is_cancelled() {
            cancelled(&token)
        } else {
            match catch(|| this.future.as_mut().as_pin_mut().map(|future| future.poll(cx))) {
                Ok(Some(Poll::Pending)) => return Poll::Pending,
                Ok(Some(Poll::Ready(result))) => outcome_of(|| result),
                Ok(None) => return Poll::Ready(()),
                Err(payload) => panicked(payload),
            }
        };
        let dropped = catch(|| this.future.set(None));
        let Some(to) = this.to.take() else { return Poll::Ready(()) };
        Driver::run(|driver| match dropped {
            Ok(()) => to.set_in(outcome, driver),
            Err(payload) if matches!(outcome, Outcome::Own(Err(TaskError::Panicked(_)))) => {
                driver.discard(Panic::new(payload));
                to.set_in(outcome, driver);
            }
            Err(payload) => {
                driver.discard(outcome);
                to.set_in(panicked(payload), driver);
            }
        });
        Poll::Ready(())
    }
}

/// Starts futures on an executor.
///
/// # Examples
///
/// ```
/// use taskcell::{BoxFuture, StartOn, Task};
///
/// let smol = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
/// let task: Task<u32> = async { Ok(7) }.start_on(&smol);
/// # smol::block_on(async {
/// assert_eq!(task.await.unwrap(), 7);
/// # });
/// ```
pub trait StartOn<T, E>: IntoFuture<Output = Result<T, E>> + Sized {
    /// [`Task::run`], in the order in which one thinks.
    #[doc(alias = "Start")]
    fn start_on<S: Spawner + ?Sized>(self, spawner: &S) -> Task<T, E>;
}

impl<F, T, E> StartOn<T, E> for F
where
    F: IntoFuture<Output = Result<T, E>>,
    F::IntoFuture: Send + 'static,
    T: Send + Sync + 'static,
    E: Send + Sync + 'static,
{
    fn start_on<S: Spawner + ?Sized>(self, spawner: &S) -> Task<T, E> {
        Task::run(spawner, self.into_future())
    }
}
