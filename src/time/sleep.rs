//! A clock from any sleep function.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;

use pin_project::pin_project;

use super::{Alarm, TimeProvider, Timestamp, firing};
use crate::raw::alarm_held::{Call, Driver, Nap, Served};
use crate::raw::alarm_queue::AlarmQueue;
use crate::shim::heap::Arc;
use crate::shim::thread;

/// Rounds of firing after which the driver lets its executor run others.
const ROUNDS: usize = 16;

/// A clock whose timers are fired by a future that you spawn.
///
/// `now` tells the time since some start, and must never go back; `sleep` gives
/// a future that ends after a duration, such as a timer of your executor. All
/// timers share one such future: whoever runs [`run`](SleepClock::run) sleeps
/// until the next deadline, and starts a new sleep when an earlier one is armed.
/// As long as nobody does, nothing fires.
///
/// A clone is another handle of the same clock.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use std::time::Instant;
/// use taskcell::time::{SleepClock, delay_on};
///
/// let start = Instant::now();
/// let clock = SleepClock::new(move || start.elapsed(), smol::Timer::after);
/// smol::spawn(clock.run()).detach();
/// smol::block_on(delay_on(&clock, Duration::from_millis(5)));
/// ```
///
/// On an executor of one's own, with the driver beside the rest:
///
/// ```
/// use core::time::Duration;
/// use futures_util::future::{Either, select};
/// use std::time::Instant;
/// use taskcell::time::{SleepClock, delay_on};
///
/// let start = Instant::now();
/// let clock = SleepClock::new(move || start.elapsed(), smol::Timer::after);
/// # smol::block_on(async {
/// let work = delay_on(&clock, Duration::from_millis(5));
/// let Either::Right(((), driver)) = select(clock.run(), work).await else { panic!("the driver goes on") };
/// assert_eq!(clock.armed(), 0);
/// # drop(driver);
/// # });
/// ```
pub struct SleepClock<N, S> {
    handles: Arc<Handles<N, S>>,
}

/// What the clock's handles share; gone with the last of them.
struct Handles<N, S>(Arc<Shared<N, S>>);

struct Shared<N, S> {
    queue: AlarmQueue,
    now: N,
    sleep: S,
}

impl<N, S, F> SleepClock<N, S>
where
    N: Fn() -> Duration + Send + Sync,
    S: Fn(Duration) -> F + Send + Sync,
    F: Future,
{
    /// A clock that reads `now` and sleeps by `sleep`.
    pub fn new(now: N, sleep: S) -> Self {
        let queue = AlarmQueue::new(Served::Driver(Driver::Running));
        let shared = Shared { queue, now, sleep };
        Self { handles: Arc::new(Handles(Arc::new(shared))) }
    }

    /// The future that fires the timers. Spawn it, once.
    ///
    /// It ends when all handles of the clock are gone and nothing is armed. Of
    /// two drivers only the one polled last is sure to be woken.
    pub fn run(&self) -> SleepDriver<N, S, F> {
        SleepDriver { shared: self.handles.0.clone(), until: u64::MAX, nap: None }
    }

    /// How many timers are armed: neither fired nor disarmed.
    ///
    /// For diagnostics; while other threads arm and disarm the number is from a
    /// moment ago.
    pub fn armed(&self) -> usize {
        let (armed, call) = self.handles.0.queue.armed();
        answer(call);
        armed
    }
}

fn answer(call: Call) {
    if let Call::Wake(driver) = call {
        driver.wake();
    }
}

impl<N, S> Clone for SleepClock<N, S> {
    fn clone(&self) -> Self {
        Self { handles: self.handles.clone() }
    }
}

impl<N, S> Drop for Handles<N, S> {
    fn drop(&mut self) {
        let (driver, call) = self.0.queue.wait_with(|held| held.retire());
        if let Some(driver) = driver {
            driver.wake();
        }
        answer(call);
    }
}

impl<N, S, F> TimeProvider for SleepClock<N, S>
where
    N: Fn() -> Duration + Send + Sync,
    S: Fn(Duration) -> F + Send + Sync,
    F: Future,
{
    #[inline]
    fn now(&self) -> Timestamp {
        (self.handles.0.now)().into()
    }

    #[inline]
    fn arm(&self, deadline: Timestamp, waker: Waker) -> Alarm {
        if deadline == Timestamp::MAX {
            return Alarm::never();
        }
        let (alarm, call) = self.handles.0.queue.arm(deadline.as_nanos(), waker);
        answer(call);
        alarm
    }
}

/// The future of [`SleepClock::run`].
///
/// A waker that panics stops neither it nor the other timers; the payload goes
/// to the fault hook (with std; else it panics after the others).
#[pin_project]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct SleepDriver<N, S, F> {
    shared: Arc<Shared<N, S>>,
    /// What `nap` sleeps for.
    until: u64,
    #[pin]
    nap: Option<F>,
}

impl<N, S, F> Future for SleepDriver<N, S, F>
where
    N: Fn() -> Duration,
    S: Fn(Duration) -> F,
    F: Future,
{
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        let shared = &**this.shared;
        for _ in 0..ROUNDS {
            let now = Timestamp::from((shared.now)()).as_nanos();
            let (_, panic) = firing::turn(&shared.queue, now.min(u64::MAX - 1));
            if let Some(panic) = panic {
                firing::report(panic);
            }
            let mut waker = Some(cx.waker().clone());
            let visit = shared.queue.with(|held| held.nap(now, &mut waker));
            drop(waker);
            let Some((nap, call)) = visit else {
                // Another thread is inside, for a moment.
                thread::yield_now();
                continue;
            };
            // Something listed during that visit may be earlier.
            answer(call);
            let until = match nap {
                Nap::Due => continue,
                Nap::Over => return Poll::Ready(()),
                Nap::Idle(until, _) | Nap::Until(until) => until,
            };
            if until == u64::MAX {
                this.nap.set(None);
                return Poll::Pending;
            }
            if this.nap.is_none() || *this.until != until {
                *this.until = until;
                this.nap.set(None);
                this.nap.set(Some((shared.sleep)(Duration::from_nanos(until - now))));
            }
            if let Some(nap) = this.nap.as_mut().as_pin_mut() {
                if nap.poll(cx).is_pending() {
                    return Poll::Pending;
                }
            }
            this.nap.set(None);
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<N, S> fmt::Debug for SleepClock<N, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SleepClock")
    }
}

impl<N, S, F> fmt::Debug for SleepDriver<N, S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SleepDriver")
    }
}
