//! A cell that waits for all of several others, or for any of them. Nobody
//! polls: each of them calls the entry of its seat.

use super::super::registry::NoSlot;
use super::core::Outcome;
use super::driver::Driver;
use super::handle::Shared;
use super::row::{RowRef, Rowed};
use super::told::Told;
use ::core::marker::PhantomData;
use ::core::mem::ManuallyDrop;
use alloc::vec::Vec;

/// What becomes of several outcomes, once all are there.
pub(crate) trait GatherAll: 'static {
    type Child: Outcome;
    type Out: Outcome;

    /// All children are complete. Panics of a user's code are contained in it.
    fn gather(children: &mut Children<Self::Child>) -> Self::Out;
}

/// What becomes of the first of several outcomes.
pub(crate) trait GatherAny: 'static {
    type Child: Outcome;
    type Out: Outcome;

    /// The child of this number is complete. Runs no code of a user's.
    fn first(number: usize, child: Shared<Self::Child>) -> Self::Out;
}

/// The cells that a cell waited for, in the order in which they were given.
pub(crate) struct Children<A> {
    row: RowRef,
    child: PhantomData<A>,
}

impl<A: Outcome> Children<A> {
    pub(crate) fn len(&self) -> usize {
        self.row.len()
    }

    /// A child.
    ///
    /// # Panics
    ///
    /// If it has been taken, or there is none of this number.
    pub(crate) fn get(&self, index: usize) -> ManuallyDrop<Shared<A>> {
        assert!(index < self.len(), "no such child");
        // SAFETY: whoever made this has decided after all were ready, and has not cleared the seats.
        unsafe { self.row.cell(index) }.expect("a child that has not been taken")
    }

    /// The outcome of a child itself, if nobody else has a handle of it.
    pub(crate) fn take(&mut self, index: usize) -> Option<A> {
        assert!(index < self.len(), "no such child");
        // SAFETY: as above.
        unsafe {
            match self.row.take::<A>(index)?.try_take(|_| true) {
                Ok(outcome) => Some(outcome),
                Err(child) => {
                    self.row.put(index, child);
                    None
                }
            }
        }
    }
}

/// The entries of a cell that waits for all.
struct All<G>(PhantomData<G>);

impl<G: GatherAll> Told for All<G> {
    type Child = G::Child;

    unsafe fn told(row: RowRef, _: usize, _: &Shared<G::Child>, driver: &mut Driver) {
        // SAFETY: the entry's count is ours.
        unsafe { count_all::<G>(row, driver) };
    }

    unsafe fn left(row: RowRef, _: usize, driver: &mut Driver) {
        // SAFETY: as above. One will never come.
        unsafe {
            row.never(driver);
            row.count_down(1, driver);
        }
    }
}

/// Counts the caller down. If that was the last, all are complete.
///
/// # Safety
///
/// The caller is counted in `left`.
unsafe fn count_all<G: GatherAll>(row: RowRef, driver: &mut Driver) {
    // SAFETY: the row's handle keeps the cell. Nobody else is at work on the row.
    unsafe {
        if row.counts_last(1) {
            row.finish_told(|| G::gather(&mut Children { row, child: PhantomData }), driver);
            driver.release(row.core());
        }
    }
}

/// A cell that is complete when all of `cells` are, and then holds what `G` gathers from them.
pub(crate) fn gather_all<G: GatherAll>(cells: Vec<Shared<G::Child>>) -> Shared<G::Out> {
    let (shared, row) = Rowed::<G::Out>::with_seats(cells.len());
    Driver::run(|driver| {
        // SAFETY: the caller's count, made with the row, keeps it until it is counted down; each seat is filled once.
        unsafe {
            row.expect(row.len() as u32);
            for (index, cell) in cells.into_iter().enumerate() {
                if row.join_expected::<All<G>>(index, cell) == Err(NoSlot::Never) {
                    row.never(driver);
                }
            }
            row.ready(row.len(), driver);
            count_all::<G>(row, driver);
        }
    });
    shared
}

/// The entries of a cell that waits for any.
struct Any<G>(PhantomData<G>);

impl<G: GatherAny> Told for Any<G> {
    type Child = G::Child;

    unsafe fn told(row: RowRef, index: usize, child: &Shared<G::Child>, driver: &mut Driver) {
        // SAFETY: the entry's count is ours.
        unsafe {
            row.finish(|| G::first(index, child.clone()), driver);
            row.count_down(1, driver);
        }
    }

    unsafe fn left(row: RowRef, _: usize, driver: &mut Driver) {
        // SAFETY: as above. Another one may come.
        unsafe { row.count_down(1, driver) };
    }
}

/// A cell that is complete when the first of `cells` is, and then holds what `G` makes of that one.
pub(crate) fn gather_any<G: GatherAny>(cells: Vec<Shared<G::Child>>) -> Shared<G::Out> {
    let (shared, row) = Rowed::<G::Out>::with_seats(cells.len());
    Driver::run(|driver| {
        let mut filled = 0;
        let mut first = None;
        // SAFETY: as in `gather_all`.
        unsafe {
            for cell in cells {
                if row.join::<Any<G>>(filled, cell) == Err(NoSlot::Sealed) {
                    first = row.take::<G::Child>(filled);
                    break;
                }
                filled += 1;
            }
            row.ready(filled, driver);
            if first.is_some() {
                row.finish(|| first.take().map_or_else(G::Out::abandoned, |child| G::first(filled, child)), driver);
            }
            row.count_down(1, driver);
        }
        if let Some(late) = first {
            driver.drop_viewer(late);
        }
    });
    shared
}
