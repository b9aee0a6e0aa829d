//! One timer's entry: the state that decides between firing and disarming.
//!
//! | state | meaning | left by |
//! |---|---|---|
//! | `ARMED` | in the heap, its alarm lives | the lock holder (`FIRED`), the alarm (`DEAD`), closing (`CLOSED`) |
//! | `LISTED` | armed while another context held the lock; still on the list | the lock holder (`ARMED`), the alarm (`DEAD`) |
//! | `FIRED` | its waker was taken by the lock holder | the alarm (`DEAD`) |
//! | `DEAD` | its alarm is gone | the lock holder, when it recycles the entry |
//! | `FREE` | in a queue without a heap: to be had | the arming context (`LISTED`) |
//! | `CLOSED` | its queue went first and dropped the waker | the alarm (`DEAD`) |
//!
//! Invariants:
//!
//! 1. Every change of state of a filled entry is one swap. Who swaps `ARMED` or `LISTED` away
//!    from a live alarm owns the waker; only the lock holder's
//!    `LISTED` -> `ARMED` leaves it where it is.
//! 2. The waker's bits are copied before the swap that decides and forgotten
//!    after one that lost, so nobody reads an entry that might be recycled.
//! 3. The waker's bits are written only while no alarm of the entry exists.
//! 4. `position` and an unlisted `next` belong to the lock holder.

use core::mem::{ManuallyDrop, MaybeUninit};
use core::ptr::{self, NonNull};
use core::task::Waker;

use super::alarm_word::AlarmWord;
use crate::shim::atomic::{AtomicUsize, Ordering};
use crate::shim::cell::UnsafeCell;

pub(super) const ARMED: usize = 0;
pub(super) const LISTED: usize = 1;
pub(super) const FIRED: usize = 2;
pub(super) const DEAD: usize = 3;
pub(super) const CLOSED: usize = 4;
pub(super) const FREE: usize = 5;

/// The position of an entry that is not in the heap.
pub(super) const NOWHERE: usize = usize::MAX;
/// The position of an entry that its arming context could only list.
pub(super) const NEW: usize = usize::MAX - 1;

/// A timer. Its address is what an [`Alarm`](super::alarm::Alarm) holds.
#[derive(Debug)]
pub(super) struct Entry {
    /// The queue's word, where the entry goes when its alarm is gone.
    word: UnsafeCell<NonNull<AlarmWord>>,
    pub(super) state: AtomicUsize,
    next: UnsafeCell<*mut Entry>,
    position: UnsafeCell<usize>,
    deadline: UnsafeCell<u64>,
    waker: UnsafeCell<MaybeUninit<Waker>>,
    /// Allocated by itself, because the lock was taken: not kept for reuse.
    pub(super) single: bool,
}

impl Entry {
    #[cfg(not(loom))]
    pub(super) const fn new(single: bool) -> Self {
        Self {
            word: UnsafeCell::new(NonNull::dangling()),
            state: AtomicUsize::new(FREE),
            next: UnsafeCell::new(ptr::null_mut()),
            position: UnsafeCell::new(NOWHERE),
            deadline: UnsafeCell::new(0),
            waker: UnsafeCell::new(MaybeUninit::uninit()),
            single,
        }
    }

    #[cfg(loom)]
    pub(super) fn new(single: bool) -> Self {
        Self {
            word: UnsafeCell::new(NonNull::dangling()),
            state: AtomicUsize::new(FREE),
            next: UnsafeCell::new(ptr::null_mut()),
            position: UnsafeCell::new(NOWHERE),
            deadline: UnsafeCell::new(0),
            waker: UnsafeCell::new(MaybeUninit::uninit()),
            single,
        }
    }

    /// Fills a free entry, but for its state.
    ///
    /// # Safety
    ///
    /// The caller owns the entry: nobody else can reach it.
    #[inline]
    pub(super) unsafe fn fill(&self, word: NonNull<AlarmWord>, position: usize, deadline: u64, waker: Waker) {
        self.word.with_mut(|p| {
            // SAFETY: the caller owns the entry.
            unsafe { *p = word }
        });
        self.deadline.with_mut(|p| {
            // SAFETY: the caller owns the entry.
            unsafe { *p = deadline }
        });
        self.waker.with_mut(|p| {
            // SAFETY: the caller owns the entry, so no alarm exists (3); what
            // was there has been moved out.
            unsafe { (*p).write(waker) };
        });
        self.position.with_mut(|p| {
            // SAFETY: the caller owns the entry.
            unsafe { *p = position }
        });
    }

