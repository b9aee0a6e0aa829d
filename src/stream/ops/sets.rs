//! `except`, `intersect` and their `_by`: items against the keys of another stream.

use core::hash::Hash;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use hashbrown::HashSet;
use pin_project::pin_project;

use super::source::{Source, shown};

/// Which items are given.
#[derive(Clone, Copy)]
pub(super) enum Keep {
    /// Those whose key the other stream has not.
    Others,
    /// Those whose key it has.
    Common,
}

/// The items whose key another stream has, or has not: the stream of [`except`](super::AsyncEnumerableExt::except) and
/// [`intersect`](super::AsyncEnumerableExt::intersect), where an item's key is a clone of it, and of
/// [`except_by`](super::AsyncEnumerableExt::except_by) and [`intersect_by`](super::AsyncEnumerableExt::intersect_by).
///
/// As in .NET the other stream is taken to its end first (so it must have one), then the items are given as they come,
/// and none of a key twice: these are operations on sets. What is in either is `a.chain(b).distinct()`. The keys are kept
/// as long as it lives. After 128 items in a row it wakes its own task and is pending once.
///
/// # Cancel safety
///
/// To drop the future of `next()` loses nothing.
///
/// # Panics
///
/// A panic of a stream, of the closure or of the key's `Hash` or `Eq` goes to the caller; the item is lost.
///
/// # Examples
///
/// ```
/// use futures_util::{StreamExt, stream};
/// use taskcell::stream::AsyncEnumerableExt;
///
/// # smol::block_on(async {
/// let numbers = || stream::iter([1, 2, 3, 2, 1]);
/// assert_eq!(numbers().except(stream::iter([2])).collect::<Vec<_>>().await, [1, 3]);
/// assert_eq!(numbers().intersect(stream::iter([4, 2, 1])).collect::<Vec<_>>().await, [1, 2]);
///
/// let files = stream::iter([("a", 10), ("b", 20)]);
/// let rest = files.except_by(stream::iter(["b"]), |file| file.0);
/// assert_eq!(rest.collect::<Vec<_>>().await, [("a", 10)]);
/// # })
/// ```
#[doc(alias = "ExceptBy")]
#[doc(alias = "IntersectBy")]
#[doc(alias = "difference")]
#[must_use = "streams do nothing unless you poll them"]
#[pin_project]
pub struct SetOperation<S, O: Stream, F> {
    #[pin]
    source: Source<S>,
    #[pin]
    other: Source<O>,
    keys: HashSet<O::Item>,
    keep: Keep,
    key: F,
}

impl<S: Stream, O: Stream, F> SetOperation<S, O, F> {
    pub(super) fn new(stream: S, other: O, keep: Keep, key: F) -> Self {
        Self { source: Source::new(stream), other: Source::new(other), keys: HashSet::new(), keep, key }
    }
}

impl<S: Stream, O: Stream<Item: Hash + Eq>, F: FnMut(&S::Item) -> O::Item> Stream for SetOperation<S, O, F> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let mut this = self.project();
        while let Some(key) = ready!(this.other.as_mut().next(cx)) {
            this.keys.insert(key);
        }
        while let Some(item) = ready!(this.source.as_mut().next(cx)) {
            let key = (this.key)(&item);
            // Either way the same key is not given again.
            let is_kept = match this.keep {
                Keep::Others => this.keys.insert(key),
                Keep::Common => this.keys.remove(&key),
            };
            if is_kept {
                return Poll::Ready(Some(item));
            }
        }
        Poll::Ready(None)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, self.source.items().1)
    }
}

impl<S: Stream, O: Stream<Item: Hash + Eq>, F: FnMut(&S::Item) -> O::Item> FusedStream for SetOperation<S, O, F> {
    fn is_terminated(&self) -> bool {
        self.source.has_ended()
    }
}

shown!(SetOperation [S, O: Stream, F] [S, O, F]);
