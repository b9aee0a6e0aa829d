//! What threads give: containment of panics, a thread's own frames. Without std
//! there is none of it, and the stand-ins say so.

/// What a caught panic carried.
#[cfg(feature = "std")]
pub(crate) type Payload = alloc::boxed::Box<dyn core::any::Any + Send>;

/// Runs `f`; a panic comes back as its payload.
#[cfg(feature = "std")]
pub(crate) fn catch(f: impl FnOnce()) -> Result<(), Payload> {
    std::panic::catch_unwind(core::panic::AssertUnwindSafe(f))
}

/// Goes on with a caught panic.
#[cfg(feature = "std")]
pub(crate) fn resume(payload: Payload) -> ! {
    std::panic::resume_unwind(payload)
}

/// True while this thread unwinds.
#[cfg(feature = "std")]
pub(crate) fn is_panicking() -> bool {
    std::thread::panicking()
}

/// The innermost frame that this thread has entered with [`swap_frame`].
#[cfg(feature = "std")]
pub(crate) fn frame() -> *const () {
    frames::FRAME.with(core::cell::Cell::get)
}

/// Without std nobody can tell threads apart.
#[cfg(not(feature = "std"))]
pub(crate) fn frame() -> *const () {
    core::ptr::null()
}

/// Makes `frame` the innermost one; returns the one before.
#[cfg(feature = "std")]
pub(crate) fn swap_frame(frame: *const ()) -> *const () {
    frames::FRAME.with(|cell| cell.replace(frame))
}

/// Without std there are no frames.
#[cfg(not(feature = "std"))]
pub(crate) fn swap_frame(_: *const ()) -> *const () {
    core::ptr::null()
}

#[cfg(all(feature = "std", not(loom)))]
mod frames {
    std::thread_local! {
        pub(super) static FRAME: core::cell::Cell<*const ()> = const { core::cell::Cell::new(core::ptr::null()) };
    }
}

#[cfg(all(feature = "std", loom))]
mod frames {
    loom::thread_local! {
        pub(super) static FRAME: core::cell::Cell<*const ()> = core::cell::Cell::new(core::ptr::null());
    }
}
