//! What writers do to the state.

use super::after::After;
use super::end::End;
use super::offer::{Offer, Step, stand};
use super::options::FullMode;
use super::state::{Pending, State, Wish};
use crate::cancel::CancellationToken;
use crate::shim::atomic::recheck;
use crate::task::Fault;
use crate::waiting::Place;

/// What became of an item, or of the wish for a place.
pub(super) enum Put<E> {
    /// It is in the channel, or was dropped as the channel's mode says.
    Done,
    Full,
    Ended(End<E>),
}

impl<T, E> State<T, E> {
    /// The item is taken out if it is done.
    #[inline]
    pub(super) fn put(&mut self, item: &mut Option<T>, after: &mut After<T, E>) -> Put<E> {
        if let Some(end) = &self.end {
            return Put::Ended(end.clone());
        }
        if !self.has_room() {
            if self.mode == FullMode::Wait {
                return Put::Full;
            }
            self.overflow(item, after);
        }
        if let Some(item) = item.take() {
            self.insert(item, after);
        }
        Put::Done
    }

    /// Makes room for `item`, or drops it.
    #[cold]
    fn overflow(&mut self, item: &mut Option<T>, after: &mut After<T, E>) {
        let evicted = if self.capacity > 0 { self.items.evict(self.mode, &mut after.panics) } else { None };
        after.todo().evicted = evicted.or_else(|| item.take());
    }

    /// Why nothing more is written.
    fn ended(&self) -> End<E> {
        self.end.clone().unwrap_or(End::Closed)
    }

    /// Who has no place yet has looked already, by `put`.
    pub(super) fn poll_write(
        &mut self,
        place: &mut Option<Place>,
        item: &mut Option<T>,
        token: Option<&CancellationToken>,
        offer: &mut Offer<'_>,
        after: &mut After<T, E>,
    ) -> Step<Result<(), End<E>>> {
        if let Some(told) = place.take_if(|place| self.writers.is_told(place)) {
            let written = self.leave_write(told, item, after);
            return Step::Ready(if written { Ok(()) } else { Err(self.ended()) });
        }
        let joins = place.is_none();
        if joins && recheck("second look of a write", true) {
            match self.put(item, after) {
                Put::Done => return Step::Ready(Ok(())),
                Put::Ended(end) => return Step::Ready(Err(end)),
                Put::Full => {}
            }
        }
        let stands = stand(&mut self.writers, place, offer, || match item.take() {
            Some(item) => Pending::new(Wish::Item(item), token),
            None => unreachable!("it is here until it is written"),
        });
        if stands && joins && self.capacity == 0 {
            self.announce(after);
        }
        Step::pending(stands)
    }

    /// A pending write goes. False: it was not written, and `item` is back.
    pub(super) fn quit_write(&mut self, place: Place, item: &mut Option<T>, after: &mut After<T, E>) -> bool {
        let written = self.leave_write(place, item, after);
        if !written {
            // With capacity 0 it may have been on its way to a reader, for whom another can write now.
            self.refill(after);
        }
        written
    }

    fn leave_write(&mut self, place: Place, item: &mut Option<T>, after: &mut After<T, E>) -> bool {
        let (pending, waker, _) = self.writers.leave(place);
        after.drop_waker(waker);
        match pending.and_then(|pending| pending.wish) {
            Some(Wish::Item(back)) => *item = Some(back),
            Some(Wish::Place) => {}
            None => return true,
        }
        false
    }

    pub(super) fn poll_wait_to_write(
        &mut self,
        place: &mut Option<Place>,
        offer: &mut Offer<'_>,
    ) -> Step<Result<bool, Fault<E>>> {
        let told = place.as_ref().is_some_and(|place| self.write_waiters.is_told(place));
        let answer = match &self.end {
            Some(end) => end.clone().into_wait(),
            None if told || (self.could_write() && (offer.is_first() || recheck("second look for room", true))) => {
                Ok(true)
            }
            None => return Step::pending(stand(&mut self.write_waiters, place, offer, || ())),
        };
        offer.old = place.take().and_then(|place| self.write_waiters.leave(place).1);
        Step::Ready(answer)
    }

    pub(super) fn quit_wait_to_write(&mut self, place: Place, after: &mut After<T, E>) {
        after.drop_waker(self.write_waiters.leave(place).1);
    }

    // Permits.

    /// Done: there is a permit more.
    pub(super) fn reserve(&mut self) -> Put<E> {
        if let Some(end) = &self.end {
            return Put::Ended(end.clone());
        }
        if !self.could_write() {
            return Put::Full;
        }
        self.permits += 1;
        Put::Done
    }

    pub(super) fn poll_reserve(
        &mut self,
        place: &mut Option<Place>,
        token: Option<&CancellationToken>,
        offer: &mut Offer<'_>,
        after: &mut After<T, E>,
    ) -> Step<Result<(), End<E>>> {
        if self.capacity == 0 {
            return self.poll_reserve_unbuffered(place, offer);
        }
        if let Some(told) = place.take_if(|place| self.writers.is_told(place)) {
            let granted = self.leave_write(told, &mut None, after);
            return Step::Ready(if granted { Ok(()) } else { Err(self.ended()) });
        }
        if place.is_none() && (offer.is_first() || recheck("second look of a reservation", true)) {
            match self.reserve() {
                Put::Done => return Step::Ready(Ok(())),
                Put::Ended(end) => return Step::Ready(Err(end)),
                Put::Full => {}
            }
        }
        Step::pending(stand(&mut self.writers, place, offer, || Pending::new(Wish::Place, token)))
    }

    /// Readers who come make room; whoever asks then may have it.
    fn poll_reserve_unbuffered(
        &mut self,
        place: &mut Option<Place>,
        offer: &mut Offer<'_>,
    ) -> Step<Result<(), End<E>>> {
        if place.as_ref().is_none_or(|place| self.write_waiters.is_told(place)) {
            let answer = match self.reserve() {
                Put::Done => Some(Ok(())),
                Put::Ended(end) => Some(Err(end)),
                Put::Full => None,
            };
            if let Some(answer) = answer {
                offer.old = place.take().and_then(|place| self.write_waiters.leave(place).1);
                return Step::Ready(answer);
            }
        }
        Step::pending(stand(&mut self.write_waiters, place, offer, || ()))
    }

    /// Who waits for a permit goes. What was granted comes back.
    pub(super) fn quit_reserve(&mut self, place: Place, after: &mut After<T, E>) {
        if self.capacity == 0 {
            after.drop_waker(self.write_waiters.leave(place).1);
        } else {
            let granted = self.leave_write(place, &mut None, after);
            if recheck("granted place", granted) {
                self.release_permit(after);
            }
        }
    }

    /// A permit goes unused.
    pub(super) fn release_permit(&mut self, after: &mut After<T, E>) {
        self.permits -= 1;
        self.refill(after);
        if self.end.is_some() {
            self.finish(false, after);
        }
    }

    /// A permit is used: also after the end, unless nobody will read.
    pub(super) fn use_permit(&mut self, item: &mut Option<T>, after: &mut After<T, E>) -> Result<(), End<E>> {
        self.permits -= 1;
        if self.finished {
            return Err(self.ended());
        }
        if self.mode != FullMode::Wait && !self.has_room() {
            self.overflow(item, after);
        }
        if let Some(item) = item.take() {
            self.insert(item, after);
        }
        if self.end.is_some() {
            // The mode may have dropped it.
            self.finish(false, after);
        }
        Ok(())
    }
}
