//! `debounce`: an item that no other has followed for a while.

use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;

use futures_core::Stream;
use futures_core::stream::FusedStream;
use pin_project::pin_project;

use super::source::{Source, shown};
use super::timing::{restart, stop};
use crate::time::{Delay, TimeProvider, delay_on};

/// The items after which nothing has come for some time; those that another one follows sooner are dropped: the stream of
/// `debounce` and [`debounce_on`](super::AsyncEnumerableExt::debounce_on). Rx calls it Throttle.
///
/// The quiet time is counted from the poll that took the item, to the next poll: when it has passed the item is given,
/// though another may have come just before. The item that is waiting when the stream ends is given at once. A stream that is never quiet for so long gives nothing before its end;
/// [`sample_on`](super::AsyncEnumerableExt::sample_on) gives something in any case.
///
/// A quiet time of zero is over as soon as the stream is pending, as for
/// [`conflate`](super::AsyncEnumerableExt::conflate), and no timer is armed; with [`Duration::MAX`] only the last item is
/// given, at the end. Otherwise there is one timer, while an item waits and the stream is pending. Time passes only where
/// it is polled. After 128 items in a row it wakes its own task and is pending once.
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
/// let typed = stream::iter([("t", 0), ("ta", 100), ("tap", 900)]).then(|(text, after)| {
///     let pause = delay_on(&clock, Duration::from_millis(after));
///     async move {
///         pause.await;
///         text
///     }
/// });
/// let searches = typed.debounce_on(&clock, Duration::from_millis(300));
/// assert_eq!(clock.block_on(searches.collect::<Vec<_>>()), ["ta", "tap"]);
/// # }
/// ```
#[doc(alias = "Throttle")]
#[doc(alias = "throttleWithTimeout")]
#[must_use = "streams do nothing unless you poll them"]
#[pin_project]
pub struct Debounce<S: Stream, C> {
    #[pin]
    source: Source<S>,
    latest: Option<S::Item>,
    quiet: Duration,
    /// Until it has been quiet for long enough; never, if no item waits.
    delay: Delay<C>,
}

impl<S: Stream, C: TimeProvider> Debounce<S, C> {
    pub(super) fn new(clock: C, stream: S, quiet: Duration) -> Self {
        Self { source: Source::new(stream), latest: None, quiet, delay: delay_on(clock, Duration::MAX) }
    }
}

impl<S: Stream, C: TimeProvider> Stream for Debounce<S, C> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let mut this = self.project();
        if this.latest.is_some() && this.delay.deadline() <= this.delay.clock().now() {
            // It was quiet for long enough, whatever has come since.
            stop(this.delay);
            return Poll::Ready(this.latest.take());
        }
        loop {
            match this.source.as_mut().next(cx) {
                Poll::Ready(Some(item)) => {
                    let before = this.latest.replace(item);
                    restart(this.delay, *this.quiet);
                    // Last, since its drop may panic.
                    drop(before);
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

impl<S: Stream, C: TimeProvider> FusedStream for Debounce<S, C> {
    fn is_terminated(&self) -> bool {
        self.source.has_ended() && self.latest.is_none()
    }
}

shown!(Debounce [S: Stream, C] [S, C], quiet, delay);
