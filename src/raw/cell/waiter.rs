//! A future's place in the line of a cell.

use super::super::line_wait::LineWait;
use super::super::registry::Heap;
use super::core::{Cell, Core};
use super::handle::{Shared, View};
use ::core::borrow::Borrow;
use ::core::marker::PhantomData;
use ::core::task::{Context, Poll};

/// A waiter for the cell that `H` keeps.
#[derive(Debug)]
pub(crate) struct CellWaiter<V, H: Borrow<Shared<V>>> {
    handle: H,
    wait: LineWait<Heap>,
    outcome: PhantomData<fn() -> V>,
}

// SAFETY: a place is only a key: the slot behind it is reached through `&mut self`, and what lies there is `Send`.
unsafe impl<V, H: Borrow<Shared<V>> + Send> Send for CellWaiter<V, H> {}
// SAFETY: nothing can be done through a shared reference.
unsafe impl<V, H: Borrow<Shared<V>> + Sync> Sync for CellWaiter<V, H> {}
// The handle may move: the place lies in the cell.
impl<V, H: Borrow<Shared<V>>> Unpin for CellWaiter<V, H> {}

impl<V, H: Borrow<Shared<V>>> CellWaiter<V, H> {
    #[inline(always)]
    pub(crate) const fn new(handle: H) -> Self {
        Self { handle, wait: LineWait::new(), outcome: PhantomData }
    }

    /// The cell.
    #[inline(always)]
    pub(crate) fn cell(&self) -> &Shared<V> {
        self.handle.borrow()
    }

    /// Ready once the cell is complete; pending for ever if it has been left pending.
    #[inline(always)]
    pub(crate) fn poll(&mut self, cx: &Context<'_>) -> Poll<()> {
        // SAFETY: the handle is the same each time, since nobody can reach it to change it, and keeps the cell.
        unsafe { self.wait.poll(Core::registry(self.handle.borrow().core()), cx) }
    }

    /// Gives the handle back.
    #[inline(always)]
    pub(crate) fn into_handle(mut self) -> H {
        // SAFETY: the handle keeps the cell; there are no more polls, and the parts are not used again.
        unsafe {
            self.wait.leave();
            let this = ::core::mem::ManuallyDrop::new(self);
            ::core::ptr::read(&raw const this.handle)
        }
    }
}

impl<'a, V> CellWaiter<V, View<'a, V>> {
    /// Ready with the outcome; see [`CellWaiter::poll`].
    #[inline(always)]
    pub(crate) fn poll_outcome(&mut self, cx: &Context<'_>) -> Poll<&'a V> {
        // SAFETY: the cell is complete, and borrowed for as long.
        self.poll(cx).map(|()| unsafe { Cell::read(self.cell().core()) })
    }
}

impl<V, H: Borrow<Shared<V>>> Drop for CellWaiter<V, H> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: the handle is dropped after this.
        unsafe { self.wait.leave() };
    }
}
