//! `distinct` and `distinct_by`: no item, or no key, twice.

use core::hash::Hash;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use hashbrown::HashSet;
use pin_project::pin_project;

use super::source::{Source, shown};

/// The key of an item that is a clone of it.
///
/// # Examples
///
/// ```
/// use futures_util::stream;
/// use taskcell::stream::{AsyncEnumerableExt, ByClone, Distinct};
///
/// // The type of a field.
/// type Once = Distinct<stream::Iter<core::ops::Range<u32>>, u32, ByClone<u32>>;
///
/// let once: Once = stream::iter(0..3).distinct();
/// # drop(once);
/// ```
pub type ByClone<T> = fn(&T) -> T;

/// The items whose key has not come before: the stream of [`distinct`](super::AsyncEnumerableExt::distinct), where an
/// item's key is a clone of it, and of [`distinct_by`](super::AsyncEnumerableExt::distinct_by).
///
/// It keeps every key that came, so it grows with their number as long as it lives; on a stream without end, have keys
/// that are few, or use [`distinct_until_changed`](super::AsyncEnumerableExt::distinct_until_changed). After 128 items in
/// a row it wakes its own task and is pending once.
///
/// # Cancel safety
///
/// A poll that is pending has taken only items that came before: to drop the future of `next()` loses nothing.
///
/// # Panics
///
/// A panic of the stream, of the closure or of the key's `Hash` or `Eq` goes to the caller; the item is lost.
///
/// # Examples
///
/// ```
/// use futures_util::{StreamExt, stream};
/// use taskcell::stream::AsyncEnumerableExt;
///
/// # smol::block_on(async {
/// let items = stream::iter([3, 1, 3, 2, 1]).distinct();
/// assert_eq!(items.collect::<Vec<_>>().await, [3, 1, 2]);
///
/// // Union: what is in one or the other.
/// let both = stream::iter([1, 2]).chain(stream::iter([2, 3])).distinct();
/// assert_eq!(both.collect::<Vec<_>>().await, [1, 2, 3]);
///
/// let words = stream::iter(["one", "two", "three"]).distinct_by(|word| word.len());
/// assert_eq!(words.collect::<Vec<_>>().await, ["one", "three"]);
/// # })
/// ```
#[doc(alias = "DistinctBy")]
#[doc(alias = "Union")]
#[doc(alias = "UnionBy")]
#[doc(alias = "unique")]
#[must_use = "streams do nothing unless you poll them"]
#[pin_project]
pub struct Distinct<S, K, F> {
    #[pin]
    source: Source<S>,
    seen: HashSet<K>,
    key: F,
}

impl<S: Stream, K, F> Distinct<S, K, F> {
    pub(super) fn new(stream: S, key: F) -> Self {
        Self { source: Source::new(stream), seen: HashSet::new(), key }
    }
}

impl<S: Stream, K: Hash + Eq, F: FnMut(&S::Item) -> K> Stream for Distinct<S, K, F> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let mut this = self.project();
        while let Some(item) = ready!(this.source.as_mut().next(cx)) {
            if this.seen.insert((this.key)(&item)) {
                return Poll::Ready(Some(item));
            }
        }
        Poll::Ready(None)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (least, most) = self.source.items();
        // The first of all is new.
        (if self.seen.is_empty() { least.min(1) } else { 0 }, most)
    }
}

impl<S: Stream, K: Hash + Eq, F: FnMut(&S::Item) -> K> FusedStream for Distinct<S, K, F> {
    fn is_terminated(&self) -> bool {
        self.source.has_ended()
    }
}

shown!(Distinct [S, K, F] [S, K, F]);
