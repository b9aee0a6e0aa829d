//! The shared half of a set of children: what their wakers reach.
//!
//! # Roles
//!
//! The *owner* is the combinator's future: one at a time, it holds `&mut`. The
//! *wakers* are any number of clones of the children's wakers, on any thread,
//! and may outlive the owner. Both reach one heap block:
//!
//! ```text
//! Block | Child x capacity | Word x (capacity / bits) | Slot x capacity
//! ```
//!
//! The slots hold the futures themselves and are the owner's alone.
//!
//! # Words
//!
//! | `head` | meaning | left by |
//! |---|---|---|
//! | `EMPTY` | no child is queued, the owner is not to be woken | owner: arm, close; waker: push |
//! | `ARMED` | no child is queued, `parent` holds a waker | waker: push, which takes the waker; owner: take back, close |
//! | `CLOSED` | the owner is gone | never |
//! | a mark: index + `FIRST` | a stack of queued children, the owner has been told | waker: push; owner: drain |
//!
//! A bit of a `Word` is set while its child is queued. The waker that sets it
//! owns `Child::next` and pushes the child; who finds it set has nothing to do,
//! because the owner will clear it, by a read-modify-write that sees all that
//! happened before, ahead of polling the child. That clearing must not become a
//! store: the poll would not see what a waker that found the bit set had
//! written, and that wake would be lost.
//!
//! # Invariants
//!
//! 1. `parent` is written by the owner only, while `parent_free` is true and
//!    `head` is not `ARMED`. Who moves `head` from `ARMED` owns its contents.
//! 2. `Child::next` belongs to whoever set the child's bit, until `head` names
//!    the child; then to the owner, until it clears the bit.
//! 3. A child is on the stack at most once, since its bit is set as long as it
//!    is; nobody but the owner takes from the stack, and only all of it, so
//!    there is no ABA.
//! 4. No foreign code runs between the two ends of a transition: the parent's
//!    waker is cloned before and woken or dropped after.
//! 5. The block is freed by the last reference: the owner's one and one a waker.

use core::alloc::Layout;
use core::ptr::{self, NonNull};
use core::task::{RawWakerVTable, Waker};

use super::batch::{APART, Batch, LAST};
use crate::shim::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use crate::shim::cell::UnsafeCell;
use crate::shim::heap::dealloc;

pub(super) const EMPTY: u32 = 0;
pub(super) const ARMED: u32 = 1;
pub(super) const CLOSED: u32 = 2;
pub(super) const FIRST: u32 = 3;

/// At most this many children: their indices and the marks fit a `u32`.
pub(super) const MOST: usize = (u32::MAX - FIRST) as usize;

/// `Child::state`: the future is there and may be polled.
pub(super) const LIVE: u32 = 0;
/// The slot holds nothing now, and may hold another child later.
pub(super) const FREE: u32 = 1;
/// The slot holds the child's output. This state and those below are for good.
pub(super) const KEPT: u32 = 2;
/// The slot holds nothing any more.
pub(super) const GONE: u32 = 3;
/// The future is there, but it panicked: never polled again.
pub(super) const PANICKED: u32 = 4;

const BITS: usize = usize::BITS as usize;

pub(super) struct Block {
    pub(super) refs: AtomicUsize,
    pub(super) head: AtomicU32,
    pub(super) parent_free: AtomicBool,
    parent: UnsafeCell<(*const (), *const RawWakerVTable)>,
    words: NonNull<Word>,
    pub(super) len: usize,
    layout: Layout,
}

/// What a child's waker points to.
pub(super) struct Child {
    pub(super) mark: u32,
    /// Below it on the stack: a mark, `EMPTY` at the bottom.
    pub(super) next: UnsafeCell<u32>,
    /// Behind it in the owner's batch: a mark, `LAST` or `APART`. The owner's alone.
    pub(super) order: UnsafeCell<u32>,
    /// Written by the owner only; wakers use it as a hint.
    pub(super) state: AtomicU32,
}

