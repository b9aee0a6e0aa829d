//! A future that ends early.

use super::{CancellationToken, Cancelled, Interrupted, WaitForCancelled, poll_until};
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use pin_project::pin_project;

/// Runs a future until its token is cancelled; made by [`CancellationToken::until_cancelled`].
///
/// If the token is cancelled at the first poll the future is not polled at all. Later the future goes first, so that a
/// result that is there is not thrown away.
///
/// # Cancel safety
///
/// Dropping it drops the future, and leaves nothing on the token.
///
/// # Panics
///
/// If polled after it was ready.
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct UntilCancelled<'a, F> {
    token: &'a CancellationToken,
    cancelled: WaitForCancelled<'a>,
    future: Option<F>,
    started: bool,
}

impl<'a, F> UntilCancelled<'a, F> {
    pub(super) fn new(token: &'a CancellationToken, future: F) -> Self {
        Self { token, cancelled: token.cancelled(), future: Some(future), started: false }
    }

    /// The future, if it has not ended.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::CancellationToken;
    ///
    /// let token = CancellationToken::NONE;
    /// let waiting = token.until_cancelled(core::future::ready(7));
    /// assert!(waiting.into_inner().is_some());
    /// ```
    pub fn into_inner(self) -> Option<F> {
        self.future
    }
}

impl<F: Future + Unpin> Future for UntilCancelled<'_, F> {
    type Output = Result<F::Output, Interrupted<F>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let future = this.future.as_mut().expect("polled after it was ready");
        if this.started || !this.token.is_cancelled() {
            this.started = true;
            match poll_until(Pin::new(future), &mut this.cancelled, cx) {
                Poll::Ready(Some(output)) => {
                    this.future = None;
                    return Poll::Ready(Ok(output));
                }
                Poll::Ready(None) => {}
                Poll::Pending => return Poll::Pending,
            }
        }
        let future = this.future.take().expect("there until it is ready");
        Poll::Ready(Err(Interrupted { future, cancelled: Cancelled::new(this.token.clone()) }))
    }
}

impl<F> fmt::Debug for UntilCancelled<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UntilCancelled").field("token", self.token).finish_non_exhaustive()
    }
}

/// Runs a future until its token is cancelled; made by [`CancellationToken::run_until_cancelled`].
///
/// If the token is cancelled at the first poll the future is not polled at all. Later the future goes first, so that a
/// result that is there is not thrown away. Polled after it was ready, it polls a future that may panic.
///
/// # Cancel safety
///
/// Dropping it drops the future, and leaves nothing on the token.
#[pin_project]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct RunUntilCancelled<'a, F> {
    token: &'a CancellationToken,
    cancelled: WaitForCancelled<'a>,
    started: bool,
    #[pin]
    future: F,
}

impl<'a, F> RunUntilCancelled<'a, F> {
    pub(super) fn new(token: &'a CancellationToken, future: F) -> Self {
        Self { token, cancelled: token.cancelled(), started: false, future }
    }
}

impl<F: Future> Future for RunUntilCancelled<'_, F> {
    type Output = Option<F::Output>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if *this.started || !this.token.is_cancelled() {
            *this.started = true;
            return poll_until(this.future, this.cancelled, cx);
        }
        Poll::Ready(None)
    }
}

impl<F> fmt::Debug for RunUntilCancelled<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunUntilCancelled").field("token", self.token).finish_non_exhaustive()
    }
}
