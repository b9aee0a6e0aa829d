//! An asynchronous gate of the tests' own: counts arrivals and lets waiters through at a number.
use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

#[derive(Clone, Default)]
pub(crate) struct Latch(Arc<Mutex<(usize, Vec<Waker>)>>);

impl Latch {
    pub(crate) fn new() -> Self {
        Self::default()
    }
    pub(crate) fn count(&self) -> usize {
        self.0.lock().unwrap().0
    }
    /// One more has arrived. Wakes outside the lock.
    pub(crate) fn arrive(&self) {
        let wakers = {
            let mut state = self.0.lock().unwrap();
            state.0 += 1;
            std::mem::take(&mut state.1)
        };
        wakers.into_iter().for_each(Waker::wake);
    }
    /// Ends when `n` have arrived.
    pub(crate) async fn reached(&self, n: usize) {
        poll_fn(|cx| {
            let waker = cx.waker().clone();
            let mut state = self.0.lock().unwrap();
            if state.0 >= n {
                return Poll::Ready(());
            }
            state.1.push(waker);
            Poll::Pending
        })
        .await;
    }
}
