//! What the handles of one bulkhead share: how many places are taken, and who waits for one.
//!
//! 1. `taken` counts the permits, and those who were told that a place is theirs and have not come for it; it never exceeds
//!    the limit.
//! 2. Somebody stands in line only while all places are taken: a place that comes free is handed to the first in line, and
//!    stays taken. So nobody overtakes who waits.

use super::bulkhead::BulkheadStats;
use crate::resilience::Rejected;
use crate::shim::atomic::recheck;
use crate::shim::lock::Lock;
use crate::waiting::{Line, Place, Wakers};
use core::num::NonZeroUsize;
use core::task::Waker;

pub(super) struct Shared {
    limit: NonZeroUsize,
    /// So many may stand in line.
    queue: usize,
    state: Lock<Places>,
}

struct Places {
    taken: usize,
    line: Line<()>,
    rejected: u64,
}

/// What became of one who wants a place.
pub(super) enum Wanted {
    Taken,
    Rejected,
    /// All are taken, and there is room in the line.
    Waits,
}

impl Shared {
    pub(super) fn new(limit: NonZeroUsize, queue: usize) -> Self {
        Self { limit, queue, state: Lock::new(Places { taken: 0, line: Line::new(), rejected: 0 }) }
    }

    pub(super) fn stats(&self) -> BulkheadStats {
        let (limit, queue) = (self.limit, self.queue);
        self.state.with(|places| {
            let (running, queued, rejected) = (places.taken, places.line.len(), places.rejected);
            BulkheadStats { limit, queue, running, queued, rejected }
        })
    }

    /// Takes a place at once.
    pub(super) fn try_take(&self) -> Result<(), Rejected> {
        self.state.with(|places| match self.want(places, 0) {
            Wanted::Taken => Ok(()),
            Wanted::Rejected | Wanted::Waits => Err(Rejected::BulkheadFull),
        })
    }

    fn want(&self, places: &mut Places, queue: usize) -> Wanted {
        if places.taken < self.limit.get() {
            places.taken += 1;
            Wanted::Taken
        } else if places.line.len() >= queue {
            places.rejected += 1;
            Wanted::Rejected
        } else {
            Wanted::Waits
        }
    }

    /// A place is wanted by one who does not stand in line.
    pub(super) fn ask(&self) -> Wanted {
        self.state.with(|places| self.want(places, self.queue))
    }

    /// The same, and the caller stands in line from now on if it has to wait. A waker that is not needed comes back.
    pub(super) fn ask_or_join(&self, waker: Waker, place: &mut Option<Place>) -> (Wanted, Option<Waker>) {
        self.state.with(|places| {
            let is_free = recheck("room in a bulkhead", places.taken < self.limit.get());
            if !is_free && places.line.len() < self.queue {
                *place = Some(places.line.join(waker, ()));
                return (Wanted::Waits, None);
            }
            (self.want(places, self.queue), Some(waker))
        })
    }

    /// Whether one who has stood in line has been handed a place, which then is left. `None`: it has not, and another
    /// waker is needed.
    pub(super) fn look(&self, place: &mut Option<Place>, waker: &Waker) -> Option<bool> {
        self.state.with(|places| {
            let own = place.as_ref()?;
            if places.line.is_told(own) {
                let _ = place.take().map(|own| places.line.leave(own));
                return Some(true);
            }
            places.line.is_ready_to_wake(own, waker).then_some(false)
        })
    }

    /// As `look`, with a waker to be woken by from now on. What is not needed any more comes back.
    pub(super) fn look_again(&self, place: &mut Option<Place>, waker: Waker) -> (bool, Option<Waker>) {
        self.state.with(|places| match place.take() {
            Some(own) if recheck("place of one in line", places.line.is_told(&own)) => {
                places.line.leave(own);
                (true, Some(waker))
            }
            Some(own) => {
                let old = places.line.again(&own, waker);
                *place = Some(own);
                (false, old)
            }
            None => (false, Some(waker)),
        })
    }

    /// One who stood in line goes. If it had been handed a place, the next has it now.
    pub(super) fn leave(&self, place: Place) {
        let mut next = Wakers::new();
        let _waker = self.state.with(|places| {
            let (_, waker, told) = places.line.leave(place);
            if recheck("place of one who goes", told) {
                pass_on(places, &mut next);
            }
            waker
        });
        next.wake();
    }

    /// A permit goes.
    pub(super) fn give_back(&self) {
        let mut next = Wakers::new();
        self.state.with(|places| pass_on(places, &mut next));
        next.wake();
    }
}

/// A place is handed to the first in line, or is free.
fn pass_on(places: &mut Places, next: &mut Wakers) {
    match places.line.tell() {
        Some(waker) => next.extend([waker]),
        None => places.taken -= 1,
    }
}
