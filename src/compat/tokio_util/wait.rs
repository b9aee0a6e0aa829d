//! Waiting for a cancellation.

use super::token::CancellationToken;
use crate::cancel::{WaitForCancelled, WaitForCancelledOwned};
use core::fmt;
use core::marker::PhantomPinned;
use core::pin::Pin;
use core::task::{Context, Poll};
use pin_project::pin_project;

/// What the futures here ask of one that waits.
pub(super) trait Wait: Future<Output = ()> {
    fn is_cancelled(&self) -> bool;
}

macro_rules! waiting {
    ($(#[$doc:meta])* $name:ident $(<$life:lifetime>)?, $wait:ty, |$token:ident: $from:ty| $make:expr) => {
        $(#[$doc])*
        ///
        /// Polled again, it is ready again. Like tokio-util's it is not `Unpin`; that of
        /// [`token()`](CancellationToken::token) is.
        #[pin_project]
        #[must_use = "futures do nothing unless polled"]
        pub struct $name $(<$life>)? {
            wait: $wait,
            #[pin]
            _pinned: PhantomPinned,
        }

        impl $(<$life>)? $name $(<$life>)? {
            #[inline]
            pub(super) fn new($token: $from) -> Self {
                Self { wait: $make, _pinned: PhantomPinned }
            }
        }

        impl $(<$life>)? Wait for $name $(<$life>)? {
            fn is_cancelled(&self) -> bool {
                self.wait.is_cancelled()
            }
        }

        impl $(<$life>)? Future for $name $(<$life>)? {
            type Output = ();

            #[inline]
            fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
                Pin::new(self.project().wait).poll(cx)
            }
        }

        impl $(<$life>)? fmt::Debug for $name $(<$life>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    };
}

waiting! {
    /// Ready once the token is cancelled; made by [`CancellationToken::cancelled`].
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::compat::tokio_util::sync::{CancellationToken, WaitForCancellationFuture};
    ///
    /// async fn cleanup(stopped: WaitForCancellationFuture<'_>) -> &'static str {
    ///     stopped.await;
    ///     "clean"
    /// }
    /// let token = CancellationToken::new();
    /// token.cancel();
    /// assert_eq!(smol::block_on(cleanup(token.cancelled())), "clean");
    /// ```
    WaitForCancellationFuture<'a>, WaitForCancelled<'a>, |token: &'a CancellationToken| token.source.cancelled()
}

waiting! {
    /// Ready once the token is cancelled; made by [`CancellationToken::cancelled_owned`].
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::compat::tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
    ///
    /// struct Connection {
    ///     closed: core::pin::Pin<Box<WaitForCancellationFutureOwned>>,
    /// }
    /// let token = CancellationToken::new();
    /// let mut connection = Connection { closed: Box::pin(token.clone().cancelled_owned()) };
    /// token.cancel();
    /// smol::block_on(connection.closed.as_mut());
    /// ```
    WaitForCancellationFutureOwned, WaitForCancelledOwned, |token: CancellationToken| token.token().cancelled_owned()
}
