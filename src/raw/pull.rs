//! Children of relays.
//!
//! A relay is an open node with one parent and one strong handle that only the
//! parent can cancel. It adds nothing to what hangs below it, and it stays a
//! relay: who could arm a timer or clone a source of it is gone. Loops like
//! `t = t.child().token()` and `s = s.token().child()` would pile them up. So
//! whoever makes a child of a node that can be moved, and that hangs under
//! relays, first moves that node up to their parent, in their place of the
//! order, and lets them go.
//!
//! The child itself is never linked past its parent, even if that has no other
//! handle than the caller's: the caller may yet register callbacks there, and
//! the child has its place among them (G10).
//!
//! One node in [`PILE`], along a line of descent, can be moved, so that this is
//! how many relays can lie one on the other. It has two records and hangs by
//! one of them at a time, except in a move: it is linked by the other one before
//! it leaves, so no cancellation misses it; one that comes by both finds it
//! sealed the second time. The note `PULLING` is the lock of both records, and is only tried: who
//! finds it taken makes the child where it is. If a firer has already taken the
//! old entry, its record must stay as it is, and the lock stays taken for good:
//! that parent was sealed, and so will this node be.

use super::leave::release_strong;
use super::link::Link;
use super::never;
use super::node::Node;
use super::owned::{release_memory, retain_memory, retain_strong};
use super::registry::{Registry, Wanted};
use super::slot::Payload;
use super::word::{CLOSED, NEVER, PULLING, SECOND};
use crate::shim::atomic::Ordering;

/// How many generations lie between two nodes that can be moved. A prime: a node that makes its only child while its
/// parent is still held does not move, and where such nodes come by turns it must not always be their turn.
pub(super) const PILE: u8 = if cfg!(loom) { 1 } else { 13 };

/// Moves a node that gets a child up, if it can be moved. Foreign code: the child is not there yet.
///
/// # Safety
///
/// The caller has a strong handle of the node.
#[inline(always)]
pub(super) unsafe fn before_a_child(node: *const Node) {
    // SAFETY: the caller's.
    unsafe {
        if (*node).records == 2 {
            move_up(node);
        }
    }
}

/// Moves a node with two records up if it hangs under relays, and nobody else is at it.
#[cold]
#[inline(never)]
unsafe fn move_up(node: *const Node) {
    // SAFETY: the caller's.
    unsafe {
        if let Some(word) = try_lock(node) {
            pull_up(node, word);
        }
    }
}

/// The record of the topmost of the relays that `node` and its ancestors are; `None` if `node` is no relay.
///
/// # Safety
///
/// The caller has the record that holds a strong handle of `node`.
unsafe fn above(node: *const Node) -> Option<*const Link> {
    let (mut node, mut found) = (node, None);
    // SAFETY: a relay's only handle is the caller's record's, or that of the relay below it: nobody pulls it up, and it
    // keeps its parent.
    unsafe {
        // ORDERING: Acquire, with the Release of those who gave their handles up: what they did to the records is done.
        while matches!((*node).records, 1 | 2) && (*node).strong.load(Ordering::Acquire) == 1 {
            // ORDERING: a source's seal came before its handle went. Where a parent was counted off and the look below comes too
            // early, all above is closed, and refuses the move by an RMW.
            if (*node).possible.load(Ordering::Relaxed) != 1 || (*node).registry.state() & CLOSED != 0 {
                break;
            }
            let link = Node::link(node, 0);
            // A parent is closed before it is counted off: if this one is not, it is the one that is counted.
            if (*link).is_unlinked() || (*Link::parent(link)).registry.state() & NEVER != 0 {
                break;
            }
            found = Some(link);
            node = Link::parent(link);
        }
    }
    found
}

/// Tries to take the lock of the records. `Some`: taken, and the word as it was.
unsafe fn try_lock(node: *const Node) -> Option<usize> {
    // ORDERING: Acquire, with the Release of who had it before: the records are as they left them.
    // SAFETY: the caller's.
    let old = unsafe { &*node }.registry.word.fetch_or(PULLING, Ordering::Acquire);
    (old & PULLING == 0).then_some(old)
}

