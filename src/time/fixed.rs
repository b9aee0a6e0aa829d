//! The queue of timers for firmware without a heap.

use core::error::Error;
use core::fmt;
use core::task::Waker;

use super::{Alarm, Timestamp};
use crate::raw::alarm_fixed::FixedAlarms;
use crate::shim::thread;

/// A queue of at most `N` timers, for a `static`; the twin of `TimerQueue`
/// without a heap.
///
/// Nothing in it waits or disables interrupts: an interrupt may arm, disarm and
/// turn while it preempts any other call. Arming walks over the `N` entries. On
/// 32 bits it takes 24 bytes, and 64 for each entry.
///
/// With a function that tells the time it is a [`StaticClock`](super::StaticClock), which
/// everything that waits takes.
///
/// # Examples
///
/// ```
/// # #[cfg(not(loom))] {
/// use core::task::Waker;
/// use taskcell::time::{StaticTimerQueue, Timestamp};
///
/// static TIMERS: StaticTimerQueue<4> = StaticTimerQueue::new();
///
/// let alarm = TIMERS.arm(Timestamp::from_nanos(30), Waker::noop().clone()).unwrap();
/// assert_eq!(TIMERS.turn(Timestamp::from_nanos(30)), 1);
/// assert!(alarm.has_fired());
/// # }
/// ```
///
/// The part of a main loop that knows how long it may sleep:
///
/// ```
/// # #[cfg(not(loom))] {
/// use core::task::Waker;
/// use taskcell::time::{StaticTimerQueue, Timestamp};
///
/// static TIMERS: StaticTimerQueue<4> = StaticTimerQueue::new();
///
/// let alarm = TIMERS.arm(Timestamp::from_nanos(30), Waker::noop().clone()).unwrap();
/// assert_eq!(TIMERS.next_deadline(), Some(Timestamp::from_nanos(30)));
/// assert_eq!(TIMERS.armed(), 1);
/// alarm.disarm();
/// assert_eq!(TIMERS.next_deadline(), None); // until something wakes it
/// # }
/// ```
#[derive(Debug)]
pub struct StaticTimerQueue<const N: usize> {
    alarms: FixedAlarms<N>,
}

impl<const N: usize> StaticTimerQueue<N> {
    /// An empty queue. With no entry it does not compile.
    #[cfg(not(loom))]
    pub const fn new() -> Self {
        Self { alarms: FixedAlarms::new() }
    }

    /// An empty queue.
    #[cfg(loom)]
    pub fn new() -> Self {
        Self { alarms: FixedAlarms::new() }
    }

    /// Has `waker` called by the first [`turn`](StaticTimerQueue::turn) at or
    /// after `deadline`. [`Timestamp::MAX`] is never, and takes no entry.
    ///
    /// # Errors
    ///
    /// [`QueueFull`], with the waker, if `N` timers are out: armed, or fired
    /// while their alarms live. An interrupt that preempts a call on this queue,
    /// or a thread beside one, may also find entries in use whose alarms have
    /// just gone.
    pub fn arm(&'static self, deadline: Timestamp, waker: Waker) -> Result<Alarm, QueueFull> {
        if deadline == Timestamp::MAX {
            return Ok(Alarm::never());
        }
        self.alarms.arm(deadline.as_nanos(), waker).map_err(QueueFull)
    }

    /// The deadline of the timer that fires next. While another context is
    /// inside the queue, [`Timestamp::ZERO`]: look again when it has left.
    pub fn next_deadline(&'static self) -> Option<Timestamp> {
        self.earliest().unwrap_or(Some(Timestamp::ZERO))
    }

    /// The same; nothing while another context is inside.
    pub(super) fn earliest(&'static self) -> Option<Option<Timestamp>> {
        let next = self.alarms.earliest()?;
        Some((next != u64::MAX).then_some(Timestamp::from_nanos(next)))
    }

    /// Calls the wakers of all timers whose deadline is not after `now`, by
    /// deadline and then by order of arming, and answers how many. Ends early,
    /// firing the rest at the next turn, when it meets another context inside.
    ///
    /// # Panics
    ///
    /// If a waker panics: after all others have been called (with std; else
    /// while the panic unwinds).
    pub fn turn(&'static self, now: Timestamp) -> usize {
        let limit = now.as_nanos().min(u64::MAX - 1);
        let mut fired = 0;
        let panic = thread::run_all(|| {
            let Some(waker) = self.alarms.pop_due(limit) else { return false };
            fired += 1;
            waker.wake();
            true
        });
        super::firing::resume(panic);
        fired
    }

    /// How many timers are armed: neither fired nor disarmed.
    pub fn armed(&self) -> usize {
        self.alarms.armed()
    }
}

impl<const N: usize> Default for StaticTimerQueue<N> {
    fn default() -> Self {
        Self::new()
    }
}

/// All entries of a [`StaticTimerQueue`] are in use.
///
/// # Examples
///
/// ```
/// # #[cfg(not(loom))] {
/// use core::task::Waker;
/// use taskcell::time::{StaticTimerQueue, Timestamp};
///
/// static TIMERS: StaticTimerQueue<1> = StaticTimerQueue::new();
///
/// let at = Timestamp::from_nanos(30);
/// let first = TIMERS.arm(at, Waker::noop().clone());
/// let full = TIMERS.arm(at, Waker::noop().clone()).unwrap_err();
/// let waker = full.into_inner(); // for another queue, or to be woken now
/// waker.wake();
/// # drop(first);
/// # }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct QueueFull(Waker);

impl QueueFull {
    /// The waker that could not be armed.
    pub fn into_inner(self) -> Waker {
        self.0
    }
}

impl fmt::Display for QueueFull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("all timers of the queue are in use")
    }
}

impl Error for QueueFull {}
