//! `BulkheadCall`: a future behind a bulkhead.

use super::{BulkheadAcquire, BulkheadPermit};
use crate::resilience::Rejected;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use pin_project::pin_project;

/// The future of [`Bulkhead::call`](super::Bulkhead::call), which says it all.
#[must_use = "futures do nothing unless you `.await` or poll them"]
#[pin_project]
pub struct BulkheadCall<F> {
    // Before the permit: a place is taken until all of the future has gone.
    #[pin]
    future: Option<F>,
    acquire: Option<BulkheadAcquire>,
    permit: Option<BulkheadPermit>,
}

impl<F> BulkheadCall<F> {
    pub(super) fn new(acquire: BulkheadAcquire, future: F) -> Self {
        Self { future: Some(future), acquire: Some(acquire), permit: None }
    }
}

impl<F: Future> Future for BulkheadCall<F> {
    type Output = Result<F::Output, Rejected>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if let Some(acquire) = this.acquire {
            match Pin::new(acquire).poll(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(permit)) => *this.permit = Some(permit),
                Poll::Ready(Err(rejected)) => {
                    *this.acquire = None;
                    this.future.set(None);
                    return Poll::Ready(Err(rejected));
                }
            }
            *this.acquire = None;
        }
        let future = this.future.as_mut().as_pin_mut().expect("polled after it was ready");
        let Poll::Ready(output) = future.poll(cx) else { return Poll::Pending };
        this.future.set(None);
        *this.permit = None;
        Poll::Ready(Ok(output))
    }
}

impl<F> fmt::Debug for BulkheadCall<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("BulkheadCall");
        debug.field("acquire", &self.acquire).field("permit", &self.permit).finish_non_exhaustive()
    }
}
