//! What lives as long as a `static`, and is freed all the same.

use std::ops::Deref;
use std::ptr::NonNull;

/// A value that can be borrowed for ever. Who makes one drops it after all who borrow it.
#[derive(Debug)]
pub struct Kept<T: 'static>(NonNull<T>);

impl<T: 'static> Kept<T> {
    /// Keeps `value`.
    pub fn new(value: T) -> Self {
        Self(NonNull::from(Box::leak(Box::new(value))))
    }

    /// The value, for as long as anybody wants it.
    #[must_use]
    pub fn get(&self) -> &'static T {
        // SAFETY: it is freed when the matrix has dropped all who borrow it.
        unsafe { self.0.as_ref() }
    }
}

impl<T: 'static> Kept<T> {
    /// The value, for one who has it alone until they are dropped.
    #[must_use]
    pub fn lend(&mut self) -> &'static mut T {
        // SAFETY: as in `get`; the tests lend once at a time, and use nothing else meanwhile.
        unsafe { self.0.as_mut() }
    }
}

impl<T: 'static> Deref for Kept<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.get()
    }
}

impl<T: 'static> Drop for Kept<T> {
    fn drop(&mut self) {
        // Who borrows it may be dropped later where a test fails.
        if !std::thread::panicking() {
            // SAFETY: it comes from a box, and nobody borrows it any more.
            drop(unsafe { Box::from_raw(self.0.as_ptr()) });
        }
    }
}
