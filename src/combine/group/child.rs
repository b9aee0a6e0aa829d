//! A lazy child, and its number.

use crate::shim::heap::Shared as Arc;
use crate::shim::queue::ConcurrentQueue;
use core::pin::Pin;
use core::task::{Context, Poll};
use pin_project::pin_project;

/// Children that the group has not seen; closed when it is over.
pub(super) type Inbox<F> = Arc<ConcurrentQueue<Child<F>>>;

#[pin_project]
pub(super) struct Child<F> {
    pub(super) number: usize,
    #[pin]
    pub(super) future: F,
}

impl<F: Future> Future for Child<F> {
    type Output = (usize, F::Output);

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.future.poll(cx).map(|output| (*this.number, output))
    }
}
