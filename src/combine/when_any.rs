//! `when_any`: waits for the first of a set of futures and gives the others back.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::Rest;
use crate::empty::Empty;
use crate::raw::children::Children;

/// Waits for the first of the futures to end; gives its output, its place, and the other futures.
///
/// The futures are lazy: they make progress only while the returned future is
/// polled, all of them on the task that polls it. The losers are not cancelled
/// and lose nothing: [`Winner::rest`] has them, where they stopped. Dropping it
/// drops them; awaiting it waits for the next one. For hot tasks, which go on
/// whether somebody waits or not, `Task::when_any` polls nothing at all.
///
/// The first poll polls the futures in order and stops at the first one that
/// is ready: of several that have ended already the first in input order wins,
/// and those behind it are not polled yet. A later poll polls those that were
/// woken since, in the order in which they were woken, each once; so of several
/// that end at the same time the one that was woken first wins. The others that
/// were woken are polled when the rest is awaited, before those that were never
/// polled. If a future is woken while the set is being polled, the set wakes
/// its own task and returns, so that other tasks have their turn.
///
/// What the output says is not looked at: of futures of `Result`s an `Err` may
/// win too.
///
/// An empty set is ready at the first poll, with [`Empty`].
///
/// There is one allocation, a block for the futures and their wakers; the rest
/// stays in it. (More if the iterator's lower size hint is too low; none if it
/// is empty.) To wait for N futures one after the other, each time for the next
/// one to end, costs O(N) polls in all and no further allocation.
///
/// For two futures of different types, `futures_util::future::select` needs no
/// heap.
///
/// # Cancel safety
///
/// A poll that is pending takes nothing out. Dropping the future drops all
/// children in input order, on the thread that drops it. Wakers that are left
/// anywhere do nothing from then on; the block's memory is freed with the last
/// of them. To stop waiting and go on later, poll it by `&mut`: it is `Unpin`.
///
/// # Panics
///
/// If a child panics, the panic goes to the caller; the children are kept until
/// the future is dropped, and polling again panics. Polling after `Ready`
/// panics.
///
/// # Examples
///
/// ```
/// use core::future::{pending, ready};
/// use taskcell::{BoxFuture, when_any};
///
/// # #[cfg(not(loom))]
/// # smol::block_on(async {
/// let futures: [BoxFuture<'_, u8>; 3] = [Box::pin(pending()), Box::pin(ready(5)), Box::pin(ready(6))];
/// let winner = when_any(futures).await?;
/// assert_eq!((winner.index, winner.output, winner.rest.len()), (1, 5, 2));
/// # Ok::<(), taskcell::Empty>(())
/// # }).unwrap();
/// ```
///
/// All of them, as they end:
///
/// ```
/// use taskcell::when_any;
///
/// # #[cfg(not(loom))]
/// # smol::block_on(async {
/// let mut sum = 0;
/// let mut any = when_any((0..4).map(|n| async move { n * n }));
/// while let Ok(winner) = any.await {
///     sum += winner.output;
///     any = winner.rest.into_future();
/// }
/// assert_eq!(sum, 0 + 1 + 4 + 9);
/// # })
/// ```
#[doc(alias = "WhenAny")]
#[doc(alias = "select_all")]
#[doc(alias = "race")]
#[doc(alias = "select")]
#[inline]
pub fn when_any<I>(futures: I) -> WhenAny<<I::Item as IntoFuture>::IntoFuture>
where
    I: IntoIterator,
    I::Item: IntoFuture,
{
    WhenAny::new(Children::collect(futures.into_iter().map(IntoFuture::into_future)))
}

/// The future of [`when_any`] and of [`Rest`]. It is `Unpin`, whatever its children are.
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct WhenAny<F> {
    /// None once it was ready.
    children: Option<Children<F>>,
}

impl<F> WhenAny<F> {
    #[inline]
    pub(super) fn new(children: Children<F>) -> Self {
        Self { children: Some(children) }
    }
}

impl<F: Future> Future for WhenAny<F> {
    type Output = Result<Winner<F>, Empty>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let children = self.children.as_mut().expect("`when_any` polled after it was ready");
        assert!(!children.has_panicked(), "`when_any` polled after a child panicked");
        if children.live() == 0 {
            self.children = None;
            return Poll::Ready(Err(Empty));
        }
        let Some((index, output)) = children.poll_any(cx.waker()) else { return Poll::Pending };
        let rest = Rest::new(self.children.take().expect("just polled"));
        Poll::Ready(Ok(Winner { index, output, rest }))
    }
}

impl<F> fmt::Debug for WhenAny<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pending = self.children.as_ref().map_or(0, Children::live);
        f.debug_struct("WhenAny").field("pending", &pending).finish_non_exhaustive()
    }
}

/// The first of a set of futures that ended, and the others.
///
/// # Examples
///
/// ```
/// use core::future::ready;
/// use taskcell::{Winner, when_any};
///
/// # smol::block_on(async {
/// let Winner { output, index, rest, .. } = when_any([ready("a"), ready("b")]).await.unwrap();
/// assert_eq!((output, index, rest.len()), ("a", 0, 1));
/// # });
/// ```
pub struct Winner<F: Future> {
    /// Its place in the input of [`when_any`], counted from zero.
    pub index: usize,
    /// What it gave.
    pub output: F::Output,
    /// The others. Dropping it drops them, awaiting it waits for the next one.
    pub rest: Rest<F>,
}

impl<F: Future> fmt::Debug for Winner<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Winner").field("index", &self.index).field("rest", &self.rest).finish_non_exhaustive()
    }
}
