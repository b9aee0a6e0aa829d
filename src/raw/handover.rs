//! A value that comes when it is shared already, and may come too late.
//!
//! 1. `BEGUN` goes up once; whoever sets it is the only one who writes, before it
//!    sets `PUT`.
//! 2. Of `PUT` and `TAKEN` each goes up once. Whoever sets the second of them has
//!    the value, alone.

use crate::shim::atomic::{AtomicUsize, Ordering};
use crate::shim::cell::UnsafeCell;
use core::fmt;

/// Somebody puts the value, or has.
const BEGUN: usize = 1;
/// It is there.
const PUT: usize = 2;
/// It is wanted, or was.
const TAKEN: usize = 4;

/// Hands a value over: the one who has it may come after the one who wants it.
pub(crate) struct Handover<T> {
    state: AtomicUsize,
    value: UnsafeCell<Option<T>>,
}

// SAFETY: a shared reference moves the value in, from one thread (1), and out, to one (2).
unsafe impl<T: Send> Sync for Handover<T> {}

impl<T> Handover<T> {
    pub(crate) fn new() -> Self {
        Self { state: AtomicUsize::new(0), value: UnsafeCell::new(None) }
    }

    /// Leaves the value for who wants it. `Err`: that one has been here already, or there is a value.
    pub(crate) fn put(&self, value: T) -> Result<(), T> {
        // ORDERING: it only decides who writes.
        if self.state.fetch_or(BEGUN, Ordering::Relaxed) & BEGUN != 0 {
            return Err(value);
        }
        // SAFETY: nobody else writes (1), and nobody reads before `PUT`.
        self.value.with_mut(|cell| unsafe { *cell = Some(value) });
        // ORDERING: Release publishes the value. If it comes too late it is ours, and we wrote it.
        if self.state.fetch_or(PUT, Ordering::Release) & TAKEN == 0 {
            return Ok(());
        }
        // SAFETY: ours is the second bit (2).
        match self.value.with_mut(|cell| unsafe { (*cell).take() }) {
            Some(value) => Err(value),
            None => unreachable!("it was just written"),
        }
    }

    /// The value, if it is there, and asked for the first time.
    pub(crate) fn take(&self) -> Option<T> {
        // ORDERING: Acquire, with the Release of whoever put it.
        let old = self.state.fetch_or(TAKEN, Ordering::Acquire);
        if old & (PUT | TAKEN) != PUT {
            return None;
        }
        // SAFETY: ours is the second bit (2).
        self.value.with_mut(|cell| unsafe { (*cell).take() })
    }
}

impl<T> fmt::Debug for Handover<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handover").finish_non_exhaustive()
    }
}
