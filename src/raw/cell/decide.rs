//! What becomes of a cell with a row: whoever is first completes it, or leaves
//! it pending for good, and clears the row.

use super::complete::{complete_in, leave_in};
use super::core::Outcome;
use super::driver::Driver;
use super::row::RowRef;

impl RowRef {
    /// Completes the cell, unless that has been decided. If `out` panics, the cell is abandoned.
    ///
    /// # Safety
    ///
    /// The caller keeps the cell, one of `V`.
    pub(super) unsafe fn finish<V: Outcome>(self, out: impl FnOnce(&mut Driver) -> V, driver: &mut Driver) {
        let Some(ready) = self.win() else { return };
        let mut decided = Decided { row: self, ready, called: false, out: None, driver };
        decided.out = Some(out(decided.driver));
    }

    /// The same where all entries have been called.
    ///
    /// # Safety
    ///
    /// As above, and the caller has counted down to nothing.
    pub(super) unsafe fn finish_last<V: Outcome>(self, out: impl FnOnce(&mut Driver) -> V, driver: &mut Driver) {
        let Some(ready) = self.win() else { return };
        let mut decided = Decided { row: self, ready, called: true, out: None, driver };
        decided.out = Some(out(decided.driver));
    }

    /// Leaves the cell pending for good, unless something has been decided.
    ///
    /// # Safety
    ///
    /// The caller keeps the cell.
    pub(super) unsafe fn never(self, driver: &mut Driver) {
        let Some(ready) = self.win() else { return };
        // SAFETY: decided by us.
        unsafe {
            (*self.core()).retain();
            leave_in(self.core(), driver);
            self.clear(0..ready, driver);
        }
    }
}

/// Completes a cell, also when a panic passes.
struct Decided<'a, V: Outcome> {
    row: RowRef,
    ready: usize,
    /// All entries have been called.
    called: bool,
    out: Option<V>,
    driver: &'a mut Driver,
}

impl<V: Outcome> Drop for Decided<'_, V> {
    fn drop(&mut self) {
        let core = self.row.core();
        // SAFETY: decided by whoever made this; see `RowRef::finish`.
        unsafe {
            (*core).retain();
            if let Err(out) = complete_in(core, self.out.take().unwrap_or_else(V::abandoned), self.driver) {
                self.driver.discard(out);
            }
            if self.called {
                self.row.clear_called(0..self.ready, self.driver);
            } else {
                self.row.clear(0..self.ready, self.driver);
            }
        }
    }
}
