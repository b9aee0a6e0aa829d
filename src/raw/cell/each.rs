//! Cells in the order in which they end. Nobody polls: each of them puts the
//! number of its seat into the [`Inbox`] of one reader.
//!
//! A row whose own cell never ends: it is there for the counts. What is written
//! about rows in `row.rs` holds here too, but
//!
//! 1. only the reader decides, when it goes: so up to then the cell of a seat is
//!    the reader's, once the number has come;
//! 2. the row's handle goes with the last entry, and the reader's is the only
//!    other one. Whichever goes last frees the memory: an entry that is being
//!    called keeps the inbox, whatever the reader does;
//! 3. the number is put before the entry is counted down, and the reader is woken
//!    after that: its waker may run anything, and drop the reader, too.
//!
//! The order is that in which the entries are called. A cell whose callbacks are
//! put off, because deliveries stand too deep in each other, comes when its entry
//! is called.

use super::super::callback::Early;
use super::super::registry::NoSlot;
use super::core::{Outcome, free_cell};
use super::driver::Driver;
use super::handle::Shared;
use super::inbox::{EMPTY, FIRST, Inbox, Link};
use super::row::{RowRef, Seat};
use super::rowed::{Front, Rowed};
use super::told::Told;
use ::core::marker::PhantomData;
use ::core::task::{Poll, Waker};
use alloc::vec::Vec;

/// The outcome of a cell that never ends.
pub(super) struct Nothing;

impl Outcome for Nothing {
    fn abandoned() -> Self {
        Self
    }

    fn end(self, _: bool) {}
}

impl Front for Inbox {}

/// The entries.
struct Ended<A>(PhantomData<A>);

impl<A: Outcome + 'static> Told for Ended<A> {
    type Child = A;

    const EARLY: Early = Early::Put;

    unsafe fn told(row: RowRef, index: usize, _: &Shared<A>, driver: &mut Driver) {
        // SAFETY: the entry's count is ours, and keeps the row until it is counted down: (3).
        unsafe {
            let waker = put(row, index);
            count_down(row, 1, driver);
            if let Some(waker) = waker {
                waker.wake();
            }
        }
    }

    unsafe fn left(row: RowRef, _: usize, driver: &mut Driver) {
        // SAFETY: as above. It never comes.
        unsafe { count_down(row, 1, driver) };
    }
}

/// Puts the number of a seat whose entry is called, unless that would wake the reader. False: nothing has been done.
///
/// # Safety
///
/// A seat of a row as made below, whose entry is the caller's.
pub(super) unsafe fn put_early(seat: *const Seat) -> bool {
    // SAFETY: the caller's: (2).
    unsafe {
        let row = RowRef::of_seat(seat);
        let index = row.index(seat);
        if !(*row.more::<Inbox>()).put_silently(FIRST + index as u32, &*row.each::<Link>(index)) {
            return false;
        }
        if row.counts_last(1) && (*row.core()).release() {
            // The reader has gone, and all that stood in the seats: no foreign code is left.
            free_cell(row.core());
        }
    }
    true
}

/// The cell of a seat is complete.
///
/// # Safety
///
/// A row as made below, which is kept; the seat's only time.
#[inline(always)]
unsafe fn put(row: RowRef, index: usize) -> Option<Waker> {
    // SAFETY: the caller's.
    unsafe { (*row.more::<Inbox>()).put(FIRST + index as u32, &*row.each::<Link>(index)) }
}

/// Counts down entries that are over. Nothing is decided with the last of them, unlike elsewhere: the reader has the seats.
///
/// # Safety
///
/// They were the caller's.
#[inline(always)]
unsafe fn count_down(row: RowRef, entries: u32, driver: &mut Driver) {
    // SAFETY: the caller's.
    unsafe {
        if row.counts_last(entries) {
            driver.release(row.core());
        }
    }
}

