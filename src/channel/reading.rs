//! What readers do to the state.

use super::after::After;
use super::end::End;
use super::items::Items;
use super::offer::{Offer, Step, stand};
use super::state::State;
use crate::shim::atomic::recheck;
use crate::task::Fault;
use crate::waiting::Place;
use core::iter;

impl<T, E> State<T, E> {
    #[inline]
    pub(super) fn try_read(&mut self, after: &mut After<T, E>) -> Result<T, Option<End<E>>> {
        self.take(after).ok_or_else(|| self.seen_end())
    }

    /// The first look of a read.
    #[inline]
    pub(super) fn first_look(&mut self, after: &mut After<T, E>) -> Result<T, Option<End<E>>> {
        if self.capacity == 0 {
            self.dismiss_cancelled(after);
        }
        let item = if self.supply() > 0 { self.take(after) } else { None };
        item.ok_or_else(|| self.seen_end())
    }

    /// The end, if readers see it.
    fn seen_end(&self) -> Option<End<E>> {
        if self.finished { self.end.clone() } else { None }
    }

    #[inline]
    pub(super) fn poll_read(
        &mut self,
        place: &mut Option<Place>,
        offer: &mut Offer<'_>,
        after: &mut After<T, E>,
    ) -> Step<Result<T, End<E>>> {
        // By invariant 1 there is nothing for who stands in line.
        let may = place.as_ref().is_none_or(|place| self.readers.is_told(place));
        if may && (offer.is_first() || recheck("second look of a read", true)) {
            if self.capacity == 0 {
                self.dismiss_cancelled(after);
            }
            if self.supply() > 0 {
                place.take().map(|place| self.readers.leave(place));
                if let Some(item) = self.take(after) {
                    return Step::Ready(Ok(item));
                }
                // The storage has panicked.
                self.call_readers(after);
            }
            if let Some(end) = self.seen_end() {
                place.take().map(|place| self.readers.leave(place));
                return Step::Ready(Err(end));
            }
        }
        let joins = place.is_none();
        let stands = stand(&mut self.readers, place, offer, || ());
        if stands && joins && self.capacity == 0 {
            self.refill(after);
        }
        Step::pending(stands)
    }

    /// A reader goes. Who was told passes that on.
    pub(super) fn quit_read(&mut self, place: Place, after: &mut After<T, E>) {
        let (_, waker, told) = self.readers.leave(place);
        after.drop_waker(waker);
        if recheck("told reader", told) {
            self.call_readers(after);
        }
    }

    pub(super) fn poll_wait_to_read(
        &mut self,
        place: &mut Option<Place>,
        offer: &mut Offer<'_>,
    ) -> Step<Result<bool, Fault<E>>> {
        let told = place.as_ref().is_some_and(|place| self.read_waiters.is_told(place));
        if let Some(end) = self.seen_end() {
            place.take().map(|place| self.read_waiters.leave(place));
            return Step::Ready(end.into_wait());
        }
        if told || (self.supply() > 0 && (offer.is_first() || recheck("second look of a wait", true))) {
            offer.old = place.take().and_then(|place| self.read_waiters.leave(place).1);
            return Step::Ready(Ok(true));
        }
        Step::pending(stand(&mut self.read_waiters, place, offer, || ()))
    }

    pub(super) fn quit_wait_to_read(&mut self, place: Place, after: &mut After<T, E>) {
        after.drop_waker(self.read_waiters.leave(place).1);
    }

    /// The item that is read next.
    pub(super) fn peek(&mut self, after: &mut After<T, E>) -> Option<&T> {
        if self.capacity == 0 {
            self.dismiss_cancelled(after);
            if self.items.len() == 0 {
                return self.writers.first()?.as_ref()?.item();
            }
        }
        self.items.peek()
    }

    /// All that could be read, in order.
    pub(super) fn try_read_all(&mut self, after: &mut After<T, E>) -> Items<T> {
        if self.capacity == 0 {
            return Items::Queue(iter::from_fn(|| self.take(after)).collect());
        }
        let items = self.items.take_all(&mut after.panics);
        self.refill(after);
        self.finish(false, after);
        items
    }
}
