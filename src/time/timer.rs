//! One timer at a time, on a clock that somebody else holds.

use core::task::{Context, Poll};

use super::{Alarm, TimeProvider, Timestamp};

/// What is left to wait for, and the alarm that tells.
pub(crate) struct Timer {
    /// `ZERO` is ready, `MAX` never is.
    at: Timestamp,
    alarm: Alarm,
}

impl Timer {
    /// Ready at `at`; it is armed at the first poll that has to wait.
    #[inline]
    pub(crate) const fn new(at: Timestamp) -> Self {
        Self { at, alarm: Alarm::never() }
    }

    /// What is armed.
    pub(crate) const fn alarm(&self) -> &Alarm {
        &self.alarm
    }

    /// When it is ready, `ZERO` once it was found to be.
    #[inline]
    pub(crate) const fn at(&self) -> Timestamp {
        self.at
    }

    /// Another time; what is armed goes.
    #[inline]
    pub(crate) fn set(&mut self, at: Timestamp) {
        self.at = at;
        // Last, since a foreign waker's drop may panic.
        drop(core::mem::replace(&mut self.alarm, Alarm::never()));
    }

    /// Ready at its time, and ready again; until then the last waker given is woken.
    #[inline]
    pub(crate) fn poll(&mut self, clock: &(impl TimeProvider + ?Sized), cx: &mut Context<'_>) -> Poll<()> {
        if self.at == Timestamp::ZERO {
            return Poll::Ready(());
        }
        if self.at == Timestamp::MAX {
            return Poll::Pending;
        }
        if !self.alarm.has_fired() {
            if self.alarm.will_wake(cx.waker()) {
                return Poll::Pending;
            }
            // The old alarm goes first: a replaced waker is never woken. It may
            // have fired since; then the one below is late, and fires at once.
            drop(core::mem::replace(&mut self.alarm, Alarm::never()));
            self.alarm = clock.arm(self.at, cx.waker().clone());
            if !self.alarm.has_fired() {
                return Poll::Pending;
            }
        }
        self.at = Timestamp::ZERO;
        // Last, since a foreign waker's drop may panic.
        drop(core::mem::replace(&mut self.alarm, Alarm::never()));
        Poll::Ready(())
    }
}
