//! Pinned storage, wakers and ready list of N children: what every combinator
//! of many futures stands on.
//!
//! One heap block holds it all, because a child's waker may outlive the
//! combinator. The owner polls as follows:
//!
//! 1. [`Children::turn`] leaves the caller's waker and collects the children
//!    that were woken; the first time, all of them.
//! 2. [`Children::poll_keep`] polls those, in the order in which they were woken,
//!    each once.
//!
//! A child that is woken after the turn was taken wakes the caller again: so a
//! poll is never longer than one round over the children. Children that are
//! left in the batch (because a sibling panicked, or the caller had enough) are
//! given first at the next turn.
//!
//! A wake costs one read-modify-write if the child is queued already, otherwise
//! two; a poll one, and one for the children of one word in its batch.

mod block;

use alloc::vec::Vec;
use core::alloc::Layout;
use core::fmt;
use core::mem::ManuallyDrop;
use core::pin::Pin;
use core::ptr::NonNull;
use core::task::{Context, Poll, Waker};

use crate::shim::atomic::Ordering;
use crate::shim::heap::{alloc, dealloc, handle_alloc_error};
use block::{APART, Block, Child, EMPTY, GONE, KEPT, LAST, LIVE, PANICKED, Plan};

/// A set of futures; `T` is what a slot keeps of a child that has ended, `()` for nothing.
pub(crate) struct Children<F, T = ()> {
    /// None only if there are no children.
    block: Option<NonNull<Block>>,
    slots: NonNull<Slot<F, T>>,
    len: u32,
    /// Children that were never polled start here.
    fresh: u32,
    /// First of the batch, or `LAST`.
    front: u32,
    /// Last of the batch, if there is one.
    back: u32,
    live: u32,
    kept: u32,
    panicked: bool,
}

/// The child's state says which.
union Slot<F, T> {
    future: ManuallyDrop<F>,
    output: ManuallyDrop<T>,
}

// SAFETY: it owns its futures and outputs; the rest of the block is shared by atomics only.
unsafe impl<F: Send, T: Send> Send for Children<F, T> {}
// SAFETY: a shared reference gives no access to a future or an output.
unsafe impl<F: Sync, T: Sync> Sync for Children<F, T> {}

impl<F, T> Children<F, T> {
    /// Takes all futures of the iterator. One allocation if its lower size hint is exact, none if it is empty.
    pub(crate) fn collect(futures: impl Iterator<Item = F>) -> Self {
        let mut building = Building::new(futures.size_hint().0);
        futures.for_each(|future| building.push(future));
        building.finish()
    }

    /// How many there were at the start.
    pub(crate) fn len(&self) -> usize {
        self.len as usize
    }

    /// How many have not ended. One that panicked counts.
    #[inline(always)]
    pub(crate) fn live(&self) -> usize {
        self.live as usize
    }

    /// Whether a child has panicked: it is never polled again, its siblings may be.
    #[inline(always)]
    pub(crate) fn has_panicked(&self) -> bool {
        self.panicked
    }

    /// Begins a poll: from now on a child that is woken wakes `waker`.
    #[inline]
    pub(crate) fn turn(&mut self, waker: &Waker) {
        let Some(block) = self.block else { return };
        // SAFETY: the owner's reference keeps the block alive.
        let turn = unsafe { block.as_ref() }.turn(waker);
        if turn.woken != EMPTY {
            self.enqueue(block, turn.woken);
        }
        if turn.again {
            waker.wake_by_ref();
        }
        drop(turn.replaced);
    }

    /// Puts the stack behind the batch, oldest first.
    #[inline]
    fn enqueue(&mut self, block: NonNull<Block>, mut woken: u32) {
        let (mut front, mut back) = (LAST, LAST);
        while woken != EMPTY {
            // SAFETY: it came from the turn; `order` is the owner's alone.
            unsafe {
                let (index, next) = Block::unstack(block, woken);
                woken = next;
                block::child(block, index).as_ref().order.with_mut(|order| {
                    if *order == APART {
                        *order = front;
                        front = index;
                        if back == LAST {
                            back = index;
                        }
                    }
                });
            }
        }
        if front == LAST {
            return;
        }
        if self.front == LAST {
            self.front = front;
        } else {
            // SAFETY: `back` is the last of a batch that is not empty.
            unsafe { block::child(block, self.back).as_ref().order.with_mut(|order| *order = front) }
        }
        self.back = back;
    }

