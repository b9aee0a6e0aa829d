//! A cell in memory: counts, the head of its line with two slots, the outcome.
//!
//! | bits of the head word | meaning | left by |
//! |---|---|---|
//! | none | pending | whoever completes it: `fetch_or` of `RESERVED` decides |
//! | `RESERVED` | pending, for everybody but the one who set it, and who writes the outcome | that one: `fetch_add` of `SEAL` |
//! | `RESERVED`, `SEAL` | complete | nobody (a reset needs the only handle) |
//! | `NEVER` | left pending for good | nobody |
//!
//! Nothing spins: whoever finds `RESERVED` joins the line, and is caught by the seal.
//!
//! 1. `handles` counts all that keep the cell: those who only look, sources,
//!    deliveries that somebody put off. Nobody can make a handle from none: who
//!    finds one handle, its own, has the cell for itself.
//! 2. `sources` counts handles that can complete. The last one abandons the cell
//!    if nobody has completed it.
//! 3. The outcome is written between `RESERVED` and `SEAL` by the one who set
//!    both, read by anybody after `SEAL`, and moved out only under (1).

use super::super::group;
use super::super::registry::Registry;
use super::super::slot::Slot;
use super::super::word::{CLOSED, GROWN, HEAD_ARMS, NEVER, OBSERVED, SEAL, SPAN};
use super::complete::complete_in;
use super::driver::Driver;
use super::row::RowRef;
use crate::shim::atomic::{AtomicU32, Ordering};
use crate::shim::cell::UnsafeCell;
use crate::shim::heap::{alloc, dealloc, handle_alloc_error};
use ::alloc::vec::Vec;
use ::core::alloc::Layout;
use ::core::mem::MaybeUninit;
use ::core::ptr::{self, NonNull};

/// What a cell holds in the end.
pub(crate) trait Outcome: Sized {
    /// Of a cell whose last source went without a result.
    fn abandoned() -> Self;

    /// The cell goes, or begins anew: `observed` says whether somebody has seen a fault. Drops the outcome: foreign code.
    fn end(self, observed: bool);
}

/// What goes with a cell of some type.
#[derive(Debug)]
pub(super) struct VTable {
    /// Frees a cell without handles: drops what it holds, which is foreign code.
    pub(super) free: unsafe fn(*const Core),
    /// Completes a cell whose last source went without a result; that source's handle goes over to the driver.
    pub(super) abandon: unsafe fn(*const Core, &mut Driver),
    /// Takes the callbacks of a complete cell away, if they are not to run where it is completed: foreign code.
    pub(super) divert: Option<unsafe fn(*const Core, Vec<*const Slot>)>,
    /// How far behind the cell's beginning its row lies; zero if it has none.
    pub(super) row: usize,
    /// Whether the cell of a seat is the caller's, who clears the row; none if it always is.
    pub(super) claim: Option<unsafe fn(RowRef, usize) -> bool>,
}

/// What all cells have in common.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Core {
    pub(super) handles: AtomicU32,
    pub(super) sources: AtomicU32,
    pub(super) vtable: &'static VTable,
    /// The next cell in a list of a [`Driver`](super::Driver). Its deliverer's, or its last holder's.
    pub(super) work: UnsafeCell<*const Core>,
    pub(super) registry: Registry,
    slots: [Slot; SPAN],
}

/// A cell of one type. A tail may follow it in memory.
#[repr(C)]
pub(super) struct Cell<V> {
    core: Core,
    outcome: UnsafeCell<MaybeUninit<V>>,
}

impl Core {
    /// The head of the line, with the provenance of the whole cell.
    #[inline(always)]
    pub(super) fn registry(this: *const Self) -> *const Registry {
        this.cast::<Registry>().wrapping_byte_add(::core::mem::offset_of!(Self, registry))
    }

    /// The word as it stands, for a caller that goes on to read the outcome.
    #[inline(always)]
    pub(super) fn state(&self) -> usize {
        self.registry.state()
    }

