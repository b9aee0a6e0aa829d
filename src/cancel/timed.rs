//! Sources that cancel themselves when a deadline has elapsed.

use super::CancellationTokenSource;
use crate::raw::reason::Word;
#[cfg(feature = "std")]
use crate::time::SystemClock;
use crate::time::{TimeProvider, Timestamp};
use core::time::Duration;

impl CancellationTokenSource {
    /// A source that is cancelled when `delay` has passed, on the default clock. See [`cancel_after`](Self::cancel_after).
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use taskcell::CancellationTokenSource;
    ///
    /// let source = CancellationTokenSource::with_timeout(Duration::from_millis(1));
    /// # smol::block_on(async {
    /// source.token().cancelled().await;
    /// # });
    /// assert!(source.token().reason().unwrap().is_deadline());
    /// ```
    #[cfg(feature = "std")]
    #[must_use]
    pub fn with_timeout(delay: Duration) -> Self {
        Self::with_timeout_on(&SystemClock, delay)
    }

    /// A source that is cancelled when `delay` has passed on `clock`. Zero: it is born cancelled.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use taskcell::{CancellationTokenSource, ManualClock};
    ///
    /// let clock = ManualClock::new();
    /// let source = CancellationTokenSource::with_timeout_on(&clock, Duration::from_secs(3));
    /// clock.advance(Duration::from_secs(3));
    /// assert!(source.is_cancelled());
    /// ```
    #[must_use]
    pub fn with_timeout_on(clock: &(impl TimeProvider + ?Sized), delay: Duration) -> Self {
        let source = Self::new();
        source.cancel_after_on(clock, delay);
        source
    }

    /// Cancels the source when `delay` has passed on the default clock, in the place of the deadline set before, if any.
    ///
    /// Zero cancels at once, on this thread. [`Duration::MAX`], or anything that the clock cannot represent, is never, and
    /// only disarms. On a cancelled source it does nothing.
    ///
    /// The timer stands for a source: as long as a token, waiter, child or
    /// [detached](crate::Registration::detach) callback is there it fires, even if every source handle is gone. With the last
    /// of them it goes. A timer that was put off or disarmed never cancels, however late its clock calls
    /// its waker. The first timer of a source is one allocation; arming again allocates nothing in the steady state, and
    /// disarming takes no lock.
    ///
    /// # Panics
    ///
    /// If the clock cannot serve the timer; see [`SystemClock`]. No timer is armed then. Callbacks that panic on the timer's
    /// thread are reported to [`fault::set_hook`](crate::fault::set_hook).
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use taskcell::CancellationTokenSource;
    ///
    /// let source = CancellationTokenSource::new();
    /// source.cancel_after(Duration::from_secs(30));
    /// source.cancel_after(Duration::from_secs(60)); // in the place of the first
    /// assert!(!source.is_cancelled());
    /// source.cancel_after(Duration::ZERO);
    /// assert!(source.is_cancelled());
    /// ```
    #[cfg(feature = "std")]
    #[doc(alias = "CancelAfter")]
    pub fn cancel_after(&self, delay: Duration) {
        self.cancel_after_on(&SystemClock, delay);
    }

    /// `cancel_after` on `clock`.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use taskcell::{CancellationTokenSource, time::ManualClock};
    ///
    /// let clock = ManualClock::new();
    /// let source = CancellationTokenSource::new();
    /// source.cancel_after_on(&clock, Duration::from_secs(10));
    /// clock.advance(Duration::from_secs(9));
    /// assert!(!source.is_cancelled());
    /// clock.advance(Duration::from_secs(1));
    /// assert!(source.token().reason().unwrap().is_deadline());
    /// ```
    #[doc(alias = "CancelAfter")]
    pub fn cancel_after_on(&self, clock: &(impl TimeProvider + ?Sized), delay: Duration) {
        if self.is_cancelled() {
            return;
        }
        if delay.is_zero() {
            self.source.cancel(Word::DEADLINE);
            return;
        }
        let deadline = clock.now().saturating_add(delay);
        if deadline == Timestamp::MAX {
            self.disarm();
            return;
        }
        if let Some((arming, waker)) = self.source.begin_timer() {
            arming.end(clock.arm(deadline, waker));
        }
    }

    /// Disarms the timer. True: one was armed, and will never cancel. False: there was none, or it has cancelled, perhaps at
    /// this moment.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use taskcell::{CancellationTokenSource, ManualClock};
    ///
    /// let clock = ManualClock::new();
    /// let source = CancellationTokenSource::with_timeout_on(&clock, Duration::from_secs(3));
    /// assert!(source.disarm());
    /// clock.advance(Duration::MAX);
    /// assert!(!source.is_cancelled() && !source.disarm());
    /// ```
    pub fn disarm(&self) -> bool {
        self.source.disarm()
    }
}
