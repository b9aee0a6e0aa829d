//! A cell that waits for several others: a row of seats lies behind it, in the
//! same allocation, one for each of those.
//!
//! Each seat keeps its cell and has an entry in that one's line: an address of
//! the seat, nothing else. The row itself holds one handle of its own cell,
//! counted as a source, for all entries together.
//!
//! 1. `left` counts entries that may still be called, or are still to be made, and
//!    whoever else is at work on the row. Who counts it down to nothing gives up the
//!    row's handle.
//! 2. `state` says `DONE` once it is decided what the cell will be, or that
//!    nobody will look; and how many seats are ready: filled in, and registered.
//!    Both are `fetch_or` and `fetch_add` on one word, so of the one who decides
//!    and the one who makes a seat ready the second sees the first: that one
//!    clears the seat. So each seat is cleared once: its entry taken out of its
//!    cell's line, its handle given up. (That is what `WhenAny` needs over a task
//!    that lives long: it leaves nothing behind.)
//! 3. A seat is written before its entry is armed, and read by the entry, or by
//!    who clears it.
//! 4. Who looks at the cell may go. The row's handle is never copied, so a
//!    viewer that finds one handle beside its own is the last one, or the row is
//!    done; it clears the row before it goes. Unless something continues the cell:
//!    that will be called, whoever looks.

use super::super::callback::{pack_small, unpack_small};
use super::super::line;
use super::super::registry::{Heap, NoSlot, Place};
use super::core::{Core, Outcome};
use super::driver::Driver;
use super::entry::register;
use super::handle::Shared;
use super::told::{SeatEntry, Told};
use crate::shim::atomic::{AtomicU32, Ordering};
use crate::shim::cell::UnsafeCell;
use ::core::mem::ManuallyDrop;
use ::core::ops::Range;
use ::core::ptr::{self, NonNull};

const DONE: u32 = 1;
/// One ready seat, in `state`.
const READY: u32 = 2;

/// So many seats can be counted.
pub(super) const MOST: usize = 1 << 30;

/// What lies behind the cell; the seats follow.
#[repr(C)]
pub(super) struct Row {
    left: AtomicU32,
    state: AtomicU32,
    seats: usize,
    core: *const Core,
    /// The seats that are still to be cleared by who decided that nobody will look.
    closing: UnsafeCell<Range<usize>>,
}

/// A place for a cell that is waited for.
#[repr(C)]
pub(super) struct Seat {
    /// Null: there is none, or it has been moved out.
    cell: UnsafeCell<*const Core>,
    place: UnsafeCell<Place<Heap>>,
    row: RowRef,
}

/// A row that lives.
#[derive(Clone, Copy, Debug)]
pub(super) struct RowRef(pub(super) *const Row);

impl RowRef {
    /// # Safety
    ///
    /// The cell has a row and lives, as it does while whatever is returned is used.
    pub(super) unsafe fn of(core: *const Core) -> Self {
        // SAFETY: the caller's.
        Self(unsafe { core.byte_add((*core).vtable.row) }.cast())
    }

    /// Begins a row whose `left` counts the caller, and so many `entries`.
    ///
    /// # Safety
    ///
    /// The cell has room for the row where its vtable says, and is the caller's alone.
    pub(super) unsafe fn begin(core: *const Core, seats: usize, entries: usize) -> Self {
        // SAFETY: the caller's.
        unsafe {
            let row = Self::of(core);
            row.0.cast_mut().write(Row {
                left: AtomicU32::new(1 + entries as u32),
                state: AtomicU32::new(0),
                seats,
                core,
                closing: UnsafeCell::new(0..0),
            });
            row
        }
    }

    fn get(&self) -> &Row {
        // SAFETY: see `of`.
        unsafe { &*self.0 }
    }

    pub(super) fn core(self) -> *const Core {
        self.get().core
    }

    /// How many seats there are.
    pub(super) fn len(self) -> usize {
        self.get().seats
    }

    /// What stands in front of the row.
    ///
    /// # Safety
    ///
    /// The row was made with an `X` there.
    #[inline(always)]
    pub(super) unsafe fn more<X>(self) -> *const X {
        // SAFETY: the caller's.
        unsafe { self.0.cast::<X>().sub(1) }
    }

