//! `timeout_cooperative`: work that is told when its time is up, and may come to an end.

use core::fmt;
use core::future::{Future, IntoFuture};
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;

use pin_project::pin_project;

use crate::cancel::{CancellationToken, CancellationTokenSource, WaitForCancelledOwned};
use crate::time::{Elapsed, TimeProvider, Timer, Timestamp};

/// Gives work so much of the system's time, counted from this call; then it is told, and has `grace` to come to an end.
///
/// See [`timeout_cooperative_on`], which says it all.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use taskcell::{TimeoutOutcome, timeout_cooperative};
///
/// # smol::block_on(async {
/// let (time, grace) = (Duration::from_millis(2), Duration::from_secs(60));
/// let outcome = timeout_cooperative(time, grace, async |token| {
///     token.cancelled().await;
///     "half of it"
/// });
/// assert_eq!(outcome.await, TimeoutOutcome::Told("half of it"));
/// # })
/// ```
#[cfg(feature = "std")]
#[doc(alias = "TimeoutStrategy.Optimistic")]
#[doc(alias = "AddTimeout")]
#[doc(alias = "CancelAfter")]
#[inline]
pub fn timeout_cooperative<W, F>(
    duration: Duration,
    grace: Duration,
    work: W,
) -> TimeoutCooperative<W, F::IntoFuture, crate::time::SystemClock>
where
    W: FnOnce(CancellationToken) -> F,
    F: IntoFuture,
{
    timeout_cooperative_on(crate::time::SystemClock, duration, grace, work)
}

/// Gives work so much of the time of `clock`, counted from this call; then it is told, and has `grace` to come to an end.
///
/// `work` is given a token, at the first poll. When the time is up the token is cancelled, by the clock itself: also work
/// that does not let its task go sees it. After that the future is polled once at least, and dropped when `grace` has passed,
/// too. The outcome says which it was: [`TimeoutOutcome`].
///
/// | | when the time is up the future is | the outcome |
/// |---|---|---|
/// | [`timeout_on`](crate::timeout_on) | dropped | `Err(Elapsed)` |
/// | this | told by its token, and dropped after `grace` | [`Told`](TimeoutOutcome::Told), [`Dropped`](TimeoutOutcome::Dropped) |
///
/// [`token`](TimeoutCooperative::token) links a parent: when that is cancelled the work is told, too, and `grace` begins.
/// If it is cancelled from the start the work is not started: [`TimeoutOutcome::Dropped`].
///
/// A `duration` of zero tells at the first pending poll; [`Duration::MAX`] never does. A `grace` of zero is one more poll;
/// [`Duration::MAX`] is as long as it takes. A future that is ready when polled is never dropped instead.
///
/// One allocation, the source. A timer is armed from the first pending poll on.
///
/// # Cancel safety
///
/// Dropping it drops the future and disarms the timer. Tokens that the work has handed on are not cancelled by that.
///
/// # Panics
///
/// Polled after its end, or after `work` panicked. A panic of the future goes to the caller.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use taskcell::time::{ManualClock, delay_on};
/// use taskcell::{CancellationToken, TimeoutOutcome, timeout_cooperative_on};
///
/// const SECOND: Duration = Duration::from_secs(1);
/// let clock = ManualClock::new();
/// clock.set_auto_advance(true);
/// let cleanup = async |token: CancellationToken, time| {
///     token.cancelled().await;
///     delay_on(&clock, time).await; // give everything back
/// };
/// let with = |time| timeout_cooperative_on(&clock, 10 * SECOND, 2 * SECOND, move |token| cleanup(token, time));
/// assert_eq!(clock.block_on(with(SECOND)), TimeoutOutcome::Told(()));
/// assert_eq!(clock.block_on(with(3 * SECOND)), TimeoutOutcome::Dropped);
/// ```
#[doc(alias = "TimeoutStrategy.Optimistic")]
#[doc(alias = "AddTimeout")]
#[doc(alias = "CancelAfter")]
#[inline]
pub fn timeout_cooperative_on<C, W, F>(
    clock: C,
    duration: Duration,
    grace: Duration,
    work: W,
) -> TimeoutCooperative<W, F::IntoFuture, C>
where
    C: TimeProvider,
    W: FnOnce(CancellationToken) -> F,
    F: IntoFuture,
{
    let deadline = clock.now().saturating_add(duration);
    let parent = CancellationToken::NONE;
    TimeoutCooperative { clock, deadline, grace, parent, work: Some(work), future: None, running: None }
}