/// The marks of as many children as a word has bits.
pub(super) struct Word {
    pub(super) queued: AtomicUsize,
    /// Bits that the owner has taken and is about to clear. The owner's alone.
    taken: UnsafeCell<usize>,
    /// While `taken` is not zero, the next such word. The owner's alone.
    behind: UnsafeCell<*const Word>,
}

/// Where the parts lie in a block of a given capacity.
pub(super) struct Plan {
    pub(super) layout: Layout,
    words: usize,
    pub(super) slots: usize,
}

pub(super) const CHILDREN: usize = size_of::<Block>().next_multiple_of(align_of::<Child>());

impl Plan {
    #[inline(always)]
    pub(super) fn new<S>(capacity: usize) -> Self {
        Self::checked::<S>(capacity).filter(|_| capacity <= MOST).expect("too many futures for one block")
    }

    #[inline]
    fn checked<S>(capacity: usize) -> Option<Self> {
        let (layout, children) = Layout::new::<Block>().extend(Layout::array::<Child>(capacity).ok()?).ok()?;
        debug_assert_eq!(children, CHILDREN);
        let (layout, words) = layout.extend(Layout::array::<Word>(words(capacity)).ok()?).ok()?;
        let (layout, slots) = layout.extend(Layout::array::<S>(capacity).ok()?).ok()?;
        Some(Self { layout: layout.pad_to_align(), words, slots })
    }

    /// Writes the header of `len` children into fresh memory; the slots are left alone.
    ///
    /// # Safety
    ///
    /// `memory` was allocated with `self.layout`, whose capacity is at least `len`.
    #[inline(always)]
    pub(super) unsafe fn write(&self, memory: NonNull<u8>, len: usize) -> NonNull<Block> {
        let block = memory.cast::<Block>();
        // SAFETY: the plan places these parts inside the allocation, apart from each other and aligned.
        unsafe {
            let words = memory.add(self.words).cast::<Word>();
            block.write(Block {
                refs: AtomicUsize::new(1),
                head: AtomicU32::new(EMPTY),
                parent_free: AtomicBool::new(true),
                parent: UnsafeCell::new((ptr::null(), ptr::null())),
                words,
                len,
                layout: self.layout,
            });
            let children = memory.add(CHILDREN).cast::<Child>();
            for index in 0..len {
                children.add(index).write(Child {
                    mark: index as u32 + FIRST,
                    next: UnsafeCell::new(EMPTY),
                    order: UnsafeCell::new(APART),
                    state: AtomicU32::new(LIVE),
                });
            }
            for word in 0..self::words(len) {
                words.add(word).write(Word {
                    queued: AtomicUsize::new(0),
                    taken: UnsafeCell::new(0),
                    behind: UnsafeCell::new(ptr::null()),
                });
            }
        }
        block
    }
}

/// The child of that mark, derived from the block's own pointer.
///
/// # Safety
///
/// `block` is alive and the mark is one of its children's.
#[inline(always)]
pub(super) unsafe fn child(block: NonNull<Block>, mark: u32) -> NonNull<Child> {
    // SAFETY: the block is alive.
    let len = unsafe { block.as_ref().len };
    debug_assert!((FIRST as usize..FIRST as usize + len).contains(&(mark as usize)), "no such child");
    // SAFETY: the children lie at this offset of the same allocation.
    unsafe { block.byte_add(CHILDREN).cast::<Child>().add(mark as usize - FIRST as usize) }
}

/// What `Block::turn` found.
pub(super) struct Turn {
    /// The stack of queued children, now the owner's.
    pub(super) woken: u32,
    /// The waker could not be stored: wake it.
    pub(super) again: bool,
    /// The waker of an earlier poll, to be dropped last.
    pub(super) replaced: Option<Waker>,
}

