//! `when_each`: the outputs of a set of futures as they come.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::{FusedStream, Stream};

use crate::raw::children::Growing;

/// Gives the outputs of the futures in the order in which they end, each with its index in the input.
///
/// The futures are lazy: they make progress only while the stream is polled, all of them on the task that polls it. A
/// consumer that does something else between two items polls none of them meanwhile; for work that goes on by itself
/// spawn it, and use `Task::when_each`.
///
/// The first poll polls the futures in order up to the first that is ready. A later one polls those that were woken
/// since, in the order in which they were woken, then those that were never polled; each at most once, up to the first
/// that is ready. So N futures that are woken k times each cost O(N k) in all, and one that wakes itself for ever keeps no
/// other from its turn. If a future is woken while it is being polled and none is ready, the stream wakes its own task and
/// returns, so that other tasks have their turn.
///
/// [`push`](WhenEach::push) adds a future while the stream runs, [`WhenEach::new`] begins with none. The stream gives
/// `None` whenever it has no future; it may be pushed to and polled again after that. It never gives `None` while one is
/// pending.
///
/// What the output says is not looked at: of futures of `Result`s an `Err` is an item too, and ends nothing.
///
/// There is one allocation, a block for the futures and their wakers. (More if the iterator's lower size hint is too low;
/// none if it is empty.) A future that is pushed takes the place of one that has ended if there is one, and then allocates
/// nothing; otherwise the space doubles, and no future is ever moved. Space without futures is given back.
///
/// # Cancel safety
///
/// An item is taken out only by the poll that returns it: dropping a `next()` loses nothing. Dropping the stream drops the
/// futures that have not ended, on the thread that drops it; those given at the start in input order.
///
/// # Panics
///
/// If a future panics, the panic goes to the caller; the others are kept until the stream is dropped, and polling again
/// panics.
///
/// # Examples
///
/// ```
/// use futures_util::StreamExt;
/// use taskcell::when_each;
///
/// # #[cfg(not(loom))]
/// # smol::block_on(async {
/// let mut squares = when_each((0..4).map(|n| async move { n * n }));
/// let mut sum = 0;
/// while let Some((index, square)) = squares.next().await {
///     assert_eq!(square, index * index);
///     sum += square;
/// }
/// assert_eq!(sum, 0 + 1 + 4 + 9);
/// # })
/// ```
#[doc(alias = "WhenEach")]
#[doc(alias = "FuturesUnordered")]
#[doc(alias = "as_completed")]
#[doc(alias = "OrderByCompletion")]
#[inline]
pub fn when_each<I>(futures: I) -> WhenEach<<I::Item as IntoFuture>::IntoFuture>
where
    I: IntoIterator,
    I::Item: IntoFuture,
{
    WhenEach { children: Growing::collect(futures.into_iter().map(IntoFuture::into_future)) }
}

/// The stream of [`when_each`]. It is `Unpin`, whatever its futures are.
///
/// # Examples
///
/// A set that grows while it is read:
///
/// ```
/// use futures_util::StreamExt;
/// use taskcell::WhenEach;
///
/// async fn halve(number: u32) -> u32 {
///     number / 2
/// }
/// # smol::block_on(async {
/// let mut each = WhenEach::new();
/// each.push(halve(8));
/// let mut seen = Vec::new();
/// while let Some((_index, number)) = each.next().await {
///     seen.push(number);
///     if number > 0 {
///         each.push(halve(number));
///     }
/// }
/// assert_eq!(seen, [4, 2, 1, 0]);
/// assert!(each.is_empty() && each.len() == 0);
/// # });
/// ```
#[must_use = "streams do nothing unless polled"]
pub struct WhenEach<F> {
    children: Growing<F>,
}

impl<F> WhenEach<F> {
    /// A stream without futures, which allocates nothing.
    pub fn new() -> Self {
        Self { children: Growing::new() }
    }

    /// Adds a future, which is polled when the stream is polled next. The answer is its index: indices count on from those
    /// that were given at the start, and are never used again.
    ///
    /// Pushing wakes nobody: a task that waits for the stream holds it, so it is this task that pushes.
    #[doc(alias = "Add")]
    pub fn push(&mut self, future: F) -> usize {
        self.children.push(future)
    }

    /// How many futures have not ended.
    #[must_use]
    pub fn len(&self) -> usize {
        self.children.len()
    }

    /// Whether all have ended: the next item is `None`.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.children.is_empty()
    }
}

impl<F> Default for WhenEach<F> {
    fn default() -> Self {
        Self::new()
    }
}

impl<F: Future> Stream for WhenEach<F> {
    type Item = (usize, F::Output);

    #[inline]
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.children.poll_next(cx.waker())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.len(), Some(self.len()))
    }
}

impl<F: Future> FusedStream for WhenEach<F> {
    fn is_terminated(&self) -> bool {
        self.is_empty()
    }
}

impl<F> Extend<F> for WhenEach<F> {
    fn extend<I: IntoIterator<Item = F>>(&mut self, futures: I) {
        for future in futures {
            self.push(future);
        }
    }
}

impl<F> FromIterator<F> for WhenEach<F> {
    fn from_iter<I: IntoIterator<Item = F>>(futures: I) -> Self {
        Self { children: Growing::collect(futures.into_iter()) }
    }
}

impl<F> fmt::Debug for WhenEach<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WhenEach").field("pending", &self.len()).finish_non_exhaustive()
    }
}
