//! A bounded queue of many writers and many readers, in which nobody waits for anybody.
//!
//! It is Vyukov's: a writer claims the position `tail`, fills the slot there and stamps it full; a reader claims `head`,
//! empties the slot and stamps it free for the next lap. A position is a lap and an index below `N`, which need not be a
//! power of two, so that laps are counted by themselves and wrap with the machine's word:
//!
//! | bits | meaning |
//! |---|---|
//! | below `MARK` | the index of a slot |
//! | `MARK` | only in `tail`: the queue is closed. From then on `tail` never changes |
//! | from `LAP` on | how often the queue was run through |
//!
//! | a slot's stamp, as seen from lap `L` | meaning | left by |
//! |---|---|---|
//! | `L` | free, or claimed by a writer that is not done | the writer's store of `L + 1` |
//! | `L + 1` | full, or claimed by a reader that is not done | the reader's store of `L + LAP` |
//! | earlier | the lap before is not done with it | as above |
//! | later | the position that was looked at is an old one | |
//!
//! 1. A position is claimed by the one exchange that moves `tail`, or `head`, on from it. Who claimed it, and nobody else,
//!    has the slot's item until it stores the next stamp.
//! 2. `tail` is claimed only where the stamp says free, `head` only where it says full.
//! 3. Between a claim and its stamp nothing foreign runs, and nothing can panic: an item is moved. A context that is
//!    preempted just there makes the queue look empty, or full, from that slot on; it does not make anybody wait.
//! 4. Nobody looks twice without another's progress: an exchange fails, and a stamp is later than a position, only because
//!    somebody has claimed it.
//! 5. A stamp and a position are told from those of another round only as far as the words reach: nobody may be preempted
//!    in mid-call for all the laps that there are, which is about half of 2^32 items on 32 bits.
//!
//! Whoever closes decides by the same word as the writers: a claim comes before the mark, and its item will be read; or it
//! fails. Empty and closed is a queue whose marked `tail` has come to `head`: a claim that is yet to be stamped is not passed
//! over.

use super::fault::{Panics, Then, drain};
use crate::shim::atomic::{AtomicUsize, Ordering};
use crate::shim::cell::UnsafeCell;
use core::mem::MaybeUninit;

/// Why a queue does not do what it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Not {
    /// Not now: it is full, or empty.
    Now,
    /// Never again: it is closed, and, for readers, empty.
    Ever,
}

#[derive(Debug)]
struct Slot<T> {
    stamp: AtomicUsize,
    item: UnsafeCell<MaybeUninit<T>>,
}

/// A queue with room for `N` items.
#[derive(Debug)]
pub(crate) struct Ring<T, const N: usize> {
    head: AtomicUsize,
    tail: AtomicUsize,
    slots: [Slot<T>; N],
}

// SAFETY: an item is moved in and out, to one at a time (1).
unsafe impl<T: Send, const N: usize> Send for Ring<T, N> {}
// SAFETY: as above.
unsafe impl<T: Send, const N: usize> Sync for Ring<T, N> {}

impl<T, const N: usize> Ring<T, N> {
    const MARK: usize = N.next_power_of_two();
    const LAP: usize = 2 * Self::MARK;

    /// The first lap: zero, so that a static is no part of the image.
    #[cfg(not(debug_assertions))]
    const START: usize = 0;
    /// The first lap: the last one before laps wrap, so that every test sees that.
    #[cfg(debug_assertions)]
    const START: usize = 0_usize.wrapping_sub(Self::LAP);

    #[cfg(not(loom))]
    pub(crate) const fn new() -> Self {
        const { assert!(N >= 1 && N <= usize::MAX >> 8, "a static channel has room for one item at least") };
        Self {
            head: AtomicUsize::new(Self::START),
            tail: AtomicUsize::new(Self::START),
            slots: [const { Slot { stamp: AtomicUsize::new(Self::START), item: UnsafeCell::new(MaybeUninit::uninit()) } };
                N],
        }
    }

    #[cfg(loom)]
    pub(crate) fn new() -> Self {
        let slot = || Slot { stamp: AtomicUsize::new(Self::START), item: UnsafeCell::new(MaybeUninit::uninit()) };
        Self {
            head: AtomicUsize::new(Self::START),
            tail: AtomicUsize::new(Self::START),
            slots: core::array::from_fn(|_| slot()),
        }
    }

    fn index(position: usize) -> usize {
        position & (Self::MARK - 1)
    }

    fn lap(position: usize) -> usize {
        position & !(Self::LAP - 1)
    }

    fn next(position: usize) -> usize {
        if Self::index(position) + 1 < N { position + 1 } else { Self::lap(position).wrapping_add(Self::LAP) }
    }

