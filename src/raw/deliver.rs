//! What a firer does to one node that it has sealed: wake, hold, let go.

use super::node::Node;
use super::registry::Shape;
use super::slot::Slot;
use super::word;

#[cfg(feature = "alloc")]
use super::group::Block;
#[cfg(not(feature = "alloc"))]
use super::no_group::Block;
#[cfg(feature = "alloc")]
use super::owned::release_memory;

#[inline(always)]
unsafe fn wake_slot<S: Shape>(slots: *const Slot, i: usize, cancelled: bool) {
    // SAFETY: taken by the seal and not woken yet; the caller has just struck it off.
    let waker = unsafe { (*slots.add(i * S::STRIDE)).read().into_waker() };
    if cancelled { waker.wake() } else { drop(waker) }
}

#[inline(always)]
pub(super) unsafe fn wake_head<S: Shape>(node: *const Node, cancelled: bool) {
    // SAFETY: the firer's own scratch.
    unsafe {
        let taken = &(*node).registry.taken;
        loop {
            let left = taken.with(|taken| *taken) as usize;
            if left == 0 {
                return;
            }
            taken.with_mut(|taken| *taken = (left & (left - 1)) as u32);
            wake_slot::<S>(Node::slots(node), word::lowest(left << 4), cancelled);
        }
    }
}

#[inline(always)]
pub(super) unsafe fn wake_block<S: Shape>(block: &Block, cancelled: bool) {
    loop {
        // SAFETY: the firer's own scratch.
        unsafe {
            let left = block.taken().with(|taken| *taken);
            if left == 0 {
                return;
            }
            block.taken().with_mut(|taken| *taken = left & (left - 1));
            wake_slot::<S>(block.slots(), word::lowest(left), cancelled);
        }
    }
}

/// Gives back the memory reference that a link brought. In a static there is nothing to give back.
#[inline(always)]
pub(super) unsafe fn release<S: Shape>(node: *const Node) {
    #[cfg(feature = "alloc")]
    if S::STRIDE == 1 {
        // SAFETY: the caller's.
        unsafe { release_memory(node, 1) };
    }
    let _ = node;
}

/// Gives back the strong handle of the detached callbacks.
pub(super) unsafe fn release_handle<S: Shape>(node: *const Node) {
    #[cfg(feature = "alloc")]
    if S::STRIDE == 1 {
        // SAFETY: the seal took the mark of the detached callbacks.
        unsafe { super::owned::release_strong(node) };
    }
    let _ = node;
}