/// What became of work that was given so much time.
///
/// # Examples
///
/// ```
/// use taskcell::TimeoutOutcome;
///
/// assert_eq!(TimeoutOutcome::InTime(7).in_time(), Ok(7));
/// assert!(TimeoutOutcome::Told(7).in_time().is_err()); // late, but there
/// assert_eq!(TimeoutOutcome::Told(7).into_inner(), Some(7));
/// assert_eq!(TimeoutOutcome::<u32>::Dropped.into_inner(), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeoutOutcome<T> {
    /// It ended before it was told.
    InTime(T),
    /// It ended after it was told that the time is up, or that the parent is cancelled.
    Told(T),
    /// It did not end in its grace, and was dropped.
    Dropped,
}

impl<T> TimeoutOutcome<T> {
    /// The output, in time or not.
    #[must_use]
    pub fn into_inner(self) -> Option<T> {
        match self {
            Self::InTime(output) | Self::Told(output) => Some(output),
            Self::Dropped => None,
        }
    }

    /// The output, if it was in time.
    ///
    /// # Errors
    ///
    /// It was not.
    pub fn in_time(self) -> Result<T, Elapsed> {
        match self {
            Self::InTime(output) => Ok(output),
            _ => Err(Elapsed(())),
        }
    }
}

/// The future of `timeout_cooperative` and [`timeout_cooperative_on`].
#[must_use = "futures do nothing unless you `.await` or poll them"]
#[pin_project]
pub struct TimeoutCooperative<W, F, C> {
    clock: C,
    deadline: Timestamp,
    grace: Duration,
    parent: CancellationToken,
    work: Option<W>,
    #[pin]
    future: Option<F>,
    running: Option<Running>,
}

/// What there is while the future is.
struct Running {
    source: CancellationTokenSource,
    /// Wakes when the source is cancelled, by time or by the parent.
    told: WaitForCancelledOwned,
    /// The end of the grace, once it has begun.
    grace: Option<Timer>,
    armed: bool,
}

impl Drop for Running {
    fn drop(&mut self) {
        // Other tokens would keep it armed.
        self.source.disarm();
    }
}

impl<W, F, C> TimeoutCooperative<W, F, C> {
    /// Tells the work, too, when `parent` is cancelled. Before the first poll; later it changes nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use taskcell::{CancellationTokenSource, TimeoutOutcome, timeout_cooperative};
    ///
    /// let user = CancellationTokenSource::new();
    /// user.cancel();
    /// # smol::block_on(async {
    /// let second = Duration::from_secs(1);
    /// let work = timeout_cooperative(second, second, async |_token| "done").token(&user.token());
    /// assert_eq!(work.await, TimeoutOutcome::Dropped); // not even started
    /// # });
    /// ```
    #[doc(alias = "CreateLinkedTokenSource")]
    pub fn token(mut self, parent: &CancellationToken) -> Self {
        self.parent = parent.clone();
        self
    }
}

impl<W, F, C, I> Future for TimeoutCooperative<W, I, C>
where
    W: FnOnce(CancellationToken) -> F,
    F: IntoFuture<IntoFuture = I, Output = I::Output>,
    I: Future,
    C: TimeProvider,
{
    type Output = TimeoutOutcome<I::Output>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if let Some(work) = this.work.take() {
            if this.parent.is_cancelled() {
                return Poll::Ready(TimeoutOutcome::Dropped);
            }
            let source = this.parent.child();
            let told = source.token().cancelled_owned();
            let future = work(source.token()).into_future();
            *this.running = Some(Running { source, told, grace: None, armed: false });
            this.future.set(Some(future));
        }
        let running = this.running.as_mut().expect("polled after its end");
        loop {
            let future = this.future.as_mut().as_pin_mut().expect("polled after its end");
            if let Poll::Ready(output) = future.poll(cx) {
                let told = running.source.is_cancelled();
                this.future.set(None);
                *this.running = None;
                return Poll::Ready(if told { TimeoutOutcome::Told(output) } else { TimeoutOutcome::InTime(output) });
            }
            if let Some(grace) = &mut running.grace {
                if grace.poll(this.clock, cx).is_pending() {
                    return Poll::Pending;
                }
                this.future.set(None);
                *this.running = None;
                return Poll::Ready(TimeoutOutcome::Dropped);
            }
            if !running.armed {
                running.armed = true;
                if *this.deadline != Timestamp::MAX {
                    let left = this.deadline.saturating_duration_since(this.clock.now());
                    running.source.cancel_after_on(this.clock, left);
                }
            }
            if Pin::new(&mut running.told).poll(cx).is_pending() {
                return Poll::Pending;
            }
            // It has been told. It is polled once more, whatever the grace is.
            let now = this.clock.now();
            let until = now.min(*this.deadline).saturating_add(*this.grace);
            running.grace = Some(Timer::new(if until <= now { Timestamp::ZERO } else { until }));
        }
    }
}

impl<W, F, C> fmt::Debug for TimeoutCooperative<W, F, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = self.running.as_ref().is_some_and(|running| running.source.is_cancelled());
        f.debug_struct("TimeoutCooperative").field("told", &told).finish_non_exhaustive()
    }
}
