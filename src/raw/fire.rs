//! Cancelling: seal a tree, wake, run callbacks, let go. The phases stand at
//! [`Delivery`]; where nothing but wakers is found there is only one.
//!
//! A node is delivered by whoever sealed it, whichever thread that is: another
//! firer that meets a sealed node passes on.

use super::deliver::{wake_all, wake_node};
use super::delivery::{Delivery, deliver};
use super::fault::{Panics, Then, attempt, drain};
use super::group;
use super::node::Node;
use super::reason::Word;
use super::timer::Retired;
use super::walk::HAS_DETACHED;
use super::word::{CLOSED, DETACHED, GROWN, HEAD_ARMS, MIXED, SEAL};
use crate::shim::atomic::Ordering;
use core::cell::Cell;

/// Wakes where wakers are all that the seal took, and in the head alone: those whose arm bits are in `taken`.
///
/// # Safety
///
/// As for [`Delivery::seal`].
#[inline(always)]
unsafe fn deliver_few(node: *const Node, taken: usize, then: Then) {
    let left = Cell::new(taken);
    attempt(
        // SAFETY: the caller's.
        || unsafe { wake_all(Node::slots(node), taken, true, |rest| left.set(rest)) },
        // SAFETY: the same.
        |panics| unsafe {
            (*node).registry.taken.with_mut(|taken| *taken = left.get() as u32);
            go_on(node, panics, then);
        },
    );
}

/// The same where there are wakers in the groups too.
///
/// # Safety
///
/// As for [`Delivery::seal`].
#[inline(never)]
unsafe fn deliver_many(node: *const Node, then: Then) {
    // SAFETY: the caller's, here and below.
    attempt(|| unsafe { wake_node(node, true) }, |panics| unsafe { go_on(node, panics, then) });
}

/// Wakes the rest after a panic.
#[cold]
#[inline(never)]
unsafe fn go_on(node: *const Node, mut panics: Panics, then: Then) {
    // SAFETY: as in `deliver_few`.
    drain(&mut panics, || unsafe { wake_node(node, true) });
    panics.settle(then);
}

/// Closes a node by `flag`, and notes beside each of its words what was armed there. Returns the flags of all of them if
/// there is anything to deliver: zero if nothing was there, or if somebody else had closed the node.
///
/// # Safety
///
/// The node lives.
#[inline(always)]
pub(super) unsafe fn close(node: *const Node, flag: usize) -> usize {
    // SAFETY: the caller's.
    let node = unsafe { &*node };
    // ORDERING: Release shows the reason to whoever meets the seal; Acquire takes the payloads that were armed.
    let old = node.registry.word.fetch_or(flag, Ordering::AcqRel);
    if old & CLOSED != 0 || old & (HEAD_ARMS | GROWN) == 0 {
        return 0;
    }
    // SAFETY: sealed just now.
    unsafe { take(node, old, flag) }
}

/// The rest of [`close`] for a node whose head was closed when its word was `old`.
///
/// # Safety
///
/// The caller closed the head.
#[inline(always)]
pub(super) unsafe fn take(node: &Node, old: usize, flag: usize) -> usize {
    // SAFETY: scratch belongs to whoever sealed the node.
    unsafe {
        note(node, old);
        if old & GROWN != 0 { old | take_groups(node, flag) } else { old }
    }
}

/// Notes what the head's word alone says of what its node had.
#[inline(always)]
unsafe fn note(node: &Node, old: usize) {
    // SAFETY: as in `take`.
    unsafe {
        node.marks.with_mut(|marks| *marks = if old & DETACHED != 0 { HAS_DETACHED } else { 0 });
        node.registry.taken.with_mut(|taken| *taken = (old & HEAD_ARMS) as u32);
    }
}

#[inline(never)]
unsafe fn take_groups(node: &Node, flag: usize) -> usize {
    // SAFETY: as in `take`.
    unsafe { group::seal(&node.registry, flag) }
}

/// A reason that came too late.
struct TooLate(Word);

