//! Values of a thread, and numbers that tell values of the program apart.
//! Neither is part of any model; loom's threads have their own values.

use core::num::NonZeroUsize;
#[cfg(not(feature = "portable-atomic"))]
use core::sync::atomic::{AtomicUsize, Ordering};
#[cfg(feature = "portable-atomic")]
use portable_atomic::{AtomicUsize, Ordering};

/// Declares a value that each thread has for itself: `local! { static NAME: Type = const expression; }`.
macro_rules! local {
    ($(static $name:ident: $type:ty = $value:expr;)*) => {$(
        #[cfg(not(any(loom, shuttle)))]
        std::thread_local! {
            static $name: $type = const { $value };
        }
        #[cfg(loom)]
        loom::thread_local! {
            static $name: $type = $value;
        }
        #[cfg(shuttle)]
        shuttle::thread_local! {
            static $name: $type = $value;
        }
    )*};
}
pub(crate) use local;

/// A number that nobody else has, taken when it is first wanted.
pub(crate) struct LazyId(AtomicUsize);

impl LazyId {
    pub(crate) const fn new() -> Self {
        Self(AtomicUsize::new(0))
    }

    /// The number, if it has been taken.
    #[inline]
    pub(crate) fn known(&self) -> Option<NonZeroUsize> {
        // ORDERING: a number needs no publication.
        NonZeroUsize::new(self.0.load(Ordering::Relaxed))
    }

    /// The number; takes one if there is none.
    pub(crate) fn get(&self) -> NonZeroUsize {
        self.known().unwrap_or_else(|| self.take())
    }

    #[cold]
    fn take(&self) -> NonZeroUsize {
        static LAST: AtomicUsize = AtomicUsize::new(0);
        loop {
            // ORDERING: as above; no two get the same.
            let Some(id) = NonZeroUsize::new(LAST.fetch_add(1, Ordering::Relaxed).wrapping_add(1)) else { continue };
            // ORDERING: as above.
            return match self.0.compare_exchange(0, id.get(), Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => id,
                Err(first) => NonZeroUsize::new(first).unwrap_or(id),
            };
        }
    }
}
