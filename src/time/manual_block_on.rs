//! Running a future in a manual clock's time.

use alloc::sync::Arc;
use alloc::task::Wake;
use core::future::{Future, IntoFuture};
use core::pin::pin;
use core::task::{Context, Poll, Waker};

use super::ManualClock;
use crate::raw::cell::run_put_off;
use crate::shim::atomic::{AtomicBool, Ordering};
use crate::shim::block_on::{Thread, current, park};

struct Unpark {
    thread: Thread,
    woken: AtomicBool,
}

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        // ORDERING: Release: what came before the wake is seen by the poll that
        // it causes.
        if !self.woken.swap(true, Ordering::Release) {
            self.thread.unpark();
        }
    }
}

impl ManualClock {
    /// Runs `future` on this thread. Whenever it is pending and was not woken,
    /// and auto-advance is on, the clock advances to the next deadline.
    ///
    /// So a program that only waits for this clock runs in no real time, in the
    /// order it would have had. To run many tasks, give it the run loop of a
    /// single-threaded executor, such as `clock.block_on(executor.run(future))`.
    /// Work on other threads is not waited for: the clock advances meanwhile.
    ///
    /// With auto-advance off, or with nothing armed, the thread sleeps until
    /// the future is woken.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use taskcell::time::{ManualClock, delay_on};
    ///
    /// let clock = ManualClock::new();
    /// clock.set_auto_advance(true);
    /// clock.block_on(delay_on(&clock, Duration::from_secs(3600)));
    /// ```
    pub fn block_on<F: IntoFuture>(&self, future: F) -> F::Output {
        run_put_off();
        let unpark = Arc::new(Unpark { thread: current(), woken: AtomicBool::new(false) });
        let waker = Waker::from(unpark.clone());
        let mut future = pin!(future.into_future());
        loop {
            if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                return output;
            }
            // ORDERING: Acquire pairs with the wake's Release.
            while !unpark.woken.swap(false, Ordering::Acquire) {
                if !(self.auto_advance() && self.advance_to_next()) {
                    park();
                }
            }
        }
    }
}
