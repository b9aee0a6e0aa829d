//! A cell that waits for several others: a row of seats lies behind it, in the
//! same allocation, one for each of those.
//!
//! Each seat keeps its cell and has an entry in that one's line: an address of
//! the seat, nothing else. The row itself holds one handle of its own cell,
//! counted as a source, for all entries together.
//!
//! 1. `left` counts entries that may still be called, and whoever else is at
//!    work on the row. Who counts it down to nothing gives up the row's handle.
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
use super::complete::leave_in;
use super::core::{Cell, Core, Memory, Outcome, VTable, abandon, last_word};
use super::driver::Driver;
use super::entry::register;
use super::handle::Shared;
use super::told::{SeatEntry, Told};
use crate::shim::atomic::{AtomicU32, Ordering};
use crate::shim::cell::UnsafeCell;
use ::core::alloc::Layout;
use ::core::marker::PhantomData;
use ::core::mem::ManuallyDrop;
use ::core::ops::Range;
use ::core::ptr::{self, NonNull};

const DONE: u32 = 1;
/// One ready seat, in `state`.
const READY: u32 = 2;

/// So many seats can be counted.
const MOST: usize = 1 << 30;

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
    index: usize,
}

/// A cell of `V` with a row of `n` seats.
#[derive(Debug)]
pub(super) struct Rowed<V>(PhantomData<V>);

impl<V: Outcome> Rowed<V> {
    const VTABLE: &'static VTable = &VTable { free: free::<V>, abandon: abandon::<V>, divert: None, row: Self::row() };

    /// Where the row begins.
    const fn row() -> usize {
        size_of::<Cell<V>>().next_multiple_of(align_of::<Row>())
    }

    fn layout(seats: usize) -> Layout {
        let cell = Layout::new::<Cell<V>>();
        let row = cell.extend(Layout::new::<Row>()).and_then(|(layout, start)| {
            debug_assert!(start == Self::row(), "the vtable says where the row is");
            Ok(layout.extend(Layout::array::<Seat>(seats)?)?.0)
        });
        row.expect("fewer tasks than fit into memory").pad_to_align()
    }

    /// A cell with so many empty seats, one handle to be returned, and the row's. `left` is one: the caller's.
    pub(super) fn with_seats(seats: usize) -> (Shared<V>, RowRef) {
        assert!(seats < MOST, "too many tasks for one aggregate");
        let core = Cell::<V>::new(Self::layout(seats), Self::VTABLE, 2, 1);
        // SAFETY: the layout has a row behind the cell, and behind that the seats.
        unsafe {
            let row = RowRef::of(core.as_ptr());
            let first = row.0.cast_mut();
            first.write(Row {
                left: AtomicU32::new(1),
                state: AtomicU32::new(0),
                seats,
                core: core.as_ptr(),
                closing: UnsafeCell::new(0..0),
            });
            for index in 0..seats {
                row.seat(index).cast_mut().write(Seat {
                    cell: UnsafeCell::new(ptr::null()),
                    place: UnsafeCell::new(Place::NONE),
                    index,
                });
            }
            (Shared::from_raw(core), row)
        }
    }
}

unsafe fn free<V: Outcome>(core: *const Core) {
    // SAFETY: the last handle is gone, so the row has been cleared.
    unsafe {
        let row = RowRef::of(core);
        let word = last_word(core);
        let layout = Rowed::<V>::layout((*row.0).seats);
        let _memory = Memory { core, layout };
        #[cfg(loom)]
        row.drop_in_place();
        Cell::<V>::end(core, word);
    }
}

/// A row that lives.
#[derive(Clone, Copy)]
pub(super) struct RowRef(pub(super) *const Row);

