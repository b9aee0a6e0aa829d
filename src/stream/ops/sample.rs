//! `sample`: the latest item, so often.

use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;

use futures_core::Stream;
use futures_core::stream::FusedStream;
use pin_project::pin_project;

use super::source::{Source, shown};
use super::timing::stop;
use crate::time::{Delay, TimeProvider, Timestamp, delay_on};

/// The latest item at each tick of a period, if one has come since the tick before; the others are dropped: the stream of
/// `sample` and [`sample_on`](super::AsyncEnumerableExt::sample_on).
///
/// The ticks are the call's time and whole periods after it. An item is given at the first tick after the poll that took
/// it, so there is at most one a period. A consumer that polls after the tick gets the newest item at that time, and no
/// tick is made up for. The item that is waiting when the stream ends is
/// given at once.
///
/// A period of zero ends as soon as the stream is pending, as for
/// [`conflate`](super::AsyncEnumerableExt::conflate), and no timer is armed; with [`Duration::MAX`] only the last item is
/// given, at the end. Otherwise there is one timer, while an item waits and the stream is pending: a silent stream is not
/// woken by ticks. Time passes only where it is polled. After 128 items in a row it wakes its own task and is pending
/// once.
///
/// # Cancel safety
///
/// A poll that is pending keeps the item that waits: to drop the future of `next()` loses nothing. The timer is released
/// with each item, at the end, and when it is dropped.
///
/// # Panics
///
/// A panic of the stream goes to the caller; the item that waits stays.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use futures_util::{StreamExt, stream};
/// use taskcell::{delay_on, stream::AsyncEnumerableExt, time::ManualClock};
///
/// # #[cfg(feature = "std")] {
/// let clock = ManualClock::new();
/// clock.set_auto_advance(true);
/// // One each 300 ms.
/// let positions = stream::iter(1..=8).then(|n| {
///     let pause = delay_on(&clock, Duration::from_millis(300));
///     async move {
///         pause.await;
///         n
///     }
/// });
/// let each_second = positions.sample_on(&clock, Duration::from_secs(1));
/// assert_eq!(clock.block_on(each_second.collect::<Vec<_>>()), [3, 6, 8]);
/// # }
/// ```
#[doc(alias = "throttleLast")]
#[doc(alias = "auditTime")]
#[must_use = "streams do nothing unless you poll them"]
#[pin_project]
pub struct Sample<S: Stream, C> {
    #[pin]
    source: Source<S>,
    latest: Option<S::Item>,
    start: Timestamp,
    period: Duration,
    /// Until the tick at which the item is given; never, if none waits.
    delay: Delay<C>,
}

impl<S: Stream, C: TimeProvider> Sample<S, C> {
    pub(super) fn new(clock: C, stream: S, period: Duration) -> Self {
        let start = clock.now();
        Self { source: Source::new(stream), latest: None, start, period, delay: delay_on(clock, Duration::MAX) }
    }
}

/// The first tick after `now`.
fn tick_after(now: Timestamp, start: Timestamp, period: Duration) -> Timestamp {
    let period = Timestamp::ZERO.saturating_add(period).as_nanos();
    let passed = now.as_nanos().saturating_sub(start.as_nanos());
    match passed.checked_div(period) {
        // Ready at once.
        None => Timestamp::ZERO,
        Some(ticks) => {
            let until = ticks.saturating_add(1).saturating_mul(period);
            Timestamp::from_nanos(start.as_nanos().saturating_add(until))
        }
    }
}

impl<S: Stream, C: TimeProvider> Stream for Sample<S, C> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let mut this = self.project();
        loop {
            match this.source.as_mut().next(cx) {
                Poll::Ready(Some(item)) => {
                    let before = this.latest.replace(item);
                    if before.is_none() {
                        let tick = tick_after(this.delay.clock().now(), *this.start, *this.period);
                        this.delay.restart(tick);
                    }
                }
                Poll::Ready(None) => break,
                Poll::Pending if this.latest.is_none() => return Poll::Pending,
                Poll::Pending => {
                    ready!(Pin::new(&mut *this.delay).poll(cx));
                    break;
                }
            }
        }
        stop(this.delay);
        Poll::Ready(this.latest.take())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (least, most) = self.source.items_and(usize::from(self.latest.is_some()));
        (least.min(1), most)
    }
}

impl<S: Stream, C: TimeProvider> FusedStream for Sample<S, C> {
    fn is_terminated(&self) -> bool {
        self.source.has_ended() && self.latest.is_none()
    }
}

shown!(Sample [S: Stream, C] [S, C], period, delay);
