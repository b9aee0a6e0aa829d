//! What a clock must do.

use core::task::Waker;

use super::{Alarm, Timestamp};

/// A clock that wakes wakers at deadlines.
///
/// The trait is object-safe, and implemented for `&C`, `Box<C>` and `Arc<C>`.
/// The usual way to implement it is to own a [`TimerQueue`](super::TimerQueue),
/// pass `arm` on to it, and [`turn`](super::TimerQueue::turn) it when time
/// passes.
///
/// An implementation:
///
/// * MUST be monotonic: `now` never goes back, on any thread, and never panics.
/// * MUST call the waker at or after the deadline, exactly once, unless the
///   alarm is disarmed or dropped first; never before. A deadline that has
///   passed already counts as due: it MUST be called promptly, and MAY be called
///   before `arm` returns. A clock that jumps far ahead calls each due waker
///   once.
/// * MUST NOT call or keep the waker for [`Timestamp::MAX`], which is never; it
///   answers [`Alarm::never`].
/// * MUST NOT call, clone or drop any waker while it holds a lock, critical
///   section or anything else that `arm`, `now` or dropping an alarm may want: a
///   waker may do all of these from inside `wake`, and may panic, which MUST NOT
///   keep other timers from firing.
/// * MUST call wakers in the order of their deadlines, those of one deadline in
///   the order in which they were armed, as far as one thread can see it.
/// * SHOULD NOT allocate for each `arm` in the steady state.
/// * MUST NOT lose a timer silently: if it cannot be served, `arm` panics.
///
/// Disarming takes no lock and waits for nobody, since it is the alarm's work,
/// not the clock's.
///
/// # Examples
///
/// A clock of a program's own, which runs twice as fast as another:
///
/// ```
/// use core::task::Waker;
/// use core::time::Duration;
/// use taskcell::time::{Alarm, ManualClock, TimeProvider, Timestamp};
///
/// struct Hurried<C>(C);
///
/// impl<C: TimeProvider> TimeProvider for Hurried<C> {
///     fn now(&self) -> Timestamp {
///         Timestamp::from_nanos(self.0.now().as_nanos().saturating_mul(2))
///     }
///
///     fn arm(&self, deadline: Timestamp, waker: Waker) -> Alarm {
///         let deadline = match deadline {
///             Timestamp::MAX => Timestamp::MAX, // never stays never
///             due => Timestamp::from_nanos(due.as_nanos().div_ceil(2)), // never too early
///         };
///         self.0.arm(deadline, waker)
///     }
/// }
///
/// let clock = ManualClock::new();
/// let hurried = Hurried(clock.clone());
/// let alarm = hurried.arm(Timestamp::from(Duration::from_secs(2)), Waker::noop().clone());
/// clock.advance(Duration::from_secs(1));
/// assert!(alarm.has_fired());
/// ```
#[doc(alias = "ITimer")]
#[doc(alias = "CreateTimer")]
#[doc(alias = "FakeTimeProvider")]
pub trait TimeProvider: Send + Sync {
    /// The time since this clock's start.
    #[doc(alias = "GetTimestamp")]
    #[doc(alias = "GetUtcNow")]
    fn now(&self) -> Timestamp;

    /// Has `waker` called once, at or after `deadline`, unless the alarm that
    /// this returns is disarmed or dropped first.
    fn arm(&self, deadline: Timestamp, waker: Waker) -> Alarm;
}

impl<C: TimeProvider + ?Sized> TimeProvider for &C {
    #[inline]
    fn now(&self) -> Timestamp {
        (**self).now()
    }

    #[inline]
    fn arm(&self, deadline: Timestamp, waker: Waker) -> Alarm {
        (**self).arm(deadline, waker)
    }
}

#[cfg(feature = "alloc")]
impl<C: TimeProvider + ?Sized> TimeProvider for alloc::boxed::Box<C> {
    #[inline]
    fn now(&self) -> Timestamp {
        (**self).now()
    }

    #[inline]
    fn arm(&self, deadline: Timestamp, waker: Waker) -> Alarm {
        (**self).arm(deadline, waker)
    }
}

#[cfg(feature = "alloc")]
impl<C: TimeProvider + ?Sized> TimeProvider for crate::shim::heap::Arc<C> {
    #[inline]
    fn now(&self) -> Timestamp {
        (**self).now()
    }

    #[inline]
    fn arm(&self, deadline: Timestamp, waker: Waker) -> Alarm {
        (**self).arm(deadline, waker)
    }
}
