//! `conflate`: the latest of the items that are there.

use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use pin_project::pin_project;

use super::source::{Source, shown};

/// The latest item of those that are there when it is polled; the others are dropped: the stream of
/// [`conflate`](super::AsyncEnumerableExt::conflate).
///
/// So a slow consumer sees the newest state and not all states. The last item before the end is given. What is there is
/// what the stream gives without being pending: a source that produces only while it is polled is never ahead of its
/// consumer, and loses nothing; put a channel between them, or use
/// [`sample_on`](super::AsyncEnumerableExt::sample_on). All of what is there, and not the latest alone, is futures-util's
/// `ready_chunks`. At most 128 items are looked at in a row.
///
/// # Cancel safety
///
/// A poll that is pending has taken nothing: to drop the future of `next()` loses nothing.
///
/// # Panics
///
/// A panic of the stream goes to the caller; the latest item is given by the next poll.
///
/// # Examples
///
/// ```
/// use futures_util::{StreamExt, stream};
/// use taskcell::stream::AsyncEnumerableExt;
///
/// # smol::block_on(async {
/// let mut positions = stream::iter([1, 2, 3]).chain(stream::pending()).conflate();
/// assert_eq!(positions.next().await, Some(3));
/// # })
/// ```
#[doc(alias = "latest")]
#[doc(alias = "onBackpressureLatest")]
#[must_use = "streams do nothing unless you poll them"]
#[pin_project]
pub struct Conflate<S: Stream> {
    #[pin]
    source: Source<S>,
    latest: Option<S::Item>,
}

impl<S: Stream> Conflate<S> {
    pub(super) const fn new(stream: S) -> Self {
        Self { source: Source::new(stream), latest: None }
    }
}

impl<S: Stream> Stream for Conflate<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let mut this = self.project();
        loop {
            match this.source.as_mut().next(cx) {
                Poll::Ready(Some(item)) => *this.latest = Some(item),
                Poll::Pending if this.latest.is_none() => return Poll::Pending,
                Poll::Pending | Poll::Ready(None) => return Poll::Ready(this.latest.take()),
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (least, most) = self.source.items_and(usize::from(self.latest.is_some()));
        (least.min(1), most)
    }
}

impl<S: Stream> FusedStream for Conflate<S> {
    fn is_terminated(&self) -> bool {
        self.source.has_ended() && self.latest.is_none()
    }
}

shown!(Conflate [S: Stream] [S]);
