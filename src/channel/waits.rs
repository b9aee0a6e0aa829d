//! The futures of those who wait until something can be read or written.

use super::WaitError;
use super::inner::Inner;
use super::offer;
use crate::cancel::{CancellationToken, Stop};
use crate::shim::heap::Shared;
use crate::task::BoxError;
use crate::waiting::Place;
use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

macro_rules! waits {
    ($name:ident, $made_by:literal, $poll:ident, $quit:ident) => {
        #[doc = concat!("The future of ", $made_by, ".")]
        #[must_use = "futures do nothing unless you `.await` or poll them"]
        pub struct $name<'a, T, E = BoxError> {
            /// None once it was ready.
            inner: Option<&'a Shared<Inner<T, E>>>,
            place: Option<Place>,
            stop: Stop<'a>,
        }

        impl<'a, T, E> $name<'a, T, E> {
            pub(super) fn new(inner: &'a Shared<Inner<T, E>>) -> Self {
                Self { inner: Some(inner), place: None, stop: Stop::never() }
            }

            /// Ends as [`WaitError::Cancelled`] once `token` is cancelled, whatever is there.
            #[doc(alias = "CancellationToken")]
            pub fn with_cancellation(mut self, token: &'a CancellationToken) -> Self {
                self.stop = Stop::by(token);
                self
            }

            fn quit(&mut self) {
                if let (Some(inner), Some(place)) = (self.inner.take(), self.place.take()) {
                    inner.change(|state, after| state.$quit(place, after));
                }
                self.stop.leave();
            }
        }

        impl<T, E> Future for $name<'_, T, E> {
            type Output = Result<bool, WaitError<E>>;

            fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
                let this = &mut *self;
                let inner = this.inner.expect("polled after it was ready");
                if let Some(cancelled) = this.stop.now() {
                    this.quit();
                    return Poll::Ready(Err(WaitError::Cancelled(cancelled)));
                }
                let place = &mut this.place;
                let answer = offer::poll(cx.waker(), |offer| inner.change(|state, _| state.$poll(place, offer)));
                if let Poll::Ready(answer) = answer {
                    this.inner = None;
                    this.stop.leave();
                    return Poll::Ready(answer.map_err(WaitError::Faulted));
                }
                let cancelled = this.stop.poll(cx);
                if cancelled.is_ready() {
                    this.quit();
                }
                cancelled.map(|cancelled| Err(WaitError::Cancelled(cancelled)))
            }
        }

        impl<T, E> Drop for $name<'_, T, E> {
            fn drop(&mut self) {
                if self.place.is_some() {
                    self.quit();
                }
            }
        }

        impl<T, E> fmt::Debug for $name<'_, T, E> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).field("waits", &self.place.is_some()).finish_non_exhaustive()
            }
        }
    };
}

waits! { WaitToRead, "[`Reader::wait_to_read`](super::Reader::wait_to_read)", poll_wait_to_read, quit_wait_to_read }
waits! { WaitToWrite, "[`Writer::wait_to_write`](super::Writer::wait_to_write)", poll_wait_to_write, quit_wait_to_write }
