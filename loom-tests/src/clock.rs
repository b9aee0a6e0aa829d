//! Clocks that are turned by hand.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Duration;
use taskcell::time::{Alarm, TimeProvider, TimerQueue, Timestamp};

/// The cheapest clock: it stands still, and is turned by hand.
#[derive(Clone, Debug, Default)]
pub struct Clock(Arc<TimerQueue>);

impl Clock {
    /// Nothing is armed.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many timers are armed.
    #[must_use]
    pub fn armed(&self) -> usize {
        self.0.armed()
    }

    /// Fires what is armed for [`SOON`].
    pub fn turn(&self) -> usize {
        self.0.turn(Timestamp::from_nanos(5))
    }
}

impl TimeProvider for Clock {
    fn now(&self) -> Timestamp {
        Timestamp::ZERO
    }
    fn arm(&self, deadline: Timestamp, waker: Waker) -> Alarm {
        self.0.arm(deadline, waker)
    }
}

/// When what is due next is due.
pub const SOON: Duration = Duration::from_nanos(5);
/// After [`SOON`].
pub const LATER: Duration = Duration::from_nanos(9);

/// A clock in two steps: it hands its wakers out, and they are called whenever. It is no part of the model, and so does
/// not hand them from thread to thread.
#[derive(Clone, Debug, Default)]
pub struct Late(Arc<Mutex<Vec<Waker>>>);

impl Late {
    /// Takes the newest waker out, if there is one.
    #[must_use]
    pub fn collect(&self) -> Option<Waker> {
        self.wakers().pop()
    }

    fn wakers(&self) -> MutexGuard<'_, Vec<Waker>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TimeProvider for Late {
    fn now(&self) -> Timestamp {
        Timestamp::ZERO
    }
    fn arm(&self, _: Timestamp, waker: Waker) -> Alarm {
        self.wakers().push(waker);
        Alarm::never()
    }
}
