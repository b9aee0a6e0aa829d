//! The clock that tests advance.

use core::fmt;
use core::task::Waker;
use core::time::Duration;

use super::{Alarm, TimeProvider, Timestamp, firing};
use crate::raw::alarm_held::{Call, Served};
use crate::raw::alarm_queue::AlarmQueue;
use crate::shim::atomic::{AtomicBool, Ordering};
use crate::shim::heap::Arc;
use crate::shim::thread;

/// A clock that stands still until it is told to advance; for tests.
///
/// It starts at [`Timestamp::ZERO`]. A clone is another handle of the same
/// clock. Everything is deterministic: timers fire on the thread that advances,
/// by deadline and then by order of arming, and while one fires the clock reads
/// its deadline.
///
/// A timer that is armed at a deadline that has passed fires before `arm`
/// returns, or, if the clock is being advanced at that moment, in that advance.
///
/// Unlike the rest of the crate, the calls of this type wait for another thread
/// that is inside the clock for the moment; never while a waker runs.
///
/// The [guide](crate::guide::testing_with_manual_clock) has recipes.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use taskcell::time::{ManualClock, TimeProvider, Timestamp};
///
/// let clock = ManualClock::new();
/// clock.advance(Duration::from_millis(5));
/// assert_eq!(clock.now(), Timestamp::ZERO.saturating_add(Duration::from_millis(5)));
/// ```
///
/// Step by step, or by itself:
///
/// ```
/// use core::time::Duration;
/// use taskcell::time::{ManualClock, TimeProvider, Timestamp, delay_on};
///
/// let clock = ManualClock::new();
/// let source = taskcell::CancellationTokenSource::with_timeout_on(&clock, Duration::from_secs(3));
/// assert_eq!((clock.armed(), clock.next_deadline()), (1, Some(Duration::from_secs(3).into())));
/// assert!(clock.advance_to_next() && source.is_cancelled());
/// assert!(!clock.advance_to_next()); // nothing is armed
/// clock.advance_to(Timestamp::from(Duration::from_secs(60)));
///
/// clock.set_auto_advance(true);
/// assert!(clock.auto_advance());
/// clock.block_on(delay_on(&clock, Duration::from_secs(3600))); // takes no time at all
/// assert_eq!(clock.now(), Timestamp::from(Duration::from_secs(3660)));
/// ```
#[doc(alias = "FakeTimeProvider")]
#[doc(alias = "ManualTimeProvider")]
#[derive(Clone)]
pub struct ManualClock {
    shared: Arc<Shared>,
}

struct Shared {
    queue: AlarmQueue,
    auto_advance: AtomicBool,
}

impl ManualClock {
    /// A clock at [`Timestamp::ZERO`].
    pub fn new() -> Self {
        let queue = AlarmQueue::new(Served::Clock);
        Self { shared: Arc::new(Shared { queue, auto_advance: AtomicBool::new(false) }) }
    }

    /// Advances the clock by `by`, firing what becomes due, and answers how many
    /// timers fired. Time saturates short of [`Timestamp::MAX`].
    ///
    /// Timers that wakers arm meanwhile and that are due fire too; those that
    /// they disarm do not. Called from inside a waker it advances from the
    /// deadline of the timer that fires.
    ///
    /// # Panics
    ///
    /// If a waker panics: after all others have been called (with std; else
    /// while the panic unwinds).
    #[doc(alias = "Advance")]
    pub fn advance(&self, by: Duration) -> usize {
        self.advance_to(self.now().saturating_add(by))
    }

    /// Advances the clock to `target`, as [`advance`](ManualClock::advance).
    /// A target in the past fires what is due and leaves the time as it is.
    #[doc(alias = "SetUtcNow")]
    pub fn advance_to(&self, target: Timestamp) -> usize {
        self.fire(target.as_nanos().min(u64::MAX - 1))
    }

    /// Advances to the deadline of the timer that fires next, and fires all
    /// that are due then. False, and nothing happens, if none is armed.
    pub fn advance_to_next(&self) -> bool {
        match self.next_deadline() {
            Some(next) => {
                self.advance_to(next);
                true
            }
            None => false,
        }
    }

    /// Says whether the clock advances by itself when
    /// `block_on` has nothing else to do. Off at first.
    #[doc(alias = "AutoAdvanceAmount")]
    pub fn set_auto_advance(&self, on: bool) {
        // ORDERING: a switch that guards no data.
        self.shared.auto_advance.store(on, Ordering::Relaxed);
    }

    /// Whether the clock advances by itself.
    pub fn auto_advance(&self) -> bool {
        // ORDERING: a switch that guards no data.
        self.shared.auto_advance.load(Ordering::Relaxed)
    }

    /// The deadline of the timer that fires next.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        let (next, call) = self.shared.queue.wait_with(|held| held.earliest());
        self.answer(call);
        (next != u64::MAX).then_some(Timestamp::from_nanos(next))
    }

    /// How many timers are armed: neither fired nor disarmed.
    pub fn armed(&self) -> usize {
        let (armed, call) = self.shared.queue.wait_with(|held| held.armed());
        self.answer(call);
        armed
    }

    fn fire(&self, target: u64) -> usize {
        let queue = &self.shared.queue;
        let ((), _) = queue.wait_with(|held| held.start_firing());
        let mut fired = 0;
        let panic = thread::run_all(|| {
            let (waker, call) = queue.wait_with(|held| match held.pop_due(target.max(held.now)) {
                Some((deadline, waker)) => {
                    held.now = held.now.max(deadline);
                    Some(waker)
                }
                None => {
                    held.now = held.now.max(target);
                    held.stop_firing();
                    None
                }
            });
            let Some(waker) = waker else {
                // Listed while the last visit ended, and due: it is ours.
                let late = matches!(call, Call::Turn);
                if late {
                    let ((), _) = queue.wait_with(|held| held.start_firing());
                }
                return late;
            };
            fired += 1;
            waker.wake();
            true
        });
        firing::resume(panic);
        fired
    }

    #[inline]
    fn answer(&self, call: Call) {
        if matches!(call, Call::Turn) {
            self.fire(0);
        }
    }
}

impl TimeProvider for ManualClock {
    fn now(&self) -> Timestamp {
        let (now, call) = self.shared.queue.wait_with(|held| held.now);
        self.answer(call);
        Timestamp::from_nanos(now)
    }

    #[inline]
    fn arm(&self, deadline: Timestamp, waker: Waker) -> Alarm {
        if deadline == Timestamp::MAX {
            return Alarm::never();
        }
        let (alarm, call) = self.shared.queue.arm(deadline.as_nanos(), waker);
        self.answer(call);
        alarm
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ManualClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManualClock").field("auto_advance", &self.auto_advance()).finish_non_exhaustive()
    }
}
