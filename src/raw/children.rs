//! Pinned storage, wakers and ready list of N children: what every combinator
//! of many futures stands on.
//!
//! One heap block holds it all, because a child's waker may outlive the
//! combinator. The owner polls as follows:
//!
//! 1. [`Children::turn`] leaves the caller's waker and collects the children
//!    that were woken; the first time, all of them.
//! 2. [`Children::next_woken`] gives them one by one, in the order in which they
//!    were woken, each at most once a turn.
//! 3. [`Children::poll_take`] or [`Children::poll_keep`] polls one.
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

    /// The next child to poll in this turn.
    #[inline]
    pub(crate) fn next_woken(&mut self) -> Option<usize> {
        if self.fresh < self.len {
            self.fresh += 1;
            return Some(self.fresh as usize - 1);
        }
        while self.front != LAST {
            let index = self.front;
            let (block, child) = self.child(index);
            // SAFETY: `order` is the owner's alone.
            let behind = child.order.with_mut(|order| unsafe { core::mem::replace(&mut *order, APART) });
            block.clear(index);
            // ORDERING: Relaxed, only the owner writes it.
            let live = child.state.load(Ordering::Relaxed) == LIVE;
            self.front = behind;
            if live {
                return Some(index as usize);
            }
        }
        None
    }

    #[inline(always)]
    fn child(&self, index: u32) -> (&Block, &Child) {
        assert!(index < self.len);
        let block = self.block.expect("a child has a block");
        // SAFETY: the owner's reference keeps the block alive; the index was checked.
        unsafe { (block.as_ref(), block::child(block, index).as_ref()) }
    }

    /// Drops what the slot holds.
    fn empty_slot(&mut self, index: u32) {
        let (_, child) = self.child(index);
        // ORDERING: Relaxed, only the owner writes it, wakers take it as a hint.
        let state = child.state.load(Ordering::Relaxed);
        // ORDERING: Relaxed, as above; it comes first so that a drop that panics is not run twice.
        child.state.store(GONE, Ordering::Relaxed);
        // SAFETY: the state says what the slot holds; it is the owner's, and is dropped in place.
        unsafe {
            let slot = self.slots.add(index as usize).as_ptr();
            match state {
                LIVE | PANICKED => {
                    self.live -= 1;
                    ManuallyDrop::drop(&mut (*slot).future);
                }
                KEPT => {
                    self.kept -= 1;
                    ManuallyDrop::drop(&mut (*slot).output);
                }
                _ => {}
            }
        }
    }
}

impl<F: Future, T> Children<F, T> {
    /// Polls a child that `next_woken` gave; drops it once it has ended.
    #[inline]
    pub(crate) fn poll_take(&mut self, index: usize) -> Poll<F::Output> {
        let index = u32::try_from(index).expect("an index of a child");
        let (_, child) = self.child(index);
        // ORDERING: Relaxed, only the owner writes it.
        assert!(child.state.load(Ordering::Relaxed) == LIVE, "the child has ended");
        let waker = block::borrowed_waker(NonNull::from(child));
        let unwinding = Unwinding { children: self, index };
        // SAFETY: a live slot holds a future, pinned there until it is dropped.
        let future =
            unsafe { Pin::new_unchecked(&mut *(*unwinding.children.slots.add(index as usize).as_ptr()).future) };
        let output = future.poll(&mut Context::from_waker(&waker));
        core::mem::forget(unwinding);
        if output.is_ready() {
            self.empty_slot(index);
        }
        output
    }
}

/// Marks the child that is being polled as panicked, if it is so.
struct Unwinding<'a, F, T> {
    children: &'a mut Children<F, T>,
    index: u32,
}

impl<F, T> Drop for Unwinding<'_, F, T> {
    fn drop(&mut self) {
        self.children.panicked = true;
        // ORDERING: Relaxed, only the owner writes it, wakers take it as a hint.
        self.children.child(self.index).1.state.store(PANICKED, Ordering::Relaxed);
    }
}

impl<F: Future> Children<F, F::Output> {
    /// Polls a child that `next_woken` gave; keeps its output in its place.
    #[inline]
    pub(crate) fn poll_keep(&mut self, index: usize) -> Poll<()> {
        let Poll::Ready(output) = self.poll_take(index) else { return Poll::Pending };
        // SAFETY: the slot was emptied when the child ended.
        unsafe { (*self.slots.add(index).as_ptr()).output = ManuallyDrop::new(output) };
        // ORDERING: Relaxed, only the owner writes it, wakers take it as a hint.
        self.child(index as u32).1.state.store(KEPT, Ordering::Relaxed);
        self.kept += 1;
        Poll::Ready(())
    }

    /// All outputs in the children's order, once all were kept.
    ///
    /// # Panics
    ///
    /// If an output is missing.
    pub(crate) fn into_kept(mut self) -> Vec<F::Output> {
        assert!(self.kept == self.len, "a child has no output");
        let mut outputs = Vec::with_capacity(self.len());
        self.kept = 0;
        for index in 0..self.len() {
            // SAFETY: as many are kept as there are children, so all are; each is read once and then forgotten.
            outputs
                .push(ManuallyDrop::into_inner(unsafe { core::ptr::read(&(*self.slots.add(index).as_ptr()).output) }));
        }
        outputs
    }
}

impl<F, T> Drop for Children<F, T> {
    fn drop(&mut self) {
        let Some(block) = self.block else { return };

        // Each field goes in its turn even when an earlier one panics.
        struct Parts<'a, F, T> {
            rest: Rest<'a, F, T>,
            _waker: Option<Waker>,
            _owner: Owner,
        }
        struct Rest<'a, F, T>(&'a mut Children<F, T>, u32);
        struct Owner(NonNull<Block>);

        impl<F, T> Rest<'_, F, T> {
            fn empty(&mut self) {
                // `live` and `kept` reach zero with the last slot that holds something.
                while self.0.live + self.0.kept != 0 {
                    self.1 += 1;
                    self.0.empty_slot(self.1 - 1);
                }
            }
        }
        impl<F, T> Drop for Rest<'_, F, T> {
            fn drop(&mut self) {
                self.empty();
            }
        }
        impl Drop for Owner {
            fn drop(&mut self) {
                // SAFETY: the owner's reference; the slots are empty.
                unsafe { Block::release(self.0) }
            }
        }

        // SAFETY: the owner's reference keeps the block alive. A child's drop may wake its siblings: close first.
        let waker = unsafe { block.as_ref() }.close();
        let mut parts = Parts { rest: Rest(self, 0), _waker: waker, _owner: Owner(block) };
        parts.rest.empty();
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
        // The memory goes first only in the text: the guard runs after the slots.
        struct Memory<'a, F, T>(&'a mut Building<F, T>);
        impl<F, T> Drop for Memory<'_, F, T> {
            fn drop(&mut self) {
                // SAFETY: nothing is in it any more.
                unsafe { self.0.free() }
            }
        }
        let memory = Memory(self);
        // SAFETY: the first `len` slots hold futures. `ManuallyDrop<F>` is laid out as `F`, at the start of a union
        // whose stride the slice of slots has; the futures are dropped one by one.
        for index in 0..memory.0.len {
            unsafe { ManuallyDrop::drop(&mut (*memory.0.slots.add(index).as_ptr()).future) }
        }
    }
}
