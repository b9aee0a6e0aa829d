//! A clock for firmware: a queue in a `static`, and the functions that know the hardware.
//!
//! The alarm has to be set to the deadline that is next, though contexts change the queue while others set the alarm. So
//! one at a time sets it, whoever is first; those who come meanwhile count up, and go; the one looks again until nobody
//! has come (1). Whoever changes the queue comes here afterwards (2): so one who finds another context inside the queue
//! need not wait for its answer.

use core::fmt;
use core::task::Waker;

use super::{Alarm, QueueFull, StaticTimerQueue, TimeProvider, Timestamp};
use crate::shim::atomic::{AtomicUsize, Ordering};

/// A clock made of a [`StaticTimerQueue`], a function that tells the time, and perhaps one that sets the alarm of a
/// hardware timer. Four words, for a `static`; whatever waits for time takes a reference to it.
///
/// Whoever has a periodic tick calls [`turn`](Self::turn) in its handler, and needs no alarm. Whoever sleeps until
/// something is due gives one, by [`with_alarm`](Self::with_alarm), and calls [`turn`](Self::turn) when it goes off.
///
/// Nothing in it waits or disables interrupts: an interrupt may arm, disarm and turn while it preempts any other call.
///
/// Whatever waits panics if all `N` timers are in use when it begins to: give the queue as many as can be out at once.
/// [`try_arm`](Self::try_arm) answers instead.
///
/// # Examples
///
/// A board whose timer ticks a thousand times a second:
///
/// ```
/// # #[cfg(not(loom))] {
/// use core::sync::atomic::{AtomicU32, Ordering};
/// use core::time::Duration;
/// use taskcell::{StaticClock, StaticTimerQueue, Timestamp, delay_on};
///
/// static TICKS: AtomicU32 = AtomicU32::new(0);
/// static TIMERS: StaticTimerQueue<4> = StaticTimerQueue::new();
/// static CLOCK: StaticClock<4> = StaticClock::new(&TIMERS, now);
///
/// fn now() -> Timestamp {
///     Duration::from_millis(TICKS.load(Ordering::Relaxed).into()).into() // for 49 days
/// }
///
/// /// The handler of its interrupt.
/// fn on_tick() {
///     TICKS.store(TICKS.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
///     CLOCK.turn();
/// }
///
/// let blink = delay_on(&CLOCK, Duration::from_millis(3));
/// # let ticks = async { (0..3).for_each(|_| on_tick()) };
/// # smol::block_on(taskcell::few::when_all((blink, ticks)));
/// # }
/// ```
pub struct StaticClock<const N: usize> {
    queue: &'static StaticTimerQueue<N>,
    now: fn() -> Timestamp,
    set_alarm: Option<fn(Option<Timestamp>)>,
    /// How many have come to set the alarm since one began to; zero if nobody does.
    comers: AtomicUsize,
}

impl<const N: usize> StaticClock<N> {
    /// The clock of the timers in `queue`, which nobody else may use. `now` must not go back, must not panic, and may be
    /// called from every context that uses the clock.
    ///
    /// A hardware counter of few bits has to be extended to a count that does not start anew.
    #[cfg(not(loom))]
    #[must_use]
    pub const fn new(queue: &'static StaticTimerQueue<N>, now: fn() -> Timestamp) -> Self {
        Self { queue, now, set_alarm: None, comers: AtomicUsize::new(0) }
    }

    /// The clock of the timers in `queue`, which nobody else may use.
    #[cfg(loom)]
    #[must_use]
    pub fn new(queue: &'static StaticTimerQueue<N>, now: fn() -> Timestamp) -> Self {
        Self { queue, now, set_alarm: None, comers: AtomicUsize::new(0) }
    }

