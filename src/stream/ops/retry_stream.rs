//! `retry_stream`: a stream that is made again when it fails.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;

use futures_core::Stream;
use futures_core::stream::FusedStream;
use pin_project::pin_project;

use super::timing::{restart, stop};
use crate::time::{Delay, TimeProvider, delay_on};

/// A stream that is made again after each error, in the system's time.
///
/// See [`retry_stream_on`], which says it all.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use futures_util::{StreamExt, stream};
/// use taskcell::{Backoff, stream::retry_stream};
///
/// # smol::block_on(async {
/// let delays = Backoff::exponential(Duration::from_millis(1)).delays(7).take(2);
/// let fails = retry_stream(delays, || stream::iter([Err::<u8, _>("closed")]));
/// assert_eq!(fails.collect::<Vec<_>>().await, [Err("closed")]); // the third
/// # })
/// ```
#[cfg(feature = "std")]
#[doc(alias = "Retry")]
#[doc(alias = "retryWhen")]
pub fn retry_stream<D, F, S, T, E>(delays: D, make: F) -> RetryStream<S, F, D, crate::time::SystemClock>
where
    D: IntoIterator<Item = Duration> + Clone,
    F: FnMut() -> S,
    S: Stream<Item = Result<T, E>>,
{
    retry_stream_on(crate::time::SystemClock, delays, make)
}

/// A stream that is made again after each error, in the time of `clock`.
///
/// The items of the stream that `make` gives are passed on, as `Ok`. At an error that stream is dropped, the next of
/// `delays` is waited for, and another stream is made, which begins where `make` lets it begin: an item that was given is
/// given again unless `make` remembers. When there are no more delays the error is given, as the last item. A stream that
/// ends ends this one, also if it was empty.
///
/// An item is a success: after one the delays begin anew, from a clone of `delays`. So `take(3)` on them says three
/// failures in a row, and a feed that is read for weeks does not end at its fourth interruption. Errors do not show what
/// is tried again; hear them inside `make`, with futures-util's `inspect_err`. To end it with a token:
/// [`or_cancelled`](super::AsyncEnumerableExt::or_cancelled).
///
/// Nothing is made before the first poll. A delay of zero arms no timer; one of [`Duration::MAX`] is for ever. After 128
/// streams in a row without a wait it wakes its own task and is pending once.
///
/// # Cancel safety
///
/// To drop the future of `next()` loses nothing. The timer is released when it has fired, and when this is dropped.
///
/// # Panics
///
/// A panic of a stream goes to the caller. After one of `make` or of the delays it has ended.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use futures_util::{StreamExt, stream};
/// use taskcell::{Backoff, stream::retry_stream_on, time::ManualClock};
///
/// # #[cfg(feature = "std")] {
/// let clock = ManualClock::new();
/// clock.set_auto_advance(true);
/// let mut connections = 0;
/// let delays = Backoff::exponential(Duration::from_secs(1)).delays(7).take(3);
/// let feed = retry_stream_on(&clock, delays, || {
///     connections += 1;
///     stream::iter([Ok(connections), Err("closed")]).take(if connections < 3 { 2 } else { 1 })
/// });
/// assert_eq!(clock.block_on(feed.collect::<Vec<_>>()), [Ok(1), Ok(2), Ok(3)]);
/// # }
/// ```
#[doc(alias = "Retry")]
#[doc(alias = "retryWhen")]
pub fn retry_stream_on<C, D, F, S, T, E>(clock: C, delays: D, make: F) -> RetryStream<S, F, D, C>
where
    C: TimeProvider,
    D: IntoIterator<Item = Duration> + Clone,
    F: FnMut() -> S,
    S: Stream<Item = Result<T, E>>,
{
    RetryStream { state: State::Waiting, delays, row: None, make, delay: delay_on(clock, Duration::ZERO) }
}

/// The stream of `retry_stream` and [`retry_stream_on`].
#[must_use = "streams do nothing unless you poll them"]
#[pin_project]
pub struct RetryStream<S, F, D: IntoIterator, C> {
    #[pin]
    state: State<S>,
    delays: D,
    /// What is left of them; None: all, since the last item.
    row: Option<D::IntoIter>,
    make: F,
    delay: Delay<C>,
}

#[pin_project(project = Projected)]
enum State<S> {
    /// Until the next one is made.
    Waiting,
    Open(#[pin] S),
    Ended,
}

/// So many streams fail in a row before other tasks have their turn: each is made in one step, and fails in the next.
const STEPS_IN_A_ROW: usize = 2 * 128;

impl<T, E, S, F, D, C> Stream for RetryStream<S, F, D, C>
where
    S: Stream<Item = Result<T, E>>,
    F: FnMut() -> S,
    D: IntoIterator<Item = Duration> + Clone,
    C: TimeProvider,
{
    type Item = Result<T, E>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        for _ in 0..STEPS_IN_A_ROW {
            match this.state.as_mut().project() {
                Projected::Ended => return Poll::Ready(None),
                Projected::Waiting => {
                    ready!(Pin::new(&mut *this.delay).poll(cx));
                    stop(this.delay);
                    this.state.set(State::Ended);
                    let stream = (this.make)();
                    this.state.set(State::Open(stream));
                }
                Projected::Open(stream) => match ready!(stream.poll_next(cx)) {
                    Some(Ok(item)) => {
                        *this.row = None;
                        return Poll::Ready(Some(Ok(item)));
                    }
                    None => {
                        this.state.set(State::Ended);
                        return Poll::Ready(None);
                    }
                    Some(Err(error)) => {
                        this.state.set(State::Ended);
                        let row = this.row.get_or_insert_with(|| this.delays.clone().into_iter());
                        let Some(delay) = row.next() else { return Poll::Ready(Some(Err(error))) };
                        restart(this.delay, delay);
                        this.state.set(State::Waiting);
                    }
                },
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self.state {
            State::Ended => (0, Some(0)),
            State::Waiting | State::Open(_) => (0, None),
        }
    }
}

impl<T, E, S, F, D, C> FusedStream for RetryStream<S, F, D, C>
where
    S: Stream<Item = Result<T, E>>,
    F: FnMut() -> S,
    D: IntoIterator<Item = Duration> + Clone,
    C: TimeProvider,
{
    fn is_terminated(&self) -> bool {
        matches!(self.state, State::Ended)
    }
}

impl<S, F, D: IntoIterator, C> fmt::Debug for RetryStream<S, F, D, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            State::Waiting => "waiting",
            State::Open(_) => "open",
            State::Ended => "ended",
        };
        f.debug_struct("RetryStream").field("state", &state).field("delay", &self.delay).finish_non_exhaustive()
    }
}
