//! The futures that have not ended when one of their set has.

use core::fmt;
use core::iter::FusedIterator;

use super::{WhenAny, Winner};
use crate::empty::Empty;
use crate::raw::children::Children;

/// The futures that did not win, pinned where they were; given by [`when_any`](crate::when_any).
///
/// Dropping it drops them in input order. Awaiting it waits for the next one to
/// end, without an allocation, and without polling those again that nobody has
/// woken; [`Empty`] if there are none. The indices stay those of the first call.
///
/// It holds no waker: while nobody awaits it, a future that is woken wakes no
/// task. The wake is not lost, the next poll polls that future.
///
/// If the futures are `Unpin`, iterating over it gives them back, each with its
/// index, in input order.
///
/// # Examples
///
/// ```
/// use core::future::{pending, ready};
/// use taskcell::{BoxFuture, Winner, when_any};
///
/// # #[cfg(not(loom))]
/// # smol::block_on(async {
/// let futures: [BoxFuture<'_, u8>; 3] = [Box::pin(pending()), Box::pin(ready(5)), Box::pin(ready(6))];
/// let Winner { rest, .. } = when_any(futures).await?;
/// assert_eq!((rest.len(), rest.is_empty()), (2, false));
/// let next = rest.await?;
/// assert_eq!((next.index, next.output), (2, 6));
/// assert!(next.rest.into_iter().map(|(index, _)| index).eq([0]));
/// # Ok::<(), taskcell::Empty>(())
/// # }).unwrap();
/// ```
pub struct Rest<F> {
    children: Children<F>,
}

impl<F> Rest<F> {
    #[inline]
    pub(super) fn new(children: Children<F>) -> Self {
        Self { children }
    }

    /// How many futures there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.children.live()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<F: Future> IntoFuture for Rest<F> {
    type Output = Result<Winner<F>, Empty>;
    type IntoFuture = WhenAny<F>;

    fn into_future(self) -> WhenAny<F> {
        WhenAny::new(self.children)
    }
}

impl<F: Unpin> IntoIterator for Rest<F> {
    type Item = (usize, F);
    type IntoIter = RestFutures<F>;

    fn into_iter(self) -> RestFutures<F> {
        RestFutures { children: self.children, next: 0 }
    }
}

impl<F> fmt::Debug for Rest<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rest").field("len", &self.len()).finish_non_exhaustive()
    }
}

/// The futures of a [`Rest`] one by one, each with its index in the first call. Dropping it drops those that are left.
///
/// # Examples
///
/// ```
/// use core::future::ready;
/// use taskcell::{RestFutures, when_any};
///
/// # smol::block_on(async {
/// let winner = when_any([ready(1), ready(2), ready(3)]).await.unwrap();
/// assert!(!winner.rest.is_empty());
/// let rest: RestFutures<_> = winner.rest.into_iter();
/// assert!(rest.map(|(index, _future)| index).eq([1, 2]));
/// # });
/// ```
pub struct RestFutures<F> {
    children: Children<F>,
    /// The futures before it were given.
    next: usize,
}

impl<F: Unpin> Iterator for RestFutures<F> {
    type Item = (usize, F);

    fn next(&mut self) -> Option<(usize, F)> {
        let found = self.children.take_future(self.next);
        self.next = found.as_ref().map_or(self.children.len(), |(index, _)| index + 1);
        found
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.children.live(), Some(self.children.live()))
    }
}

impl<F: Unpin> ExactSizeIterator for RestFutures<F> {}

impl<F: Unpin> FusedIterator for RestFutures<F> {}

impl<F> fmt::Debug for RestFutures<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RestFutures").field("len", &self.children.live()).finish_non_exhaustive()
    }
}