    /// The state of a filled entry that nobody can reach yet.
    #[inline]
    pub(super) fn begin(&self, state: usize) {
        // ORDERING: the unlock or push publishes it.
        self.state.store(state, Ordering::Relaxed);
    }

    /// The waker's bits, to be kept only if the swap that follows wins.
    ///
    /// # Safety
    ///
    /// The entry is filled, and its alarm lives or the lock is held.
    #[inline]
    pub(super) unsafe fn copy_waker(&self) -> MaybeUninit<Waker> {
        // SAFETY: the bits are not written now (3).
        self.waker.with(|p| unsafe { ptr::read(p) })
    }

    /// Takes the waker of an entry that was taken out of the order, if its alarm
    /// has not been quicker.
    ///
    /// # Safety
    ///
    /// The lock is held, and the entry is filled.
    pub(super) unsafe fn claim(&self, state: usize) -> Option<Waker> {
        // SAFETY: the lock is held.
        unsafe { self.set_position(NOWHERE) };
        // SAFETY: the lock is held, so the entry is not refilled.
        let bits = unsafe { self.copy_waker() };
        // ORDERING: none needed: the waker's bits came to us with the lock, and
        // the entry returns to a holder through a push.
        match self.state.swap(state, Ordering::Relaxed) {
            // SAFETY: the swap took a waker that nobody else has taken (1).
            ARMED => Some(unsafe { bits.assume_init() }),
            was => {
                debug_assert_eq!(was, DEAD, "in the heap: armed, or dead and about to be listed");
                None
            }
        }
    }

    /// Tells loom that freeing is a write: it must come after all reads.
    pub(super) fn freed(&self) {
        self.waker.with_mut(drop);
        self.next.with_mut(drop);
    }

    /// The word of the entry's queue.
    ///
    /// # Safety
    ///
    /// The entry is filled and its alarm lives.
    #[inline]
    pub(super) unsafe fn word(&self) -> NonNull<AlarmWord> {
        // SAFETY: written only while no alarm of the entry exists.
        self.word.with(|p| unsafe { *p })
    }

    /// Whether the stored waker would wake the same task.
    ///
    /// # Safety
    ///
    /// The entry is filled and its alarm lives.
    #[inline]
    pub(super) unsafe fn will_wake(&self, other: &Waker) -> bool {
        // SAFETY: as the caller says. Only the two words are compared; the
        // waker they belong to may be gone, and is not touched.
        let bits = unsafe { self.copy_waker() };
        // SAFETY: the entry is filled, so the bits are a waker's.
        ManuallyDrop::new(unsafe { bits.assume_init() }).will_wake(other)
    }

    /// # Safety
    ///
    /// The lock is held, or the caller owns the entry.
    #[inline]
    pub(super) unsafe fn position(&self) -> usize {
        // SAFETY: the field belongs to the lock holder (4).
        self.position.with(|p| unsafe { *p })
    }

    /// # Safety
    ///
    /// The lock is held, or the caller owns the entry.
    #[inline]
    pub(super) unsafe fn set_position(&self, position: usize) {
        // SAFETY: the field belongs to the lock holder (4).
        self.position.with_mut(|p| unsafe { *p = position });
    }

    /// # Safety
    ///
    /// The lock is held.
    #[inline]
    pub(super) unsafe fn deadline(&self) -> u64 {
        // SAFETY: written only before the entry was published.
        self.deadline.with(|p| unsafe { *p })
    }

    /// # Safety
    ///
    /// The caller owns the list that the entry is on.
    #[inline]
    pub(super) unsafe fn next(&self) -> *mut Entry {
        // SAFETY: the field belongs to the list's owner.
        self.next.with(|p| unsafe { *p })
    }

    /// # Safety
    ///
    /// The entry is on no list that another context can reach.
    #[inline]
    pub(super) unsafe fn set_next(&self, next: *mut Entry) {
        // SAFETY: as the caller says.
        self.next.with_mut(|p| unsafe { *p = next });
    }
}
