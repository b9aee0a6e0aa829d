//! A future that ends early, where the place to wait in is there already.

use super::{CancellationSlot, poll_until};
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use pin_project::pin_project;

/// Runs a future until a cancellation; made by [`CancellationSlot::run_until_cancelled`].
#[pin_project]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct RunInSlot<'a, F, S: ?Sized> {
    slot: &'a mut S,
    started: bool,
    #[pin]
    future: F,
}

impl<'a, F, S: ?Sized> RunInSlot<'a, F, S> {
    pub(super) fn new(slot: &'a mut S, future: F) -> Self {
        Self { slot, started: false, future }
    }
}

impl<F: Future, S: CancellationSlot + ?Sized> Future for RunInSlot<'_, F, S> {
    type Output = Option<F::Output>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if !*this.started && this.slot.poll_cancelled(cx).is_ready() {
            return Poll::Ready(None);
        }
        *this.started = true;
        poll_until(this.future, *this.slot, cx)
    }
}

impl<F, S: ?Sized> fmt::Debug for RunInSlot<'_, F, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunInSlot").field("started", &self.started).finish_non_exhaustive()
    }
}
