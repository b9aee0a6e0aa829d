//! `try_for_each_throttled`: a body for each of many items, few at a time, up to the first error.

use core::fmt;
use core::num::NonZeroUsize;
use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::Stream;
use pin_project::pin_project;

use super::failures::Failures;
use super::flight::{InFlight, Items, Start};
use super::hot::Cancelling;
use crate::cancel::CancellationToken;
use crate::task::AggregateError;

/// Runs a body for each item, at most `limit` of them under way, up to the first error; ends when all that began have.
///
/// Each body is given its item and a token. At the first error the token is cancelled, no more items are taken, and the
/// bodies that are under way are awaited: so none is cut off in the middle, and one that does not look at its token holds
/// the end up. Without items it is ready at the first poll.
///
/// It is lazy, as [`throttled_map`](super::throttled_map) is: the bodies run inside the task that awaits this. For bodies
/// on an executor there is [`for_each_throttled_spawned`](super::for_each_throttled_spawned). After 128 bodies that end
/// in a row it wakes its own task and is pending once.
///
/// # Cancel safety
///
/// Dropping it cancels the token and drops the bodies that are under way.
///
/// # Panics
///
/// As for [`throttled_map`](super::throttled_map).
///
/// # Errors
///
/// The first error, with the index of its item, is the only one listed. Those that came after it, which are mostly the
/// cancellations that it has caused, are its [`secondary`](AggregateError::secondary) ones.
///
/// # Examples
///
/// ```
/// use core::num::NonZeroUsize;
/// use taskcell::{BoxError, try_for_each_throttled};
///
/// # #[cfg(not(loom))]
/// # smol::block_on(async {
/// let three = NonZeroUsize::new(3).unwrap();
/// let end = try_for_each_throttled(0..10, three, |n: u32, token| async move {
///     if n == 1 {
///         return Err(BoxError::from("out of paper"));
///     }
///     token.cancelled().await;
///     Ok(token.check()?)
/// });
/// let error = end.await.unwrap_err();
/// assert_eq!(error.first().to_string(), "out of paper");
/// assert_eq!(error.len(), 1);
/// # })
/// ```
#[doc(alias = "ForEachAsync")]
#[doc(alias = "Parallel.ForEachAsync")]
#[doc(alias = "MaxDegreeOfParallelism")]
#[doc(alias = "try_for_each_concurrent")]
pub fn try_for_each_throttled<I, F, R, E>(
    items: I,
    limit: NonZeroUsize,
    f: F,
) -> TryForEachThrottled<Items<I::IntoIter>, F, R::IntoFuture, E>
where
    I: IntoIterator,
    F: FnMut(I::Item, CancellationToken) -> R,
    R: IntoFuture<Output = Result<(), E>>,
{
    let cancelling = Cancelling::new();
    let start = WithToken { token: cancelling.token(), f };
    TryForEachThrottled {
        cancelling,
        flight: InFlight::new(Items(items.into_iter()), limit.get(), start),
        failures: Failures::new(),
    }
}

/// The future of [`try_for_each_throttled`].
#[must_use = "futures do nothing unless you `.await` or poll them"]
#[pin_project]
pub struct TryForEachThrottled<S, F, Fut, E> {
    cancelling: Cancelling,
    #[pin]
    flight: InFlight<S, WithToken<F>, Fut>,
    failures: Failures<E>,
}

/// A closure that is given the item and a token.
pub(super) struct WithToken<F> {
    token: CancellationToken,
    f: F,
}

impl<T, F, R> Start<T> for WithToken<F>
where
    F: FnMut(T, CancellationToken) -> R,
    R: IntoFuture,
{
    type Future = R::IntoFuture;

    fn start(&mut self, item: T) -> R::IntoFuture {
        (self.f)(item, self.token.clone()).into_future()
    }
}

impl<S, F, R, Fut, E> Future for TryForEachThrottled<S, F, Fut, E>
where
    S: Stream,
    F: FnMut(S::Item, CancellationToken) -> R,
    R: IntoFuture<IntoFuture = Fut, Output = Result<(), E>>,
    Fut: Future<Output = Result<(), E>>,
{
    type Output = Result<(), AggregateError<E>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.failures.run(this.flight, this.cancelling, cx)
    }
}

impl<S, F, Fut, E> fmt::Debug for TryForEachThrottled<S, F, Fut, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TryForEachThrottled").field("flight", &self.flight).finish_non_exhaustive()
    }
}
