//! What a firer does to one node that it has sealed: wake, hold, let go.

use super::node::Node;
use super::registry::Shape;
use super::slot::Slot;

#[cfg(feature = "alloc")]
use super::group::{self, Block};
#[cfg(not(feature = "alloc"))]
use super::no_group::{self as group, Block};
#[cfg(feature = "alloc")]
use super::owned::release_shared;

/// Wakes (or drops) the wakers whose arm bits are in `left`. Before each of them `note` is told which are still to come,
/// so that somebody can go on after a panic.
///
/// # Safety
///
/// The caller's seal took them.
#[inline(always)]
pub(super) unsafe fn wake_all<S: Shape>(
    slots: *const Slot,
    mut left: usize,
    cancelled: bool,
    mut note: impl FnMut(usize),
) {
    while left != 0 {
        let rest = left & (left - 1);
        note(rest);
        // SAFETY: taken by the seal, and struck off just now.
        let waker = unsafe { (*S::lowest(slots, left)).read().into_waker() };
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
pub(super) unsafe fn wake_node<S: Shape>(node: *const Node, cancelled: bool) {
    // SAFETY: the caller's.
    unsafe {
        wake_head::<S>(node, cancelled);
        group::blocks(&(*node).registry, |block| wake_block::<S>(block, cancelled));
    }
}

#[inline(always)]
unsafe fn wake_head<S: Shape>(node: *const Node, cancelled: bool) {
    // SAFETY: the firer's own scratch.
    unsafe {
        let taken = &(*node).registry.taken;
        let left = taken.with(|taken| *taken) as usize;
        wake_all::<S>(Node::slots(node), left, cancelled, |rest| taken.with_mut(|taken| *taken = rest as u32));
    }
}

#[inline(always)]
unsafe fn wake_block<S: Shape>(block: &Block, cancelled: bool) {
    let taken = block.taken();
    // SAFETY: the firer's own scratch.
    unsafe {
        let left = taken.with(|taken| *taken);
        wake_all::<S>(block.slots(), left, cancelled, |rest| taken.with_mut(|taken| *taken = rest));
    }
}

/// Gives back the memory reference that a link brought. In a static there is nothing to give back.
#[inline(always)]
pub(super) unsafe fn release<S: Shape>(node: *const Node) {
    #[cfg(feature = "alloc")]
    if S::STRIDE == 1 {
        // SAFETY: the caller's.
        unsafe { release_shared(node, 1) };
    }
    let _ = node;
}

/// Gives back the strong handle of the detached callbacks.
pub(super) unsafe fn release_handle<S: Shape>(node: *const Node) {
    #[cfg(feature = "alloc")]
    if S::STRIDE == 1 {
        // SAFETY: the seal took the mark of the detached callbacks.
        unsafe { super::leave::release_strong(node) };
    }
    let _ = node;
}
