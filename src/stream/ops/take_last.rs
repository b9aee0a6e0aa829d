//! `take_last`: the last items alone.

use alloc::collections::VecDeque;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use pin_project::pin_project;

use super::source::{Source, shown};

/// The last so many items: the stream of [`take_last`](super::AsyncEnumerableExt::take_last).
///
/// It gives nothing before the stream has ended, and then all there are, if they are fewer. At most so many are kept; the
/// memory grows with what comes. Of zero it ends at once, and the stream is not polled. After 128 items in a row it wakes
/// its own task and is pending once.
///
/// # Cancel safety
///
/// A poll that is pending keeps what it has: to drop the future of `next()` loses nothing.
///
/// # Panics
///
/// A panic of the stream goes to the caller; what is kept stays.
///
/// # Examples
///
/// ```
/// use futures_util::{StreamExt, stream};
/// use taskcell::stream::AsyncEnumerableExt;
///
/// # smol::block_on(async {
/// assert_eq!(stream::iter(1..=5).take_last(2).collect::<Vec<_>>().await, [4, 5]);
/// # })
/// ```
#[doc(alias = "tail")]
#[must_use = "streams do nothing unless you poll them"]
#[pin_project]
pub struct TakeLast<S: Stream> {
    #[pin]
    source: Source<S>,
    count: usize,
    last: VecDeque<S::Item>,
}

impl<S: Stream> TakeLast<S> {
    pub(super) const fn new(stream: S, count: usize) -> Self {
        Self { source: Source::new(stream), count, last: VecDeque::new() }
    }
}

impl<S: Stream> Stream for TakeLast<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let mut this = self.project();
        if *this.count == 0 {
            this.source.as_mut().end();
        }
        while let Some(item) = ready!(this.source.as_mut().next(cx)) {
            let first = if this.last.len() == *this.count { this.last.pop_front() } else { None };
            this.last.push_back(item);
            // Last, since its drop may panic.
            drop(first);
        }
        Poll::Ready(this.last.pop_front())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (least, most) = self.source.items_and(self.last.len());
        (least.min(self.count), Some(most.unwrap_or(self.count).min(self.count)))
    }
}

impl<S: Stream> FusedStream for TakeLast<S> {
    fn is_terminated(&self) -> bool {
        self.source.has_ended() && self.last.is_empty()
    }
}

shown!(TakeLast [S: Stream] [S], count);
