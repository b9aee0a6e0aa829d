//! Polls a set of children until the first of them is ready, and gives the others back.
//!
//! Unlike a poll for all it leaves the caller's waker last, and only if none was
//! ready:
//!
//! 1. Those that were woken are taken; from now on a wake tells nobody.
//! 2. They are polled in the order in which they were woken, then those that
//!    were never polled, in theirs, up to the first that is ready. The others
//!    stay where they are, for the next poll.
//! 3. If none was, and children were woken since step 1, they are taken and the
//!    caller is woken for them. Otherwise the waker is left; those that are
//!    found only there wake the caller too.
//!
//! So who holds the rest holds no waker, and a poll that finds a winner neither
//! clones one nor drops one.

use core::mem::ManuallyDrop;
use core::ptr::NonNull;
use core::task::Waker;

use super::batch::LAST;
use super::block::{ARMED, Block, EMPTY, FIRST, FREE, GONE, LIVE, child};
use super::{Again, Children, Slot};
use crate::shim::atomic::Ordering;

/// What becomes of the slot of a child that has ended.
pub(crate) trait Ended {
    /// The state of the slot, which is empty.
    const STATE: u32;
}

/// It stays empty.
impl Ended for () {
    const STATE: u32 = GONE;
}

/// It takes another child.
impl Ended for Again {
    const STATE: u32 = FREE;
}

impl<F: Future, T: Ended> Children<F, T> {
    /// Polls children until one is ready, each at most once; gives its place and its output.
    /// If none was, the next one that is woken wakes `waker`. Nothing is done if all have ended.
    #[inline(always)]
    pub(crate) fn poll_any(&mut self, waker: &Waker) -> Option<(usize, F::Output)> {
        if self.live == 0 {
            return None;
        }
        // SAFETY: there are children, so there is a block.
        let block = unsafe { self.block.unwrap_unchecked() };
        self.take_woken(block);
        while let Some(next) = self.next_in_batch(block) {
            if let Ok(mark) = next {
                // SAFETY: it is live.
                let won = unsafe { self.poll_one(block, mark) };
                if won.is_some() {
                    return won;
                }
            }
        }
        while self.fresh < self.len {
            self.fresh += 1;
            // SAFETY: a child of this index that was never polled.
            let won = unsafe { self.poll_one(block, self.fresh - 1 + FIRST) };
            if won.is_some() {
                return won;
            }
        }
        // SAFETY: the owner's reference keeps the block alive.
        // ORDERING: Relaxed, a guess: what is not seen yet is found when the waker is left.
        let woken = unsafe { block.as_ref() }.head.load(Ordering::Relaxed) >= FIRST;
        if woken {
            self.take_stack(block);
        }
        let told = !woken && self.turn(waker);
        if !told && self.batch.front != LAST {
            waker.wake_by_ref();
        }
        None
    }

    /// Polls a child; if it is ready its slot is empty afterwards.
    ///
    /// # Safety
    ///
    /// The mark is a child's, and it is live.
    #[inline(always)]
    unsafe fn poll_one(&mut self, block: NonNull<Block>, mark: u32) -> Option<(usize, F::Output)> {
        let mut won = None;
        let free = self.free;
        let end = |slot: &mut Slot<F, T>, output| {
            slot.free = free;
            won = Some(((mark - FIRST) as usize, output));
            T::STATE
        };
        // SAFETY: as the caller says; the state is one of an empty slot.
        unsafe { self.poll_child(block, mark, T::STATE, end) };
        if T::STATE == FREE && won.is_some() {
            self.free = mark;
        }
        won
    }
}

impl<F, T> Children<F, T> {
    /// Puts those that were woken into the batch. A waker that an earlier poll has left is taken back if there is
    /// something to poll: before the polls, so that its drop cannot take a winner with it.
    #[inline(always)]
    fn take_woken(&mut self, block: NonNull<Block>) {
        // SAFETY: the owner's reference keeps the block alive.
        let shared = unsafe { block.as_ref() };
        // ORDERING: Relaxed, a guess: a wake that is not seen yet is found when the waker is left.
        let head = shared.head.load(Ordering::Relaxed);
        if head == EMPTY {
            return;
        }
        if head != ARMED {
            self.take_stack(block);
        } else if self.batch.front != LAST {
            drop(shared.disarm(EMPTY));
        }
    }

    /// Puts the stack that was seen into the batch.
    #[inline(always)]
    fn take_stack(&mut self, block: NonNull<Block>) {
        // SAFETY: the owner's reference keeps the block alive.
        // ORDERING: Acquire, pairs with the pushes' Release: their `next` and what the wakers had done.
        let woken = unsafe { block.as_ref() }.head.swap(EMPTY, Ordering::Acquire);
        // SAFETY: a stack has just been taken; only the owner, which this is, takes it.
        unsafe { Block::enqueue(block, woken, &mut self.batch) }
    }
}

impl<F: Unpin> Children<F> {
    /// Takes the first future at `index` or behind it that has not ended, with its place. It counts as ended then.
    pub(crate) fn take_future(&mut self, mut index: usize) -> Option<(usize, F)> {
        let block = self.block?;
        while index < self.len() {
            // SAFETY: a child's mark.
            let state = unsafe { &child(block, index as u32 + FIRST).as_ref().state };
            // ORDERING: Relaxed, only the owner writes it.
            if state.load(Ordering::Relaxed) == LIVE {
                // ORDERING: Relaxed, only the owner writes it, wakers take it as a hint.
                state.store(GONE, Ordering::Relaxed);
                self.live -= 1;
                // SAFETY: a live slot holds a future, which may be moved; it is taken once, as the state says.
                let future = unsafe { core::ptr::read(&raw const (*self.slots.add(index).as_ptr()).future) };
                return Some((index, ManuallyDrop::into_inner(future)));
            }
            index += 1;
        }
        None
    }
}
