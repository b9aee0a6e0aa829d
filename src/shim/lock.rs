//! Short locks, for state that one word cannot hold.
//!
//! Nothing foreign runs under one, no waker's wake, clone or drop and no user's code, but for what a type's own docs name
//! (a key's hash, an order). With std it is std's mutex; on the feature `critical-section` a critical section, so that an
//! interrupt may take it, too; without either a lock that spins, which an interrupt must not take from whom it
//! interrupts.

#[cfg(all(not(any(loom, shuttle)), not(feature = "std"), feature = "critical-section"))]
pub(crate) use masked::Lock;
#[cfg(all(not(any(loom, shuttle)), not(feature = "std"), not(feature = "critical-section")))]
pub(crate) use spinning::Lock;
#[cfg(any(loom, shuttle, feature = "std"))]
pub(crate) use waiting::Lock;

#[cfg(any(loom, shuttle, feature = "std"))]
mod waiting {
    #[cfg(loom)]
    use loom::sync::Mutex;
    #[cfg(shuttle)]
    use shuttle::sync::Mutex;
    #[cfg(not(any(loom, shuttle)))]
    use std::sync::Mutex;
    use std::sync::PoisonError;

    pub(crate) struct Lock<T>(Mutex<T>);

    impl<T> Lock<T> {
        pub(crate) fn new(value: T) -> Self {
            Self(Mutex::new(value))
        }

        /// Runs `f` under the lock. If it panics the value stays as it is then.
        #[inline]
        pub(crate) fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
            #[cfg(delays)]
            crate::shim::delay::point();
            f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
        }
    }
}

#[cfg(all(not(any(loom, shuttle)), not(feature = "std"), feature = "critical-section"))]
mod masked {
    use core::cell::RefCell;
    use critical_section::Mutex;

    pub(crate) struct Lock<T>(Mutex<RefCell<T>>);

    impl<T> Lock<T> {
        pub(crate) fn new(value: T) -> Self {
            Self(Mutex::new(RefCell::new(value)))
        }

        /// Runs `f` under the lock.
        #[inline]
        pub(crate) fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
            critical_section::with(|section| f(&mut self.0.borrow_ref_mut(section)))
        }
    }
}

#[cfg(all(not(any(loom, shuttle)), not(feature = "std"), not(feature = "critical-section")))]
mod spinning {
    use spin::mutex::SpinMutex;

    pub(crate) struct Lock<T>(SpinMutex<T>);

    impl<T> Lock<T> {
        pub(crate) fn new(value: T) -> Self {
            Self(SpinMutex::new(value))
        }

        /// Runs `f` under the lock.
        #[inline]
        pub(crate) fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
            f(&mut self.0.lock())
        }
    }
}
