//! tokio-util's token: a source that is its own token.

use super::guard::{DropGuard, DropGuardRef};
use super::run::{RunUntilCancelledFuture, RunUntilCancelledFutureOwned};
use super::wait::{WaitForCancellationFuture, WaitForCancellationFutureOwned};
use crate::cancel::CancellationTokenSource;
use core::fmt;
use core::hash::{Hash, Hasher};

/// Requests and observes a cancellation: tokio-util's token.
///
/// A clone is another handle of the same token; equality and hash go by token. Dropping handles, the last one too, cancels
/// nothing. One word; making one, or a child, is one allocation.
///
/// # Examples
///
/// ```
/// use taskcell::compat::tokio_util::sync::CancellationToken;
///
/// let token = CancellationToken::new();
/// let (clone, child) = (token.clone(), token.child_token());
/// assert!(clone == token && child != token);
///
/// child.cancel();
/// assert!(!token.is_cancelled());
/// clone.cancel();
/// assert!(token.is_cancelled());
/// assert_eq!(format!("{token:?}"), "CancellationToken { is_cancelled: true }");
/// ```
#[derive(Clone, Default)]
pub struct CancellationToken {
    pub(super) source: CancellationTokenSource,
}

impl CancellationToken {
    /// A token that has not been cancelled.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::compat::tokio_util::sync::CancellationToken;
    ///
    /// assert!(!CancellationToken::new().is_cancelled());
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// A token of its own that is cancelled with this one, and cancels only itself. The child of a cancelled token is born
    /// cancelled.
    ///
    /// The child stays below this token's ancestors when this token is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::compat::tokio_util::sync::CancellationToken;
    ///
    /// let service = CancellationToken::new();
    /// let connection = service.child_token();
    /// let request = connection.child_token();
    /// drop(connection);
    /// service.cancel();
    /// assert!(request.is_cancelled());
    /// ```
    #[doc(alias = "child")]
    pub fn child_token(&self) -> Self {
        Self { source: self.source.child() }
    }

    /// Cancels this token and all that are below it, and wakes who waits for them.
    ///
    /// All of them read as cancelled before the first waker runs. Wakers run without a lock: they may use the tokens. Where
    /// a token of the tree is also used as a [source](Self::source) its callbacks run here, after the wakers.
    ///
    /// # Panics
    ///
    /// If a waker panics: when all others were woken.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::compat::tokio_util::sync::CancellationToken;
    ///
    /// let token = CancellationToken::new();
    /// let child = token.child_token();
    /// token.cancel();
    /// token.cancel(); // does nothing
    /// assert!(child.is_cancelled());
    /// ```
    pub fn cancel(&self) {
        self.source.cancel();
    }

    /// True once cancelled: one load, whatever the depth of the tree.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::compat::tokio_util::sync::CancellationToken;
    ///
    /// let token = CancellationToken::new();
    /// token.cancel();
    /// assert!(token.is_cancelled());
    /// ```
    #[inline]
    pub fn is_cancelled(&self) -> bool {
        self.source.is_cancelled()
    }

    /// A future that is ready once this token is cancelled.
    ///
    /// # Cancel safety
    ///
    /// Dropping it takes its waker out, in O(1).
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::compat::tokio_util::sync::CancellationToken;
    ///
    /// # smol::block_on(async {
    /// let token = CancellationToken::new();
    /// let main = async { token.cancelled().await };
    /// token.cancel();
    /// main.await;
    /// # });
    /// ```
    #[inline]
    pub fn cancelled(&self) -> WaitForCancellationFuture<'_> {
        WaitForCancellationFuture::new(self)
    }

    /// [`cancelled`](Self::cancelled), owning the token.
    ///
    /// # Cancel safety
    ///
    /// As there.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::compat::tokio_util::sync::CancellationToken;
    ///
    /// let token = CancellationToken::new();
    /// let wait = std::thread::spawn({
    ///     let cancelled = token.clone().cancelled_owned();
    ///     || smol::block_on(cancelled)
    /// });
    /// token.cancel();
    /// wait.join().unwrap();
    /// ```
    pub fn cancelled_owned(self) -> WaitForCancellationFutureOwned {
        WaitForCancellationFutureOwned::new(self)
    }

    /// A guard that owns this handle and cancels the token when it is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::compat::tokio_util::sync::CancellationToken;
    ///
    /// let token = CancellationToken::new();
    /// drop(token.clone().drop_guard());
    /// assert!(token.is_cancelled());
    /// ```
    pub fn drop_guard(self) -> DropGuard {
        DropGuard::new(self)
    }

    /// A guard that cancels the token when it is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::compat::tokio_util::sync::CancellationToken;
    ///
    /// let token = CancellationToken::new();
    /// {
    ///     let _guard = token.drop_guard_ref();
    ///     assert!(!token.is_cancelled());
    /// }
    /// assert!(token.is_cancelled());
    /// ```
    pub fn drop_guard_ref(&self) -> DropGuardRef<'_> {
        DropGuardRef::new(self)
    }

    /// Runs `future` until it is done or the token is cancelled: then `None`, and the future is dropped.
    ///
    /// If the token is cancelled at the first poll the future is not polled at all. Later the future goes first, so that a
    /// result that is there is not thrown away. The future is dropped as soon as the outcome is there.
    ///
    /// # Cancel safety
    ///
    /// That of `future`, which is dropped with it.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::compat::tokio_util::sync::CancellationToken;
    ///
    /// # smol::block_on(async {
    /// let token = CancellationToken::new();
    /// assert_eq!(token.run_until_cancelled(async { 42 }).await, Some(42));
    /// token.cancel();
    /// assert_eq!(token.run_until_cancelled(async { 42 }).await, None);
    /// # });
    /// ```
    pub fn run_until_cancelled<F: Future>(&self, future: F) -> RunUntilCancelledFuture<'_, F> {
        RunUntilCancelledFuture::new(self.cancelled(), future)
    }

    /// [`run_until_cancelled`](Self::run_until_cancelled), owning the token.
    ///
    /// # Cancel safety
    ///
    /// As there.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::compat::tokio_util::sync::CancellationToken;
    ///
    /// let token = CancellationToken::new();
    /// let work = token.clone().run_until_cancelled_owned(core::future::pending::<()>());
    /// token.cancel();
    /// assert_eq!(smol::block_on(work), None);
    /// ```
    pub fn run_until_cancelled_owned<F: Future>(self, future: F) -> RunUntilCancelledFutureOwned<F> {
        RunUntilCancelledFutureOwned::new(self.cancelled_owned(), future)
    }
}

impl PartialEq for CancellationToken {
    /// True for handles of one token.
    fn eq(&self, other: &Self) -> bool {
        self.source.handle() == other.source.handle()
    }
}

impl Eq for CancellationToken {}

impl Hash for CancellationToken {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.source.handle().hash(state);
    }
}

impl fmt::Debug for CancellationToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancellationToken").field("is_cancelled", &self.is_cancelled()).finish()
    }
}
