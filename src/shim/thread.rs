//! What threads give: containment of panics, a thread's own frames, patience.
//! Without std there is little of it, and the stand-ins say so.

/// What a caught panic carried.
#[cfg(feature = "std")]
pub(crate) type Payload = alloc::boxed::Box<dyn core::any::Any + Send>;

/// What a caught panic carried: nothing can be caught without std.
#[cfg(not(feature = "std"))]
pub(crate) type Payload = core::convert::Infallible;

/// Runs `f`, catching its panic.
#[cfg(feature = "std")]
pub(crate) fn catch<R>(f: impl FnOnce() -> R) -> Result<R, Payload> {
    std::panic::catch_unwind(core::panic::AssertUnwindSafe(f))
}

/// Runs `f`; nothing is caught without std.
#[cfg(not(feature = "std"))]
pub(crate) fn catch<R>(f: impl FnOnce() -> R) -> Result<R, Payload> {
    Ok(f())
}

/// Calls `step` until it answers false. A panic in one does not stop the
/// others: with std the first is handed out when all have run; without, they run
/// while it unwinds, and a second aborts.
#[cfg(feature = "std")]
pub(crate) fn run_all(mut step: impl FnMut() -> bool) -> Option<Payload> {
    let mut first = None;
    loop {
        match catch(&mut step) {
            Ok(true) => {}
            Ok(false) => return first,
            Err(payload) if first.is_none() => first = Some(payload),
            // A payload's drop may panic too.
            Err(payload) => drop(catch(|| drop(payload))),
        }
    }
}

#[cfg(not(feature = "std"))]
pub(crate) fn run_all(step: impl FnMut() -> bool) -> Option<Payload> {
    struct Rest<F: FnMut() -> bool> {
        step: F,
        more: bool,
    }
    impl<F: FnMut() -> bool> Drop for Rest<F> {
        fn drop(&mut self) {
            while self.more {
                self.more = (self.step)();
            }
        }
    }
    let mut rest = Rest { step, more: true };
    while rest.more {
        rest.more = (rest.step)();
    }
    None
}

/// Lets a caught panic go on, or reports it where the thread panics already.
pub(crate) fn resume_or(payload: Option<Payload>, report: impl FnOnce(Payload)) {
    let Some(payload) = payload else { return };
    #[cfg(feature = "std")]
    if !std::thread::panicking() {
        std::panic::resume_unwind(payload);
    }
    report(payload);
}

/// How often a reader of a diagnostic asks again before it makes do.
pub(crate) const PATIENCE: usize = if cfg!(any(loom, shuttle, step)) { 2 } else { 1000 };

/// Lets another thread run.
pub(crate) fn yield_now() {
    #[cfg(loom)]
    loom::thread::yield_now();
    #[cfg(shuttle)]
    shuttle::thread::yield_now();
    #[cfg(all(not(any(loom, shuttle)), feature = "std"))]
    std::thread::yield_now();
    #[cfg(all(not(any(loom, shuttle)), not(feature = "std")))]
    core::hint::spin_loop();
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

#[cfg(all(feature = "std", not(any(loom, shuttle))))]
mod frames {
    std::thread_local! {
        pub(super) static FRAME: core::cell::Cell<*const ()> = const { core::cell::Cell::new(core::ptr::null()) };
    }
}

#[cfg(all(feature = "std", shuttle))]
mod frames {
    shuttle::thread_local! {
        pub(super) static FRAME: core::cell::Cell<*const ()> = core::cell::Cell::new(core::ptr::null());
    }
}

#[cfg(all(feature = "std", loom))]
mod frames {
    loom::thread_local! {
        pub(super) static FRAME: core::cell::Cell<*const ()> = core::cell::Cell::new(core::ptr::null());
    }
}
