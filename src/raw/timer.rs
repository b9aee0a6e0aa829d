//! The waker that a timer gets for a node: it holds memory, not a handle (G15),
//! and cancels because the deadline has elapsed.

use super::fault::Then;
use super::fire;
use super::node::Node;
use super::owned::{release_memory, retain_memory};
use super::reason::Word;
use super::registry::Heap;
use core::task::{RawWaker, RawWakerVTable, Waker};

/// # Safety
///
/// The node lives.
pub(super) unsafe fn waker(node: *const Node) -> Waker {
    // SAFETY: the vtable's functions count the references that the waker holds.
    unsafe {
        retain_memory(node);
        Waker::new(node.cast(), &VTABLE)
    }
}

static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop);

unsafe fn clone(node: *const ()) -> RawWaker {
    // SAFETY: the waker's reference keeps the node.
    unsafe { retain_memory(node.cast()) };
    RawWaker::new(node, &VTABLE)
}

unsafe fn wake(node: *const ()) {
    // SAFETY: the waker's reference keeps the node and is given up afterwards. Nothing unwinds out of a report.
    unsafe {
        wake_by_ref(node);
        drop(node);
    }
}

unsafe fn wake_by_ref(node: *const ()) {
    let node = node.cast::<Node>();
    // SAFETY: the waker's reference keeps the node. A timer's thread has nobody to resume a panic in.
    unsafe {
        // A clock that calls a waker whose alarm was disarmed comes too late if nobody waits any more.
        if (*node).can_be_cancelled() {
            fire::cancel::<Heap>(node, Word::DEADLINE, Then::Report);
        }
    }
}

unsafe fn drop(node: *const ()) {
    // SAFETY: the waker's reference is given up.
    unsafe { release_memory(node.cast(), 1) };
}
