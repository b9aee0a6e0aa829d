//! How a cell with a row lies in memory: what stands in front of the row, and
//! what goes with each seat.

use super::core::{Cell, Core, Memory, Outcome, VTable, abandon, last_word};
use super::handle::Shared;
use super::row::{MOST, Row, RowRef, Seat};
use ::core::alloc::Layout;
use ::core::marker::PhantomData;
use ::core::ptr::{self, NonNull};

/// A cell of `V` with a row of `n` seats; an `X` in front of the row, and behind it a `Y` for each seat.
#[derive(Debug)]
pub(super) struct Rowed<V, X = (), Y = ()>(PhantomData<(V, X, Y)>);

impl<V: Outcome> Rowed<V> {
    /// A cell with so many seats that have never been filled, one handle to be returned, and the row's. `left` counts the
    /// caller, and so many `entries`.
    pub(super) fn with_seats(seats: usize, entries: usize) -> (Shared<V>, RowRef) {
        let row = Self::with_more(seats, entries, 1, (), |_| ());
        // SAFETY: the one handle that looks.
        unsafe { (Shared::from_raw(NonNull::new_unchecked(row.core().cast_mut())), row) }
    }
}

/// What stands in front of a row.
pub(super) trait Front {
    /// See [`VTable::claim`].
    const CLAIM: Option<unsafe fn(RowRef, usize) -> bool> = None;
}

impl Front for () {}

impl<V: Outcome, X: Front, Y> Rowed<V, X, Y> {
    const VTABLE: &'static VTable =
        &VTable { free: free::<V, X, Y>, abandon: abandon::<V>, divert: None, row: Self::row(), claim: X::CLAIM };

    /// Where the row begins.
    const fn row() -> usize {
        const { assert!(align_of::<X>() <= align_of::<Row>() && align_of::<Y>() <= align_of::<Seat>(), "as they lie") };
        (size_of::<Cell<V>>() + size_of::<X>()).next_multiple_of(align_of::<Row>())
    }

    fn layout(seats: usize) -> Layout {
        let row = Layout::from_size_align(Self::row(), align_of::<Cell<V>>()).and_then(|cell| {
            let (layout, start) = cell.extend(Layout::new::<Row>())?;
            debug_assert!(start == Self::row(), "the vtable says where the row is");
            let layout = layout.extend(Layout::array::<Seat>(seats)?)?.0;
            Ok(layout.extend(Layout::array::<Y>(seats)?)?.0)
        });
        row.expect("fewer tasks than fit into memory").pad_to_align()
    }

    /// The same with so many handles that look, whose first is the caller's, and with more in the same allocation.
    pub(super) fn with_more(seats: usize, entries: usize, viewers: u32, more: X, each: impl Fn(usize) -> Y) -> RowRef {
        assert!(seats < MOST, "too many tasks for one aggregate");
        let core = Cell::<V>::new(Self::layout(seats), Self::VTABLE, 1 + viewers, 1);
        // SAFETY: the layout has a row behind the cell, and behind that the seats; for the rest see `more` and `each`.
        unsafe {
            let row = RowRef::begin(core.as_ptr(), seats, entries);
            row.more::<X>().cast_mut().write(more);
            for index in 0..seats {
                row.each::<Y>(index).cast_mut().write(each(index));
            }
            row
        }
    }
}

unsafe fn free<V: Outcome, X: Front, Y>(core: *const Core) {
    // SAFETY: the last handle is gone, so the row has been cleared.
    unsafe {
        let row = RowRef::of(core);
        let word = last_word(core);
        let layout = Rowed::<V, X, Y>::layout(row.len());
        let _memory = Memory { core, layout };
        row.more::<X>().cast_mut().drop_in_place();
        ptr::slice_from_raw_parts_mut(row.each::<Y>(0).cast_mut(), row.len()).drop_in_place();
        #[cfg(loom)]
        row.0.cast_mut().drop_in_place();
        Cell::<V>::end(core, word);
    }
}