    /// How far a slot's stamp is from `wanted`; laps wrap.
    fn distance(slot: &Slot<T>, wanted: usize) -> isize {
        // ORDERING: Acquire, with the Release of the stamp: what was done to the slot, and that its position was claimed.
        slot.stamp.load(Ordering::Acquire).wrapping_sub(wanted) as isize
    }

    /// The position that is written next, if its slot is free.
    pub(crate) fn room(&self) -> Result<usize, Not> {
        loop {
            // ORDERING: a guess, which the exchange on it checks. A stamp from later has brought what is newer (4).
            let tail = self.tail.load(Ordering::Relaxed);
            if tail & Self::MARK != 0 {
                return Err(Not::Ever);
            }
            match Self::distance(&self.slots[Self::index(tail)], Self::lap(tail)) {
                0 => return Ok(tail),
                ..0 => return Err(Not::Now),
                1.. => {}
            }
        }
    }

    /// The position that is read next, if its slot is full.
    pub(crate) fn item(&self) -> Result<usize, Not> {
        loop {
            // ORDERING: as in `room`.
            let head = self.head.load(Ordering::Relaxed);
            match Self::distance(&self.slots[Self::index(head)], Self::lap(head).wrapping_add(1)) {
                0 => return Ok(head),
                ..0 => {
                    // ORDERING: Acquire, with the Release of `close`: who sees the end sees what came before it.
                    let is_over = self.tail.load(Ordering::Acquire) == head | Self::MARK;
                    return Err(if is_over { Not::Ever } else { Not::Now });
                }
                1.. => {}
            }
        }
    }

    /// Puts an item in. `Err`: the item, and why not.
    pub(crate) fn push(&self, item: T) -> Result<(), (T, Not)> {
        loop {
            let tail = match self.room() {
                Ok(tail) => tail,
                Err(why) => return Err((item, why)),
            };
            // ORDERING: only who is first matters: the item is published by the stamp.
            if self.tail.compare_exchange(tail, Self::next(tail), Ordering::Relaxed, Ordering::Relaxed).is_ok() {
                let slot = &self.slots[Self::index(tail)];
                // SAFETY: (1), (2): claimed by us, and empty.
                unsafe { slot.item.with_mut(|cell| (*cell).write(item)) };
                // ORDERING: Release publishes the item.
                slot.stamp.store(Self::lap(tail).wrapping_add(1), Ordering::Release);
                return Ok(());
            }
        }
    }

    /// Takes an item out. `Err`: why not.
    pub(crate) fn pop(&self) -> Result<T, Not> {
        loop {
            let head = self.item()?;
            // ORDERING: only who is first matters: the item was acquired with its stamp.
            if self.head.compare_exchange(head, Self::next(head), Ordering::Relaxed, Ordering::Relaxed).is_ok() {
                let slot = &self.slots[Self::index(head)];
                // SAFETY: (1), (2): claimed by us, and full; from the next stamp on it is empty.
                let item = unsafe { slot.item.with(|cell| (*cell).assume_init_read()) };
                // ORDERING: Release: the item is out when the next lap's writer moves in.
                slot.stamp.store(Self::lap(head).wrapping_add(Self::LAP), Ordering::Release);
                return Ok(item);
            }
        }
    }

    /// Closes the queue for writers. True: this call did.
    pub(crate) fn close(&self) -> bool {
        // ORDERING: Release, for readers that see the end.
        self.tail.fetch_or(Self::MARK, Ordering::Release) & Self::MARK == 0
    }

    /// Nothing is put in any more.
    pub(crate) fn is_closed(&self) -> bool {
        // ORDERING: nothing is read because of it.
        self.tail.load(Ordering::Relaxed) & Self::MARK != 0
    }

    /// How many items are in it, those being put in and not those being taken out; racy.
    pub(crate) fn len(&self) -> usize {
        // ORDERING: of diagnostic use; the head first, which runs behind. The mark is part of neither lap nor index.
        let (head, tail) = (self.head.load(Ordering::Relaxed), self.tail.load(Ordering::Relaxed));
        let laps = Self::lap(tail).wrapping_sub(Self::lap(head)) / Self::LAP;
        laps.wrapping_mul(N).wrapping_add(Self::index(tail)).wrapping_sub(Self::index(head)).min(N)
    }
}

impl<T, const N: usize> Drop for Ring<T, N> {
    fn drop(&mut self) {
        let mut panics = Panics::new();
        // Nobody is in the midst of anything: each item is out before it is dropped.
        drain(&mut panics, || while self.pop().map(drop).is_ok() {});
        panics.settle(Then::Resume);
    }
}
