//! Wakers that count, with points of their own: foreign code is preempted, too.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{RawWaker, RawWakerVTable, Waker};
use taskcell::step::point;

/// Makes wakers and counts their wakes.
#[derive(Debug, Default)]
pub struct Wakes(Arc<Count>);

#[derive(Debug, Default)]
struct Count {
    wakes: AtomicUsize,
    /// The number of the last wake, of all that ever were.
    last: AtomicUsize,
}

static ALL: AtomicUsize = AtomicUsize::new(1);

// One address: by that it is known that two wakers are the same.
static TABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, dropped);

impl Wakes {
    /// A waker that counts here.
    #[must_use]
    pub fn waker(&self) -> Waker {
        // SAFETY: the table takes the data for the `Arc` that is given up here.
        unsafe { Waker::new(Arc::into_raw(self.0.clone()).cast(), &TABLE) }
    }

    /// How often its wakers were woken.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.wakes.load(Relaxed)
    }

    /// When it was woken, in the order of all wakes; 0 is never.
    #[must_use]
    pub fn last(&self) -> usize {
        self.0.last.load(Relaxed)
    }

    /// How many of its wakers exist.
    #[must_use]
    pub fn live(&self) -> usize {
        Arc::strong_count(&self.0) - 1
    }
}

unsafe fn clone(data: *const ()) -> RawWaker {
    point();
    // SAFETY: the waker is borrowed for this call.
    unsafe { Arc::increment_strong_count(data.cast::<Count>()) };
    RawWaker::new(data, &TABLE)
}

unsafe fn wake(data: *const ()) {
    // SAFETY: the waker is handed over.
    unsafe {
        wake_by_ref(data);
        dropped(data);
    }
}

unsafe fn wake_by_ref(data: *const ()) {
    point();
    // SAFETY: the waker is borrowed for this call.
    let count = unsafe { &*data.cast::<Count>() };
    count.wakes.fetch_add(1, Relaxed);
    count.last.store(ALL.fetch_add(1, Relaxed), Relaxed);
    point();
}

unsafe fn dropped(data: *const ()) {
    point();
    // SAFETY: the waker is handed over.
    drop(unsafe { Arc::from_raw(data.cast::<Count>()) });
}
