//! How the slots of a registry lie in memory, in nodes and cells on the heap and
//! in a line without one, and what a claim asks of them.

use super::slot::Slot;
use super::word::{FLAGS, MIXED, SPAN};

/// How the slots of a registry lie in memory.
pub(crate) trait Shape: 'static {
    /// Slots between two neighbours that have bits of their own.
    const STRIDE: usize;
    /// Bits that an ordered entry takes.
    const ORDERED: usize = SPAN / Self::STRIDE;

    /// The slot of the lowest arm bit of `arms`, which is not zero, among those that a word governs.
    ///
    /// # Safety
    ///
    /// The word governs a slot of that number.
    #[inline(always)]
    unsafe fn lowest(slots: *const Slot, arms: usize) -> *const Slot {
        const { assert!(size_of::<Slot>() % 2 == 0) };
        // There are two bits a slot, so a bit counts for half a slot.
        let bits = arms.trailing_zeros() as usize - FLAGS - 1;
        // SAFETY: the caller's.
        unsafe { slots.byte_add(bits * (Self::STRIDE * size_of::<Slot>() / 2)) }
    }
}

/// On the heap: slots as thin as can be, an ordered entry takes [`SPAN`] bits.
#[derive(Debug)]
pub(crate) enum Heap {}
impl Shape for Heap {
    const STRIDE: usize = 1;
}

/// A line without a heap: every place is wide enough for any entry.
#[derive(Debug)]
pub(crate) enum FixedLine {}
impl Shape for FixedLine {
    const STRIDE: usize = SPAN;
}

/// What a claim is for. Small, so that it travels in a register.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    /// Neighbouring slots.
    pub(super) span: u8,
    /// Something else than a plain waker.
    pub(super) mixed: bool,
    /// Whether to allocate where there is no free slot.
    pub(super) grow: bool,
}

impl Wanted {
    pub(crate) const fn waker(grow: bool) -> Self {
        Self { span: 1, mixed: false, grow }
    }
    pub(crate) const fn link(grow: bool) -> Self {
        Self { span: 1, mixed: true, grow }
    }
    pub(crate) const fn ordered<S: Shape>(grow: bool) -> Self {
        Self { span: S::ORDERED as u8, mixed: true, grow }
    }

    /// The mark that the word gets.
    #[inline(always)]
    pub(super) const fn mark(self) -> usize {
        if self.mixed { MIXED } else { 0 }
    }
}
