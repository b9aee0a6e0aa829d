//! Cells in a row, threaded through them.

use super::core::Core;
use crate::shim::nest;
use ::core::ptr;

/// Cells in the order in which they came, threaded through `work`.
#[derive(Clone, Copy, Debug)]
pub(super) struct List {
    first: *const Core,
    last: *const Core,
}

impl List {
    pub(super) const fn new() -> Self {
        Self { first: ptr::null(), last: ptr::null() }
    }

    /// # Safety
    ///
    /// The cell's `work` is the caller's.
    pub(super) unsafe fn push(&mut self, core: *const Core) {
        // SAFETY: the caller's, for all cells of the list.
        unsafe {
            (*core).work.with_mut(|next| *next = ptr::null());
            if self.first.is_null() {
                self.first = core;
            } else {
                (*self.last).work.with_mut(|next| *next = core);
            }
        }
        self.last = core;
    }

    /// # Safety
    ///
    /// As in `push`.
    pub(super) unsafe fn pop(&mut self) -> Option<*const Core> {
        if self.first.is_null() {
            return None;
        }
        let core = self.first;
        // SAFETY: as in `push`.
        self.first = unsafe { (*core).work.with(|next| *next) };
        Some(core)
    }

    /// Appends all of `other`.
    ///
    /// # Safety
    ///
    /// As in `push`.
    pub(super) unsafe fn append(&mut self, other: Self) {
        if other.first.is_null() {
            return;
        }
        if self.first.is_null() {
            self.first = other.first;
        } else {
            // SAFETY: as in `push`.
            unsafe { (*self.last).work.with_mut(|next| *next = other.first) };
        }
        self.last = other.last;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.first.is_null()
    }

    pub(super) fn first(&self) -> Option<*const Core> {
        (!self.first.is_null()).then_some(self.first)
    }

    /// What waits for this thread's outermost delivery.
    pub(super) fn take_waiting() -> Self {
        let (first, last) = nest::waiting();
        if first.is_null() {
            return Self::new();
        }
        nest::set_waiting(nest::EMPTY);
        Self { first: first.cast(), last: last.cast() }
    }

    pub(super) fn put_waiting(self) {
        nest::set_waiting((self.first.cast(), self.last.cast()));
    }
}
