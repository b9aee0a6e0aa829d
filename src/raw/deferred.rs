//! A delivery whose callbacks are still to come, as a handle.

use super::delivery::Delivery;
use super::fault::Then;
use super::handle::Handle;

/// Callbacks that a cancellation has not run yet.
#[derive(Debug)]
pub(crate) struct Deferred {
    delivery: Delivery,
    _node: Handle,
}

// SAFETY: what was taken belongs to the delivery alone, and wakers and callbacks are `Send`.
unsafe impl Send for Deferred {}
// SAFETY: nothing can be done through a shared reference.
unsafe impl Sync for Deferred {}

impl Deferred {
    /// # Safety
    ///
    /// The handle is the delivery's root's.
    pub(super) unsafe fn new(delivery: Delivery, node: Handle) -> Self {
        Self { delivery, _node: node }
    }

    /// False: nothing is left to run.
    pub(crate) fn has_callbacks(&self) -> bool {
        self.delivery.has_callbacks()
    }

    /// Runs the callbacks, once. With `fail_fast` those after a panic are dropped instead.
    pub(crate) fn run(&mut self, fail_fast: bool) {
        // SAFETY: the handle keeps the root.
        unsafe {
            self.delivery.run(fail_fast);
            self.delivery.end(Then::Resume);
        }
    }
}

impl Drop for Deferred {
    fn drop(&mut self) {
        self.run(false);
    }
}
