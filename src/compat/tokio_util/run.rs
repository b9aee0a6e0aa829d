//! A future beside a token.

use super::wait::{Wait, WaitForCancellationFuture, WaitForCancellationFutureOwned};
use core::fmt;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll};
use pin_project::pin_project;

/// Both of them. The future goes first.
#[pin_project]
pub(super) struct Beside<W, F> {
    #[pin]
    cancelled: W,
    #[pin]
    future: F,
}

impl<W, F> Beside<W, F> {
    pub(super) fn new(cancelled: W, future: F) -> Self {
        Self { cancelled, future }
    }
}

impl<W: Wait, F: Future> Future for Beside<W, F> {
    type Output = Option<F::Output>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Poll::Ready(output) = this.future.poll(cx) {
            return Poll::Ready(Some(output));
        }
        this.cancelled.poll(cx).map(|()| None)
    }
}

/// Drops what it runs when this is dropped: at the end, or when a poll panics.
struct Ended<'p, T>(Pin<&'p mut Option<T>>);

impl<T> Drop for Ended<'_, T> {
    fn drop(&mut self) {
        self.0.set(None);
    }
}

/// What tokio-util has as an `async fn`: looks at the token at its first poll, and drops both at the end.
#[pin_project]
struct Run<W, F> {
    started: bool,
    #[pin]
    beside: Option<Beside<W, F>>,
}

impl<W: Wait, F: Future> Future for Run<W, F> {
    type Output = Option<F::Output>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut ended = Ended(this.beside);
        let beside = ended.0.as_mut().as_pin_mut().expect("polled after it was ready");
        if !mem::replace(this.started, true) && beside.cancelled.is_cancelled() {
            return Poll::Ready(None);
        }
        let outcome = beside.poll(cx);
        if outcome.is_pending() {
            mem::forget(ended);
        }
        outcome
    }
}

macro_rules! running {
    ($(#[$doc:meta])* $name:ident <$($life:lifetime,)? F>, $wait:ty) => {
        $(#[$doc])*
        ///
        /// tokio-util has an `async fn` in its place, whose future has no name.
        ///
        /// # Panics
        ///
        /// If polled after it was ready.
        #[pin_project]
        #[must_use = "futures do nothing unless polled"]
        pub struct $name<$($life,)? F> {
            #[pin]
            run: Run<$wait, F>,
        }

        impl<$($life,)? F> $name<$($life,)? F> {
            pub(super) fn new(cancelled: $wait, future: F) -> Self {
                Self { run: Run { started: false, beside: Some(Beside::new(cancelled, future)) } }
            }
        }

        impl<$($life,)? F: Future> Future for $name<$($life,)? F> {
            type Output = Option<F::Output>;

            #[inline]
            fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
                self.project().run.poll(cx)
            }
        }

        impl<$($life,)? F> fmt::Debug for $name<$($life,)? F> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    };
}

running! {
    /// Runs a future until its token is cancelled; made by
    /// [`CancellationToken::run_until_cancelled`](super::sync::CancellationToken::run_until_cancelled).
    ///
    /// # Examples
    ///
    /// ```
    /// use core::future::{Ready, ready};
    /// use taskcell::compat::tokio_util::sync::{CancellationToken, RunUntilCancelledFuture};
    ///
    /// let token = CancellationToken::new();
    /// let run: RunUntilCancelledFuture<'_, Ready<u8>> = token.run_until_cancelled(ready(1));
    /// assert_eq!(smol::block_on(run), Some(1));
    /// ```
    RunUntilCancelledFuture<'a, F>, WaitForCancellationFuture<'a>
}

running! {
    /// Runs a future until its token is cancelled; made by
    /// [`CancellationToken::run_until_cancelled_owned`](super::sync::CancellationToken::run_until_cancelled_owned).
    ///
    /// # Examples
    ///
    /// ```
    /// use core::future::{Pending, pending};
    /// use taskcell::compat::tokio_util::sync::{CancellationToken, RunUntilCancelledFutureOwned};
    ///
    /// let token = CancellationToken::new();
    /// let run: RunUntilCancelledFutureOwned<Pending<()>> = token.clone().run_until_cancelled_owned(pending());
    /// token.cancel();
    /// assert_eq!(smol::block_on(run), None);
    /// ```
    RunUntilCancelledFutureOwned<F>, WaitForCancellationFutureOwned
}
