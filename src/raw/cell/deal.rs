//! Cells that take over the outcomes of others: the first of them that of the
//! first to end, and so on. Nobody polls.
//!
//! | what | keeps |
//! |---|---|
//! | the dealer: a row whose own cell never ends, with a seat for each cell that is waited for | those cells, and, as their source, all that have not been dealt to |
//! | each that is dealt to: a row with one seat | a handle of the dealer that looks |
//!
//! 1. Who calls an entry takes the next number; the [`Hand`] of that number is
//!    its alone. So are all that are left for whoever counts the last entry down:
//!    nothing will ever come to those, and they are left pending for good.
//! 2. What is dealt to gives its handle of the dealer up once it is complete, or
//!    nobody looks at it. With the last of these handles the dealer closes: it
//!    takes its entries out of all cells, as every row does at which nobody looks.
//! 3. The cell of a seat goes with its entry, so that nothing is kept longer than
//!    it is needed: to the entry that is called, or to who clears the row. `claimed`
//!    says which; the other one does not look at the seat.

use super::super::registry::{NoSlot, Place};
use super::core::Outcome;
use super::driver::Driver;
use super::each::Nothing;
use super::handle::Shared;
use super::row::RowRef;
use super::rowed::{Front, Rowed};
use super::told::Told;
use crate::shim::atomic::{AtomicBool, AtomicU32, Ordering};
use crate::shim::cell::UnsafeCell;
use ::core::marker::PhantomData;
use alloc::vec::Vec;

/// How an outcome is handed on.
pub(crate) trait Deal: 'static {
    type Cell: Outcome;

    /// The outcome of a complete cell, for another one. Runs no code of a user's.
    fn share(cell: &Shared<Self::Cell>) -> Self::Cell;
}

/// What goes with a seat of the dealer.
struct Hand {
    /// The cell of this number, which is dealt to.
    to: UnsafeCell<Option<RowRef>>,
    /// Of the seat: see (3).
    claimed: AtomicBool,
}

impl Drop for Hand {
    fn drop(&mut self) {
        // SAFETY: the dealer goes, so nobody looks at this any more: (2).
        if let Some(to) = self.to.with_mut(|to| unsafe { (*to).take() }) {
            // SAFETY: it is left, and its count is ours.
            Driver::run(|driver| unsafe { to.count_down(1, driver) });
        }
    }
}

/// The next number.
struct Number(AtomicU32);

impl Front for Number {
    const CLAIM: Option<unsafe fn(RowRef, usize) -> bool> = Some(claim);
}

/// The next cell to be dealt to, with the count of its row.
///
/// # Safety
///
/// A dealer, in whose `left` the caller is counted, or was the last.
unsafe fn next(dealer: RowRef) -> Option<RowRef> {
    // SAFETY: the caller's; (1).
    unsafe {
        // ORDERING: only who gets which number matters: the hands were there before the entries.
        let number = (*dealer.more::<Number>()).0.fetch_add(1, Ordering::Relaxed) as usize;
        let hand = (number < dealer.len()).then(|| dealer.each::<Hand>(number))?;
        (*hand).to.with_mut(|to| (*to).take())
    }
}

/// Whether the cell of a seat is the caller's: see (3).
///
/// # Safety
///
/// A dealer that lives, with a seat of this number.
unsafe fn claim(dealer: RowRef, index: usize) -> bool {
    // ORDERING: only who is first matters: the seat was filled before its entry was armed, and before it was ready.
    // SAFETY: the caller's.
    !unsafe { &(*dealer.each::<Hand>(index)).claimed }.swap(true, Ordering::Relaxed)
}

/// A cell is complete: its outcome goes to the next one.
///
/// # Safety
///
/// As for [`next`].
unsafe fn deal<D: Deal>(dealer: RowRef, cell: &Shared<D::Cell>, driver: &mut Driver) {
    // SAFETY: the caller's; the count of that row is ours.
    unsafe {
        if let Some(to) = next(dealer) {
            to.finish(|_| D::share(cell), driver);
            to.count_down(1, driver);
        }
    }
}

/// Counts down entries that are over. The last gives up whom nothing comes to any more: (1).
///
/// # Safety
///
/// They were the caller's.
unsafe fn count_down(dealer: RowRef, entries: u32, driver: &mut Driver) {
    // SAFETY: the caller's; the row's handle keeps the dealer to the end.
    unsafe {
        if dealer.counts_last(entries) {
            while let Some(to) = next(dealer) {
                to.count_down(1, driver);
            }
            driver.release(dealer.core());
        }
    }
}

/// The entries.
struct Dealt<D>(PhantomData<D>);

impl<D: Deal> Told for Dealt<D> {
    type Child = D::Cell;

    unsafe fn told(dealer: RowRef, index: usize, cell: &Shared<D::Cell>, driver: &mut Driver) {
        // SAFETY: the entry's count is ours.
        unsafe {
            deal::<D>(dealer, cell, driver);
            give_up::<D>(dealer, index, driver);
            count_down(dealer, 1, driver);
        }
    }

    unsafe fn left(dealer: RowRef, index: usize, driver: &mut Driver) {
        // SAFETY: as above.
        unsafe {
            give_up::<D>(dealer, index, driver);
            count_down(dealer, 1, driver);
        }
    }
}

/// Gives up the cell of a seat whose entry is over.
///
/// # Safety
///
/// The entry's count is the caller's, or the seat.
unsafe fn give_up<D: Deal>(dealer: RowRef, index: usize, driver: &mut Driver) {
    // SAFETY: the caller's; (3).
    unsafe {
        if claim(dealer, index) {
            if let Some(cell) = dealer.take::<D::Cell>(index) {
                driver.drop_viewer(cell);
            }
        }
    }
}

/// As many cells, which take over the outcomes of `cells` in the order in which those end.
pub(crate) fn deal_out<D: Deal>(cells: Vec<Shared<D::Cell>>) -> Vec<Shared<D::Cell>> {
    let count = cells.len();
    let mut dealt = Vec::with_capacity(count);
    if count == 0 {
        return dealt;
    }
    let hand = |_| Hand { to: UnsafeCell::new(None), claimed: AtomicBool::new(false) };
    let number = Number(AtomicU32::new(0));
    let dealer = Rowed::<Nothing, Number, Hand>::with_more(count, count, count as u32, number, hand);
    Driver::run(|driver| {
        let mut counts = 1;
        // SAFETY: the caller's count, made with the row, keeps the dealer until it is counted down; each seat is filled once.
        unsafe {
            for index in 0..count {
                let (cell, to) = Rowed::<D::Cell>::with_seats(1, 0);
                to.fill(0, dealer.core(), Place::NONE);
                to.ready(1, driver);
                (*dealer.each::<Hand>(index)).to.with_mut(|hand| *hand = Some(to));
                dealt.push(cell);
            }
            for (index, cell) in (0..).zip(cells) {
                if let Err(closed) = dealer.join::<Dealt<D>>(index, cell) {
                    counts += 1;
                    if closed == NoSlot::Sealed {
                        // The seat keeps it, and is ours.
                        deal::<D>(dealer, &Shared::borrowed(dealer.cell(index)), driver);
                    }
                    give_up::<D>(dealer, index, driver);
                }
            }
            dealer.ready(count, driver);
            count_down(dealer, counts, driver);
        }
    });
    dealt
}
