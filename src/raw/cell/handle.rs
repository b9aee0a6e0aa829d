//! Safe handles of cells: [`Shared`] (what a task is) and [`Completer`] (what a
//! source is).

use super::super::group;
use super::super::line;
use super::super::word::{CLOSED, OBSERVED, RESERVED, SEAL};
use super::closing;
use super::complete::{complete, complete_in, leave_in};
use super::core::{Cell, Core, Outcome, free_cell, free_empty, last_word};
use super::driver::Driver;
use crate::shim::atomic::Ordering;
use ::core::alloc::Layout;
use ::core::borrow::Borrow;
use ::core::marker::PhantomData;
use ::core::mem::ManuallyDrop;
use ::core::ptr::NonNull;

/// A handle that looks.
#[derive(Debug)]
pub(crate) struct Shared<V>(NonNull<Core>, PhantomData<V>);

// SAFETY: a cell is shared by reference: its words are atomic, each payload belongs to one side at a time and is `Send`,
// and the outcome is read by all handles and may be dropped by any.
unsafe impl<V: Send + Sync> Send for Shared<V> {}
// SAFETY: as above.
unsafe impl<V: Send + Sync> Sync for Shared<V> {}

impl<V: Outcome> Shared<V> {
    /// A cell that is complete from the start.
    pub(crate) fn complete(value: V) -> Self {
        let core = Cell::<V>::new(Layout::new::<Cell<V>>(), Cell::<V>::VTABLE, 1, 0);
        // SAFETY: nobody else knows the cell yet.
        unsafe {
            Cell::write(core.as_ptr(), value);
            // ORDERING: whoever gets a handle gets it from this thread.
            core.as_ref().registry.word.store(SEAL | RESERVED, Ordering::Relaxed);
        }
        Self(core, PhantomData)
    }

    /// The outcome, if the cell is complete, this is its only handle, and `may` says so.
    #[inline(always)]
    pub(crate) fn try_take(self, may: impl FnOnce(&V) -> bool) -> Result<V, Self> {
        let core = self.get_core();
        // SAFETY: complete, by the look before.
        if !core.is_alone() || core.state() & SEAL == 0 || !may(unsafe { Cell::read(self.core()) }) {
            return Err(self);
        }
        let this = ManuallyDrop::new(self);
        // SAFETY: complete, and ours alone.
        unsafe {
            let value = Cell::take(this.core());
            free_empty::<V>(this.core());
            Ok(value)
        }
    }
}

impl<V> Shared<V> {
    /// # Safety
    ///
    /// The handle that comes with `core`, a cell of this type, is the caller's and given up.
    #[inline(always)]
    pub(super) unsafe fn from_raw(core: NonNull<Core>) -> Self {
        Self(core, PhantomData)
    }

    /// A look at a cell that somebody else keeps for as long.
    ///
    /// # Safety
    ///
    /// `core` is a cell of this type, which lives as long as what is returned.
    #[inline(always)]
    pub(super) unsafe fn borrowed(core: *const Core) -> ManuallyDrop<Self> {
        // SAFETY: the caller's: not null.
        ManuallyDrop::new(Self(unsafe { NonNull::new_unchecked(core.cast_mut()) }, PhantomData))
    }

    /// Calls `f` with this handle in other clothes, without counting another one. `wrap` must put it into something that is
    /// this handle and nothing else.
    #[inline(always)]
    pub(crate) fn lend<W, R>(&self, wrap: fn(Self) -> W, f: impl FnOnce(&W) -> R) -> R {
        // SAFETY: the copy is never dropped, and goes before this handle does.
        f(&ManuallyDrop::new(wrap(unsafe { ::core::ptr::read(self) })))
    }

    #[inline(always)]
    pub(super) fn core(&self) -> *const Core {
        self.0.as_ptr()
    }

    #[inline(always)]
    fn get_core(&self) -> &Core {
        // SAFETY: the handle keeps it.
        unsafe { self.0.as_ref() }
    }

    /// The outcome, once there is one. The caller has to [`observe`](Self::observe) a fault that it shows to a user.
    #[inline(always)]
    pub(crate) fn get(&self) -> Option<&V> {
        // SAFETY: complete; the handle keeps the cell.
        (self.get_core().state() & SEAL != 0).then(|| unsafe { Cell::read(self.core()) })
    }

    /// Notes that somebody has seen the fault.
    pub(crate) fn observe(&self) {
        self.get_core().observe();
    }

