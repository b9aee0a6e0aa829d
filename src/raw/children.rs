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
//! Who waits for the first one only calls [`Children::poll_any`] instead. A set
//! with room for more ([`Children::with_room`]) takes a new child into the slot
//! of one that has ended, without an allocation and without an atomic
//! read-modify-write; [`Growing`] is a list of such sets, and takes any number.
//!
//! A wake costs one read-modify-write if the child is queued already, otherwise
//! two; a poll one, and one for the children of one word in its batch.

mod any;
mod batch;
mod block;
mod building;
mod growing;
mod keep;
mod peek;
mod refill;
mod waker;

use core::fmt;
use core::mem::{ManuallyDrop, needs_drop};
use core::pin::Pin;
use core::ptr::NonNull;
use core::task::{Context, Poll, Waker};

use crate::shim::atomic::Ordering;
use batch::{APART, Batch, LAST};
use block::{Block, Child, EMPTY, FIRST, KEPT, LIVE, PANICKED};

pub(crate) use growing::Growing;
pub(crate) use keep::Kept;
pub(crate) use refill::Again;

/// A set of futures; `T` is what a slot keeps of a child that has ended: `()` for nothing, [`Again`] for room for
/// another child.
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
    /// Children that panicked, in their poll or when they were dropped after their end.
    panicked: u32,
    /// The first slot of a child that has ended, a mark; `LAST` if none is to be used again.
    free: u32,
}

/// The child's state says which.
union Slot<F, T> {
    future: ManuallyDrop<F>,
    output: ManuallyDrop<T>,
    /// The next slot like this one: a mark, or `LAST`.
    free: u32,
}

// SAFETY: it owns its futures and outputs; the rest of the block is shared by atomics only.
unsafe impl<F: Send, T: Send> Send for Children<F, T> {}
// SAFETY: a shared reference gives shared access to futures at most.
unsafe impl<F: Sync, T: Sync> Sync for Children<F, T> {}

impl<F, T> Children<F, T> {
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
        self.panicked > 0
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
    /// Polls a child; if it ends its state is `gone`, then its output goes to `ended`, with its empty slot, and its state
    /// becomes what that answers.
    ///
    /// # Safety
    ///
    /// The mark is a child's, and it is live. `gone` is a state of an empty slot.
    #[inline(always)]
    unsafe fn poll_child(
        &mut self,
        block: NonNull<Block>,
        mark: u32,
        gone: u32,
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
                if needs_drop::<F>() {
                    // ORDERING: Relaxed, only the owner writes it; before the drop, so that it is not run twice.
                    child.as_ref().state.store(gone, Ordering::Relaxed);
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
    panicked: &'a mut u32,
    child: NonNull<Child>,
}

impl Drop for Unwinding<'_> {
    fn drop(&mut self) {
        *self.panicked += 1;
        // SAFETY: the owner, which is polling, keeps the block alive.
        let state = unsafe { &self.child.as_ref().state };
        // ORDERING: Relaxed, only the owner writes it.
        if state.load(Ordering::Relaxed) == LIVE {
            // ORDERING: Relaxed, only the owner writes it, wakers take it as a hint.
            state.store(PANICKED, Ordering::Relaxed);
        }
    }
}

impl<F, T> Drop for Children<F, T> {
    #[inline]
    fn drop(&mut self) {
        let Some(block) = self.block else { return };
        // SAFETY: the owner's reference keeps the block alive. A child's drop may wake its siblings: close first.
        let waker = unsafe { block.as_ref() }.close();
        // Dropped last and in this order, even if a child's drop panics.
        let _parts = (waker, OwnersReference(block));
        self.empty(block, 0, self.live);
    }
}

impl<F, T> Children<F, T> {
    /// Drops what the slots from `index` on hold, in order, past a panic too; `left` of them hold a future.
    #[inline(always)]
    fn empty(&mut self, block: NonNull<Block>, mut index: u32, mut left: u32) {
        while index < self.len && (needs_drop::<T>() || (needs_drop::<F>() && left > 0)) {
            // SAFETY: there are `len` children.
            let (child, mut slot) =
                unsafe { (block::child(block, index + FIRST).as_ref(), self.slots.add(index as usize)) };
            // ORDERING: Relaxed, only the owner writes it.
            let state = child.state.load(Ordering::Relaxed);
            let is_future = state == LIVE || state == PANICKED;
            index += 1;
            left -= u32::from(is_future);
            let go_on = GoOn { children: self, block, index, left };
            // SAFETY: the state says what the slot holds; it is dropped in place, once.
            unsafe {
                if is_future {
                    ManuallyDrop::drop(&mut slot.as_mut().future);
                } else if state == KEPT {
                    ManuallyDrop::drop(&mut slot.as_mut().output);
                }
            }
            core::mem::forget(go_on);
        }
    }
}

/// Goes on where a panic ended the drops; a second panic aborts, as in a vector.
struct GoOn<'a, F, T> {
    children: &'a mut Children<F, T>,
    block: NonNull<Block>,
    index: u32,
    left: u32,
}

impl<F, T> Drop for GoOn<'_, F, T> {
    #[cold]
    #[inline(never)]
    fn drop(&mut self) {
        self.children.empty(self.block, self.index, self.left);
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
