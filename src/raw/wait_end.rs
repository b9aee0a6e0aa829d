//! Waiting for the end of a callback that runs: the owner's side of `run.rs`.
//!
//! No foreign code runs between two steps: the new waker is cloned before the
//! first, and the old one is dropped after the last.

use super::registry::{Heap, Place};
use super::slot::{Kind, Payload};
use super::word;
use crate::shim::atomic::Ordering;
use core::task::{Poll, Waker};

/// Ready once the callback is over; otherwise `waker` is woken then, and none that was given before.
///
/// # Safety
///
/// The caller owns the registration of the ordered entry at `place`, which has been taken by the firer; the node lives.
pub(super) unsafe fn poll(place: Place<Heap>, waker: &Waker) -> Poll<()> {
    let (claim, arm) = (word::claim(place.slot_index()), word::arm(place.slot_index()));
    // SAFETY: the caller's: only its owner writes the payload of an entry that has started.
    unsafe {
        // ORDERING: Acquire: whoever reads that it is over sees what it did; who reads that it has started may write.
        let now = place.word().load(Ordering::Acquire);
        if now & claim == 0 {
            return Poll::Ready(());
        }
        let before = (*place.slot()).read();
        if now & arm != 0 && before.is_waker(waker) {
            return Poll::Pending;
        }
        let new = waker.clone();
        let mut old = None;
        if before.kind() == Kind::Waker {
            let over;
            (old, over) = take(place, before);
            if over {
                return Poll::Ready(());
            }
        }
        let new = Payload::waker(new);
        (*place.slot()).write(new);
        let waits = arm_unless_over(place, now & !arm);
        let new = (!waits).then(|| new.into_waker());
        drop(old);
        drop(new);
        if waits { Poll::Pending } else { Poll::Ready(()) }
    }
}

/// Has the waker that was written wait. `now`: the word, most likely. False: the callback is over, and the waker is the
/// caller's.
unsafe fn arm_unless_over(place: Place<Heap>, mut now: usize) -> bool {
    let (claim, arm) = (word::claim(place.slot_index()), word::arm(place.slot_index()));
    // SAFETY: the caller's.
    let word = unsafe { place.word() };
    while now & claim != 0 {
        // ORDERING: Release publishes the waker to the runner. Acquire: whoever reads that it is over sees what it did.
        match word.compare_exchange(now, now | arm, Ordering::Release, Ordering::Acquire) {
            Ok(_) => return true,
            Err(other) => now = other,
        }
    }
    false
}

/// Takes back the waker that waits at `place`, if it does; and whether the callback is over.
unsafe fn take(place: Place<Heap>, waker: Payload) -> (Option<Waker>, bool) {
    let (claim, arm) = (word::claim(place.slot_index()), word::arm(place.slot_index()));
    // ORDERING: Acquire: whoever reads that it is over sees what it did. The waker is the caller's own.
    // SAFETY: the caller's; a waker that waited when the callback ended is the runner's.
    unsafe {
        let old = place.word().fetch_and(!arm, Ordering::Acquire);
        let over = old & claim == 0;
        ((!over && old & arm != 0).then(|| waker.into_waker()), over)
    }
}

/// Drops the waker that waits at `place`, if there is one.
///
/// # Safety
///
/// As for [`poll`], except that the callback may not have started.
pub(super) unsafe fn leave(place: Place<Heap>) {
    // SAFETY: the caller's.
    unsafe {
        let payload = (*place.slot()).read();
        if payload.kind() == Kind::Waker {
            drop(take(place, payload));
        }
    }
}