    /// How many wait, or are to be called; racy.
    pub(crate) fn listeners(&self) -> usize {
        self.get_core().registry.listeners()
    }

    /// True if this is the only handle.
    pub(crate) fn is_alone(&self) -> bool {
        self.get_core().is_alone()
    }

    /// What tells cells apart.
    pub(crate) fn address(&self) -> *const () {
        self.core().cast()
    }
}

/// A borrowed [`Shared`], as a copy: one step less to the cell than by reference.
#[derive(Debug)]
pub(crate) struct View<'a, V>(ManuallyDrop<Shared<V>>, PhantomData<&'a Shared<V>>);

impl<'a, V> View<'a, V> {
    #[inline(always)]
    pub(crate) fn new(cell: &'a Shared<V>) -> Self {
        Self(ManuallyDrop::new(Shared(cell.0, PhantomData)), PhantomData)
    }
}

impl<V> Borrow<Shared<V>> for View<'_, V> {
    #[inline(always)]
    fn borrow(&self) -> &Shared<V> {
        &self.0
    }
}

impl<V> Clone for Shared<V> {
    #[inline(always)]
    fn clone(&self) -> Self {
        self.get_core().retain();
        Self(self.0, PhantomData)
    }
}

impl<V> Drop for Shared<V> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: this handle is given up.
        unsafe {
            let core = self.get_core();
            if core.is_alone() {
                free_cell(core);
            } else if core.vtable.row != 0 {
                release_rowed(core);
            } else if core.release_one_of_several() {
                free_cell(core);
            }
        }
    }
}

/// Gives up a looking handle of a cell with a row, beside which there was another one just now.
///
/// # Safety
///
/// The caller's handle.
#[cold]
#[inline(never)]
unsafe fn release_rowed(core: *const Core) {
    // SAFETY: the caller's.
    Driver::run(|driver| unsafe { closing::release_viewer(core, driver) });
}

// The outcome stays where it is when its handles move.
impl<V> Unpin for Shared<V> {}
impl<V> Unpin for Completer<V> {}

/// A handle that completes. It takes what others will read as a `V`, so it must not pass for one of any other type.
#[derive(Debug)]
pub(crate) struct Completer<V>(NonNull<Core>, PhantomData<fn(V) -> V>);

// SAFETY: as for `Shared`.
unsafe impl<V: Send + Sync> Send for Completer<V> {}
// SAFETY: as above.
unsafe impl<V: Send + Sync> Sync for Completer<V> {}

impl<V: Outcome> Completer<V> {
    /// A pending cell.
    #[inline(always)]
    pub(crate) fn new() -> Self {
        Self(Cell::<V>::new(Layout::new::<Cell<V>>(), Cell::<V>::VTABLE, 1, 1), PhantomData)
    }

    /// A pending cell with a handle that looks.
    #[inline(always)]
    pub(crate) fn pair() -> (Self, Shared<V>) {
        let core = Cell::<V>::new(Layout::new::<Cell<V>>(), Cell::<V>::VTABLE, 2, 1);
        (Self(core, PhantomData), Shared(core, PhantomData))
    }

    /// Completes the cell and delivers. `Err`: it is complete already.
    #[inline(always)]
    pub(crate) fn try_set(&self, value: V) -> Result<(), V> {
        // SAFETY: kept by `self`.
        unsafe { complete(self.pointer(), value) }
    }

    /// The same inside a delivery, which goes on with this cell. What is too late is dropped.
    pub(crate) fn set_in(self, value: V, driver: &mut Driver) {
        let this = ManuallyDrop::new(self);
        // SAFETY: the handle goes over.
        if let Err(value) = unsafe { complete_in(this.pointer(), value, driver) } {
            driver.discard(value);
        }
    }

    /// Begins anew, if this is the only handle of all. What the cell held is dropped.
    pub(crate) fn try_reset(&mut self) -> bool {
        let core = self.pointer();
        if !self.core().is_alone() {
            return false;
        }
        // SAFETY: ours alone. The outcome goes last: its end is foreign.
        unsafe {
            let word = last_word(core);
            if word & CLOSED == 0 && (*core).has_entries() {
                // Pending, with callbacks that wait for it: they go on waiting.
                // ORDERING: nobody else can reach the cell.
                (*core).registry.word.store(word & !OBSERVED, Ordering::Relaxed);
                return true;
            }
            let old = (word & SEAL != 0).then(|| Cell::<V>::take(core));
            let grown = group::reset(&(*core).registry);
            // ORDERING: nobody else can reach the cell.
            (*core).registry.word.store(line::empty(grown), Ordering::Relaxed);
            if let Some(old) = old {
                old.end(word & OBSERVED != 0);
            }
        }
        true
    }
}

