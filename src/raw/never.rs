//! Closing a node that nothing can cancel any more.
//!
//! It goes like firing, by the same walk. Nothing is delivered, but everything
//! is dropped, and a child is closed only if no other parent, source or timer
//! can still cancel it.

use super::deliver::Garbage;
use super::delivery::deliver;
use super::fault::Then;
use super::fire::take;
use super::node::{Link, Node};
use super::registry::{Heap, Shape};
use super::slot::{Kind, Slot};
use super::word::{CLOSED, DETACHED, GROWN, NEVER};
use crate::shim::atomic::Ordering;

/// Nothing can cancel the node any more: drops what waits for it.
///
/// # Safety
///
/// The caller counted `possible` down to nothing, and holds a strong handle.
#[inline(always)]
pub(super) unsafe fn never(node: *const Node) {
    // SAFETY: the caller's.
    unsafe {
        // ORDERING: Acquire takes the payloads that were armed. Nothing is published: a closed word without SEAL says only that.
        let old = (*node).registry.word.fetch_or(NEVER, Ordering::Acquire);
        if old & (Heap::HEAD_ARMS | GROWN) != 0 {
            drop_all(node, old);
        }
    }
}

#[inline(never)]
unsafe fn drop_all(node: *const Node, old: usize) {
    if old & CLOSED != 0 {
        return;
    }
    // SAFETY: as for `never`.
    unsafe {
        let arms = old & Heap::HEAD_ARMS;
        let mut garbage = Garbage::NONE;
        let left = spare_children(Node::slots(node), arms, &mut garbage);
        if left | old & (GROWN | DETACHED) != 0 || !garbage.is_none() {
            take::<Heap>(&*node, old & !arms | left, NEVER);
            deliver::<Heap>(node, false, garbage, Then::Resume);
        }
    }
}

/// Lets go of the children in a head that somebody else can still cancel, which takes no walk. Returns what is left.
#[inline(always)]
unsafe fn spare_children(slots: *const Slot, taken: usize, garbage: &mut Garbage) -> usize {
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
                if (*child).possible.fetch_sub(1, Ordering::Release) != 1 {
                    left ^= todo ^ rest;
                    garbage.release::<Heap>(child);
                } else {
                    // The walk will count it down: there is nobody left who could look at it or change it in between.
                    // ORDERING: nothing is published.
                    (*child).possible.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
        todo = rest;
    }
    left
}
