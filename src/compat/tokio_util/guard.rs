//! Cancelling on drop.

use super::token::CancellationToken;

/// Owns a token and cancels it when dropped; made by [`CancellationToken::drop_guard`].
///
/// # Examples
///
/// ```
/// use taskcell::compat::tokio_util::sync::{CancellationToken, DropGuard};
///
/// struct Service {
///     stop: DropGuard,
/// }
///
/// let service = Service { stop: CancellationToken::new().drop_guard() };
/// let connection = service.stop.token().child_token();
/// drop(service);
/// assert!(connection.is_cancelled());
/// ```
#[derive(Debug)]
pub struct DropGuard {
    inner: Option<CancellationToken>,
}

impl DropGuard {
    pub(super) fn new(token: CancellationToken) -> Self {
        Self { inner: Some(token) }
    }

    /// The token.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::compat::tokio_util::sync::CancellationToken;
    ///
    /// let guard = CancellationToken::new().drop_guard();
    /// assert!(!guard.token().is_cancelled());
    /// ```
    pub fn token(&self) -> &CancellationToken {
        self.inner.as_ref().expect("only `disarm` takes it")
    }

    /// Gives the token back, uncancelled. Other guards of the token stay as they are.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::compat::tokio_util::sync::CancellationToken;
    ///
    /// let token = CancellationToken::new().drop_guard().disarm();
    /// assert!(!token.is_cancelled());
    /// ```
    pub fn disarm(mut self) -> CancellationToken {
        self.inner.take().expect("only `disarm` takes it")
    }
}

impl Drop for DropGuard {
    fn drop(&mut self) {
        if let Some(token) = &self.inner {
            token.cancel();
        }
    }
}

/// Cancels a token when dropped; made by [`CancellationToken::drop_guard_ref`].
///
/// # Examples
///
/// ```
/// use taskcell::compat::tokio_util::sync::CancellationToken;
///
/// fn attempt(token: &CancellationToken, work: impl FnOnce() -> Option<u32>) -> Option<u32> {
///     let guard = token.drop_guard_ref(); // whichever way this ends, unless well
///     let result = work()?;
///     guard.disarm();
///     Some(result)
/// }
/// let token = CancellationToken::new();
/// assert!(attempt(&token, || Some(1)).is_some() && !token.is_cancelled());
/// assert!(attempt(&token, || None).is_none() && token.is_cancelled());
/// ```
#[derive(Debug)]
pub struct DropGuardRef<'a> {
    inner: Option<&'a CancellationToken>,
}

impl<'a> DropGuardRef<'a> {
    pub(super) fn new(token: &'a CancellationToken) -> Self {
        Self { inner: Some(token) }
    }

    /// The token.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::compat::tokio_util::sync::CancellationToken;
    ///
    /// let token = CancellationToken::new();
    /// assert_eq!(token.drop_guard_ref().token(), &token);
    /// ```
    pub fn token(&self) -> &CancellationToken {
        self.inner.expect("only `disarm` takes it")
    }

    /// Gives the token back, uncancelled. Other guards of the token stay as they are.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::compat::tokio_util::sync::CancellationToken;
    ///
    /// let token = CancellationToken::new();
    /// assert!(!token.drop_guard_ref().disarm().is_cancelled());
    /// ```
    pub fn disarm(mut self) -> &'a CancellationToken {
        self.inner.take().expect("only `disarm` takes it")
    }
}

impl Drop for DropGuardRef<'_> {
    fn drop(&mut self) {
        if let Some(token) = self.inner {
            token.cancel();
        }
    }
}
