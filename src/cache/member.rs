//! A caller that waits for a load which another one leads.

use super::entry::Answer;
use super::flight::{Failure, Look};
use super::leader::Leader;
use super::shared::Shared;
use crate::shim::heap::Arc;
use crate::waiting::Place;
use core::task::{Context, Poll, Waker};

/// A member of a flight. Dropped, it leaves, and passes on what it was told.
pub(super) struct Member<'a, K, V, E> {
    shared: &'a Arc<Shared<K, V, E>>,
    /// None once it is none any longer.
    flight: Option<usize>,
    place: Option<Place>,
    /// Whose load an executor leads.
    owner: bool,
}

/// What a member gets in the end.
pub(super) enum Found<K, V, E> {
    Answer(Answer<V, E>),
    Failure(Failure<E>),
    /// It leads now.
    Lead(Leader<K, V, E>),
}

impl<'a, K, V, E> Member<'a, K, V, E> {
    /// It has entered this flight, and has no place yet.
    pub(super) fn entered(shared: &'a Arc<Shared<K, V, E>>, flight: usize) -> Self {
        Self { shared, flight: Some(flight), place: None, owner: false }
    }

    /// An executor leads this flight from now on, for this caller.
    pub(super) fn owner(shared: &'a Arc<Shared<K, V, E>>, flight: usize, waker: &Waker) -> Self {
        let waker = waker.clone();
        let place = shared.with(|state| state.flights.get(flight).heat(waker));
        Self { shared, flight: Some(flight), place: Some(place), owner: true }
    }

    /// One that is too `late` leaves the lead to the next, and no waker.
    pub(super) fn poll(&mut self, cx: &Context<'_>, late: bool) -> Poll<Found<K, V, E>> {
        let number = self.flight.expect("it is a member");
        let (place, owner) = (&mut self.place, self.owner);
        let mut look = None;
        // One that has just entered has no waker there.
        if place.is_some() {
            look = Some(self.shared.with_later(|state, after| {
                let flight = state.flights.get(number);
                if late && !owner && flight.is_free() {
                    return Look::Waits;
                }
                let look = flight.look(place, owner, cx.waker(), after);
                state.looked(number, &look, after);
                look
            }));
        }
        if let None | Some((Look::Stranger, _)) = look {
            if late {
                return Poll::Pending;
            }
            // Outside of the lock.
            let waker = cx.waker().clone();
            look = Some(self.shared.with_later(|state, after| {
                let look = state.flights.get(number).wait(place, owner, waker, after);
                state.looked(number, &look, after);
                look
            }));
        }
        let Some((look, outside)) = look else { return Poll::Pending };
        let found = match look {
            Look::Waits | Look::Stranger => return Poll::Pending,
            Look::Over(answer) => Found::Answer(answer),
            Look::Failed(failure) => Found::Failure(failure),
            Look::Lead(load) => Found::Lead(Leader::new(self.shared, number, load)),
        };
        self.flight = None;
        // If that panics it is no member, and what it has found goes.
        drop(outside);
        Poll::Ready(found)
    }
}

impl<K, V, E> Member<'_, K, V, E> {
    #[cold]
    fn leave(&mut self, number: usize) {
        let (place, owner) = (&mut self.place, self.owner);
        self.shared.with_after(|state, after| {
            state.flights.get(number).leave(place, owner, after);
            state.sweep(number, after);
        });
    }
}

impl<K, V, E> Drop for Member<'_, K, V, E> {
    #[inline]
    fn drop(&mut self) {
        if let Some(number) = self.flight.take() {
            self.leave(number);
        }
    }
}