    /// True if somebody waits in the line, or is to be called.
    #[inline(always)]
    pub(super) fn has_entries(&self) -> bool {
        let word = self.state();
        word & HEAD_ARMS != 0 && word & CLOSED == 0 || word & GROWN != 0 && self.has_listeners()
    }

    #[cold]
    fn has_listeners(&self) -> bool {
        self.registry.listeners() > 0
    }

    /// True if the caller's handle is the only one, and nobody is to be told: whatever becomes of the cell, nobody will see.
    #[inline(always)]
    pub(super) fn is_unseen(&self) -> bool {
        self.is_alone() && !self.has_entries()
    }

    /// Notes that somebody has seen the fault.
    pub(super) fn observe(&self) {
        // ORDERING: a note that only whoever frees the cell reads, who has synchronised with all others; here and below.
        if self.registry.word.load(Ordering::Relaxed) & OBSERVED == 0 {
            // ORDERING: as above.
            self.registry.word.fetch_or(OBSERVED, Ordering::Relaxed);
        }
    }

    /// True if the caller's handle is the only one.
    #[inline(always)]
    pub(super) fn is_alone(&self) -> bool {
        // ORDERING: Acquire, with the Release of those who gave theirs up: what they did is done.
        self.handles.load(Ordering::Acquire) == 1
    }

    /// One handle more.
    #[inline(always)]
    pub(super) fn retain(&self) {
        // ORDERING: a new handle is made from one that exists, and publishes nothing.
        if self.handles.fetch_add(1, Ordering::Relaxed) > i32::MAX as u32 {
            super::super::owned::too_many();
        }
    }

    /// One handle less. True: it was the last, and the cell is the caller's to free.
    #[inline(always)]
    pub(super) fn release(&self) -> bool {
        self.is_alone() || self.release_one_of_several()
    }

    /// The same for a caller who has just seen that there were others.
    #[inline(always)]
    pub(super) fn release_one_of_several(&self) -> bool {
        // ORDERING: AcqRel: what was done before comes before the end, and the last sees what all others did.
        self.handles.fetch_sub(1, Ordering::AcqRel) == 1
    }
}

impl<V: Outcome> Cell<V> {
    pub(super) const VTABLE: &'static VTable =
        &VTable { free: free::<V>, abandon: abandon::<V>, divert: None, row: 0, claim: None };

    /// A new cell, at the beginning of an allocation of `layout`. It has `handles` handles, `sources` of which are sources.
    #[inline(always)]
    #[expect(clippy::new_ret_no_self, reason = "a cell is reached by its address alone")]
    pub(super) fn new(layout: Layout, vtable: &'static VTable, handles: u32, sources: u32) -> NonNull<Core> {
        // SAFETY: not empty: there is a cell.
        let this = unsafe { alloc(layout) }.cast::<Self>();
        let Some(cell) = NonNull::new(this) else { handle_alloc_error(layout) };
        // SAFETY: the allocation begins with a cell.
        unsafe {
            this.write(Self {
                core: Core {
                    handles: AtomicU32::new(handles),
                    sources: AtomicU32::new(sources),
                    vtable,
                    work: UnsafeCell::new(ptr::null()),
                    registry: Registry::new(SPAN),
                    slots: ::core::array::from_fn(|_| Slot::new()),
                },
                outcome: UnsafeCell::new(MaybeUninit::uninit()),
            });
        }
        cell.cast()
    }

    /// Ends the outcome, if there is one: foreign code.
    ///
    /// # Safety
    ///
    /// As for [`Cell::take`], except that it may be pending.
    #[inline(always)]
    pub(super) unsafe fn end(core: *const Core, word: usize) {
        if word & SEAL != 0 {
            // SAFETY: the caller's.
            unsafe { Self::take(core) }.end(word & OBSERVED != 0);
        }
    }
}

impl<V> Cell<V> {
    /// # Safety
    ///
    /// `core` is the beginning of such a cell, which lives, here and below.
    #[inline(always)]
    unsafe fn outcome<'a>(core: *const Core) -> &'a UnsafeCell<MaybeUninit<V>> {
        // SAFETY: the caller's.
        unsafe { &(*core.cast::<Self>()).outcome }
    }