    /// Drops the future in a slot whose child has just ended, or the rest of a slot.
    ///
    /// # Safety
    ///
    /// `child` is the one at `index`.
    unsafe fn empty_slot(&mut self, index: u32, child: NonNull<Child>) {
        // SAFETY: the owner's reference keeps the block alive.
        let state = unsafe { &child.as_ref().state };
        // ORDERING: Relaxed, only the owner writes it.
        let held = state.load(Ordering::Relaxed);
        // ORDERING: Relaxed, as above; it comes first so that a drop that panics is not run twice.
        state.store(GONE, Ordering::Relaxed);
        // SAFETY: the state said what the slot holds; it is the owner's, and is dropped in place.
        unsafe {
            let slot = self.slots.add(index as usize).as_ptr();
            match held {
                LIVE | PANICKED => ManuallyDrop::drop(&mut (*slot).future),
                KEPT => ManuallyDrop::drop(&mut (*slot).output),
                _ => {}
            }
        }
    }
}

impl<F: Future, T> Children<F, T> {
    /// Polls the next child of this turn; drops it if it has ended. The slot may then be written.
    #[inline(always)]
    fn poll_next(&mut self) -> Option<(u32, NonNull<Child>, Poll<F::Output>)> {
        let block = self.block?;
        let (index, child) = self.next_woken(block)?;
        let waker = block::borrowed_waker(child);
        let unwinding = Unwinding { panicked: &mut self.panicked, child };
        // SAFETY: a live slot holds a future, pinned there until it is dropped.
        let future = unsafe { Pin::new_unchecked(&mut *(*self.slots.add(index as usize).as_ptr()).future) };
        let output = future.poll(&mut Context::from_waker(&waker));
        core::mem::forget(unwinding);
        if output.is_ready() {
            self.live -= 1;
            // SAFETY: it is the child at this index.
            unsafe { self.empty_slot(index, child) };
        }
        Some((index, child, output))
    }

    /// The next child to poll in this turn: a live one.
    #[inline(always)]
    fn next_woken(&mut self, block: NonNull<Block>) -> Option<(u32, NonNull<Child>)> {
        if self.fresh < self.len {
            let index = self.fresh;
            self.fresh += 1;
            // SAFETY: there are `len` children.
            return Some((index, unsafe { block::child(block, index) }));
        }
        while self.front != LAST {
            let index = self.front;
            // SAFETY: the batch holds indices of children; `order` is the owner's alone.
            unsafe {
                let child = block::child(block, index);
                self.front = child.as_ref().order.with_mut(|order| core::mem::replace(&mut *order, APART));
                block.as_ref().clear(index);
                // ORDERING: Relaxed, only the owner writes it.
                if child.as_ref().state.load(Ordering::Relaxed) == LIVE {
                    return Some((index, child));
                }
            }
        }
        None
    }
}

/// Marks the child that is being polled as panicked, if it is so.
struct Unwinding<'a> {
    panicked: &'a mut bool,
    child: NonNull<Child>,
}

impl Drop for Unwinding<'_> {
    fn drop(&mut self) {
        *self.panicked = true;
        // SAFETY: the owner, which is polling, keeps the block alive.
        let state = unsafe { &self.child.as_ref().state };
        // ORDERING: Relaxed, only the owner writes it, wakers take it as a hint.
        state.store(PANICKED, Ordering::Relaxed);
    }
}

impl<F: Future> Children<F, F::Output> {
    /// Polls the children that were woken, each once; keeps the outputs in their places.
    #[inline]
    pub(crate) fn poll_keep(&mut self) {
        while let Some((index, child, polled)) = self.poll_next() {
            let Poll::Ready(output) = polled else { continue };
            // SAFETY: the slot was emptied when the child ended.
            unsafe {
                (*self.slots.add(index as usize).as_ptr()).output = ManuallyDrop::new(output);
                // ORDERING: Relaxed, only the owner writes it, wakers take it as a hint.
                child.as_ref().state.store(KEPT, Ordering::Relaxed);
            }
            self.kept += 1;
        }
    }

    /// All outputs in the children's order, once all were kept.
    ///
    /// # Panics
    ///
    /// If an output is missing.
    pub(crate) fn into_kept(mut self) -> Vec<F::Output> {
        assert!(self.kept == self.len, "a child has no output");
        let mut outputs = Vec::with_capacity(self.len as usize);
        self.kept = 0;
        let slots = self.slots;
        outputs.extend((0..self.len as usize).map(|index| {
            // SAFETY: as many are kept as there are children, so all are; each is read once and then forgotten.
            ManuallyDrop::into_inner(unsafe { core::ptr::read(&raw const (*slots.add(index).as_ptr()).output) })
        }));
        outputs
    }
}

