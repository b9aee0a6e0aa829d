//! A list that many fill and one empties, and that one's waker.
//!
//! # Roles
//!
//! *Putters* are any number of threads. Each puts a number once, with the link
//! that goes with it: one exchange. The *reader* is one at a time: it takes all
//! that is there, or leaves its waker for the next number that comes.
//!
//! # The word
//!
//! | `head` | meaning | left by |
//! |---|---|---|
//! | `EMPTY` | nothing is there, the reader is not to be woken | putter: put; reader: arm, close |
//! | `ARMED` | nothing is there, `waker` holds one | putter: put, which takes the waker; reader: disarm, close |
//! | `CLOSED` | the reader is gone | never |
//! | a mark: number + `FIRST` | a stack of numbers, the last one first; the reader has been told | putter: put; reader: take |
//!
//! # Invariants
//!
//! 1. `waker` is written by the reader only, while `is_free` is true and `head`
//!    is not `ARMED`. Who moves `head` from `ARMED` owns its contents.
//! 2. A link belongs to the putter of its number until `head` names that, then
//!    to the reader.
//! 3. Only the reader takes from the stack, and only all of it, and no number
//!    comes twice: there is no ABA. A putter that finds `EMPTY` or `ARMED` again
//!    finds what the exchange needs, whatever happened in between.
//! 4. No foreign code runs between the two ends of a transition: a waker is
//!    cloned before, and woken or dropped after.
//!
//! The race that looks fatal: a putter has moved `head` from `ARMED` and has not
//! read the waker yet, while the reader, woken by somebody else, has taken all
//! and comes with a new waker. There is no place for that; so the reader wakes
//! itself, and comes again.

use crate::shim::atomic::{AtomicBool, AtomicU32, Ordering};
use crate::shim::cell::UnsafeCell;
use core::mem::{ManuallyDrop, MaybeUninit};
use core::task::Waker;

pub(super) const EMPTY: u32 = 0;
const ARMED: u32 = 1;
const CLOSED: u32 = 2;
pub(super) const FIRST: u32 = 3;

/// What stands below a number: a mark, or `EMPTY`.
pub(super) type Link = UnsafeCell<u32>;

/// What became of an attempt to wait.
pub(super) struct Armed {
    /// What has come: the mark of the last number, or `EMPTY`.
    pub(super) stack: u32,
    /// To be dropped when the rest has been put away.
    pub(super) _wakers: [Option<Waker>; 2],
}

impl Armed {
    fn new(stack: u32, wakers: [Option<Waker>; 2]) -> Self {
        Self { stack, _wakers: wakers }
    }
}

/// See the head of this file.
pub(super) struct Inbox {
    head: AtomicU32,
    is_free: AtomicBool,
    waker: UnsafeCell<MaybeUninit<Waker>>,
}

impl Inbox {
    pub(super) fn new() -> Self {
        Self {
            head: AtomicU32::new(EMPTY),
            is_free: AtomicBool::new(true),
            waker: UnsafeCell::new(MaybeUninit::uninit()),
        }
    }

    /// Puts a number. `Some`: the reader's waker, which the caller has to wake.
    ///
    /// # Safety
    ///
    /// The mark's only time here, with its own link.
    #[inline(always)]
    pub(super) unsafe fn put(&self, mark: u32, link: &Link) -> Option<Waker> {
        // SAFETY: the caller's.
        while unsafe { !self.put_silently(mark, link) } {
            link.with_mut(|below| {
                // SAFETY: (2): nobody else knows the number yet.
                unsafe { *below = EMPTY }
            });
            // ORDERING: Release shows the outcome to the reader, Acquire sees the waker.
            if self.head.compare_exchange(ARMED, mark, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
                // SAFETY: (1): moved from `ARMED` just now.
                return Some(unsafe { self.take_waker() });
            }
        }
        None
    }

    /// Puts a number, unless the reader is to be woken then. False: nothing has been done.
    ///
    /// # Safety
    ///
    /// As for [`put`](Self::put), if it is true.
    #[inline(always)]
    pub(super) unsafe fn put_silently(&self, mark: u32, link: &Link) -> bool {
        // ORDERING: a guess, which the exchange checks.
        let mut head = self.head.load(Ordering::Relaxed);
        while head != CLOSED {
            if head == ARMED {
                return false;
            }
            link.with_mut(|below| {
                // SAFETY: (2): nobody else knows the number yet.
                unsafe { *below = head }
            });
            // ORDERING: Release shows the link and the outcome to the reader. Of those below that one shows them itself.
            match self.head.compare_exchange(head, mark, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return true,
                Err(now) => head = now,
            }
        }
        true
    }

