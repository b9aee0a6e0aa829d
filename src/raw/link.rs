//! A child's record of its link in one parent.

use super::registry::{Heap, Place};
use crate::shim::atomic::AtomicUsize;
use crate::shim::cell::UnsafeCell;
use core::ptr::{self, NonNull};

/// A child's record of its link in one parent.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Link {
    /// The word of the slot in the parent.
    word: NonNull<AtomicUsize>,
    /// The firer's: the next entry of the parent.
    pub(super) next: UnsafeCell<*const ()>,
    /// The parent's number for the link: it has a place among the callbacks.
    pub(super) number: u32,
    /// The place's key in the parent; zero if the parent could not be linked.
    key: u16,
    /// How many records lie from here to the node: one only if it has no other parent.
    pub(super) distance: u16,
    /// No bytes: loom tells by it whether somebody reads the place while it is written.
    watch: UnsafeCell<()>,
}

impl Link {
    pub(super) fn new(distance: u16) -> Self {
        Self {
            word: NonNull::dangling(),
            next: UnsafeCell::new(ptr::null()),
            number: 0,
            key: 0,
            distance,
            watch: UnsafeCell::new(()),
        }
    }

    /// True if the parent could not be linked.
    pub(super) fn is_unlinked(&self) -> bool {
        self.watch.with(|_| ());
        self.key == 0
    }

    /// The slot in the parent.
    #[inline(always)]
    pub(super) fn place(&self) -> Place<Heap> {
        self.watch.with(|_| ());
        Place::of_parts(self.word, self.key.into())
    }

    /// Notes the slot in the parent, before it is armed; or that there is none.
    #[inline(always)]
    pub(super) fn set_place(&mut self, place: Place<Heap>) {
        self.watch.with_mut(|_| ());
        (self.word, self.key) = place.parts();
    }
}
