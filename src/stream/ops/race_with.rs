//! `race_with`: the stream that begins first.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use pin_project::pin_project;

/// Of two streams the one that is first with an item, or with its end; the other is dropped at that moment: the stream of
/// [`race_with`](super::AsyncEnumerableExt::race_with).
///
/// Until one of them has begun, each poll asks the first and then, if that is pending, the second: if both are ready the
/// first wins, and the second loses no item, since it was not asked. Items of both are futures-util's `select`; more than
/// two race as `a.race_with(b).race_with(c)`.
///
/// # Cancel safety
///
/// To drop the future of `next()` loses nothing.
///
/// # Panics
///
/// A panic of a stream goes to the caller. If the loser's drop panics the winner goes on, without its first item.
///
/// # Examples
///
/// ```
/// use futures_util::{StreamExt, stream};
/// use taskcell::stream::AsyncEnumerableExt;
///
/// # smol::block_on(async {
/// let silent = stream::pending();
/// assert_eq!(silent.race_with(stream::iter([1, 2])).collect::<Vec<_>>().await, [1, 2]);
/// # })
/// ```
#[doc(alias = "Amb")]
#[doc(alias = "race")]
#[must_use = "streams do nothing unless you poll them"]
#[pin_project]
pub struct RaceWith<A, B> {
    /// None once it has lost or ended.
    #[pin]
    first: Option<A>,
    #[pin]
    second: Option<B>,
}

impl<A, B> RaceWith<A, B> {
    pub(super) const fn new(first: A, second: B) -> Self {
        Self { first: Some(first), second: Some(second) }
    }
}

impl<A: Stream, B: Stream<Item = A::Item>> Stream for RaceWith<A, B> {
    type Item = A::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<A::Item>> {
        let mut this = self.project();
        if let Some(first) = this.first.as_mut().as_pin_mut() {
            if let Poll::Ready(item) = first.poll_next(cx) {
                this.second.set(None);
                if item.is_none() {
                    this.first.set(None);
                }
                return Poll::Ready(item);
            }
        }
        if let Some(second) = this.second.as_mut().as_pin_mut() {
            if let Poll::Ready(item) = second.poll_next(cx) {
                this.first.set(None);
                if item.is_none() {
                    this.second.set(None);
                }
                return Poll::Ready(item);
            }
        }
        if this.first.is_none() && this.second.is_none() { Poll::Ready(None) } else { Poll::Pending }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match (&self.first, &self.second) {
            (Some(first), Some(second)) => {
                let (first, second) = (first.size_hint(), second.size_hint());
                let most = first.1.zip(second.1).map(|(first, second)| first.max(second));
                (first.0.min(second.0), most)
            }
            (Some(first), None) => first.size_hint(),
            (None, Some(second)) => second.size_hint(),
            (None, None) => (0, Some(0)),
        }
    }
}

impl<A: Stream, B: Stream<Item = A::Item>> FusedStream for RaceWith<A, B> {
    fn is_terminated(&self) -> bool {
        self.first.is_none() && self.second.is_none()
    }
}

impl<A, B> fmt::Debug for RaceWith<A, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, second) = (self.first.is_some(), self.second.is_some());
        f.debug_struct("RaceWith").field("first", &first).field("second", &second).finish()
    }
}
