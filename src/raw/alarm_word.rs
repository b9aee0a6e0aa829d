//! A timer queue's word: a lock that nobody waits for, and the list of entries
//! that the next holder has to look at.
//!
//! | bits | meaning | left by |
//! |---|---|---|
//! | empty | nothing listed, no holder | `try_lock`, `push` |
//! | address | entries listed, no holder | `try_lock` (takes them), `push` |
//! | `LOCKED` | a holder works | `unlock`, `push` |
//! | address + `LOCKED` | a holder works and will look at these before it leaves | `unlock` (takes them), `push` |
//! | `CLOSED` | the queue is gone, alarms remain | never |
//!
//! Who finds the lock taken lists an entry and goes on: the holder's `unlock`
//! is a compare-exchange from `LOCKED` alone, so it fails and takes the list.
//! This compare is what keeps a late entry from being stranded; a plain store
//! would lose it. The list is pushed by one and taken as a whole: that the same
//! entry is on top again says that `next` is right again, so there is no ABA.

use core::fmt;
use core::ptr::{self, NonNull};

use super::alarm_entry::Entry;
use crate::shim::atomic::{AtomicPtr, Ordering};

const LOCKED: usize = 1;
const CLOSED: usize = 2;

/// Entries taken off the word; they belong to the lock holder.
#[derive(Debug)]
pub(super) struct List(*mut Entry);

impl List {
    /// Takes the newest entry off.
    pub(super) fn pop(&mut self) -> Option<NonNull<Entry>> {
        let entry = NonNull::new(self.0)?;
        // SAFETY: the list and its entries are ours: they were taken by a swap
        // or compare-exchange that acquired what the pushers had written.
        self.0 = unsafe { entry.as_ref().next() };
        Some(entry)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_null()
    }

    pub(super) fn empty() -> Self {
        Self(ptr::null_mut())
    }

    /// Puts an entry on top. It is the caller's, as the list is.
    pub(super) fn push(&mut self, entry: NonNull<Entry>) {
        // SAFETY: as the caller says.
        unsafe { entry.as_ref().set_next(self.0) };
        self.0 = entry.as_ptr();
    }
}

/// The word, at the head of every queue's shared block.
pub(super) struct AlarmWord {
    head: AtomicPtr<Entry>,
    /// Called instead of listing an entry when the queue is closed.
    orphan: unsafe fn(NonNull<AlarmWord>, NonNull<Entry>),
}

impl fmt::Debug for AlarmWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AlarmWord")
    }
}

fn tagged(entry: *mut Entry, tag: usize) -> *mut Entry {
    entry.map_addr(|a| a | tag)
}

fn only(tag: usize) -> *mut Entry {
    tagged(ptr::null_mut(), tag)
}

impl AlarmWord {
    #[cfg(not(loom))]
    pub(super) const fn new(orphan: unsafe fn(NonNull<AlarmWord>, NonNull<Entry>)) -> Self {
        Self { head: AtomicPtr::new(ptr::null_mut()), orphan }
    }

    #[cfg(loom)]
    pub(super) fn new(orphan: unsafe fn(NonNull<AlarmWord>, NonNull<Entry>)) -> Self {
        Self { head: AtomicPtr::new(ptr::null_mut()), orphan }
    }

    /// Takes the lock and the list, or says that another context is inside.
    #[inline]
    pub(super) fn try_lock(&self) -> Option<List> {
        // ORDERING: a hint; the exchange decides.
        let mut head = self.head.load(Ordering::Relaxed);
        loop {
            if head.addr() & LOCKED != 0 {
                return None;
            }
            // ORDERING: Acquire takes over what the last holder and those who
            // listed entries wrote.
            match self.head.compare_exchange(head, only(LOCKED), Ordering::Acquire, Ordering::Relaxed) {
                Ok(list) => return Some(List(list)),
                Err(now) => head = now,
            }
        }
    }

    /// Takes the lock and the list where nobody else can hold it.
    pub(super) fn lock_alone(&self) -> List {
        // ORDERING: Acquire takes over what those who listed entries wrote; the
        // last holder's work comes with the ownership of the queue.
        untagged(self.head.swap(only(LOCKED), Ordering::Acquire))
    }

    /// Leaves, or hands out what was listed meanwhile and stays locked.
    #[inline]
    pub(super) fn unlock(&self) -> Result<(), List> {
        // ORDERING: Release hands the queue to the next holder.
        match self.head.compare_exchange(only(LOCKED), ptr::null_mut(), Ordering::Release, Ordering::Relaxed) {
            Ok(_) => Ok(()),
            // ORDERING: Acquire takes over what those who listed entries wrote.
            Err(_) => Err(untagged(self.head.swap(only(LOCKED), Ordering::Acquire))),
        }
    }

    /// Lists an entry whose alarm is gone, or lets go of it if the queue is.
    ///
    /// # Safety
    ///
    /// The entry belongs to this word's queue and to the caller, and is on no
    /// list. The word may be gone when this returns.
    #[inline]
    pub(super) unsafe fn push(this: NonNull<Self>, entry: NonNull<Entry>) {
        // SAFETY: the shared block lives as long as an entry is out.
        let word = unsafe { this.as_ref() };
        // ORDERING: a hint; and who finds CLOSED touches nothing but `orphans`,
        // which orders those who let go.
        let mut head = word.head.load(Ordering::Relaxed);
        loop {
            if head.addr() & CLOSED != 0 {
                // SAFETY: the queue is closed and the entry is the caller's.
                return unsafe { (word.orphan)(this, entry) };
            }
            let tag = head.addr() & LOCKED;
            // SAFETY: the entry is the caller's.
            unsafe { entry.as_ref().set_next(head.map_addr(|a| a & !LOCKED)) };
            // ORDERING: Release gives the entry to the holder that takes it.
            match word.head.compare_exchange(head, tagged(entry.as_ptr(), tag), Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return,
                Err(now) => head = now,
            }
        }
    }

    /// Lists a new entry for the holder, or takes the lock if there is none.
    ///
    /// # Safety
    ///
    /// As for [`AlarmWord::push`]; the queue is open. A listed entry may be
    /// recycled at once if its alarm goes.
    pub(super) unsafe fn push_or_lock(&self, entry: NonNull<Entry>) -> Option<List> {
        // ORDERING: a hint; the exchange decides.
        let mut head = self.head.load(Ordering::Relaxed);
        loop {
            if head.addr() & LOCKED == 0 {
                match self.try_lock() {
                    Some(list) => return Some(list),
                    // ORDERING: a hint, as above.
                    None => head = self.head.load(Ordering::Relaxed),
                }
                continue;
            }
            // SAFETY: the entry is the caller's.
            unsafe { entry.as_ref().set_next(head.map_addr(|a| a & !LOCKED)) };
            // ORDERING: Release gives the entry to the holder.
            let listed = tagged(entry.as_ptr(), LOCKED);
            match self.head.compare_exchange(head, listed, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return None,
                Err(now) => head = now,
            }
        }
    }

    /// Closes for good, handing out what was listed. The lock is held.
    pub(super) fn close(&self) -> List {
        // ORDERING: Acquire takes over what was listed; `orphans` orders the rest.
        untagged(self.head.swap(only(CLOSED), Ordering::Acquire))
    }
}

fn untagged(head: *mut Entry) -> List {
    List(head.map_addr(|a| a & !LOCKED))
}
