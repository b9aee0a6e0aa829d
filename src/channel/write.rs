//! The future of a write.

use super::WriteError;
use super::inner::Inner;
use super::offer::{self, Offer};
use super::writing::Put;
use crate::cancel::{CancellationToken, Cancelled, Stop};
use crate::shim::heap::Shared;
use crate::task::BoxError;
use crate::waiting::Place;
use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

/// The future of [`Writer::write`](super::Writer::write).
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct Write<'a, T, E = BoxError> {
    inner: &'a Shared<Inner<T, E>>,
    /// Here before it waits, and when it is ready without having been written.
    item: Option<T>,
    place: Option<Place>,
    stop: Stop<'a>,
}

// The item is moved, never pinned.
impl<T, E> Unpin for Write<'_, T, E> {}

impl<'a, T, E> Write<'a, T, E> {
    #[inline]
    pub(super) fn new(inner: &'a Shared<Inner<T, E>>, item: T) -> Self {
        Self { inner, item: Some(item), place: None, stop: Stop::never() }
    }

    /// Ends as [`WriteError::Cancelled`], with the item, once `token` is cancelled. From then on nothing is written, whatever
    /// room there is; but an item that is in the channel by then stays there, and was written.
    #[doc(alias = "CancellationToken")]
    pub fn with_cancellation(mut self, token: &'a CancellationToken) -> Self {
        self.stop = Stop::by(token);
        self
    }

    /// False: it was not written, and the item is here.
    fn quit(&mut self) -> bool {
        self.stop.leave();
        let (item, place) = (&mut self.item, self.place.take());
        place.is_some_and(|place| self.inner.change(|state, after| state.quit_write(place, item, after)))
    }

    /// Ends by the token, unless it was written before.
    fn end(&mut self, cancelled: Cancelled) -> Result<(), WriteError<T, E>> {
        if self.quit() { Ok(()) } else { Err(WriteError::Cancelled(self.give_back(), cancelled)) }
    }

    /// There is no room, or it has a place: it stands in line from now on, unless it was told.
    #[inline(never)]
    fn poll_in_line(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), WriteError<T, E>>> {
        let Self { inner, item, place, stop } = self;
        let joins = place.is_none();
        let look = |offer: &mut Offer<'_>| {
            inner.change(|state, after| state.poll_write(place, item, stop.token(), offer, after))
        };
        let written = if joins { offer::second(cx.waker(), look) } else { offer::poll(cx.waker(), look) };
        if let Poll::Ready(written) = written {
            self.stop.leave();
            return Poll::Ready(written.map_err(|end| WriteError::of(self.give_back(), end)));
        }
        self.stop.poll(cx).map(|cancelled| self.end(cancelled))
    }

    fn give_back(&mut self) -> T {
        self.item.take().expect("it was not written")
    }
}

impl<T, E> Future for Write<'_, T, E> {
    type Output = Result<(), WriteError<T, E>>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        assert!(this.item.is_some() || this.place.is_some(), "polled after it was ready");
        if let Some(cancelled) = this.stop.now() {
            return Poll::Ready(this.end(cancelled));
        }
        if this.place.is_none() {
            match this.inner.change(|state, after| state.put(&mut this.item, after)) {
                Put::Done => return Poll::Ready(Ok(())),
                Put::Ended(end) => return Poll::Ready(Err(WriteError::of(this.give_back(), end))),
                Put::Full => {}
            }
        }
        this.poll_in_line(cx)
    }
}

impl<T, E> Drop for Write<'_, T, E> {
    #[inline]
    fn drop(&mut self) {
        if self.place.is_some() {
            self.quit();
        }
    }
}

impl<T, E> fmt::Debug for Write<'_, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Write").field("waits", &self.place.is_some()).finish_non_exhaustive()
    }
}
