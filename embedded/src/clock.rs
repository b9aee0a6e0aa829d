//! The ticks of the board as a clock, whose timers the main loop fires.

use core::task::Waker;
use taskcell::TimeProvider;
use taskcell::time::{Alarm, TimerQueue, Timestamp};

/// A clock as firmware makes one: what tells the time, and a queue of timers.
#[derive(Default)]
pub struct Clock {
    timers: TimerQueue,
}

impl Clock {
    /// Fires what is due. The main loop calls it after each sleep; wakers run here, with interrupts enabled.
    pub fn turn(&self) {
        self.timers.turn(self.now());
    }

    /// When the main loop has to call [`turn`](Self::turn) at the latest.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.timers.next_deadline()
    }

    /// How many timers are armed.
    pub fn armed(&self) -> usize {
        self.timers.armed()
    }
}

impl TimeProvider for Clock {
    fn now(&self) -> Timestamp {
        crate::now().into()
    }

    fn arm(&self, deadline: Timestamp, waker: Waker) -> Alarm {
        self.timers.arm(deadline, waker)
    }
}