impl<V> Completer<V> {
    /// # Safety
    ///
    /// The handle that comes with `core`, a cell of this type, is the caller's and given up, and counted as a source.
    #[inline(always)]
    pub(super) unsafe fn from_raw(core: NonNull<Core>) -> Self {
        Self(core, PhantomData)
    }

    #[inline(always)]
    fn core(&self) -> &Core {
        // SAFETY: the handle keeps it.
        unsafe { self.0.as_ref() }
    }

    fn pointer(&self) -> *const Core {
        self.0.as_ptr()
    }

    /// A handle that looks.
    #[inline(always)]
    pub(crate) fn share(&self) -> Shared<V> {
        self.core().retain();
        Shared(self.0, PhantomData)
    }

    /// The cell, for a look.
    #[inline(always)]
    pub(crate) fn view(&self) -> ManuallyDrop<Shared<V>> {
        ManuallyDrop::new(Shared(self.0, PhantomData))
    }

    /// True if nobody has a handle that looks, and nothing is to be called; racy, if there are other sources.
    pub(crate) fn is_closed(&self) -> bool {
        let core = self.core();
        // ORDERING: where sources come and go the counts are two moments' in any case.
        let sources = core.sources.load(Ordering::Relaxed);
        // ORDERING: Acquire, as for who is alone: what those did who gave their handles up is done.
        core.handles.load(Ordering::Acquire) <= sources && !core.has_entries()
    }

    /// Gives the source up without completing the cell, which stays pending if this was the last one.
    pub(crate) fn leave_pending(self) {
        Driver::run(|driver| self.leave_in(driver));
    }

    /// Gives the source up inside a delivery, which goes on with the cell if that is abandoned with this.
    pub(crate) fn drop_in(self, driver: &mut Driver) {
        let this = ManuallyDrop::new(self);
        // SAFETY: the handle goes over.
        unsafe {
            if this.is_last_source() && this.core().state() & RESERVED == 0 && !this.core().is_unseen() {
                (this.core().vtable.abandon)(this.pointer(), driver);
            } else {
                driver.release(this.pointer());
            }
        }
    }

    /// [`leave_pending`](Self::leave_pending) inside a delivery.
    pub(crate) fn leave_in(self, driver: &mut Driver) {
        let this = ManuallyDrop::new(self);
        // SAFETY: the handle goes over.
        unsafe {
            if this.is_last_source() {
                leave_in(this.pointer(), driver);
            } else {
                driver.release(this.pointer());
            }
        }
    }

    /// Gives up the claim to complete. True: nobody else can. The handle stays.
    #[inline(always)]
    fn is_last_source(&self) -> bool {
        let sources = &self.core().sources;
        // Sources are made from sources: if this is the only one, it needs no RMW.
        // ORDERING: Acquire, with the Release of those that went before: what they did comes before the end. AcqRel: the same.
        sources.load(Ordering::Acquire) == 1 || sources.fetch_sub(1, Ordering::AcqRel) == 1
    }
}

impl<V> Clone for Completer<V> {
    fn clone(&self) -> Self {
        // ORDERING: a new handle is made from one that exists, and publishes nothing.
        self.core().sources.fetch_add(1, Ordering::Relaxed);
        self.core().retain();
        Self(self.0, PhantomData)
    }
}

impl<V> Drop for Completer<V> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: this handle is given up.
        unsafe {
            let core = self.pointer();
            if self.is_last_source() && (*core).state() & RESERVED == 0 {
                if (*core).is_unseen() {
                    // Nobody will ever look.
                    free_cell(core);
                } else {
                    abandon(core);
                }
            } else if (*core).release() {
                free_cell(core);
            }
        }
    }
}

/// The last source went without a result.
///
/// # Safety
///
/// The caller gives up a handle.
#[cold]
#[inline(never)]
unsafe fn abandon(core: *const Core) {
    // SAFETY: the caller's.
    Driver::run(|driver| unsafe { ((*core).vtable.abandon)(core, driver) });
}
