//! Std's clock, and the one thread that fires its timers.

use alloc::sync::Arc;
use alloc::task::Wake;
use core::task::Waker;
use core::time::Duration;
use std::sync::OnceLock;
use std::thread::{self, Thread};
use std::time::Instant;

use super::{Alarm, TimeProvider, Timestamp, firing};
use crate::raw::alarm_held::{Call, Driver, Nap, Served};
use crate::raw::alarm_queue::AlarmQueue;

/// How long the thread stays when nothing is armed.
const LINGER: Duration = Duration::from_millis(100);

/// The clock of [`std::time::Instant`], counted from its first use in the process.
///
/// Its timers are fired by one thread, `taskcell-timer`, that starts with the
/// first timer and sleeps until the next deadline; arming wakes it only if the
/// new deadline is earlier than what it sleeps for. It ends when nothing has
/// been armed for 100 ms, and starts again when needed; if all timers were
/// disarmed while it slept it notices at the deadline it sleeps for, at the
/// latest. Wakers run on it, so they should be short; one that panics stops
/// neither the thread nor the others, and its payload goes to the fault hook.
///
/// # Panics
///
/// Arming panics if the thread cannot be started. The timer is disarmed then;
/// others that are armed stay so, and the next that is armed tries again.
///
/// On wasm32-unknown-unknown both `now` and arming panic: std has neither a
/// clock nor threads there. A [`SleepClock`](super::SleepClock) over
/// `setTimeout`, or a [`TimerQueue`](super::TimerQueue) that it turns, needs
/// only `alloc`.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use taskcell::time::{SystemClock, TimeProvider, delay_on};
///
/// let before = SystemClock.now();
/// # smol::block_on(async {
/// delay_on(SystemClock, Duration::from_millis(5)).await; // what `delay` does
/// # });
/// assert!(SystemClock.now().saturating_duration_since(before) >= Duration::from_millis(5));
/// println!("{} timers are armed", SystemClock::armed());
/// ```
#[doc(alias = "TimeProvider.System")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SystemClock;

#[inline]
fn queue() -> &'static AlarmQueue {
    static QUEUE: OnceLock<AlarmQueue> = OnceLock::new();
    QUEUE.get_or_init(|| AlarmQueue::new(Served::Driver(Driver::Missing)))
}

#[inline]
fn now() -> Timestamp {
    static START: OnceLock<Instant> = OnceLock::new();
    let since = START.get_or_init(Instant::now).elapsed();
    // Wraps in 584 years.
    Timestamp::from_nanos(since.as_secs().wrapping_mul(1_000_000_000).wrapping_add(u64::from(since.subsec_nanos())))
}

impl SystemClock {
    /// How many timers of this clock are armed in the process: neither fired
    /// nor disarmed. For diagnostics; while other threads arm and disarm the
    /// number is from a moment ago.
    pub fn armed() -> usize {
        let (armed, call) = queue().armed();
        answer(call);
        armed
    }
}

impl TimeProvider for SystemClock {
    #[inline]
    fn now(&self) -> Timestamp {
        now()
    }

    #[inline]
    fn arm(&self, deadline: Timestamp, waker: Waker) -> Alarm {
        if deadline == Timestamp::MAX {
            return Alarm::never();
        }
        let (alarm, call) = queue().arm(deadline.as_nanos(), waker);
        answer(call);
        alarm
    }
}

#[inline]
fn answer(call: Call) {
    match call {
        Call::Nothing | Call::Turn => {}
        Call::Wake(driver) => driver.wake(),
        Call::Start => start(),
    }
}

#[cold]
fn start() {
    if let Err(error) = thread::Builder::new().name("taskcell-timer".into()).spawn(drive) {
        // The next visit that finds a timer starts it.
        let ((), call) = queue().wait_with(|held| held.driver_failed());
        drop(call);
        panic!("the timer thread could not be started: {error}");
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.unpark();
    }
}

fn drive() {
    let queue = queue();
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    // What was last armed when nothing was, and since when.
    let mut idle: Option<(u64, Instant)> = None;
    loop {
        let (_, panic) = firing::turn(queue, now().as_nanos());
        if let Some(panic) = panic {
            firing::report(panic);
        }
        let mut mine = Some(waker.clone());
        let time = now().as_nanos();
        let (nap, call) = queue.wait_with(|held| held.nap(time, &mut mine));
        drop(mine);
        // Something listed during that visit may be earlier: then do not park.
        answer(call);
        let until = match nap {
            Nap::Due | Nap::Over => continue,
            Nap::Until(until) => {
                idle = None;
                until
            }
            Nap::Idle(until, armed) => match idle {
                Some((then, since)) if then == armed && since.elapsed() >= LINGER => {
                    let mut mine = None;
                    match queue.wait_with(|held| held.stop(&mut mine)) {
                        // Listed during that visit: we are the driver it wants.
                        (true, Call::Start) | (false, _) => continue,
                        (true, _) => return,
                    }
                }
                Some((then, since)) if then == armed => {
                    thread::park_timeout(LINGER.saturating_sub(since.elapsed()));
                    continue;
                }
                _ => {
                    idle = Some((armed, Instant::now()));
                    until.min(time.saturating_add(LINGER.as_nanos() as u64))
                }
            },
        };
        if until == u64::MAX {
            thread::park();
        } else {
            thread::park_timeout(Duration::from_nanos(until - time));
        }
    }
}