    /// # Safety
    ///
    /// The caller moved `head` from `ARMED`, and calls this once.
    #[inline(always)]
    unsafe fn take_waker(&self) -> Waker {
        // SAFETY: the caller's.
        let waker = self.waker.with(|waker| unsafe { (*waker).assume_init_read() });
        // ORDERING: Release: the reader writes the next one only after this was read.
        self.is_free.store(true, Ordering::Release);
        waker
    }

    /// Takes all that is there: the mark of the last number that came, or `EMPTY`. The reader's, as all below.
    #[inline(always)]
    pub(super) fn take(&self) -> u32 {
        // ORDERING: a guess: what comes later is found by who arms.
        if self.head.load(Ordering::Relaxed) < FIRST { EMPTY } else { self.take_stack() }
    }

    /// The same where there is something: only the reader takes.
    #[inline(always)]
    fn take_stack(&self) -> u32 {
        // ORDERING: Acquire: the links and outcomes of all that were put, each of which continued the release of those before.
        self.head.swap(EMPTY, Ordering::Acquire)
    }

    /// Leaves a waker for whatever comes next, or takes what has come.
    pub(super) fn arm(&self, waker: &Waker) -> Armed {
        let mut replaced = None;
        // ORDERING: `ARMED` is the reader's own, and so is the waker then.
        if self.head.load(Ordering::Relaxed) == ARMED {
            if self.is_left(waker) {
                return Armed::new(EMPTY, [None, None]);
            }
            replaced = self.disarm();
        }
        // ORDERING: Acquire, with the Release of who took the last waker: it has been read before the new one is written.
        if !self.is_free.load(Ordering::Acquire) {
            let stack = self.take();
            // Who has taken the last waker is yet to wake it.
            if stack == EMPTY && !self.is_left(waker) {
                waker.wake_by_ref();
            }
            return Armed::new(stack, [replaced, None]);
        }
        let fresh = ManuallyDrop::new(waker.clone());
        self.waker.with_mut(|place| {
            // SAFETY: (1): it is free, and only the reader arms. It counts once it is armed; until then `fresh` does.
            unsafe { place.write(MaybeUninit::new(core::ptr::read(&*fresh))) }
        });
        // ORDERING: the exchange publishes it to who takes the waker, the only other one to write it.
        self.is_free.store(false, Ordering::Relaxed);
        // ORDERING: Release shows the waker to who takes it. On failure there is a stack, which is taken with Acquire.
        if self.head.compare_exchange(EMPTY, ARMED, Ordering::Release, Ordering::Relaxed).is_ok() {
            return Armed::new(EMPTY, [replaced, None]);
        }
        // ORDERING: nobody looks at it who has not taken a waker, and there was none to be taken.
        self.is_free.store(true, Ordering::Relaxed);
        Armed::new(self.take_stack(), [replaced, Some(ManuallyDrop::into_inner(fresh))])
    }

    /// Whether this is the waker that was left last. A putter may read it meanwhile, as this does.
    #[inline(always)]
    fn is_left(&self, waker: &Waker) -> bool {
        // SAFETY: (1): nobody but the reader writes it; it is only compared, and lies there bitwise.
        self.waker.with(|left| unsafe { (*left).assume_init_ref() }.will_wake(waker))
    }

    /// Takes the waker back, unless a putter has.
    fn disarm(&self) -> Option<Waker> {
        // ORDERING: it gives nothing away, and what it takes is the reader's own.
        let ours = self.head.compare_exchange(ARMED, EMPTY, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        // SAFETY: (1): moved from `ARMED` just now.
        ours.then(|| unsafe { self.take_waker() })
    }

    /// The reader goes: nothing comes any more, and nobody is woken. Gives back the waker that was left.
    pub(super) fn close(&self) -> Option<Waker> {
        // ORDERING: what is on the stack is forgotten, and the waker is the reader's own.
        let last = self.head.swap(CLOSED, Ordering::Relaxed);
        // SAFETY: (1): moved from `ARMED` just now.
        (last == ARMED).then(|| unsafe { self.take_waker() })
    }
}