impl RowRef {
    /// # Safety
    ///
    /// The cell has a row and lives, as it does while whatever is returned is used.
    pub(super) unsafe fn of(core: *const Core) -> Self {
        // SAFETY: the caller's.
        Self(unsafe { core.byte_add((*core).vtable.row) }.cast())
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

    /// The row of a seat, and the seat's number.
    ///
    /// # Safety
    ///
    /// As for [`RowRef::of`].
    pub(super) unsafe fn of_seat(seat: *const Seat) -> (Self, usize) {
        // SAFETY: the seats follow the row.
        unsafe {
            let index = (*seat).index;
            (Self(seat.sub(index).cast::<Row>().sub(1)), index)
        }
    }

    unsafe fn seat(self, index: usize) -> *const Seat {
        // SAFETY: the seats follow the row, and there is one of this number.
        unsafe { self.0.add(1).cast::<Seat>().add(index) }
    }

    #[cfg(loom)]
    unsafe fn drop_in_place(self) {
        // SAFETY: nobody else can reach the row.
        unsafe {
            for index in 0..self.len() {
                self.seat(index).cast_mut().drop_in_place();
            }
            self.0.cast_mut().drop_in_place();
        }
    }

    /// The cell of a seat.
    ///
    /// # Safety
    ///
    /// It is one of `A`. All seats are ready, the caller has decided and has not cleared them.
    pub(super) unsafe fn cell<A: Outcome>(self, index: usize) -> Option<ManuallyDrop<Shared<A>>> {
        // SAFETY: the caller's.
        unsafe {
            let core = (*self.seat(index)).cell.with(|cell| *cell);
            (!core.is_null()).then(|| Shared::borrowed(core))
        }
    }

    /// Moves the cell of a seat out.
    ///
    /// # Safety
    ///
    /// As for [`RowRef::cell`]; or the seat is not ready, and has no entry, and the caller filled it.
    pub(super) unsafe fn take<A: Outcome>(self, index: usize) -> Option<Shared<A>> {
        // SAFETY: the caller's.
        unsafe {
            let core = (*self.seat(index)).cell.with_mut(|cell| ::core::mem::replace(&mut *cell, ptr::null()));
            NonNull::new(core.cast_mut()).map(|core| Shared::from_raw(core))
        }
    }

    /// Puts back what was moved out.
    ///
    /// # Safety
    ///
    /// As for [`RowRef::cell`].
    pub(super) unsafe fn put<A: Outcome>(self, index: usize, cell: Shared<A>) {
        let core = ManuallyDrop::new(cell).core();
        // SAFETY: the caller's.
        unsafe { (*self.seat(index)).cell.with_mut(|cell| *cell = core) };
    }

    /// Puts `cell` into a seat, and an entry of `R` into its line, counted in `left`. `Err`: it is closed already, and
    /// nothing is counted; the cell stays in the seat.
    ///
    /// # Safety
    ///
    /// The seat is empty and not ready, and the caller's to fill; the caller is counted in `left`.
    pub(super) unsafe fn join<R: Told>(self, index: usize, cell: Shared<R::Child>) -> Result<(), NoSlot> {
        self.expect(1);
        // SAFETY: the caller's.
        unsafe { self.join_expected::<R>(index, cell) }
    }

    /// Counts so many entries in `left` that are to come.
    #[inline]
    pub(super) fn expect(self, entries: u32) {
        // ORDERING: the caller's own count keeps the row; who counts down to nothing sees this by the entry's arm.
        self.get().left.fetch_add(entries, Ordering::Relaxed);
    }

    /// As [`RowRef::join`] for an entry that has been counted already, and is no longer if this answers `Err`.
    ///
    /// # Safety
    ///
    /// As there.
    pub(super) unsafe fn join_expected<R: Told>(self, index: usize, cell: Shared<R::Child>) -> Result<(), NoSlot> {
        let core = ManuallyDrop::new(cell).core();
        // SAFETY: the caller's.
        unsafe {
            let seat = self.seat(index);
            (*seat).cell.with_mut(|cell| *cell = core);
            let entry = SeatEntry::<R>::new(seat);
            let place = |place| (*seat).place.with_mut(|written| *written = place);
            match register(core, entry, pack_small, unpack_small, place) {
                Ok(_) => Ok(()),
                Err((_, closed)) => {
                    (*seat).place.with_mut(|written| *written = Place::NONE);
                    // ORDERING: the caller is still counted, so nobody waits for this.
                    self.get().left.fetch_sub(1, Ordering::Relaxed);
                    Err(closed)
                }
            }
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
        // SAFETY: the caller's.
        unsafe { self.clear_after(seats, false, driver) };
    }

    /// As [`RowRef::clear`]. `told`: all entries have been called, so there are none to be taken out.
    ///
    /// # Safety
    ///
    /// As there.
    #[inline]
    pub(super) unsafe fn clear_after(self, seats: Range<usize>, told: bool, driver: &mut Driver) {
        let mut removed = 0;
        // SAFETY: (2), (3).
        unsafe {
            for index in seats {
                let seat = self.seat(index);
                let core = (*seat).cell.with_mut(|cell| ::core::mem::replace(&mut *cell, ptr::null()));
                if core.is_null() {
                    continue;
                }
                let place = (*seat).place.with(|place| *place);
                if !told && !place.is_none() && line::remove_callback(place).is_some() {
                    removed += 1;
                }
                driver.release_viewer(core);
            }
            self.count_down(removed, driver);
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
