//! Running one callback, and those who wait for it to end.

use super::node::Node;
use super::registry::{Place, Shape};
use super::side;
use super::slot::Slot;
use super::word;
use crate::shim::atomic::Ordering;
use crate::shim::thread::{frame, swap_frame};
use core::ptr;

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
    node: *const Node,
    outer: *const (),
}

impl<S: Shape> Drop for Finish<S> {
    fn drop(&mut self) {
        swap_frame(self.outer);
        // SAFETY: the firer keeps the node.
        unsafe {
            let claim = word::claim(self.place.slot_index());
            // ORDERING: Release: whoever sees that it is over sees what it did; Acquire: a waiter who looked before is on the list.
            self.place.word().fetch_and(!claim, Ordering::AcqRel);
            side::wake_waiters(&*self.node);
        }
    }
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
        // ORDERING: the seal's Acquire has made the payload visible; this only decides between us and the remover.
        let old = place.word().fetch_and(!arm, Ordering::Relaxed);
        if old & arm == 0 {
            return;
        }
        let payload = (*slot).read();
        let node = Node::of_registry(place.registry());
        let mut frame = Frame { slot, outer: ptr::null() };
        frame.outer = swap_frame((&raw const frame).cast());
        let finish = Finish { place, node, outer: frame.outer };
        let vtable = payload.vtable();
        if call {
            (vtable.call)(payload.captured(), node.cast());
        } else {
            (vtable.drop)(payload.captured(), node.cast());
        }
        drop(finish);
    }
}
