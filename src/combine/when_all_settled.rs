//! `when_all_settled`: waits for all of a set of futures, whatever they give.

use alloc::vec::Vec;
use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

use crate::raw::children::Children;

/// Waits for all futures and gives their outputs in input order.
///
/// The futures are lazy: they make progress only while the returned future is
/// polled, all of them on the task that polls it. For work on several threads
/// spawn each future first and wait for the handles here.
///
/// An empty set is ready at the first poll, with an empty vector. Outputs are
/// not looked at, and may be of any type: futures of `Result`s give all their
/// `Result`s. [`when_all`](crate::when_all) makes one `Result` of them, and
/// [`when_all_or_first_error`](crate::when_all_or_first_error) ends the others
/// when one fails.
///
/// The first poll polls every future in order; a later one polls those that
/// were woken since, in the order in which they were woken, each once. N
/// futures that are woken k times each cost O(N k) in all. If a future is woken
/// while the set is being polled, the set wakes its own task and returns, so
/// that other tasks have their turn.
///
/// There are two allocations: one block for the futures and their wakers, and
/// the output. (More if the iterator's lower size hint is too low; none if it
/// is empty.)
///
/// For up to eight futures, also of different types, [`few::when_all`](crate::few::when_all)
/// needs no heap.
///
/// # Cancel safety
///
/// Dropping the future drops all children that have not ended, in input order,
/// on the thread that drops it, and the outputs of those that have. Wakers that
/// are left anywhere do nothing from then on; the block's memory is freed with
/// the last of them.
///
/// # Panics
///
/// If a child panics, the panic goes to the caller; the other children are kept
/// until the future is dropped, and polling again panics. Polling after
/// `Ready` panics.
///
/// # Examples
///
/// ```
/// use taskcell::when_all_settled;
///
/// let squares = when_all_settled((0..4).map(|n| async move { n * n }));
/// # #[cfg(not(loom))]
/// assert_eq!(smol::block_on(squares), [0, 1, 4, 9]);
/// ```
#[doc(alias = "allSettled")]
#[doc(alias = "join_all")]
pub fn when_all_settled<I>(futures: I) -> WhenAllSettled<<I::Item as IntoFuture>::IntoFuture>
where
    I: IntoIterator,
    I::Item: IntoFuture,
{
    WhenAllSettled { children: Some(Children::collect(futures.into_iter().map(IntoFuture::into_future))) }
}

/// The future of [`when_all_settled`]. It is `Unpin`, whatever its children are.
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct WhenAllSettled<F: Future> {
    /// None once it was ready.
    children: Option<Children<F, F::Output>>,
}

impl<F: Future> Future for WhenAllSettled<F> {
    type Output = Vec<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        poll_all(&mut self.children, cx).map(Children::into_kept)
    }
}

/// Polls children until all have ended, and takes them then.
#[inline(always)]
pub(super) fn poll_all<F: Future>(
    children: &mut Option<Children<F, F::Output>>,
    cx: &mut Context<'_>,
) -> Poll<Children<F, F::Output>> {
    let polled = children.as_mut().expect("polled after it was ready");
    assert!(!polled.has_panicked(), "polled after a child panicked");
    polled.turn(cx.waker());
    polled.poll_keep();
    if polled.live() > 0 {
        return Poll::Pending;
    }
    children.take().map_or(Poll::Pending, Poll::Ready)
}

impl<F: Future> fmt::Debug for WhenAllSettled<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (len, live) = self.children.as_ref().map_or((0, 0), |children| (children.len(), children.live()));
        f.debug_struct("WhenAllSettled").field("len", &len).field("pending", &live).finish_non_exhaustive()
    }
}
