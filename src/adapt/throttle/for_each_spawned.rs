//! `for_each_throttled_spawned`: a body for each of many items, few at a time, on an executor.

use core::fmt;
use core::num::NonZeroUsize;
use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::Stream;
use pin_project::pin_project;

use super::failures::Failures;
use super::flight::{InFlight, Items};
use super::hot::{Cancelling, Hot, OnExecutor};
use crate::cancel::CancellationToken;
use crate::spawn::Spawner;
use crate::task::{AggregateError, TaskError};

/// Runs a body for each item on an executor, at most `limit` at the same time, up to the first failure; ends when all
/// that began have.
///
/// Each body is given its item and a token, and is started as a task is by [`Task::run`](crate::Task::run): on as many
/// threads as the executor has. At the first error, panic, or future that the executor drops, the token is cancelled, no
/// more items are taken, and the bodies that run are awaited; those that were not polled yet are dropped unstarted. That
/// is .NET's `Parallel.ForEachAsync`, whose `MaxDegreeOfParallelism` is `limit`.
///
/// An item is taken, and its body started, in a poll of this future, when there is room. Without items it is ready at the
/// first poll. `items` and `f` need not be `Send`. For each item one allocation for its task and one or two for its
/// future. After 128 bodies that end in a row it wakes its own task and is pending once.
///
/// # Cancel safety
///
/// Dropping it cancels the token and starts no more: bodies that run go on until they look at it, and nobody waits for
/// them.
///
/// # Panics
///
/// If `items`, `f` or the spawner panics, the panic goes to the caller, and polling again panics. Those of the bodies are
/// errors.
///
/// # Errors
///
/// The first failure, with the index of its item, is the only one listed. Those that came after it, which are mostly the
/// cancellations that it has caused, are its [`secondary`](AggregateError::secondary) ones. A body that ends as cancelled,
/// by whatever token, before any other failed is a failure, too.
///
/// # Examples
///
/// ```
/// use core::num::NonZeroUsize;
/// use taskcell::{BoxError, BoxFuture, for_each_throttled_spawned};
///
/// let smol = |future: BoxFuture<'static, ()>| smol::spawn(future).detach();
/// # #[cfg(not(loom))]
/// # smol::block_on(async {
/// let three = NonZeroUsize::new(3).unwrap();
/// for_each_throttled_spawned(&smol, 0..10, three, |n: u32, token| async move {
///     token.check()?;
///     println!("{n}");
///     Ok::<(), BoxError>(())
/// })
/// .await?;
/// # Ok::<(), taskcell::AggregateError<taskcell::TaskError>>(())
/// # }).unwrap()
/// ```
#[doc(alias = "Parallel.ForAsync")]
#[doc(alias = "ForEachAsync")]
#[doc(alias = "Parallel.ForEachAsync")]
#[doc(alias = "MaxDegreeOfParallelism")]
#[doc(alias = "ParallelOptions")]
pub fn for_each_throttled_spawned<P, I, F, R, E>(
    spawner: &P,
    items: I,
    limit: NonZeroUsize,
    f: F,
) -> ForEachThrottledSpawned<'_, P, Items<I::IntoIter>, F, E>
where
    P: Spawner + ?Sized,
    I: IntoIterator,
    F: FnMut(I::Item, CancellationToken) -> R,
    R: IntoFuture<Output = Result<(), E>>,
    R::IntoFuture: Send + 'static,
    E: Send + Sync + 'static,
{
    let cancelling = Cancelling::new();
    let start = OnExecutor { spawner, token: cancelling.token(), f };
    ForEachThrottledSpawned {
        cancelling,
        flight: InFlight::new(Items(items.into_iter()), limit.get(), start),
        failures: Failures::new(),
    }
}

/// The future of [`for_each_throttled_spawned`].
#[must_use = "futures do nothing unless you `.await` or poll them"]
#[pin_project]
pub struct ForEachThrottledSpawned<'a, P: ?Sized, S, F, E: 'static> {
    cancelling: Cancelling,
    #[pin]
    flight: InFlight<S, OnExecutor<'a, P, F>, Hot<(), E>>,
    failures: Failures<TaskError<E>>,
}

impl<P, S, F, R, E> Future for ForEachThrottledSpawned<'_, P, S, F, E>
where
    P: Spawner + ?Sized,
    S: Stream,
    F: FnMut(S::Item, CancellationToken) -> R,
    R: IntoFuture<Output = Result<(), E>>,
    R::IntoFuture: Send + 'static,
    E: Send + Sync + 'static,
{
    type Output = Result<(), AggregateError<TaskError<E>>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.failures.run(this.flight, this.cancelling, cx)
    }
}

impl<P: ?Sized, S, F, E> fmt::Debug for ForEachThrottledSpawned<'_, P, S, F, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ForEachThrottledSpawned").field("flight", &self.flight).finish_non_exhaustive()
    }
}
