//! Giving up handles, and letting go of nodes that have none left.
//!
//! Letting go is a loop (G8). A node whose last strong handle goes leaves its
//! parents, gives each of them a strong handle back, and they may go next. With
//! one parent the loop simply moves up; a node with several waits on a stack
//! that is threaded through a spare record of its own allocation.

use super::fault::{Panics, Then};
use super::never;
use super::node::{Link, Node};
use super::owned::{free, free_bare, holds_all, release_memory, release_shared};
use super::timer::{self, Retired};
use crate::shim::atomic::Ordering;
use core::ptr;

/// # Safety
///
/// The caller gives up a strong handle.
#[inline(always)]
pub(super) unsafe fn release_strong(node: *const Node) {
    // SAFETY: the caller's handle keeps it.
    unsafe {
        let strong = &(*node).strong;
        if is_alone(node) {
            release_only(node);
        // ORDERING: as in `drops_to_zero`.
        } else if strong.fetch_sub(1, Ordering::AcqRel) == 1 {
            leave(node);
        }
    }
}

/// # Safety
///
/// The caller gives up a strong handle that can cancel.
#[inline(always)]
pub(super) unsafe fn release_source(node: *const Node) {
    // SAFETY: the caller's handle keeps it.
    unsafe {
        // The last handle of all takes everything with it.
        if is_alone(node) {
            return release_only(node);
        }
        let Node { possible, strong, .. } = &*node;
        // Nobody can count up from our own one: if it is the only one, it needs no RMW.
        // ORDERING: AcqRel: the last of several that make it impossible sees what the others did before. Acquire: the same.
        if possible.load(Ordering::Acquire) == 1 || possible.fetch_sub(1, Ordering::AcqRel) == 1 {
            never::never(node);
        }
        // ORDERING: as in `drops_to_zero`. There was another handle just now.
        if strong.fetch_sub(1, Ordering::AcqRel) == 1 {
            leave(node);
        }
    }
}

/// True if the caller's strong handle is the only one.
///
/// # Safety
///
/// The caller has one.
#[inline(always)]
pub(super) unsafe fn is_alone(node: *const Node) -> bool {
    // SAFETY: the caller's handle keeps it.
    // ORDERING: Acquire, with the Release of those who gave theirs up: what they did to the node is done.
    unsafe { &(*node).strong }.load(Ordering::Acquire) == 1
}

/// Gives up the only strong handle. Handles are made from handles only, so nobody can make another one, and it needs no
/// RMW.
#[inline(never)]
unsafe fn release_only(node: *const Node) {
    // SAFETY: the caller's handle keeps it.
    unsafe {
        let records = (*node).records;
        if records == 1 {
            release_only_child(node);
        } else if records == 0 && holds_all(node, 1) && (*node).is_bare() {
            free_bare(node, 0);
        } else {
            leave(node);
        }
    }
}

/// The same for a node with one record: most of the time nobody else goes with it.
#[inline(never)]
unsafe fn release_only_child(node: *const Node) {
    // SAFETY: as in `leave`.
    unsafe {
        let record = Node::nearest_record(node);
        let place = (*record).place();
        if place.is_none() {
            return leave(node);
        }
        let parent = Link::parent(record);
        let references = 1 + u32::from(place.remove().is_some());
        // ORDERING: as in `drops_to_zero`. There are most likely others.
        let last = (*parent).strong.fetch_sub(1, Ordering::AcqRel) == 1;
        if !last && holds_all(node, references) && (*node).is_bare() {
            free_bare(node, 1);
        } else {
            leave_by(node, if last { parent } else { ptr::null() }, references);
        }
    }
}

/// A node gives up so many references and its place under `parent`, which is null unless it has to go, too.
#[inline(never)]
unsafe fn leave_by(node: *const Node, parent: *const Node, references: u32) {
    let mut timers = Retired::NONE;
    // SAFETY: as in `leave`.
    unsafe {
        timer::leave(node, &mut timers);
        release_memory(node, references);
        leave_from(parent, timers);
    }
}