    /// What goes with a seat.
    ///
    /// # Safety
    ///
    /// The row was made with such, and has a seat of this number, or none at all.
    #[inline(always)]
    pub(super) unsafe fn each<Y>(self, index: usize) -> *const Y {
        // SAFETY: they stand behind the seats.
        unsafe { self.seat(self.len()).cast::<Y>().add(index) }
    }

    /// The row of a seat that has been filled.
    ///
    /// # Safety
    ///
    /// As for [`RowRef::of`].
    pub(super) unsafe fn of_seat(seat: *const Seat) -> Self {
        // SAFETY: the caller's.
        unsafe { (*seat).row }
    }

    /// The number of a seat.
    ///
    /// # Safety
    ///
    /// It is one of this row.
    pub(super) unsafe fn index(self, seat: *const Seat) -> usize {
        // SAFETY: the caller's.
        unsafe { seat.offset_from(self.seat(0)) as usize }
    }

    unsafe fn seat(self, index: usize) -> *const Seat {
        // SAFETY: the seats follow the row, and there is one of this number.
        unsafe { self.0.add(1).cast::<Seat>().add(index) }
    }

    /// The cell of a seat; null, if it has been moved out.
    ///
    /// # Safety
    ///
    /// The caller has decided after it was ready, and has not cleared it; or filled it, and it has no entry.
    pub(super) unsafe fn cell(self, index: usize) -> *const Core {
        // SAFETY: the caller's.
        unsafe { (*self.seat(index)).cell.with(|cell| *cell) }
    }

    /// Moves the cell of a seat out.
    ///
    /// # Safety
    ///
    /// As for [`RowRef::cell`]; it is one of `A`.
    pub(super) unsafe fn take<A: Outcome>(self, index: usize) -> Option<Shared<A>> {
        // SAFETY: the caller's.
        unsafe {
            let core = self.cell(index);
            self.vacate(index);
            NonNull::new(core.cast_mut()).map(|core| Shared::from_raw(core))
        }
    }

    /// The cell of a seat has been moved out.
    ///
    /// # Safety
    ///
    /// As for [`RowRef::cell`].
    pub(super) unsafe fn vacate(self, index: usize) {
        // SAFETY: the caller's.
        unsafe { (*self.seat(index)).cell.with_mut(|cell| *cell = ptr::null()) };
    }

    /// Counts one entry more that is to be made.
    ///
    /// # Safety
    ///
    /// The caller is counted in `left`.
    pub(super) unsafe fn count_up(self) {
        // ORDERING: the caller's own count keeps the row; who counts down to nothing sees this by the entry's arm.
        self.get().left.fetch_add(1, Ordering::Relaxed);
    }

    /// Puts a cell into a seat.
    ///
    /// # Safety
    ///
    /// The seat is empty and not ready, and the caller's to fill; it keeps the caller's handle of the cell.
    pub(super) unsafe fn fill(self, index: usize, core: *const Core, place: Place<Heap>) {
        let seat = Seat { cell: UnsafeCell::new(core), place: UnsafeCell::new(place), row: self };
        // SAFETY: the caller's, who fills the seat.
        unsafe { self.seat(index).cast_mut().write(seat) };
    }

    /// Puts `cell` into a seat, and an entry of `R` into its line. `Err`: it is closed already; the cell stays in the
    /// seat, and the entry's count becomes the caller's.
    ///
    /// # Safety
    ///
    /// The seat is empty and not ready, and the caller's to fill; the caller and the entry are counted in `left`.
    pub(super) unsafe fn join<R: Told>(self, index: usize, cell: Shared<R::Child>) -> Result<(), NoSlot> {
        let core = ManuallyDrop::new(cell).core();
        // SAFETY: the caller's.
        unsafe {
            let entry = SeatEntry::<R>::new(self.seat(index));
            let registered = register(core, entry, pack_small, unpack_small, |place| self.fill(index, core, place));
            registered.map(drop).map_err(|(_, closed)| {
                self.fill(index, core, Place::NONE);
                closed
            })
        }
    }

