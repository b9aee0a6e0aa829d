//! Panics of foreign code: contained, collected, resumed or reported.

#[cfg(feature = "std")]
pub use with_std::{Fault, set_hook};
#[cfg(feature = "std")]
pub(crate) use with_std::{Panics, attempt, contain, drain, report};
#[cfg(not(feature = "std"))]
pub(crate) use without_std::{Panics, drain};
#[cfg(all(feature = "alloc", not(feature = "std")))]
pub(crate) use without_std::{attempt, contain};

/// What becomes of a panic once everything has been delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// It resumes in the caller.
    Resume,
    /// It goes to the hook: nobody could catch it here.
    Report,
}

#[cfg(feature = "std")]
mod with_std {
    use super::Then;
    use crate::shim::hook::{Hook, Told};
    use crate::shim::thread::{Payload, catch, is_panicking, resume};
    use core::any::Any;

    /// A panic of a callback or waker that could not resume in anybody who caused it.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::fault::{Fault, set_hook};
    ///
    /// fn tell(fault: &Fault<'_>) {
    ///     match fault.message() {
    ///         Some(message) => eprintln!("a callback panicked: {message}"),
    ///         None => eprintln!("a callback panicked with a {:?}", fault.payload().type_id()),
    ///     }
    /// }
    /// set_hook(tell);
    /// ```
    #[derive(Debug)]
    pub struct Fault<'a> {
        payload: &'a (dyn Any + Send),
    }

    impl Fault<'_> {
        /// What the panic carried.
        #[must_use]
        pub fn payload(&self) -> &(dyn Any + Send) {
            self.payload
        }

        /// The panic's message, if it carried one.
        #[must_use]
        pub fn message(&self) -> Option<&str> {
            let text = self.payload.downcast_ref::<&'static str>().copied();
            text.or_else(|| self.payload.downcast_ref::<alloc::string::String>().map(|text| text.as_str()))
        }
    }

    /// That is a [`Fault`].
    enum Faults {}

    impl Told for Faults {
        type Of<'a> = Fault<'a>;
    }

    static HOOK: Hook<Faults> = Hook::new();

    /// Sets what is told of panics that cannot resume: those on a timer's thread, and those of a thread that is
    /// panicking already. The last hook set counts; at first there is none, and such panics have only been printed
    /// by Rust's own panic hook. A hook that panics is ignored.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use taskcell::{CancellationTokenSource, fault};
    ///
    /// fault::set_hook(|fault| eprintln!("{}", fault.message().unwrap_or("a panic")));
    /// let source = CancellationTokenSource::new();
    /// source.token().register(|| panic!("out of paper")).detach();
    /// source.cancel_after(Duration::from_secs(60)); // on the timer's thread nobody could catch it
    /// ```
    pub fn set_hook(hook: fn(&Fault<'_>)) {
        HOOK.set(hook);
    }

    /// Hands a payload to the hook.
    pub(crate) fn report(payload: Payload) {
        if let Some(hook) = HOOK.get() {
            contain(|| hook(&Fault { payload: &*payload }));
        }
        forget_panic(Err(payload));
    }

    /// Runs `f`, whose panic nobody needs.
    pub(crate) fn contain(f: impl FnOnce()) {
        forget_panic(catch(f));
    }

    // A payload's own drop may panic, and the payload of that panic, too: after a few of them the last is leaked.
    fn forget_panic(mut result: Result<(), Payload>) {
        for _ in 0..4 {
            match result {
                Ok(()) => return,
                Err(payload) => result = catch(|| drop(payload)),
            }
        }
        core::mem::forget(result);
    }

    /// The first panic of a delivery.
    #[derive(Debug, Default)]
    pub(crate) struct Panics(Option<Payload>);

    impl Panics {
        pub(crate) const fn new() -> Self {
            Self(None)
        }

        /// Takes the others' panic into account, as one that came later.
        fn record(&mut self, payload: Payload) {
            match self.0 {
                None => self.0 = Some(payload),
                Some(_) => forget_panic(Err(payload)),
            }
        }

        /// Takes over what another one has, as panics that came later.
        pub(crate) fn absorb(&mut self, other: &mut Self) {
            if let Some(payload) = other.0.take() {
                self.record(payload);
            }
        }

        /// Resumes or reports the first panic, if there was one.
        #[inline(always)]
        pub(crate) fn settle(&mut self, then: Then) {
            if let Some(payload) = self.0.take() {
                if then == Then::Report || is_panicking() {
                    report(payload);
                } else {
                    resume(payload);
                }
            }
        }
    }

    /// Calls `step`. If it panics, `go_on` has to do the rest and to settle.
    #[inline(always)]
    pub(crate) fn attempt(step: impl FnOnce(), go_on: impl FnOnce(Panics)) {
        if let Err(payload) = catch(step) {
            go_on(Panics(Some(payload)));
        }
    }

    /// Calls `step` until it returns, again after each panic. It must get further each time.
    #[inline(always)]
    pub(crate) fn drain(panics: &mut Panics, mut step: impl FnMut()) {
        while let Err(payload) = catch(&mut step) {
            panics.record(payload);
        }
    }
}

#[cfg(not(feature = "std"))]
mod without_std {
    use super::Then;

    /// Runs `f`; without std nothing is caught.
    #[cfg(feature = "alloc")]
    pub(crate) fn contain(f: impl FnOnce()) {
        f();
    }

    /// Nothing is caught without std: a panic passes on when all else has been delivered.
    #[derive(Debug, Default)]
    pub(crate) struct Panics(());

    impl Panics {
        pub(crate) const fn new() -> Self {
            Self(())
        }

        pub(crate) fn absorb(&mut self, _: &mut Self) {}

        pub(crate) fn settle(&mut self, _: Then) {}
    }

    /// Calls `step`. If it panics, `go_on` has to do the rest, while the panic unwinds.
    #[inline(always)]
    pub(crate) fn attempt(step: impl FnOnce(), go_on: impl FnOnce(Panics)) {
        struct Rest<F: FnOnce(Panics)>(Option<F>);
        impl<F: FnOnce(Panics)> Drop for Rest<F> {
            fn drop(&mut self) {
                if let Some(go_on) = self.0.take() {
                    go_on(Panics::new());
                }
            }
        }
        let rest = Rest(Some(go_on));
        step();
        core::mem::forget(rest);
    }

    struct Again<F: FnMut()>(F);

    impl<F: FnMut()> Drop for Again<F> {
        fn drop(&mut self) {
            (self.0)();
        }
    }

    /// Calls `step` until it returns. If it panics it is called once more while unwinding; a second panic aborts.
    #[inline(always)]
    pub(crate) fn drain(_: &mut Panics, step: impl FnMut()) {
        let mut again = Again(step);
        (again.0)();
        core::mem::forget(again);
    }
}
