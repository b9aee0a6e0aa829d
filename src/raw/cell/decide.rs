//! Completing a cell with a row, once it is decided how.

use super::complete::complete_in;
use super::core::Outcome;
use super::driver::Driver;
use super::row::RowRef;

impl RowRef {
    /// Completes the cell, unless that has been decided. If `out` panics, the cell is abandoned.
    ///
    /// # Safety
    ///
    /// The caller keeps the cell, one of `V`.
    pub(super) unsafe fn finish<V: Outcome>(self, out: impl FnOnce() -> V, driver: &mut Driver) {
        let Some(ready) = self.win() else { return };
        let mut decided = Decided { row: self, ready, told: false, out: None, driver };
        decided.out = Some(out());
    }

    /// The same where all entries have been called.
    ///
    /// # Safety
    ///
    /// As there; the caller was the last that counted itself down.
    pub(super) unsafe fn finish_told<V: Outcome>(self, out: impl FnOnce() -> V, driver: &mut Driver) {
        let Some(ready) = self.win() else { return };
        let mut decided = Decided { row: self, ready, told: true, out: None, driver };
        decided.out = Some(out());
    }
}

/// Completes a cell, also when a panic passes.
struct Decided<'a, V: Outcome> {
    row: RowRef,
    ready: usize,
    told: bool,
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
            self.row.clear_after(0..self.ready, self.told, self.driver);
        }
    }
}
