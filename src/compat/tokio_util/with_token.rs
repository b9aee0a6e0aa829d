//! A future beside a token that is looked at when they come together.

use super::run::Beside;
use super::token::CancellationToken;
use super::wait::{WaitForCancellationFuture, WaitForCancellationFutureOwned};
use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};
use pin_project::pin_project;

macro_rules! with_token {
    ($(#[$doc:meta])* $name:ident <$($life:lifetime,)? F>, $wait:ty, |$token:ident: $from:ty| $make:expr) => {
        $(#[$doc])*
        ///
        /// If the token is cancelled already the future is dropped at once, and never polled. Otherwise each poll polls the
        /// future first, so that a result that is there is not thrown away.
        #[pin_project]
        #[must_use = "futures do nothing unless polled"]
        pub struct $name<$($life,)? F> {
            #[pin]
            beside: Option<Beside<$wait, F>>,
        }

        impl<$($life,)? F> $name<$($life,)? F> {
            pub(super) fn new($token: $from, future: F) -> Self {
                Self { beside: (!$token.is_cancelled()).then(|| Beside::new($make, future)) }
            }
        }

        impl<$($life,)? F: Future> Future for $name<$($life,)? F> {
            type Output = Option<F::Output>;

            #[inline]
            fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
                match self.project().beside.as_pin_mut() {
                    Some(beside) => beside.poll(cx),
                    None => Poll::Ready(None),
                }
            }
        }

        impl<$($life,)? F> fmt::Debug for $name<$($life,)? F> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    };
}

with_token! {
    /// Runs a future until a token is cancelled; made by
    /// [`FutureExt::with_cancellation_token`](super::future::FutureExt::with_cancellation_token).
    ///
    /// # Examples
    ///
    /// ```
    /// use core::future::{Ready, ready};
    /// use taskcell::compat::tokio_util::future::{FutureExt, WithCancellationTokenFuture};
    /// use taskcell::compat::tokio_util::sync::CancellationToken;
    ///
    /// let token = CancellationToken::new();
    /// let run: WithCancellationTokenFuture<'_, Ready<u8>> = ready(1).with_cancellation_token(&token);
    /// assert_eq!(smol::block_on(run), Some(1));
    /// ```
    WithCancellationTokenFuture<'a, F>, WaitForCancellationFuture<'a>, |token: &'a CancellationToken| token.cancelled()
}

with_token! {
    /// Runs a future until its token is cancelled; made by
    /// [`FutureExt::with_cancellation_token_owned`](super::future::FutureExt::with_cancellation_token_owned).
    ///
    /// # Examples
    ///
    /// ```
    /// use core::future::{Pending, pending};
    /// use taskcell::compat::tokio_util::future::{FutureExt, WithCancellationTokenFutureOwned};
    /// use taskcell::compat::tokio_util::sync::CancellationToken;
    ///
    /// let token = CancellationToken::new();
    /// let run: WithCancellationTokenFutureOwned<Pending<()>> = pending().with_cancellation_token_owned(token.clone());
    /// token.cancel();
    /// assert_eq!(smol::block_on(run), None);
    /// ```
    WithCancellationTokenFutureOwned<F>, WaitForCancellationFutureOwned, |token: CancellationToken| token.cancelled_owned()
}