#[inline(always)]
unsafe fn drops_to_zero(node: *const Node) -> bool {
    // SAFETY: the caller's handle keeps it.
    let strong = unsafe { &(*node).strong };
    // Handles are made from handles only: if this is the only one, nobody can make another, and it needs no RMW.
    // ORDERING: as in `release_memory`.
    strong.load(Ordering::Acquire) == 1 || strong.fetch_sub(1, Ordering::AcqRel) == 1
}

/// The last strong handle of `node` is gone.
#[inline(never)]
unsafe fn leave(node: *const Node) {
    // SAFETY: the caller's.
    unsafe { leave_from(node, Retired::NONE) };
}

/// The same for `dead`, if it is not null, after nodes whose timers are still to be dropped.
#[inline(always)]
unsafe fn leave_from(mut dead: *const Node, mut timers: Retired) {
    // SAFETY: a dead node keeps the memory reference of its strong handles until the loop is done with it; its parents are
    // kept by the strong handles that its links hold.
    unsafe {
        while !dead.is_null() {
            if !(*dead).reason().is_number() {
                timer::leave(dead, &mut timers);
            }
            dead = match (*dead).records {
                0 => {
                    release_memory(dead, 1);
                    ptr::null()
                }
                1 => {
                    let (parent, references) = unlink(Node::nearest_record(dead));
                    if holds_all(dead, 1 + references) {
                        free(dead, 1);
                    } else {
                        release_shared(dead, 1 + references);
                    }
                    parent
                }
                2 => {
                    let (parent, references) = unlink(Node::link(dead, 0));
                    release_memory(dead, 1 + references);
                    parent
                }
                _ => return leave_several(dead, timers),
            };
        }
    }
    end(timers);
}

/// The same from a node on that has several parents.
#[cold]
#[inline(never)]
unsafe fn leave_several(node: *const Node, mut timers: Retired) {
    // Nodes with several parents, the innermost first.
    let mut stack: *const Node = ptr::null();
    let mut dead = node;
    // SAFETY: as in `leave`.
    unsafe {
        loop {
            if !dead.is_null() {
                timer::leave(dead, &mut timers);
                match Node::links((*dead).records) {
                    0 => {
                        release_memory(dead, 1);
                        dead = ptr::null();
                    }
                    1 => {
                        let (parent, references) = unlink(Node::link(dead, 0));
                        release_memory(dead, 1 + references);
                        dead = parent;
                    }
                    _ => {
                        let spare = Node::nearest_record(dead).cast_mut();
                        (*spare).number = 0;
                        (*spare).next.with_mut(|next| *next = stack.cast());
                        stack = dead;
                        dead = ptr::null();
                    }
                }
            } else if !stack.is_null() {
                let spare = Node::nearest_record(stack).cast_mut();
                let i = (*spare).number;
                if i == u32::from(Node::links((*stack).records)) {
                    let done = stack;
                    stack = (*spare).next.with(|next| *next).cast();
                    release_memory(done, 1);
                } else {
                    (*spare).number += 1;
                    let (parent, references) = unlink(Node::link(stack, i as u16));
                    if references > 0 {
                        release_memory(stack, references);
                    }
                    dead = parent;
                }
            } else {
                break;
            }
        }
    }
    end(timers);
}

/// Drops the timers of nodes that have gone: foreign code.
#[inline(always)]
fn end(mut timers: Retired) {
    if !timers.is_none() {
        let mut panics = Panics::new();
        timers.end(&mut panics);
        panics.settle(Then::Resume);
    }
}

/// Takes a record's entry out of its parent and gives up the parent. Returns the parent if that was its last strong
/// handle, and the child's memory references that came free.
#[inline(always)]
unsafe fn unlink(link: *const Link) -> (*const Node, u32) {
    // SAFETY: the record's strong handle keeps the parent.
    unsafe {
        let place = (*link).place();
        if place.is_none() {
            return (ptr::null(), 0);
        }
        let parent = Link::parent(link);
        let references = place.remove().is_some().into();
        (if drops_to_zero(parent) { parent } else { ptr::null() }, references)
    }
}
