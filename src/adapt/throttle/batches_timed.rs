//! `batches_timed`: batches that do not wait for long.

use alloc::vec::Vec;
use core::fmt;
use core::num::NonZeroUsize;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;

use futures_core::Stream;
use futures_core::stream::FusedStream;
use pin_project::pin_project;

use super::batches::{Batches, Filled, batches};
use crate::time::{Delay, TimeProvider, Timestamp, delay_on};

/// Gives the items of `stream` in vectors of at most `size`, none of which has waited for longer than `max_wait` of the
/// system's time.
///
/// See [`batches_timed_on`], which says it all.
///
/// # Examples
///
/// ```
/// use core::{num::NonZeroUsize, time::Duration};
/// use futures_util::{StreamExt, stream};
/// use taskcell::batches_timed;
///
/// # smol::block_on(async {
/// let slow = stream::iter([1, 2]).chain(stream::pending());
/// let mut batches = batches_timed(slow, NonZeroUsize::new(100).unwrap(), Duration::from_millis(5));
/// assert_eq!(batches.next().await, Some(vec![1, 2]));
/// # })
/// ```
#[cfg(feature = "std")]
#[doc(alias = "Buffer")]
#[doc(alias = "chunks_timeout")]
#[doc(alias = "ready_chunks")]
pub fn batches_timed<S: Stream>(
    stream: S,
    size: NonZeroUsize,
    max_wait: Duration,
) -> BatchesTimed<S, crate::time::SystemClock> {
    batches_timed_on(crate::time::SystemClock, stream, size, max_wait)
}

/// Gives the items of `stream` in vectors of at most `size`, none of which has waited for longer than `max_wait` of the
/// time of `clock`.
///
/// A batch is given when it is full, when `max_wait` has passed since its first item came, or when the stream ends;
/// never an empty one. The time is looked at when the stream is pending, and after 128 items in a row: as long as items
/// are there they are taken first. While no item has come there is no timer, and a stream of full batches never arms
/// one.
///
/// With a `max_wait` of zero nothing waits: a batch is what the stream has ready, at most `size` of it, and no timer is
/// armed. With [`Duration::MAX`] the time is never up: it is [`batches`]. To batch by time alone, give [`NonZeroUsize::MAX`]
/// as the size.
///
/// Time passes only where it is polled: who does not ask gets the batch later, and larger, but never one of more than
/// `size`.
///
/// After 128 items in a row it wakes its own task and is pending once, so that other tasks have their turn.
///
/// One allocation a batch, as for [`batches`], beside what the clock needs for a timer.
///
/// # Cancel safety
///
/// As for [`batches`]. The timer is released with each batch, at the end, and when it is dropped; it runs on while
/// nobody polls.
///
/// # Panics
///
/// As for [`batches`].
///
/// # Examples
///
/// ```
/// use core::{num::NonZeroUsize, time::Duration};
/// use futures_util::{StreamExt, stream};
/// use taskcell::{batches_timed_on, time::ManualClock};
///
/// # #[cfg(feature = "std")] {
/// let clock = ManualClock::new();
/// clock.set_auto_advance(true);
/// clock.block_on(async {
///     let slow = stream::iter([1, 2, 3, 4, 5]).chain(stream::pending());
///     let mut batches = batches_timed_on(&clock, slow, NonZeroUsize::new(3).unwrap(), Duration::from_secs(1));
///     assert_eq!(batches.next().await, Some(vec![1, 2, 3]));
///     assert_eq!(batches.next().await, Some(vec![4, 5])); // a second later
/// });
/// # }
/// ```
#[doc(alias = "Buffer")]
#[doc(alias = "chunks_timeout")]
#[doc(alias = "ready_chunks")]
pub fn batches_timed_on<C: TimeProvider, S: Stream>(
    clock: C,
    stream: S,
    size: NonZeroUsize,
    max_wait: Duration,
) -> BatchesTimed<S, C> {
    BatchesTimed { batches: batches(stream, size), max_wait, delay: delay_on(clock, Duration::MAX) }
}

/// The stream of `batches_timed` and [`batches_timed_on`].
///
/// # Examples
///
/// ```
/// use core::{num::NonZeroUsize, time::Duration};
/// use futures_util::{StreamExt, stream};
/// use taskcell::{ManualClock, batches_timed_on};
///
/// # smol::block_on(async {
/// let items = stream::iter([1, 2, 3]).chain(stream::pending());
/// let mut batches = batches_timed_on(ManualClock::new(), items, NonZeroUsize::new(2).unwrap(), Duration::from_secs(1));
/// assert_eq!(batches.next().await, Some(vec![1, 2]));
/// assert!(smol::future::poll_once(batches.next()).await.is_none());
/// assert_eq!(batches.remainder(), [3]);
/// let (_items, rest) = batches.into_inner();
/// assert_eq!(rest, [3]);
/// # })
/// ```
#[must_use = "streams do nothing unless you poll them"]
#[pin_project]
pub struct BatchesTimed<S: Stream, C> {
    #[pin]
    batches: Batches<S>,
    max_wait: Duration,
    /// Until the batch has waited long enough; never, if it is empty.
    delay: Delay<C>,
}

impl<S: Stream, C> BatchesTimed<S, C> {
    /// The items of the batch that is not finished: those that have come since the last one was given.
    #[must_use]
    pub fn remainder(&self) -> &[S::Item] {
        self.batches.remainder()
    }

    /// The stream, and the items of the batch that is not finished.
    #[must_use]
    pub fn into_inner(self) -> (S, Vec<S::Item>) {
        self.batches.into_inner()
    }
}

/// Waits for `max_wait` from now on.
fn start(delay: &mut Delay<impl TimeProvider>, max_wait: Duration) {
    let deadline = if max_wait.is_zero() { Timestamp::ZERO } else { delay.clock().now().saturating_add(max_wait) };
    delay.restart(deadline);
}

impl<S: Stream, C: TimeProvider> Stream for BatchesTimed<S, C> {
    type Item = Vec<S::Item>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        let (delay, max_wait) = (this.delay, *this.max_wait);
        let filled = this.batches.as_mut().fill(cx, || start(delay, max_wait));
        if let Filled::Batch(batch) = filled {
            delay.restart(Timestamp::MAX);
            return Poll::Ready(batch);
        }
        if this.batches.remainder().is_empty() || Pin::new(&mut *delay).poll(cx).is_pending() {
            return Poll::Pending;
        }
        delay.restart(Timestamp::MAX);
        Poll::Ready(this.batches.cut())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (least, most) = self.batches.items();
        // Each may come alone.
        (self.batches.full(least), most)
    }
}

impl<S: Stream, C: TimeProvider> FusedStream for BatchesTimed<S, C> {
    fn is_terminated(&self) -> bool {
        self.batches.is_over()
    }
}

impl<S: Stream, C> fmt::Debug for BatchesTimed<S, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchesTimed")
            .field("batches", &self.batches)
            .field("max_wait", &self.max_wait)
            .field("deadline", &self.delay.deadline())
            .finish_non_exhaustive()
    }
}
