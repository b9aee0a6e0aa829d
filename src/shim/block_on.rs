//! A thread that waits for a future, parked meanwhile.

use alloc::sync::Arc;
use alloc::task::Wake;
use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;

#[cfg(loom)]
pub(crate) use loom::thread::{Thread, current, park};
#[cfg(shuttle)]
pub(crate) use shuttle::thread::{Thread, current, park};
#[cfg(not(any(loom, shuttle)))]
pub(crate) use std::thread::{Thread, current, park};

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
    fn wake_by_ref(self: &Arc<Self>) {
        self.0.unpark();
    }
}

/// Polls `future` on this thread until it is ready.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(current())));
    let mut cx = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut cx) {
            Poll::Ready(output) => return output,
            Poll::Pending => park(),
        }
    }
}

/// Polls `future` on this thread until it is ready or `timeout` has passed.
pub(crate) fn block_on_until<F: Future>(future: F, timeout: Duration) -> Option<F::Output> {
    let Some(deadline) = std::time::Instant::now().checked_add(timeout) else { return Some(block_on(future)) };
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(current())));
    let mut cx = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return Some(output);
        }
        let left = deadline.saturating_duration_since(std::time::Instant::now());
        if left.is_zero() {
            return None;
        }
        #[cfg(not(any(loom, shuttle)))]
        std::thread::park_timeout(left);
        #[cfg(shuttle)]
        shuttle::thread::park_timeout(left);
        #[cfg(loom)]
        park();
    }
}
