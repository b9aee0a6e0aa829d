//! Delivering: a loop, however long the chain of cells that complete each other
//! (G8).
//!
//! Whatever this crate itself hangs into a cell gets the driver with the call,
//! and hands the next cell to it instead of completing that one on the stack.
//! What a user's code completes inside a callback or waker nests: see
//! `nested.rs`.

use super::super::fault::{Panics, Then, drain};
use super::super::line_deliver;
use super::super::registry::Heap;
use super::super::slot::{Payload, Slot};
use super::super::word::{CLOSED, GROWN, MIXED, NEVER, SEAL};
use super::call::{Firing, call, done_early, start_one};
use super::closing::{Closing, release_viewer};
use super::core::{Core, free_cell};
use super::divert::Parcel;
use super::handle::Shared;
use super::list::List;
use super::nested::{Nested, Reach};
use super::row::RowRef;
use crate::shim::atomic::Ordering;
use ::core::mem::ManuallyDrop;

/// What a delivery has still to do.
#[derive(Debug)]
pub(crate) struct Driver {
    /// On the stack of whoever has made the driver.
    reach: *const Reach,
    /// Cells without handles, to be freed.
    garbage: List,
    /// Cells with rows that nobody looks at any more.
    pub(super) closing: Closing,
    pub(super) panics: Panics,
}

impl Driver {
    /// A driver that goes before `reach` does.
    pub(super) const fn new(reach: &Reach, panics: Panics) -> Self {
        Self { reach, garbage: List::new(), closing: Closing::new(), panics }
    }

    #[inline(always)]
    fn reach(&self) -> &Reach {
        // SAFETY: see `new`.
        unsafe { &*self.reach }
    }

    /// The next cell to be delivered.
    fn next(&mut self) -> Option<*const Core> {
        let mut cells = self.reach().cells.get();
        // SAFETY: cells whose scratch is ours.
        let next = unsafe { cells.pop() };
        self.reach().cells.set(cells);
        next
    }

    /// Calls `f`, then does whatever it has left to the driver, and what that leaves to it. A panic of foreign code in
    /// between comes at the end.
    pub(crate) fn run<R>(f: impl FnOnce(&mut Self) -> R) -> R {
        let reach = Reach::new();
        let mut this = Self::new(&reach, Panics::new());
        let result = f(&mut this);
        this.finish();
        result
    }

    /// # Safety
    ///
    /// The cell was closed by the caller, who has left its arms in `taken` and gives up a handle.
    #[inline]
    pub(super) unsafe fn push(&mut self, core: *const Core) {
        let mut cells = self.reach().cells.get();
        // SAFETY: whoever closed a cell has its scratch.
        unsafe { cells.push(core) };
        self.reach().cells.set(cells);
    }

    /// Gives up a handle.
    ///
    /// # Safety
    ///
    /// The caller's.
    #[inline]
    pub(super) unsafe fn release(&mut self, core: *const Core) {
        // SAFETY: the caller's; the last handle makes the cell ours.
        unsafe {
            if (*core).release() {
                self.garbage.push(core);
            }
        }
    }

    /// Gives up a handle that looks.
    ///
    /// # Safety
    ///
    /// The caller's.
    #[inline(always)]
    pub(super) unsafe fn release_viewer(&mut self, core: *const Core) {
        // SAFETY: the caller's.
        unsafe {
            if (*core).vtable.row != 0 {
                release_viewer(core, self);
            } else {
                self.release(core);
            }
        }
    }

    /// Gives up a handle that looks.
    pub(crate) fn drop_viewer<V>(&mut self, cell: Shared<V>) {
        let cell = ManuallyDrop::new(cell);
        // SAFETY: it is given up.
        unsafe { self.release_viewer(cell.core()) };
    }

    /// Drops something of a user's, now. What panics is caught.
    pub(crate) fn discard<T>(&mut self, value: T) {
        let mut value = Some(value);
        drain(&mut self.panics, || drop(value.take()));
    }

    /// True if nothing has been left to it.
    #[inline(always)]
    pub(super) fn is_done(&self) -> bool {
        self.reach().cells.get().is_empty() && self.garbage.is_empty() && self.closing.is_empty()
    }

    #[inline]
    fn finish(&mut self) {
        if !self.is_done() {
            self.work_off();
        }
        self.panics.settle(Then::Resume);
    }

    /// Ends, where everything has been done.
    #[inline(always)]
    pub(super) fn leave(self, nested: Nested) {
        let mut this = ManuallyDrop::new(self);
        nested.leave(&mut this.panics);
        this.panics.settle(Then::Resume);
    }

    #[inline(never)]
    fn work_off(&mut self) {
        match Nested::enter() {
            None => self.put_off(),
            Some(nested) => {
                self.turn();
                nested.leave(&mut self.panics);
            }
        }
    }

    /// Too deep: the outermost delivery of this thread goes on.
    #[cold]
    fn put_off(&mut self) {
        let mut waiting = List::take_waiting();
        // SAFETY: cells whose scratch is ours.
        unsafe {
            waiting.append(self.reach().cells.replace(List::new()));
            while let Some(core) = self.garbage.pop() {
                // ORDERING: nobody else can reach the cell. The last handle need not have been counted down.
                (*core).handles.store(0, Ordering::Relaxed);
                waiting.push(core);
            }
            waiting.append(self.closing.take());
        }
        waiting.put_waiting();
    }

