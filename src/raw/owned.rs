//! Nodes on the heap: making, counting, linking, freeing. What becomes of the
//! last handle is in `leave.rs`.

use super::fault::Then;
use super::leave::release_strong;
use super::link::Link;
use super::node::{INLINE, Node};
use super::registry::{NoSlot, Place, Registry, Wanted};
use super::slot::{Payload, Slot};
use super::timer;
use super::{fire, group};
use crate::shim::atomic::Ordering;
use crate::shim::heap::{alloc, dealloc, handle_alloc_error};
use core::alloc::Layout;
use core::ptr::NonNull;

/// Counts above this are a program that leaks handles in a loop; going on would let the count wrap.
const MOST: u32 = i32::MAX as u32;

fn layout(records: u16) -> Layout {
    let slots = Layout::new::<Slot>().size() * INLINE;
    let size = records as usize * size_of::<Link>() + size_of::<Node>() + slots;
    const { assert!(align_of::<Link>() == align_of::<Node>() && align_of::<Node>() == align_of::<Slot>()) };
    Layout::from_size_align(size, align_of::<Node>()).expect("fewer parents than fit into memory")
}

/// A node with one strong handle, and one memory reference for that and for each link to come.
#[inline(always)]
pub(super) fn new(records: u16, possible: u32, depth: u8) -> NonNull<Node> {
    let layout = layout(records);
    // SAFETY: not empty.
    let start = unsafe { alloc(layout) }.cast::<Link>();
    if start.is_null() {
        handle_alloc_error(layout);
    }
    // SAFETY: everything written lies in the allocation, in the order records, node, slots.
    unsafe {
        for i in 0..records {
            start.add(i.into()).write(Link::new(records - i));
        }
        let node = start.add(records.into()).cast::<Node>();
        node.write(Node::new(records, possible, depth));
        for i in 0..INLINE {
            node.add(1).cast::<Slot>().add(i).write(Slot::new());
        }
        NonNull::new_unchecked(node)
    }
}

/// # Safety
///
/// The last memory reference is gone.
#[inline(never)]
unsafe fn free(node: *const Node) {
    // SAFETY: nobody else can reach it.
    unsafe {
        if !frees_bare(node, (*node).records) {
            strip(node);
        }
    }
}

/// Frees the node if it is bare. False: it is the caller's to [`strip`], which is foreign code.
///
/// # Safety
///
/// As for [`free`], and the node has so many records.
#[inline(always)]
pub(super) unsafe fn frees_bare(node: *const Node, records: u16) -> bool {
    // SAFETY: nobody else can reach it.
    unsafe {
        let bare = (*node).is_bare();
        if bare {
            free_bare(node, records);
        }
        bare
    }
}

/// # Safety
///
/// As for [`frees_bare`], and the node is bare.
#[inline(always)]
pub(super) unsafe fn free_bare(node: *const Node, records: u16) {
    // SAFETY: nobody else can reach it.
    unsafe {
        let start = node.cast::<Link>().sub(records.into());
        #[cfg(loom)]
        {
            node.cast_mut().drop_in_place();
            for i in 0..INLINE {
                node.cast_mut().add(1).cast::<Slot>().add(i).drop_in_place();
            }
            for i in 0..records {
                start.cast_mut().add(i.into()).drop_in_place();
            }
        }
        dealloc(start.cast_mut().cast(), layout(records));
    }
}

/// Frees a node on which something hangs.
///
/// # Safety
///
/// As for [`free`].
#[cold]
#[inline(never)]
pub(super) unsafe fn strip(node: *const Node) {
    // SAFETY: as in `free`.
    unsafe {
        timer::free(node);
        group::free(&(*node).registry);
        let reason = (*node).reason();
        free_bare(node, (*node).records);
        // Last: an error's drop is the user's, and may panic.
        reason.release();
    }
}

/// # Safety
///
/// The caller gives up `count` memory references.
#[inline(always)]
pub(super) unsafe fn release_memory(node: *const Node, count: u32) {
    // SAFETY: the caller's references keep it.
    unsafe {
        // Nobody can make a reference from none: if these are all, they are the last, and need no RMW.
        if holds_all(node, count) {
            free(node);
        } else {
            release_shared(node, count);
        }
    }
}

