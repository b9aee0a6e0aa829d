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
//! Who waits for the first one only calls [`Children::poll_any`] instead.
//!
//! A wake costs one read-modify-write if the child is queued already, otherwise
//! two; a poll one, and one for the children of one word in its batch.

mod any;
mod block;
mod waker;

use alloc::vec::Vec;
use core::alloc::Layout;
use core::fmt;
use core::mem::ManuallyDrop;
use core::pin::Pin;
use core::ptr::NonNull;
use core::task::{Context, Poll, Waker};

use crate::shim::atomic::Ordering;
use crate::shim::heap::{alloc, dealloc, handle_alloc_error};
use block::{APART, Batch, Block, Child, EMPTY, FIRST, GONE, KEPT, LAST, LIVE, PANICKED, Plan};

/// A set of futures; `T` is what a slot keeps of a child that has ended, `()` for nothing.
pub(crate) struct Children<F, T = ()> {
    /// None only if there are no children.
    block: Option<NonNull<Block>>,
    slots: NonNull<Slot<F, T>>,
    len: u32,
    /// Index of the first child that was never polled; `len` if none.
    fresh: u32,
    batch: Batch,
    /// Children that have not ended.
    live: u32,
    /// A child panicked, in its poll or when it was dropped after its end.
    panicked: bool,
    /// The slots were read out.
    emptied: bool,
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

    /// Begins a poll: from now on a child that is woken wakes `waker`. Answers whether it was woken right away.
    #[inline]
    pub(crate) fn turn(&mut self, waker: &Waker) -> bool {
        let Some(block) = self.block else { return false };
        // SAFETY: the owner's reference keeps the block alive.
        let turn = unsafe { block.as_ref() }.turn(waker);
        if turn.woken != EMPTY {
            // SAFETY: the turn has just given it.
            unsafe { Block::enqueue(block, turn.woken, &mut self.batch) }
        }
        if turn.again {
            waker.wake_by_ref();
        }
        drop(turn.replaced);
        turn.again
    }
}

impl<F: Future, T> Children<F, T> {
    /// Polls a child; hands its output to `ended`, with its empty slot, and sets its state to what that answers.
    ///
    /// # Safety
    ///
    /// The mark is a child's, and it is live.
    #[inline(always)]
    unsafe fn poll_child(
        &mut self,
        block: NonNull<Block>,
        mark: u32,
        ended: impl FnOnce(&mut Slot<F, T>, F::Output) -> u32,
    ) {
        // SAFETY: as the caller says. A live slot holds a future, pinned there until it is dropped.
        unsafe {
            let child = block::child(block, mark);
            let slot = self.slots.add((mark - FIRST) as usize).as_mut();
            let waker = waker::borrowed(child);
            let unwinding = Unwinding { panicked: &mut self.panicked, child };
            let polled = Pin::new_unchecked(&mut *slot.future).poll(&mut Context::from_waker(&waker));
            if let Poll::Ready(output) = polled {
                self.live -= 1;
                if core::mem::needs_drop::<F>() {
                    // ORDERING: Relaxed, only the owner writes it; before the drop, so that it is not run twice.
                    child.as_ref().state.store(GONE, Ordering::Relaxed);
                    ManuallyDrop::drop(&mut slot.future);
                }
                let state = ended(slot, output);
                // ORDERING: Relaxed, only the owner writes it, wakers take it as a hint.
                child.as_ref().state.store(state, Ordering::Relaxed);
            }
            core::mem::forget(unwinding);
        }
    }

    /// Takes the first of the batch, if any; answers it if it is live.
    #[inline(always)]
    fn next_in_batch(&mut self, block: NonNull<Block>) -> Option<Result<u32, ()>> {
        let mark = self.batch.front;
        if mark == LAST {
            return None;
        }
        // SAFETY: the batch holds marks of children; `order` is the owner's alone.
        let child = unsafe { block::child(block, mark).as_ref() };
        // SAFETY: as above.
        self.batch.front = child.order.with_mut(|order| unsafe { core::mem::replace(&mut *order, APART) });
        // ORDERING: Relaxed, only the owner writes it.
        Some(if child.state.load(Ordering::Relaxed) == LIVE { Ok(mark) } else { Err(()) })
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
        // ORDERING: Relaxed, only the owner writes it.
        if state.load(Ordering::Relaxed) == LIVE {
            // ORDERING: Relaxed, only the owner writes it, wakers take it as a hint.
            state.store(PANICKED, Ordering::Relaxed);
        }
    }
}

impl<F: Future> Children<F, F::Output> {
    /// Polls the children that were woken, each once; keeps the outputs in their places.
    #[inline]
    pub(crate) fn poll_keep(&mut self) {
        let Some(block) = self.block else { return };
        let keep = |slot: &mut Slot<F, F::Output>, output| {
            slot.output = ManuallyDrop::new(output);
            KEPT
        };
        while self.fresh < self.len {
            self.fresh += 1;
            // SAFETY: a child of this index that was never polled.
            unsafe { self.poll_child(block, self.fresh - 1 + FIRST, keep) }
        }
        while let Some(next) = self.next_in_batch(block) {
            if let Ok(mark) = next {
                // SAFETY: it is live.
                unsafe { self.poll_child(block, mark, keep) }
            }
        }
    }

    /// All outputs in the children's order, once all were kept.
    ///
    /// # Panics
    ///
    /// If an output is missing.
    pub(crate) fn into_kept(mut self) -> Vec<F::Output> {
        assert!(self.live == 0 && !self.panicked, "a child has no output");
        let mut outputs = Vec::with_capacity(self.len as usize);
        self.emptied = true;
        let slots = self.slots;
        outputs.extend((0..self.len as usize).map(|index| {
            // SAFETY: all children have ended, and without a panic each slot holds its output; each is read once.
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
        if self.children.emptied || (self.children.live == 0 && !core::mem::needs_drop::<T>()) {
            return;
        }
        while self.index < self.children.len {
            let index = self.index;
            self.index += 1;
            // SAFETY: there are `len` children. The state says what the slot holds; it is dropped in place, once.
            unsafe {
                let child = block::child(self.block, index + FIRST).as_ref();
                let slot = self.children.slots.add(index as usize).as_mut();
                // ORDERING: Relaxed, only the owner writes it.
                match child.state.load(Ordering::Relaxed) {
                    LIVE | PANICKED => ManuallyDrop::drop(&mut slot.future),
                    KEPT => ManuallyDrop::drop(&mut slot.output),
                    _ => {}
                }
            }
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
            batch: Batch { front: LAST, back: LAST },
            live: len as u32,
            panicked: false,
            emptied: false,
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
