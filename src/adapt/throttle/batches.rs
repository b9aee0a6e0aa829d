//! `batches`: the items of a stream, so many at a time.

use alloc::vec::Vec;
use core::fmt;
use core::mem::take;
use core::num::NonZeroUsize;
use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use pin_project::pin_project;

use super::turns::Turns;

/// A batch of at most so many items is allocated at once; a larger one grows.
const AT_ONCE: usize = 256;

/// Gives the items of `stream` in vectors of `size`, in order; the last one may be shorter.
///
/// A batch is given when it is full; the end of the stream gives what is there, if anything, and then ends this one.
/// So no batch is empty, and an empty stream gives none. The stream is not polled again after its end. How long a
/// batch takes is up to the stream: [`batches_timed_on`](super::batches_timed_on) bounds that.
///
/// After 128 items in a row it wakes its own task and is pending once, so that other tasks have their turn.
///
/// One allocation a batch; a batch of more than 256 items grows as a vector does.
///
/// # Cancel safety
///
/// A poll that is pending keeps what it has: to drop the future of `next()` loses nothing. The items of an unfinished
/// batch lie in here, and are dropped with it: [`remainder`](Batches::remainder) and
/// [`into_inner`](Batches::into_inner) give them out.
///
/// # Panics
///
/// A panic of the stream goes to the caller; the batch stays as it is.
///
/// # Examples
///
/// ```
/// use core::num::NonZeroUsize;
/// use futures_util::{StreamExt, stream};
/// use taskcell::batches;
///
/// # smol::block_on(async {
/// let mut batches = batches(stream::iter(1..=5), NonZeroUsize::new(2).unwrap());
/// assert_eq!(batches.next().await, Some(vec![1, 2]));
/// assert_eq!(batches.next().await, Some(vec![3, 4]));
/// assert_eq!(batches.next().await, Some(vec![5]));
/// assert_eq!(batches.next().await, None);
/// # })
/// ```
#[doc(alias = "Chunk")]
#[doc(alias = "Buffer")]
#[doc(alias = "BatchBlock")]
#[doc(alias = "chunks")]
pub fn batches<S: Stream>(stream: S, size: NonZeroUsize) -> Batches<S> {
    Batches { stream, size: size.get(), batch: Vec::new(), ended: false, turns: Turns::new() }
}

/// The stream of [`batches`].
///
/// # Examples
///
/// ```
/// use core::num::NonZeroUsize;
/// use futures_util::{StreamExt, stream};
/// use taskcell::batches;
///
/// # smol::block_on(async {
/// let items = stream::iter([1, 2, 3]).chain(stream::pending());
/// let mut batches = batches(items, NonZeroUsize::new(2).unwrap());
/// assert_eq!(batches.next().await, Some(vec![1, 2]));
/// assert!(smol::future::poll_once(batches.next()).await.is_none());
/// assert_eq!(batches.remainder(), [3]); // at the program's end, say
/// let (_items, rest) = batches.into_inner();
/// assert_eq!(rest, [3]);
/// # })
/// ```
#[must_use = "streams do nothing unless you poll them"]
#[pin_project]
pub struct Batches<S: Stream> {
    #[pin]
    stream: S,
    size: usize,
    batch: Vec<S::Item>,
    ended: bool,
    turns: Turns,
}

/// What a poll of the stream came to.
pub(super) enum Filled<T> {
    /// A batch, full or the last one; None at the end.
    Batch(Option<Vec<T>>),
    /// The stream is pending.
    Waiting,
    /// The stream may have more, but it is the turn of others, and the task has been woken.
    Yielding,
}

impl<S: Stream> Batches<S> {
    /// The items of the batch that is not finished: those that have come since the last one was given.
    #[must_use]
    pub fn remainder(&self) -> &[S::Item] {
        &self.batch
    }

    /// The stream, and the items of the batch that is not finished.
    #[must_use]
    pub fn into_inner(self) -> (S, Vec<S::Item>) {
        (self.stream, self.batch)
    }

    /// Takes items until there is a batch to give. `first` is told of the first item of each.
    #[inline]
    pub(super) fn fill(self: Pin<&mut Self>, cx: &mut Context<'_>, mut first: impl FnMut()) -> Filled<S::Item> {
        let mut this = self.project();
        while !*this.ended {
            if !this.turns.go_on(cx) {
                return Filled::Yielding;
            }
            match this.stream.as_mut().poll_next(cx) {
                Poll::Ready(Some(item)) => {
                    if this.batch.is_empty() {
                        this.batch.reserve((*this.size).min(AT_ONCE));
                        first();
                    }
                    this.batch.push(item);
                    if this.batch.len() >= *this.size {
                        return Filled::Batch(Some(take(this.batch)));
                    }
                }
                Poll::Ready(None) => *this.ended = true,
                Poll::Pending => {
                    this.turns.rest();
                    return Filled::Waiting;
                }
            }
        }
        Filled::Batch((!this.batch.is_empty()).then(|| take(this.batch)))
    }

    /// What is there of the batch, as one; None if that is nothing.
    pub(super) fn cut(self: Pin<&mut Self>) -> Option<Vec<S::Item>> {
        let batch = take(self.project().batch);
        (!batch.is_empty()).then_some(batch)
    }

    pub(super) fn is_over(&self) -> bool {
        self.ended && self.batch.is_empty()
    }

    /// How many items there will be.
    pub(super) fn items(&self) -> (usize, Option<usize>) {
        let has = self.batch.len();
        let (least, most) = if self.ended { (0, Some(0)) } else { self.stream.size_hint() };
        (least.saturating_add(has), most.and_then(|most| most.checked_add(has)))
    }

    /// How many full batches that makes.
    pub(super) fn full(&self, items: usize) -> usize {
        items.div_ceil(self.size)
    }
}

impl<S: Stream> Stream for Batches<S> {
    type Item = Vec<S::Item>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.fill(cx, || ()) {
            Filled::Batch(batch) => Poll::Ready(batch),
            Filled::Waiting | Filled::Yielding => Poll::Pending,
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (least, most) = self.items();
        (self.full(least), most.map(|most| self.full(most)))
    }
}

impl<S: Stream> FusedStream for Batches<S> {
    fn is_terminated(&self) -> bool {
        self.is_over()
    }
}

impl<S: Stream> fmt::Debug for Batches<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batches")
            .field("size", &self.size)
            .field("remainder", &self.batch.len())
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
