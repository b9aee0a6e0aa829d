//! Looking at children where they are, and leaving no waker behind.

use core::task::Waker;

use super::Children;
use super::block::{ARMED, EMPTY, FIRST, LIVE, PANICKED, child};
use crate::shim::atomic::Ordering;

impl<F, T> Children<F, T> {
    /// The futures that have not ended, those that panicked too, in the order of their places.
    pub(crate) fn futures(&self) -> impl Iterator<Item = &F> {
        let places = self.block.into_iter().flat_map(|block| (0..self.len).map(move |index| (block, index)));
        places.filter_map(|(block, index)| {
            // SAFETY: there are `len` children. The state says whether the slot holds a future; it is only looked at.
            unsafe {
                // ORDERING: Relaxed, only the owner writes it.
                let state = child(block, index + FIRST).as_ref().state.load(Ordering::Relaxed);
                let is_future = state == LIVE || state == PANICKED;
                is_future.then(|| &*(*self.slots.add(index as usize).as_ptr()).future)
            }
        })
    }

    /// Takes back the waker that the last poll left, if no child has taken it: until the next poll nobody is woken.
    pub(crate) fn take_waker(&mut self) -> Option<Waker> {
        let block = self.block?;
        // SAFETY: the owner's reference keeps the block alive.
        let block = unsafe { block.as_ref() };
        // ORDERING: Relaxed, a guess: one that is not there any more has been taken.
        if block.head.load(Ordering::Relaxed) == ARMED { block.disarm(EMPTY) } else { None }
    }
}