unsafe fn unlock(node: *const Node) {
    // ORDERING: Release, for the next one.
    // SAFETY: the caller's.
    unsafe { &*node }.registry.word.fetch_sub(PULLING, Ordering::Release);
}

/// Calls `f` while nobody pulls the node up. `None`: somebody does, or a cancellation is on its way.
///
/// # Safety
///
/// The node lives.
pub(super) unsafe fn with_links_locked<R>(node: *const Node, f: impl FnOnce() -> R) -> Option<R> {
    // SAFETY: the caller's.
    unsafe {
        if (*node).records != 2 {
            return Some(f());
        }
        try_lock(node)?;
        let result = f();
        unlock(node);
        Some(result)
    }
}

/// Moves a node up if it hangs under relays, and gives up the lock. `word` is what taking the lock returned.
unsafe fn pull_up(node: *const Node, word: usize) {
    // SAFETY: the caller has a strong handle of the node, and the lock, which keeps its record, which keeps its parent.
    unsafe {
        let second = word & SECOND != 0;
        let (old, new) = (Node::record(node, u16::from(!second)), Node::record(node, u16::from(second)).cast_mut());
        let relays = if (*old).is_unlinked() || word & CLOSED != 0 { None } else { above(Link::parent(old)) };
        let Some(top) = relays.filter(|_| gain_cause(node)) else { return unlock(node) };
        if !link(node, new, Link::parent(top), (*top).number) {
            unlock(node);
            return lose_cause(node);
        }
        let relay = Link::parent(old);
        if (*old).place().remove().is_some() {
            // ORDERING: Release, for the next one and for the last.
            (*node).registry.word.fetch_xor(SECOND | PULLING, Ordering::Release);
            release_memory(node, 1);
            release_strong(relay);
            lose_cause(node);
        } else {
            // ORDERING: nobody gets the lock any more, and the caller's handle shows the records to whoever has the last one.
            (*node).registry.word.fetch_xor(SECOND, Ordering::Relaxed);
            // The firer keeps the relay in memory for as long as it reads the record.
            release_strong(relay);
        }
    }
}

/// Links `node` by `record` to `parent` in the given place of the order. False: the parent is closed.
///
/// # Safety
///
/// The record is the caller's, and the parent's count in `possible`; both nodes live.
unsafe fn link(node: *const Node, record: *mut Link, parent: *const Node, number: u32) -> bool {
    // SAFETY: the caller's.
    unsafe {
        let Ok(place) = Registry::claim(Node::registry(parent), Wanted::link(true)) else { return false };
        (*record).set_place(place);
        (*record).number = number;
        place.write(Payload::link(record.cast_const().cast()));
        retain_memory(node);
        retain_strong(parent);
        if place.arm().is_ok() {
            return true;
        }
        release_memory(node, 1);
        release_strong(parent);
        false
    }
}

/// One parent more can cancel the node. False: nothing can any more, and the count has to stay where it is, since whoever
/// brought it there closes the node.
unsafe fn gain_cause(node: *const Node) -> bool {
    // SAFETY: the caller's.
    let possible = unsafe { &(*node).possible };
    // ORDERING: a guess, which the exchange below checks.
    let mut count = possible.load(Ordering::Relaxed);
    while count != 0 {
        // ORDERING: nothing is published by counting up.
        match possible.compare_exchange(count, count + 1, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => return true,
            Err(now) => count = now,
        }
    }
    false
}

/// One parent less can cancel the node. Foreign code, if it was the last: the lock has been given up.
unsafe fn lose_cause(node: *const Node) {
    // SAFETY: the caller has a strong handle of it.
    unsafe {
        // ORDERING: Acquire: whoever drops what waits sees what came before the last source's drop. Ours is none.
        if (*node).possible.fetch_sub(1, Ordering::Acquire) == 1 {
            if let Some(word) = never::close(node) {
                never::drop_all(node, word);
            }
        }
    }
}
