//! In which order things happened.

use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Wake, Waker};

/// Notes numbers in the order in which they come.
///
/// The lock is std's, so it adds neither schedules nor synchronisation.
#[derive(Clone, Debug, Default)]
pub struct Order(Arc<Mutex<Vec<u32>>>);

/// A waker of [`Order`].
struct Noting(Order, u32);

impl Wake for Noting {
    fn wake(self: Arc<Self>) {
        self.0.note(self.1);
    }
}

impl Order {
    /// Nothing has happened.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// `number` has happened.
    pub fn note(&self, number: u32) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(number);
    }

    /// A waker that notes its number.
    #[must_use]
    pub fn waker(&self, number: u32) -> Waker {
        Waker::from(Arc::new(Noting(self.clone(), number)))
    }

    /// What has happened.
    #[must_use]
    pub fn seen(&self) -> Vec<u32> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