    /// Takes up what was put off.
    pub(super) fn sort(&mut self, mut waiting: List) {
        // SAFETY: cells that were in these lists, and are in none.
        unsafe {
            while let Some(core) = waiting.pop() {
                // ORDERING: a cell without handles is ours alone; of any other we have one, so that we never see none.
                if (*core).handles.load(Ordering::Relaxed) == 0 {
                    self.garbage.push(core);
                } else if (*core).state() & CLOSED != 0 {
                    self.push(core);
                } else {
                    self.closing.push(core);
                }
            }
        }
    }

    /// Does what this thread has put off, and what is put off meanwhile.
    pub(super) fn drain_waiting(&mut self) {
        loop {
            let waiting = List::take_waiting();
            if waiting.is_empty() {
                return;
            }
            self.sort(waiting);
            self.turn();
        }
    }

    /// Does what there is to do. What a freed cell held is given up before a row gives up the next of its cells: as long as
    /// somebody else has that, too, nothing nests.
    pub(super) fn turn(&mut self) {
        // SAFETY: it outlives the driver.
        let _reached = unsafe { &*self.reach }.enter();
        // SAFETY: cells in the lists are ours, see there.
        unsafe {
            loop {
                if let Some(core) = self.next() {
                    let held = Held { driver: self, core };
                    held.driver.deliver(core);
                    drop(held);
                } else if let Some(core) = self.garbage.pop() {
                    let mut core = Some(core);
                    drain(&mut self.panics, || {
                        if let Some(core) = core.take() {
                            free_cell(core);
                        }
                    });
                } else if let Some(core) = self.closing.first() {
                    if !RowRef::of(core).close_next(self) {
                        self.closing.pop();
                        self.release(core);
                    }
                } else {
                    return;
                }
            }
        }
    }

    /// # Safety
    ///
    /// The cell was closed by somebody who left its delivery to us.
    unsafe fn deliver(&mut self, core: *const Core) {
        // SAFETY: the caller's; our handle keeps the cell.
        unsafe {
            let word = (*core).state();
            if word & (SEAL | GROWN | MIXED) == SEAL | MIXED && (*core).vtable.divert.is_none() {
                return self.call_one(core);
            }
        }
        let mut panics = ::core::mem::take(&mut self.panics);
        // SAFETY: as above.
        unsafe {
            // Acquire, for the payloads that were armed when somebody left the cell pending.
            let complete = (*core).state() & SEAL != 0;
            let flag = if complete { SEAL } else { NEVER };
            let registry = Core::registry(core);
            match (*core).vtable.divert.filter(|_| complete) {
                None => line_deliver::deliver::<Heap>(registry, flag, complete, &mut panics, |slot| {
                    self.start(slot, complete, core);
                }),
                Some(divert) => {
                    let mut parcel = Parcel::new(core, divert);
                    line_deliver::deliver::<Heap>(registry, flag, true, &mut panics, |slot| parcel.push(slot));
                    drain(&mut panics, || parcel.hand_over());
                }
            }
        }
        panics.absorb(&mut self.panics);
        self.panics = panics;
    }

    /// Calls the callback of a complete cell that is all that there is in it.
    ///
    /// # Safety
    ///
    /// As for [`start_one`].
    unsafe fn call_one(&mut self, core: *const Core) {
        // SAFETY: the caller's.
        unsafe {
            if let Some(callback) = start_one(core) {
                if !done_early(callback) {
                    self.call_arrived(core, callback);
                }
            }
        }
    }

    /// Calls a callback of a complete cell. What panics is caught.
    ///
    /// # Safety
    ///
    /// It is the caller's, who keeps the cell, and it is not [`done_early`].
    #[inline(always)]
    pub(super) unsafe fn call_arrived(&mut self, core: *const Core, callback: Payload) {
        let mut callback = Some(callback);
        let mut panics = Panics::new();
        drain(&mut panics, || {
            if let Some(callback) = callback.take() {
                let mut firing = Firing { core, driver: &mut *self };
                // SAFETY: the caller's.
                unsafe { (callback.vtable().call)(callback.captured(), firing.context()) };
            }
        });
        self.panics.absorb(&mut panics);
    }

    /// Calls the callback in a slot, or drops it, unless it has been removed. What panics in this or in what it leaves to be
    /// dropped, passes.
    ///
    /// # Safety
    ///
    /// As for [`line_deliver::start`]; it stands in that cell.
    unsafe fn start(&mut self, slot: *const Slot, complete: bool, core: *const Core) {
        // SAFETY: the caller's.
        unsafe {
            if let Some(callback) = line_deliver::start::<Heap>(slot) {
                call(callback, complete, core, self);
            }
        }
        // Now, so that the first panic stays the first.
        self.panics.settle(Then::Resume);
    }

    /// Calls callbacks of a complete cell that have not started. What panics is caught, and the rest goes on.
    ///
    /// # Safety
    ///
    /// They are the caller's, who keeps the cell.
    pub(super) unsafe fn call_all(&mut self, core: *const Core, callbacks: &mut impl Iterator<Item = *const Slot>) {
        // SAFETY: it outlives the driver.
        let _reached = unsafe { &*self.reach }.enter();
        let mut panics = ::core::mem::take(&mut self.panics);
        drain(&mut panics, || {
            for callback in callbacks.by_ref() {
                // SAFETY: the caller's.
                unsafe { self.start(callback, true, core) };
            }
        });
        panics.absorb(&mut self.panics);
        self.panics = panics;
    }
}

/// Whatever has been left to it is done, also when a panic passes.
impl Drop for Driver {
    #[inline]
    fn drop(&mut self) {
        self.finish();
    }
}

/// A handle that is given up in the end, also when a panic passes.
pub(super) struct Held<'a> {
    pub(super) driver: &'a mut Driver,
    pub(super) core: *const Core,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        // SAFETY: the handle is ours.
        unsafe { self.driver.release(self.core) };
    }
}
