//! `pairwise`: each item with the one before it.

use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use pin_project::pin_project;

use super::source::{Source, shown};

/// Each item together with the one before it: the stream of [`pairwise`](super::AsyncEnumerableExt::pairwise).
///
/// Of fewer than two items there is no pair. Each item but the first and the last is cloned once.
///
/// # Cancel safety
///
/// To drop the future of `next()` loses nothing.
///
/// # Panics
///
/// A panic of the stream goes to the caller; so does one of a `clone`, and the item is lost.
///
/// # Examples
///
/// ```
/// use futures_util::{StreamExt, stream};
/// use taskcell::stream::AsyncEnumerableExt;
///
/// # smol::block_on(async {
/// let readings = stream::iter([10, 13, 12]);
/// let changes = readings.pairwise().map(|(before, now)| now - before);
/// assert_eq!(changes.collect::<Vec<_>>().await, [3, -1]);
/// # })
/// ```
#[must_use = "streams do nothing unless you poll them"]
#[pin_project]
pub struct Pairwise<S: Stream> {
    #[pin]
    source: Source<S>,
    last: Option<S::Item>,
}

impl<S: Stream> Pairwise<S> {
    pub(super) const fn new(stream: S) -> Self {
        Self { source: Source::new(stream), last: None }
    }
}

impl<S: Stream<Item: Clone>> Stream for Pairwise<S> {
    type Item = (S::Item, S::Item);

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        while let Some(item) = ready!(this.source.as_mut().pass(cx)) {
            // The first is no pair yet.
            if this.last.is_none() {
                *this.last = Some(item);
            } else if let Some(before) = this.last.replace(item.clone()) {
                return Poll::Ready(Some((before, item)));
            }
        }
        Poll::Ready(None)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (least, most) = self.source.items();
        let first = usize::from(self.last.is_none());
        (least.saturating_sub(first), most.map(|most| most.saturating_sub(first)))
    }
}

impl<S: Stream<Item: Clone>> FusedStream for Pairwise<S> {
    fn is_terminated(&self) -> bool {
        self.source.has_ended()
    }
}

shown!(Pairwise [S: Stream] [S]);
