//! A value that is used by one at a time, whenever somebody has asked for it.
//!
//! | state | meaning | who leaves it |
//! |---|---|---|
//! | 0 | nobody wants it | whoever wakes it: to `WOKEN`, and has it queued |
//! | `WOKEN` | it is queued, once | whoever takes it from the queue: to `RUNNING` |
//! | `RUNNING` | it is used | whoever uses it: to 0, unless it is over; wakers set `WOKEN` |
//! | `RUNNING` and `WOKEN` | it is used, and wanted again | whoever uses it: to `WOKEN`, and has it queued, unless it is over |
//!
//! What is over stays `RUNNING`, and is gone: wakers set `WOKEN` in vain.
//!
//! 1. Only who moved it to `RUNNING` touches the value, until it leaves that state.
//! 2. Every wake is a read-modify-write, also one in vain: the next use comes after all wakes before it.

use crate::shim::atomic::{AtomicUsize, Ordering};
use crate::shim::cell::UnsafeCell;
use core::fmt;

const WOKEN: usize = 1;
const RUNNING: usize = 2;

/// The value and its state.
pub(crate) struct Wanted<T> {
    state: AtomicUsize,
    value: UnsafeCell<Option<T>>,
}

// SAFETY: the value is used through a shared reference by one at a time (1), perhaps on another thread each time.
unsafe impl<T: Send> Sync for Wanted<T> {}

impl<T> Wanted<T> {
    /// A value that is queued: the caller has to see to that.
    pub(crate) fn queued(value: T) -> Self {
        Self { state: AtomicUsize::new(WOKEN), value: UnsafeCell::new(Some(value)) }
    }

    /// Asks for it. True: the caller has to queue it.
    pub(crate) fn wake(&self) -> bool {
        // ORDERING: Release shows what came before to the next use (2); the last use is handed on to it.
        self.state.fetch_or(WOKEN, Ordering::Release) == 0
    }

    /// Uses the value, if it comes from the queue. `f` answers whether it is over: then the value is dropped. True: it was
    /// woken meanwhile, and the caller has to queue it again.
    ///
    /// If `f` panics the value is dropped, too.
    pub(crate) fn run(&self, f: impl FnOnce(&mut T) -> bool) -> bool {
        let Some(running) = self.begin() else { return false };
        // SAFETY: (1), up to the end of this call.
        let over = self.value.with_mut(|value| unsafe { (*value).as_mut() }.is_none_or(f));
        if over {
            return false;
        }
        core::mem::forget(running);
        // ORDERING: Release hands the value on to its next use.
        self.state.fetch_and(!RUNNING, Ordering::Release) & WOKEN != 0
    }

    /// Drops the value, if it comes from the queue: nobody will use it.
    pub(crate) fn end(&self) {
        drop(self.begin());
    }

    fn begin(&self) -> Option<Running<'_, T>> {
        // ORDERING: Acquire, with the Release of its last use and of all wakes since (2).
        let begun = self.state.compare_exchange(WOKEN, RUNNING, Ordering::Acquire, Ordering::Relaxed);
        begun.is_ok().then_some(Running(self))
    }
}

/// Has the value, which goes with it.
struct Running<'a, T>(&'a Wanted<T>);

impl<T> Drop for Running<'_, T> {
    fn drop(&mut self) {
        // SAFETY: (1). Nobody comes after us.
        drop(self.0.value.with_mut(|value| unsafe { (*value).take() }));
    }
}

impl<T> fmt::Debug for Wanted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wanted").finish_non_exhaustive()
    }
}
