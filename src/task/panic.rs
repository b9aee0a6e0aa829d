//! A caught panic, in one word.

use core::error::Error;
use core::fmt;

#[cfg(feature = "std")]
use with_std::Caught;
#[cfg(not(feature = "std"))]
use without_std::Caught;

/// A panic that ended a task. One word; clones share what the panic carried.
///
/// The message can be read as often as one likes. What the panic carried can be taken once, by any of the clones
/// (with the feature `std`). Without `std` no panic is caught, and no value of this type exists.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "std")] {
/// use taskcell::Panic;
///
/// let caught = std::panic::catch_unwind(|| panic!("out of paper")).unwrap_err();
/// let panic = Panic::new(caught);
/// let clone = panic.clone();
/// assert_eq!(clone.message(), Some("out of paper"));
/// assert!(clone.take_payload().is_some());
/// assert!(panic.take_payload().is_none());
/// assert_eq!(panic.message(), Some("out of paper"));
/// # }
/// ```
#[derive(Clone)]
pub struct Panic(Caught);

impl Panic {
    /// The message of the panic, if it carried text.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.0.message()
    }
}

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.message() {
            Some(message) => write!(f, "the task panicked: {message}"),
            None => f.write_str("the task panicked"),
        }
    }
}

impl fmt::Debug for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Panic").field("message", &self.message()).finish_non_exhaustive()
    }
}

impl Error for Panic {}

#[cfg(feature = "std")]
mod with_std {
    use super::Panic;
    use crate::raw::once::TakeOnce;
    use crate::shim::heap::Shared;
    use crate::shim::thread::{Payload, resume};
    use alloc::borrow::Cow;
    use alloc::boxed::Box;
    use alloc::string::String;
    use core::any::Any;

    #[derive(Clone)]
    pub(super) struct Caught(Shared<Contents>);

    struct Contents {
        message: Option<Cow<'static, str>>,
        payload: TakeOnce<Payload>,
    }

    impl Caught {
        pub(super) fn message(&self) -> Option<&str> {
            self.0.message.as_deref()
        }
    }

    fn message(payload: &Payload) -> Option<Cow<'static, str>> {
        if let Some(text) = payload.downcast_ref::<&'static str>() {
            return Some(Cow::Borrowed(*text));
        }
        payload.downcast_ref::<String>().map(|text| Cow::Owned(text.clone()))
    }

    impl Panic {
        /// Keeps what [`catch_unwind`](std::panic::catch_unwind) caught.
        #[must_use]
        pub fn new(payload: Box<dyn Any + Send>) -> Self {
            let message = message(&payload);
            Self(Caught(Shared::new(Contents { message, payload: TakeOnce::new(payload) })))
        }

        /// What the panic carried; `None` if it has been taken, from this handle or from a clone.
        #[must_use]
        pub fn take_payload(&self) -> Option<Box<dyn Any + Send>> {
            self.0.0.payload.take()
        }

        /// Goes on with the panic in this thread, without a second message from the panic hook.
        ///
        /// # Panics
        ///
        /// Always: with what the panic carried or, if that has been taken, with its message as a `String`.
        ///
        /// # Examples
        ///
        /// ```
        /// use std::panic::catch_unwind;
        /// use taskcell::Panic;
        ///
        /// let panic = Panic::new(Box::new("out of paper"));
        /// let caught = catch_unwind(|| panic.resume()).unwrap_err(); // as if it had happened here
        /// assert_eq!(caught.downcast_ref(), Some(&"out of paper"));
        /// ```
        pub fn resume(self) -> ! {
            let payload = self.take_payload().unwrap_or_else(|| {
                let message = self.message().unwrap_or("the task panicked");
                Box::new(String::from(message))
            });
            // The other clones keep the message alone.
            drop(self);
            resume(payload)
        }
    }
}

#[cfg(not(feature = "std"))]
mod without_std {
    use super::Panic;
    use crate::shim::thread::Payload;

    #[derive(Clone)]
    pub(super) enum Caught {}

    impl Caught {
        pub(super) fn message(&self) -> Option<&str> {
            match *self {}
        }
    }

    impl Panic {
        /// There is no payload without std.
        pub(crate) fn new(payload: Payload) -> Self {
            match payload {}
        }
    }
}