impl<F, T> Drop for Children<F, T> {
    fn drop(&mut self) {
        let Some(block) = self.block else { return };
        // SAFETY: the owner's reference keeps the block alive. A child's drop may wake its siblings: close first.
        let waker = unsafe { block.as_ref() }.close();
        // Dropped in this order, each even if another one panics.
        let _parts = (Rest { children: self, block, index: 0 }, waker, OwnersReference(block));
    }
}

/// The slots that still hold something. Dropping it drops them in order, past a panic too.
struct Rest<'a, F, T> {
    children: &'a mut Children<F, T>,
    block: NonNull<Block>,
    index: u32,
}

impl<F, T> Rest<'_, F, T> {
    fn empty(&mut self) {
        if self.children.live == 0 && self.children.kept == 0 {
            return;
        }
        while self.index < self.children.len {
            let index = self.index;
            self.index += 1;
            // SAFETY: there are `len` children, and this one is at this index.
            unsafe { self.children.empty_slot(index, block::child(self.block, index)) }
        }
    }
}

impl<F, T> Drop for Rest<'_, F, T> {
    fn drop(&mut self) {
        // The one goes on where a panic ended the other; a second panic aborts, as in a vector.
        struct Again<'a, 'b, F, T>(&'a mut Rest<'b, F, T>);
        impl<F, T> Drop for Again<'_, '_, F, T> {
            fn drop(&mut self) {
                self.0.empty();
            }
        }
        Again(self).0.empty();
    }
}

/// The owner's reference of the block.
struct OwnersReference(NonNull<Block>);

impl Drop for OwnersReference {
    fn drop(&mut self) {
        // SAFETY: the slots are empty, and the owner is gone.
        unsafe { Block::release(self.0) }
    }
}

impl<F, T> fmt::Debug for Children<F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Children").field("len", &self.len).field("live", &self.live).finish_non_exhaustive()
    }
}

/// A block whose futures are still being collected; nothing but slots is written.
struct Building<F, T> {
    memory: NonNull<u8>,
    slots: NonNull<Slot<F, T>>,
    len: usize,
    /// Zero: nothing is allocated.
    capacity: usize,
}

impl<F, T> Building<F, T> {
    fn new(capacity: usize) -> Self {
        let mut building = Self { memory: NonNull::dangling(), slots: NonNull::dangling(), len: 0, capacity: 0 };
        if capacity > 0 {
            building.grow(capacity);
        }
        building
    }

    #[inline(always)]
    fn push(&mut self, future: F) {
        if self.len == self.capacity {
            self.grow((self.capacity * 2).max(4));
        }
        // SAFETY: there is room, and nothing in it.
        unsafe { self.slots.add(self.len).write(Slot { future: ManuallyDrop::new(future) }) };
        self.len += 1;
    }

    #[cold]
    fn grow(&mut self, capacity: usize) {
        let plan = Plan::new::<Slot<F, T>>(capacity);
        // SAFETY: a block is never of size zero. Not yet polled, the futures may still be moved.
        unsafe {
            let Some(memory) = NonNull::new(alloc(plan.layout)) else { handle_alloc_error(plan.layout) };
            let slots = memory.add(plan.slots).cast::<Slot<F, T>>();
            self.slots.copy_to_nonoverlapping(slots, self.len);
            self.free();
            (self.memory, self.slots, self.capacity) = (memory, slots, capacity);
        }
    }

    /// # Safety
    ///
    /// The memory is not used again.
    unsafe fn free(&mut self) {
        if self.capacity > 0 {
            let layout: Layout = Plan::new::<Slot<F, T>>(self.capacity).layout;
            // SAFETY: allocated by `grow` with the same layout.
            unsafe { dealloc(self.memory.as_ptr(), layout) }
        }
    }

    fn finish(self) -> Children<F, T> {
        let len = self.len;
        // Without futures the memory, if there is any, is given back by the drop.
        let block = (len > 0).then(|| {
            // SAFETY: the memory has this plan and room for `len`.
            unsafe { Plan::new::<Slot<F, T>>(self.capacity).write(self.memory, len) }
        });
        let children = Children {
            block,
            slots: self.slots,
            len: len as u32,
            fresh: 0,
            front: LAST,
            back: LAST,
            live: len as u32,
            kept: 0,
            panicked: false,
        };
        if block.is_some() {
            core::mem::forget(self);
        }
        children
    }
}

impl<F, T> Drop for Building<F, T> {
    fn drop(&mut self) {
        // Reached when the iterator panicked, or gave nothing.
        for index in 0..self.len {
            // SAFETY: the first `len` slots hold futures.
            unsafe { ManuallyDrop::drop(&mut (*self.slots.add(index).as_ptr()).future) }
        }
        // SAFETY: nothing is in it any more.
        unsafe { self.free() }
    }
}
