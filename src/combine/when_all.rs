//! `when_all`: waits for all of a set of futures that may fail.

use alloc::vec::Vec;
use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::when_all_settled::poll_all;
use crate::raw::children::{Children, Kept};
use crate::task::AggregateError;

/// Waits for all futures; gives their values in input order, or all their errors.
///
/// All of them run to their end, whatever becomes of the others: an error cancels nothing and ends nothing early. If one
/// or more have failed, the [`AggregateError`] has each of the errors with the index of its future, in input order; the
/// values of the others are dropped. To keep them, or for futures whose outputs are no `Result`s, there is
/// [`when_all_settled`](crate::when_all_settled); to end the others at the first error,
/// [`when_all_or_first_error`](crate::when_all_or_first_error). Every `Err` is an error here; `Task::when_all`, over hot
/// tasks, tells faults from cancellations.
///
/// The futures are lazy: they make progress only while the returned future is polled, all of them on the task that polls
/// it. For work on several threads spawn each future first and wait for the handles here.
///
/// An empty set is ready at the first poll, with an empty vector.
///
/// The first poll polls every future in order; a later one polls those that were woken since, in the order in which they
/// were woken, each once. N futures that are woken k times each cost O(N k) in all. If a future is woken while the set is
/// being polled, the set wakes its own task and returns, so that other tasks have their turn.
///
/// There are two allocations: one block for the futures and their wakers, and the values. (More if the iterator's lower
/// size hint is too low, and for errors; none if it is empty.)
///
/// # Cancel safety
///
/// Dropping the future drops all children that have not ended, in input order, on the thread that drops it, and the
/// values and errors of those that have. Wakers that are left anywhere do nothing from then on; the block's memory is
/// freed with the last of them.
///
/// # Panics
///
/// If a child panics, the panic goes to the caller; the other children are kept until the future is dropped, and polling
/// again panics. Polling after `Ready` panics.
///
/// # Errors
///
/// If at least one of the futures gives an error.
///
/// # Examples
///
/// ```
/// use taskcell::when_all;
///
/// let squares = when_all((0..4_u8).map(|n| async move { n.checked_mul(100).ok_or("too large") }));
/// # #[cfg(not(loom))]
/// assert_eq!(smol::block_on(squares).unwrap_err().to_string(), "1 error: [3] too large");
/// ```
#[doc(alias = "WhenAll")]
#[doc(alias = "try_join_all")]
#[doc(alias = "WaitAll")]
pub fn when_all<I, T, E>(futures: I) -> WhenAll<<I::Item as IntoFuture>::IntoFuture>
where
    I: IntoIterator,
    I::Item: IntoFuture<Output = Result<T, E>>,
{
    WhenAll { children: Some(Children::collect(futures.into_iter().map(IntoFuture::into_future))) }
}

/// The future of [`when_all`]. It is `Unpin`, whatever its children are.
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct WhenAll<F: Future> {
    /// None once it was ready.
    children: Option<Children<F, F::Output>>,
}

impl<F: Future<Output = Result<T, E>>, T, E> Future for WhenAll<F> {
    type Output = Result<Vec<T>, AggregateError<E>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        poll_all(&mut self.children, cx).map(|children| values(children.drain_kept()).map_err(AggregateError::new))
    }
}

/// All values, or all errors.
#[inline(always)]
pub(super) fn values<F, T, E>(mut outputs: Kept<F>) -> Result<Vec<T>, Vec<(usize, E)>>
where
    F: Future<Output = Result<T, E>>,
{
    let mut values = Vec::with_capacity(outputs.len());
    for output in outputs.by_ref() {
        match output {
            Ok(value) => values.push(value),
            Err(error) => {
                let index = values.len();
                // A value's drop may panic: before there is a list of errors, which would be lost with it.
                drop(values);
                return Err(errors(index, error, outputs));
            }
        }
    }
    Ok(values)
}

/// The errors from that one on.
#[cold]
fn errors<F, T, E>(index: usize, first: E, others: Kept<F>) -> Vec<(usize, E)>
where
    F: Future<Output = Result<T, E>>,
{
    let others = others.zip(index + 1..).filter_map(|(output, index)| Some((index, output.err()?)));
    core::iter::once((index, first)).chain(others).collect()
}

impl<F: Future> fmt::Debug for WhenAll<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (len, live) = self.children.as_ref().map_or((0, 0), |children| (children.len(), children.live()));
        f.debug_struct("WhenAll").field("len", &len).field("pending", &live).finish_non_exhaustive()
    }
}
