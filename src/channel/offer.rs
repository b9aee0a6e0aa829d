//! How a future waits: it looks, and only if it must wait it brings a waker, and looks again.

use crate::waiting::{Line, Place};
use core::task::{Poll, Waker};

/// What a poll brings to the lock.
pub(super) struct Offer<'a> {
    polled_with: &'a Waker,
    /// A clone of it, from the second look on.
    own: Option<Waker>,
    /// A waker that is to be dropped.
    pub(super) old: Option<Waker>,
}

impl Offer<'_> {
    /// True at the first look.
    pub(super) fn is_first(&self) -> bool {
        self.own.is_none()
    }
}

/// What a look gives.
pub(super) enum Step<R> {
    Ready(R),
    /// It stands in line with the waker that it was polled with.
    Stands,
    /// It needs a clone of the waker.
    NeedsWaker,
}

impl<R> Step<R> {
    pub(super) fn pending(stands: bool) -> Self {
        if stands { Self::Stands } else { Self::NeedsWaker }
    }
}

/// Looks, and looks again with a clone of the waker if need be. Under no lock is a waker cloned or dropped.
#[inline]
pub(super) fn poll<R>(waker: &Waker, mut look: impl FnMut(&mut Offer<'_>) -> Step<R>) -> Poll<R> {
    match first(waker, &mut look) {
        Step::Ready(answer) => Poll::Ready(answer),
        Step::Stands => Poll::Pending,
        Step::NeedsWaker => second(waker, look),
    }
}

/// The first look.
#[inline]
pub(super) fn first<R>(waker: &Waker, look: impl FnOnce(&mut Offer<'_>) -> Step<R>) -> Step<R> {
    look(&mut Offer { polled_with: waker, own: None, old: None })
}

/// The second look, with a clone of the waker.
#[inline]
pub(super) fn second<R>(waker: &Waker, look: impl FnOnce(&mut Offer<'_>) -> Step<R>) -> Poll<R> {
    match look(&mut Offer { polled_with: waker, own: Some(waker.clone()), old: None }) {
        Step::Ready(answer) => Poll::Ready(answer),
        Step::Stands | Step::NeedsWaker => Poll::Pending,
    }
}

/// Whether one stands in `line` with the waker of this poll, now or from now on.
#[inline]
pub(super) fn stand<P>(
    line: &mut Line<P>,
    place: &mut Option<Place>,
    offer: &mut Offer<'_>,
    brought: impl FnOnce() -> P,
) -> bool {
    let Some(own) = offer.own.take() else {
        return place.as_ref().is_some_and(|place| line.is_ready_to_wake(place, offer.polled_with));
    };
    match place {
        Some(place) => offer.old = line.again(place, own),
        None => *place = Some(line.join(own, brought())),
    }
    true
}
