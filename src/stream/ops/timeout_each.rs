//! `timeout_each`: so much time for each item.

use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;

use futures_core::Stream;
use futures_core::stream::FusedStream;
use pin_project::pin_project;

use super::source::{Source, shown};
use super::timing::{restart, stop};
use crate::time::{Delay, Elapsed, TimeProvider, Timestamp, delay_on};

/// The items as `Ok`, and [`Elapsed`] each time one takes too long: the stream of `timeout_each` and
/// [`timeout_each_on`](super::AsyncEnumerableExt::timeout_each_on).
///
/// The time of an item is counted from the first poll that finds the stream pending: what the consumer does between two
/// items does not count. The stream is asked first, so an item that is there is never late. After an [`Elapsed`] the next
/// poll begins to count again, and the item that was late comes when it comes; a `?` on the item ends it at the first.
/// One limit for all items together is [`timeout_on`](crate::timeout_on) over what consumes them.
///
/// A time of zero is over whenever the stream is pending, and no timer is armed: who goes on after an error then asks
/// without end. With [`Duration::MAX`] nothing is ever late. Otherwise there is one timer, while the stream is pending.
///
/// # Cancel safety
///
/// To drop the future of `next()` loses nothing; the time runs on. The timer is released with each item, at the end, and
/// when it is dropped.
///
/// # Panics
///
/// A panic of the stream goes to the caller.
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
/// let stalls = stream::iter([1]).chain(stream::pending());
/// let mut items = stalls.timeout_each_on(&clock, Duration::from_secs(5));
/// assert_eq!(clock.block_on(items.next()), Some(Ok(1)));
/// assert!(clock.block_on(items.next()).unwrap().is_err()); // five seconds later
/// # }
/// ```
#[doc(alias = "TimeoutException")]
#[must_use = "streams do nothing unless you poll them"]
#[pin_project]
pub struct TimeoutEach<S, C> {
    #[pin]
    source: Source<S>,
    time: Duration,
    /// Until the item is late.
    delay: Delay<C>,
    /// Whether an item is waited for, and the time counts.
    waits: bool,
}

impl<S: Stream, C: TimeProvider> TimeoutEach<S, C> {
    pub(super) fn new(clock: C, stream: S, time: Duration) -> Self {
        Self { source: Source::new(stream), time, delay: delay_on(clock, Duration::MAX), waits: false }
    }
}

impl<S: Stream, C: TimeProvider> Stream for TimeoutEach<S, C> {
    type Item = Result<S::Item, Elapsed>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.project();
        let next = match this.source.pass(cx) {
            Poll::Ready(item) => item.map(Ok),
            Poll::Pending => {
                if !*this.waits {
                    *this.waits = true;
                    restart(this.delay, *this.time);
                }
                if Pin::new(&mut *this.delay).poll(cx).is_pending() {
                    return Poll::Pending;
                }
                Some(Err(Elapsed(())))
            }
        };
        *this.waits = false;
        stop(this.delay);
        Poll::Ready(next)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (least, most) = self.source.items();
        // Others may be late.
        let is_exact =
            self.source.has_ended() || self.time >= Timestamp::MAX.saturating_duration_since(Timestamp::ZERO);
        (least, if is_exact { most } else { None })
    }
}

impl<S: Stream, C: TimeProvider> FusedStream for TimeoutEach<S, C> {
    fn is_terminated(&self) -> bool {
        self.source.has_ended()
    }
}

shown!(TimeoutEach [S, C] [S, C], time, delay);
