//! A board without hardware, one for each thread.

use crate::heap::untouched;
use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;
use taskcell::{StaticClock, Timestamp};

pub(crate) const MS: Duration = Duration::from_millis(1);

thread_local! {
    static NOW: Cell<Timestamp> = const { Cell::new(Timestamp::ZERO) };
    static ALARM: Cell<Option<Timestamp>> = const { Cell::new(None) };
    static SETTINGS: Cell<u32> = const { Cell::new(0) };
}

/// What the hardware counter says.
pub(crate) fn now() -> Timestamp {
    NOW.get()
}

/// Time passes, and nothing happens.
pub(crate) fn pass(time: Duration) {
    NOW.set(NOW.get().saturating_add(time));
}

/// Sets the hardware timer.
pub(crate) fn set_alarm(at: Option<Timestamp>) {
    ALARM.set(at);
    SETTINGS.set(SETTINGS.get() + 1);
}

/// What the hardware timer is set to, in milliseconds.
pub(crate) fn alarm() -> Option<u128> {
    ALARM.get().map(|at| at.saturating_duration_since(Timestamp::ZERO).as_millis())
}

/// How often it was set.
pub(crate) fn settings() -> u32 {
    SETTINGS.get()
}

/// Milliseconds since the start.
pub(crate) fn millis() -> u128 {
    now().saturating_duration_since(Timestamp::ZERO).as_millis()
}

/// The clock of a board whose timers are in `$queue` at most so many.
#[macro_export]
macro_rules! clock {
    ($clock:ident, $size:literal) => {
        static $clock: taskcell::StaticClock<$size> = {
            static TIMERS: taskcell::StaticTimerQueue<$size> = taskcell::StaticTimerQueue::new();
            taskcell::StaticClock::new(&TIMERS, $crate::board::now).with_alarm($crate::board::set_alarm)
        };
    };
}

#[derive(Default)]
struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// A waker, and what asks whether it was woken since.
pub(crate) fn flag() -> (Waker, impl Fn() -> bool) {
    let flag = Arc::new(Flag::default());
    (flag.clone().into(), move || flag.0.swap(false, Ordering::SeqCst))
}

/// The main loop: polls when woken, otherwise sleeps until the alarm goes off. It must not touch the heap.
#[track_caller]
pub(crate) fn run<const N: usize, F: Future>(clock: &StaticClock<N>, future: F) -> F::Output {
    let (waker, woken) = flag();
    untouched(|| {
        let mut future = pin!(future);
        loop {
            if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                return output;
            }
            while !woken() {
                let at = ALARM.get().expect("asleep for ever");
                NOW.set(now().max(at));
                clock.turn();
            }
        }
    })
}
