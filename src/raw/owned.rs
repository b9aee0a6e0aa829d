//! Nodes on the heap: making, linking, letting go.
//!
//! Letting go is a loop (G8). A node whose last strong handle goes leaves its
//! parents, gives each of them a strong handle back, and they may go next. With
//! one parent the loop simply moves up; a node with several waits on a stack
//! that is threaded through a spare record of its own allocation.

use super::fault::{Panics, Then};
use super::node::{INLINE, Link, Node};
use super::registry::{Heap, NoSlot, Place, Registry, Wanted};
use super::slot::{Payload, Slot};
use super::timer::{self, Retired};
use super::{fire, group, reason};
use crate::shim::atomic::Ordering;
use crate::shim::heap::{alloc, dealloc, handle_alloc_error};
use core::alloc::Layout;
use core::ptr::{self, NonNull};

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
        node.write(Node::new(INLINE, records, possible, depth));
        for i in 0..INLINE {
            node.add(1).cast::<Slot>().add(i).write(Slot::new());
        }
        NonNull::new_unchecked(node)
    }
}

/// # Safety
///
/// The last memory reference is gone, and the node has so many records.
#[inline(always)]
unsafe fn free(node: *const Node, records: u16) {
    // SAFETY: nobody else can reach it.
    unsafe {
        if !(*node).is_bare() {
            strip(node);
        }
        free_bare(node, records);
    }
}

