//! The future of a permit.

use super::inner::Inner;
use super::offer;
use super::{Permit, ReserveError};
use crate::cancel::{CancellationToken, Stop};
use crate::shim::heap::Shared;
use crate::task::BoxError;
use crate::waiting::Place;
use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

/// The future of [`Writer::reserve`](super::Writer::reserve).
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct Reserve<'a, T, E = BoxError> {
    /// None once it was ready.
    inner: Option<&'a Shared<Inner<T, E>>>,
    place: Option<Place>,
    stop: Stop<'a>,
}

impl<'a, T, E> Reserve<'a, T, E> {
    pub(super) fn new(inner: &'a Shared<Inner<T, E>>) -> Self {
        Self { inner: Some(inner), place: None, stop: Stop::never() }
    }

    /// Ends as [`ReserveError::Cancelled`] once `token` is cancelled. From then on nothing is reserved, whatever room there is;
    /// what was granted goes to the next.
    #[doc(alias = "CancellationToken")]
    pub fn with_cancellation(mut self, token: &'a CancellationToken) -> Self {
        self.stop = Stop::by(token);
        self
    }

    fn quit(&mut self) {
        if let (Some(inner), Some(place)) = (self.inner.take(), self.place.take()) {
            inner.change(|state, after| state.quit_reserve(place, after));
        }
        self.stop.leave();
    }
}

impl<T, E> Future for Reserve<'_, T, E> {
    type Output = Result<Permit<T, E>, ReserveError<E>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let inner = this.inner.expect("polled after it was ready");
        if let Some(cancelled) = this.stop.now() {
            this.quit();
            return Poll::Ready(Err(ReserveError::Cancelled(cancelled)));
        }
        let (place, token) = (&mut this.place, this.stop.token());
        let reserved = offer::poll(cx.waker(), |offer| {
            inner.change(|state, after| state.poll_reserve(place, token, offer, after))
        });
        if let Poll::Ready(reserved) = reserved {
            this.inner = None;
            this.stop.leave();
            return Poll::Ready(reserved.map(|()| Permit::new(inner.clone())).map_err(ReserveError::of));
        }
        let cancelled = this.stop.poll(cx);
        if cancelled.is_ready() {
            this.quit();
        }
        cancelled.map(|cancelled| Err(ReserveError::Cancelled(cancelled)))
    }
}

impl<T, E> Drop for Reserve<'_, T, E> {
    fn drop(&mut self) {
        if self.place.is_some() {
            self.quit();
        }
    }
}

impl<T, E> fmt::Debug for Reserve<'_, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reserve").field("waits", &self.place.is_some()).finish_non_exhaustive()
    }
}
