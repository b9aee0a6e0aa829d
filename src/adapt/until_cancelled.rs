//! `until_cancelled`: a future beside a token of any kind.

use core::error::Error;
use core::fmt;
use core::future::{Future, IntoFuture};
use core::pin::Pin;
use core::task::{Context, Poll};

use crate::cancel::{Cancellation, poll_until};

/// Waits for a future until a token is cancelled; then the future is given back, where it was.
///
/// The token may be of any kind, on the heap or in a `static`. If it is cancelled at the first poll the future is not polled
/// at all, be it ready or not. Later the future goes first, so that a result that is there is not thrown away. A token that
/// can never be cancelled costs nothing.
///
/// The future must be `Unpin` to be given back. One that is not is pinned by the caller, who then keeps it: pass
/// `core::pin::pin!(future)` or `future.as_mut()`. Nothing is allocated.
///
/// [`CancellationToken::until_cancelled`](crate::CancellationToken::until_cancelled) and
/// [`run_until_cancelled`](crate::CancellationToken::run_until_cancelled) say the same with the heap's tokens, the first
/// with the token in its error, the second without giving the future back, for futures of all kinds.
///
/// # Cancel safety
///
/// Dropping it drops the future, and leaves nothing on the token.
///
/// # Panics
///
/// If polled after it was ready.
///
/// # Errors
///
/// [`Unfinished`], with the future: the token was cancelled, or (only where there is no heap) it has no slot to wait in;
/// then nothing was polled.
///
/// # Examples
///
/// A semaphore that is waited for with a token, as `SemaphoreSlim.WaitAsync(token)` does; whoever gives up loses no permit:
///
/// ```
/// use core::pin::pin;
/// use taskcell::{CancellationTokenSource, until_cancelled};
///
/// # smol::block_on(async {
/// let semaphore = async_lock::Semaphore::new(1);
/// let source = CancellationTokenSource::new();
/// let token = source.token();
///
/// let permit = until_cancelled(pin!(semaphore.acquire()), &token).await.unwrap();
/// source.cancel();
/// assert!(until_cancelled(pin!(semaphore.acquire()), &token).await.is_err());
/// drop(permit);
/// assert!(semaphore.try_acquire().is_some());
/// # })
/// ```
///
/// A delay with a token, as `Task.Delay(time, token)`, and a loop that looks every so often until it is told to stop:
///
/// ```
/// use core::time::Duration;
/// use taskcell::time::{ManualClock, TimeProvider, delay_on};
/// use taskcell::{Cancellation, CancellationTokenSource, until_cancelled};
///
/// async fn watch(clock: impl TimeProvider, token: &impl Cancellation, mut look: impl FnMut()) {
///     loop {
///         look();
///         if until_cancelled(delay_on(&clock, Duration::from_secs(10)), token).await.is_err() {
///             return; // the timer has gone with the delay
///         }
///     }
/// }
///
/// let clock = ManualClock::new();
/// clock.set_auto_advance(true);
/// let source = CancellationTokenSource::with_timeout_on(&clock, Duration::from_secs(35));
/// let mut looks = 0;
/// clock.block_on(watch(&clock, &source.token(), || looks += 1));
/// assert_eq!(looks, 4); // after 0, 10, 20 and 30 seconds
/// ```
///
/// And debouncing: of several events in quick succession only the last one counts. Each starts a delay of its own, and ends
/// the one before:
///
/// ```
/// use core::time::Duration;
/// use taskcell::time::{ManualClock, delay_on};
/// use taskcell::{CancellationTokenSource, until_cancelled};
///
/// let clock = ManualClock::new();
/// let searches = core::cell::RefCell::new(Vec::new());
/// let executor = smol::LocalExecutor::new();
/// let mut previous = CancellationTokenSource::new();
/// for (pause, text) in [(0, "t"), (90, "ta"), (500, "tas"), (90, "task"), (500, "")] {
///     // Time passes, and whatever is due then runs.
///     clock.advance(Duration::from_millis(pause));
///     while executor.try_tick() {}
///     // A key was pressed.
///     previous.cancel();
///     previous = CancellationTokenSource::new();
///     let (token, clock, searches) = (previous.token(), &clock, &searches);
///     executor
///         .spawn(async move {
///             let quiet = delay_on(clock, Duration::from_millis(200));
///             if until_cancelled(quiet, &token).await.is_ok() {
///                 searches.borrow_mut().push(text);
///             }
///         })
///         .detach();
///     while executor.try_tick() {}
/// }
/// assert_eq!(*searches.borrow(), ["ta", "task"]);
/// ```
#[doc(alias = "UntilCompletionOrCancellation")]
#[doc(alias = "WaitAsync")]
#[doc(alias = "SemaphoreSlim.WaitAsync")]
#[doc(alias = "run_until_cancelled")]
#[doc(alias = "WithCancellation")]
#[doc(alias = "with_cancellation")]
#[doc(alias = "with_cancellation_token")]
#[doc(alias = "debounce")]
#[inline]
pub fn until_cancelled<F, K>(future: F, token: &K) -> UntilCancelledBy<'_, F::IntoFuture, K>
where
    F: IntoFuture<IntoFuture: Unpin>,
    K: Cancellation,
{
    UntilCancelledBy { token, slot: None, future: Some(future.into_future()) }
}

