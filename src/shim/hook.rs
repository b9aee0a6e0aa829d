//! A place for one function, set at run time. Not part of any model.

#[cfg(not(feature = "portable-atomic"))]
use core::sync::atomic::{AtomicPtr, Ordering};
#[cfg(feature = "portable-atomic")]
use portable_atomic::{AtomicPtr, Ordering};

/// Holds a hook for a value of type `A`; empty at first.
#[derive(Debug)]
pub(crate) struct Hook<A: 'static>(AtomicPtr<()>, core::marker::PhantomData<fn(A)>);

impl<A: 'static> Hook<A> {
    pub(crate) const fn new() -> Self {
        Self(AtomicPtr::new(core::ptr::null_mut()), core::marker::PhantomData)
    }

    pub(crate) fn set(&self, hook: fn(A)) {
        // ORDERING: a function needs no publication.
        self.0.store((hook as *const ()).cast_mut(), Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> Option<fn(A)> {
        // ORDERING: as above.
        let hook = self.0.load(Ordering::Relaxed);
        // SAFETY: `set` stored a `fn(A)`, and `A` is the same for the whole life of the hook.
        (!hook.is_null()).then(|| unsafe { core::mem::transmute::<*mut (), fn(A)>(hook) })
    }
}
