//! Rows that nobody looks at any more: their entries are taken out, their cells
//! given up.

use super::core::Core;
use super::driver::Driver;
use super::list::List;
use super::row::RowRef;
use crate::shim::atomic::Ordering;

/// Gives up a handle of somebody who looked at a cell with a row.
///
/// # Safety
///
/// The caller's handle.
#[inline(never)]
pub(super) unsafe fn release_viewer(core: *const Core, driver: &mut Driver) {
    // SAFETY: the handle keeps the cell.
    unsafe {
        let handles = &(*core).handles;
        // ORDERING: a guess, which the exchange checks; Acquire, with those who gave theirs up.
        let mut old = handles.load(Ordering::Acquire);
        while old > 2 {
            // ORDERING: Release: what was done before comes before the end. It is not the last. Acquire, as above.
            match handles.compare_exchange(old, old - 1, Ordering::Release, Ordering::Acquire) {
                Ok(_) => return,
                Err(now) => old = now,
            }
        }
        // (4) of `row.rs`.
        let row = RowRef::of(core);
        if !(*core).has_entries() {
            if let Some(ready) = row.win() {
                row.close(ready);
                return driver.closing.push(core);
            }
        }
        driver.release(core);
    }
}

/// Cells whose rows are closed, each with the handle of the last who looked.
#[derive(Debug)]
pub(super) struct Closing(List);

impl Closing {
    pub(super) const fn new() -> Self {
        Self(List::new())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// # Safety
    ///
    /// The caller has decided and called [`RowRef::close`], and gives up a handle. Nobody will ever complete the cell,
    /// so its `work` is the decider's.
    pub(super) unsafe fn push(&mut self, core: *const Core) {
        // SAFETY: the caller's.
        unsafe { self.0.push(core) };
    }

    /// The list itself.
    pub(super) fn take(&mut self) -> List {
        ::core::mem::replace(&mut self.0, List::new())
    }

    /// The next cell. It stays in the list.
    pub(super) fn first(&self) -> Option<*const Core> {
        self.0.first()
    }

    /// Takes the next cell out; its handle is the caller's.
    ///
    /// # Safety
    ///
    /// There is one.
    pub(super) unsafe fn pop(&mut self) {
        // SAFETY: the cells of the list are ours.
        let _ = unsafe { self.0.pop() };
    }
}