    /// Has `set_alarm` called with the next deadline, or `None` if nothing is armed, whenever that may have changed; it
    /// sets the hardware timer, in place of what it was set to.
    ///
    /// When the timer goes off [`turn`](Self::turn) must be called, from its interrupt or from a loop that the interrupt
    /// wakes. It may go off early, as a counter of few bits must, but not later than it was told: a deadline that has
    /// passed is due at once, so make the interrupt pending.
    ///
    /// `set_alarm` may be called from every context that uses the clock, but one call at a time, never inside another:
    /// an interrupt that arms a timer while it is being called leaves the work to the call that it has preempted. It must
    /// not panic.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[cfg(not(loom))] {
    /// use core::task::Waker;
    /// use taskcell::{StaticClock, StaticTimerQueue, TimeProvider, Timestamp};
    /// # mod timer {
    /// #     use core::sync::atomic::{AtomicU64, Ordering};
    /// #     pub static COUNT: AtomicU64 = AtomicU64::new(0);
    /// #     pub static COMPARE: AtomicU64 = AtomicU64::new(0);
    /// #     pub fn count() -> u64 { COUNT.load(Ordering::SeqCst) }
    /// #     pub fn compare(at: u64) { COMPARE.store(at, Ordering::SeqCst) }
    /// #     pub fn stop() { COMPARE.store(0, Ordering::SeqCst) }
    /// # }
    ///
    /// static TIMERS: StaticTimerQueue<4> = StaticTimerQueue::new();
    /// static CLOCK: StaticClock<4> = StaticClock::new(&TIMERS, now).with_alarm(set_alarm);
    ///
    /// fn now() -> Timestamp {
    ///     Timestamp::from_nanos(timer::count() * 1_000) // it counts microseconds
    /// }
    ///
    /// fn set_alarm(next: Option<Timestamp>) {
    ///     match next {
    ///         Some(at) => timer::compare(at.as_nanos().div_ceil(1_000)),
    ///         None => timer::stop(),
    ///     }
    /// }
    ///
    /// let alarm = CLOCK.arm(Timestamp::from_nanos(5_000), Waker::noop().clone());
    /// # assert_eq!(timer::COMPARE.load(core::sync::atomic::Ordering::SeqCst), 5);
    /// # timer::COUNT.store(5, core::sync::atomic::Ordering::SeqCst);
    /// // Later, in the handler of its interrupt:
    /// assert_eq!(CLOCK.turn(), 1);
    /// # assert_eq!(timer::COMPARE.load(core::sync::atomic::Ordering::SeqCst), 0);
    /// # }
    /// ```
    #[must_use]
    pub const fn with_alarm(mut self, set_alarm: fn(Option<Timestamp>)) -> Self {
        self.set_alarm = Some(set_alarm);
        self
    }

    /// Calls the wakers of all timers that are due now, and answers how many; then the alarm is set.
    ///
    /// It ends early when it meets another context inside the queue, which it has preempted, say: that one sets the alarm
    /// to what is due when it leaves; without an alarm the next tick fires the rest.
    ///
    /// # Panics
    ///
    /// If a waker panics: after all others have been called (with std; else while the panic unwinds).
    pub fn turn(&self) -> usize {
        let _alarm = Settle(self);
        self.queue.turn((self.now)())
    }

    /// Arms a timer, as [`arm`](TimeProvider::arm) does, but does not panic.
    ///
    /// # Errors
    ///
    /// [`QueueFull`], with the waker, as [`StaticTimerQueue::arm`] says.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[cfg(not(loom))] {
    /// use core::task::Waker;
    /// use taskcell::{StaticClock, StaticTimerQueue, Timestamp};
    ///
    /// static TIMERS: StaticTimerQueue<1> = StaticTimerQueue::new();
    /// static CLOCK: StaticClock<1> = StaticClock::new(&TIMERS, || Timestamp::ZERO);
    ///
    /// let at = Timestamp::from_nanos(30);
    /// let alarm = CLOCK.try_arm(at, Waker::noop().clone());
    /// assert!(alarm.is_ok() && CLOCK.armed() == 1);
    /// assert!(CLOCK.try_arm(at, Waker::noop().clone()).is_err()); // all timers are in use
    /// # }
    /// ```
    pub fn try_arm(&self, deadline: Timestamp, waker: Waker) -> Result<Alarm, QueueFull> {
        let alarm = self.queue.arm(deadline, waker);
        self.settle();
        alarm
    }

    /// How many timers are armed: neither fired nor disarmed.
    #[must_use]
    pub fn armed(&self) -> usize {
        self.queue.armed()
    }

    /// Tells the alarm what comes next.
    fn settle(&self) {
        let Some(set_alarm) = self.set_alarm else { return };
        // ORDERING: Release shows the change of the queue to the one who looks again. Acquire orders the calls of
        // `set_alarm` after those of the one before.
        if self.comers.fetch_add(1, Ordering::AcqRel) != 0 {
            return;
        }
        let mut seen = 1;
        loop {
            // Otherwise another context is inside the queue, and will come (2).
            if let Some(next) = self.queue.earliest() {
                set_alarm(next);
            }
            // ORDERING: Release hands the alarm to the next one. Acquire sees the changes of those who have come (1).
            match self.comers.compare_exchange(seen, 0, Ordering::Release, Ordering::Acquire) {
                Ok(_) => return,
                Err(more) => seen = more,
            }
        }
    }
}

/// Tells the alarm what comes next when it is dropped: also while a waker's panic unwinds.
struct Settle<'a, const N: usize>(&'a StaticClock<N>);

impl<const N: usize> Drop for Settle<'_, N> {
    fn drop(&mut self) {
        self.0.settle();
    }
}

impl<const N: usize> TimeProvider for StaticClock<N> {
    fn now(&self) -> Timestamp {
        (self.now)()
    }

    /// # Panics
    ///
    /// If all `N` timers are in use; see [`try_arm`](StaticClock::try_arm).
    fn arm(&self, deadline: Timestamp, waker: Waker) -> Alarm {
        match self.try_arm(deadline, waker) {
            Ok(alarm) => alarm,
            // Not by `expect`: what prints a waker need not be on the board.
            Err(_) => panic!("more timers are in use than the queue has room for"),
        }
    }
}

impl<const N: usize> fmt::Debug for StaticClock<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaticClock").field("armed", &self.armed()).field("capacity", &N).finish()
    }
}
