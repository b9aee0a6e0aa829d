//! Plain memory that a model watches.

use loom::cell::UnsafeCell;
use std::sync::{Arc, Mutex, PoisonError};

/// Memory that is not atomic: loom fails the model where two accesses race.
///
/// The lock is std's, so it adds neither schedules nor synchronisation.
#[derive(Clone, Debug)]
pub struct Data(Arc<Mutex<UnsafeCell<()>>>);

impl Default for Data {
    fn default() -> Self {
        Self::new()
    }
}

impl Data {
    /// Written by whoever makes it.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(UnsafeCell::new(()))))
    }

    /// Must come after every other access.
    pub fn write(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).with_mut(|_| ());
    }

    /// Must come after every write.
    pub fn read(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).with(|_| ());
    }
}
