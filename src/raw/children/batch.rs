//! The children that the owner is about to poll, in their order. The owner's alone.

use core::ptr::NonNull;

use super::block::{Block, child};

/// `Child::order` of a child that is not in the owner's batch.
pub(super) const APART: u32 = 0;
/// `Child::order` of the last one in the batch.
pub(super) const LAST: u32 = 1;

/// Children that were woken and not yet polled, in the order of `Child::order`: marks.
pub(super) struct Batch {
    /// `LAST` if there are none.
    pub(super) front: u32,
    /// Meaningless if there are none.
    pub(super) back: u32,
}

impl Batch {
    /// Puts a child at the end.
    ///
    /// # Safety
    ///
    /// The mark is a child's of that block, as all of the batch are; its `order` is `LAST`, and it was not in the batch.
    #[inline(always)]
    pub(super) unsafe fn push(&mut self, block: NonNull<Block>, mark: u32) {
        if self.front == LAST {
            self.front = mark;
        } else {
            // SAFETY: the back is a child's mark, its `order` is the owner's.
            unsafe { child(block, self.back).as_ref().order.with_mut(|order| *order = mark) }
        }
        self.back = mark;
    }
}
