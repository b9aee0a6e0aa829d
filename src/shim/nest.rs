//! How deep deliveries stand in each other on this thread, and what waits for
//! the outermost of them (std). Without std nobody can tell threads apart:
//! everything looks like an outermost delivery, and nothing ever waits.

/// First and last of a list; both null if it is empty.
pub(crate) type List = (*const (), *const ());

/// Nothing.
pub(crate) const EMPTY: List = (core::ptr::null(), core::ptr::null());

#[cfg(feature = "std")]
pub(crate) fn depth() -> u32 {
    local::NEST.with(|nest| nest.depth.get())
}

#[cfg(feature = "std")]
pub(crate) fn set_depth(depth: u32) {
    local::NEST.with(|nest| nest.depth.set(depth));
}

/// What waits.
#[cfg(feature = "std")]
pub(crate) fn waiting() -> List {
    local::NEST.with(|nest| nest.waiting.get())
}

#[cfg(feature = "std")]
pub(crate) fn set_waiting(list: List) {
    local::NEST.with(|nest| nest.waiting.set(list));
}

/// The innermost delivery that can be reached by a thread that is about to block; null if there is none.
#[cfg(feature = "std")]
pub(crate) fn innermost() -> *const () {
    local::NEST.with(|nest| nest.innermost.get())
}

/// Makes it another one; returns the one before.
#[cfg(feature = "std")]
pub(crate) fn swap_innermost(innermost: *const ()) -> *const () {
    local::NEST.with(|nest| nest.innermost.replace(innermost))
}

#[cfg(not(feature = "std"))]
pub(crate) fn innermost() -> *const () {
    core::ptr::null()
}

#[cfg(not(feature = "std"))]
pub(crate) fn swap_innermost(_: *const ()) -> *const () {
    core::ptr::null()
}

#[cfg(not(feature = "std"))]
pub(crate) fn depth() -> u32 {
    0
}

#[cfg(not(feature = "std"))]
pub(crate) fn set_depth(_: u32) {}

#[cfg(not(feature = "std"))]
pub(crate) fn waiting() -> List {
    EMPTY
}

#[cfg(not(feature = "std"))]
pub(crate) fn set_waiting(_: List) {
    unreachable!("nothing is put off")
}

#[cfg(feature = "std")]
mod local {
    use super::{EMPTY, List};
    use core::cell::Cell;

    pub(super) struct Nest {
        pub(super) depth: Cell<u32>,
        pub(super) waiting: Cell<List>,
        pub(super) innermost: Cell<*const ()>,
    }

    impl Nest {
        const fn new() -> Self {
            Self { depth: Cell::new(0), waiting: Cell::new(EMPTY), innermost: Cell::new(core::ptr::null()) }
        }
    }

    #[cfg(not(any(loom, shuttle)))]
    std::thread_local! {
        pub(super) static NEST: Nest = const { Nest::new() };
    }

    #[cfg(shuttle)]
    shuttle::thread_local! {
        pub(super) static NEST: Nest = Nest::new();
    }

    #[cfg(loom)]
    loom::thread_local! {
        pub(super) static NEST: Nest = Nest::new();
    }
}
