//! `for_each_throttled`: a body for each of many items, few at a time.

use core::fmt;
use core::num::NonZeroUsize;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_core::Stream;
use pin_project::pin_project;

use super::flight::{InFlight, Items, Plain};

/// Runs a body for each item, at most `limit` of them under way; ends when all have.
///
/// All bodies run to the end. It is lazy, as [`throttled_map`](super::throttled_map) is: they run inside the task that
/// awaits this, and items are taken only when there is room. Without items it is ready at the first poll. For bodies that
/// may fail there is [`try_for_each_throttled`](super::try_for_each_throttled), for bodies that run on an executor
/// [`for_each_throttled_spawned`](super::for_each_throttled_spawned).
///
/// After 128 bodies that end in a row it wakes its own task and is pending once, so that other tasks have their turn.
///
/// Allocations are those of [`throttled_map`](super::throttled_map).
///
/// # Cancel safety
///
/// Dropping it drops the bodies that are under way; the items that were not begun stay in `items`.
///
/// # Panics
///
/// As for [`throttled_map`](super::throttled_map): the panic of a body goes to the caller, and the other bodies are
/// dropped with the future.
///
/// # Examples
///
/// ```
/// use core::{cell::Cell, num::NonZeroUsize};
/// use taskcell::for_each_throttled;
///
/// # #[cfg(not(loom))]
/// # smol::block_on(async {
/// let sum = Cell::new(0);
/// for_each_throttled(1..=10, NonZeroUsize::new(3).unwrap(), async |n| sum.set(sum.get() + n)).await;
/// assert_eq!(sum.get(), 55);
/// # })
/// ```
#[doc(alias = "ForEachAsync")]
#[doc(alias = "Parallel.ForEachAsync")]
#[doc(alias = "MaxDegreeOfParallelism")]
#[doc(alias = "for_each_concurrent")]
pub fn for_each_throttled<I, F, R>(
    items: I,
    limit: NonZeroUsize,
    f: F,
) -> ForEachThrottled<Items<I::IntoIter>, F, R::IntoFuture>
where
    I: IntoIterator,
    F: FnMut(I::Item) -> R,
    R: IntoFuture<Output = ()>,
{
    ForEachThrottled { flight: InFlight::new(Items(items.into_iter()), limit.get(), Plain(f)) }
}

/// The future of [`for_each_throttled`].
#[must_use = "futures do nothing unless you `.await` or poll them"]
#[pin_project]
pub struct ForEachThrottled<S, F, Fut> {
    #[pin]
    flight: InFlight<S, Plain<F>, Fut>,
}

impl<S, F, R, Fut> Future for ForEachThrottled<S, F, Fut>
where
    S: Stream,
    F: FnMut(S::Item) -> R,
    R: IntoFuture<IntoFuture = Fut, Output = ()>,
    Fut: Future<Output = ()>,
{
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut flight = self.project().flight;
        while ready!(flight.as_mut().poll_next(cx)).is_some() {}
        Poll::Ready(())
    }
}

impl<S, F, Fut> fmt::Debug for ForEachThrottled<S, F, Fut> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ForEachThrottled").field("flight", &self.flight).finish()
    }
}