/// The future of [`until_cancelled`].
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct UntilCancelledBy<'a, F, K: Cancellation> {
    token: &'a K,
    /// There from the first poll on.
    slot: Option<K::Slot<'a>>,
    future: Option<F>,
}

impl<F, K: Cancellation> UntilCancelledBy<'_, F, K> {
    /// The future, if it has not ended.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::{CancellationToken, until_cancelled};
    ///
    /// let token = CancellationToken::NONE;
    /// let waiting = until_cancelled(core::future::ready(7), &token);
    /// assert!(waiting.into_inner().is_some());
    /// ```
    pub fn into_inner(self) -> Option<F> {
        self.future
    }

    fn give_up(&mut self, cause: UnfinishedCause) -> Unfinished<F> {
        self.slot = None;
        Unfinished { future: self.future.take().expect("just looked at"), cause }
    }
}

impl<F: Future + Unpin, K: Cancellation> Future for UntilCancelledBy<'_, F, K> {
    type Output = Result<F::Output, Unfinished<F>>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let future = this.future.as_mut().expect("polled after it was ready");
        if this.slot.is_none() {
            if this.token.is_cancelled() {
                return Poll::Ready(Err(this.give_up(UnfinishedCause::Cancelled)));
            }
            let Ok(slot) = this.token.slot() else {
                return Poll::Ready(Err(this.give_up(UnfinishedCause::Full)));
            };
            this.slot = Some(slot);
        }
        let slot = this.slot.as_mut().expect("just seen to");
        match poll_until(Pin::new(future), slot, cx) {
            Poll::Ready(Some(output)) => {
                (this.future, this.slot) = (None, None);
                Poll::Ready(Ok(output))
            }
            Poll::Ready(None) => Poll::Ready(Err(this.give_up(UnfinishedCause::Cancelled))),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<F, K: Cancellation> fmt::Debug for UntilCancelledBy<'_, F, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cancelled = self.token.is_cancelled();
        f.debug_struct("UntilCancelledBy").field("is_cancelled", &cancelled).finish_non_exhaustive()
    }
}

/// Why a future was given back.
///
/// # Examples
///
/// ```
/// use taskcell::{StaticCancellationTokenSource, UnfinishedCause, until_cancelled};
///
/// static STOP: StaticCancellationTokenSource<1> = StaticCancellationTokenSource::new();
///
/// # smol::block_on(async {
/// let _taken = STOP.slot().unwrap();
/// let unfinished = until_cancelled(core::future::ready(7), &STOP.token()).await.unwrap_err();
/// assert_eq!(unfinished.cause(), UnfinishedCause::Full); // nobody could be told
/// # });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UnfinishedCause {
    /// The token was cancelled.
    #[doc(alias = "Canceled")]
    Cancelled,
    /// The token had no slot to wait in.
    Full,
}

/// A future that was not waited for to its end, and why.
///
/// # Examples
///
/// ```
/// use taskcell::{CancellationToken, UnfinishedCause, until_cancelled};
///
/// # smol::block_on(async {
/// let stop = CancellationToken::new(true);
/// let unfinished = until_cancelled(core::future::ready(7), &stop).await.unwrap_err();
/// assert_eq!(unfinished.cause(), UnfinishedCause::Cancelled);
/// assert_eq!(unfinished.into_inner().await, 7); // it goes on where it was
/// # });
/// ```
pub struct Unfinished<F> {
    future: F,
    cause: UnfinishedCause,
}

impl<F> Unfinished<F> {
    /// Why.
    #[must_use]
    pub fn cause(&self) -> UnfinishedCause {
        self.cause
    }

    /// The future, where it was.
    #[must_use]
    pub fn into_inner(self) -> F {
        self.future
    }
}

impl<F> fmt::Display for Unfinished<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.cause {
            UnfinishedCause::Cancelled => "the operation was cancelled",
            UnfinishedCause::Full => "no slot is free on the token",
        })
    }
}

impl<F> fmt::Debug for Unfinished<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unfinished").field("cause", &self.cause).finish_non_exhaustive()
    }
}

impl<F> Error for Unfinished<F> {}
