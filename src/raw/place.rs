//! A claimed slot: arm, remove, disarm. The invariants (1) to (5) stand in
//! `registry.rs`.

use super::registry::{BEHIND, NoSlot, Registry, Shape};
use super::slot::{Kind, Payload, Slot, order};
use super::word::{self, CLOSED};
use crate::shim::atomic::{AtomicUsize, Ordering};
use core::marker::PhantomData;
use core::ptr::NonNull;

#[cfg(feature = "alloc")]
use super::group;
#[cfg(not(feature = "alloc"))]
use super::no_group as group;

/// A claimed slot: its word, and where its claim bit stands there. Two words, as a result with [`NoSlot`] too.
#[derive(Debug)]
pub(crate) struct Place<S> {
    word: NonNull<AtomicUsize>,
    /// The claim bit's position, with `IN_GROUP` if the word lies in one; zero: no place.
    key: usize,
    shape: PhantomData<S>,
}

const IN_GROUP: usize = 1 << 8;
/// In a line: the entry has a number.
const NUMBERED: usize = 1 << 9;

impl<S> Clone for Place<S> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<S> Copy for Place<S> {}

impl<S: Shape> Place<S> {
    /// No place at all.
    pub(crate) const NONE: Self = Self { word: NonNull::dangling(), key: 0, shape: PhantomData };

    #[inline(always)]
    pub(super) const fn new(word: NonNull<AtomicUsize>, position: usize, in_group: bool) -> Self {
        Self { word, key: position | if in_group { IN_GROUP } else { 0 }, shape: PhantomData }
    }

    /// Where the claim bit stands.
    #[inline(always)]
    fn position(self) -> u8 {
        self.key as u8
    }

    #[inline(always)]
    pub(super) fn is_in_group(self) -> bool {
        self.key & IN_GROUP != 0
    }

    /// The place of an entry that has a number.
    #[inline(always)]
    pub(super) fn numbered(self) -> Self {
        Self { key: self.key | NUMBERED, ..self }
    }

    #[inline(always)]
    pub(super) fn is_numbered(self) -> bool {
        self.key & NUMBERED != 0
    }

    /// Makes it none.
    #[inline(always)]
    pub(super) fn clear(&mut self) {
        self.key = 0;
    }

    #[inline(always)]
    pub(crate) fn is_none(self) -> bool {
        self.key == 0
    }

    #[inline(always)]
    pub(super) fn slot_index(self) -> usize {
        word::index(self.position().into())
    }

    /// An address and a number that no other claimed place has.
    pub(crate) fn id(self) -> (*const (), u8) {
        (self.word.as_ptr().cast_const().cast(), self.position())
    }

    /// Word and key, which fits into 16 bits.
    #[inline(always)]
    pub(super) fn parts(self) -> (NonNull<AtomicUsize>, u16) {
        (self.word, self.key as u16)
    }

    /// The place that [`Place::parts`] took apart.
    #[inline(always)]
    pub(super) fn of_parts(word: NonNull<AtomicUsize>, key: usize) -> Self {
        Self { word, key, shape: PhantomData }
    }

    #[inline(always)]
    pub(super) fn claim_bit(self) -> usize {
        1 << self.position()
    }

    #[inline(always)]
    pub(super) fn arm_bit(self) -> usize {
        2 << self.position()
    }

    /// Clears the arm bit, for whoever runs the callback. True: it was set.
    ///
    /// # Safety
    ///
    /// An ordered entry that the caller's seal took.
    #[inline(always)]
    pub(super) unsafe fn start(self) -> bool {
        // In this form it is one instruction on some machines.
        let arm = 1 << (self.position() + 1);
        // ORDERING: Release lets who waits write after the caller has read the payload; the seal's Acquire has made that visible.
        // SAFETY: (5).
        unsafe { self.word() }.fetch_and(!arm, Ordering::Release) & arm != 0
    }

    /// All bits of an ordered entry that is armed.
    #[inline(always)]
    pub(super) fn ordered_bits(self) -> usize {
        self.arm_bit() | word::claims(self.position().into(), S::ORDERED)
    }

