//! A `static` that is made anew between two rounds.

use core::cell::UnsafeCell;
use core::ops::Deref;

pub struct Fresh<T>(UnsafeCell<T>);

// SAFETY: it is a shared `T`, except in `renew`.
unsafe impl<T: Sync> Sync for Fresh<T> {}

impl<T> Fresh<T> {
    pub const fn new(value: T) -> Self {
        Self(UnsafeCell::new(value))
    }

    /// # Safety
    ///
    /// Nobody has a reference into it, and no interrupt comes.
    pub unsafe fn renew(&self, value: T) {
        // SAFETY: the caller's.
        unsafe { *self.0.get() = value };
    }
}

impl<T> Deref for Fresh<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: only `renew` writes.
        unsafe { &*self.0.get() }
    }
}
