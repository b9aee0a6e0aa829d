//! Any number of children, in blocks that double: a future never moves.
//!
//! A new block is as large as all older ones together, so there are O(log N) of
//! them. A new child goes into the oldest block that has room, so the younger
//! and larger ones run empty first. The memory of a set that lives for long
//! follows its number of children at a time, not that of all it ever had: a block
//! that has no child is given up, the largest first. But
//!
//! 1. only if all others together are half empty then, or have half of its slots
//!    at most. So before a block is made again, half as many children have come
//!    as it has slots, or it is half as large as the one that went for it: a
//!    push costs O(1) on average, however the number goes up and down.
//! 2. The last one is kept if it is small, or no larger than was asked for.
//!
//! Blocks are given up at the start of a poll, so that what they drop cannot
//! take an output with it.
//!
//! A poll visits the blocks in turn, and begins behind the one that had the last
//! output: no block can keep the others from being seen.

use alloc::vec::Vec;
use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use super::block::MOST;
use super::{Again, Children};

/// Slots of the first block.
#[cfg(not(loom))]
const LEAST: usize = 8;
#[cfg(loom)]
const LEAST: usize = 1;

/// The last block is not kept without children if it has more slots, unless so many were asked for.
const KEPT: usize = 4 * LEAST;

type Part<F> = Children<Keyed<F>, Again>;

/// A set of futures that grows and shrinks. Each has a key; keys count upward from zero.
pub(crate) struct Growing<F> {
    /// The oldest block; without slots if there is none at all.
    first: Part<F>,
    more: Vec<Part<F>>,
    /// The key of the next child.
    next: usize,
    /// Children of `more` that have not ended.
    others: usize,
    /// Where the next poll begins.
    turn: usize,
    /// A block of no more slots may be kept where there are no children at all.
    kept: usize,
    /// There is one block at most, and none of the two below is so.
    simple: bool,
    /// A block has run empty since the last poll.
    emptied: bool,
    /// A child has panicked.
    panicked: bool,
}

impl<F> Growing<F> {
    /// None, and no memory yet.
    pub(crate) fn new() -> Self {
        Self::of(Children::with_room(0), KEPT)
    }

    /// None, and a block of so many slots, which is kept.
    pub(crate) fn with_room(room: usize) -> Self {
        Self::of(Children::with_room(room), room.max(KEPT))
    }

    /// These, with the keys from zero on. One allocation if the iterator's lower size hint is exact.
    #[inline]
    pub(crate) fn collect(futures: impl Iterator<Item = F>) -> Self {
        let keyed = futures.enumerate().map(|(key, future)| Keyed { key, future });
        Self::of(Children::collect(keyed), KEPT)
    }

    #[inline(always)]
    fn of(first: Part<F>, kept: usize) -> Self {
        let (more, next) = (Vec::new(), first.live());
        Self { first, more, next, others: 0, turn: 0, kept, simple: true, emptied: false, panicked: false }
    }

    /// How many have not ended.
    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        self.first.live() + self.others
    }

    /// Whether all have ended.
    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many there have been.
    pub(crate) fn taken(&self) -> usize {
        self.next
    }

    /// Those that have not ended; in the order in which they came as long as none has.
    pub(crate) fn futures(&self) -> impl Iterator<Item = &F> {
        core::iter::once(&self.first).chain(&self.more).flat_map(Children::futures).map(|child| &child.future)
    }

    /// Takes back the wakers that the last poll left: until the next poll nobody is woken.
    pub(crate) fn take_wakers(&mut self) {
        for part in core::iter::once(&mut self.first).chain(&mut self.more) {
            drop(part.take_waker());
        }
    }

    /// Takes one more, which is polled at the next poll; answers its key. Allocates only if all blocks are full.
    #[inline(always)]
    pub(crate) fn push(&mut self, future: F) -> usize {
        let key = self.next;
        let future = Keyed { key, future };
        if self.first.has_free() {
            self.first.put_again(future);
        } else if self.roomy().put(future).is_err() {
            unreachable!("there is room");
        }
        self.next = key.wrapping_add(1);
        key
    }

    /// The oldest block with room, or a new one, which is to be given a child.
    #[inline(never)]
    fn roomy(&mut self) -> &mut Part<F> {
        if self.first.capacity() == 0 {
            self.first = Children::with_room(LEAST);
        }
        if self.first.has_room() {
            return &mut self.first;
        }
        let roomy = self.more.iter().position(Part::has_room).unwrap_or_else(|| {
            let all = self.more.iter().fold(self.first.capacity(), |sum, part| sum.saturating_add(part.capacity()));
            self.more.push(Children::with_room(all.min(MOST)));
            self.simple = false;
            self.more.len() - 1
        });
        self.others += 1;
        &mut self.more[roomy]
    }

    /// Gives up blocks without children. What goes with one may panic: the others go at the next poll then.
    #[cold]
    fn forget(&mut self) {
        while let Some(part) = self.take_spare() {
            drop(part);
        }
        self.emptied = false;
        self.simple = self.more.is_empty();
    }

    /// Takes a block without children that is not to be kept.
    fn take_spare(&mut self) -> Option<Part<F>> {
        let (mut others, mut largest, mut found) = (0_usize, 0, 0);
        for (index, part) in core::iter::once(&self.first).chain(&self.more).enumerate() {
            let mut slots = part.capacity();
            if part.live() == 0 && slots > largest {
                found = index;
                core::mem::swap(&mut slots, &mut largest);
            }
            others = others.saturating_add(slots);
        }
        let goes = if others == 0 { largest > self.kept } else { self.len() <= others / 2 || others <= largest / 2 };
        if largest == 0 || !goes {
            return None;
        }
        let spare = if found > 0 {
            self.more.remove(found - 1)
        } else {
            let first = if self.more.is_empty() { Children::with_room(0) } else { self.more.remove(0) };
            self.others -= first.live();
            core::mem::replace(&mut self.first, first)
        };
        // It stays with the block whose turn it is: to begin anew would keep the others from theirs.
        self.turn -= usize::from(self.turn > found);
        if self.turn > self.more.len() {
            self.turn = 0;
        }
        Some(spare)
    }
}

