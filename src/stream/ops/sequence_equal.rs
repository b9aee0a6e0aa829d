//! `sequence_equal`: whether two streams have the same items.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::{FusedFuture, Stream};
use pin_project::pin_project;

use super::source::Source;
use crate::adapt::Turns;

/// Whether two streams have equal items in the same order, and as many: the future of
/// [`sequence_equal`](super::AsyncEnumerableExt::sequence_equal).
///
/// Both are asked at the same time, and neither is more than one item ahead. With the first difference the answer is
/// known, and no other item is asked for. Two empty streams are equal. After 128 items in a row it wakes its own task and
/// is pending once.
///
/// # Cancel safety
///
/// Dropping it drops both streams.
///
/// # Panics
///
/// A panic of a stream or of a comparison goes to the caller. Polled again after its end it panics.
///
/// # Examples
///
/// ```
/// use futures_util::stream;
/// use taskcell::stream::AsyncEnumerableExt;
///
/// # smol::block_on(async {
/// assert!(stream::iter([1, 2]).sequence_equal(stream::iter([1, 2])).await);
/// assert!(!stream::iter([1, 2]).sequence_equal(stream::iter(1..)).await);
/// # })
/// ```
#[doc(alias = "SequenceEqualAsync")]
#[must_use = "futures do nothing unless you `.await` or poll them"]
#[pin_project]
pub struct SequenceEqual<A: Stream, B: Stream> {
    #[pin]
    left: Source<A>,
    #[pin]
    right: Source<B>,
    /// What one of them has said while the other was pending.
    said: (Said<A::Item>, Said<B::Item>),
    turns: Turns,
    ended: bool,
}

/// An item, or that there is none; nothing if neither is known.
type Said<T> = Option<Option<T>>;

impl<A: Stream, B: Stream> SequenceEqual<A, B> {
    pub(super) const fn new(left: A, right: B) -> Self {
        Self {
            left: Source::new(left),
            right: Source::new(right),
            said: (None, None),
            turns: Turns::new(),
            ended: false,
        }
    }
}

/// Asks the stream, unless it is known what it says.
fn ask<S: Stream>(source: Pin<&mut Source<S>>, said: &mut Said<S::Item>, cx: &mut Context<'_>) {
    if said.is_none() {
        if let Poll::Ready(item) = source.pass(cx) {
            *said = Some(item);
        }
    }
}

impl<A: Stream, B: Stream> Future for SequenceEqual<A, B>
where
    A::Item: PartialEq<B::Item>,
{
    type Output = bool;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
        let mut this = self.project();
        assert!(!*this.ended, "polled after its end");
        let equal = loop {
            if !this.turns.go_on(cx) {
                return Poll::Pending;
            }
            ask(this.left.as_mut(), &mut this.said.0, cx);
            ask(this.right.as_mut(), &mut this.said.1, cx);
            if this.said.0.is_none() || this.said.1.is_none() {
                this.turns.rest();
                return Poll::Pending;
            }
            match (this.said.0.take().flatten(), this.said.1.take().flatten()) {
                (Some(left), Some(right)) if left == right => {}
                (left, right) => break left.is_none() && right.is_none(),
            }
        };
        *this.ended = true;
        Poll::Ready(equal)
    }
}

impl<A: Stream, B: Stream> FusedFuture for SequenceEqual<A, B>
where
    A::Item: PartialEq<B::Item>,
{
    fn is_terminated(&self) -> bool {
        self.ended
    }
}

impl<A: Stream, B: Stream> fmt::Debug for SequenceEqual<A, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SequenceEqual").field("ended", &self.ended).finish_non_exhaustive()
    }
}
