//! Waiting for a point in time.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;

use super::timer::Timer;
use super::{TimeProvider, Timestamp};

/// Waits for `duration` of the system's time, counted from this call.
///
/// See [`delay_on`], which says it all.
///
/// # Examples
///
/// ```
/// # smol::block_on(async {
/// taskcell::time::delay(core::time::Duration::from_millis(5)).await;
/// # })
/// ```
#[doc(alias = "Task.Delay")]
#[doc(alias = "sleep")]
#[cfg(feature = "std")]
#[inline]
pub fn delay(duration: Duration) -> Delay<super::SystemClock> {
    delay_on(super::SystemClock, duration)
}

/// Waits for `duration` of the time of `clock`, counted from this call.
///
/// `clock` is a reference or a handle of a clock. The future arms one timer, at
/// its first poll. A zero `duration` is ready at the first poll and arms
/// nothing; one that reaches [`Timestamp::MAX`], as [`Duration::MAX`] does,
/// never is, and arms nothing either. Polled again after it was ready it is
/// ready again.
///
/// The last waker that it was polled with is woken; to poll it with another
/// costs what it costs to arm it, with the same one almost nothing.
///
/// # Cancel safety
///
/// Dropping it disarms its timer at once. Nothing is lost.
///
/// # Panics
///
/// When polled, if the clock cannot serve the timer, as a [`StaticClock`](super::StaticClock) whose timers are all in use.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use taskcell::time::{ManualClock, delay_on};
///
/// # smol::block_on(async {
/// let clock = ManualClock::new();
/// let delay = delay_on(&clock, Duration::from_secs(3));
/// clock.advance(Duration::from_secs(3));
/// delay.await;
/// # })
/// ```
#[doc(alias = "Task.Delay")]
#[inline]
pub fn delay_on<C: TimeProvider>(clock: C, duration: Duration) -> Delay<C> {
    let deadline = if duration.is_zero() { Timestamp::ZERO } else { clock.now().saturating_add(duration) };
    Delay { clock, timer: Timer::new(deadline) }
}

/// The future of [`delay_on`].
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct Delay<C> {
    clock: C,
    timer: Timer,
}

impl<C> Delay<C> {
    /// When it will be ready, in its clock's time; [`Timestamp::ZERO`] if it
    /// was ready from the start or was found ready, [`Timestamp::MAX`] if never.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use taskcell::{ManualClock, Timestamp, delay_on};
    ///
    /// let clock = ManualClock::new();
    /// clock.advance(Duration::from_secs(1));
    /// assert_eq!(delay_on(&clock, Duration::from_secs(3)).deadline(), Timestamp::from(Duration::from_secs(4)));
    /// assert_eq!(delay_on(&clock, Duration::MAX).deadline(), Timestamp::MAX);
    /// ```
    pub fn deadline(&self) -> Timestamp {
        self.timer.at()
    }

    /// Its clock.
    #[cfg(feature = "alloc")]
    pub(crate) fn clock(&self) -> &C {
        &self.clock
    }

    /// Waits for another point in time from now on; the one before is disarmed. [`Timestamp::ZERO`] is ready,
    /// [`Timestamp::MAX`] never is.
    #[cfg(feature = "alloc")]
    pub(crate) fn restart(&mut self, deadline: Timestamp) {
        self.timer.set(deadline);
    }
}

// The clock is only called by reference, never pinned.
impl<C> Unpin for Delay<C> {}

impl<C: TimeProvider> Future for Delay<C> {
    type Output = ();

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        this.timer.poll(&this.clock, cx)
    }
}

impl<C> fmt::Debug for Delay<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delay").field("deadline", &self.deadline()).field("alarm", self.timer.alarm()).finish()
    }
}
