//! From tokio-util's token to the types of this crate, and back.

use super::token::CancellationToken;
use crate::cancel::{self, Cancellation, CancellationTokenSource, Full, WaitForCancelled};

/// Not of tokio-util: to change place by place.
impl CancellationToken {
    /// The source that this handle is: for reasons, deadlines, deferred callbacks.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::compat::tokio_util::sync::CancellationToken;
    ///
    /// let token = CancellationToken::new();
    /// token.source().cancel_with("the disk is full");
    /// assert_eq!(token.token().reason().unwrap().to_string(), "the disk is full");
    /// ```
    #[inline]
    pub fn source(&self) -> &CancellationTokenSource {
        &self.source
    }

    /// A token of this crate: for code that observes, and for callbacks.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::compat::tokio_util::sync::CancellationToken;
    ///
    /// fn count(token: &taskcell::CancellationToken) -> Result<u32, taskcell::Cancelled> {
    ///     token.check()?;
    ///     Ok(42)
    /// }
    /// assert_eq!(count(&CancellationToken::new().token()), Ok(42));
    /// ```
    #[inline]
    pub fn token(&self) -> cancel::CancellationToken {
        self.source.token()
    }
}

/// The same source, as tokio-util's token. A token of this crate only observes; what it has is a child:
/// `CancellationToken::from(token.child())`.
///
/// # Examples
///
/// ```
/// use taskcell::CancellationTokenSource;
/// use taskcell::compat::tokio_util::sync::CancellationToken;
///
/// let source = CancellationTokenSource::new();
/// let (same, child) = (CancellationToken::from(source.clone()), CancellationToken::from(source.token().child()));
/// child.cancel();
/// assert!(!source.is_cancelled());
/// same.cancel();
/// assert!(source.is_cancelled());
/// ```
impl From<CancellationTokenSource> for CancellationToken {
    fn from(source: CancellationTokenSource) -> Self {
        Self { source }
    }
}

/// The same token, as a source.
///
/// # Examples
///
/// ```
/// use taskcell::CancellationTokenSource;
/// use taskcell::compat::tokio_util::sync::CancellationToken;
///
/// let token = CancellationToken::new();
/// assert!(CancellationTokenSource::from(token.clone()).cancel());
/// assert!(token.is_cancelled());
/// ```
impl From<CancellationToken> for CancellationTokenSource {
    fn from(token: CancellationToken) -> Self {
        token.source
    }
}

/// What is left of it for those who only observe: this handle cancels nothing any more.
///
/// # Examples
///
/// ```
/// let token = taskcell::compat::tokio_util::sync::CancellationToken::new();
/// let observer = taskcell::CancellationToken::from(token.clone());
/// token.cancel();
/// assert!(observer.is_cancelled());
/// ```
impl From<CancellationToken> for cancel::CancellationToken {
    fn from(token: CancellationToken) -> Self {
        token.token()
    }
}

/// Combinators of this crate take it as it is.
///
/// # Examples
///
/// ```
/// use taskcell::compat::tokio_util::sync::CancellationToken;
/// use taskcell::until_cancelled;
///
/// # smol::block_on(async {
/// let token = CancellationToken::new();
/// token.cancel();
/// let work = core::pin::pin!(async { 42 });
/// let unfinished = until_cancelled(work, &token).await.unwrap_err();
/// assert_eq!(unfinished.into_inner().await, 42);
/// # });
/// ```
impl Cancellation for CancellationToken {
    type Slot<'a> = WaitForCancelled<'a>;

    fn is_cancelled(&self) -> bool {
        self.source.is_cancelled()
    }

    /// Always true: who holds a token may cancel it.
    fn can_be_cancelled(&self) -> bool {
        true
    }

    fn slot(&self) -> Result<Self::Slot<'_>, Full> {
        Ok(self.source.cancelled())
    }
}
