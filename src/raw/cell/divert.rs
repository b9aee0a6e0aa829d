//! A cell whose callbacks run elsewhere than in the call that completes it.
//!
//! The seal takes them as ever, and whoever delivers wakes the wakers; the
//! callbacks go, in their order, into one parcel, whose holder says when they
//! run. It holds a handle of the cell, and owns the callbacks: they run once,
//! at the latest when it is dropped.

use super::super::slot::Slot;
use super::core::{Cell, Core, Memory, Outcome, VTable, abandon, last_word};
use super::driver::{Driver, Held};
use super::handle::Completer;
use ::core::alloc::Layout;
use ::core::fmt;
use ::core::mem::ManuallyDrop;
use alloc::vec::Vec;

/// Where the callbacks of a cell go.
pub(crate) trait Divert: Send + Sync + 'static {
    fn divert(&self, callbacks: Callbacks);
}

/// Callbacks of a complete cell, which run when this is told to, or dropped; until then they can be taken back.
pub(crate) struct Callbacks {
    core: *const Core,
    slots: Vec<*const Slot>,
}

// SAFETY: callbacks are `Send`, and so is what the cell holds: see `Completer::diverted`.
unsafe impl Send for Callbacks {}

impl Callbacks {
    /// Runs them, on this thread.
    pub(crate) fn run(self) {
        drop(self);
    }
}

impl Drop for Callbacks {
    fn drop(&mut self) {
        let mut slots = ::core::mem::take(&mut self.slots).into_iter();
        Driver::run(|driver| {
            let held = Held { driver, core: self.core };
            // SAFETY: the callbacks are ours, and so is a handle of the cell.
            unsafe { held.driver.call_all(self.core, &mut slots) };
        });
    }
}

impl fmt::Debug for Callbacks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callbacks").field("len", &self.slots.len()).finish_non_exhaustive()
    }
}

/// Callbacks on their way into a parcel. They get there also when a panic passes.
pub(super) struct Parcel {
    core: *const Core,
    divert: unsafe fn(*const Core, Vec<*const Slot>),
    slots: Vec<*const Slot>,
}

impl Parcel {
    /// # Safety
    ///
    /// The cell's own function, and the caller keeps the cell until this is dropped.
    pub(super) unsafe fn new(core: *const Core, divert: unsafe fn(*const Core, Vec<*const Slot>)) -> Self {
        Self { core, divert, slots: Vec::new() }
    }

    /// # Safety
    ///
    /// A callback that the caller's seal took from the cell, and gives up.
    pub(super) unsafe fn push(&mut self, slot: *const Slot) {
        self.slots.push(slot);
    }

    /// Hands over what is there: foreign code.
    pub(super) fn hand_over(&mut self) {
        let slots = ::core::mem::take(&mut self.slots);
        if !slots.is_empty() {
            // SAFETY: see `new` and `push`.
            unsafe { (self.divert)(self.core, slots) };
        }
    }
}

impl Drop for Parcel {
    fn drop(&mut self) {
        self.hand_over();
    }
}

/// A cell, and where its callbacks go.
#[repr(C)]
struct Diverted<V, H> {
    cell: Cell<V>,
    divert: ManuallyDrop<H>,
}

impl<V: Outcome, H: Divert> Diverted<V, H> {
    const VTABLE: &'static VTable =
        &VTable { free: free::<V, H>, abandon: abandon::<V>, divert: Some(divert::<V, H>), row: 0, claim: None };
}

impl<V: Outcome + Send + Sync> Completer<V> {
    /// A pending cell whose callbacks go to `divert`.
    pub(crate) fn diverted<H: Divert>(divert: H) -> Self {
        let core = Cell::<V>::new(Layout::new::<Diverted<V, H>>(), Diverted::<V, H>::VTABLE, 1, 1);
        // SAFETY: the allocation is large enough, and the handle is the caller's.
        unsafe {
            (&raw mut (*core.cast::<Diverted<V, H>>().as_ptr()).divert).write(ManuallyDrop::new(divert));
            Self::from_raw(core)
        }
    }
}

/// Hands over what the caller, who keeps the cell meanwhile, owns: foreign code.
unsafe fn divert<V, H: Divert>(core: *const Core, slots: Vec<*const Slot>) {
    // SAFETY: such a cell, with a handle for the parcel.
    unsafe {
        (*core).retain();
        (*core.cast::<Diverted<V, H>>()).divert.divert(Callbacks { core, slots });
    }
}

unsafe fn free<V: Outcome, H>(core: *const Core) {
    // SAFETY: the last handle is gone. The memory goes whatever the ends of the outcome and of `divert` do.
    unsafe {
        let word = last_word(core);
        let _memory = Memory { core, layout: Layout::new::<Diverted<V, H>>() };
        let _divert = (&raw const (*core.cast::<Diverted<V, H>>()).divert).cast::<H>().read();
        Cell::<V>::end(core, word);
    }
}
