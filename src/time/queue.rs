//! The queue of timers that a main loop or an alarm interrupt turns.

use core::task::Waker;

use super::{Alarm, Timestamp, firing};
use crate::raw::alarm_held::Served;
use crate::raw::alarm_queue::AlarmQueue;

/// Timers without a clock: whoever owns the queue says what time it is.
///
/// The building block of clocks. A main loop asks [`next_deadline`] how long it
/// may sleep, and [`turn`]s the queue when it wakes. In the steady state arming
/// allocates nothing, and costs O(log n); memory is kept for reuse, and given
/// back when a queue that held more than 2,048 timers is empty.
///
/// [`arm`] and dropping an alarm never wait: they may run in an interrupt that
/// preempted any call on the same queue, [`arm`] if the allocator may too. The
/// other calls do not wait either, they answer as said there.
///
/// Dropping the queue drops the wakers of what is armed; they are not called.
///
/// # Examples
///
/// ```
/// use core::task::Waker;
/// use taskcell::time::{TimerQueue, Timestamp};
///
/// let queue = TimerQueue::new();
/// let alarm = queue.arm(Timestamp::from_nanos(30), Waker::noop().clone());
/// assert_eq!(queue.next_deadline(), Some(Timestamp::from_nanos(30)));
/// assert_eq!(queue.turn(Timestamp::from_nanos(29)), 0);
/// assert_eq!(queue.turn(Timestamp::from_nanos(30)), 1);
/// assert!(alarm.has_fired());
/// ```
///
/// [`arm`]: TimerQueue::arm
/// [`turn`]: TimerQueue::turn
/// [`next_deadline`]: TimerQueue::next_deadline
///
/// What is armed, and what it takes:
///
/// ```
/// use core::task::Waker;
/// use taskcell::time::{TimerQueue, Timestamp};
///
/// let queue = TimerQueue::new();
/// let alarm = queue.arm(Timestamp::from_nanos(30), Waker::noop().clone());
/// assert_eq!(queue.armed(), 1);
/// assert!(queue.capacity() >= 1);
/// drop(alarm);
/// assert_eq!(queue.armed(), 0);
/// ```
#[derive(Debug)]
pub struct TimerQueue {
    queue: AlarmQueue,
}

impl TimerQueue {
    /// An empty queue: one allocation.
    pub fn new() -> Self {
        Self { queue: AlarmQueue::new(Served::Hand) }
    }

    /// Has `waker` called by the first [`turn`](TimerQueue::turn) at or after
    /// `deadline`. [`Timestamp::MAX`] is never: the waker is dropped.
    #[inline]
    pub fn arm(&self, deadline: Timestamp, waker: Waker) -> Alarm {
        if deadline == Timestamp::MAX {
            return Alarm::never();
        }
        // By hand there is nobody to call.
        self.queue.arm(deadline.as_nanos(), waker).0
    }

    /// The deadline of the timer that fires next.
    ///
    /// While another context is inside the queue it answers
    /// [`Timestamp::ZERO`], that is: look again at once. (In an interrupt that
    /// preempted it, let it run first.)
    pub fn next_deadline(&self) -> Option<Timestamp> {
        let next = match self.queue.with(|held| held.earliest()) {
            Some((earliest, _)) => Timestamp::from_nanos(earliest),
            None => Timestamp::ZERO,
        };
        (next != Timestamp::MAX).then_some(next)
    }

    /// Calls the wakers of all timers whose deadline is not after `now`, by
    /// deadline and then by order of arming, and answers how many.
    ///
    /// A waker may arm and disarm timers: a timer disarmed by an earlier one
    /// does not fire, one that is armed and due does. Ends early, firing the
    /// rest at the next turn, when it meets another context inside the queue.
    ///
    /// # Panics
    ///
    /// If a waker panics: after all others have been called (with std; else
    /// while the panic unwinds).
    pub fn turn(&self, now: Timestamp) -> usize {
        let (fired, panic) = firing::turn(&self.queue, now.as_nanos().min(u64::MAX - 1));
        firing::resume(panic);
        fired
    }

    /// How many timers are armed: neither fired nor disarmed.
    ///
    /// For diagnostics. While other contexts keep the queue busy the number is
    /// from a moment ago.
    pub fn armed(&self) -> usize {
        self.queue.armed().0
    }

    /// How many timers the queue has memory for.
    pub fn capacity(&self) -> usize {
        self.queue.capacity()
    }
}

impl Default for TimerQueue {
    fn default() -> Self {
        Self::new()
    }
}
