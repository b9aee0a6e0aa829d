//! Running one callback, and telling who waits for its end.
//!
//! While a callback runs, nobody needs its payload any more: the runner has a
//! copy. Whoever registered it keeps the waker there that is to be told of the
//! end. So a slot of a sealed word goes on like this:
//!
//! | bits | payload | meaning | left by |
//! |---|---|---|---|
//! | `CA` | callback | it has not started | the runner starts it, or it is removed: either clears `A` |
//! | `C` | anything | it runs | the runner ends it: clears both; who waits adds `A`: exchange |
//! | `CA` | waker | it runs, and the waker waits | the runner ends it: clears both; who waits clears `A` |
//! | none | anything | it is over | nobody |
//!
//! Whoever clears `A` owns what stands there. Only the one who registered the
//! callback writes the payload, and only at `C`.

use super::fault::{Panics, Then, drain};
use super::node::Node;
use super::registry::{Place, Shape};
use super::slot::Slot;
use super::word;
use crate::shim::atomic::Ordering;
use crate::shim::thread::{frame, swap_frame};
use core::ptr;
use core::task::Waker;

/// What became of a callback that was to be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Removed,
    Running,
    Finished,
}

/// A callback that runs on this thread, on its stack; the innermost first.
struct Frame {
    slot: *const Slot,
    outer: *const (),
}

/// True if this thread is inside the callback at `slot`.
pub(crate) fn is_inside(slot: *const Slot) -> bool {
    let mut at = frame().cast::<Frame>();
    while !at.is_null() {
        // SAFETY: frames are taken off before they go out of scope, and only this thread reads them.
        let frame = unsafe { &*at };
        if frame.slot == slot {
            return true;
        }
        at = frame.outer.cast();
    }
    false
}

/// Takes the frame off and says that the callback is over, also when it panicked.
struct Finish<S: Shape> {
    place: Place<S>,
    outer: *const (),
}

impl<S: Shape> Drop for Finish<S> {
    fn drop(&mut self) {
        swap_frame(self.outer);
        // SAFETY: the firer keeps the node.
        unsafe {
            let i = self.place.slot_index();
            // ORDERING: Release: whoever sees that it is over sees what it did. Acquire, for the waker of who waits.
            let old = self.place.word().fetch_and(!(word::claim(i) | word::arm(i)), Ordering::AcqRel);
            if old & word::arm(i) != 0 {
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

/// Runs the callback at `slot`, or only drops it, unless it was removed meanwhile.
///
/// # Safety
///
/// An ordered entry that the seal of the caller took, in a node that the caller keeps.
pub(super) unsafe fn run<S: Shape>(place: Place<S>, slot: *const Slot, call: bool) {
    // SAFETY: the caller's.
    unsafe {
        let arm = word::arm(place.slot_index());
        // A copy that does not count, if it has been removed.
        let payload = (*slot).read();
        // ORDERING: Release lets who waits write after this copy was read; the seal's Acquire has made it visible.
        let old = place.word().fetch_and(!arm, Ordering::Release);
        if old & arm == 0 {
            return;
        }
        let node = Node::of_registry(place.registry());
        let mut frame = Frame { slot, outer: ptr::null() };
        frame.outer = swap_frame((&raw const frame).cast());
        let finish = Finish { place, outer: frame.outer };
        let vtable = payload.vtable();
        if call {
            (vtable.call)(payload.captured(), node.cast());
        } else {
            (vtable.drop)(payload.captured(), node.cast());
        }
        drop(finish);
    }
}