/// # Safety
///
/// As for [`free`], and the node is bare.
#[inline(always)]
unsafe fn free_bare(node: *const Node, records: u16) {
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

/// Drops what hangs on a node that is about to go.
#[cold]
#[inline(never)]
unsafe fn strip(node: *const Node) {
    // SAFETY: as in `free`.
    unsafe {
        timer::free(node);
        group::free(&(*node).registry);
        (*node).reason().release();
    }
}

#[inline(never)]
unsafe fn free_any(node: *const Node) {
    // SAFETY: as in `free`.
    unsafe { free(node, (*node).records) };
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
            free_any(node);
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
    // SAFETY: the caller's references keep it.
    // ORDERING: AcqRel: what was done before comes before the end, and the last sees what all others did.
    if unsafe { &(*node).memory }.fetch_sub(count, Ordering::AcqRel) == count {
        // SAFETY: the last.
        unsafe { free_any(node) };
    }
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

/// # Safety
///
/// The caller gives up a strong handle.
#[inline(always)]
pub(super) unsafe fn release_strong(node: *const Node) {
    // SAFETY: the caller's handle keeps it.
    unsafe {
        let strong = &(*node).strong;
        if is_alone(node) {
            release_only(node);
        // ORDERING: as in `drops_to_zero`.
        } else if strong.fetch_sub(1, Ordering::AcqRel) == 1 {
            leave(node);
        }
    }
}

/// # Safety
///
/// The caller gives up a strong handle that can cancel.
#[inline(always)]
pub(super) unsafe fn release_source(node: *const Node) {
    // SAFETY: the caller's handle keeps it.
    unsafe {
        // The last handle of all takes everything with it.
        if is_alone(node) {
            return release_only(node);
        }
        let Node { possible, strong, .. } = &*node;
        // Nobody can count up from our own one: if it is the only one, it needs no RMW.
        // ORDERING: AcqRel: the last of several that make it impossible sees what the others did before. Acquire: the same.
        if possible.load(Ordering::Acquire) == 1 || possible.fetch_sub(1, Ordering::AcqRel) == 1 {
            fire::never(node);
        }
        // ORDERING: as in `drops_to_zero`. There was another handle just now.
        if strong.fetch_sub(1, Ordering::AcqRel) == 1 {
            leave(node);
        }
    }
}

/// True if the caller's strong handle is the only one.
///
/// # Safety
///
/// The caller has one.
#[inline(always)]
pub(super) unsafe fn is_alone(node: *const Node) -> bool {
    // SAFETY: the caller's handle keeps it.
    // ORDERING: Acquire, with the Release of those who gave theirs up: what they did to the node is done.
    unsafe { &(*node).strong }.load(Ordering::Acquire) == 1
}

/// Gives up the only strong handle. Handles are made from handles only, so nobody can make another one, and it needs no
/// RMW.
#[inline(never)]
unsafe fn release_only(node: *const Node) {
    // SAFETY: the caller's handle keeps it.
    unsafe {
        if (*node).records == 0 && holds_all(node, 1) && (*node).is_bare() {
            free_bare(node, 0);
        } else if (*node).records == 1 && (*node).reason().is_number() {
            // Most of the time nobody else goes with it.
            let (parent, references) = unlink(Node::nearest_record(node));
            if parent.is_null() && holds_all(node, 1 + references) {
                free(node, 1);
            } else {
                leave_by(node, parent, 1 + references);
            }
        } else {
            leave(node);
        }
    }
}

/// A node gives up so many references and its place under `parent`, which is null unless it has to go, too.
#[inline(never)]
unsafe fn leave_by(node: *const Node, parent: *const Node, references: u32) {
    // SAFETY: as in `leave`.
    unsafe {
        release_memory(node, references);
        if !parent.is_null() {
            leave(parent);
        }
    }
}

/// True if the caller's memory references, so many, are all that there are.
#[inline(always)]
unsafe fn holds_all(node: *const Node, count: u32) -> bool {
    // SAFETY: the caller's references keep it.
    // ORDERING: Acquire, with the Release of those who gave theirs up before.
    unsafe { &(*node).memory }.load(Ordering::Acquire) == count
}

#[inline(always)]
unsafe fn drops_to_zero(node: *const Node) -> bool {
    // SAFETY: the caller's handle keeps it.
    let strong = unsafe { &(*node).strong };
    // Handles are made from handles only: if this is the only one, nobody can make another, and it needs no RMW.
    // ORDERING: as in `release_memory`.
    strong.load(Ordering::Acquire) == 1 || strong.fetch_sub(1, Ordering::AcqRel) == 1
}

/// The last strong handle of `node` is gone.
#[inline(never)]
unsafe fn leave(node: *const Node) {
    let mut dead = node;
    let mut timers = Retired::NONE;
    // SAFETY: a dead node keeps the memory reference of its strong handles until the loop is done with it; its parents are
    // kept by the strong handles that its links hold.
    unsafe {
        while !dead.is_null() {
            if !(*dead).reason().is_number() {
                timer::leave(dead, &mut timers);
            }
            dead = match (*dead).records {
                0 => {
                    release_memory(dead, 1);
                    ptr::null()
                }
                1 => {
                    let (parent, references) = unlink(Node::nearest_record(dead));
                    if holds_all(dead, 1 + references) {
                        free(dead, 1);
                    } else {
                        release_shared(dead, 1 + references);
                    }
                    parent
                }
                2 => {
                    let (parent, references) = unlink(Node::link(dead, 0));
                    release_memory(dead, 1 + references);
                    parent
                }
                _ => return leave_several(dead, timers),
            };
        }
    }
    end(timers);
}

/// The same from a node on that has several parents.
#[cold]
#[inline(never)]
unsafe fn leave_several(node: *const Node, mut timers: Retired) {
    // Nodes with several parents, the innermost first.
    let mut stack: *const Node = ptr::null();
    let mut dead = node;
    // SAFETY: as in `leave`.
    unsafe {
        loop {
            if !dead.is_null() {
                timer::leave(dead, &mut timers);
                match Node::links((*dead).records) {
                    0 => {
                        release_memory(dead, 1);
                        dead = ptr::null();
                    }
                    1 => {
                        let (parent, references) = unlink(Node::link(dead, 0));
                        release_memory(dead, 1 + references);
                        dead = parent;
                    }
                    _ => {
                        let spare = Node::nearest_record(dead).cast_mut();
                        (*spare).number = 0;
                        (*spare).next.with_mut(|next| *next = stack.cast());
                        stack = dead;
                        dead = ptr::null();
                    }
                }
            } else if !stack.is_null() {
                let spare = Node::nearest_record(stack).cast_mut();
                let i = (*spare).number;
                if i == u32::from(Node::links((*stack).records)) {
                    let done = stack;
                    stack = (*spare).next.with(|next| *next).cast();
                    release_memory(done, 1);
                } else {
                    (*spare).number += 1;
                    let (parent, references) = unlink(Node::link(stack, i as u16));
                    if references > 0 {
                        release_memory(stack, references);
                    }
                    dead = parent;
                }
            } else {
                break;
            }
        }
    }
    end(timers);
}

/// Drops the timers of nodes that have gone: foreign code.
#[inline(always)]
fn end(mut timers: Retired) {
    if !timers.is_none() {
        let mut panics = Panics::new();
        timers.end(&mut panics);
        panics.settle(Then::Resume);
    }
}

/// Takes a record's entry out of its parent and gives up the parent. Returns the parent if that was its last strong
/// handle, and the child's memory references that came free.
#[inline(always)]
unsafe fn unlink(link: *const Link) -> (*const Node, u32) {
    // SAFETY: the record's strong handle keeps the parent.
    unsafe {
        let place = (*link).place();
        if place.is_none() {
            return (ptr::null(), 0);
        }
        let parent = Link::parent(link);
        let references = place.remove().is_some().into();
        (if drops_to_zero(parent) { parent } else { ptr::null() }, references)
    }
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
        let place = match Registry::claim::<Heap>(registry, Wanted::link(true)) {
            Ok(place) => place,
            Err(refused) => return stay_apart(child, parent, refused),
        };
        (*record).set_place(place);
        (*record).number = (*registry).number();
        place.write(Payload::link(record.cast_const().cast()));
        retain_strong(parent);
        if let Err(refused) = place.arm() {
            (*record).set_place(Place::<Heap>::NONE);
            // The parent's handle: whoever calls holds another one.
            release_strong(parent);
            stay_apart(child, parent, refused);
        }
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
                fire::cancel::<Heap>(child, reason, Then::Resume);
            }
            NoSlot::Never | NoSlot::Full => {
                // ORDERING: the child's source handle keeps the count above zero, and publishes what came before when it goes.
                (*child).possible.fetch_sub(1, Ordering::Relaxed);
            }
        }
    }
}

/// A word for an error of the caller's.
pub(super) fn custom(error: reason::CustomError) -> reason::Word {
    reason::Word::custom(error)
}
