//! Running one callback, and telling who waits for its end.
//!
//! While a callback runs, nobody needs its payload any more: the runner has a
//! copy. Whoever registered it keeps the waker there that is to be told of the
//! end. So a slot of a sealed word goes on like this:
//!
//! | bits | payload | meaning | left by |
//! |---|---|---|---|
//! | `CA` | callback | it has not started | the runner starts it, or it is removed: either clears `A` |
//! | `C` | anything | it runs | the runner ends it: clears `C`; who waits adds `A`: exchange |
//! | `CA` | waker | it runs, and the waker waits | the runner ends it: clears `C`; who waits clears `A` |
//! | `A`, none | anything | it is over | nobody looks at `A` |
//!
//! At `CA`, whoever clears one of the two owns what stands there. Only the one
//! who registered the callback writes the payload, and only at `C`.

use super::fault::{Panics, Then, drain};
use super::node::Node;
use super::registry::{Heap, Place};
use super::slot::Slot;
use crate::shim::atomic::Ordering;
use crate::shim::thread::{frame, swap_frame};
use core::cell::Cell;
use core::ptr;
use core::task::Waker;

/// What became of a callback that was to be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Removed,
    Running,
    Finished,
}

/// What a delivery on this thread's stack is running; the innermost delivery first.
#[derive(Debug)]
pub(super) struct Frame {
    /// Null at first. A callback that is over stays until the next one: its bits say that it is over, and its node stays
    /// until the delivery has ended, so that no other slot lies there.
    slot: Cell<*const Slot>,
    outer: Cell<*const ()>,
}

impl Frame {
    pub(super) const fn new() -> Self {
        Self { slot: Cell::new(ptr::null()), outer: Cell::new(ptr::null()) }
    }

    /// Puts the frame on the thread's stack of them, for as long as what is returned lives.
    #[inline(always)]
    pub(super) fn enter(&self) -> Entered<'_> {
        self.outer.set(swap_frame(ptr::from_ref(self).cast()));
        Entered(self)
    }
}

/// Takes its frame off the stack.
pub(super) struct Entered<'a>(&'a Frame);

impl Drop for Entered<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        swap_frame(self.0.outer.get());
    }
}

/// True if this thread is inside the callback at `slot`.
pub(crate) fn is_inside(slot: *const Slot) -> bool {
    let mut at = frame().cast::<Frame>();
    while !at.is_null() {
        // SAFETY: frames are taken off before they go out of scope, and only this thread reads them.
        let frame = unsafe { &*at };
        if frame.slot.get() == slot {
            return true;
        }
        at = frame.outer.get().cast();
    }
    false
}

/// Says that the callback is over, also when it panicked.
struct Finish {
    place: Place<Heap>,
}

impl Drop for Finish {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: the firer keeps the node.
        unsafe {
            // ORDERING: Release: whoever sees that it is over sees what it did. Acquire, for the waker of who waits.
            let old = self.place.word().fetch_sub(self.place.claim_bit(), Ordering::AcqRel);
            if old & self.place.arm_bit() != 0 {
                tell((*self.place.slot()).read().into_waker());
            }
        }
    }
}

/// Wakes who waits for the callback that has just ended. What panics here goes to the hook.
#[cold]
fn tell(waker: Waker) {
    let (mut waker, mut panics) = (Some(waker), Panics::new());
    drain(&mut panics, || {
        if let Some(waker) = waker.take() {
            waker.wake();
        }
    });
    panics.settle(Then::Report);
}

/// Runs the callback at `slot`, or only drops it, unless it was removed meanwhile. `frame` is on the stack.
///
/// # Safety
///
/// An ordered entry that the seal of the caller took, in a node that the caller keeps.
#[inline(always)]
pub(super) unsafe fn run(place: Place<Heap>, slot: *const Slot, call: bool, frame: &Frame) {
    // SAFETY: the caller's.
    unsafe {
        // A copy that does not count, if it has been removed.
        let payload = (*slot).read();
        if !place.start() {
            return;
        }
        let node = Node::of_registry(place.registry());
        frame.slot.set(slot);
        let finish = Finish { place };
        let vtable = payload.vtable();
        if call {
            (vtable.call)(payload.captured(), node.cast());
        } else {
            (vtable.drop)(payload.captured(), node.cast());
        }
        drop(finish);
    }
}
