//! A one-shot broadcast registry: its head, and how slots of the head word and
//! of the groups behind it are claimed. What becomes of a claimed one knows
//! [`Place`].
//!
//! Entries come and go from any thread and from interrupts; one seal takes all
//! that is armed at that moment. The race that looks fatal and is not: the
//! firer seals between a claim and its arm. The arm is an RMW on the same word,
//! so it returns the seal, and the payload goes back to the registrant.
//!
//! 1. A slot that is claimed and not armed belongs to its claimer.
//! 2. An armed slot is read by anybody who may own it and written by nobody.
//! 3. Wakers and links: what a seal found armed belongs to the firer, whatever
//!    happens to the bits afterwards; what `remove` found on an open word
//!    belongs to the remover.
//! 4. Ordered entries: whoever clears the arm bit owns the payload, before and
//!    after the seal.
//! 5. A registry outlives every place in it (its node keeps it).

pub(crate) use super::place::Place;
pub(crate) use super::shape::{Heap, Shape, Wanted};
use super::word::{self, CLOSED};
use crate::shim::atomic::{AtomicPtr, AtomicU32, AtomicUsize, Ordering};
use crate::shim::cell::UnsafeCell;
use core::ptr::NonNull;

#[cfg(feature = "alloc")]
use super::group::{self, Group};
#[cfg(not(feature = "alloc"))]
use super::no_group::{self as group, Group};

/// Head of a registry; its slots follow it in memory.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Registry {
    pub(super) word: AtomicUsize,
    /// Null, the first group, or the end mark.
    pub(super) next: AtomicPtr<Group>,
    /// The next number of an ordered entry; wraps.
    pub(super) numbers: AtomicU32,
    /// The wakers that the seal took from the head, as arm bits: a head has no slots beyond 32 bits. The firer's.
    pub(super) taken: UnsafeCell<u32>,
}

/// From a word to its first slot: the same in the head and in the groups, so that nobody has to ask.
pub(super) const BEHIND: usize = size_of::<Registry>();

/// Why there is no slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoSlot {
    /// The word has fired.
    Sealed,
    /// The word can never fire.
    Never,
    /// All slots are taken, and the caller did not want growth, or there is none.
    Full,
}

impl NoSlot {
    #[inline(always)]
    pub(super) fn closed(word: usize) -> Self {
        if word & word::SEAL != 0 { Self::Sealed } else { Self::Never }
    }
}

/// Claims slots of one word, whose claim bits are `claims`: where the first one's stands. `Ok(None)`: it has no room.
#[inline(always)]
pub(super) fn claim_in(word: &AtomicUsize, claims: usize, wanted: Wanted) -> Result<Option<usize>, NoSlot> {
    // ORDERING: Acquire, for a closed word: what happened before the seal is visible to whoever runs its callback at once.
    let mut old = word.load(Ordering::Acquire);
    loop {
        if old & CLOSED != 0 {
            return Err(NoSlot::closed(old));
        }
        let Some(position) = word::first_free(old, claims, wanted.span.into()) else { return Ok(None) };
        let new = old | word::claims(position, wanted.span.into()) | wanted.mark();
        // ORDERING: Acquire, with the Release of whoever removed the slot's last entry: its copy was read before we write.
        match word.compare_exchange(old, new, Ordering::Acquire, Ordering::Acquire) {
            Ok(_) => return Ok(Some(position)),
            Err(now) => old = now,
        }
    }
}

impl Registry {
    /// A registry whose `places` slots follow it.
    pub(crate) fn new(places: usize) -> Self {
        Self::with(word::empty(places))
    }

    /// A registry whose head begins like this.
    #[cfg(not(loom))]
    pub(super) const fn with(word: usize) -> Self {
        Self {
            word: AtomicUsize::new(word),
            next: AtomicPtr::new(core::ptr::null_mut()),
            numbers: AtomicU32::new(0),
            taken: UnsafeCell::new(0),
        }
    }

    /// A registry whose head begins like this; loom's atomics are not const.
    #[cfg(loom)]
    pub(super) fn with(word: usize) -> Self {
        Self {
            word: AtomicUsize::new(word),
            next: AtomicPtr::new(core::ptr::null_mut()),
            numbers: AtomicU32::new(0),
            taken: UnsafeCell::new(0),
        }
    }

    /// The word, for a caller who goes on to read what was written before the seal.
    #[inline(always)]
    pub(crate) fn state(&self) -> usize {
        // ORDERING: Acquire, with the seal's Release: whoever sees the flag sees the reason.
        self.word.load(Ordering::Acquire)
    }

    /// A number for an ordered entry.
    #[inline(always)]
    pub(crate) fn number(&self) -> u32 {
        // ORDERING: numbers only have to differ, and to grow along whatever orders two registrations already.
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// Claims slots, in the head if it has room, else in a group.
    ///
    /// The head is read first, whichever group a hint proposes, so that whoever has seen the flag gets no slot.
    ///
    /// # Safety
    ///
    /// `this` came from a pointer to the whole node, and lives.
    #[inline(always)]
    pub(crate) unsafe fn claim(this: *const Self, wanted: Wanted) -> Result<Place<Heap>, NoSlot> {
        // SAFETY: the caller's.
        unsafe {
            match Self::claim_at_once(this, wanted)? {
                Some(place) => Ok(place),
                None => group::search(this, wanted),
            }
        }
    }

    /// The first half of [`Registry::claim`], for a caller that leaves the second to [`group::search`] as its last step:
    /// looks in the head, then where a group's hint says.
    ///
    /// # Safety
    ///
    /// As above.
    #[inline(always)]
    pub(super) unsafe fn claim_at_once(this: *const Self, wanted: Wanted) -> Result<Option<Place<Heap>>, NoSlot> {
        // SAFETY: alive; the caller says so.
        unsafe {
            match claim_in(&(*this).word, word::HEAD_CLAIMS, wanted)? {
                Some(position) => Ok(Some(Place::new(NonNull::new_unchecked(this.cast_mut().cast()), position, false))),
                None => group::claim_at_hint(this, wanted),
            }
        }
    }

    /// How many entries are armed; racy, zero once the word is closed.
    #[inline]
    pub(crate) fn listeners(&self) -> usize {
        let word = self.state();
        if word & CLOSED != 0 { 0 } else { word::listeners(word & !word::NOTES) + group::listeners(self) }
    }
}
