//! A cell that waits for all of several others, or for any of them. Nobody
//! polls: each of them calls the entry of its seat.

use super::super::registry::NoSlot;
use super::core::Outcome;
use super::driver::Driver;
use super::handle::Shared;
use super::row::{RowRef, Rowed, Told};
use ::core::marker::PhantomData;
use ::core::mem::ManuallyDrop;

/// What becomes of several outcomes.
pub(crate) trait Gather: 'static {
    type Child: Outcome;
    type Out: Outcome;
    /// Whether all have to be complete, or the first one decides.
    const ALL: bool;

    /// `Children` are complete: all of them, or the one of that number. Panics of a user's code are contained in it.
    fn gather(children: &mut Children<Self::Child>, number: usize) -> Self::Out;
}

/// The cells that a cell waits for, in the order in which they were given.
pub(crate) struct Children<A> {
    row: RowRef,
    child: PhantomData<A>,
}

impl<A: Outcome> Children<A> {
    pub(crate) fn len(&self) -> usize {
        self.row.len()
    }

    /// A child that is complete.
    ///
    /// # Panics
    ///
    /// It is none of those that the gatherer was told of, or has been taken.
    pub(crate) fn get(&self, index: usize) -> ManuallyDrop<Shared<A>> {
        assert!(index < self.len(), "no such child");
        // SAFETY: whoever made this has decided, and has not cleared the seats; the cells live as long as the seats.
        unsafe { self.row.cell(index) }
    }

    /// Moves a child out, which is given no more.
    pub(crate) fn take(&mut self, index: usize) -> Shared<A> {
        assert!(index < self.len(), "no such child");
        // SAFETY: as above.
        unsafe { self.row.take(index) }
    }
}

/// The entries' side.
struct Entry<G>(PhantomData<G>);

impl<G: Gather> Told for Entry<G> {
    type Child = G::Child;

    unsafe fn told(row: RowRef, index: usize, _: &Shared<G::Child>, driver: &mut Driver) {
        // SAFETY: the entry's count is ours.
        unsafe {
            if !G::ALL {
                finish::<G>(row, index, driver);
            }
            end::<G>(row, index, driver);
        }
    }

    unsafe fn left(row: RowRef, _: usize, driver: &mut Driver) {
        // SAFETY: as above. Of all, one will never come; of any, another one may.
        unsafe {
            if G::ALL {
                row.never(driver);
            }
            row.count_down(1, driver);
        }
    }
}

/// Completes the cell, unless that has been decided.
///
/// # Safety
///
/// What is to be gathered is complete, and the caller keeps the cell.
unsafe fn finish<G: Gather>(row: RowRef, number: usize, driver: &mut Driver) {
    // SAFETY: the caller's; the seats are cleared after this.
    unsafe { row.finish(|| G::gather(&mut Children { row, child: PhantomData }, number), driver) };
}

/// Counts the caller down. If that was the last, all are complete.
///
/// # Safety
///
/// The caller is counted in `left`.
unsafe fn end<G: Gather>(row: RowRef, number: usize, driver: &mut Driver) {
    // SAFETY: the row's handle keeps the cell.
    unsafe {
        if !G::ALL {
            row.count_down(1, driver);
        } else if row.counts_last(1) {
            finish::<G>(row, number, driver);
            driver.release(row.core());
        }
    }
}

/// A cell that gathers `cells`, of which there is one at least.
pub(crate) fn gather<G: Gather>(cells: impl ExactSizeIterator<Item = Shared<G::Child>>) -> Shared<G::Out> {
    let (shared, row) = Rowed::<G::Out>::new(cells.len());
    Driver::run(|driver| {
        let mut seats = 0;
        let mut first = None;
        // SAFETY: the caller's count, made with the row, keeps it until it is counted down; each seat is filled once.
        unsafe {
            for cell in cells.take(row.len()) {
                match row.join::<Entry<G>>(seats, cell) {
                    Ok(()) => {}
                    Err(NoSlot::Sealed) if !G::ALL => first = first.or(Some(seats)),
                    Err(NoSlot::Sealed) => {}
                    Err(_) if G::ALL => row.never(driver),
                    Err(_) => {}
                }
                seats += 1;
                if first.is_some() {
                    break;
                }
            }
            row.ready(seats, driver);
            if let Some(number) = first {
                finish::<G>(row, number, driver);
            }
            end::<G>(row, 0, driver);
        }
    });
    shared
}