    /// # Safety
    ///
    /// The registry lives (5), as for everything below.
    #[inline(always)]
    pub(super) unsafe fn word<'a>(self) -> &'a AtomicUsize {
        // SAFETY: the word lies in the registry or in one of its groups.
        unsafe { self.word.as_ref() }
    }

    /// From the word to the slot at `position`.
    #[inline(always)]
    fn distance(position: u8) -> usize {
        BEHIND + word::offset(position.into(), S::STRIDE * size_of::<Slot>())
    }

    /// # Safety
    ///
    /// See [`Place::word`].
    #[inline(always)]
    pub(super) unsafe fn slot(self) -> *const Slot {
        // SAFETY: the slots of a word lie behind it.
        unsafe { self.word.as_ptr().cast_const().byte_add(Self::distance(self.position())).cast() }
    }

    /// The place of an ordered entry, from its first slot.
    ///
    /// # Safety
    ///
    /// The caller took the entry that stands at `slot`.
    #[inline(always)]
    pub(super) unsafe fn of_slot(slot: *const Slot) -> Self {
        // SAFETY: `write_ordered` noted where the slot lies.
        unsafe {
            let key = order::key(slot);
            let word = slot.byte_sub(Self::distance(key as u8)).cast_mut().cast();
            Self::of_parts(NonNull::new_unchecked(word), key)
        }
    }

    /// The registry that it belongs to.
    ///
    /// # Safety
    ///
    /// See [`Place::word`].
    pub(super) unsafe fn registry(self) -> *const Registry {
        if self.is_in_group() {
            // SAFETY: a group knows whose it is.
            unsafe { group::owner(self.word) }
        } else {
            self.word.as_ptr().cast_const().cast()
        }
    }

    /// Writes a payload that has no order.
    ///
    /// # Safety
    ///
    /// Claimed by the caller, not armed.
    #[inline(always)]
    pub(crate) unsafe fn write(self, payload: Payload) {
        // SAFETY: (1).
        unsafe { (*self.slot()).write(payload) };
    }

    /// Writes a payload with its number.
    ///
    /// # Safety
    ///
    /// Claimed by the caller as an ordered entry, not armed.
    #[inline(always)]
    pub(crate) unsafe fn write_ordered(self, payload: Payload, number: u32) {
        // SAFETY: (1), for all slots of the entry.
        unsafe {
            order::write(self.slot(), number, self.key);
            (*self.slot()).write(payload);
        }
    }

    /// Makes the payload count. `Err`: the word was closed meanwhile and the payload is still the caller's.
    ///
    /// # Safety
    ///
    /// Claimed by the caller, written, not armed.
    #[inline(always)]
    pub(crate) unsafe fn arm(self) -> Result<(), NoSlot> {
        // ORDERING: Release publishes the payload to the firer's seal; Acquire, on a closed word, lets the caller read the reason.
        // SAFETY: (5).
        let old = unsafe { self.word() }.fetch_add(self.arm_bit(), Ordering::AcqRel);
        if old & CLOSED == 0 { Ok(()) } else { Err(NoSlot::closed(old)) }
    }

    /// Takes the arm back, so that the payload can be replaced. `Err`: the firer has it.
    ///
    /// # Safety
    ///
    /// An armed waker of the caller's.
    #[inline(always)]
    pub(crate) unsafe fn disarm(self) -> Result<(), NoSlot> {
        // ORDERING: Acquire, on a closed word, lets the caller read the reason; on an open one the payload is the caller's own.
        // SAFETY: (5).
        let old = unsafe { self.word() }.fetch_sub(self.arm_bit(), Ordering::Acquire);
        if old & CLOSED == 0 { Ok(()) } else { Err(NoSlot::closed(old)) }
    }

    /// Gives back a slot that was claimed and never armed.
    ///
    /// # Safety
    ///
    /// Claimed by the caller for a waker, neither written nor armed; given up.
    pub(crate) unsafe fn unclaim(self) {
        // SAFETY: (5).
        unsafe {
            // ORDERING: the slot was not touched, and as an RMW this hands on the removal before the claim.
            let old = self.word().fetch_sub(self.claim_bit(), Ordering::Relaxed);
            self.has_room(old);
        }
    }

