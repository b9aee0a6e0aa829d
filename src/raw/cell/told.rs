//! What is hung into the line of each cell that a row waits for.

use super::super::callback::{Callback, Early};
use super::call::Firing;
use super::core::Outcome;
use super::driver::Driver;
use super::entry::firing;
use super::handle::Shared;
use super::row::{RowRef, Seat};
use ::core::marker::PhantomData;

/// What happens when the cell of a seat is complete.
pub(super) trait Told: 'static {
    type Child: Outcome;

    /// What is done with the entry before [`told`](Told::told), or instead of it.
    const EARLY: Early = Early::Nothing;

    /// # Safety
    ///
    /// The entry of seat `index` is called, and has to count itself down, unless that has been done.
    unsafe fn told(row: RowRef, index: usize, child: &Shared<Self::Child>, driver: &mut Driver);

    /// The same for a cell that has been left pending for good.
    ///
    /// # Safety
    ///
    /// As above.
    unsafe fn left(row: RowRef, index: usize, driver: &mut Driver);
}

/// The entry: a seat's address.
pub(super) struct SeatEntry<R>(*const Seat, PhantomData<fn(R)>);

impl<R> SeatEntry<R> {
    pub(super) fn new(seat: *const Seat) -> Self {
        Self(seat, PhantomData)
    }
}

impl<R: Told> Callback for SeatEntry<R> {
    const EARLY: Early = R::EARLY;

    fn call(self, context: *const ()) {
        // SAFETY: called by a driver with a cell of this type, which it keeps.
        unsafe {
            let Firing { core, driver } = firing(context);
            // The row lives as long as its entries.
            let row = RowRef::of_seat(self.0);
            R::told(row, row.index(self.0), &Shared::borrowed(core), driver);
        }
    }

    fn discard(self, context: *const ()) {
        // SAFETY: as above.
        unsafe {
            let Firing { driver, .. } = firing(context);
            // The row lives as long as its entries.
            let row = RowRef::of_seat(self.0);
            R::left(row, row.index(self.0), driver);
        }
    }
}