    /// Says that so many seats more are ready. If it has been decided meanwhile, they are cleared.
    ///
    /// # Safety
    ///
    /// The caller filled them, and is counted in `left`.
    pub(super) unsafe fn ready(self, seats: usize, driver: &mut Driver) {
        // ORDERING: Release: who decides after this sees the seats. Acquire: of seats that are ready in another order than they
        // were filled in, somebody else may have filled these, who said so before.
        let old = self.get().state.fetch_add(READY * seats as u32, Ordering::AcqRel);
        if old & DONE != 0 {
            let first = (old / READY) as usize;
            // SAFETY: (2).
            unsafe { self.clear(first..first + seats, driver) };
        }
    }

    /// Decides. `Some`: the caller is first, and has to clear so many seats.
    pub(super) fn win(self) -> Option<usize> {
        // ORDERING: Acquire: as for `ready`. It publishes nothing: what follows comes after it.
        let old = self.get().state.fetch_or(DONE, Ordering::Acquire);
        (old & DONE == 0).then_some((old / READY) as usize)
    }

    /// Clears seats: takes their entries out, and gives their cells up.
    ///
    /// # Safety
    ///
    /// The caller decided and these were ready, or the other way round. Somebody keeps the cell beside the entries.
    pub(super) unsafe fn clear(self, seats: Range<usize>, driver: &mut Driver) {
        let mut removed = 0;
        // SAFETY: (2), (3).
        unsafe {
            let claim = (*self.core()).vtable.claim;
            for index in seats {
                if claim.is_some_and(|claim| !claim(self, index)) {
                    continue;
                }
                let seat = self.seat(index);
                let core = (*seat).cell.with_mut(|cell| ::core::mem::replace(&mut *cell, ptr::null()));
                if core.is_null() {
                    continue;
                }
                let place = (*seat).place.with(|place| *place);
                if !place.is_none() && line::remove_callback(place).is_some() {
                    removed += 1;
                }
                driver.release_viewer(core);
            }
            self.count_down(removed, driver);
        }
    }

    /// Clears seats all of whose entries have been called: only their cells are left to be given up. Some may have been
    /// moved out, from the first on.
    ///
    /// # Safety
    ///
    /// As for [`RowRef::clear`].
    pub(super) unsafe fn clear_called(self, seats: Range<usize>, driver: &mut Driver) {
        // SAFETY: as above. Nobody looks at the seats again.
        unsafe {
            if seats.is_empty() || self.cell(seats.end - 1).is_null() {
                return;
            }
            for index in seats {
                let core = self.cell(index);
                if !core.is_null() {
                    driver.release_viewer(core);
                }
            }
        }
    }

    /// Notes which seats are to be cleared, one by one.
    ///
    /// # Safety
    ///
    /// The caller has decided.
    pub(super) unsafe fn close(self, ready: usize) {
        // SAFETY: theirs who decided.
        unsafe { self.get().closing.with_mut(|closing| *closing = 0..ready) };
    }

    /// Clears one of the seats that are to be cleared. False: there was none left.
    ///
    /// # Safety
    ///
    /// As for [`RowRef::close`] and [`RowRef::clear`].
    pub(super) unsafe fn close_next(self, driver: &mut Driver) -> bool {
        // SAFETY: as in `close`.
        unsafe {
            let Some(index) = self.get().closing.with_mut(|closing| (*closing).next()) else { return false };
            self.clear(index..index + 1, driver);
        }
        true
    }

    /// Counts down entries that will not be called any more. The last gives up the row's handle, and leaves the cell
    /// pending for good if nothing has been decided.
    ///
    /// # Safety
    ///
    /// They were the caller's.
    pub(super) unsafe fn count_down(self, entries: u32, driver: &mut Driver) {
        // SAFETY: the caller's; the row's handle keeps the cell until the end.
        unsafe {
            if entries > 0 && self.counts_last(entries) {
                self.never(driver);
                driver.release(self.core());
            }
        }
    }

    /// Counts down. True: they were the last, and the row's handle is the caller's to give up.
    ///
    /// # Safety
    ///
    /// They were the caller's.
    pub(super) unsafe fn counts_last(self, entries: u32) -> bool {
        // ORDERING: AcqRel: the last sees what all others did.
        self.get().left.fetch_sub(entries, Ordering::AcqRel) == entries
    }
}
