//! Wakers of what is shared: one table over `Shared`, which loom can watch and every target has.

use super::heap::Shared;
use core::mem::{ManuallyDrop, forget};
use core::task::{RawWaker, RawWakerVTable, Waker};

/// What a waker wakes.
pub(crate) trait Woken: Send + Sync + Sized + 'static {
    /// Somebody wakes it.
    fn woken(this: &Shared<Self>);
}

/// A waker that shares `this`.
pub(crate) fn waker<T: Woken>(this: Shared<T>) -> Waker {
    // SAFETY: the table takes the data for an `Arc<T>` that was given up by `into_raw`, as it is, and keeps RawWaker's
    // contract; `T` is `Send` and `Sync`.
    unsafe { Waker::new(Shared::into_raw(this).cast(), Table::<T>::TABLE) }
}

struct Table<T>(T);

impl<T: Woken> Table<T> {
    const TABLE: &'static RawWakerVTable =
        &RawWakerVTable::new(Self::clone, Self::wake, Self::wake_by_ref, Self::dropped);

    /// # Safety
    ///
    /// `data` is that of a waker of this table, which is alive for as long as the result is.
    unsafe fn borrow(data: *const ()) -> ManuallyDrop<Shared<T>> {
        // SAFETY: as above; the waker's own reference stays where it is.
        ManuallyDrop::new(unsafe { Shared::from_raw(data.cast::<T>()) })
    }

    unsafe fn clone(data: *const ()) -> RawWaker {
        // SAFETY: the waker is borrowed for this call.
        let this = unsafe { Self::borrow(data) };
        forget(Shared::clone(&this));
        RawWaker::new(data, Self::TABLE)
    }

    unsafe fn wake(data: *const ()) {
        // SAFETY: the waker's reference is handed over.
        let this = unsafe { Shared::from_raw(data.cast::<T>()) };
        T::woken(&this);
    }

    unsafe fn wake_by_ref(data: *const ()) {
        // SAFETY: the waker is borrowed for this call.
        let this = unsafe { Self::borrow(data) };
        T::woken(&this);
    }

    unsafe fn dropped(data: *const ()) {
        // SAFETY: the waker's reference is handed over.
        drop(unsafe { Shared::from_raw(data.cast::<T>()) });
    }
}
