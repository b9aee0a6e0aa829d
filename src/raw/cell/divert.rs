//! A cell whose callbacks run elsewhere than in the call that completes it.
//!
//! The seal takes them as ever, and whoever delivers wakes the wakers; the
//! callbacks go, in their order, into one parcel, whose holder says when they
//! run. It holds a handle of the cell, and owns the callbacks: they run once,
//! at the latest when it is dropped.

use super::super::slot::Payload;
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

/// Callbacks of a complete cell, which run when this is told to, or dropped.
pub(crate) struct Callbacks {
    core: *const Core,
    payloads: Vec<Payload>,
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
        let mut payloads = ::core::mem::take(&mut self.payloads).into_iter();
        Driver::run(|driver| {
            let held = Held { driver, core: self.core };
            // SAFETY: the payloads are ours, and so is a handle of the cell.
            unsafe { held.driver.call_all(self.core, &mut payloads) };
        });
    }
}

impl fmt::Debug for Callbacks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callbacks").field("len", &self.payloads.len()).finish_non_exhaustive()
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
        &VTable { free: free::<V, H>, abandon: abandon::<V>, divert: Some(divert::<V, H>), row: 0 };
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
unsafe fn divert<V, H: Divert>(core: *const Core, payloads: Vec<Payload>) {
    // SAFETY: such a cell, with a handle for the parcel.
    unsafe {
        (*core).retain();
        (*core.cast::<Diverted<V, H>>()).divert.divert(Callbacks { core, payloads });
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
