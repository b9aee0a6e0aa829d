//! `BulkheadPermit`: a place in a bulkhead.

use super::shared::Shared;
use crate::shim::heap::Shared as Arc;
use core::fmt;

/// A place in a [`Bulkhead`](super::Bulkhead). Dropped, it goes to the first who waits for one.
///
/// # Panics
///
/// Dropping it, with what the waker of that one panics with; the place has been handed over then. A thread that unwinds
/// already reports the panic to the [fault hook](crate::fault) instead.
///
/// # Examples
///
/// ```
/// use core::num::NonZeroUsize;
/// use taskcell::{Bulkhead, BulkheadPermit};
///
/// let bulkhead = Bulkhead::new(NonZeroUsize::MIN, 0);
/// let place: BulkheadPermit = bulkhead.try_acquire().unwrap();
/// assert!(bulkhead.try_acquire().is_err());
/// drop(place); // gives it back
/// assert!(bulkhead.try_acquire().is_ok());
/// ```
#[must_use = "dropped, the place is free at once"]
pub struct BulkheadPermit(Arc<Shared>);

impl BulkheadPermit {
    /// A place that is taken already.
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self(shared)
    }
}

impl Drop for BulkheadPermit {
    fn drop(&mut self) {
        self.0.give_back();
    }
}

impl fmt::Debug for BulkheadPermit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BulkheadPermit").finish_non_exhaustive()
    }
}
