//! A slot: two words, and what they hold for each kind of entry.
//!
//! | kind | first word | second word, its tag in the two low bits |
//! |---|---|---|
//! | waker | data | vtable |
//! | link | the child's link record | nothing |
//! | callback | the captured word, or the box | vtable |
//!
//! In a line (`line.rs`) a waker or callback may have a number too: its second
//! word says so.
//!
//! An ordered entry (a callback) has its number, its place and a scratch word
//! for the firer in the slots behind. The firer only reads a payload: whoever
//! removes an entry copies the payload first and learns from one RMW whether
//! the copy counts.

use super::callback::{CallbackVTable, Captured};
use super::word::SPAN;
use crate::shim::cell::UnsafeCell;
use core::mem::MaybeUninit;
use core::ptr;
use core::task::{RawWakerVTable, Waker};

type Word = *const ();

/// What the second word says about the entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Waker,
    Link,
    Callback,
}

const TAGS: usize = 3;
const LINK: usize = 1;
const CALLBACK: usize = 2;
/// In a line, which has no links: the entry has a number.
const NUMBERED: usize = 1;
// The tags lie in bits that a table's address does not have.
const _: () = assert!(align_of::<RawWakerVTable>() > TAGS && align_of::<CallbackVTable>() > TAGS);

/// The two words of an entry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Payload(Captured, Word);

impl Payload {
    /// Takes a waker apart; [`Payload::into_waker`] puts it together.
    #[inline(always)]
    pub(crate) fn waker(waker: Waker) -> Self {
        let waker = core::mem::ManuallyDrop::new(waker);
        Self(Captured::new(waker.data()), ptr::from_ref(waker.vtable()).cast())
    }

    /// # Safety
    ///
    /// The payload was made by [`Payload::waker`].
    #[inline(always)]
    pub(crate) unsafe fn is_waker(self, waker: &Waker) -> bool {
        // SAFETY: `waker` initialised the word.
        let data = unsafe { self.0.assume_init() };
        data == waker.data() && ptr::eq(self.1.cast::<RawWakerVTable>(), waker.vtable())
    }

    #[inline(always)]
    pub(crate) fn link(record: Word) -> Self {
        Self(Captured::new(record), ptr::without_provenance(LINK))
    }

    #[inline(always)]
    pub(crate) fn callback(captured: Captured, vtable: &'static CallbackVTable) -> Self {
        Self(captured, ptr::from_ref(vtable).cast::<()>().map_addr(|a| a | CALLBACK))
    }

    #[inline(always)]
    pub(crate) fn kind(self) -> Kind {
        match self.1.addr() {
            // A link has nothing but its tag.
            LINK => Kind::Link,
            word if word & TAGS == CALLBACK => Kind::Callback,
            _ => Kind::Waker,
        }
    }

    /// With the mark of an entry of a line that has a number.
    #[inline(always)]
    pub(crate) fn numbered(self) -> Self {
        Self(self.0, self.1.map_addr(|a| a | NUMBERED))
    }

    /// Without that mark: a waker or callback as any other.
    #[inline(always)]
    pub(crate) fn unnumbered(self) -> Self {
        Self(self.0, self.1.map_addr(|a| a & !NUMBERED))
    }

    /// For entries of a line.
    #[inline(always)]
    pub(crate) fn is_numbered(self) -> bool {
        self.1.addr() & NUMBERED != 0
    }

    /// A callback's captured word.
    #[inline(always)]
    pub(crate) fn captured(self) -> Captured {
        self.0
    }

    /// # Safety
    ///
    /// The payload was made by [`Payload::link`].
    #[inline(always)]
    pub(crate) unsafe fn record(self) -> Word {
        // SAFETY: `link` initialised the word.
        unsafe { self.0.assume_init() }
    }

    /// # Safety
    ///
    /// The payload was made by [`Payload::waker`], and this is its only copy that counts.
    #[inline(always)]
    pub(crate) unsafe fn into_waker(self) -> Waker {
        // SAFETY: the caller says that both words came from one waker, which nobody else will use.
        unsafe { Waker::new(self.0.assume_init(), &*self.1.cast::<RawWakerVTable>()) }
    }

