//! A line of those who wait, each with a waker and something that it brought along.
//!
//! It stands under its owner's lock: nothing here clones, wakes or drops a waker, all of them are handed out. Places are
//! used again, so waiting allocates nothing once the line has been as long as it gets.
//!
//! Whoever waits has a place from `join` to `leave`. `tell` takes the first of the line: it no longer stands in it, and
//! keeps its place until it has seen so. One that was told in vain (somebody was faster) stands `again` where it stood.

use super::Wakers;
use alloc::vec::Vec;
use core::mem;
use core::task::Waker;

/// No place.
const NONE: usize = usize::MAX;
/// A line that is empty keeps no more places than that.
const KEPT: usize = 32;

/// A place of one who waits. It is to be given back by `leave`.
#[derive(Debug)]
pub(crate) struct Place(usize);

/// What is at a place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stand {
    Free,
    InLine,
    Told,
}

struct Slot<P> {
    stand: Stand,
    /// In line: who stands before; otherwise meaningless.
    before: usize,
    /// In line: who stands behind. Free: the next free one.
    behind: usize,
    /// When it joined.
    number: u64,
    waker: Option<Waker>,
    brought: Option<P>,
}

/// Those who wait, and what each brought along.
pub(crate) struct Line<P> {
    slots: Vec<Slot<P>>,
    first: usize,
    last: usize,
    free: usize,
    /// How many stand in line.
    len: usize,
    /// How many places are taken: in line or told.
    taken: usize,
    next_number: u64,
}

impl<P> Line<P> {
    pub(crate) const fn new() -> Self {
        Self { slots: Vec::new(), first: NONE, last: NONE, free: NONE, len: 0, taken: 0, next_number: 0 }
    }

    /// How many stand in line: those who were told do not.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many have a place, told or not.
    pub(crate) fn taken(&self) -> usize {
        self.taken
    }

    /// Somebody stands at the end from now on.
    pub(crate) fn join(&mut self, waker: Waker, brought: P) -> Place {
        let number = self.next_number;
        self.next_number += 1;
        let (waker, brought) = (Some(waker), Some(brought));
        let mut at = self.free;
        if let Some(slot) = self.slots.get_mut(at) {
            self.free = slot.behind;
            (slot.number, slot.waker, slot.brought) = (number, waker, brought);
        } else {
            at = self.slots.len();
            self.slots.push(Slot { stand: Stand::Told, before: NONE, behind: NONE, number, waker, brought });
        }
        self.taken += 1;
        self.link(at, self.last);
        Place(at)
    }

    /// Puts `at` into the line behind `before`.
    fn link(&mut self, at: usize, before: usize) {
        let behind = if before == NONE {
            mem::replace(&mut self.first, at)
        } else {
            mem::replace(&mut self.slots[before].behind, at)
        };
        if behind == NONE {
            self.last = at;
        } else {
            self.slots[behind].before = at;
        }
        let slot = &mut self.slots[at];
        (slot.stand, slot.before, slot.behind) = (Stand::InLine, before, behind);
        self.len += 1;
    }

    fn unlink(&mut self, at: usize) {
        let slot = &mut self.slots[at];
        slot.stand = Stand::Told;
        let (before, behind) = (slot.before, slot.behind);
        if before == NONE {
            self.first = behind;
        } else {
            self.slots[before].behind = behind;
        }
        if behind == NONE {
            self.last = before;
        } else {
            self.slots[behind].before = before;
        }
        self.len -= 1;
    }

    /// What the first in line brought.
    pub(crate) fn first(&mut self) -> Option<&mut Option<P>> {
        self.slots.get_mut(self.first).map(|slot| &mut slot.brought)
    }

    /// The first in line no longer stands in it; its waker is to be woken outside of the lock.
    pub(crate) fn tell(&mut self) -> Option<Waker> {
        let at = self.first;
        if at == NONE {
            return None;
        }
        self.unlink(at);
        self.slots[at].waker.take()
    }

    /// Nobody stands in line any longer; those who did are to be woken outside of the lock.
    pub(crate) fn tell_all(&mut self, wakers: &mut Wakers) {
        wakers.reserve(self.len);
        let mut at = self.first;
        while at != NONE {
            let slot = &mut self.slots[at];
            slot.stand = Stand::Told;
            wakers.extend(slot.waker.take());
            at = slot.behind;
        }
        (self.first, self.last, self.len) = (NONE, NONE, 0);
    }

    /// Whether the one at `place` does not stand in line any longer.
    pub(crate) fn is_told(&self, place: &Place) -> bool {
        self.slots[place.0].stand == Stand::Told
    }

    /// What the one at `place` brought along, until it is taken out.
    pub(crate) fn brought(&mut self, place: &Place) -> &mut Option<P> {
        &mut self.slots[place.0].brought
    }

    /// Whether the one at `place` stands in line with a waker that wakes the same task.
    pub(crate) fn is_ready_to_wake(&self, place: &Place, waker: &Waker) -> bool {
        let slot = &self.slots[place.0];
        slot.stand == Stand::InLine && slot.waker.as_ref().is_some_and(|own| own.will_wake(waker))
    }

    /// The one at `place` stands in line with this waker, where it stood if it was told; the waker that it had.
    #[must_use = "it is to be dropped outside of the lock"]
    pub(crate) fn again(&mut self, place: &Place, waker: Waker) -> Option<Waker> {
        let at = place.0;
        if self.slots[at].stand == Stand::Told {
            let number = self.slots[at].number;
            // Only those stand before it who were told in vain, too.
            let (mut before, mut behind) = (NONE, self.first);
            while behind != NONE && self.slots[behind].number < number {
                (before, behind) = (behind, self.slots[behind].behind);
            }
            self.link(at, before);
        }
        self.slots[at].waker.replace(waker)
    }

    /// The place is free again: what was brought along and the waker, unless they were taken, and whether it was told.
    pub(crate) fn leave(&mut self, place: Place) -> (Option<P>, Option<Waker>, bool) {
        let at = place.0;
        let told = self.is_told(&place);
        if !told {
            self.unlink(at);
        }
        let slot = &mut self.slots[at];
        let left = (slot.brought.take(), slot.waker.take(), told);
        slot.stand = Stand::Free;
        slot.behind = mem::replace(&mut self.free, at);
        self.taken -= 1;
        if self.taken == 0 && self.slots.capacity() > KEPT {
            // All are free, and none holds anything that is foreign.
            self.slots.clear();
            self.slots.shrink_to(KEPT);
            self.free = NONE;
        }
        left
    }
}
