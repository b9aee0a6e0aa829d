//! loom's atomics, as `switch.rs` wants them in this process (`cfg(loom)`).

use super::switch::{Change, Loads, exchanged, here, loads};
use loom::sync::atomic as lm;
use loom::sync::atomic::Ordering;

/// The ordering of an operation that does what it says.
fn at(ordering: Ordering, change: Option<Change>) -> Ordering {
    match change {
        Some(Change::Weaker(weaker)) => weaker,
        _ => ordering,
    }
}

// A failed exchange only loads: a Release or AcqRel there is not an ordering.
fn at_failure(ordering: Ordering, change: Option<Change>) -> Ordering {
    if change == Some(Change::Failure) { Ordering::Relaxed } else { load_part(ordering) }
}

fn load_part(ordering: Ordering) -> Ordering {
    match ordering {
        Ordering::Release => Ordering::Relaxed,
        Ordering::AcqRel => Ordering::Acquire,
        other => other,
    }
}

fn store_part(ordering: Ordering) -> Ordering {
    match ordering {
        Ordering::Acquire => Ordering::Relaxed,
        Ordering::AcqRel => Ordering::Release,
        other => other,
    }
}

/// Beside each atomic, where loads are shadowed: every operation first does a
/// relaxed RMW here, so that loom tries all orders of them.
#[derive(Debug)]
struct Shadow(Option<lm::AtomicBool>);

impl Shadow {
    fn new() -> Self {
        Self((*loads() == Loads::Shadowed).then(|| lm::AtomicBool::new(false)))
    }

    fn touch(&self) {
        if let Some(shadow) = &self.0 {
            // ORDERING: nothing is published; loom only has to see an access.
            shadow.swap(false, Ordering::Relaxed);
        }
    }
}

fn loads_are_rmws() -> bool {
    *loads() == Loads::Rmws
}

macro_rules! modelled {
    ($name:ident, $value:ty, <$($t:ident)?>, $read:expr) => {
        #[derive(Debug)]
        pub(crate) struct $name $(<$t>)? (lm::$name $(<$t>)?, Shadow);

        impl $(<$t>)? Drop for $name $(<$t>)? {
            /// Whatever is dropped goes after all that was done to it: a write, for loom.
            #[track_caller]
            fn drop(&mut self) {
                if !std::thread::panicking() {
                    self.0.with_mut(|_| ());
                }
            }
        }

        impl $(<$t>)? $name $(<$t>)? {
            pub(crate) fn new(value: $value) -> Self {
                Self(lm::$name::new(value), Shadow::new())
            }

            fn read(&self, ordering: Ordering) -> $value {
                if loads_are_rmws() { $read(&self.0, ordering) } else { self.0.load(ordering) }
            }

            #[track_caller]
            pub(crate) fn load(&self, ordering: Ordering) -> $value {
                let change = here();
                self.1.touch();
                self.read(at(ordering, change))
            }

            #[track_caller]
            pub(crate) fn store(&self, value: $value, ordering: Ordering) {
                let change = here();
                self.1.touch();
                if change == Some(Change::Skipped) {
                    return;
                }
                if loads_are_rmws() {
                    self.0.swap(value, at(ordering, change));
                } else {
                    self.0.store(value, at(ordering, change));
                }
            }

            /// One read-modify-write, `whole` as one step, unless it is to be something else.
            #[track_caller]
            fn modify(
                &self,
                ordering: Ordering,
                new: impl FnOnce($value) -> $value,
                whole: impl FnOnce(&lm::$name $(<$t>)?, Ordering) -> $value,
            ) -> $value {
                let change = here();
                self.1.touch();
                match change {
                    Some(Change::Torn) => {
                        let old = self.read(load_part(ordering));
                        self.0.store(new(old), store_part(ordering));
                        old
                    }
                    Some(Change::Skipped) => self.read(load_part(ordering)),
                    change => whole(&self.0, at(ordering, change)),
                }
            }

            #[track_caller]
            pub(crate) fn swap(&self, value: $value, ordering: Ordering) -> $value {
                self.modify(ordering, |_| value, |atomic, ordering| atomic.swap(value, ordering))
            }

            #[track_caller]
            pub(crate) fn compare_exchange(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                let change = here();
                self.1.touch();
                let result = match change {
                    Some(Change::Torn | Change::Skipped) => {
                        let found = self.read(load_part(success));
                        if found == current && change == Some(Change::Torn) {
                            self.0.store(new, store_part(success));
                        }
                        if found == current { Ok(found) } else { Err(found) }
                    }
                    Some(Change::Blind) => Ok(self.0.swap(new, success)),
                    change => self.0.compare_exchange(current, new, at(success, change), at_failure(failure, change)),
                };
                exchanged(result.is_ok());
                result
            }
        }
    };
}

macro_rules! integer {
    ($name:ident, $int:ty) => {
        modelled!($name, $int, <>, |atomic: &lm::$name, ordering| atomic.fetch_add(0, ordering));

        impl $name {
            #[track_caller]
            pub(crate) fn fetch_add(&self, value: $int, ordering: Ordering) -> $int {
                self.modify(ordering, |old| old.wrapping_add(value), |atomic, ordering| atomic.fetch_add(value, ordering))
            }

            #[track_caller]
            pub(crate) fn fetch_sub(&self, value: $int, ordering: Ordering) -> $int {
                self.modify(ordering, |old| old.wrapping_sub(value), |atomic, ordering| atomic.fetch_sub(value, ordering))
            }

            #[track_caller]
            pub(crate) fn fetch_or(&self, value: $int, ordering: Ordering) -> $int {
                self.modify(ordering, |old| old | value, |atomic, ordering| atomic.fetch_or(value, ordering))
            }
        }
    };
}

integer!(AtomicUsize, usize);
integer!(AtomicU32, u32);
modelled!(AtomicPtr, *mut T, <T>, |atomic: &lm::AtomicPtr<T>, ordering| {
    match atomic.fetch_update(ordering, load_part(ordering), Some) {
        Ok(value) | Err(value) => value,
    }
});

impl AtomicUsize {
    #[track_caller]
    pub(crate) fn fetch_and(&self, value: usize, ordering: Ordering) -> usize {
        self.modify(ordering, |old| old & value, |atomic, ordering| atomic.fetch_and(value, ordering))
    }

    #[track_caller]
    pub(crate) fn fetch_xor(&self, value: usize, ordering: Ordering) -> usize {
        self.modify(ordering, |old| old ^ value, |atomic, ordering| atomic.fetch_xor(value, ordering))
    }
}

#[derive(Debug)]
pub(crate) struct AtomicBool(AtomicU32);

impl AtomicBool {
    pub(crate) fn new(value: bool) -> Self {
        Self(AtomicU32::new(value.into()))
    }

    #[track_caller]
    pub(crate) fn load(&self, ordering: Ordering) -> bool {
        self.0.load(ordering) != 0
    }

    #[track_caller]
    pub(crate) fn store(&self, value: bool, ordering: Ordering) {
        self.0.store(value.into(), ordering);
    }

    #[track_caller]
    pub(crate) fn swap(&self, value: bool, ordering: Ordering) -> bool {
        self.0.swap(value.into(), ordering) != 0
    }
}