    /// # Safety
    ///
    /// The payload was made by [`Payload::callback`].
    #[inline(always)]
    pub(crate) unsafe fn vtable(self) -> &'static CallbackVTable {
        // SAFETY: `callback` stored a `&'static CallbackVTable` here, with a tag that is taken off again.
        unsafe { &*self.1.byte_sub(CALLBACK).cast::<CallbackVTable>() }
    }
}

/// One slot.
#[derive(Debug)]
pub(crate) struct Slot(UnsafeCell<MaybeUninit<Payload>>);

impl Slot {
    #[cfg(not(loom))]
    pub(crate) const fn new() -> Self {
        Self(UnsafeCell::new(MaybeUninit::uninit()))
    }

    #[cfg(loom)]
    pub(crate) fn new() -> Self {
        Self(UnsafeCell::new(MaybeUninit::uninit()))
    }

    /// # Safety
    ///
    /// The caller claimed the slot and has not armed it.
    #[inline(always)]
    pub(crate) unsafe fn write(&self, payload: Payload) {
        // SAFETY: a claimed slot that is not armed belongs to its claimer alone.
        self.0.with_mut(|cell| unsafe { (*cell).write(payload) });
    }

    /// # Safety
    ///
    /// The slot holds a payload that nobody writes meanwhile: the caller owns the entry, or took it by the seal.
    #[inline(always)]
    pub(crate) unsafe fn read(&self) -> Payload {
        // SAFETY: the caller says that the payload is complete; `Payload` is `Copy`, so reading moves nothing.
        self.0.with(|cell| unsafe { (*cell).assume_init_read() })
    }
}

/// Number, key of the place, and scratch of an ordered entry, in the slots behind its first.
///
/// # Safety of all of them
///
/// `slot` is the first of [`SPAN`] neighbouring slots of one ordered entry. `write_order` is for its claimer before it
/// arms, the others for whoever took the entry.
pub(crate) mod order {
    use super::{Captured, Payload, SPAN, Slot, Word, ptr};

    const WIDE: bool = SPAN == 2;

    /// # Safety
    ///
    /// See the module.
    #[inline(always)]
    pub(crate) unsafe fn write(slot: *const Slot, number: u32, key: usize) {
        // SAFETY: the claimer owns all slots of the entry.
        unsafe {
            if WIDE {
                let both = number as usize | key.wrapping_shl(32);
                (*slot.add(1)).write(Payload(Captured::new(ptr::without_provenance(both)), ptr::null()));
            } else {
                (*slot.add(1)).write(Payload(Captured::new(ptr::without_provenance(number as usize)), ptr::null()));
                (*slot.add(2)).write(Payload(Captured::new(ptr::without_provenance(key)), ptr::null()));
            }
        }
    }

    /// # Safety
    ///
    /// See the module.
    #[inline(always)]
    pub(crate) unsafe fn number(slot: *const Slot) -> u32 {
        // SAFETY: `write` filled the slot before the entry was armed.
        unsafe { (*slot.add(1)).read().0.assume_init().addr() as u32 }
    }

    /// # Safety
    ///
    /// See the module.
    #[inline(always)]
    pub(crate) unsafe fn key(slot: *const Slot) -> usize {
        // SAFETY: as above.
        unsafe {
            if WIDE {
                (*slot.add(1)).read().0.assume_init().addr().wrapping_shr(32)
            } else {
                (*slot.add(2)).read().0.assume_init().addr()
            }
        }
    }

    /// # Safety
    ///
    /// See the module.
    #[inline(always)]
    pub(crate) unsafe fn next(slot: *const Slot) -> Word {
        // SAFETY: as above.
        unsafe { (*slot.add(1)).read().1 }
    }

    /// # Safety
    ///
    /// See the module.
    #[inline(always)]
    pub(crate) unsafe fn set_next(slot: *const Slot, next: Word) {
        // SAFETY: only the firer writes scratch, and only of entries that its seal gave it.
        unsafe {
            let Payload(number, _) = (*slot.add(1)).read();
            (*slot.add(1)).write(Payload(number, next));
        }
    }
}