// The owner's operations. All of them: only the one owner may call, never two at a time.
impl Block {
    /// Leaves `waker` for the first child that is woken from now on, and takes those that were before.
    #[inline]
    pub(super) fn turn(&self, waker: &Waker) -> Turn {
        let mut replaced = None;
        // ORDERING: Relaxed, `ARMED` was written by the owner itself, and then so was `parent`.
        if self.head.load(Ordering::Relaxed) == ARMED {
            if self.is_parent(waker) {
                return Turn { woken: EMPTY, again: false, replaced };
            }
            replaced = self.disarm(EMPTY);
        }
        // ORDERING: Acquire, after the last taker's read of `parent` that its Release store of true follows.
        if !self.parent_free.load(Ordering::Acquire) {
            // The one who took the last waker has not read it yet. Without a
            // place for the new one nobody could wake the owner: it wakes itself.
            // ORDERING: Acquire, pairs with the pushes' Release: their `next` and what the wakers had done.
            let woken = self.head.swap(EMPTY, Ordering::Acquire);
            return Turn { woken, again: true, replaced };
        }
        let fresh = core::mem::ManuallyDrop::new(waker.clone());
        self.parent.with_mut(|parent| {
            // SAFETY: invariant 1: it is free, `head` is not `ARMED`, and only the owner arms.
            unsafe { *parent = (fresh.data(), fresh.vtable()) }
        });
        // ORDERING: Relaxed, the swap below publishes it to the next taker, the only other one to write it.
        self.parent_free.store(false, Ordering::Relaxed);
        // ORDERING: AcqRel, Release shows `parent` to the taker, Acquire pairs with the pushes' Release.
        let woken = self.head.swap(ARMED, Ordering::AcqRel);
        Turn { woken, again: false, replaced }
    }

    /// Whether `waker` is what was left last. A waker may take the contents meanwhile: it only reads them, as this does.
    fn is_parent(&self, waker: &Waker) -> bool {
        let (data, vtable) = self.parent.with(|parent| {
            // SAFETY: invariant 1: nobody but the owner writes it.
            unsafe { *parent }
        });
        data == waker.data() && ptr::eq(vtable, waker.vtable())
    }