    /// Removes a waker or link. `Some`: it was still registered and the payload is the caller's.
    ///
    /// # Safety
    ///
    /// An armed waker or link of the caller's, which gives the place up.
    #[inline(always)]
    pub(crate) unsafe fn remove(self) -> Option<Payload> {
        // SAFETY: (2): the entry is the caller's, so nobody writes; a copy that does not count is forgotten.
        let payload = unsafe { (*self.slot()).read() };
        // ORDERING: Release lets the next claimer of the slot write after this copy was read.
        // SAFETY: (5).
        let old = unsafe { self.word() }.fetch_sub(self.arm_bit() | self.claim_bit(), Ordering::Release);
        if old & CLOSED != 0 {
            return None;
        }
        // SAFETY: (5).
        unsafe { self.has_room(old) };
        Some(payload)
    }

    /// Removes an ordered entry. `Some`: the payload is the caller's. `None`: it runs, or it is over.
    ///
    /// # Safety
    ///
    /// An ordered entry of the caller's, which gives the place up if it gets the payload.
    #[inline(always)]
    pub(crate) unsafe fn remove_ordered(self) -> Option<Payload> {
        // SAFETY: (2), as in `remove`.
        let payload = unsafe { (*self.slot()).read() };
        // SAFETY: (5).
        let word = unsafe { self.word() };
        // ORDERING: a guess, which the exchange below checks.
        let mut old = word.load(Ordering::Relaxed);
        while old & CLOSED == 0 {
            // ORDERING: Release lets the next claimer of the slots write after this copy was read.
            match word.compare_exchange(old, old & !self.ordered_bits(), Ordering::Release, Ordering::Relaxed) {
                Ok(_) => {
                    // A callback alone fills a head, which has nobody to tell: that is asked first.
                    if self.is_in_group() {
                        // SAFETY: (5).
                        unsafe { self.has_room(old) };
                    }
                    return Some(payload);
                }
                Err(now) => old = now,
            }
        }
        // SAFETY: the caller's.
        unsafe { self.remove_from_closed(payload) }.then_some(payload)
    }

    /// Removes an ordered entry from a closed word. False: it runs, or it is over.
    ///
    /// # Safety
    ///
    /// As for [`Place::remove_ordered`]; the payload is a copy.
    #[cold]
    #[inline(never)]
    pub(super) unsafe fn remove_from_closed(self, payload: Payload) -> bool {
        if payload.kind() == Kind::Waker {
            // It has started, and its owner waits for the end; see `run.rs`.
            return false;
        }
        // SAFETY: (5).
        let word = unsafe { self.word() };
        // ORDERING: a guess, which the exchange below checks.
        let mut old = word.load(Ordering::Relaxed);
        while old & self.arm_bit() != 0 {
            // ORDERING: only who is first matters: nobody claims slots of a closed word, and the payload is the caller's own.
            match word.compare_exchange(old, old & !self.ordered_bits(), Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return true,
                Err(now) => old = now,
            }
        }
        false
    }

    /// True while an ordered entry that nobody removed is being run.
    ///
    /// # Safety
    ///
    /// An ordered entry of the caller's that has been taken by the firer.
    pub(crate) unsafe fn is_running(self) -> bool {
        // ORDERING: Acquire makes what the callback did visible to whoever reads that it is over.
        // SAFETY: (5).
        unsafe { self.word() }.load(Ordering::Acquire) & self.claim_bit() != 0
    }

    /// A slot of this word came free, which was `old` before.
    ///
    /// # Safety
    ///
    /// See [`Place::word`].
    #[inline(always)]
    pub(super) unsafe fn has_room(self, old: usize) {
        if word::is_full(old) {
            // SAFETY: the caller's.
            unsafe { self.is_not_full() };
        }
    }

    /// Tells a group that a slot of a full word came free.
    #[cold]
    #[inline(never)]
    unsafe fn is_not_full(self) {
        if self.is_in_group() {
            // SAFETY: the caller's.
            unsafe { group::has_room(self.word) };
        }
    }
}
