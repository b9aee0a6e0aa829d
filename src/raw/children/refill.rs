//! Slots that are used again: a child is put where another one has ended.
//!
//! The wakers of a slot are the same for all children that come to live in it:
//! one that was left behind by a former child wakes the present one, in vain.
//! A child that is put needs no wake: it goes straight into the owner's batch,
//! unless its slot is in there already. Those that were never polled go in front
//! of it: the batch comes before them, and children that are put again and again
//! would keep them from their first poll.
//!
//! No atomic read-modify-write is needed. Whoever wakes the new child either
//! finds its slot queued, and then the owner will clear that bit before it polls
//! the slot, or queues it: `waker.rs` says why the state does not keep it from
//! that. And if the former child's waker was queued before, the owner finds the
//! slot on the stack, and in the batch or not, like any child that is woken.

use core::mem::ManuallyDrop;
use core::ptr::NonNull;

use super::batch::{APART, LAST};
use super::block::{Block, FIRST, LIVE, child};
use super::{Children, Slot};
use crate::shim::atomic::Ordering;

/// The slot of a child that has ended is there for another one.
#[derive(Debug)]
pub(crate) struct Again(());

impl<F> Children<F, Again> {
    /// No children, and room for so many at a time. One allocation, none for zero.
    pub(crate) fn with_room(room: usize) -> Self {
        Self::room_for(room)
    }

    /// How many there is room for at a time.
    pub(crate) fn capacity(&self) -> usize {
        // SAFETY: the owner's reference keeps the block alive.
        self.block.map_or(0, |block| unsafe { block.as_ref().len })
    }

    /// Whether there is room for another child.
    #[inline(always)]
    pub(crate) fn has_room(&self) -> bool {
        self.free != LAST || self.len() < self.capacity()
    }

    /// Puts a child into a free slot, the one that came free last; it is polled at the next poll.
    ///
    /// # Errors
    ///
    /// The future, if there is no room.
    #[inline(always)]
    pub(crate) fn put(&mut self, future: F) -> Result<(), F> {
        if !self.has_free() {
            return self.put_behind(future);
        }
        self.put_again(future);
        Ok(())
    }

    /// Whether there is a slot of a child that has ended.
    #[inline(always)]
    pub(super) fn has_free(&self) -> bool {
        self.free != LAST
    }

    /// Puts a child into the slot that came free last.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[inline(always)]
    pub(super) fn put_again(&mut self, future: F) {
        let mark = self.free;
        assert!(mark != LAST, "no free slot");
        // SAFETY: a free slot lies in a block.
        let block = unsafe { self.block.unwrap_unchecked() };
        if self.fresh < self.len {
            self.queue_fresh(block);
        }
        // SAFETY: the marks of the free list are children's, and their slots are empty but for the list.
        unsafe {
            let slot = self.slots.add((mark - FIRST) as usize).as_mut();
            self.free = slot.free;
            slot.future = ManuallyDrop::new(future);
            let child = child(block, mark).as_ref();
            // ORDERING: Relaxed, only the owner writes it, and wakers do not tell it from `FREE`.
            child.state.store(LIVE, Ordering::Relaxed);
            self.live += 1;
            // One that is in the batch, because its former child was woken, stays where it is.
            if child.order.with(|order| *order) == APART {
                child.order.with_mut(|order| *order = LAST);
                self.batch.push(block, mark);
            }
        }
    }

    /// Puts a child into the first slot that never had one.
    fn put_behind(&mut self, future: F) -> Result<(), F> {
        let index = self.len();
        let Some(block) = self.block.filter(|_| index < self.capacity()) else { return Err(future) };
        // SAFETY: the slot is inside the block, and empty; its child's state is `LIVE` from the start.
        unsafe { self.slots.add(index).write(Slot { future: ManuallyDrop::new(future) }) };
        self.len += 1;
        self.live += 1;
        self.queue_fresh(block);
        Ok(())
    }

    /// Puts those that were never polled into the batch.
    fn queue_fresh(&mut self, block: NonNull<Block>) {
        while self.fresh < self.len {
            let mark = self.fresh + FIRST;
            self.fresh += 1;
            // SAFETY: the child has had no waker yet, so it is not in the batch.
            unsafe {
                child(block, mark).as_ref().order.with_mut(|order| *order = LAST);
                self.batch.push(block, mark);
            }
        }
    }
}
