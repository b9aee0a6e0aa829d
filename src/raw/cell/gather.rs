//! A cell that waits for all of several others, or for any of them. Nobody
//! polls: each of them calls the entry of its seat.

use super::super::callback::Early;
use super::super::registry::NoSlot;
use super::core::{Cell, Core, Outcome, free_empty};
use super::driver::{Driver, Held};
use super::handle::Shared;
use super::row::RowRef;
use super::rowed::Rowed;
use super::told::Told;
use ::core::marker::PhantomData;
use ::core::mem::ManuallyDrop;
use alloc::vec::Vec;

/// What becomes of several outcomes, once all are there.
pub(crate) trait GatherAll: 'static {
    type Child: Outcome;
    type Out: Outcome;

    /// All children are complete. Panics of a user's code are contained in it.
    fn gather(children: Children<'_, Self::Child>) -> Self::Out;
}

/// What becomes of the first of several outcomes.
pub(crate) trait GatherAny: 'static {
    type Child: Outcome;
    type Out: Outcome;

    /// The child of this number is complete. Runs no code of a user's.
    fn first(number: usize, child: Shared<Self::Child>) -> Self::Out;
}

/// The cells that a cell waited for, in the order in which they were given.
pub(crate) struct Children<'a, A> {
    row: RowRef,
    driver: &'a mut Driver,
    child: PhantomData<&'a A>,
}

impl<'a, A: Outcome + 'a> Children<'a, A> {
    /// Of a row all of whose cells are complete.
    ///
    /// # Safety
    ///
    /// The caller has decided after all seats were ready, and does not clear them for `'a`. There are no others.
    unsafe fn new(row: RowRef, driver: &'a mut Driver) -> Self {
        Self { row, driver, child: PhantomData }
    }

    fn cells(&self) -> impl ExactSizeIterator<Item = *const Core> + use<'a, A> {
        let row = self.row;
        // SAFETY: see `new`.
        (0..row.len()).map(move |index| unsafe { row.cell(index) })
    }

    /// The children.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = ManuallyDrop<Shared<A>>> + use<'_, 'a, A> {
        // SAFETY: their seats keep them.
        self.cells().map(|core| unsafe { Shared::borrowed(core) })
    }

    /// Their outcomes.
    pub(crate) fn outcomes(&self) -> impl ExactSizeIterator<Item = &A> {
        // SAFETY: complete, and kept by their seats.
        self.cells().map(|core| unsafe { Cell::read(core) })
    }

    /// What `own` makes of the outcomes of children of which nobody else has a handle, and `other` of the others'. Each
    /// child is given up then.
    pub(crate) fn give<T>(self, own: impl Fn(A) -> T, other: impl Fn(&A) -> T) -> impl ExactSizeIterator<Item = T> {
        let Self { row, driver, .. } = self;
        (0..row.len()).map(move |index| {
            // SAFETY: as above. Nobody but this takes the cells out, each once.
            unsafe {
                let core = row.cell(index);
                if (*core).is_alone() {
                    row.vacate(index);
                    let outcome = Cell::take(core);
                    free_empty::<A>(core);
                    return own(outcome);
                }
                // If this panics, the seat keeps the child.
                let value = other(Cell::read(core));
                row.vacate(index);
                driver.release_viewer(core);
                value
            }
        })
    }
}

/// The entries of a cell that waits for all.
struct All<G>(PhantomData<G>);

impl<G: GatherAll> Told for All<G> {
    type Child = G::Child;

    const EARLY: Early = Early::Count;

    unsafe fn told(row: RowRef, _: usize, _: &Shared<G::Child>, driver: &mut Driver) {
        // SAFETY: the entry was the last to be counted down.
        unsafe { finish_all::<G>(row, driver) };
    }

    unsafe fn left(row: RowRef, _: usize, driver: &mut Driver) {
        // SAFETY: as above. One will never come.
        unsafe {
            row.never(driver);
            row.count_down(1, driver);
        }
    }
}

/// All are complete, unless that has been decided otherwise.
///
/// # Safety
///
/// The caller has counted the row down to nothing.
unsafe fn finish_all<G: GatherAll>(row: RowRef, driver: &mut Driver) {
    // The row's handle, which goes also when a panic passes.
    let held = Held { driver, core: row.core() };
    // SAFETY: that keeps the cell. Nobody else is at work on the row.
    unsafe { row.finish_last(|driver| G::gather(Children::new(row, driver)), held.driver) };
}

/// A cell that is complete when all of `cells` are, and then holds what `G` gathers from them.
pub(crate) fn gather_all<G: GatherAll>(cells: Vec<Shared<G::Child>>) -> Shared<G::Out> {
    let (shared, row) = Rowed::<G::Out>::with_seats(cells.len(), cells.len());
    Driver::run(|driver| {
        let mut counts = 1;
        // SAFETY: the caller's count, made with the row, keeps it until it is counted down; each seat is filled once.
        unsafe {
            for (index, cell) in (0..).zip(cells) {
                if let Err(closed) = row.join::<All<G>>(index, cell) {
                    counts += 1;
                    if closed == NoSlot::Never {
                        row.never(driver);
                    }
                }
            }
            row.ready(row.len(), driver);
            if row.counts_last(counts) {
                finish_all::<G>(row, driver);
            }
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
            row.finish(|_| G::first(index, child.clone()), driver);
            row.count_down(1, driver);
        }
    }

    unsafe fn left(row: RowRef, _: usize, driver: &mut Driver) {
        // SAFETY: as above. Another one may come.
        unsafe { row.count_down(1, driver) };
    }
}

/// A cell that is complete when the first of `cells`, `most` at most, is, and then holds what `G` makes of that one.
pub(crate) fn gather_any<G: GatherAny>(most: usize, cells: impl Iterator<Item = Shared<G::Child>>) -> Shared<G::Out> {
    let (shared, row) = Rowed::<G::Out>::with_seats(most, most);
    // What is left of them goes after the row has been left: that may run a user's code.
    let mut cells = cells.take(most);
    Driver::run(|driver| {
        let mut counts = 1 + most as u32;
        let mut filled = 0;
        let mut first = None;
        // SAFETY: as in `gather_all`.
        unsafe {
            for cell in cells.by_ref() {
                match row.join::<Any<G>>(filled, cell) {
                    Ok(()) => counts -= 1,
                    Err(NoSlot::Sealed) => {
                        first = row.take::<G::Child>(filled);
                        break;
                    }
                    Err(_) => {}
                }
                filled += 1;
            }
            row.ready(filled, driver);
            if first.is_some() {
                row.finish(|_| first.take().map_or_else(G::Out::abandoned, |child| G::first(filled, child)), driver);
            }
            row.count_down(counts, driver);
        }
        if let Some(late) = first {
            driver.drop_viewer(late);
        }
    });
    shared
}
