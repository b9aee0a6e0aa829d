//! Sources without a heap that cancel themselves when a deadline has elapsed.

use super::StaticCancellationTokenSource;
use crate::time::{Alarm, TimeProvider, Timestamp};
use core::fmt;
use core::task::Waker;
use core::time::Duration;

impl<const N: usize> StaticCancellationTokenSource<N> {
    /// Cancels this source when `delay` has passed on `clock`, unless the handle is dropped before. The reason is the
    /// deadline.
    ///
    /// Zero cancels at once, in this call. [`Duration::MAX`], or anything that the clock cannot represent, is never. On a
    /// cancelled source nothing is armed. There may be several timers: the first that elapses cancels. A timer stays armed
    /// when the source is [reset](Self::try_reset), and cancels the round in which it elapses; one that elapses while the
    /// source is cancelled is over.
    ///
    /// # Panics
    ///
    /// If the clock cannot serve the timer, as a [`StaticClock`](crate::StaticClock) whose timers are all in use: arm
    /// [`deadline_waker`](Self::deadline_waker) by [`try_arm`](crate::StaticClock::try_arm) where that may be. With a delay of zero, as [`cancel`](Self::cancel). Wakers and callbacks that
    /// panic when the timer elapses are reported to `fault::set_hook`; without std the panic goes on into the clock.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[cfg(feature = "alloc")] {
    /// use core::time::Duration;
    /// use taskcell::{StaticCancellationTokenSource, time::ManualClock};
    ///
    /// static REQUEST: StaticCancellationTokenSource<2> = StaticCancellationTokenSource::new();
    ///
    /// let clock = ManualClock::new();
    /// let timer = REQUEST.cancel_after_on(&clock, Duration::from_secs(10));
    /// clock.advance(Duration::from_secs(10));
    /// assert!(REQUEST.token().reason().unwrap().is_deadline());
    /// assert!(!timer.disarm());
    /// # }
    /// ```
    #[doc(alias = "CancelAfter")]
    pub fn cancel_after_on(&'static self, clock: &(impl TimeProvider + ?Sized), delay: Duration) -> StaticTimer {
        if self.is_cancelled() {
            return StaticTimer { alarm: Some(Alarm::never()) };
        }
        if delay.is_zero() {
            self.handle().expire();
            return StaticTimer { alarm: None };
        }
        let deadline = clock.now().saturating_add(delay);
        if deadline == Timestamp::MAX {
            return StaticTimer { alarm: Some(Alarm::never()) };
        }
        StaticTimer { alarm: Some(clock.arm(deadline, self.deadline_waker())) }
    }

    /// A waker that cancels this source, for the reason of a deadline: for timer queues that are armed by hand, as
    /// [`StaticTimerQueue::arm`](crate::time::StaticTimerQueue::arm) with its answer that it is full, or for an interrupt
    /// handler.
    ///
    /// Cloning and dropping it costs nothing. Waking is cancelling: it runs the callbacks. What panics there is reported to
    /// `fault::set_hook`; without std the panic goes on into whoever wakes.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[cfg(not(loom))] {
    /// use taskcell::StaticCancellationTokenSource;
    /// use taskcell::time::{StaticTimerQueue, Timestamp};
    ///
    /// static TIMERS: StaticTimerQueue<4> = StaticTimerQueue::new();
    /// static REQUEST: StaticCancellationTokenSource<2> = StaticCancellationTokenSource::new();
    ///
    /// let alarm = TIMERS.arm(Timestamp::from_nanos(30), REQUEST.deadline_waker()).unwrap();
    /// TIMERS.turn(Timestamp::from_nanos(30));
    /// assert!(REQUEST.token().reason().unwrap().is_deadline());
    /// # drop(alarm);
    /// # }
    /// ```
    #[must_use]
    pub fn deadline_waker(&'static self) -> Waker {
        self.handle().deadline_waker()
    }
}

/// The timer of a source without a heap. One word; dropping it disarms it.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use taskcell::{ManualClock, StaticCancellationTokenSource};
///
/// static REQUEST: StaticCancellationTokenSource<2> = StaticCancellationTokenSource::new();
///
/// let clock = ManualClock::new();
/// let timer = REQUEST.cancel_after_on(&clock, Duration::from_secs(10));
/// assert!(timer.disarm()); // the answer came in time
/// clock.advance(Duration::from_secs(10));
/// assert!(!REQUEST.is_cancelled());
/// ```
#[must_use = "dropping a timer disarms it"]
pub struct StaticTimer {
    /// `None`: it has cancelled at once.
    alarm: Option<Alarm>,
}

impl StaticTimer {
    /// Disarms the timer, as dropping it does. True: it will never cancel. False: it has elapsed, and has cancelled its
    /// source or is about to.
    pub fn disarm(self) -> bool {
        self.alarm.is_some_and(Alarm::disarm)
    }
}

impl fmt::Debug for StaticTimer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let has_elapsed = self.alarm.as_ref().is_none_or(Alarm::has_fired);
        f.debug_struct("StaticTimer").field("has_elapsed", &has_elapsed).finish()
    }
}