    /// # Safety
    ///
    /// The caller has set `RESERVED` and will set `SEAL`; or it is alone, and there is none.
    #[inline(always)]
    pub(super) unsafe fn write(core: *const Core, value: V) {
        // SAFETY: (3).
        unsafe { Self::outcome(core).with_mut(|cell| (*cell).write(value)) };
    }

    /// # Safety
    ///
    /// The cell is complete.
    #[inline(always)]
    pub(super) unsafe fn read<'a>(core: *const Core) -> &'a V {
        // SAFETY: (3).
        unsafe { Self::outcome(core).with(|cell| (*cell).assume_init_ref()) }
    }

    /// # Safety
    ///
    /// The cell is complete, the caller alone, and nobody reads the outcome any more.
    #[inline(always)]
    pub(super) unsafe fn take(core: *const Core) -> V {
        // SAFETY: (1), (3).
        unsafe { Self::outcome(core).with_mut(|cell| (*cell).assume_init_read()) }
    }
}

/// The word of a cell that only the caller has.
///
/// # Safety
///
/// The cell lives.
#[inline(always)]
pub(super) unsafe fn last_word(core: *const Core) -> usize {
    // ORDERING: whoever is alone has synchronised with all others by the count.
    // SAFETY: the caller's.
    unsafe { (*core).registry.word.load(Ordering::Relaxed) }
}

unsafe fn free<V: Outcome>(core: *const Core) {
    // SAFETY: the last handle is gone.
    unsafe {
        let word = last_word(core);
        if word & SEAL != 0 { free_complete::<V>(core, word) } else { free_pending::<V>(core) }
    }
}

/// The same where there is no outcome.
#[inline(never)]
unsafe fn free_pending<V: Outcome>(core: *const Core) {
    drop(Memory { core, layout: Layout::new::<Cell<V>>() });
}

/// The same where there is an outcome. The memory goes whatever the end of that does.
#[inline(never)]
unsafe fn free_complete<V: Outcome>(core: *const Core, word: usize) {
    let _memory = Memory { core, layout: Layout::new::<Cell<V>>() };
    // SAFETY: as above.
    unsafe { Cell::<V>::take(core) }.end(word & OBSERVED != 0);
}

/// Frees a cell whose outcome has been taken out.
///
/// # Safety
///
/// The caller's handle was the only one; it is given up.
#[inline(always)]
pub(super) unsafe fn free_empty<V: Outcome>(core: *const Core) {
    // SAFETY: the caller's.
    unsafe {
        if ptr::eq((*core).vtable, Cell::<V>::VTABLE) {
            // Nothing lies behind the cell: that needs no call.
            return drop(Memory { core, layout: Layout::new::<Cell<V>>() });
        }
        // ORDERING: nobody else can reach the cell. Without its seal it has no outcome.
        (*core).registry.word.store(NEVER, Ordering::Relaxed);
        free_cell(core);
    }
}

/// The last source went without a result.
///
/// # Safety
///
/// Its handle is given up.
pub(super) unsafe fn abandon<V: Outcome>(core: *const Core, driver: &mut Driver) {
    // SAFETY: the caller's.
    if let Err(value) = unsafe { complete_in(core, V::abandoned(), driver) } {
        driver.discard(value);
    }
}

/// The memory of a cell without handles.
pub(super) struct Memory {
    pub(super) core: *const Core,
    pub(super) layout: Layout,
}

impl Drop for Memory {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: nobody else can reach the cell; whatever it held has been taken out.
        unsafe {
            group::free(&(*self.core).registry);
            #[cfg(loom)]
            self.core.cast_mut().drop_in_place();
            dealloc(self.core.cast_mut().cast(), self.layout);
        }
    }
}

/// Frees a cell: foreign code.
///
/// # Safety
///
/// Its last handle was the caller's.
#[inline(always)]
pub(super) unsafe fn free_cell(core: *const Core) {
    // SAFETY: the caller's.
    unsafe { ((*core).vtable.free)(core) };
}
