//! Waiting for a place in a bulkhead.

use super::shared::{Shared, Wanted};
use super::{AcquireError, BulkheadPermit};
use crate::cancel::{CancellationToken, Cancelled, WaitForCancelled, poll_until};
use crate::resilience::Rejected;
use crate::shim::heap::Shared as Arc;
use crate::waiting::Place;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

/// The future of [`Bulkhead::acquire`](super::Bulkhead::acquire), which says it all.
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct BulkheadAcquire {
    /// There until it ends.
    shared: Option<Arc<Shared>>,
    /// In line, or handed a place.
    place: Option<Place>,
}

impl BulkheadAcquire {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared: Some(shared), place: None }
    }

    /// The same, ending early when `token` is cancelled. If it is from the start nothing is asked for; later a place that
    /// was handed over goes before the cancellation.
    pub fn with_cancellation(self, token: &CancellationToken) -> BulkheadAcquireOrCancelled<'_> {
        BulkheadAcquireOrCancelled { acquire: self, token, cancelled: token.cancelled(), is_started: false }
    }

    /// Whether it waits in line, or has been handed a place that it has not come for.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::num::NonZeroUsize;
    /// use smol::future::poll_once;
    /// use taskcell::Bulkhead;
    ///
    /// let bulkhead = Bulkhead::new(NonZeroUsize::MIN, 1);
    /// # smol::block_on(async {
    /// let place = bulkhead.acquire().await.unwrap();
    /// let mut waiting = bulkhead.acquire();
    /// assert!(!waiting.is_queued()); // it has not been polled
    /// assert!(poll_once(&mut waiting).await.is_none() && waiting.is_queued());
    /// # drop(place);
    /// # });
    /// ```
    #[must_use]
    pub fn is_queued(&self) -> bool {
        self.place.is_some()
    }

    /// It has ended.
    fn end(&mut self, wanted: &Wanted) -> Poll<Result<BulkheadPermit, Rejected>> {
        match (wanted, self.shared.take()) {
            (Wanted::Taken, Some(shared)) => Poll::Ready(Ok(BulkheadPermit::new(shared))),
            (Wanted::Rejected, _) => Poll::Ready(Err(Rejected::BulkheadFull)),
            (_, shared) => {
                self.shared = shared;
                Poll::Pending
            }
        }
    }
}

impl Future for BulkheadAcquire {
    type Output = Result<BulkheadPermit, Rejected>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let shared = this.shared.as_ref().expect("polled after it was ready");
        let is_new = this.place.is_none();
        let wanted = if is_new {
            shared.ask()
        } else {
            match shared.look(&mut this.place, cx.waker()) {
                Some(true) => Wanted::Taken,
                Some(false) => return Poll::Pending,
                None => Wanted::Waits,
            }
        };
        if !matches!(wanted, Wanted::Waits) {
            return this.end(&wanted);
        }
        let waker = cx.waker().clone();
        let (wanted, _unneeded) = if is_new {
            shared.ask_or_join(waker, &mut this.place)
        } else {
            let (taken, unneeded) = shared.look_again(&mut this.place, waker);
            (if taken { Wanted::Taken } else { Wanted::Waits }, unneeded)
        };
        this.end(&wanted)
    }
}

impl Drop for BulkheadAcquire {
    fn drop(&mut self) {
        if let Some((shared, place)) = self.shared.take().zip(self.place.take()) {
            shared.leave(place);
        }
    }
}

impl fmt::Debug for BulkheadAcquire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BulkheadAcquire").field("is_queued", &self.is_queued()).finish_non_exhaustive()
    }
}

/// The future of [`BulkheadAcquire::with_cancellation`].
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct BulkheadAcquireOrCancelled<'a> {
    acquire: BulkheadAcquire,
    token: &'a CancellationToken,
    cancelled: WaitForCancelled<'a>,
    is_started: bool,
}

impl Future for BulkheadAcquireOrCancelled<'_> {
    type Output = Result<BulkheadPermit, AcquireError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if this.is_started || !this.token.is_cancelled() {
            this.is_started = true;
            match poll_until(Pin::new(&mut this.acquire), &mut this.cancelled, cx) {
                Poll::Ready(Some(answer)) => return Poll::Ready(answer.map_err(AcquireError::Rejected)),
                Poll::Ready(None) => {}
                Poll::Pending => return Poll::Pending,
            }
        }
        // Its place in line is left at once.
        if let Some((shared, place)) = this.acquire.shared.take().zip(this.acquire.place.take()) {
            shared.leave(place);
        }
        Poll::Ready(Err(AcquireError::Cancelled(Cancelled::new(this.token.clone()))))
    }
}

impl fmt::Debug for BulkheadAcquireOrCancelled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BulkheadAcquireOrCancelled").field("acquire", &self.acquire).finish_non_exhaustive()
    }
}
