//! The atomics of this build.
//!
//! Under loom each operation goes through a thin wrapper that can do two
//! things at run time, so that one binary serves every model run:
//!
//! * `TASKCELL_LOADS=rmw` turns loads into read-modify-writes. loom 0.7 has a
//!   blind spot: a load directly before an RMW on the same atomic by one thread
//!   hides another thread's earlier load. Each mode sees what the other misses.
//!   Stores become RMWs too: loom lets an RMW that stands for a load read past a
//!   store that nothing orders, and then undo it.
//!   `TASKCELL_LOADS=shadowed` leaves the loads weak, and puts a relaxed RMW on an
//!   atomic of its own before each operation, which takes the blind spot away.
//! * `TASKCELL_WEAKEN=FILE:LINE:COLUMN:ORDERING` weakens the operation whose name
//!   stands there; `failure` for ORDERING turns an exchange's failure ordering
//!   into Relaxed instead. `cargo xtask weaken` walks through all of them.
//!
//! Under `cfg(step)` an interrupt may come before each operation, and under
//! `cfg(delays)` a delay: `stepped.rs`.

#[cfg(all(not(any(loom, shuttle, step, delays)), not(feature = "portable-atomic"), feature = "alloc"))]
pub(crate) use core::sync::atomic::AtomicBool;
#[cfg(all(not(any(loom, shuttle, step, delays)), not(feature = "portable-atomic")))]
pub(crate) use core::sync::atomic::{AtomicPtr, AtomicU32, AtomicUsize, Ordering};

#[cfg(all(not(any(loom, shuttle, step, delays)), feature = "portable-atomic", feature = "alloc"))]
pub(crate) use portable_atomic::AtomicBool;
#[cfg(all(not(any(loom, shuttle, step, delays)), feature = "portable-atomic"))]
pub(crate) use portable_atomic::{AtomicPtr, AtomicU32, AtomicUsize, Ordering};

#[cfg(any(step, delays))]
pub(crate) use super::stepped::{AtomicBool, AtomicPtr, AtomicU32, AtomicUsize};
#[cfg(any(step, delays))]
pub(crate) use core::sync::atomic::Ordering;

#[cfg(shuttle)]
pub(crate) use shuttle::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicUsize, Ordering};

#[cfg(loom)]
pub(crate) use loom::sync::atomic::Ordering;
#[cfg(loom)]
pub(crate) use modelled::{AtomicBool, AtomicPtr, AtomicU32, AtomicUsize};

/// A check that repeats an earlier one because the world may have moved on.
///
/// It is the identity, except in models with `TASKCELL_SKIP=name`, where the
/// re-check is skipped: `cargo xtask weaken`, `cargo xtask shuttle` and `cargo
/// xtask step` use it to show that a model notices.
#[inline(always)]
pub(crate) fn recheck(name: &'static str, found: bool) -> bool {
    #[cfg(any(loom, shuttle, step, delays))]
    if skipped(name) {
        return false;
    }
    let _ = name;
    found
}

#[cfg(any(loom, shuttle, step, delays))]
fn skipped(name: &str) -> bool {
    static SKIP: std::sync::OnceLock<Option<alloc::string::String>> = std::sync::OnceLock::new();
    SKIP.get_or_init(|| std::env::var("TASKCELL_SKIP").ok()).as_deref() == Some(name)
}

#[cfg(loom)]
mod modelled {
    use alloc::borrow::ToOwned;
    use alloc::string::String;
    use core::panic::Location;
    use loom::sync::atomic as lm;
    use loom::sync::atomic::Ordering;
    use std::sync::OnceLock;

    #[derive(PartialEq)]
    enum Loads {
        AsTheyAre,
        Rmws,
        Shadowed,
    }

    struct Switches {
        loads: Loads,
        weaken: Option<Site>,
    }

    /// An operation, and what becomes of one of its orderings.
    struct Site {
        file: String,
        place: (u32, u32),
        /// An exchange's second ordering instead of the first.
        on_failure: bool,
        weaker: Ordering,
    }

