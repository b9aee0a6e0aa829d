//! Using a source again.
//!
//! The race that looks fatal and is not: a firer of the parent finds the child
//! sealed, passes on, and the child is reset behind its back. The firer has
//! sealed the parent before, and exchanges the child's word for itself where it
//! passes. Either that comes after the reset's exchange: then it finds the word
//! open, and seals it. Or it comes before: then the reset's exchange acquires
//! from it, and the look at the parent that follows finds the parent's seal. A
//! load in the firer's place would let both miss each other.

use super::super::fault::Then;
use super::fire;
use super::link::{is_being_placed, is_unplaced, place, untagged};
use super::node::{CHANGING, Head, RESETTING};
use super::word::{self, BUSY, DEADLINE, INHERITED, SEAL};
use crate::shim::atomic::{Ordering, recheck};

/// The right to reset a source (7).
struct Turn<'a>(&'a Head);

impl<'a> Turn<'a> {
    /// `None`: somebody else has it.
    fn take(head: &'a Head) -> Option<Self> {
        // ORDERING: Acquire, with the Release of who had it before: the word is seen as that one left it, or later.
        (head.numbers.fetch_or(RESETTING, Ordering::Acquire) & RESETTING == 0).then(|| Self(head))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        // ORDERING: Release, for the next one.
        self.0.numbers.fetch_sub(RESETTING, Ordering::Release);
    }
}

/// Makes a cancelled source new, which has the slots whose bits are in `slots`. False: it stays as it was, or it has been
/// cancelled again with its parent; or somebody else resets it.
///
/// # Safety
///
/// The source lives until this returns, and its parent for ever.
pub(super) unsafe fn try_reset(head: *const Head, slots: usize) -> bool {
    // SAFETY: the caller's.
    unsafe {
        let Some(_turn) = Turn::take(&*head) else { return false };
        loop {
            let word = (*head).state();
            if word & SEAL == 0 {
                return true;
            }
            // Links stay armed. Callbacks are no longer, once all is delivered; so these are waiters (4).
            if word & BUSY != 0 || word::entries(word) != 0 || is_changing(head, word::idle(word) & slots) {
                return false;
            }
            // ORDERING: Acquire, with the Release of whoever wrote the address: we follow it.
            let parent = (*head).parent.load(Ordering::Acquire);
            if is_unplaced(parent) {
                if !place(head, parent) {
                    return false;
                }
                // In place, or being placed by somebody else, or the parent was cancelled: look again.
                continue;
            }
            if is_being_placed(parent) || !parent.is_null() && (*parent).state() & SEAL != 0 {
                return false;
            }
            let new = word & !(SEAL | DEADLINE | INHERITED);
            // ORDERING: Acquire, with the firer of the parent that passed: its seal is seen below. Release: who finds the
            // source new sees what its resetter did before.
            if (*head).word.compare_exchange(word, new, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
                break;
            }
        }
        // ORDERING: Acquire, as above: it may have been linked meanwhile.
        let parent = (*head).parent.load(Ordering::Acquire);
        if parent.is_null() {
            return true;
        }
        let above = (*untagged(parent)).state();
        if recheck("parent of a reset", above & SEAL != 0 || is_unplaced(parent)) {
            fire::cancel(head, word::inherited(above), Then::Resume);
            return false;
        }
        true
    }
}

/// True if a waiter in one of these slots is changing its waker: it has not seen the cancellation (4).
unsafe fn is_changing(head: *const Head, mut idle: usize) -> bool {
    // SAFETY: the source lives, and has these slots.
    unsafe {
        while idle != 0 {
            let entry = Head::entry(head, word::lowest(idle));
            if recheck("waiter that changes its waker", (*entry).number() == CHANGING) {
                return true;
            }
            idle &= idle - 1;
        }
    }
    false
}
