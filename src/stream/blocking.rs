//! A stream as an iterator that blocks its thread.

use alloc::boxed::Box;
use core::fmt;
use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use futures_core::Stream;

use crate::context::{WouldDeadlock, may_block};
use crate::raw::block::block_on;

/// Gives the items of a stream to code that is not asynchronous: its thread sleeps until there is one.
///
/// The stream makes progress only within `next`. A thread that drives other tasks keeps them waiting; one of an executor
/// should not do so at all. The stream is boxed; an item for which the thread has to wait costs one allocation, one that
/// is there none. To stop waiting from outside, wrap the stream in [`with_cancellation`](super::with_cancellation).
///
/// # Panics
///
/// `next` does, if it has to wait on a thread that [must not block](crate::no_blocking), to which the iterator came after
/// it was made; and if the stream panics.
///
/// # Errors
///
/// [`WouldDeadlock`] if this thread [must not block](crate::no_blocking), as on the thread of a
/// [`MessageLoop`](crate::MessageLoop). The stream is dropped.
///
/// # Examples
///
/// ```
/// use taskcell::stream::{blocking_iter, create};
///
/// # #[cfg(not(loom))] {
/// let countdown = create(|yielder, _| async move {
///     for n in (1..=3).rev() {
///         yielder.yield_item(n).await;
///     }
/// });
/// let mut seen = Vec::new();
/// for n in blocking_iter(countdown).unwrap() {
///     seen.push(n);
/// }
/// assert_eq!(seen, [3, 2, 1]);
/// # }
/// ```
#[doc(alias = "ToBlockingEnumerable")]
#[doc(alias = "ToEnumerable")]
#[doc(alias = "block_on_stream")]
pub fn blocking_iter<S: Stream>(stream: S) -> Result<BlockingIter<S>, WouldDeadlock> {
    may_block()?;
    Ok(BlockingIter { stream: Some(Box::pin(stream)) })
}

/// The iterator of [`blocking_iter`]. It is fused.
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct BlockingIter<S> {
    /// None: it has ended.
    stream: Option<Pin<Box<S>>>,
}

impl<S: Stream> Iterator for BlockingIter<S> {
    type Item = S::Item;

    fn next(&mut self) -> Option<S::Item> {
        let stream = self.stream.as_mut()?;
        let next = match stream.as_mut().poll_next(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(next) => next,
            Poll::Pending => {
                if let Err(error) = may_block() {
                    panic!("{error}");
                }
                block_on(poll_fn(|cx| stream.as_mut().poll_next(cx)))
            }
        };
        if next.is_none() {
            self.stream = None;
        }
        next
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stream.as_ref().map_or((0, Some(0)), |stream| stream.size_hint())
    }
}

impl<S: Stream> core::iter::FusedIterator for BlockingIter<S> {}

impl<S> fmt::Debug for BlockingIter<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlockingIter").field("has_ended", &self.stream.is_none()).finish_non_exhaustive()
    }
}
