//! Wakers that count, and do something of their own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Wake, Waker};

/// Counts how often it was woken.
pub(crate) struct Bell {
    rung: AtomicUsize,
    /// What a wake does before it returns.
    also: Option<Box<dyn Fn() + Send + Sync>>,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }
    fn wake_by_ref(self: &Arc<Self>) {
        self.rung.fetch_add(1, Ordering::Relaxed);
        if let Some(also) = &self.also {
            also();
        }
    }
}

impl Bell {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { rung: AtomicUsize::new(0), also: None })
    }

    pub(crate) fn with(also: impl Fn() + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { rung: AtomicUsize::new(0), also: Some(Box::new(also)) })
    }

    pub(crate) fn waker(self: &Arc<Self>) -> Waker {
        self.clone().into()
    }

    pub(crate) fn rung(&self) -> usize {
        self.rung.load(Ordering::Relaxed)
    }
}
