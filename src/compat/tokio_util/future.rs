//! What `tokio_util::future` has: time limits and tokens as methods of futures.
//!
//! | what | is |
//! |---|---|
//! | [`FutureExt`] | the methods |
//! | [`WithCancellationTokenFuture`], [`WithCancellationTokenFutureOwned`] | the futures of those that take a token |

use super::token::CancellationToken;
pub use super::with_token::{WithCancellationTokenFuture, WithCancellationTokenFutureOwned};
#[cfg(feature = "std")]
use crate::adapt::{Timeout, timeout};
#[cfg(feature = "std")]
use crate::time::SystemClock;
#[cfg(feature = "std")]
use core::time::Duration;
#[cfg(feature = "std")]
use std::time::Instant;

/// tokio-util's extension of all futures.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use taskcell::compat::tokio_util::future::FutureExt;
/// use taskcell::compat::tokio_util::sync::CancellationToken;
///
/// # smol::block_on(async {
/// let token = CancellationToken::new();
/// let answer = async { 42 }.timeout(Duration::from_secs(60)).with_cancellation_token(&token).await;
/// assert_eq!(answer, Some(Ok(42)));
/// # });
/// ```
pub trait FutureExt: Future {
    /// [`taskcell::timeout`](crate::timeout): so much of the system's time, counted from this call. It needs no runtime of
    /// tokio's, and does not see one that is paused; its error is [`taskcell::Elapsed`](crate::Elapsed).
    ///
    /// # Examples
    ///
    /// ```
    /// use core::{future::pending, time::Duration};
    /// use taskcell::compat::tokio_util::future::FutureExt;
    ///
    /// assert!(smol::block_on(pending::<()>().timeout(Duration::from_millis(1))).is_err());
    /// ```
    #[cfg(feature = "std")]
    fn timeout(self, duration: Duration) -> Timeout<Self, SystemClock>
    where
        Self: Sized,
    {
        timeout(duration, self)
    }

    /// [`timeout`](Self::timeout) until a moment of std's clock, or one that turns into it, such as tokio's `Instant`.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::future::pending;
    /// use std::time::Instant;
    /// use taskcell::compat::tokio_util::future::FutureExt;
    ///
    /// assert!(smol::block_on(pending::<()>().timeout_at(Instant::now())).is_err());
    /// ```
    #[cfg(feature = "std")]
    fn timeout_at(self, deadline: impl Into<Instant>) -> Timeout<Self, SystemClock>
    where
        Self: Sized,
    {
        timeout(deadline.into().saturating_duration_since(Instant::now()), self)
    }

    /// Runs this future until `cancellation_token` is cancelled: then `None`.
    ///
    /// As [`CancellationToken::run_until_cancelled`], but the token is looked at now and not at the first poll: if it is
    /// cancelled in between the future is polled once, and may win.
    ///
    /// # Cancel safety
    ///
    /// That of this future, which is dropped with it.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::compat::tokio_util::future::FutureExt;
    /// use taskcell::compat::tokio_util::sync::CancellationToken;
    ///
    /// # smol::block_on(async {
    /// let token = CancellationToken::new();
    /// assert_eq!(async { 42 }.with_cancellation_token(&token).await, Some(42));
    /// token.cancel();
    /// assert_eq!(async { 42 }.with_cancellation_token(&token).await, None);
    /// # });
    /// ```
    fn with_cancellation_token(self, cancellation_token: &CancellationToken) -> WithCancellationTokenFuture<'_, Self>
    where
        Self: Sized,
    {
        WithCancellationTokenFuture::new(cancellation_token, self)
    }

    /// [`with_cancellation_token`](Self::with_cancellation_token), owning the token.
    ///
    /// # Cancel safety
    ///
    /// As there.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::future::pending;
    /// use taskcell::compat::tokio_util::future::FutureExt;
    /// use taskcell::compat::tokio_util::sync::CancellationToken;
    ///
    /// let token = CancellationToken::new();
    /// let work = pending::<()>().with_cancellation_token_owned(token.clone());
    /// token.cancel();
    /// assert_eq!(smol::block_on(work), None);
    /// ```
    fn with_cancellation_token_owned(
        self,
        cancellation_token: CancellationToken,
    ) -> WithCancellationTokenFutureOwned<Self>
    where
        Self: Sized,
    {
        WithCancellationTokenFutureOwned::new(cancellation_token, self)
    }
}

impl<F: Future + ?Sized> FutureExt for F {}
