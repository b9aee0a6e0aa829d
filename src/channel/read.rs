//! The future of a read.

use super::ReadError;
use super::end::End;
use super::inner::Inner;
use super::offer::{self, Offer, Step};
use super::state::State;
use crate::cancel::{CancellationToken, Stop};
use crate::raw::fault::Then;
use crate::shim::heap::Shared;
use crate::task::BoxError;
use crate::waiting::Place;
use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

/// The future of [`Reader::read`](super::Reader::read).
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct Read<'a, T, E = BoxError> {
    /// None once it was ready.
    inner: Option<&'a Shared<Inner<T, E>>>,
    place: Option<Place>,
    stop: Stop<'a>,
}

impl<'a, T, E> Read<'a, T, E> {
    #[inline]
    pub(super) fn new(inner: &'a Shared<Inner<T, E>>) -> Self {
        Self { inner: Some(inner), place: None, stop: Stop::never() }
    }

    /// Ends as [`ReadError::Cancelled`] once `token` is cancelled. From then on nothing is read, whatever is there: it stays for
    /// others.
    #[doc(alias = "CancellationToken")]
    pub fn with_cancellation(mut self, token: &'a CancellationToken) -> Self {
        self.stop = Stop::by(token);
        self
    }

    fn quit(&mut self) {
        if let (Some(inner), Some(place)) = (self.inner.take(), self.place.take()) {
            inner.change(|state, after| state.quit_read(place, after));
        }
        self.stop.leave();
    }
}

/// Looks for an item with this waker.
#[inline]
pub(super) fn poll_read<T, E>(
    inner: &Inner<T, E>,
    place: &mut Option<Place>,
    cx: &Context<'_>,
) -> Poll<Result<T, End<E>>> {
    if place.is_some() {
        return poll_in_line(inner, place, cx);
    }
    match inner.read(State::first_look) {
        Ok(item) => Poll::Ready(Ok(item)),
        Err(Some(end)) => Poll::Ready(Err(end)),
        Err(None) => join(inner, place, cx),
    }
}

/// The same for who has a place.
#[inline(never)]
fn poll_in_line<T, E>(inner: &Inner<T, E>, place: &mut Option<Place>, cx: &Context<'_>) -> Poll<Result<T, End<E>>> {
    match offer::first(cx.waker(), |offer| look(inner, place, offer)) {
        Step::Ready(read) => Poll::Ready(read),
        Step::Stands => Poll::Pending,
        Step::NeedsWaker => join(inner, place, cx),
    }
}

/// Nothing is there: it stands in line from now on, unless there is something by now.
#[inline(never)]
fn join<T, E>(inner: &Inner<T, E>, place: &mut Option<Place>, cx: &Context<'_>) -> Poll<Result<T, End<E>>> {
    offer::second(cx.waker(), |offer| look(inner, place, offer))
}

#[inline(always)]
fn look<T, E>(inner: &Inner<T, E>, place: &mut Option<Place>, offer: &mut Offer<'_>) -> Step<Result<T, End<E>>> {
    // A panic of others must not cost the item.
    let then = |step: &Step<Result<T, End<E>>>| match step {
        Step::Ready(Ok(_)) => Then::Report,
        _ => Then::Resume,
    };
    inner.change_then(|state, after| state.poll_read(place, offer, after), then)
}

impl<T, E> Future for Read<'_, T, E> {
    type Output = Result<T, ReadError<E>>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let inner = this.inner.expect("polled after it was ready");
        if let Some(cancelled) = this.stop.now() {
            this.quit();
            return Poll::Ready(Err(ReadError::Cancelled(cancelled)));
        }
        if let Poll::Ready(read) = poll_read(inner, &mut this.place, cx) {
            this.inner = None;
            this.stop.leave();
            return Poll::Ready(read.map_err(ReadError::of));
        }
        let cancelled = this.stop.poll(cx);
        if cancelled.is_ready() {
            this.quit();
        }
        cancelled.map(|cancelled| Err(ReadError::Cancelled(cancelled)))
    }
}

impl<T, E> Drop for Read<'_, T, E> {
    #[inline]
    fn drop(&mut self) {
        if self.place.is_some() {
            self.quit();
        }
    }
}

impl<T, E> fmt::Debug for Read<'_, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Read").field("waits", &self.place.is_some()).finish_non_exhaustive()
    }
}
