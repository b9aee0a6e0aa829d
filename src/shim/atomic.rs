//! The atomics of this build.
//!
//! Under loom each operation goes through a thin wrapper, which can change it at run time: `modelled.rs`.
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
pub(crate) use super::modelled::{AtomicBool, AtomicPtr, AtomicU32, AtomicUsize};
#[cfg(loom)]
pub(crate) use loom::sync::atomic::Ordering;

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
    #[cfg(loom)]
    super::switch::seen(name, 0, 0, if found { "true" } else { "false" });
    let _ = name;
    found
}

#[cfg(any(loom, shuttle, step, delays))]
fn skipped(name: &str) -> bool {
    static SKIP: std::sync::OnceLock<Option<alloc::string::String>> = std::sync::OnceLock::new();
    SKIP.get_or_init(|| std::env::var("TASKCELL_SKIP").ok()).as_deref() == Some(name)
}