impl Drop for TooLate {
    fn drop(&mut self) {
        // SAFETY: the word was not stored, so it is still ours.
        unsafe { self.0.release() };
    }
}

/// Cancels: flag, wakers, callbacks. True: this reason is the one.
///
/// # Safety
///
/// The node lives until this returns; the word's error is given up.
#[inline(always)]
pub(super) unsafe fn cancel(node: *const Node, reason: Word, then: Then) -> bool {
    // SAFETY: the caller's.
    unsafe {
        match (*node).decide(reason) {
            Some(timers) if timers.is_none() => seal(node, then),
            Some(timers) => cancel_rarely(node, timers, None, then),
            None => {
                cancel_rarely(node, Retired::NONE, Some(TooLate(reason)), then);
                return false;
            }
        }
        true
    }
}

/// The rest of a cancellation that has timers to let go of, or comes too late.
#[cold]
#[inline(never)]
unsafe fn cancel_rarely(node: *const Node, timers: Retired, late: Option<TooLate>, then: Then) {
    // SAFETY: the caller's.
    unsafe {
        if let Some(delivery) = begin(node, timers, late) {
            delivery.complete(then);
        }
    }
}

/// Seals a node for which there is a reason. `Some`: there is something to deliver.
///
/// Everybody seals, also who came too late: the winner may have been interrupted before it could.
///
/// # Safety
///
/// As for [`Delivery::seal`].
unsafe fn begin(node: *const Node, timers: Retired, mut late: Option<TooLate>) -> Option<Delivery> {
    // SAFETY: the caller's.
    unsafe {
        let mut delivery = if close(node, SEAL) != 0 {
            Delivery::seal(node, true, timers)
        } else if !timers.is_none() {
            Delivery::new(node, true, timers)
        } else {
            return None;
        };
        if late.is_some() {
            // Its drop is the user's, and may panic.
            drain(&mut delivery.panics, || drop(late.take()));
        }
        Some(delivery)
    }
}

/// Seals a node for which there is a reason, and delivers.
#[inline(always)]
unsafe fn seal(node: *const Node, then: Then) {
    // SAFETY: as for `cancel`.
    unsafe {
        // ORDERING: Release shows the reason to whoever meets the seal; Acquire takes the payloads that were armed.
        let old = (*node).registry.word.fetch_or(SEAL, Ordering::AcqRel);
        if old & (CLOSED | GROWN | MIXED) == 0 {
            deliver_few(node, old & HEAD_ARMS, then);
        } else if old & CLOSED == 0 {
            sealed(node, old, then);
        }
    }
}

/// Delivers from a root that was just sealed, when its word was `old`.
#[inline(never)]
unsafe fn sealed(node: *const Node, old: usize, then: Then) {
    // SAFETY: as for `cancel`.
    unsafe {
        note(&*node, old);
        let behind = if old & GROWN != 0 { group::seal(&(*node).registry, SEAL) } else { 0 };
        if (old | behind) & MIXED != 0 {
            deliver(node, true, then);
        } else {
            deliver_many(node, then);
        }
    }
}

/// Sets the flag and wakes. The first value: this reason is the one. The second: the callbacks, if there may be any.
///
/// # Safety
///
/// The node lives until the delivery has ended; the word's error is given up.
pub(super) unsafe fn cancel_deferred(node: *const Node, reason: Word) -> (bool, Option<Delivery>) {
    // SAFETY: the caller's.
    unsafe {
        let (first, mut delivery) = match (*node).decide(reason) {
            Some(timers) => (true, begin(node, timers, None)),
            None => (false, begin(node, Retired::NONE, Some(TooLate(reason)))),
        };
        if let Some(delivery) = &mut delivery {
            delivery.wake();
        }
        (first, delivery)
    }
}

/// Goes on with a cancellation that its timer has decided.
///
/// # Safety
///
/// As for [`cancel`].
pub(super) unsafe fn expired(node: *const Node, timer: Retired) {
    // A timer's thread has nobody to resume a panic in.
    // SAFETY: the caller's.
    unsafe { cancel_rarely(node, timer, None, Then::Report) };
}
