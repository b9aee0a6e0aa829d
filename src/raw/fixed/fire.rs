//! Cancelling: seal the tree, wake all wakers in it, run all callbacks in it,
//! say that it is over. `walk.rs` knows the way.
//!
//! A source is delivered by whoever sealed it: another firer that meets a sealed
//! one passes on. Nothing is collected or sorted: a source has so few slots that
//! whoever wants the next entry looks at them all.

use super::super::fault::{Panics, Then, drain};
use super::super::slot::Kind;
use super::node::Head;
use super::place::Place;
use super::walk::{child, newest, next, parent, strike, taken};
use super::word::{self, ARMS, BUSY, SEAL};
use crate::shim::atomic::Ordering;

/// Cancels, and delivers. True: this call did.
///
/// # Safety
///
/// The source lives until this returns.
pub(super) unsafe fn cancel(root: *const Head, reason: usize, then: Then) -> bool {
    // SAFETY: the caller's.
    unsafe {
        match seal(root, reason) {
            Sealed::Busy => deliver(root, word::inherited(reason), then),
            Sealed::Quiet => {}
            Sealed::Before => return false,
        }
    }
    true
}

/// What became of a seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sealed {
    /// It took something, which is to be delivered.
    Busy,
    /// It took nothing.
    Quiet,
    /// Somebody else's came before.
    Before,
}

/// Seals a source for `reason`, and notes what it took.
///
/// A word that is sealed already is exchanged for itself: see `reset.rs`.
unsafe fn seal(head: *const Head, reason: usize) -> Sealed {
    // SAFETY: the source lives.
    unsafe {
        let word = &(*head).word;
        // ORDERING: a guess, which the exchange checks.
        let mut old = word.load(Ordering::Relaxed);
        loop {
            let (new, sealed) = if old & SEAL != 0 {
                (old, Sealed::Before)
            } else if old & ARMS == 0 {
                (old | SEAL | reason, Sealed::Quiet)
            } else {
                (old | SEAL | reason | BUSY, Sealed::Busy)
            };
            // ORDERING: Acquire takes the payloads that were armed, and what who reset it has seen. Release shows what came
            // before to whoever meets the seal; and on a sealed word to who resets it, the seal of the parent.
            match word.compare_exchange(old, new, Ordering::AcqRel, Ordering::Relaxed) {
                Ok(_) => {
                    if sealed == Sealed::Busy {
                        (*head).taken.with_mut(|taken| *taken = old as u32);
                    }
                    return sealed;
                }
                Err(now) => old = now,
            }
        }
    }
}

/// Delivers from a root that was just sealed: flags, wakers, callbacks. `reason` is for those below.
#[inline(never)]
unsafe fn deliver(root: *const Head, reason: usize, then: Then) {
    let mut panics = Panics::new();
    // SAFETY: the root lives; what hangs below lives for ever. Each step goes on where a panic came.
    unsafe {
        seal_below(root, reason);
        drain(&mut panics, || {
            wake(root);
            run(root);
        });
    }
    panics.settle(then);
}

/// Seals all below `root`. Nothing foreign is called before they are: that is G11.
unsafe fn seal_below(root: *const Head, reason: usize) {
    let mut node = root;
    // SAFETY: as in `deliver`.
    unsafe {
        while !node.is_null() {
            let mut links = word::links(taken(node));
            while links != 0 {
                let place = Place { head: node, position: word::lowest(links) };
                links &= links - 1;
                if seal(child(place), reason) != Sealed::Busy {
                    strike(place);
                }
            }
            node = next(root, node);
        }
    }
}

/// Wakes all wakers of the tree. Foreign code.
unsafe fn wake(root: *const Head) {
    let mut node = root;
    // SAFETY: as in `deliver`; (2).
    unsafe {
        while !node.is_null() {
            let mut entries = word::entries(taken(node));
            while entries != 0 {
                let place = Place { head: node, position: word::lowest(entries) };
                entries &= entries - 1;
                let payload = place.read();
                if payload.kind() == Kind::Waker {
                    strike(place);
                    payload.into_waker().wake();
                }
            }
            node = next(root, node);
        }
    }
}

/// Runs all callbacks of the tree, newest first, those of a child in the place of its link, and says of each source that
/// its delivery is over. Foreign code.
unsafe fn run(root: *const Head) {
    let mut node = root;
    // SAFETY: as in `deliver`; (3).
    unsafe {
        loop {
            let Some((place, is_link)) = newest(node) else {
                // The way back is read first: who has lost this mark may go.
                let above = if node == root { core::ptr::null() } else { parent(node) };
                // ORDERING: Release: who resets it, and writes payloads then, comes after all that we read.
                (*node).word.fetch_and(!BUSY, Ordering::Release);
                if above.is_null() {
                    return;
                }
                // It is still the newest there.
                if let Some((link, _)) = newest(above) {
                    strike(link);
                }
                node = above;
                continue;
            };
            if is_link {
                node = child(place);
                continue;
            }
            strike(place);
            let payload = place.read();
            // ORDERING: only who is first matters: the payload came with the seal, and is not written until we are done.
            if (*node).word.fetch_and(!place.arm_bit(), Ordering::Relaxed) & place.arm_bit() != 0 {
                (payload.vtable().call)(payload.captured(), core::ptr::null());
            }
        }
    }
}
