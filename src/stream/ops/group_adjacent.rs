//! `group_adjacent`: neighbours with one key, as one group.

use alloc::vec::Vec;
use core::mem::take;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use pin_project::pin_project;

use super::source::{Source, shown};

/// Items in groups, each of neighbours with equal keys: the stream of
/// [`group_adjacent`](super::AsyncEnumerableExt::group_adjacent).
///
/// A group is given when an item with another key comes, or at the end; so a key may come again, in another group. On a
/// stream that is ordered by key that is `GroupBy` with the memory of one group;
/// [`to_lookup`](super::AsyncEnumerableExt::to_lookup) groups all. No group is empty. After 128 items in a row it wakes
/// its own task and is pending once.
///
/// # Cancel safety
///
/// A poll that is pending keeps the group that is not finished: to drop the future of `next()` loses nothing.
///
/// # Panics
///
/// A panic of the stream goes to the caller; so does one of the closure or of the key's `Eq`, and the item is lost.
///
/// # Examples
///
/// ```
/// use futures_util::{StreamExt, stream};
/// use taskcell::stream::AsyncEnumerableExt;
///
/// # smol::block_on(async {
/// let lines = stream::iter([("a", 1), ("a", 2), ("b", 3)]);
/// let groups: Vec<_> = lines.group_adjacent(|line| line.0).collect().await;
/// assert_eq!(groups, [("a", vec![("a", 1), ("a", 2)]), ("b", vec![("b", 3)])]);
/// # })
/// ```
#[doc(alias = "GroupBy")]
#[doc(alias = "chunk_by")]
#[must_use = "streams do nothing unless you poll them"]
#[pin_project]
pub struct GroupAdjacent<S: Stream, K, F> {
    #[pin]
    source: Source<S>,
    open: Option<(K, Vec<S::Item>)>,
    key: F,
}

impl<S: Stream, K, F> GroupAdjacent<S, K, F> {
    pub(super) const fn new(stream: S, key: F) -> Self {
        Self { source: Source::new(stream), open: None, key }
    }
}

impl<S: Stream, K: PartialEq, F: FnMut(&S::Item) -> K> Stream for GroupAdjacent<S, K, F> {
    type Item = (K, Vec<S::Item>);

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        while let Some(item) = ready!(this.source.as_mut().next(cx)) {
            let key = (this.key)(&item);
            match this.open.as_mut() {
                Some((open, items)) if *open == key => items.push(item),
                _ => {
                    let mut items = Vec::new();
                    items.push(item);
                    if let Some(group) = this.open.replace((key, items)) {
                        return Poll::Ready(Some(group));
                    }
                }
            }
        }
        Poll::Ready(take(this.open))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (least, most) = self.source.items_and(usize::from(self.open.is_some()));
        (least.min(1), most)
    }
}

impl<S: Stream, K: PartialEq, F: FnMut(&S::Item) -> K> FusedStream for GroupAdjacent<S, K, F> {
    fn is_terminated(&self) -> bool {
        self.source.has_ended() && self.open.is_none()
    }
}

shown!(GroupAdjacent [S: Stream, K, F] [S, K, F]);