/// The reader.
#[derive(Debug)]
pub(crate) struct Each<A> {
    /// None: there were no cells.
    row: Option<RowRef>,
    /// So many have not been given yet.
    to_come: usize,
    /// What was taken out of the inbox: the first of it that has not been given yet.
    front: u32,
    cells: PhantomData<Shared<A>>,
}

// SAFETY: it is all that reads, wherever it is; the cells may be shared.
unsafe impl<A> Send for Each<A> where Shared<A>: Send {}
// SAFETY: nothing can be done through a shared reference.
unsafe impl<A> Sync for Each<A> where Shared<A>: Send {}

impl<A: Outcome + 'static> Each<A> {
    /// Those that are complete already come first.
    pub(crate) fn new(cells: Vec<Shared<A>>) -> Self {
        let count = cells.len();
        if count == 0 {
            return Self { row: None, to_come: 0, front: EMPTY, cells: PhantomData };
        }
        let more = Rowed::<Nothing, Inbox, Link>::with_more;
        let row = more(count, count, 1, Inbox::new(), |_| Link::new(EMPTY));
        Driver::run(|driver| {
            let mut counts = 1;
            // SAFETY: the caller's count, made with the row, keeps it until it is counted down; each seat is filled once.
            unsafe {
                for (index, cell) in (0..).zip(cells) {
                    if let Err(closed) = row.join::<Ended<A>>(index, cell) {
                        counts += 1;
                        if closed == NoSlot::Sealed {
                            // Nobody waits yet.
                            put(row, index);
                        }
                    }
                }
                row.ready(count, driver);
                count_down(row, counts, driver);
            }
        });
        Self { row: Some(row), to_come: count, front: EMPTY, cells: PhantomData }
    }

    /// The next one, with its number; `None` when all have been given.
    #[inline]
    pub(crate) fn poll_next(&mut self, waker: &Waker) -> Poll<Option<(usize, Shared<A>)>> {
        let Some(row) = self.row.filter(|_| self.to_come > 0) else { return Poll::Ready(None) };
        // SAFETY: our handle keeps the row; the links of what was taken are ours, and so are the seats: (1).
        unsafe {
            if self.front == EMPTY {
                let inbox = &*row.more::<Inbox>();
                let stack = inbox.take();
                if stack != EMPTY {
                    self.turn(row, stack);
                } else {
                    // Its wakers go when the stack has been put away.
                    let armed = inbox.arm(waker);
                    self.turn(row, armed.stack);
                }
                if self.front == EMPTY {
                    return Poll::Pending;
                }
            }
            let index = (self.front - FIRST) as usize;
            self.front = (*row.each::<Link>(index)).with(|below| *below);
            self.to_come -= 1;
            let Some(cell) = row.take(index) else { unreachable!("nobody else takes it") };
            Poll::Ready(Some((index, cell)))
        }
    }

    /// Turns a stack round: what came first is given first.
    ///
    /// # Safety
    ///
    /// It was taken out of the inbox of this row, and nothing is left of what was taken before.
    #[inline(always)]
    unsafe fn turn(&mut self, row: RowRef, mut stack: u32) {
        while stack != EMPTY {
            // SAFETY: the caller's: the links are ours.
            unsafe {
                let link = &*row.each::<Link>((stack - FIRST) as usize);
                let below = link.with_mut(|link| ::core::mem::replace(&mut *link, self.front));
                self.front = ::core::mem::replace(&mut stack, below);
            }
        }
    }
}

impl<A> Each<A> {
    /// How many have not been given yet.
    #[inline(always)]
    pub(crate) fn to_come(&self) -> usize {
        self.to_come
    }
}

impl<A> Drop for Each<A> {
    fn drop(&mut self) {
        let Some(row) = self.row else { return };
        // SAFETY: our handle keeps the row until it is given up.
        unsafe {
            // Dropped last: that may run anything.
            let _waker = (*row.more::<Inbox>()).close();
            Driver::run(|driver| {
                if self.to_come == 0 {
                    // All seats are empty.
                    driver.release(row.core());
                } else {
                    driver.release_viewer(row.core());
                }
            });
        }
    }
}
