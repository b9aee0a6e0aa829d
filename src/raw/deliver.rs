//! What a firer does to one node that it has sealed: wake, hold, let go.

use super::group::{self, Block};
use super::node::Node;
use super::owned;
use super::registry::{Heap, Shape};
use super::slot::Slot;
use core::ptr;

/// Wakes (or drops) the wakers whose arm bits are in `left`. Before each of them `note` is told which are still to come,
/// so that somebody can go on after a panic.
///
/// # Safety
///
/// The caller's seal took them.
#[inline(always)]
pub(super) unsafe fn wake_all(slots: *const Slot, mut left: usize, cancelled: bool, mut note: impl FnMut(usize)) {
    while left != 0 {
        let rest = left & (left - 1);
        note(rest);
        // SAFETY: taken by the seal, and struck off just now.
        let waker = unsafe { (*Heap::lowest(slots, left)).read().into_waker() };
        if cancelled {
            waker.wake()
        } else {
            drop(waker)
        }
        left = rest;
    }
}

/// Wakes (or drops) all wakers of a node that were taken and not woken yet.
///
/// # Safety
///
/// The caller sealed the node, and holds it.
#[inline(always)]
pub(super) unsafe fn wake_node(node: *const Node, cancelled: bool) {
    // SAFETY: the caller's.
    unsafe {
        wake_head(node, cancelled);
        group::blocks(&(*node).registry, |block| wake_block(block, cancelled));
    }
}

#[inline(always)]
unsafe fn wake_head(node: *const Node, cancelled: bool) {
    // SAFETY: the firer's own scratch.
    unsafe {
        let taken = &(*node).registry.taken;
        let left = taken.with(|taken| *taken) as usize;
        wake_all(Node::slots(node), left, cancelled, |rest| taken.with_mut(|taken| *taken = rest as u32));
    }
}

#[inline(always)]
unsafe fn wake_block(block: &Block, cancelled: bool) {
    let taken = block.taken();
    // SAFETY: the firer's own scratch.
    unsafe {
        let left = taken.with(|taken| *taken);
        wake_all(block.slots(), left, cancelled, |rest| taken.with_mut(|taken| *taken = rest));
    }
}

/// Nodes to be freed, threaded through `work`: an error that goes with one is foreign, and has to wait.
#[derive(Debug)]
pub(super) struct Garbage(*const Node);

impl Garbage {
    pub(super) const NONE: Self = Self(ptr::null());

    #[inline(always)]
    pub(super) fn is_none(&self) -> bool {
        self.0.is_null()
    }

    /// With one node more. By value, so that it can stay in a register.
    ///
    /// # Safety
    ///
    /// Its last memory reference was the caller's.
    #[cold]
    #[inline(never)]
    pub(super) unsafe fn with(self, node: *const Node) -> Self {
        // SAFETY: nobody else can reach it.
        unsafe { (*node).work.with_mut(|work| *work = self.0.cast()) };
        Self(node)
    }

    /// Gives back the memory reference that a link brought.
    ///
    /// # Safety
    ///
    /// It is the caller's, and given up.
    #[inline(always)]
    pub(super) unsafe fn release(&mut self, node: *const Node) {
        // SAFETY: the caller's; the last makes the node ours.
        unsafe {
            if owned::are_last(node, 1) {
                *self = core::mem::replace(self, Self::NONE).with(node);
            }
        }
    }

    /// Frees them all. Foreign code: to be called again after a panic.
    pub(super) fn free(&mut self) {
        while !self.0.is_null() {
            let node = self.0;
            // SAFETY: whoever added it made it ours.
            unsafe {
                self.0 = (*node).work.with(|work| *work).cast();
                owned::strip(node);
            }
        }
    }
}