    fn switches() -> &'static Switches {
        static SWITCHES: OnceLock<Switches> = OnceLock::new();
        SWITCHES.get_or_init(|| Switches {
            loads: match std::env::var("TASKCELL_LOADS").as_deref() {
                Ok("rmw") => Loads::Rmws,
                Ok("shadowed") => Loads::Shadowed,
                _ => Loads::AsTheyAre,
            },
            weaken: std::env::var("TASKCELL_WEAKEN").ok().map(|site| parse(&site)),
        })
    }

    fn parse(site: &str) -> Site {
        let parts: alloc::vec::Vec<&str> = site.split(':').collect();
        let [file, line, column, ordering] = parts[..] else {
            panic!("TASKCELL_WEAKEN=FILE:LINE:COLUMN:ORDERING, not {site}");
        };
        let number = |text: &str| text.parse().expect("a line and a column");
        let weaker = match ordering {
            "Relaxed" | "failure" => Ordering::Relaxed,
            "Acquire" => Ordering::Acquire,
            "Release" => Ordering::Release,
            other => panic!("TASKCELL_WEAKEN names no weaker ordering: {other}"),
        };
        let place = (number(line), number(column));
        Site { file: file.to_owned(), place, on_failure: ordering == "failure", weaker }
    }

    #[track_caller]
    fn at(ordering: Ordering) -> Ordering {
        weaken(ordering, false)
    }

    // A failed exchange only loads: a Release or AcqRel there is not an ordering.
    #[track_caller]
    fn at_failure(ordering: Ordering) -> Ordering {
        load_part(weaken(ordering, true))
    }

    #[track_caller]
    fn weaken(ordering: Ordering, on_failure: bool) -> Ordering {
        let here = Location::caller();
        match &switches().weaken {
            Some(site)
                if site.on_failure == on_failure
                    && site.place == (here.line(), here.column())
                    && here.file().ends_with(site.file.as_str()) =>
            {
                site.weaker
            }
            _ => ordering,
        }
    }

    fn load_part(ordering: Ordering) -> Ordering {
        match ordering {
            Ordering::Release => Ordering::Relaxed,
            Ordering::AcqRel => Ordering::Acquire,
            other => other,
        }
    }

    /// Beside each atomic, where loads are shadowed: every operation first does a
    /// relaxed RMW here, so that loom tries all orders of them.
    #[derive(Debug)]
    struct Shadow(Option<lm::AtomicBool>);

    impl Shadow {
        fn new() -> Self {
            Self((switches().loads == Loads::Shadowed).then(|| lm::AtomicBool::new(false)))
        }

        fn touch(&self) {
            if let Some(shadow) = &self.0 {
                // ORDERING: nothing is published; loom only has to see an access.
                shadow.swap(false, Ordering::Relaxed);
            }
        }
    }

    fn loads_are_rmws() -> bool {
        switches().loads == Loads::Rmws
    }

    macro_rules! integer {
        ($name:ident, $int:ty) => {
            #[derive(Debug)]
            pub(crate) struct $name(lm::$name, Shadow);

            impl Drop for $name {
                /// Whatever is dropped goes after all that was done to it: a write, for loom.
                #[track_caller]
                fn drop(&mut self) {
                    if !std::thread::panicking() {
                        self.0.with_mut(|_| ());
                    }
                }
            }

            impl $name {
                pub(crate) fn new(value: $int) -> Self {
                    Self(lm::$name::new(value), Shadow::new())
                }
                #[track_caller]
                pub(crate) fn load(&self, ordering: Ordering) -> $int {
                    self.1.touch();
                    if loads_are_rmws() { self.0.fetch_add(0, at(ordering)) } else { self.0.load(at(ordering)) }
                }
                #[track_caller]
                pub(crate) fn store(&self, value: $int, ordering: Ordering) {
                    self.1.touch();
                    if loads_are_rmws() {
                        self.0.swap(value, at(ordering));
                    } else {
                        self.0.store(value, at(ordering));
                    }
                }
                #[track_caller]
                pub(crate) fn swap(&self, value: $int, ordering: Ordering) -> $int {
                    self.1.touch();
                    self.0.swap(value, at(ordering))
                }
                #[track_caller]
                pub(crate) fn fetch_add(&self, value: $int, ordering: Ordering) -> $int {
                    self.1.touch();
                    self.0.fetch_add(value, at(ordering))
                }
                #[track_caller]
                pub(crate) fn fetch_sub(&self, value: $int, ordering: Ordering) -> $int {
                    self.1.touch();
                    self.0.fetch_sub(value, at(ordering))
                }
                #[track_caller]
                pub(crate) fn fetch_or(&self, value: $int, ordering: Ordering) -> $int {
                    self.1.touch();
                    self.0.fetch_or(value, at(ordering))
                }
                #[track_caller]
                pub(crate) fn compare_exchange(
                    &self,
                    current: $int,
                    new: $int,
                    success: Ordering,
                    failure: Ordering,
                ) -> Result<$int, $int> {
                    self.1.touch();
                    self.0.compare_exchange(current, new, at(success), at_failure(failure))
                }
            }
        };
    }

    integer!(AtomicUsize, usize);
    integer!(AtomicU32, u32);

    impl AtomicUsize {
        #[track_caller]
        pub(crate) fn fetch_and(&self, value: usize, ordering: Ordering) -> usize {
            self.1.touch();
            self.0.fetch_and(value, at(ordering))
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

    #[derive(Debug)]
    pub(crate) struct AtomicPtr<T>(lm::AtomicPtr<T>, Shadow);

    impl<T> Drop for AtomicPtr<T> {
        #[track_caller]
        fn drop(&mut self) {
            if !std::thread::panicking() {
                self.0.with_mut(|_| ());
            }
        }
    }

    impl<T> AtomicPtr<T> {
        pub(crate) fn new(value: *mut T) -> Self {
            Self(lm::AtomicPtr::new(value), Shadow::new())
        }
        #[track_caller]
        pub(crate) fn load(&self, ordering: Ordering) -> *mut T {
            self.1.touch();
            let ordering = at(ordering);
            if loads_are_rmws() {
                match self.0.fetch_update(ordering, load_part(ordering), Some) {
                    Ok(value) | Err(value) => value,
                }
            } else {
                self.0.load(ordering)
            }
        }
        #[track_caller]
        pub(crate) fn store(&self, value: *mut T, ordering: Ordering) {
            self.1.touch();
            if loads_are_rmws() {
                self.0.swap(value, at(ordering));
            } else {
                self.0.store(value, at(ordering));
            }
        }
        #[track_caller]
        pub(crate) fn swap(&self, value: *mut T, ordering: Ordering) -> *mut T {
            self.1.touch();
            self.0.swap(value, at(ordering))
        }
        #[track_caller]
        pub(crate) fn compare_exchange(
            &self,
            current: *mut T,
            new: *mut T,
            success: Ordering,
            failure: Ordering,
        ) -> Result<*mut T, *mut T> {
            self.1.touch();
            self.0.compare_exchange(current, new, at(success), at_failure(failure))
        }
    }
}
