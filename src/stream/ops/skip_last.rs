//! `skip_last`: all but the last items.

use alloc::collections::VecDeque;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use pin_project::pin_project;

use super::source::{Source, shown};

/// All but the last so many items: the stream of [`skip_last`](super::AsyncEnumerableExt::skip_last).
///
/// An item is given when so many others have come after it; those are kept until then, and dropped at the end. After 128
/// items in a row it wakes its own task and is pending once.
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
/// assert_eq!(stream::iter(1..=5).skip_last(2).collect::<Vec<_>>().await, [1, 2, 3]);
/// # })
/// ```
#[must_use = "streams do nothing unless you poll them"]
#[pin_project]
pub struct SkipLast<S: Stream> {
    #[pin]
    source: Source<S>,
    count: usize,
    kept: VecDeque<S::Item>,
}

impl<S: Stream> SkipLast<S> {
    pub(super) const fn new(stream: S, count: usize) -> Self {
        Self { source: Source::new(stream), count, kept: VecDeque::new() }
    }
}

impl<S: Stream> Stream for SkipLast<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let mut this = self.project();
        while let Some(item) = ready!(this.source.as_mut().next(cx)) {
            this.kept.push_back(item);
            if this.kept.len() > *this.count {
                return Poll::Ready(this.kept.pop_front());
            }
        }
        this.kept.clear();
        Poll::Ready(None)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        if self.source.has_ended() {
            return (0, Some(0));
        }
        let (least, most) = self.source.items_and(self.kept.len());
        (least.saturating_sub(self.count), most.map(|most| most.saturating_sub(self.count)))
    }
}

impl<S: Stream> FusedStream for SkipLast<S> {
    fn is_terminated(&self) -> bool {
        self.source.has_ended()
    }
}

shown!(SkipLast [S: Stream] [S], count);
