//! A place for one function, set at run time. Not part of any model.

#[cfg(not(feature = "portable-atomic"))]
use core::sync::atomic::{AtomicPtr, Ordering};
#[cfg(feature = "portable-atomic")]
use portable_atomic::{AtomicPtr, Ordering};

/// What a hook is told.
pub(crate) trait Told: 'static {
    /// It may borrow.
    type Of<'a>;
}

/// Holds a function that is told of a `T`; empty at first.
#[derive(Debug)]
pub(crate) struct Hook<T>(AtomicPtr<()>, core::marker::PhantomData<fn(T)>);

impl<T: Told> Hook<T> {
    pub(crate) const fn new() -> Self {
        Self(AtomicPtr::new(core::ptr::null_mut()), core::marker::PhantomData)
    }

    pub(crate) fn set(&self, hook: fn(&T::Of<'_>)) {
        // ORDERING: a function needs no publication.
        self.0.store((hook as *const ()).cast_mut(), Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> Option<fn(&T::Of<'_>)> {
        // ORDERING: as above.
        let hook = self.0.load(Ordering::Relaxed);
        // SAFETY: `set` stored such a function, and `T` is the same for the whole life of the hook.
        (!hook.is_null()).then(|| unsafe { core::mem::transmute::<*mut (), fn(&T::Of<'_>)>(hook) })
    }
}
