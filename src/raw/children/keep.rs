//! Polls a set of children until all have ended; their outputs stay in their places until then.

use alloc::vec::Vec;
use core::iter::FusedIterator;
use core::mem::ManuallyDrop;
use core::ptr::NonNull;

use super::block::{Block, FIRST, GONE, KEPT, child};
use super::{Children, Slot};
use crate::shim::atomic::Ordering;

impl<F: Future> Children<F, F::Output> {
    /// Polls the children that were woken, each once; keeps the outputs in their places.
    #[inline]
    pub(crate) fn poll_keep(&mut self) {
        self.poll_keep_until(|_| false);
    }

    /// The same up to an output that `ends` it, if there is one: its index. The next call goes on behind it.
    #[inline(always)]
    pub(crate) fn poll_keep_until(&mut self, mut ends: impl FnMut(&F::Output) -> bool) -> Option<usize> {
        let block = self.block?;
        while self.fresh < self.len {
            self.fresh += 1;
            // SAFETY: a child of this index that was never polled.
            if unsafe { self.poll_kept(block, self.fresh - 1 + FIRST, &mut ends) } {
                return Some(self.fresh as usize - 1);
            }
        }
        while let Some(next) = self.next_in_batch(block) {
            if let Ok(mark) = next {
                // SAFETY: it is live.
                if unsafe { self.poll_kept(block, mark, &mut ends) } {
                    return Some((mark - FIRST) as usize);
                }
            }
        }
        None
    }

    /// Polls a child; answers what `ends` says of its output, if it is ready.
    ///
    /// # Safety
    ///
    /// The mark is a child's, and it is live.
    #[inline(always)]
    unsafe fn poll_kept(&mut self, block: NonNull<Block>, mark: u32, ends: impl FnOnce(&F::Output) -> bool) -> bool {
        let mut found = false;
        let keep = |slot: &mut Slot<F, F::Output>, output| {
            found = ends(&output);
            slot.output = ManuallyDrop::new(output);
            KEPT
        };
        // SAFETY: as the caller says; the state is one of an empty slot.
        unsafe { self.poll_child(block, mark, GONE, keep) };
        found
    }

    /// All outputs in the children's order, once all were kept.
    ///
    /// # Panics
    ///
    /// If an output is missing.
    pub(crate) fn into_kept(mut self) -> Vec<F::Output> {
        assert!(self.live == 0 && self.panicked == 0, "a child has no output");
        let mut outputs = Vec::with_capacity(self.len as usize);
        // The slots are read out here: the drop finds none.
        let (slots, len) = (self.slots, core::mem::take(&mut self.len) as usize);
        outputs.extend((0..len).map(|index| {
            // SAFETY: all children have ended, and without a panic each slot holds its output; each is read once.
            ManuallyDrop::into_inner(unsafe { core::ptr::read(&raw const (*slots.add(index).as_ptr()).output) })
        }));
        outputs
    }

    /// The output of a child that has ended, once.
    pub(crate) fn take_kept(&mut self, index: usize) -> Option<F::Output> {
        let block = self.block.filter(|_| index < self.len())?;
        // SAFETY: a child's mark.
        let state = unsafe { &child(block, index as u32 + FIRST).as_ref().state };
        // ORDERING: Relaxed, only the owner writes it.
        if state.load(Ordering::Relaxed) != KEPT {
            return None;
        }
        // ORDERING: Relaxed, only the owner writes it, wakers take it as a hint.
        state.store(GONE, Ordering::Relaxed);
        // SAFETY: the slot holds the child's output, which is read once, as the state says.
        let output = unsafe { core::ptr::read(&raw const (*self.slots.add(index).as_ptr()).output) };
        Some(ManuallyDrop::into_inner(output))
    }

    /// All outputs in the children's order, once all were kept, one by one: whatever is done between two of them may panic.
    ///
    /// # Panics
    ///
    /// If an output is missing.
    pub(crate) fn drain_kept(self) -> Kept<F> {
        assert!(self.live == 0 && self.panicked == 0, "a child has no output");
        Kept { children: self, next: 0 }
    }
}

/// The outputs of children that have all ended, in the children's order. Dropping it drops those that are left.
pub(crate) struct Kept<F: Future> {
    children: Children<F, F::Output>,
    next: u32,
}

impl<F: Future> Iterator for Kept<F> {
    type Item = F::Output;

    #[inline(always)]
    fn next(&mut self) -> Option<F::Output> {
        let output = self.children.take_kept(self.next as usize)?;
        self.next += 1;
        Some(output)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = (self.children.len - self.next) as usize;
        (left, Some(left))
    }
}

impl<F: Future> ExactSizeIterator for Kept<F> {}

impl<F: Future> FusedIterator for Kept<F> {}
