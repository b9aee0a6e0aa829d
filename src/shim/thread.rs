//! What threads give: containment of panics, a thread's own storage, parking.
//! Without std there is none of it, and the stand-ins say so.

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
pub(crate) const PATIENCE: usize = if cfg!(loom) { 2 } else { 1000 };

/// Lets another thread run.
pub(crate) fn yield_now() {
    #[cfg(loom)]
    loom::thread::yield_now();
    #[cfg(all(not(loom), feature = "std"))]
    std::thread::yield_now();
    #[cfg(all(not(loom), not(feature = "std")))]
    core::hint::spin_loop();
}
