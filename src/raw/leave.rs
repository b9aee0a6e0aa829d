//! Giving up handles, and letting go of nodes that have none left.
//!
//! Letting go is a loop (G8). A node whose last strong handle goes leaves its
//! parents, gives each of them a strong handle back, and they may go next. With
//! one parent the loop simply moves up; a node with several waits on a stack
//! that is threaded through a spare record of its own allocation.

use super::deliver::Garbage;
use super::fault::{Panics, Then, drain};
use super::link::Link;
use super::never;
use super::node::Node;
use super::owned::{are_last, free_bare, frees_bare, holds_all};
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
        if is_alone(node) {
            release_only(node);
        } else {
            release_one_of_several(node);
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
        // Nobody can count up from our own one: if it is the only one, it needs no RMW.
        // ORDERING: AcqRel: the last of several that make it impossible sees what the others did before. Acquire: the same.
        if (*node).possible.load(Ordering::Acquire) == 1 || (*node).possible.fetch_sub(1, Ordering::AcqRel) == 1 {
            if let Some(word) = never::close(node) {
                return release_last_source(node, word);
            }
        }
        release_one_of_several(node);
    }
}

/// The same for the last source of a node on which something waits. What is dropped is foreign, and may panic.
#[inline(never)]
unsafe fn release_last_source(node: *const Node, word: usize) {
    let _handle = OneOfSeveral(node);
    // SAFETY: the handle keeps it, and the caller has just closed it.
    unsafe { never::drop_all(node, word) };
}

/// A strong handle beside which there was another one just now.
struct OneOfSeveral(*const Node);

impl Drop for OneOfSeveral {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: it is given up.
        unsafe { release_one_of_several(self.0) };
    }
}

#[inline(always)]
unsafe fn release_one_of_several(node: *const Node) {
    // SAFETY: the caller's handle keeps it.
    unsafe {
        // ORDERING: as in `drops_to_zero`.
        if (*node).strong.fetch_sub(1, Ordering::AcqRel) == 1 {
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
        if lets_go(node, references) {
            leave_from(parent, timers);
        } else {
            leave_with(node, parent, timers);
        }
    }
}

/// Gives up a strong handle. True: it was the last, and the caller has to [`leave`].
///
/// # Safety
///
/// It is the caller's.
#[inline(always)]
pub(super) unsafe fn drops_to_zero(node: *const Node) -> bool {
    // SAFETY: the caller's handle keeps it.
    let strong = unsafe { &(*node).strong };
    // Handles are made from handles only: if this is the only one, nobody can make another, and it needs no RMW.
    // ORDERING: as in `release_memory`.
    strong.load(Ordering::Acquire) == 1 || strong.fetch_sub(1, Ordering::AcqRel) == 1
}

/// Gives up memory references, and frees a bare node with the last. False: what hangs on it is foreign, and it is the
/// caller's to free.
#[inline(always)]
unsafe fn lets_go(node: *const Node, references: u32) -> bool {
    // SAFETY: the references are the caller's.
    unsafe { if holds_all(node, references) { frees_any_bare(node) } else { !are_last(node, references) } }
}

#[inline(never)]
unsafe fn frees_any_bare(node: *const Node) -> bool {
    // SAFETY: the caller has all references.
    unsafe { frees_bare(node, (*node).records) }
}

/// The last strong handle of `node` is gone.
///
/// # Safety
///
/// It was the caller's.
#[inline(never)]
pub(super) unsafe fn leave(node: *const Node) {
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
            let (parent, gone) = match (*dead).records {
                0 => (ptr::null(), lets_go(dead, 1)),
                1 => {
                    let (parent, references) = unlink(Node::nearest_record(dead));
                    let references = 1 + references;
                    (
                        parent,
                        if holds_all(dead, references) { frees_bare(dead, 1) } else { !are_last(dead, references) },
                    )
                }
                2 => {
                    let (parent, references) = unlink(Node::link(dead, 0));
                    (parent, lets_go(dead, 1 + references))
                }
                _ => return leave_several(dead, timers, Garbage::NONE),
            };
            if !gone {
                return leave_with(dead, parent, timers);
            }
            dead = parent;
        }
    }
    end(timers);
}

/// The same from `dead` on, after a node whose last memory reference is gone, and that is still to be freed.
#[cold]
#[inline(never)]
unsafe fn leave_with(node: *const Node, dead: *const Node, timers: Retired) {
    // SAFETY: as in `leave_from`.
    unsafe { leave_several(dead, timers, Garbage::NONE.with(node)) };
}

/// The same from a node on that has several parents, or after nodes that are still to be freed.
#[cold]
#[inline(never)]
unsafe fn leave_several(node: *const Node, mut timers: Retired, mut garbage: Garbage) {
    // Nodes with several parents, the innermost first.
    let mut stack: *const Node = ptr::null();
    let mut dead = node;
    // SAFETY: as in `leave_from`.
    unsafe {
        let mut release = |node, references| {
            if !lets_go(node, references) {
                garbage = core::mem::replace(&mut garbage, Garbage::NONE).with(node);
            }
        };
        loop {
            if !dead.is_null() {
                timer::leave(dead, &mut timers);
                match Node::links((*dead).records) {
                    0 => {
                        release(dead, 1);
                        dead = ptr::null();
                    }
                    1 => {
                        let (parent, references) = unlink(Node::link(dead, 0));
                        release(dead, 1 + references);
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
                    release(done, 1);
                } else {
                    (*spare).number += 1;
                    let (parent, references) = unlink(Node::link(stack, i as u16));
                    if references > 0 {
                        release(stack, references);
                    }
                    dead = parent;
                }
            } else {
                break;
            }
        }
    }
    let mut panics = Panics::new();
    drain(&mut panics, || {
        timers.drop_all();
        garbage.free();
    });
    panics.settle(Then::Resume);
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
