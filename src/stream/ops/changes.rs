//! `distinct_until_changed` and its `_by`: no item twice in a row.

use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use pin_project::pin_project;

use super::source::{Source, shown};

/// The items whose key is not that of the item before: the stream of
/// [`distinct_until_changed`](super::AsyncEnumerableExt::distinct_until_changed), where an item's key is a clone of it,
/// and of [`distinct_until_changed_by`](super::AsyncEnumerableExt::distinct_until_changed_by).
///
/// The first item is given. One key is kept. A key that does not equal itself, as NaN, is given each time. After 128 items
/// in a row it wakes its own task and is pending once.
///
/// # Cancel safety
///
/// To drop the future of `next()` loses nothing.
///
/// # Panics
///
/// A panic of the stream, of the closure or of the key's `Eq` goes to the caller; the item is lost.
///
/// # Examples
///
/// ```
/// use futures_util::{StreamExt, stream};
/// use taskcell::stream::AsyncEnumerableExt;
///
/// # smol::block_on(async {
/// let states = stream::iter(["up", "up", "down", "up"]).distinct_until_changed();
/// assert_eq!(states.collect::<Vec<_>>().await, ["up", "down", "up"]);
/// # })
/// ```
#[doc(alias = "dedup")]
#[must_use = "streams do nothing unless you poll them"]
#[pin_project]
pub struct DistinctUntilChanged<S, K, F> {
    #[pin]
    source: Source<S>,
    last: Option<K>,
    key: F,
}

impl<S: Stream, K, F> DistinctUntilChanged<S, K, F> {
    pub(super) const fn new(stream: S, key: F) -> Self {
        Self { source: Source::new(stream), last: None, key }
    }
}

impl<S: Stream, K: PartialEq, F: FnMut(&S::Item) -> K> Stream for DistinctUntilChanged<S, K, F> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let mut this = self.project();
        while let Some(item) = ready!(this.source.as_mut().next(cx)) {
            let key = Some((this.key)(&item));
            if *this.last != key {
                *this.last = key;
                return Poll::Ready(Some(item));
            }
        }
        Poll::Ready(None)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (least, most) = self.source.items();
        (if self.last.is_none() { least.min(1) } else { 0 }, most)
    }
}

impl<S: Stream, K: PartialEq, F: FnMut(&S::Item) -> K> FusedStream for DistinctUntilChanged<S, K, F> {
    fn is_terminated(&self) -> bool {
        self.source.has_ended()
    }
}

shown!(DistinctUntilChanged [S, K, F] [S, K, F]);
