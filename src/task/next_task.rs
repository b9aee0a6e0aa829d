//! The next task that ends, unless a token is cancelled first.

use super::{BoxError, Task, WhenEachTask};
use crate::cancel::{CancellationToken, Cancelled, WaitForCancelled};
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use futures_core::Stream;

/// Ready with the next task that ends, or once a token is cancelled; made by [`WhenEachTask::next_or_cancelled`].
///
/// Each poll asks the stream first: a task that is there comes, and so does the stream's end, whatever the token says.
///
/// # Cancel safety
///
/// An item leaves the stream only in the poll that returns it. Dropping it leaves nothing on the token.
///
/// # Errors
///
/// [`Cancelled`], if the token is cancelled and no task has ended that was not given. The stream may be asked again.
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct NextTaskOrCancelled<'a, T: 'static, E: 'static = BoxError> {
    stream: &'a mut WhenEachTask<T, E>,
    token: &'a CancellationToken,
    cancelled: WaitForCancelled<'a>,
}

impl<'a, T, E> NextTaskOrCancelled<'a, T, E> {
    pub(super) fn new(stream: &'a mut WhenEachTask<T, E>, token: &'a CancellationToken) -> Self {
        Self { stream, token, cancelled: token.cancelled() }
    }
}

impl<T, E> Future for NextTaskOrCancelled<'_, T, E> {
    type Output = Result<Option<(usize, Task<T, E>)>, Cancelled>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if let Poll::Ready(next) = Pin::new(&mut *this.stream).poll_next(cx) {
            return Poll::Ready(Ok(next));
        }
        Pin::new(&mut this.cancelled).poll(cx).map(|()| Err(Cancelled::new(this.token.clone())))
    }
}

impl<T, E> fmt::Debug for NextTaskOrCancelled<'_, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NextTaskOrCancelled").field("token", self.token).finish_non_exhaustive()
    }
}
