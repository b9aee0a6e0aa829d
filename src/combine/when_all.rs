//! `when_all`: waits for all of a set of futures.

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
/// not looked at: a future of `Result`s ends when all of them have, whatever
/// they say. Nothing is cancelled by an error.
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
/// For two or three futures of different types, `futures_util::join!` needs no
/// heap.
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
/// use taskcell::when_all;
///
/// let squares = when_all((0..4).map(|n| async move { n * n }));
/// # #[cfg(not(loom))]
/// assert_eq!(smol::block_on(squares), [0, 1, 4, 9]);
/// ```
#[doc(alias = "WhenAll")]
#[doc(alias = "join_all")]
pub fn when_all<I>(futures: I) -> WhenAll<<I::Item as IntoFuture>::IntoFuture>
where
    I: IntoIterator,
    I::Item: IntoFuture,
{
    WhenAll { children: Some(Children::collect(futures.into_iter().map(IntoFuture::into_future))) }
}

/// The future of [`when_all`]. It is `Unpin`, whatever its children are.
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct WhenAll<F: Future> {
    /// None once it was ready.
    children: Option<Children<F, F::Output>>,
}

impl<F: Future> Future for WhenAll<F> {
    type Output = Vec<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let children = self.children.as_mut().expect("`when_all` polled after it was ready");
        assert!(!children.has_panicked(), "`when_all` polled after a child panicked");
        children.turn(cx.waker());
        children.poll_keep();
        if children.live() > 0 {
            return Poll::Pending;
        }
        match self.children.take() {
            Some(children) => Poll::Ready(children.into_kept()),
            None => Poll::Pending,
        }
    }
}

impl<F: Future> fmt::Debug for WhenAll<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (len, live) = self.children.as_ref().map_or((0, 0), |children| (children.len(), children.live()));
        f.debug_struct("WhenAll").field("len", &len).field("pending", &live).finish_non_exhaustive()
    }
}
