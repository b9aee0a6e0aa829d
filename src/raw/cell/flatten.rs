//! A cell of a cell: it is complete when the inner one is, and shares its
//! outcome. A row of two seats: the outer one, then the inner one.
//!
//! The outer one may end before who made the row says that its seat is ready.
//! Then the inner one's seat is the second to be filled and the first to be ready.
//! What counts is that no more are ready than are filled, from the first on.

use super::super::registry::NoSlot;
use super::core::Outcome;
use super::driver::Driver;
use super::handle::Shared;
use super::row::RowRef;
use super::rowed::Rowed;
use super::told::Told;
use ::core::marker::PhantomData;

/// How an outcome leads to another cell, and what that one's means.
pub(crate) trait Flatten: 'static {
    type Outer: Outcome;
    type Inner: Outcome;
    type Out: Outcome;

    /// The inner cell, if the outer one's outcome has one.
    fn inner(outer: &Shared<Self::Outer>) -> Option<Shared<Self::Inner>>;
    /// The outcome if there is no inner cell.
    fn none(outer: &Shared<Self::Outer>) -> Self::Out;
    /// The outcome of a cell whose inner cell is complete.
    fn outcome(inner: &Shared<Self::Inner>) -> Self::Out;
}

struct Outer<F>(PhantomData<F>);
struct Inner<F>(PhantomData<F>);

impl<F: Flatten> Told for Outer<F> {
    type Child = F::Outer;

    unsafe fn told(row: RowRef, _: usize, outer: &Shared<F::Outer>, driver: &mut Driver) {
        // SAFETY: the entry's count is ours.
        unsafe {
            step::<F>(row, outer, driver);
            row.count_down(1, driver);
        }
    }

    unsafe fn left(row: RowRef, _: usize, driver: &mut Driver) {
        // SAFETY: as above.
        unsafe {
            row.never(driver);
            row.count_down(1, driver);
        }
    }
}

impl<F: Flatten> Told for Inner<F> {
    type Child = F::Inner;

    unsafe fn told(row: RowRef, _: usize, inner: &Shared<F::Inner>, driver: &mut Driver) {
        // SAFETY: as above.
        unsafe {
            row.finish(|_| F::outcome(inner), driver);
            row.count_down(1, driver);
        }
    }

    unsafe fn left(row: RowRef, _: usize, driver: &mut Driver) {
        // SAFETY: as above.
        unsafe {
            row.never(driver);
            row.count_down(1, driver);
        }
    }
}

/// The outer cell is complete: goes on to the inner one.
///
/// # Safety
///
/// The caller is counted in `left`.
unsafe fn step<F: Flatten>(row: RowRef, outer: &Shared<F::Outer>, driver: &mut Driver) {
    // SAFETY: the caller's.
    unsafe {
        let Some(inner) = F::inner(outer) else {
            return row.finish(|_| F::none(outer), driver);
        };
        if ::core::ptr::eq(inner.core(), row.core()) {
            // It would wait for itself.
            row.finish(|_| F::Out::abandoned(), driver);
            return driver.drop_viewer(inner);
        }
        row.count_up();
        let Err(closed) = row.join::<Inner<F>>(1, inner) else { return row.ready(1, driver) };
        if closed == NoSlot::Sealed {
            // Not ready yet: nobody else looks at the seat.
            if let Some(inner) = row.take::<F::Inner>(1) {
                row.finish(|_| F::outcome(&inner), driver);
                driver.drop_viewer(inner);
            }
        } else {
            row.ready(1, driver);
            row.never(driver);
        }
        row.count_down(1, driver);
    }
}

/// A cell that is complete when the cell in `outer` is.
pub(crate) fn flatten<F: Flatten>(outer: Shared<F::Outer>) -> Shared<F::Out> {
    let (shared, row) = Rowed::<F::Out>::with_seats(2, 1);
    Driver::run(|driver| {
        // SAFETY: the caller's count, made with the row, keeps it until it is counted down; each seat is filled once.
        unsafe {
            let joined = row.join::<Outer<F>>(0, outer);
            match joined {
                Ok(()) => row.ready(1, driver),
                Err(NoSlot::Sealed) => {
                    let outer = row.take::<F::Outer>(0);
                    row.ready(1, driver);
                    if let Some(outer) = outer {
                        step::<F>(row, &outer, driver);
                        driver.drop_viewer(outer);
                    }
                }
                Err(_) => {
                    row.ready(1, driver);
                    row.never(driver);
                }
            }
            row.count_down(if joined.is_ok() { 1 } else { 2 }, driver);
        }
    });
    shared
}
