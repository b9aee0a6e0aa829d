//! A value that one of many takes.
//!
//! 1. `taken` goes from false to true once, by a read-modify-write; whoever
//!    turns it is the only one who reaches the cell through a shared reference.
//! 2. Nobody reaches the holder before its value was written: the reference
//!    itself was handed over.

use crate::shim::atomic::{AtomicBool, Ordering};
use crate::shim::cell::UnsafeCell;
use core::fmt;
use core::panic::RefUnwindSafe;

/// Holds a value until the first [`take`](Self::take).
pub(crate) struct TakeOnce<T> {
    taken: AtomicBool,
    value: UnsafeCell<Option<T>>,
}

// SAFETY: a shared reference only moves the value out, to one thread (1).
unsafe impl<T: Send> Sync for TakeOnce<T> {}

impl<T> RefUnwindSafe for TakeOnce<T> {}

impl<T> TakeOnce<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { taken: AtomicBool::new(false), value: UnsafeCell::new(Some(value)) }
    }

    /// The value, for the first who asks.
    pub(crate) fn take(&self) -> Option<T> {
        // ORDERING: it only decides who; the value came with the reference (2), and the winner writes for nobody else.
        if self.taken.swap(true, Ordering::Relaxed) {
            return None;
        }
        self.value.with_mut(|value| {
            // SAFETY: only the winner comes here (1).
            let value = unsafe { &mut *value };
            value.take()
        })
    }
}

impl<T> fmt::Debug for TakeOnce<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TakeOnce").finish_non_exhaustive()
    }
}
