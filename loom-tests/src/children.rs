//! What models of a set of futures share: its children, who wakes them, and the task that polls the set.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Wake, Waker};

use loom::sync::Arc;
use loom::sync::atomic::{AtomicBool, Ordering};

/// An executor of one task: counts the wakes, unmodelled, and waits for one.
#[derive(Debug)]
pub struct Parent {
    wakes: std::sync::atomic::AtomicUsize,
    woken: loom::sync::Notify,
}

impl Wake for Parent {
    fn wake(self: std::sync::Arc<Self>) {
        self.wakes.fetch_add(1, Ordering::SeqCst);
        self.woken.notify();
    }
}

impl Parent {
    /// It, and its waker.
    #[must_use]
    pub fn new() -> (std::sync::Arc<Self>, Waker) {
        let parent = std::sync::Arc::new(Self { wakes: Default::default(), woken: loom::sync::Notify::new() });
        (parent.clone(), parent.into())
    }

    /// How often it was woken.
    #[must_use]
    pub fn wakes(&self) -> usize {
        self.wakes.load(Ordering::SeqCst)
    }

    /// Polls as an executor does: when it was woken, until it is ready. A lost wake is a deadlock, which loom reports.
    pub fn run<F: Future + Unpin>(&self, future: &mut F, waker: &Waker) -> F::Output {
        loop {
            self.woken.wait();
            if let Poll::Ready(output) = Pin::new(&mut *future).poll(&mut Context::from_waker(waker)) {
                return output;
            }
            // A set wakes itself while somebody holds its waker's place.
            loom::thread::yield_now();
        }
    }
}

/// What a waking thread and its child share. `done` is relaxed: only the wake itself orders it.
#[derive(Debug)]
pub struct Signal {
    done: AtomicBool,
    payload: loom::cell::UnsafeCell<u32>,
}

// SAFETY: `payload` is written before the wake and read after it, which loom checks.
unsafe impl Sync for Signal {}
// SAFETY: as above.
unsafe impl Send for Signal {}

impl Signal {
    /// Not sent.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::new(Self { done: AtomicBool::new(false), payload: loom::cell::UnsafeCell::new(0) })
    }

    /// Sends it; a wake must follow.
    pub fn send(&self) {
        // SAFETY: the child reads it only once it was polled after the wake that follows.
        self.payload.with_mut(|payload| unsafe { *payload = 7 });
        self.done.store(true, Ordering::Relaxed);
    }
}

/// Gives its waker away at the first poll; later ones look whether the signal was sent.
pub struct Child {
    signal: Arc<Signal>,
    first: Option<Box<dyn FnOnce(Waker)>>,
    reads: bool,
}

impl Child {
    /// `first` is given the waker of the first poll. With `reads` a poll that sees the signal may read the payload: it was
    /// ordered by a wake, not by luck.
    #[must_use]
    pub fn new(signal: &Arc<Signal>, reads: bool, first: impl FnOnce(Waker) + 'static) -> Self {
        Self { signal: signal.clone(), first: Some(Box::new(first)), reads }
    }
}

impl fmt::Debug for Child {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Child").field("signal", &self.signal).finish_non_exhaustive()
    }
}

impl Future for Child {
    type Output = u32;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<u32> {
        if let Some(first) = self.first.take() {
            first(cx.waker().clone());
            return Poll::Pending;
        }
        if !self.signal.done.load(Ordering::Relaxed) {
            return Poll::Pending;
        }
        let signal = &self.signal;
        // SAFETY: it was polled because of the wake that followed `send`.
        Poll::Ready(if self.reads { signal.payload.with(|payload| unsafe { *payload }) } else { 7 })
    }
}
