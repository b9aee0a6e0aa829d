//! How a source without a heap lies in memory, and its borrowed handle.

use super::super::fault::Then;
use super::super::slot::Slot;
use super::word::{self, SEAL};
use super::{fire, reset};
use crate::shim::atomic::{AtomicPtr, AtomicU32, AtomicUsize, Ordering};
use crate::shim::cell::UnsafeCell;
use core::marker::PhantomData;
use core::panic::RefUnwindSafe;
use core::ptr;

/// What all sources have, however many slots follow it.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Head {
    pub(super) word: AtomicUsize,
    /// The next number of a callback or link, which wraps; and [`RESETTING`].
    pub(super) numbers: AtomicU32,
    /// See (5).
    pub(super) taken: UnsafeCell<u32>,
    /// Null, or the parent with the tags of `link.rs`.
    pub(super) parent: AtomicPtr<Head>,
}

/// One slot.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Entry {
    pub(super) payload: Slot,
    /// Of a callback or link: they are delivered by it, highest first. Of a waiter: [`CHANGING`], or anything else.
    pub(super) number: AtomicU32,
}

/// The number in a waiter's slot while its waker is being changed: it has no arm bit, and waits all the same.
pub(super) const CHANGING: u32 = 1;

/// From one number of a callback or link to the next: none of them is [`CHANGING`].
const NEXT: u32 = 2;

/// The bit of `numbers` that is no part of a number: somebody resets the source (7).
pub(super) const RESETTING: u32 = 1;

/// A source with `N` slots.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct FixedNode<const N: usize> {
    head: Head,
    entries: [Entry; N],
}

#[cfg(target_pointer_width = "32")]
const _: () = assert!(size_of::<FixedNode<4>>() <= 64);

/// From a head to its first slot.
const BEHIND: usize = core::mem::offset_of!(FixedNode<1>, entries);

// What panics in a delivery leaves nothing half done.
impl RefUnwindSafe for Head {}
impl RefUnwindSafe for Entry {}

// SAFETY: words are atomic, and each payload belongs to one side at a time.
unsafe impl<const N: usize> Send for FixedNode<N> {}
// SAFETY: as above.
unsafe impl<const N: usize> Sync for FixedNode<N> {}

impl<const N: usize> FixedNode<N> {
    #[cfg(not(loom))]
    pub(crate) const fn new() -> Self {
        const { assert!(N >= 1 && N <= word::MOST, "a static source has 1 to 14 slots") };
        Self {
            head: Head {
                word: AtomicUsize::new(word::empty(N)),
                numbers: AtomicU32::new(0),
                taken: UnsafeCell::new(0),
                parent: AtomicPtr::new(ptr::null_mut()),
            },
            entries: [const { Entry { payload: Slot::new(), number: AtomicU32::new(0) } }; N],
        }
    }

    #[cfg(loom)]
    pub(crate) fn new() -> Self {
        assert!(N >= 1 && N <= word::MOST, "a static source has 1 to 14 slots");
        Self {
            head: Head {
                word: AtomicUsize::new(word::empty(N)),
                numbers: AtomicU32::new(0),
                taken: UnsafeCell::new(0),
                parent: AtomicPtr::new(ptr::null_mut()),
            },
            entries: core::array::from_fn(|_| Entry { payload: Slot::new(), number: AtomicU32::new(0) }),
        }
    }

    pub(crate) fn handle(&self) -> FixedHandle<'_> {
        // The pointer is made from the whole value, so that it may go on to the slots.
        FixedHandle { head: ptr::from_ref(self).cast(), life: PhantomData }
    }

    /// Makes it new. False: it is cancelled, and stays so.
    pub(crate) fn try_reset(&self) -> bool {
        // SAFETY: borrowed until this returns, and it has slots where the empty word has none claimed.
        unsafe { reset::try_reset(self.handle().head, !word::empty(N)) }
    }
}

impl Entry {
    pub(super) fn number(&self) -> u32 {
        // ORDERING: the seal that found the slot armed, or the word that shows it claimed, brought it.
        self.number.load(Ordering::Relaxed)
    }

    pub(super) fn set_number(&self, number: u32) {
        // ORDERING: published by what its owner does to the word next.
        self.number.store(number, Ordering::Relaxed);
    }
}

impl Head {
    /// The slot whose claim bit stands at `position`.
    ///
    /// # Safety
    ///
    /// `this` came from a pointer to a source that has such a slot, and lives.
    pub(super) unsafe fn entry(this: *const Self, position: usize) -> *const Entry {
        // SAFETY: the slots follow the head.
        unsafe { this.byte_add(BEHIND).cast::<Entry>().add(word::index(position)) }
    }

    /// The word, for a caller who goes on to what was written before the seal.
    pub(super) fn state(&self) -> usize {
        // ORDERING: Acquire, with the seal's Release: whoever sees the flag sees what came before it.
        self.word.load(Ordering::Acquire)
    }

    /// A number for a callback or link.
    pub(super) fn number(&self) -> u32 {
        // ORDERING: numbers only have to differ, and to grow along whatever orders two registrations already.
        self.numbers.fetch_add(NEXT, Ordering::Relaxed) & !RESETTING
    }
}

/// A borrowed source, however many slots it has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FixedHandle<'a> {
    pub(super) head: *const Head,
    life: PhantomData<&'a Head>,
}

// SAFETY: as for `FixedNode`, which it borrows.
unsafe impl Send for FixedHandle<'_> {}
// SAFETY: as above.
unsafe impl Sync for FixedHandle<'_> {}

impl FixedHandle<'_> {
    fn state(self) -> usize {
        // SAFETY: borrowed.
        unsafe { &*self.head }.state()
    }

    pub(crate) fn is_cancelled(self) -> bool {
        self.state() & SEAL != 0
    }

    pub(crate) fn is_same(self, other: Self) -> bool {
        ptr::eq(self.head, other.head)
    }

    /// Why it was cancelled: by a deadline, with its parent. `None`: it was not.
    pub(crate) fn reason(self) -> Option<(bool, bool)> {
        let word = self.state();
        (word & SEAL != 0).then_some((word & word::DEADLINE != 0, word & word::INHERITED != 0))
    }

    pub(crate) fn listeners(self) -> usize {
        let word = self.state();
        if word & SEAL != 0 { 0 } else { word::armed(word).count_ones() as usize }
    }

    /// Cancels on demand. True: this call did.
    pub(crate) fn cancel(self) -> bool {
        // SAFETY: borrowed until this returns.
        unsafe { fire::cancel(self.head, 0, Then::Resume) }
    }

    /// Cancels because a deadline has elapsed. True: this call did.
    pub(crate) fn expire(self) -> bool {
        // SAFETY: as above.
        unsafe { fire::cancel(self.head, word::DEADLINE, Then::Resume) }
    }
}