impl<F: Future> Growing<F> {
    /// Polls those that were woken or are new until one is ready, each at most once; gives its key and its output.
    /// `None` if there are none. If it is pending, the next one that is woken wakes `waker`.
    ///
    /// # Panics
    ///
    /// If a child does, and from then on.
    #[inline(always)]
    pub(crate) fn poll_next(&mut self, waker: &Waker) -> Poll<Option<(usize, F::Output)>> {
        if !self.simple {
            return self.poll_blocks(waker);
        }
        if self.first.live() == 0 {
            return Poll::Ready(None);
        }
        let unwinding = Unwinding(self);
        let ready = unwinding.0.first.poll_any(waker);
        core::mem::forget(unwinding);
        let Some((_, ready)) = ready else { return Poll::Pending };
        if self.first.live() == 0 && self.first.capacity() > self.kept {
            (self.emptied, self.simple) = (true, false);
        }
        Poll::Ready(Some(ready))
    }

    /// The same for any number of blocks.
    #[inline(never)]
    fn poll_blocks(&mut self, waker: &Waker) -> Poll<Option<(usize, F::Output)>> {
        assert!(!self.panicked, "polled after a child panicked");
        if self.emptied {
            self.forget();
        }
        if self.is_empty() {
            return Poll::Ready(None);
        }
        let blocks = self.more.len() + 1;
        for _ in 0..blocks {
            let turn = self.turn;
            self.turn = if turn + 1 < blocks { turn + 1 } else { 0 };
            if self.part(turn).live() == 0 {
                continue;
            }
            let unwinding = Unwinding(self);
            let ready = unwinding.0.part(turn).poll_any(waker);
            core::mem::forget(unwinding);
            if let Some((_, ready)) = ready {
                self.others -= usize::from(turn > 0);
                self.emptied |= self.part(turn).live() == 0;
                return Poll::Ready(Some(ready));
            }
        }
        Poll::Pending
    }

    #[inline(always)]
    fn part(&mut self, turn: usize) -> &mut Part<F> {
        if turn == 0 { &mut self.first } else { &mut self.more[turn - 1] }
    }
}

/// Finds out whether it was a child that panicked, and not the caller's waker.
struct Unwinding<'a, F>(&'a mut Growing<F>);

impl<F> Drop for Unwinding<'_, F> {
    fn drop(&mut self) {
        let all = &mut *self.0;
        all.panicked |= core::iter::once(&all.first).chain(&all.more).any(Children::has_panicked);
        all.simple &= !all.panicked;
    }
}

impl<F> fmt::Debug for Growing<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Growing")
            .field("len", &self.len())
            .field("blocks", &(self.more.len() + 1))
            .finish_non_exhaustive()
    }
}

/// A child and its key.
struct Keyed<F> {
    key: usize,
    future: F,
}

impl<F: Future> Future for Keyed<F> {
    type Output = (usize, F::Output);

    #[inline(always)]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let key = self.key;
        // SAFETY: the future is pinned where its child is, and moved out of it never.
        let future = unsafe { self.map_unchecked_mut(|child| &mut child.future) };
        future.poll(context).map(|output| (key, output))
    }
}