/// The same for references beside which there are most likely others.
///
/// # Safety
///
/// The caller gives up `count` memory references.
#[inline(always)]
pub(super) unsafe fn release_shared(node: *const Node, count: u32) {
    // SAFETY: the caller's; the last frees.
    unsafe {
        if are_last(node, count) {
            free(node);
        }
    }
}

/// The same. True: they were the last, and the node is the caller's to free.
///
/// # Safety
///
/// The caller gives up `count` memory references.
#[inline(always)]
pub(super) unsafe fn are_last(node: *const Node, count: u32) -> bool {
    // ORDERING: AcqRel: what was done before comes before the end, and the last sees what all others did.
    // SAFETY: the caller's references keep it.
    unsafe { &(*node).memory }.fetch_sub(count, Ordering::AcqRel) == count
}

/// # Safety
///
/// The node lives.
#[inline(always)]
pub(super) unsafe fn retain_memory(node: *const Node) {
    // SAFETY: the caller's.
    // ORDERING: a new reference is made from one that exists, and publishes nothing.
    if unsafe { &(*node).memory }.fetch_add(1, Ordering::Relaxed) > MOST {
        too_many();
    }
}

/// # Safety
///
/// The caller has a strong handle.
#[inline(always)]
pub(super) unsafe fn retain_strong(node: *const Node) {
    // SAFETY: the caller's.
    // ORDERING: as in `retain_memory`.
    if unsafe { &(*node).strong }.fetch_add(1, Ordering::Relaxed) > MOST {
        too_many();
    }
}

/// Ends the program as `Arc` does: a panic would leave the count where it is.
#[cold]
pub(super) fn too_many() -> ! {
    struct Twice;
    impl Drop for Twice {
        fn drop(&mut self) {
            panic!("too many handles of one cancellation source");
        }
    }
    let _twice = Twice;
    panic!("too many handles of one cancellation source");
}

/// True if the caller's memory references, so many, are all that there are.
#[inline(always)]
pub(super) unsafe fn holds_all(node: *const Node, count: u32) -> bool {
    // SAFETY: the caller's references keep it.
    // ORDERING: Acquire, with the Release of those who gave theirs up before.
    unsafe { &(*node).memory }.load(Ordering::Acquire) == count
}

/// Links `child` by `record` to `parent`, or has the child share the fate of a parent that is closed.
///
/// # Safety
///
/// The child was just made, with a memory reference and a count in `possible` for this link; the parent lives.
#[inline(always)]
pub(super) unsafe fn link(child: *const Node, record: *const Link, parent: *const Node) {
    // SAFETY: the record is the caller's until it is armed.
    unsafe {
        let record = record.cast_mut();
        let registry = Node::registry(parent);
        let place = match Registry::claim(registry, Wanted::link(true)) {
            Ok(place) => place,
            Err(refused) => return stay_apart(child, parent, refused),
        };
        (*record).set_place(place);
        (*record).number = (*registry).number();
        place.write(Payload::link(record.cast_const().cast()));
        retain_strong(parent);
        if let Err(refused) = place.arm() {
            take_back(child, record, parent, refused);
        }
    }
}

/// The parent was closed before the link was armed.
#[cold]
#[inline(never)]
unsafe fn take_back(child: *const Node, record: *mut Link, parent: *const Node, refused: NoSlot) {
    // SAFETY: as for `link`; the record is the caller's.
    unsafe {
        (*record).set_place(Place::NONE);
        // The parent's handle: whoever calls holds another one.
        release_strong(parent);
        stay_apart(child, parent, refused);
    }
}

/// A child that was to be linked under a closed parent.
#[cold]
#[inline(never)]
unsafe fn stay_apart(child: *const Node, parent: *const Node, refused: NoSlot) {
    // SAFETY: as for `link`.
    unsafe {
        release_shared(child, 1);
        match refused {
            NoSlot::Sealed => {
                let reason = (*parent).reason().inherit();
                fire::cancel(child, reason, Then::Resume);
            }
            NoSlot::Never | NoSlot::Full => {
                // ORDERING: the child's source handle keeps the count above zero, and publishes what came before when it goes.
                (*child).possible.fetch_sub(1, Ordering::Relaxed);
            }
        }
    }
}