    /// Takes the waker back if no child has taken it, and leaves `head` as `to` in that case.
    pub(super) fn disarm(&self, to: u32) -> Option<Waker> {
        // ORDERING: Relaxed, it gives nothing away and what it takes is the owner's own.
        let ours = self.head.compare_exchange(ARMED, to, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        ours.then(|| {
            // ORDERING: Relaxed, only the owner looks at it until it arms again.
            self.parent_free.store(true, Ordering::Relaxed);
            // SAFETY: invariant 1: this call moved `head` from `ARMED`.
            unsafe { self.take_parent() }
        })
    }

    /// No child is queued any more, nor wakes anybody. Gives the waker that was left.
    pub(super) fn close(&self) -> Option<Waker> {
        // ORDERING: Relaxed, what is on the stack is forgotten and `parent` is the owner's own.
        let last = self.head.swap(CLOSED, Ordering::Relaxed);
        // SAFETY: invariant 1: this call moved `head` from `ARMED`.
        (last == ARMED).then(|| unsafe { self.take_parent() })
    }

    /// # Safety
    ///
    /// The caller moved `head` from `ARMED`, and calls this once.
    pub(super) unsafe fn take_parent(&self) -> Waker {
        self.parent.with(|parent| {
            // SAFETY: invariant 1: a waker that `turn` cloned stands there, and it is the caller's.
            unsafe {
                let (data, vtable) = *parent;
                Waker::new(data, &*vtable)
            }
        })
    }

    /// Puts the children of a stack that `turn` gave behind the batch, the oldest
    /// first, except those that are in it already, and lets all be queued again.
    ///
    /// A child of the batch that is woken once more before it is polled is polled once more in the next turn.
    ///
    /// # Safety
    ///
    /// `woken` is not `EMPTY`, and this is the first call for it.
    #[inline(always)]
    pub(super) unsafe fn enqueue(this: NonNull<Self>, woken: u32, batch: &mut Batch) {
        // SAFETY: as in `enqueue_all`; of an empty batch no child is in it.
        unsafe {
            let child = child(this, woken).as_ref();
            if batch.front == LAST && child.next.with(|next| *next) == EMPTY {
                // One child, the usual case.
                child.order.with_mut(|order| *order = LAST);
                (batch.front, batch.back) = (woken, woken);
                // ORDERING: AcqRel, as in `enqueue_all`.
                this.as_ref().word(woken).queued.fetch_and(!bit(woken), Ordering::AcqRel);
            } else {
                Self::enqueue_all(this, woken, batch);
            }
        }
    }

    /// # Safety
    ///
    /// As for `enqueue`.
    unsafe fn enqueue_all(this: NonNull<Self>, mut woken: u32, batch: &mut Batch) {
        let (mut front, mut back) = (LAST, LAST);
        let mut touched: *const Word = ptr::null();
        // SAFETY: the marks are children's; invariant 2: their `next` is the owner's now; the rest is its alone.
        unsafe {
            while woken != EMPTY {
                let mark = woken;
                let child = child(this, mark).as_ref();
                woken = child.next.with(|next| *next);
                let word = this.as_ref().word(mark);
                word.taken.with_mut(|taken| {
                    if *taken == 0 {
                        word.behind.with_mut(|behind| *behind = touched);
                        touched = word;
                    }
                    *taken |= bit(mark);
                });
                child.order.with_mut(|order| {
                    if *order == APART {
                        *order = front;
                        if front == LAST {
                            back = mark;
                        }
                        front = mark;
                    }
                });
            }
            while let Some(word) = touched.as_ref() {
                touched = word.behind.with(|behind| *behind);
                let taken = word.taken.with_mut(|taken| core::mem::take(&mut *taken));
                // ORDERING: AcqRel, Acquire sees what those did who found the bit set, Release hands `next` back.
                word.queued.fetch_and(!taken, Ordering::AcqRel);
            }
            if front != LAST {
                if batch.front == LAST {
                    batch.front = front;
                } else {
                    child(this, batch.back).as_ref().order.with_mut(|order| *order = front);
                }
                batch.back = back;
            }
        }
    }

    /// # Safety
    ///
    /// The mark is a child's.
    #[inline(always)]
    pub(super) unsafe fn word(&self, mark: u32) -> &Word {
        // SAFETY: there is a word for every `BITS` marks, from zero on.
        unsafe { self.words.add(mark as usize / BITS).as_ref() }
    }

    /// Gives one reference back; the last one frees the block.
    ///
    /// # Safety
    ///
    /// The caller's reference is not used again. The owner has emptied the slots before.
    #[inline(always)]
    pub(super) unsafe fn release(this: NonNull<Self>) {
        // SAFETY: the caller's reference keeps it alive up to here.
        let refs = unsafe { &this.as_ref().refs };
        // ORDERING: AcqRel, Release lets the last one free after this use, Acquire is that of the last one.
        if refs.fetch_sub(1, Ordering::AcqRel) == 1 {
            // SAFETY: nobody else has a reference.
            unsafe { Self::free(this) }
        }
    }

    #[cold]
    unsafe fn free(this: NonNull<Self>) {
        // SAFETY: the caller was the last; these parts were written by `Plan::write`.
        unsafe {
            let (words, len, layout) = {
                let block = this.as_ref();
                // Nobody reads it any more, which a model can check here.
                block.parent.with_mut(|_| ());
                (block.words, block.len, block.layout)
            };
            ptr::slice_from_raw_parts_mut(child(this, FIRST).as_ptr(), len).drop_in_place();
            ptr::slice_from_raw_parts_mut(words.as_ptr(), self::words(len)).drop_in_place();
            this.drop_in_place();
            dealloc(this.as_ptr().cast(), layout);
        }
    }
}

/// Words for so many children: bits are counted by marks, so the first few are spare.
fn words(children: usize) -> usize {
    (children + FIRST as usize).div_ceil(BITS)
}

/// The bit of a child in its word.
#[inline(always)]
pub(super) fn bit(mark: u32) -> usize {
    1 << (mark as usize % BITS)
}
