//! The atomics of `cfg(step)` and `cfg(delays)`: core's, with a point before each operation where an interrupt may come,
//! or a delay.

#[cfg(delays)]
use super::delay::{is_torn, point};
#[cfg(step)]
use super::step::{is_torn, point};
use core::sync::atomic as core_atomic;
use core::sync::atomic::Ordering;

/// What every atomic here can do.
macro_rules! stepped {
    ($name:ident $(<$t:ident>)?, $value:ty) => {
        #[derive(Debug)]
        #[repr(transparent)]
        pub(crate) struct $name $(<$t>)? (core_atomic::$name $(<$t>)?);

        impl $(<$t>)? $name $(<$t>)? {
            pub(crate) const fn new(value: $value) -> Self {
                Self(core_atomic::$name::new(value))
            }
            pub(crate) fn load(&self, ordering: Ordering) -> $value {
                point();
                self.0.load(ordering)
            }
            pub(crate) fn store(&self, value: $value, ordering: Ordering) {
                point();
                self.0.store(value, ordering);
            }
            #[track_caller]
            pub(crate) fn swap(&self, value: $value, ordering: Ordering) -> $value {
                point();
                if is_torn() { self.tear(|_| value) } else { self.0.swap(value, ordering) }
            }
            /// A read-modify-write that can be interrupted.
            fn tear(&self, change: impl FnOnce($value) -> $value) -> $value {
                // ORDERING: there is one thread.
                let old = self.0.load(Ordering::Relaxed);
                point();
                // ORDERING: as above.
                self.0.store(change(old), Ordering::Relaxed);
                old
            }
        }
    };
}

/// What flags do without.
macro_rules! exchanged {
    ($name:ident $(<$t:ident>)?, $value:ty) => {
        impl $(<$t>)? $name $(<$t>)? {
            #[track_caller]
            pub(crate) fn compare_exchange(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                point();
                if is_torn() && self.0.load(failure) == current {
                    return Ok(self.tear(|_| new));
                }
                self.0.compare_exchange(current, new, success, failure)
            }
        }
    };
}

/// What numbers can do.
macro_rules! number {
    ($name:ident, $value:ty) => {
        stepped!($name, $value);
        exchanged!($name, $value);

        impl $name {
            #[track_caller]
            pub(crate) fn fetch_add(&self, value: $value, ordering: Ordering) -> $value {
                point();
                if is_torn() { self.tear(|old| old.wrapping_add(value)) } else { self.0.fetch_add(value, ordering) }
            }
            #[track_caller]
            pub(crate) fn fetch_sub(&self, value: $value, ordering: Ordering) -> $value {
                point();
                if is_torn() { self.tear(|old| old.wrapping_sub(value)) } else { self.0.fetch_sub(value, ordering) }
            }
            #[track_caller]
            pub(crate) fn fetch_or(&self, value: $value, ordering: Ordering) -> $value {
                point();
                if is_torn() { self.tear(|old| old | value) } else { self.0.fetch_or(value, ordering) }
            }
        }
    };
}

number!(AtomicUsize, usize);
number!(AtomicU32, u32);
stepped!(AtomicBool, bool);
stepped!(AtomicPtr<T>, *mut T);
exchanged!(AtomicPtr<T>, *mut T);

impl AtomicUsize {
    #[track_caller]
    pub(crate) fn fetch_and(&self, value: usize, ordering: Ordering) -> usize {
        point();
        if is_torn() { self.tear(|old| old & value) } else { self.0.fetch_and(value, ordering) }
    }
    #[track_caller]
    pub(crate) fn fetch_xor(&self, value: usize, ordering: Ordering) -> usize {
        point();
        if is_torn() { self.tear(|old| old ^ value) } else { self.0.fetch_xor(value, ordering) }
    }
}
