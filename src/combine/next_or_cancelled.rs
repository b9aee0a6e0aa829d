//! `next_or_cancelled`: the next item of a `WhenEach`, unless a token is cancelled first.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::Stream;

use super::WhenEach;
use crate::cancel::{CancellationToken, Cancelled, WaitForCancelled};

impl<F: Future> WhenEach<F> {
    /// The next item, or [`Cancelled`] if `token` is cancelled before there is one.
    ///
    /// If the token is cancelled at the first poll no future is polled. Later the futures go first, so that an item that
    /// is there is not kept back. A cancellation ends this wait alone: the futures stay where they are, and the stream may
    /// be asked again.
    ///
    /// # Cancel safety
    ///
    /// Dropping it loses no item, and leaves nothing on the token.
    ///
    /// # Errors
    ///
    /// If the token is cancelled.
    ///
    /// # Examples
    ///
    /// ```
    /// use taskcell::{CancellationToken, when_each};
    ///
    /// # #[cfg(not(loom))]
    /// # smol::block_on(async {
    /// let mut each = when_each([async { 7 }]);
    /// assert!(each.next_or_cancelled(&CancellationToken::new(true)).await.is_err());
    /// assert_eq!(each.next_or_cancelled(&CancellationToken::NONE).await, Ok(Some((0, 7))));
    /// assert_eq!(each.next_or_cancelled(&CancellationToken::NONE).await, Ok(None));
    /// # })
    /// ```
    #[doc(alias = "WithCancellation")]
    pub fn next_or_cancelled<'a>(&'a mut self, token: &'a CancellationToken) -> NextOrCancelled<'a, F> {
        NextOrCancelled { each: self, token, cancelled: token.cancelled(), started: false }
    }
}

/// The future of [`WhenEach::next_or_cancelled`].
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct NextOrCancelled<'a, F> {
    each: &'a mut WhenEach<F>,
    token: &'a CancellationToken,
    cancelled: WaitForCancelled<'a>,
    started: bool,
}

impl<F: Future> Future for NextOrCancelled<'_, F> {
    type Output = Result<Option<(usize, F::Output)>, Cancelled>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if this.started || !this.token.is_cancelled() {
            this.started = true;
            if let Poll::Ready(item) = Pin::new(&mut *this.each).poll_next(cx) {
                return Poll::Ready(Ok(item));
            }
        }
        Pin::new(&mut this.cancelled).poll(cx).map(|()| Err(Cancelled::new(this.token.clone())))
    }
}

impl<F> fmt::Debug for NextOrCancelled<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NextOrCancelled").field("each", &self.each).finish_non_exhaustive()
    }
}
