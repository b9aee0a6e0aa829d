//! What a model counts: wakes, live wakers, drops, polls.
//!
//! The counters are plain std atomics on purpose: they are no part of the model,
//! so they add neither schedules nor synchronisation.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll, Wake, Waker};

/// Makes wakers and counts their wakes.
#[derive(Clone, Debug, Default)]
pub struct Wakes(Arc<Count>);

#[derive(Debug, Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }
    fn wake_by_ref(self: &Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

impl Wakes {
    /// No wakes yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A waker that counts here.
    #[must_use]
    pub fn waker(&self) -> Waker {
        Waker::from(self.0.clone())
    }

    /// How often its wakers were woken.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.0.load(SeqCst)
    }

    /// How many of its wakers exist, given that `self` was not cloned: a registry
    /// that is gone must have left none.
    #[must_use]
    pub fn live(&self) -> usize {
        Arc::strong_count(&self.0) - 1
    }
}

/// Makes values whose drops it counts.
#[derive(Clone, Debug, Default)]
pub struct Drops(Arc<[AtomicUsize; 2]>);

/// A value of [`Drops`].
#[derive(Debug)]
pub struct Tracked(Arc<[AtomicUsize; 2]>);

impl Drops {
    /// Nothing made yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A value to be captured, stored or sent.
    #[must_use]
    pub fn track(&self) -> Tracked {
        self.0[0].fetch_add(1, SeqCst);
        Tracked(self.0.clone())
    }

    /// How many values were dropped.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0[1].load(SeqCst)
    }

    /// How many are still alive.
    #[must_use]
    pub fn live(&self) -> usize {
        self.0[0].load(SeqCst) - self.count()
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        self.0[1].fetch_add(1, SeqCst);
    }
}

/// Polls a future once.
pub fn poll_once<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(waker))
}

/// Pending once; wakes.
pub async fn pending_once() {
    let mut waited = false;
    std::future::poll_fn(move |cx| {
        if std::mem::replace(&mut waited, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
