//! Closing a node that nothing can cancel any more.
//!
//! It goes like firing, by the same walk. Nothing is delivered, but everything
//! is dropped, and a child is closed only if no other parent, source or timer
//! can still cancel it.
//!
//! 1. Each node is closed once, here or by a walk: by whoever counts `possible`
//!    down to nothing, or by a source that finds only its own count left and
//!    leaves it there for good. What comes after that finds the flag, and none
//!    of it can close again:
//!    * The flag of a parent stands before the parent is counted off. So when
//!      only the source's count is left, all parents are closed, and so is what
//!      a node may still try to move to: it counts itself up and down again,
//!      from that one count, never to nothing.
//!    * Nothing counts up from nothing but [`count_again`], on behalf of the
//!      walk that comes next.

use super::delivery::deliver;
use super::fault::Then;
use super::fire::take;
use super::link::Link;
use super::node::Node;
use super::owned::{are_last, retain_memory};
use super::registry::{Heap, Shape};
use super::slot::{Kind, Slot};
use super::word::{CLOSED, GROWN, HEAD_ARMS, NEVER};
use crate::shim::atomic::Ordering;

/// Nothing can cancel the node any more: closes it. `Some`: what waits for it has to be dropped; its word as it was.
///
/// # Safety
///
/// The caller counted `possible` down to nothing, or its own count is all that is left, which it never gives up: see (1).
#[inline(always)]
pub(super) unsafe fn close(node: *const Node) -> Option<usize> {
    // ORDERING: Acquire takes the payloads that were armed. Nothing is published: a closed word without SEAL says only that.
    // SAFETY: the caller's.
    let old = unsafe { &(*node).registry }.word.fetch_or(NEVER, Ordering::Acquire);
    debug_assert!(old & NEVER == 0, "closed once: (1)");
    (old & (HEAD_ARMS | GROWN) != 0).then_some(old)
}

/// Drops what waited for a node that the caller has closed, when its word was `old`. Foreign code.
///
/// # Safety
///
/// The caller holds a strong handle.
#[inline(always)]
pub(super) unsafe fn drop_all(node: *const Node, old: usize) {
    if old & CLOSED != 0 {
        return;
    }
    // SAFETY: the caller's.
    unsafe {
        let arms = old & HEAD_ARMS;
        let left = spare_children(Node::slots(node), arms);
        // Detached callbacks are armed there still: in the head, or in a group.
        if left | old & GROWN != 0 {
            take(&*node, old & !arms | left, NEVER);
            deliver(node, false, Then::Resume);
        }
    }
}

/// Lets go of the children in a head that somebody else can still cancel, which takes no walk. Returns what is left.
#[inline(always)]
unsafe fn spare_children(slots: *const Slot, taken: usize) -> usize {
    let mut todo = taken;
    let mut left = taken;
    while todo != 0 {
        let rest = todo & (todo - 1);
        // SAFETY: taken by the caller's seal; the link's reference keeps the child.
        unsafe {
            let payload = (*Heap::lowest(slots, todo)).read();
            if payload.kind() == Kind::Link {
                let child = Link::node(payload.record().cast());
                // ORDERING: Release: what came before is visible to whoever counts down to nothing; here that is the walk.
                if (*child).possible.fetch_sub(1, Ordering::Release) == 1 {
                    count_again(child);
                } else if are_last(child, 1) {
                    // To be freed: what hangs on it is foreign. The walk brings that to its end.
                    retain_memory(child);
                    count_again(child);
                } else {
                    left ^= todo ^ rest;
                }
            }
        }
        todo = rest;
    }
    left
}

/// Leaves a child to the walk, which will count it down: there is nobody left who could look at it or change it in
/// between.
unsafe fn count_again(child: *const Node) {
    // ORDERING: nothing is published.
    // SAFETY: the link's reference keeps it.
    unsafe { &(*child).possible }.fetch_add(1, Ordering::Relaxed);
}
