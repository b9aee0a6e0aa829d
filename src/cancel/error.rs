//! What the calls of this floor can answer.

use core::error::Error;
use core::fmt;

/// No slot is free, or no place in a channel, and nothing grows.
///
/// # Examples
///
/// ```
/// use taskcell::{Full, StaticCancellationTokenSource};
///
/// static STOP: StaticCancellationTokenSource<1> = StaticCancellationTokenSource::new();
///
/// let first = STOP.slot();
/// assert!(first.is_ok());
/// assert!(matches!(STOP.slot(), Err(Full)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no slot is free")
    }
}

impl Error for Full {}

/// Why a callback was not registered, with the callback.
///
/// # Examples
///
/// ```
/// use taskcell::{CancellationToken, TryRegisterError};
///
/// let error = CancellationToken::new(true).try_register(|| println!("stop")).unwrap_err();
/// assert!(matches!(error, TryRegisterError::Cancelled(_)));
/// let callback = error.into_inner();
/// callback(); // it is too late to wait, so at once
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TryRegisterError<F> {
    /// No slot is free.
    Full(F),
    /// It has been cancelled.
    Cancelled(F),
    /// It can never be cancelled.
    Never(F),
}

impl<F> TryRegisterError<F> {
    /// The callback.
    pub fn into_inner(self) -> F {
        let (Self::Full(callback) | Self::Cancelled(callback) | Self::Never(callback)) = self;
        callback
    }

    fn text(&self) -> &'static str {
        match self {
            Self::Full(_) => "no slot is free",
            Self::Cancelled(_) => "it has been cancelled",
            Self::Never(_) => "it can never be cancelled",
        }
    }
}

impl<F> fmt::Display for TryRegisterError<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl<F> fmt::Debug for TryRegisterError<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Full(_) => "Full",
            Self::Cancelled(_) => "Cancelled",
            Self::Never(_) => "Never",
        };
        write!(f, "{name}(..)")
    }
}

impl<F> Error for TryRegisterError<F> {}

#[cfg(feature = "alloc")]
pub use with_heap::{Cancelled, Interrupted};

#[cfg(feature = "alloc")]
mod with_heap {
    use crate::cancel::{CancellationReason, CancellationToken};
    use core::error::Error;
    use core::fmt;

    /// An operation ended early because its token was cancelled. One word.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::{CancellationTokenSource, Cancelled};
    ///
    /// let source = CancellationTokenSource::new();
    /// source.cancel_with("Ctrl-C");
    /// let error = source.token().check().unwrap_err();
    /// assert_eq!(error.token(), &source.token());
    /// assert_eq!(error.reason().unwrap().to_string(), "Ctrl-C");
    ///
    /// // What ends early for a reason of its own says so with a token, or with none.
    /// assert_eq!(error, Cancelled::new(source.token()));
    /// ```
    #[doc(alias = "OperationCanceledException")]
    #[doc(alias = "TaskCanceledException")]
    #[doc(alias = "Canceled")]
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Cancelled {
        token: CancellationToken,
    }

    impl Cancelled {
        /// An operation ended because of `token`, or of none.
        #[must_use]
        pub const fn new(token: CancellationToken) -> Self {
            Self { token }
        }

        /// The token that ended it; [`CancellationToken::NONE`] if none did.
        #[must_use]
        pub fn token(&self) -> &CancellationToken {
            &self.token
        }

        /// Why the token was cancelled, if it was.
        #[must_use]
        pub fn reason(&self) -> Option<CancellationReason> {
            self.token.reason()
        }
    }

    impl fmt::Display for Cancelled {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("the operation was cancelled")
        }
    }

    impl Error for Cancelled {}

    /// A future that was interrupted, and why.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::CancellationToken;
    ///
    /// # smol::block_on(async {
    /// let request = core::future::ready("answer"); // any future that is `Unpin`
    /// let interrupted = CancellationToken::new(true).until_cancelled(request).await.unwrap_err();
    /// let request = interrupted.into_inner(); // nothing of it is lost
    /// assert_eq!(request.await, "answer");
    /// # });
    /// ```
    pub struct Interrupted<F> {
        /// The future, where it was.
        pub future: F,
        /// The token that was cancelled.
        pub cancelled: Cancelled,
    }

    impl<F> Interrupted<F> {
        /// The future, where it was.
        pub fn into_inner(self) -> F {
            self.future
        }
    }

    impl<F> fmt::Display for Interrupted<F> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            fmt::Display::fmt(&self.cancelled, f)
        }
    }

    impl<F> fmt::Debug for Interrupted<F> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_struct("Interrupted").field("cancelled", &self.cancelled).finish_non_exhaustive()
        }
    }

    impl<F> Error for Interrupted<F> {}

    impl<F> From<Interrupted<F>> for Cancelled {
        fn from(interrupted: Interrupted<F>) -> Self {
            interrupted.cancelled
        }
    }
}
