//! `delay_each`: every item some time later.

use alloc::collections::VecDeque;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;

use futures_core::Stream;
use futures_core::stream::FusedStream;
use pin_project::pin_project;

use super::source::{Source, shown};
use super::timing::stop;
use crate::time::{Delay, TimeProvider, Timestamp, delay_on};

/// The items in order, each some time after it came: the stream of `delay_each` and
/// [`delay_each_on`](super::AsyncEnumerableExt::delay_each_on).
///
/// The time is counted from the poll that took the item, and the stream is asked for more meanwhile: the intervals
/// between items stay as they are. So the items that have come and are not due are kept, however many; a stream that has
/// much ready at once is taken whole. A pause before each item, with no other taken meanwhile, is futures-util's `then`
/// with [`delay_on`](crate::delay_on). The end comes after the last item.
///
/// A time of zero gives each at once, and no timer is armed; with [`Duration::MAX`] no item is ever given, and an end only
/// to a stream that is empty. Otherwise there is one timer, while an item waits and the stream is pending. Time passes
/// only where it is polled. After 128 items in a row it wakes its own task and is pending once.
///
/// # Cancel safety
///
/// A poll that is pending keeps what it has: to drop the future of `next()` loses nothing. The timer is released with
/// each item, at the end, and when it is dropped.
///
/// # Panics
///
/// A panic of the stream goes to the caller; the items that wait stay.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use futures_util::{StreamExt, stream};
/// use taskcell::{stream::AsyncEnumerableExt, time::ManualClock};
///
/// # #[cfg(feature = "std")] {
/// let clock = ManualClock::new();
/// clock.set_auto_advance(true);
/// let later = stream::iter([1, 2]).delay_each_on(&clock, Duration::from_secs(1));
/// assert_eq!(clock.block_on(later.collect::<Vec<_>>()), [1, 2]); // both a second later
/// # }
/// ```
#[must_use = "streams do nothing unless you poll them"]
#[pin_project]
pub struct DelayEach<S: Stream, C> {
    #[pin]
    source: Source<S>,
    waiting: VecDeque<(Timestamp, S::Item)>,
    time: Duration,
    /// Until the first of them is due; never, if there is none.
    delay: Delay<C>,
}

impl<S: Stream, C: TimeProvider> DelayEach<S, C> {
    pub(super) fn new(clock: C, stream: S, time: Duration) -> Self {
        Self { source: Source::new(stream), waiting: VecDeque::new(), time, delay: delay_on(clock, Duration::MAX) }
    }
}

impl<S: Stream, C: TimeProvider> Stream for DelayEach<S, C> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let mut this = self.project();
        if this.time.is_zero() {
            return this.source.pass(cx);
        }
        while let Poll::Ready(Some(item)) = this.source.as_mut().next(cx) {
            let due = this.delay.clock().now().saturating_add(*this.time);
            if this.waiting.is_empty() {
                this.delay.restart(due);
            }
            this.waiting.push_back((due, item));
        }
        if this.waiting.is_empty() {
            return if this.source.has_ended() { Poll::Ready(None) } else { Poll::Pending };
        }
        ready!(Pin::new(&mut *this.delay).poll(cx));
        let item = this.waiting.pop_front().map(|(_, item)| item);
        match this.waiting.front() {
            Some((due, _)) => this.delay.restart(*due),
            None => stop(this.delay),
        }
        Poll::Ready(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.source.items_and(self.waiting.len())
    }
}

impl<S: Stream, C: TimeProvider> FusedStream for DelayEach<S, C> {
    fn is_terminated(&self) -> bool {
        self.source.has_ended() && self.waiting.is_empty()
    }
}

shown!(DelayEach [S: Stream, C] [S, C], time, delay);
